/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_VARIABLE_CARD (memscope_variable_card_get_type ())

/* One (thread, variable): a button that inspects it. */
G_DECLARE_FINAL_TYPE (MemscopeVariableCard, memscope_variable_card, MEMSCOPE, VARIABLE_CARD, GtkButton)

GtkWidget           *memscope_variable_card_new          (void);
/* The same as a line of the table. */
GtkWidget           *memscope_variable_card_new_line     (void);
/* @position: its place in the card set. */
void                 memscope_variable_card_set          (MemscopeVariableCard *self,
                                                          MemscopeViewState    *state,
                                                          const MemscopeGroup  *group,
                                                          guint                 position);
guint                memscope_variable_card_get_position (MemscopeVariableCard *self);
const MemscopeGroup *memscope_variable_card_get_group    (MemscopeVariableCard *self);

/* What a card says, in one sentence. */
char                *memscope_variable_card_describe     (MemscopeSession      *session,
                                                          const MemscopeGroup  *group);

G_END_DECLS

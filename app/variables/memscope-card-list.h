/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-card-model.h"
#include "memscope-variable-card.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CARD_LIST (memscope_card_list_get_type ())

/**
 * MemscopeCardList:
 *
 * The lines of a card model, scrolled up and down: cards under their headers, or
 * the lines of a table. There is a widget for each
 * line on screen and a few around it, whatever the length of the model: a list
 * view keeps 200, which here are up to 1600 cards to fill at each change of
 * the selection. All headers have one height and all lines of cards another,
 * so that where a line stands is known without looking at those before it.
 *
 * Lives in a scrolled window. Emits `only-thread` (thread id) when a header
 * asks for its thread alone.
 */
G_DECLARE_FINAL_TYPE (MemscopeCardList, memscope_card_list, MEMSCOPE, CARD_LIST, GtkWidget)

void                  memscope_card_list_set_model   (MemscopeCardList  *self,
                                                      MemscopeCardModel *model);
/* What cards ask about the inspected one. */
void                  memscope_card_list_set_state   (MemscopeCardList  *self,
                                                      MemscopeViewState *state);

/* Brings a card of the model's set on screen, where it then has a widget. FALSE: its section is collapsed. */
gboolean              memscope_card_list_scroll_to   (MemscopeCardList  *self,
                                                      guint              card);
/* NULL: it has no widget now. */
MemscopeVariableCard *memscope_card_list_find_card   (MemscopeCardList  *self,
                                                      guint              card);
/* Lines that have a widget. */
guint                 memscope_card_list_get_n_rows  (MemscopeCardList  *self);

G_END_DECLS

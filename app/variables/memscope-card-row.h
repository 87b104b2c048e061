/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-card-model.h"
#include "memscope-variable-card.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CARD_ROW (memscope_card_row_get_type ())

/* Shows a #MemscopeCardLine: a header, cards, or a line of the table. Emits `toggled` (section) when
 * a header is clicked, `only-thread` (thread id) for its filter button.
 */
G_DECLARE_FINAL_TYPE (MemscopeCardRow, memscope_card_row, MEMSCOPE, CARD_ROW, GtkBox)

GtkWidget            *memscope_card_row_new       (void);
void                  memscope_card_row_set_line  (MemscopeCardRow   *self,
                                                   MemscopeViewState *state,
                                                   MemscopeCardLine  *line);
/* Whether it shows a header. */
gboolean              memscope_card_row_is_header (MemscopeCardRow   *self);
/* The card at a place of the set, when it is in this row. */
MemscopeVariableCard *memscope_card_row_find_card (MemscopeCardRow   *self,
                                                   guint              position);

G_END_DECLS

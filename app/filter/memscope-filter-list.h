/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-filter-choice.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FILTER_LIST (memscope_filter_list_get_type ())

/**
 * MemscopeFilterList:
 *
 * Choices to tick, any number of them, found by typing. `changed` is emitted
 * when somebody ticks one. With none ticked all of them count.
 */
G_DECLARE_FINAL_TYPE (MemscopeFilterList, memscope_filter_list, MEMSCOPE, FILTER_LIST, GtkBox)

/* @choices: (transfer none): of MemscopeFilterChoice */
void        memscope_filter_list_set_choices (MemscopeFilterList *self,
                                              GListStore         *choices);
GListModel *memscope_filter_list_get_choices (MemscopeFilterList *self);
/* (transfer full): the ids of those ticked; NULL: none is. */
guint32    *memscope_filter_list_dup_chosen  (MemscopeFilterList *self,
                                              guint              *n);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-card-set.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_TABLE_HEAD (memscope_table_head_get_type ())

/* The titles over the table of variables. Emits `sort` (MemscopeCardSort) when
 * one that can be sorted by is clicked.
 */
G_DECLARE_FINAL_TYPE (MemscopeTableHead, memscope_table_head, MEMSCOPE, TABLE_HEAD, GtkWidget)

/* Which column the lines are sorted by. */
void memscope_table_head_set_sort (MemscopeTableHead *self,
                                   MemscopeCardSort   sort);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-call-rows.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CALLS_HEAD (memscope_calls_head_get_type ())

/* The titles over the table of calls. Emits `sort` (MemscopeCallSort) when one that
 * can be sorted by is clicked.
 */
G_DECLARE_FINAL_TYPE (MemscopeCallsHead, memscope_calls_head, MEMSCOPE, CALLS_HEAD, GtkWidget)

GtkWidget *memscope_calls_head_new      (void);
/* What decides which columns there are; NULL: nothing. */
void       memscope_calls_head_set_tree (MemscopeCallsHead *self,
                                         MemscopeCallTree  *tree);
void       memscope_calls_head_set_sort (MemscopeCallsHead *self,
                                         MemscopeCallSort   sort,
                                         gboolean           ascending);

G_END_DECLS

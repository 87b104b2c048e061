/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_TOP_LIST (memscope_top_list_get_type ())

/* The first few of a grouping, each with its share as a bar. A click inspects it. */
G_DECLARE_FINAL_TYPE (MemscopeTopList, memscope_top_list, MEMSCOPE, TOP_LIST, GtkBox)

#define MEMSCOPE_TOP_LIST_ROWS 4

/* @by_born: by bytes allocated in the range, else by bytes live at the instant. */
void memscope_top_list_set_groups (MemscopeTopList     *self,
                                   MemscopeViewState   *state,
                                   const MemscopeGroup *groups,
                                   guint                n_groups,
                                   gboolean             by_born);

G_END_DECLS

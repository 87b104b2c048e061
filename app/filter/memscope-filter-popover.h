/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FILTER_POPOVER (memscope_filter_popover_get_type ())

/**
 * MemscopeFilterPopover:
 *
 * Where filters are chosen: threads and modules with what they have live, kinds
 * of blocks, sizes. What is ticked holds at once.
 */
G_DECLARE_FINAL_TYPE (MemscopeFilterPopover, memscope_filter_popover, MEMSCOPE, FILTER_POPOVER, GtkPopover)

void        memscope_filter_popover_set_state (MemscopeFilterPopover *self,
                                               MemscopeViewState     *state);
/* "threads" | "modules" | "kinds" | "sizes" */
void        memscope_filter_popover_show_page (MemscopeFilterPopover *self,
                                               const char            *name);

/* Words for a kind of blocks: "heap" …; and a sentence what it is. */
const char *memscope_origin_get_word          (MemscopeOrigin         origin);
const char *memscope_origin_get_meaning       (MemscopeOrigin         origin);

G_END_DECLS

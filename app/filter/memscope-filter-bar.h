/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FILTER_BAR (memscope_filter_bar_get_type ())

/**
 * MemscopeFilterBar:
 *
 * Search and filters over every view of a window: a chip for each filter that is
 * set, which takes it away, and a popover to set more. Closed, it is gone unless
 * something is filtered: then the chips stay, for people to know.
 */
G_DECLARE_FINAL_TYPE (MemscopeFilterBar, memscope_filter_bar, MEMSCOPE, FILTER_BAR, AdwBin)

void     memscope_filter_bar_set_state    (MemscopeFilterBar *self,
                                           MemscopeViewState *state);
/* The visible view's own controls, put at the end of the bar, which then always
 * shows; NULL: it has none.
 */
/* Whether the view shown has stages to choose from: their chips are there without its controls, too. */
void     memscope_filter_bar_set_has_stages (MemscopeFilterBar *self,
                                             gboolean           has_stages);
void     memscope_filter_bar_set_controls (MemscopeFilterBar *self,
                                           GtkWidget         *controls);
/* Shows the search and puts the focus there. */
void     memscope_filter_bar_open         (MemscopeFilterBar *self);
void     memscope_filter_bar_close        (MemscopeFilterBar *self);
gboolean memscope_filter_bar_is_open      (MemscopeFilterBar *self);
void     memscope_filter_bar_add_filter   (MemscopeFilterBar *self);

G_END_DECLS

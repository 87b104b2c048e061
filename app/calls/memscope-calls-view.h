/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CALLS_VIEW (memscope_calls_view_get_type ())

/**
 * MemscopeCallsView:
 *
 * Who called whom, and what that holds: a flame graph and its table, which show
 * one tree and have one selection. Signal: `variables` when a person asked for the
 * variables of the selection's text, which is set by then.
 */
G_DECLARE_FINAL_TYPE (MemscopeCallsView, memscope_calls_view, MEMSCOPE, CALLS_VIEW, AdwBin)

void memscope_calls_view_set_state    (MemscopeCallsView *self,
                                       MemscopeViewState *state);
void memscope_calls_view_set_narrow   (MemscopeCallsView *self,
                                       gboolean           narrow);
void memscope_calls_view_focus_search (MemscopeCallsView *self);

G_END_DECLS

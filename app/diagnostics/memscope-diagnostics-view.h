/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-diagnostics.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_DIAGNOSTICS_VIEW (memscope_diagnostics_view_get_type ())

/**
 * MemscopeDiagnosticsView:
 *
 * What the rules find in the selection: a list by severity and the details of one.
 * `Show me` goes to where a finding is best looked at, through the view state.
 *
 * Emits `changed` when the number of findings may have changed.
 */
G_DECLARE_FINAL_TYPE (MemscopeDiagnosticsView, memscope_diagnostics_view, MEMSCOPE, DIAGNOSTICS_VIEW, AdwBin)

void     memscope_diagnostics_view_set_state      (MemscopeDiagnosticsView *self,
                                                   MemscopeViewState       *state);
/* Findings that are not muted, of the last look. */
guint    memscope_diagnostics_view_get_n_findings (MemscopeDiagnosticsView *self);
/* The largest leak, now or as soon as it is found; any finding when nothing leaked. */
void     memscope_diagnostics_view_select_leak    (MemscopeDiagnosticsView *self);
/* What is shown; NULL: not computed yet. Owned by the view. */
const MemscopeDiagnostics *
         memscope_diagnostics_view_get_result     (MemscopeDiagnosticsView *self);
const MemscopeFinding *
         memscope_diagnostics_view_get_selected   (MemscopeDiagnosticsView *self);

G_END_DECLS

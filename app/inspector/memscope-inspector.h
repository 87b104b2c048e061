/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_INSPECTOR (memscope_inspector_get_type ())

/* Everything recorded about the inspected variable and each of its blocks. */
G_DECLARE_FINAL_TYPE (MemscopeInspector, memscope_inspector, MEMSCOPE, INSPECTOR, AdwBin)

void memscope_inspector_set_state  (MemscopeInspector *self,
                                    MemscopeViewState *state);
/* "overview", "lifecycle", "passport" or "optimization". */
void memscope_inspector_show_tab   (MemscopeInspector *self,
                                    const char        *name);
/* Whether what it shows is read better with more room than a pane has: a signal "tab-changed"
 * tells when that may have changed.
 */
gboolean memscope_inspector_wants_room (MemscopeInspector *self);
/* Covers the content: it closes with a back arrow. */
void memscope_inspector_set_narrow (MemscopeInspector *self,
                                    gboolean           narrow);

G_END_DECLS

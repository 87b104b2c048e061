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
/* Covers the content: it closes with a back arrow. */
void memscope_inspector_set_narrow (MemscopeInspector *self,
                                    gboolean           narrow);

G_END_DECLS

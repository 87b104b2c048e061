/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_OVERVIEW_VIEW (memscope_overview_view_get_type ())

/* Figures, then when, of what and whose: the session through the selection. */
G_DECLARE_FINAL_TYPE (MemscopeOverviewView, memscope_overview_view, MEMSCOPE, OVERVIEW_VIEW, AdwBin)

void memscope_overview_view_set_state  (MemscopeOverviewView *self,
                                        MemscopeViewState    *state);
void memscope_overview_view_set_narrow (MemscopeOverviewView *self,
                                        gboolean              narrow);

G_END_DECLS

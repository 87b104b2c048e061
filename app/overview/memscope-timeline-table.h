/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_TIMELINE_TABLE (memscope_timeline_table_get_type ())

/**
 * MemscopeTimelineTable:
 *
 * The time axis in numbers: the part of it that is on screen, in equal steps,
 * with live bytes, births, deaths and RSS, and what was marked or lost in each.
 * Activating a row sets the instant.
 */
G_DECLARE_FINAL_TYPE (MemscopeTimelineTable, memscope_timeline_table, MEMSCOPE, TIMELINE_TABLE, AdwBin)

void memscope_timeline_table_set_state (MemscopeTimelineTable *self,
                                        MemscopeViewState     *state);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RANGE_ENTRY (memscope_range_entry_get_type ())

/**
 * MemscopeRangeEntry:
 *
 * A popover to type the range and the instant: "1.2s–3.4s", "01:10 – 01:20",
 * "2s–". What cannot be read is said under the entry and changes nothing.
 */
G_DECLARE_FINAL_TYPE (MemscopeRangeEntry, memscope_range_entry, MEMSCOPE, RANGE_ENTRY, GtkPopover)

void memscope_range_entry_set_state (MemscopeRangeEntry *self,
                                     MemscopeViewState  *state);

G_END_DECLS

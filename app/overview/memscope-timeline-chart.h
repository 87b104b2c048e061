/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-timeline.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_TIMELINE_CHART (memscope_timeline_chart_get_type ())

/**
 * MemscopeTimelineChart:
 *
 * Live bytes over time, with RSS and rate where there is room, and the
 * window's range and instant on top, to be dragged or moved by keys: each end
 * of the range and the instant has the focus in turn, arrows, Page Up and Down,
 * Home and End move it, `[` and `]` set the ends of the range to the instant,
 * Escape clears the range. A click sets the instant, two clicks show the whole
 * recording, the wheel zooms (with Ctrl in the big chart) or moves along (with
 * Shift). What the program marked and what was lost is drawn too. The big chart of the overview and the strip under
 * the other views are the same widget; the strip is #MemscopeTimelineChart:compact.
 */
G_DECLARE_FINAL_TYPE (MemscopeTimelineChart, memscope_timeline_chart, MEMSCOPE, TIMELINE_CHART, GtkWidget)

void                    memscope_timeline_chart_set_state    (MemscopeTimelineChart *self,
                                                              MemscopeViewState     *state);
/* What is drawn now; NULL: not computed yet. Owned by the chart. */
const MemscopeTimeline *memscope_timeline_chart_get_timeline (MemscopeTimelineChart *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_TIMELINE_HANDLE (memscope_timeline_handle_get_type ())

typedef enum
{
  MEMSCOPE_TIMELINE_BEGIN,
  MEMSCOPE_TIMELINE_INSTANT,
  MEMSCOPE_TIMELINE_END,
  MEMSCOPE_N_TIMELINE_HANDLES
} MemscopeTimelineWhich;

/**
 * MemscopeTimelineHandle:
 *
 * One end of the range, or the instant, as the keyboard and assistive
 * technologies see it: a slider with a spoken time. The chart draws it, moves
 * it and takes the pointer; this only has the focus.
 */
G_DECLARE_FINAL_TYPE (MemscopeTimelineHandle, memscope_timeline_handle, MEMSCOPE, TIMELINE_HANDLE, GtkWidget)

GtkWidget            *memscope_timeline_handle_new       (MemscopeTimelineWhich   which);
MemscopeTimelineWhich memscope_timeline_handle_get_which (MemscopeTimelineHandle *self);
/* @value of 0 … @max in ns. */
void                  memscope_timeline_handle_set_time  (MemscopeTimelineHandle *self,
                                                          guint64                 value,
                                                          guint64                 max);

G_END_DECLS

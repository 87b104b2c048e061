/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_TIME_STRIP (memscope_time_strip_get_type ())

/* Under the views: the instant, the range, the timeline to change them, zoom and replay. */
G_DECLARE_FINAL_TYPE (MemscopeTimeStrip, memscope_time_strip, MEMSCOPE, TIME_STRIP, GtkBox)

void memscope_time_strip_set_state  (MemscopeTimeStrip *self,
                                     MemscopeViewState *state);
void memscope_time_strip_set_narrow (MemscopeTimeStrip *self,
                                     gboolean           narrow);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StallWatch:
 *
 * How long the main loop was away between two looks at its sources: what a
 * person feels as a window that does not answer. Both in time on the wall and
 * in the main thread's own processor time, which a busy machine does not
 * lengthen. Main thread only.
 */
typedef struct _StallWatch StallWatch;

typedef struct
{
  double wall;    /* ms */
  double cpu;     /* ms */
} StallTime;

StallWatch *stall_watch_new       (void);
void        stall_watch_free      (StallWatch *self);
void        stall_watch_reset     (StallWatch *self);
/* The longest since the last reset, each by itself. */
StallTime   stall_watch_get_worst (StallWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StallWatch, stall_watch_free)

G_END_DECLS

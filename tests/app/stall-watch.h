/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StallWatch:
 *
 * How long the main loop was away between two looks at its sources: what a
 * person feels as a window that does not answer. In time on the wall, in the
 * main thread's own processor time, which a busy machine does not lengthen, and
 * in between: with what it waited for (locks, disks, the display), but not for
 * a processor. Main thread only.
 */
typedef struct _StallWatch StallWatch;

typedef struct
{
  double wall;    /* ms */
  double cpu;     /* ms */
  double own;     /* ms; wall without the waiting for a processor, which others had. As wall where the kernel does not tell */
} StallTime;

StallWatch *stall_watch_new       (void);
void        stall_watch_free      (StallWatch *self);
void        stall_watch_reset     (StallWatch *self);
/* The longest since the last reset, each by itself. */
StallTime   stall_watch_get_worst (StallWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StallWatch, stall_watch_free)

G_END_DECLS

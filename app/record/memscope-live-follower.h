/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-live-session.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_LIVE_FOLLOWER (memscope_live_follower_get_type ())

/**
 * MemscopeLiveFollower:
 *
 * Lets a window's views see what a recording gains, as often as they can keep up
 * with: never while they still compute, and so seldom that computing takes at
 * most a third of the time, however large the recording becomes. While `paused`,
 * nothing moves; the recording goes on.
 */
G_DECLARE_FINAL_TYPE (MemscopeLiveFollower, memscope_live_follower, MEMSCOPE, LIVE_FOLLOWER, GObject)

MemscopeLiveFollower *memscope_live_follower_new           (MemscopeLiveSession  *live,
                                                            MemscopeViewState    *state);
MemscopeLiveSession  *memscope_live_follower_get_live      (MemscopeLiveFollower *self);
MemscopeViewState    *memscope_live_follower_get_state     (MemscopeLiveFollower *self);
gboolean              memscope_live_follower_get_paused    (MemscopeLiveFollower *self);
void                  memscope_live_follower_set_paused    (MemscopeLiveFollower *self,
                                                            gboolean              paused);
/* Events of the program in the last second or so. */
double                memscope_live_follower_get_rate      (MemscopeLiveFollower *self);
/* How often the views were told that there is more. */
guint                 memscope_live_follower_get_n_refreshes (MemscopeLiveFollower *self);

G_END_DECLS

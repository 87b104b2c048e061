/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Samples without a collector: the program is its own. The threads that are sampled
 * write into rings as ever, of an arena in the program's own memory; now and then one
 * of them drains the rings into the present segment's file, with the collector's code,
 * and begins the next segment when it is time. No thread is started, nobody waits: who
 * finds another thread at it goes on, and what a ring has no room for is lost and
 * counted.
 *
 * What a SIGKILL loses is what was not written: up to a second. The file says so
 * (MEMSCOPE_FILE_NO_COLLECTOR).
 *
 * To begin and end: recorder_start_sampling(), recorder_stop_sampling().
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "sample-options.h"

extern _Atomic bool sample_recorder_active __attribute__ ((visibility ("hidden")));

/* An arena to record into, out of reach of forks. NULL: no memory. @parent: the session
 * of the process that this one was forked from, or NULL. @options must stay.
 */
ArenaHeader *sample_recorder_open   (const SampleOptions *options, const char *executable, const uint8_t *parent,
                                     bool is_glibc);

/* Drains and writes if it is time; in signal handlers, or where another thread is at
 * it, does nothing. errno is kept.
 */
void         sample_recorder_run    (void);

/* A thread looks for a slot, and finds only such that wait to be drained. */
void         sample_recorder_relieve (void);

/* Writes all there is, and the end. @reason: MemscopeEndReason. Recording must be off. */
void         sample_recorder_close  (unsigned reason);

/* After each sampled event. */
static inline void
sample_recorder_poke (void)
{
  if (atomic_load_explicit (&sample_recorder_active, memory_order_relaxed))
    sample_recorder_run ();
}

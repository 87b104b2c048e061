/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Stamps: where an event stands in the order of all threads' events. */

#include <time.h>

#include "arch-x86_64.h"
#include "arena.h"

/* What the thread's counter said before the kernel took it away, which makes reading it
 * a fault: in strict seccomp, and by PR_SET_TSC. It is counted on from there. 0: it may
 * be read.
 */
extern __thread uint64_t clock_stopped __attribute__ ((visibility ("hidden")));

static inline uint64_t
clock_coarse_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC_COARSE, &now);

  return (uint64_t)now.tv_sec * UINT64_C (1000000000) + (uint64_t)now.tv_nsec;
}

static inline uint64_t
clock_now (ArenaHeader *arena)
{
  if (arena->clock == CLOCK_COUNTER)
    return atomic_fetch_add_explicit (&arena->stamp_counter, 1, memory_order_acq_rel) + 1;

  if (__builtin_expect (clock_stopped != 0, 0))
    return ++clock_stopped;

  return arch_stamp_ordered ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Stamps: where an event stands in the order of all threads' events. */

#include <time.h>

#include "arch-x86_64.h"
#include "arena.h"

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

  return arch_stamp_ordered ();
}

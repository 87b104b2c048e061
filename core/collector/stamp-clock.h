/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "arena.h"
#include "clock-map.h"

/* Stamps of an arena -> microseconds since tick 0. Under CLOCK_TSC stamps are
 * ticks; under CLOCK_COUNTER they are numbers, and each record brings its time.
 */
typedef struct
{
  ArenaClock kind;
  ClockMap   map;        /* CLOCK_TSC */
  uint64_t   first_nsec; /* CLOCK_MONOTONIC at tick 0 */
  uint64_t   latest;     /* CLOCK_COUNTER: of the last record met, microseconds */
} StampClock;

static inline uint64_t
stamp_clock_time (StampClock *clock,
                  uint64_t    stamp,
                  uint64_t    time_nsec)
{
  if (clock->kind == CLOCK_TSC)
    return clock_map_nsec (&clock->map, stamp) / 1000;

  if (time_nsec > clock->first_nsec && (time_nsec - clock->first_nsec) / 1000 > clock->latest)
    clock->latest = (time_nsec - clock->first_nsec) / 1000;

  return clock->latest;
}

/* Microseconds since tick 0 of a CLOCK_MONOTONIC reading. */
static inline uint64_t
stamp_clock_time_of_nsec (const StampClock *clock,
                          uint64_t          nsec)
{
  return nsec > clock->first_nsec ? (nsec - clock->first_nsec) / 1000 : 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Time-stamp counter -> nanoseconds of CLOCK_MONOTONIC since tick 0, by a line
 * that is re-aimed at every new pair of readings. The line never jumps, so
 * times never run backwards; an error of the first estimate is worked off
 * within about a second.
 */
typedef struct
{
  uint64_t first_tick;
  uint64_t first_nsec;     /* CLOCK_MONOTONIC */
  uint64_t base_tick;      /* where the present piece of the line begins */
  uint64_t base_nsec;      /* since tick 0 */
  uint64_t nsec_per_tick;  /* 32.32 fixed point */
} ClockMap;

void     clock_map_init   (ClockMap *map, uint64_t tick, uint64_t nsec, double nsec_per_tick);

/* Takes in one more pair of readings. Pairs closer than 10 ms to the first are ignored. */
void     clock_map_adjust (ClockMap *map, uint64_t tick, uint64_t nsec);

/* Nanoseconds since tick 0; 0 for ticks before it. */
uint64_t clock_map_nsec   (const ClockMap *map, uint64_t tick);

/* How many ticks @nsec take at the present rate. */
uint64_t clock_map_ticks  (const ClockMap *map, uint64_t nsec);

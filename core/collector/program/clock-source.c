/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "clock-source.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t
nsec_of (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);

  return (uint64_t)time.tv_sec * UINT64_C (1000000000) + (uint64_t)time.tv_nsec;
}

static uint64_t
read_tick (void)
{
#ifdef __x86_64__
  return __builtin_ia32_rdtsc ();
#else
  return 0;
#endif
}

void
clock_source_now (RecordingTime *time)
{
  time->tick = read_tick ();
  time->monotonic = nsec_of (CLOCK_MONOTONIC);
  time->realtime = nsec_of (CLOCK_REALTIME);
}

static bool
clock_source_is_tsc (void)
{
  char name[32] = "";
  FILE *file = fopen ("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");

  if (file == NULL)
    return false;

  if (fgets (name, sizeof name, file) == NULL)
    name[0] = '\0';
  fclose (file);

  return strcmp (name, "tsc\n") == 0;
}

/* A first estimate from 10 ms; the recordings refine it every second. */
void
clock_source_choose (ArenaClock *clock,
                     double     *nsec_per_tick)
{
  struct timespec pause = { .tv_nsec = 10000000 };
  RecordingTime first, second;

  *clock = CLOCK_COUNTER;
  *nsec_per_tick = 1;

#ifdef __x86_64__
  if (!clock_source_is_tsc ())
    return;

  clock_source_now (&first);
  nanosleep (&pause, NULL);
  clock_source_now (&second);

  if (second.tick <= first.tick || second.monotonic <= first.monotonic)
    return;

  *clock = CLOCK_TSC;
  *nsec_per_tick = (double)(second.monotonic - first.monotonic) / (double)(second.tick - first.tick);
#else
  (void)pause, (void)first, (void)second, (void)clock_source_is_tsc;
#endif
}

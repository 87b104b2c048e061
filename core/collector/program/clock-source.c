/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "clock-source.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "process-image.h"

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

  process_image_now (NULL, &first);
  nanosleep (&pause, NULL);
  process_image_now (NULL, &second);

  if (second.tick <= first.tick || second.monotonic <= first.monotonic)
    return;

  *clock = CLOCK_TSC;
  *nsec_per_tick = (double)(second.monotonic - first.monotonic) / (double)(second.tick - first.tick);
#else
  (void)pause, (void)first, (void)second, (void)clock_source_is_tsc;
#endif
}

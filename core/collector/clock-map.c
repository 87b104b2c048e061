/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "clock-map.h"

#define FIXED_ONE          4294967296.0
#define SHORTEST_BASELINE  UINT64_C (10000000)
#define CATCH_UP_NSEC      1e9

static uint64_t
to_fixed (double nsec_per_tick)
{
  if (!(nsec_per_tick > 1e-6))
    nsec_per_tick = 1e-6;
  if (nsec_per_tick > 1e6)
    nsec_per_tick = 1e6;

  return (uint64_t)(nsec_per_tick * FIXED_ONE);
}

void
clock_map_init (ClockMap *map,
                uint64_t  tick,
                uint64_t  nsec,
                double    nsec_per_tick)
{
  *map = (ClockMap) {
    .first_tick = tick,
    .first_nsec = nsec,
    .base_tick = tick,
    .nsec_per_tick = to_fixed (nsec_per_tick),
  };
}

/* The rate measured over the whole recording is the best one known; a share of
 * the distance between the line and the truth is added so that they meet about
 * a second from now.
 */
void
clock_map_adjust (ClockMap *map,
                  uint64_t  tick,
                  uint64_t  nsec)
{
  double measured, error;
  uint64_t here;

  if (tick <= map->base_tick || tick <= map->first_tick || nsec < map->first_nsec + SHORTEST_BASELINE)
    return;

  here = clock_map_nsec (map, tick);
  measured = (double)(nsec - map->first_nsec) / (double)(tick - map->first_tick);
  error = (double)(nsec - map->first_nsec) - (double)here;

  if (error > CATCH_UP_NSEC / 2)
    error = CATCH_UP_NSEC / 2;
  if (error < -CATCH_UP_NSEC / 2)
    error = -CATCH_UP_NSEC / 2;

  map->base_tick = tick;
  map->base_nsec = here;
  map->nsec_per_tick = to_fixed (measured * (1.0 + error / CATCH_UP_NSEC));
}

uint64_t
clock_map_nsec (const ClockMap *map,
                uint64_t        tick)
{
  uint64_t distance;

  if (tick >= map->base_tick)
    {
      unsigned __int128 nsec = (unsigned __int128)(tick - map->base_tick) * map->nsec_per_tick >> 32;

      nsec += map->base_nsec;

      return nsec > UINT64_MAX ? UINT64_MAX : (uint64_t)nsec;
    }

  distance = (uint64_t)((unsigned __int128)(map->base_tick - tick) * map->nsec_per_tick >> 32);

  return distance < map->base_nsec ? map->base_nsec - distance : 0;
}

uint64_t
clock_map_ticks (const ClockMap *map,
                 uint64_t        nsec)
{
  unsigned __int128 ticks = ((unsigned __int128)nsec << 32) / (map->nsec_per_tick != 0 ? map->nsec_per_tick : 1);

  return ticks > UINT64_MAX ? UINT64_MAX : (uint64_t)ticks;
}

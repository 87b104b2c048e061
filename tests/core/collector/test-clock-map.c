/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib.h>

#include "clock-map.h"

#define MSEC G_GUINT64_CONSTANT (1000000)
#define SEC  (1000 * MSEC)

/* A counter of 2.5 GHz whose rate was first measured 0.1 % wrong. */
static guint64
tick_at (guint64 nsec)
{
  return 1000 + nsec / 2 * 5;
}

static void
test_works_off_a_wrong_start (void)
{
  ClockMap map;
  guint64 previous = 0;

  clock_map_init (&map, tick_at (0), 77 * SEC, 0.4 * 1.001);

  for (guint64 now = 0; now < 10 * SEC; now += MSEC / 3)
    {
      guint64 nsec = clock_map_nsec (&map, tick_at (now));

      g_assert_cmpuint (nsec, >=, previous);
      previous = nsec;
      if (now % SEC < MSEC / 3 && now > 0)
        clock_map_adjust (&map, tick_at (now), 77 * SEC + now);
      if (now > 5 * SEC)
        g_assert_cmpuint (ABS ((gint64)nsec - (gint64)now), <, 20000);
    }
}

/* Records that were held back carry ticks from before the last adjustment. */
static void
test_earlier_ticks_stay_earlier (void)
{
  ClockMap map;

  clock_map_init (&map, tick_at (0), 0, 0.4);
  clock_map_adjust (&map, tick_at (SEC), SEC + 3 * MSEC);

  g_assert_cmpuint (clock_map_nsec (&map, tick_at (SEC - MSEC)), <, clock_map_nsec (&map, tick_at (SEC)));
  g_assert_cmpuint (clock_map_nsec (&map, 0), ==, 0);
  g_assert_cmpuint (clock_map_nsec (&map, G_MAXUINT64), >, 10 * SEC);
}

static void
test_survives_nonsense (void)
{
  ClockMap map;

  clock_map_init (&map, 100, 100, 0.0 / 0.0);
  clock_map_adjust (&map, 50, 50);
  clock_map_adjust (&map, 100, 5 * SEC);
  clock_map_adjust (&map, 200, 0);
  clock_map_adjust (&map, 101, G_MAXUINT64);
  g_assert_cmpuint (clock_map_nsec (&map, 100), <=, clock_map_nsec (&map, 1000));
  g_assert_cmpuint (clock_map_ticks (&map, MSEC), >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clock-map/works-off-a-wrong-start", test_works_off_a_wrong_start);
  g_test_add_func ("/clock-map/earlier-ticks-stay-earlier", test_earlier_ticks_stay_earlier);
  g_test_add_func ("/clock-map/survives-nonsense", test_survives_nonsense);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-live-map.h"

static void
test_finds_exact_and_inside (void)
{
  g_autoptr(MemscopeLiveMap) map = memscope_live_map_new ();

  g_assert_cmpuint (memscope_live_map_insert (map, 0x1000, 64, 1), ==, MEMSCOPE_NO_ROW);
  memscope_live_map_insert (map, 0x2000, 1 << 20, 2);
  memscope_live_map_insert (map, 0x3003, 5, 3);
  memscope_live_map_insert (map, 0x1100, 0, 4);

  g_assert_cmpuint (memscope_live_map_find (map, 0x1000), ==, 1);
  g_assert_cmpuint (memscope_live_map_find (map, 0x1001), ==, MEMSCOPE_NO_ROW);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x1000), ==, 1);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x103f), ==, 1);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x1040), ==, MEMSCOPE_NO_ROW);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x0fff), ==, MEMSCOPE_NO_ROW);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x2000 + 70000), ==, 2);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x3007), ==, 3);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x1100), ==, 4);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x1101), ==, MEMSCOPE_NO_ROW);
}

static void
test_replaces_and_removes (void)
{
  g_autoptr(MemscopeLiveMap) map = memscope_live_map_new ();

  memscope_live_map_insert (map, 0x1000, 1 << 20, 1);
  g_assert_cmpuint (memscope_live_map_insert (map, 0x1000, 8, 2), ==, 1);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 0x1800), ==, MEMSCOPE_NO_ROW);
  g_assert_false (memscope_live_map_remove_row (map, 0x1000, 1));
  g_assert_true (memscope_live_map_remove_row (map, 0x1000, 2));
  g_assert_cmpuint (memscope_live_map_remove (map, 0x1000), ==, MEMSCOPE_NO_ROW);
  g_assert_cmpuint (memscope_live_map_get_n (map), ==, 0);
}

static void
test_addresses_at_the_ends_work (void)
{
  g_autoptr(MemscopeLiveMap) map = memscope_live_map_new ();

  memscope_live_map_insert (map, 0, 16, 1);
  memscope_live_map_insert (map, G_MAXUINT64 - 7, G_MAXUINT64, 2);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 15), ==, 1);
  g_assert_cmpuint (memscope_live_map_find_inside (map, 16), ==, MEMSCOPE_NO_ROW);
  g_assert_cmpuint (memscope_live_map_find_inside (map, G_MAXUINT64), ==, 2);
}

/* Against a plain list: random blocks that do not overlap, as an allocator's do. */
static void
test_equals_a_list (void)
{
  enum { N_PLACES = 512, PLACE = 40000 };
  g_autoptr(MemscopeLiveMap) map = memscope_live_map_new ();
  guint64 starts[N_PLACES];
  guint64 sizes[N_PLACES] = { 0 };
  guint64 rows[N_PLACES];
  guint64 row = 0;
  guint64 n = 0;

  for (guint i = 0; i < 60000; i++)
    {
      guint place = (guint)g_test_rand_int_range (0, N_PLACES);
      guint64 base = 0x7f0000000000 + (guint64)place * PLACE;
      guint64 address = base + (guint64)g_test_rand_int_range (0, PLACE);

      if (sizes[place] == 0)
        {
          starts[place] = base + (guint64)g_test_rand_int_range (0, 200) * (g_test_rand_bit () ? 8 : 1);
          sizes[place] = (guint64)g_test_rand_int_range (1, g_test_rand_bit () ? 100 : PLACE - 1600);
          rows[place] = row;
          memscope_live_map_insert (map, starts[place], sizes[place], row++);
          n++;
        }
      else
        {
          gboolean inside = address >= starts[place] && address - starts[place] < sizes[place];

          g_assert_cmpuint (memscope_live_map_find_inside (map, address), ==, inside ? rows[place] : MEMSCOPE_NO_ROW);
          if (g_test_rand_bit ())
            {
              g_assert_cmpuint (memscope_live_map_remove (map, starts[place]), ==, rows[place]);
              sizes[place] = 0;
              n--;
            }
        }
      g_assert_cmpuint (memscope_live_map_get_n (map), ==, n);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/live-map/finds-exact-and-inside", test_finds_exact_and_inside);
  g_test_add_func ("/live-map/replaces-and-removes", test_replaces_and_removes);
  g_test_add_func ("/live-map/addresses-at-the-ends-work", test_addresses_at_the_ends_work);
  g_test_add_func ("/live-map/equals-a-list", test_equals_a_list);

  return g_test_run ();
}

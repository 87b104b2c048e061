/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib.h>
#include <string.h>

#include "live-map.h"
#include "region-map.h"

static MemscopeLiveBlock
random_block (GRand *rand, guint64 birth)
{
  MemscopeLiveBlock block = {
    .birth = birth,
    .address = 0x10000 + (guint64)g_rand_int_range (rand, 0, 40000) * 16,
    .size = g_rand_int (rand),
    .time = birth / 2,
    .thread = g_rand_int (rand) & 0xff,
    .stack = g_rand_int (rand),
    .rounding = g_rand_int (rand) & 0xff,
    .kind = MEMSCOPE_EVENT_MALLOC,
  };

  /* Now and then something that does not fit a packed entry. */
  switch (g_rand_int_range (rand, 0, 40))
    {
    case 0: block.address += 8; break;
    case 1: block.size = G_GUINT64_CONSTANT (1) << 40; break;
    case 2: block.time = G_GUINT64_CONSTANT (1) << 50; break;
    case 3: block.rounding = MEMSCOPE_USABLE_UNKNOWN; break;
    case 4: block.thread = G_MAXUINT32; break;
    case 5: block.rounding = 70000; break;
    case 6: block.birth = birth | G_GUINT64_CONSTANT (1) << 45; break;
    case 7: block.address |= G_GUINT64_CONSTANT (0xffff) << 47; break;
    default: break;
    }

  return block;
}

static void
assert_same (const MemscopeLiveBlock *a, const MemscopeLiveBlock *b)
{
  g_assert_cmpmem (a, sizeof *a, b, sizeof *b);
}

/* Against a hash table, through many births and deaths at few places. */
static void
test_agrees_with_a_model (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (7);
  g_autoptr(GHashTable) model = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  LiveMap map;

  live_map_init (&map);

  for (guint64 i = 0; i < 400000; i++)
    {
      MemscopeLiveBlock block = random_block (rand, i), found;
      MemscopeLiveBlock *known = g_hash_table_lookup (model, &block.address);

      g_assert_cmpint (live_map_find (&map, block.address, &found), ==, known != NULL);
      if (known != NULL)
        assert_same (&found, known);

      if (g_rand_int_range (rand, 0, 100) < (i < 200000 ? 60 : 40))
        {
          g_assert_cmpint (live_map_insert (&map, &block), ==, known != NULL ? LIVE_TAKEN : LIVE_OK);
          if (known == NULL)
            {
              known = g_memdup2 (&block, sizeof block);
              g_hash_table_insert (model, &known->address, known);
            }
        }
      else
        {
          g_assert_cmpint (live_map_remove (&map, block.address, &found), ==, known != NULL);
          if (known != NULL)
            assert_same (&found, known);
          g_hash_table_remove (model, &block.address);
        }

      g_assert_cmpuint (map.length, ==, g_hash_table_size (model));
    }

  live_map_clear (&map);
}

static void
test_collects_by_birth (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (3);
  LiveMap map, copy;
  Vector keys;
  guint64 n;

  live_map_init (&map);
  for (guint64 i = 0; i < 30000; i++)
    {
      MemscopeLiveBlock block = random_block (rand, i);

      live_map_insert (&map, &block);
    }

  n = map.length;
  g_assert_true (live_map_copy (&copy, &map));
  live_map_clear (&map);
  g_assert_cmpuint (copy.length, ==, n);

  vector_init (&keys, sizeof (LiveKey));
  g_assert_true (live_map_collect (&copy, &keys));
  g_assert_true (live_keys_sort (&keys));
  g_assert_cmpuint (keys.length, ==, n);

  for (gsize i = 0; i < keys.length; i++)
    {
      LiveKey *key = (LiveKey *)keys.data + i;
      MemscopeLiveBlock block;

      g_assert_true (live_map_find (&copy, key->address, &block));
      g_assert_cmpuint (block.birth, ==, key->birth);
      if (i > 0)
        g_assert_cmpuint (key->birth, >, key[-1].birth);
    }

  vector_clear (&keys);
  live_map_clear (&copy);
}

/* What is promised to a program with millions of small blocks. */
static void
test_is_small (void)
{
  LiveMap map;

  live_map_init (&map);
  for (guint64 i = 0; i < 1000000; i++)
    live_map_insert (&map, &(MemscopeLiveBlock) { .birth = i, .address = 0x5000000 + i * 48, .size = 40, .time = i });

  g_assert_cmpuint (live_map_memory (&map) / 1000000, <=, 32);
  live_map_clear (&map);
}

/* Births and deaths that wander through memory must not leave anything behind. */
static void
test_gives_room_back (void)
{
  MemscopeLiveBlock block;
  LiveMap map;

  live_map_init (&map);
  for (guint64 i = 0; i < 2000000; i++)
    {
      live_map_insert (&map, &(MemscopeLiveBlock) { .birth = i, .address = i * 65536, .size = 1 });
      if (i >= 100)
        g_assert_true (live_map_remove (&map, (i - 100) * 65536, &block));
    }

  g_assert_cmpuint (map.length, ==, 100);
  g_assert_cmpuint (live_map_memory (&map), <, 1024 * 1024);
  live_map_clear (&map);
}

static void
test_regions_never_overlap (void)
{
  MemscopeLiveBlock block;
  RegionMap map;

  region_map_init (&map);
  g_assert_true (region_map_insert (&map, &(MemscopeLiveBlock) { .birth = 1, .address = 0x5000, .size = 0x2000 }));
  g_assert_true (region_map_insert (&map, &(MemscopeLiveBlock) { .birth = 2, .address = 0x1000, .size = 0x1000 }));
  g_assert_true (region_map_insert (&map, &(MemscopeLiveBlock) { .birth = 3, .address = 0x2000, .size = 0x1000 }));
  g_assert_false (region_map_insert (&map, &(MemscopeLiveBlock) { .birth = 4, .address = 0x6000, .size = 0x1000 }));
  g_assert_false (region_map_insert (&map, &(MemscopeLiveBlock) { .birth = 4, .address = 0x4000, .size = 0x1001 }));
  g_assert_false (region_map_insert (&map, &(MemscopeLiveBlock) { .birth = 4, .address = 0x9000, .size = 0 }));
  g_assert_false (region_map_insert (&map, &(MemscopeLiveBlock) { .birth = 4, .address = G_MAXUINT64 - 5, .size = 50 }));

  g_assert_false (region_map_take (&map, 0, 0x1000, &block));
  g_assert_false (region_map_take (&map, 0x3000, 0x5000, &block));
  g_assert_true (region_map_take (&map, 0x1800, 0x5001, &block));
  g_assert_cmpuint (block.birth, ==, 2);
  g_assert_true (region_map_take (&map, 0x1800, 0x5001, &block));
  g_assert_cmpuint (block.birth, ==, 3);
  g_assert_true (region_map_take (&map, 0x1800, 0x5001, &block));
  g_assert_cmpuint (block.birth, ==, 1);
  g_assert_false (region_map_take (&map, 0, G_MAXUINT64, &block));
  region_map_clear (&map);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live-map/agrees-with-a-model", test_agrees_with_a_model);
  g_test_add_func ("/live-map/collects-by-birth", test_collects_by_birth);
  g_test_add_func ("/live-map/takes-few-bytes-per-block", test_is_small);
  g_test_add_func ("/live-map/gives-room-back", test_gives_room_back);
  g_test_add_func ("/region-map/regions-never-overlap", test_regions_never_overlap);

  return g_test_run ();
}

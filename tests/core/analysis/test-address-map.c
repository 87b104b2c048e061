/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-address-map.h"
#include "memscope-stage.h"

#include <math.h>
#include <string.h>

#include "memscope-hot-pages.h"
#include "random-session.h"
#include "reference-map.h"
#include "session-maker.h"

#define HEAP  G_GUINT64_CONSTANT (0x555555560000)
#define ARENA G_GUINT64_CONSTANT (0x7f3a28000000)
#define LARGE G_GUINT64_CONSTANT (0x7f3a4d000000)

enum { R = 1, W = 2, X = 4 };

static void
be_born (MemscopeSessionBuilder *builder,
         guint64                 time,
         guint64                 address,
         guint64                 size,
         guint32                 rounding,
         guint32                 thread,
         guint32                 stack)
{
  session_maker_add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_MALLOC, .time = time, .address = address, .size = size,
                                                .rounding = rounding, .thread = thread, .stack = stack });
}

static void
die (MemscopeSessionBuilder *builder,
     guint64                 time,
     guint64                 ago)
{
  session_maker_add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_FREE, .time = time, .ago = ago, .thread = 1 });
}

/* Paths are strings 100, 101, … of the file. */
static void
add_mappings (MemscopeSessionBuilder *builder,
              guint64                 time)
{
  static const char *const paths[] = { "/app", "[heap]", "/usr/lib/libc.so.6", "[stack]", "[vdso]" };
  const MemscopeMapping mappings[] = {
    { .start = 0x555555554000, .end = 0x555555556000, .permissions = R | X, .path = 100 },
    { .start = 0x555555556000, .end = 0x555555557000, .permissions = R | W, .path = 0 },
    { .start = HEAP, .end = HEAP + 0x80000, .permissions = R | W, .path = 101 },
    { .start = ARENA, .end = ARENA + 0x40000, .permissions = R | W, .path = 0 },
    { .start = ARENA + 0x40000, .end = ARENA + 0x4000000, .permissions = 0, .path = 0 },
    { .start = LARGE, .end = LARGE + 0x100000, .permissions = R | W, .path = 0 },
    { .start = 0x7f3a50000000, .end = 0x7f3a50100000, .permissions = R | X, .path = 102 },
    { .start = 0x7ffd10000000, .end = 0x7ffd10021000, .permissions = R | W, .path = 103 },
    { .start = 0x7ffd10030000, .end = 0x7ffd10031000, .permissions = R | X, .path = 104 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    memscope_session_builder_add_string (builder, 100 + i, paths[i], strlen (paths[i]));
  memscope_session_builder_add_fact (builder, "exe", "/app", 4);
  memscope_session_builder_add_fact (builder, "allocator", "glibc", 5);
  memscope_session_builder_add_mappings (builder, time, mappings, G_N_ELEMENTS (mappings));
}

static MemscopeAddressMap *
make_map (MemscopeSession *session,
          guint64          instant)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_instant (all, instant);
  g_autoptr(GError) error = NULL;
  MemscopeAddressMap *map = memscope_address_map_new (session, selection, NULL, &error);

  g_assert_no_error (error);
  reference_check_map_blocks (map, session, selection);
  for (guint r = 0; r < map->n_regions; r++)
    reference_check_map_region (map, r);

  return map;
}

static void
assert_label (MemscopeAddressMap *map,
              guint               region,
              MemscopeSession    *session,
              const char         *label)
{
  g_autofree char *got = memscope_map_region_dup_label (&map->regions[region], session);

  g_assert_cmpstr (got, ==, label);
}

/* ---- tests ------------------------------------------------------------------------- */

static void
test_regions_from_mappings (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  add_mappings (builder, 0);
  be_born (builder, 1, LARGE + 0x10, 0x20000, 0, 2, 1);
  be_born (builder, 2, HEAP + 0x2a0, 100, 4, 1, 1);
  be_born (builder, 3, ARENA + 0xb50, 1000, 0, 2, 2);
  be_born (builder, 4, HEAP + 0x310, 24, 0, 1, 1);
  be_born (builder, 5, 0x555555556010, 8, 0, 1, 1);
  session = session_maker_finish (builder, 10);
  map = make_map (session, 10000);

  g_assert_cmpuint (map->n_blocks, ==, 5);
  g_assert_cmpuint (map->mappings_time, ==, 0);
  g_assert_cmpuint (map->n_regions, ==, 4);
  g_assert_cmpuint (map->regions[0].kind, ==, MEMSCOPE_REGION_PROGRAM);
  g_assert_cmpuint (map->regions[1].kind, ==, MEMSCOPE_REGION_HEAP);
  g_assert_cmpuint (map->regions[1].start, ==, HEAP);
  g_assert_cmpuint (map->regions[1].end, ==, HEAP + 0x80000);
  g_assert_cmpuint (map->regions[1].n_blocks, ==, 2);
  g_assert_cmpuint (map->regions[2].kind, ==, MEMSCOPE_REGION_ARENA);
  g_assert_cmpuint (map->regions[2].thread, ==, 2);
  g_assert_cmpuint (map->regions[3].kind, ==, MEMSCOPE_REGION_MMAP);
  g_assert_cmpuint (map->regions[3].start, ==, LARGE);
  g_assert_cmpuint (map->regions[3].end, ==, LARGE + 0x21000);
  for (guint r = 0; r < 4; r++)
    g_assert_true (map->regions[r].recorded);

  assert_label (map, 0, session, "app");
  assert_label (map, 1, session, "Main heap");
  assert_label (map, 2, session, "Arena 1 · worker (101)");
  assert_label (map, 3, session, "Large blocks");
}

static void
test_areas_cover_the_address_space (void)
{
  static const guint kinds[] = { MEMSCOPE_REGION_PROGRAM, MEMSCOPE_REGION_HEAP, MEMSCOPE_REGION_ARENA,
                                 MEMSCOPE_REGION_MMAP, MEMSCOPE_REGION_FILE, MEMSCOPE_REGION_STACK };
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  add_mappings (builder, 0);
  be_born (builder, 1, HEAP + 0x2a0, 100, 4, 1, 1);
  session = session_maker_finish (builder, 10);
  map = make_map (session, 10000);

  g_assert_cmpuint (map->n_areas, ==, G_N_ELEMENTS (kinds));
  for (guint i = 0; i < map->n_areas; i++)
    {
      g_assert_cmpuint (map->areas[i].kind, ==, kinds[i]);
      g_assert_true (i == 0 || map->areas[i].start >= map->areas[i - 1].end);
    }
  g_assert_cmpuint (map->areas[0].mapped_bytes, ==, 0x3000);
}

static void
test_a_heap_that_grew_stays_one (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  add_mappings (builder, 0);
  be_born (builder, 1, HEAP + 0x2a0, 100, 4, 1, 1);
  be_born (builder, 2, HEAP + 0x90010, 100, 4, 1, 1);
  be_born (builder, 3, ARENA + 0x50010, 100, 4, 2, 1);
  session = session_maker_finish (builder, 10);
  map = make_map (session, 10000);

  g_assert_cmpuint (map->n_regions, ==, 2);
  g_assert_cmpuint (map->regions[0].end, ==, HEAP + 0x91000);
  g_assert_true (map->regions[0].recorded);
  g_assert_cmpuint (map->regions[1].start, ==, ARENA);
  g_assert_cmpuint (map->regions[1].end, ==, ARENA + 0x51000);
  g_assert_true (map->regions[1].recorded);
}

static void
test_the_mappings_of_the_instant_count (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) early = NULL;
  g_autoptr(MemscopeAddressMap) late = NULL;
  const MemscopeMapping mapping = { .start = HEAP, .end = HEAP + 0x100000, .permissions = R | W, .path = 101 };

  add_mappings (builder, 0);
  be_born (builder, 1, HEAP + 0x2a0, 100, 4, 1, 1);
  memscope_session_builder_add_mappings (builder, 500, &mapping, 1);
  be_born (builder, 1000, HEAP + 0x90010, 100, 4, 1, 1);
  session = session_maker_finish (builder, 2000);
  early = make_map (session, 400000);
  late = make_map (session, 600000);

  g_assert_cmpuint (early->mappings_time, ==, 0);
  g_assert_cmpuint (early->regions[0].end, ==, HEAP + 0x80000);
  g_assert_cmpuint (late->mappings_time, ==, 500000);
  g_assert_cmpuint (late->regions[0].end, ==, HEAP + 0x100000);
  g_assert_cmpuint (late->n_areas, ==, 1);
}

static void
test_regions_are_inferred_without_mappings (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  be_born (builder, 1, HEAP + 0x2a0, 100, 4, 1, 1);
  be_born (builder, 2, HEAP + 0x900000, 100, 4, 1, 1);
  be_born (builder, 3, ARENA + 0xb50, 100, 4, 2, 1);
  be_born (builder, 4, ARENA + 0x4000b50, 100, 4, 3, 1);
  be_born (builder, 5, LARGE + 0x4000010, 200000, 0, 3, 1);
  be_born (builder, 6, 0x1234, 10, 0, 3, 1);
  session = session_maker_finish (builder, 10);
  map = make_map (session, 10000);

  g_assert_cmpuint (map->mappings_time, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (map->n_regions, ==, 5);
  g_assert_cmpuint (map->regions[0].kind, ==, MEMSCOPE_REGION_CLUSTER);
  g_assert_cmpuint (map->regions[1].kind, ==, MEMSCOPE_REGION_HEAP);
  g_assert_cmpuint (map->regions[1].n_blocks, ==, 2);
  g_assert_cmpuint (map->regions[2].kind, ==, MEMSCOPE_REGION_ARENA);
  g_assert_cmpuint (map->regions[3].kind, ==, MEMSCOPE_REGION_ARENA);
  g_assert_cmpuint (map->regions[3].number, ==, 2);
  g_assert_cmpuint (map->regions[4].kind, ==, MEMSCOPE_REGION_MMAP);
  for (guint r = 0; r < map->n_regions; r++)
    g_assert_false (map->regions[r].recorded);
  g_assert_cmpuint (map->n_areas, ==, 4);   /* the arenas are one */
}

static void
test_scattered_addresses_make_few_regions (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  for (guint i = 0; i < 3000; i++)
    be_born (builder, i, G_GUINT64_CONSTANT (0x100000000) * (i + 1) + (i % 7) * 0x1000000, 64, 0, 1, 1);
  session = session_maker_finish (builder, 4000);
  map = make_map (session, G_MAXUINT64);

  g_assert_cmpuint (map->n_regions, ==, 256);
}

static void
test_fragmentation_and_its_pins (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;
  const MemscopeMapRegion *region;

  add_mappings (builder, 0);
  be_born (builder, 1, HEAP + 0x10, 0x3ff0, 0, 1, 1);
  be_born (builder, 2, HEAP + 0x50010, 24, 0, 1, 1);
  be_born (builder, 3, HEAP + 0x70010, 24, 0, 2, 1);
  session = session_maker_finish (builder, 10);
  map = make_map (session, 10000);
  region = &map->regions[0];

  g_assert_cmpuint (region->n_holes, ==, 3);
  g_assert_cmpuint (region->largest_hole, ==, 0x50010 - 0x4000);
  g_assert_cmpuint (region->top_free, ==, 0x80000 - 0x70010 - 24);
  g_assert_cmpuint (region->hole_bytes, ==, 0x80000 - 0x4000 - 48);
  g_assert_cmpfloat (region->fragmentation, >, 0.3);
  g_assert_cmpuint (region->sparse_bytes, ==, 2 * 4096);
  g_assert_cmpuint (region->empty_bytes, ==, 0x80000 - 0x4000 - 2 * 4096);
  g_assert_cmpuint (region->n_pins, ==, 2);
  g_assert_cmpuint (region->pin_bytes, ==, 0x80000 - 0x4000);
}

static void
test_other_threads_blocks_are_no_holes (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSelection) selection = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;
  MemscopeThreadId thread;

  be_born (builder, 1, HEAP, 64, 0, 1, 1);
  be_born (builder, 2, HEAP + 64, 64, 0, 2, 1);
  be_born (builder, 3, HEAP + 128, 64, 0, 1, 1);
  session = session_maker_finish (builder, 10);
  {
    MemscopeBlock block;

    memscope_session_get_block (session, 0, &block);
    thread = block.thread;
  }
  all = memscope_selection_new_all (session);
  selection = memscope_selection_with_threads (all, &thread, 1);
  map = memscope_address_map_new (session, selection, NULL, NULL);

  g_assert_cmpuint (map->n_blocks, ==, 3);
  g_assert_cmpuint (map->n_selected, ==, 2);
  g_assert_cmpuint (map->live_bytes, ==, 128);
  g_assert_cmpuint (map->regions[0].hole_bytes, ==, 0);
  g_assert_cmpuint (map->regions[0].used_bytes, ==, 192);
}

/* At the instant some are active, some allocated: each is selected by its stage, all take up room. */
static void
test_stages_choose_among_what_is_alive (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeAddressMap) whole = NULL;
  guint64 n_selected = 0, live_bytes = 0;
  guint n_stages = 0;

  be_born (builder, 1, HEAP, 64, 0, 1, 1);
  be_born (builder, 2, HEAP + 64, 64, 0, 2, 1);
  be_born (builder, 990000, HEAP + 128, 32, 0, 1, 1);
  session = session_maker_finish (builder, 1000000);
  all = memscope_selection_new_all (session);
  whole = memscope_address_map_new (session, all, NULL, NULL);

  for (guint stage = 0; stage < MEMSCOPE_N_STAGES; stage++)
    {
      g_autoptr(MemscopeAddressMap) map = memscope_address_map_new_at_stages (session, all, 1u << stage, NULL, NULL);

      g_assert_cmpuint (map->n_blocks, ==, 3);
      for (guint64 i = 0; i < map->n_blocks; i++)
        g_assert_cmpint ((map->flags[i] & MEMSCOPE_MAP_SELECTED) != 0, ==, map->stage[i] == stage);
      n_selected += map->n_selected;
      live_bytes += map->live_bytes;
      n_stages += map->n_selected > 0;
      g_assert_cmpuint (map->regions[0].used_bytes, ==, 160);
    }
  g_assert_cmpuint (n_selected, ==, whole->n_selected);
  g_assert_cmpuint (live_bytes, ==, whole->live_bytes);
  g_assert_cmpuint (n_stages, ==, 2);
}

static void
test_finds_the_block_of_an_address (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  be_born (builder, 1, 0x1000, 16, 0, 1, 1);
  be_born (builder, 2, 0x1020, 0, 0, 1, 1);
  be_born (builder, 3, 0x1040, 1, 0, 1, 1);
  session = session_maker_finish (builder, 10);
  map = make_map (session, 10000);

  g_assert_cmpuint (memscope_address_map_find (map, 0xfff), ==, G_MAXUINT64);
  g_assert_cmpuint (memscope_address_map_find (map, 0x1000), ==, 0);
  g_assert_cmpuint (memscope_address_map_find (map, 0x100f), ==, 0);
  g_assert_cmpuint (memscope_address_map_find (map, 0x1010), ==, G_MAXUINT64);
  g_assert_cmpuint (memscope_address_map_find (map, 0x1020), ==, 1);
  g_assert_cmpuint (memscope_address_map_find (map, 0x1021), ==, G_MAXUINT64);
  g_assert_cmpuint (memscope_address_map_find (map, 0x1040), ==, 2);
  g_assert_cmpuint (memscope_address_map_find_row (map, 2), ==, 2);
  g_assert_cmpuint (memscope_address_map_find_row (map, 3), ==, G_MAXUINT64);
}

static void
test_nothing_alive (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  be_born (builder, 5, 0x1000, 16, 0, 1, 1);
  die (builder, 6, 1);
  session = session_maker_finish (builder, 10);
  map = make_map (session, 8000);

  g_assert_cmpuint (map->n_blocks, ==, 0);
  g_assert_cmpuint (map->n_regions, ==, 0);
  g_assert_cmpuint (map->n_areas, ==, 0);
  g_assert_cmpuint (memscope_address_map_find (map, 0x1000), ==, G_MAXUINT64);
}

static void
test_sampled_sessions_have_no_holes (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  memscope_session_builder_set_sampling_interval (builder, 4096);
  be_born (builder, 1, 0x1000, 16, 0, 1, 1);
  be_born (builder, 2, 0x2000, 16, 0, 1, 1);
  session = session_maker_finish (builder, 10);
  map = make_map (session, 10000);

  g_assert_true (map->sampled);
  g_assert_cmpuint (map->regions[0].hole_bytes, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (map->regions[0].n_pins, ==, 0);
}

/* Sizes and addresses as a file may claim them. */
static void
test_absurd_addresses (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("absurd");
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) selection = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;
  guint32 occupancy[4];
  const struct { guint64 address, size; } blocks[] = {
    { 0, 0 }, { 0, G_MAXUINT64 }, { 1, 1 }, { G_MAXUINT64, G_MAXUINT64 }, { G_MAXUINT64, 0 }, { G_MAXUINT64 - 1, 1 },
    { 0x1000, 0x1000 }, { 0x1800, 0x1000 }, { 0x1800, 0 }, { G_GUINT64_CONSTANT (1) << 63, G_GUINT64_CONSTANT (1) << 63 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      MemscopeBlock block = { .address = blocks[i].address, .size = blocks[i].size, .death_time = MEMSCOPE_NEVER, .birth_event = i,
                              .death_event = MEMSCOPE_NEVER, .rounding = i % 2 ? G_MAXUINT32 : 7, .origin = MEMSCOPE_ORIGIN_FILE };

      memscope_session_builder_add_block (builder, &block);
    }
  memscope_session_builder_set_format (builder, "memscope-rs", 3, "I");
  memscope_session_builder_set_n_events (builder, G_N_ELEMENTS (blocks));
  memscope_session_builder_set_duration (builder, 10);
  session = memscope_session_builder_finish (builder);
  selection = memscope_selection_new_all (session);
  map = memscope_address_map_new (session, selection, NULL, NULL);

  /* The highest address of all stands for one that is not recorded. */
  g_assert_cmpuint (map->n_blocks, ==, G_N_ELEMENTS (blocks) - 2);
  g_assert_cmpuint (map->n_overlapping, >, 0);
  g_assert_cmpuint (memscope_address_map_find (map, 0x1801), <, map->n_blocks);
  for (guint r = 0; r < map->n_regions; r++)
    g_assert_cmpuint (map->regions[r].start, <, map->regions[r].end);
  memscope_address_map_get_occupancy (map, G_MAXUINT64, 4, occupancy);
  memscope_address_map_get_occupancy (map, 0, 4, occupancy);
  g_assert_cmpuint (occupancy[3], ==, 4096);
}

/* ---- hot pages ------------------------------------------------------------------------ */

static void
test_hot_pages (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSelection) late = NULL;
  g_autoptr(MemscopeHotPages) pages = NULL;
  g_autoptr(MemscopeHotPages) late_pages = NULL;

  for (guint i = 0; i < 5000; i++)
    {
      be_born (builder, i, 0x10000 + (i % 100) * 0x1000 + 0x10, 16, 0, 1, 1);
      die (builder, i, 1);
    }
  be_born (builder, 6000, 0x10ff0, 32, 0, 1, 1);
  be_born (builder, 6000, 0x20000, 32, 0, 1, 1);
  session = session_maker_finish (builder, 7000);
  all = memscope_selection_new_all (session);
  late = memscope_selection_with_range (all, 5500000, 7000000);
  pages = memscope_hot_pages_new (session, all, 10, NULL, NULL);
  late_pages = memscope_hot_pages_new (session, late, 10, NULL, NULL);

  g_assert_cmpuint (pages->n_touched, ==, 100);
  g_assert_cmpuint (pages->n_pages, ==, 10);
  g_assert_cmpuint (pages->pages[0].address, ==, 0x10000);
  g_assert_cmpuint (pages->pages[0].births, ==, 51);
  g_assert_cmpuint (pages->pages[0].bytes, ==, 50 * 16 + 32);
  g_assert_cmpuint (pages->pages[1].address, ==, 0x20000);
  g_assert_cmpuint (pages->pages[2].births, ==, 50);
  g_assert_cmpuint (late_pages->n_pages, ==, 2);
  g_assert_cmpuint (late_pages->pages[1].address, ==, 0x20000);
}

/* ---- random ----------------------------------------------------------------------------- */

static void
check_random (MemscopeSession *session)
{
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr(MemscopeSelection) selection = random_selection_new (session);
      g_autoptr(MemscopeAddressMap) map = memscope_address_map_new (session, selection, NULL, NULL);

      reference_check_map_blocks (map, session, selection);
      for (guint r = 0; r < map->n_regions; r++)
        reference_check_map_region (map, r);
    }
}

static void
test_random_sessions (void)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(MemscopeSession) recorded = random_session_new_recorded ((guint)g_test_rand_int_range (0, 400));
      g_autoptr(MemscopeSession) stored = random_session_new_stored ((guint)g_test_rand_int_range (0, 60));

      check_random (recorded);
      check_random (stored);
    }
}

/* A heap and an arena that are filled, freed and filled again, as an allocator does it. */
static void
test_random_heaps (void)
{
  for (guint run = 0; run < 12; run++)
    {
      MemscopeSessionBuilder *builder = session_maker_new ();
      g_autoptr(MemscopeSession) session = NULL;
      g_autoptr(GArray) alive = g_array_new (FALSE, FALSE, sizeof (guint64));
      guint64 n_births = 0;
      guint64 tops[2] = { HEAP + 0x290, ARENA + 0xb50 };
      guint64 ends[2] = { HEAP + 0x80000, ARENA + 0x40000 };

      if (run % 4 != 0)
        add_mappings (builder, 0);
      for (guint i = 0; i < 600; i++)
        {
          guint where = g_test_rand_bit ();
          guint64 size = (guint64)g_test_rand_int_range (0, g_test_rand_bit () ? 200 : 9000);
          guint32 rounding = g_test_rand_bit () ? (guint32)g_test_rand_int_range (0, 24) : MEMSCOPE_USABLE_UNKNOWN;

          if (alive->len > 0 && g_test_rand_int_range (0, 10) < 4)
            {
              guint at = (guint)g_test_rand_int_range (0, (gint32)alive->len);

              die (builder, i, n_births - g_array_index (alive, guint64, at));
              g_array_remove_index_fast (alive, at);
            }
          else if (tops[where] + size + 64 < ends[where])
            {
              be_born (builder, i, tops[where], size, rounding, 1 + where, 1 + i % 5);
              g_array_append_val (alive, n_births);
              n_births++;
              tops[where] += (size + 24 + 16 + 15) & ~G_GUINT64_CONSTANT (15);
              if (g_test_rand_int_range (0, 20) == 0)
                tops[where] += (guint64)g_test_rand_int_range (0, 20000);
              tops[where] = MIN (tops[where], ends[where] - 1);
            }
        }
      session = session_maker_finish (builder, 700);
      check_random (session);
      for (guint i = 0; i < 3; i++)
        {
          g_autoptr(MemscopeAddressMap) map G_GNUC_UNUSED = make_map (session, (guint64)g_test_rand_int_range (1, 700) * 1000);
        }
    }
}

static void
test_many_blocks_are_in_order (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  for (guint i = 0; i < 5000; i++)
    be_born (builder, i, (guint64)g_test_rand_int_range (0, 100000) << (8 * g_test_rand_int_range (0, 4)), 0, 0, 1, 1);
  session = session_maker_finish (builder, 6000);
  map = make_map (session, G_MAXUINT64);
  g_assert_cmpuint (map->n_blocks, >, 4000);
}

static void
test_can_be_cancelled (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) selection = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) other = NULL;

  be_born (builder, 1, 0x1000, 16, 0, 1, 1);
  session = session_maker_finish (builder, 10);
  selection = memscope_selection_new_all (session);
  g_cancellable_cancel (cancellable);

  g_assert_null (memscope_address_map_new (session, selection, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (memscope_hot_pages_new (session, selection, 5, cancellable, &other));
  g_assert_error (other, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/address-map/regions-are-the-recorded-mappings", test_regions_from_mappings);
  g_test_add_func ("/address-map/areas-cover-the-address-space", test_areas_cover_the_address_space);
  g_test_add_func ("/address-map/a-heap-that-grew-stays-one", test_a_heap_that_grew_stays_one);
  g_test_add_func ("/address-map/the-mappings-of-the-instant-count", test_the_mappings_of_the_instant_count);
  g_test_add_func ("/address-map/regions-are-inferred-without-mappings", test_regions_are_inferred_without_mappings);
  g_test_add_func ("/address-map/scattered-addresses-make-few-regions", test_scattered_addresses_make_few_regions);
  g_test_add_func ("/address-map/fragmentation-and-its-pins", test_fragmentation_and_its_pins);
  g_test_add_func ("/address-map/other-threads-blocks-are-no-holes", test_other_threads_blocks_are_no_holes);
  g_test_add_func ("/address-map/stages-choose-among-what-is-alive", test_stages_choose_among_what_is_alive);
  g_test_add_func ("/address-map/finds-the-block-of-an-address", test_finds_the_block_of_an_address);
  g_test_add_func ("/address-map/nothing-alive", test_nothing_alive);
  g_test_add_func ("/address-map/sampled-sessions-have-no-holes", test_sampled_sessions_have_no_holes);
  g_test_add_func ("/address-map/absurd-addresses", test_absurd_addresses);
  g_test_add_func ("/address-map/many-blocks-are-in-order", test_many_blocks_are_in_order);
  g_test_add_func ("/address-map/can-be-cancelled", test_can_be_cancelled);
  g_test_add_func ("/address-map/random-sessions", test_random_sessions);
  g_test_add_func ("/address-map/random-heaps", test_random_heaps);
  g_test_add_func ("/hot-pages/most-births-first", test_hot_pages);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "reference-map.h"

#include <math.h>

#include "memscope-groups.h"

#define LARGEST_REGION (64u << 20)

static gboolean
is_there (MemscopeSession     *session,
          MemscopeSelection   *selection,
          const MemscopeBlock *block)
{
  guint64 instant = memscope_selection_get_instant (selection);
  guint origins = memscope_selection_get_origins (selection);
  MemscopeBlock parent;

  if (block->birth_time >= instant || block->death_time < instant || !(origins >> block->origin & 1))
    return FALSE;
  if (block->parent == 0)
    return TRUE;

  memscope_session_get_block (session, block->parent - 1, &parent);

  return !(origins >> parent.origin & 1);
}

/* The rows that pass the whole selection. */
static GHashTable *
list_selected (MemscopeSession   *session,
               MemscopeSelection *selection)
{
  GHashTable *selected = g_hash_table_new (NULL, NULL);
  MemscopeGroup everything = { 0 };
  guint64 n, total;
  g_autofree guint64 *rows = memscope_group_list_rows (session, selection, &everything, G_MAXUINT64, &n, &total, NULL, NULL);

  for (guint64 i = 0; i < n; i++)
    g_hash_table_add (selected, GSIZE_TO_POINTER (rows[i] + 1));

  return selected;
}

void
reference_check_map_blocks (const MemscopeAddressMap *map,
                            MemscopeSession          *session,
                            MemscopeSelection        *selection)
{
  g_autoptr(GHashTable) selected = list_selected (session, selection);
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint64 n = 0, n_selected = 0, bytes = 0, n_overlapping = 0, reach = 0;

  for (guint64 row = 0; row < memscope_session_get_n_blocks (session); row++)
    {
      MemscopeBlock block;

      memscope_session_get_block (session, row, &block);
      n += is_there (session, selection, &block);
    }
  g_assert_cmpuint (map->n_blocks, ==, n);

  for (guint64 i = 0; i < n; i++)
    {
      MemscopeBlock block;
      const MemscopeMapRegion *region;
      gboolean is_selected = g_hash_table_contains (selected, GSIZE_TO_POINTER (map->row[i] + 1));

      g_assert_true (g_hash_table_add (seen, GSIZE_TO_POINTER (map->row[i] + 1)));
      memscope_session_get_block (session, map->row[i], &block);
      g_assert_true (is_there (session, selection, &block));
      g_assert_cmpuint (map->address[i], ==, block.address);
      g_assert_cmpuint (map->size[i], ==, block.size);
      g_assert_cmpuint (map->birth_time[i], ==, block.birth_time);
      g_assert_cmpuint (map->death_time[i], ==, block.death_time);
      g_assert_cmpuint (map->rounding[i], ==, block.rounding);
      g_assert_cmpuint (map->thread[i], ==, block.thread);
      g_assert_cmpuint (map->death_thread[i], ==, block.death_thread);
      g_assert_cmpuint (map->stack[i], ==, block.stack);
      g_assert_cmpuint (map->origin[i], ==, block.origin);
      g_assert_cmpuint (map->call_site[i], ==, memscope_session_get_call_site (session, block.stack));
      g_assert_cmpuint (map->variable[i], ==, block.variable != 0 ? block.variable
                                                                  : memscope_session_get_site_variable (session, block.stack));
      g_assert_true ((map->flags[i] & MEMSCOPE_MAP_SELECTED ? TRUE : FALSE) == is_selected);
      g_assert_true ((map->flags[i] & MEMSCOPE_MAP_OVERLAPS ? TRUE : FALSE) == (block.address < reach));
      g_assert_true (i == 0 || map->address[i] > map->address[i - 1] ||
                     (map->address[i] == map->address[i - 1] && map->row[i] > map->row[i - 1]));

      region = &map->regions[map->region[i]];
      g_assert_cmpuint (i, >=, region->first);
      g_assert_cmpuint (i, <, region->first + region->n_blocks);
      g_assert_cmpuint (block.address, >=, region->start);
      g_assert_cmpuint (block.address, <, region->end);

      n_overlapping += block.address < reach;
      reach = MAX (reach, block.address + block.size);
      n_selected += is_selected;
      bytes += is_selected ? block.size : 0;
    }

  g_assert_cmpuint (map->n_selected, ==, n_selected);
  g_assert_cmpuint (map->live_bytes, ==, bytes);
  g_assert_cmpuint (map->n_overlapping, ==, n_overlapping);
}

static guint64
end_of (const MemscopeAddressMap *map,
        guint64                   i)
{
  return map->address[i] + map->size[i] + (map->rounding[i] != G_MAXUINT32 ? map->rounding[i] : 0);
}

/* One byte for each of the region's: whether a block is there, of the first @n of its blocks. */
static guint8 *
paint (const MemscopeAddressMap *map,
       const MemscopeMapRegion  *region,
       guint64                   n)
{
  guint8 *bytes = g_new0 (guint8, region->end - region->start);

  for (guint64 i = region->first; i < region->first + n; i++)
    {
      for (guint64 at = map->address[i]; at < end_of (map, i); at++)
        bytes[at - region->start] = 1;
    }

  return bytes;
}

/* Whole pages behind the first @n blocks. */
static guint64
count_free_end (const MemscopeAddressMap *map,
                const MemscopeMapRegion  *region,
                guint64                   n)
{
  guint64 pages = 0;

  for (guint64 page = region->end / map->page_size; page-- > region->start / map->page_size;)
    {
      for (guint64 i = region->first; i < region->first + n; i++)
        {
          if (end_of (map, i) > page * map->page_size)
            return pages * map->page_size;
        }
      pages++;
    }

  return pages * map->page_size;
}

static gboolean
has_reserve (const MemscopeMapRegion *region)
{
  return region->recorded && (region->kind == MEMSCOPE_REGION_HEAP || region->kind == MEMSCOPE_REGION_ARENA);
}

static void
check_holes (const MemscopeAddressMap *map,
             const MemscopeMapRegion  *region,
             const guint8             *bytes)
{
  guint64 length = region->end - region->start;
  guint64 first_block = map->address[region->first] - region->start;
  guint64 last_end = 0;
  guint64 holes = 0, total = 0, largest = 0, used = 0;

  for (guint64 i = region->first; i < region->first + region->n_blocks; i++)
    last_end = MAX (last_end, end_of (map, i) - region->start);

  for (guint64 at = 0; at < length;)
    {
      guint64 run = 0;

      while (at + run < length && !bytes[at + run])
        run++;

      if (run == 0)
        {
          used++;
          at++;
          continue;
        }

      /* Zero-sized blocks stand in holes and part them. */
      for (guint64 i = region->first; i < region->first + region->n_blocks; i++)
        {
          guint64 start = map->address[i] - region->start;

          if (end_of (map, i) == map->address[i] && start > at && start < at + run)
            {
              run = start - at;
              break;
            }
        }

      if (run >= MEMSCOPE_MAP_MIN_HOLE &&
          !(at < first_block && (!has_reserve (region) || run < map->page_size)) &&
          !(at >= last_end && !has_reserve (region)))
        {
          holes++;
          total += run;
          largest = MAX (largest, run);
        }
      at += run;
    }

  g_assert_cmpuint (region->used_bytes, ==, used);
  g_assert_cmpuint (region->n_holes, ==, holes);
  g_assert_cmpuint (region->hole_bytes, ==, total);
  g_assert_cmpuint (region->largest_hole, ==, largest);
  g_assert_cmpfloat (region->fragmentation, ==, total > 0 ? 1 - (double)largest / (double)total : 0);
  g_assert_cmpuint (region->top_free, ==, has_reserve (region) ? length - last_end : 0);
}

static void
check_pages (const MemscopeAddressMap *map,
             const MemscopeMapRegion  *region,
             const guint8             *bytes)
{
  guint64 page = map->page_size;
  guint n_pages = (guint)((region->end - region->start + page - 1) / page);
  g_autofree guint32 *occupancy = g_new (guint32, n_pages);
  guint64 sparse = 0, empty = 0;

  g_assert_cmpuint (region->start % page, ==, 0);
  memscope_address_map_get_occupancy (map, region->start, n_pages, occupancy);
  for (guint p = 0; p < n_pages; p++)
    {
      guint64 used = 0;

      for (guint64 at = p * page; at < MIN ((p + 1) * page, region->end - region->start); at++)
        used += bytes[at];
      g_assert_cmpuint (occupancy[p], ==, used);
      sparse += used > 0 && used * 4 < page ? page : 0;
      empty += used == 0 ? page : 0;
    }

  g_assert_cmpuint (region->sparse_bytes, ==, sparse);
  g_assert_cmpuint (region->empty_bytes, ==, empty);
}

/* From the definition in the header, for blocks that don't overlap. */
static void
check_pins (const MemscopeAddressMap *map,
            const MemscopeMapRegion  *region)
{
  guint64 n = MIN (region->n_blocks, MEMSCOPE_MAP_MAX_PINS);
  guint64 already = count_free_end (map, region, region->n_blocks);
  guint64 best = 0, used = 0;
  guint64 free[MEMSCOPE_MAP_MAX_PINS + 1] = { 0, };
  guint expected = 0;

  if (region->kind != MEMSCOPE_REGION_HEAP && region->kind != MEMSCOPE_REGION_ARENA)
    {
      g_assert_cmpuint (region->n_pins, ==, 0);
      return;
    }

  for (guint64 k = 1; k <= n; k++)
    {
      guint64 i = region->first + region->n_blocks - k;
      guint64 gain = count_free_end (map, region, region->n_blocks - k) - already;

      used += end_of (map, i) - map->address[i];
      if (gain >= 128 * 1024 && used < gain / 4)
        free[k] = already + gain;
      best = MAX (best, free[k]);
    }

  for (guint k = 1; k <= n && best > 0 && expected == 0; k++)
    {
      if (free[k] >= best - best / 10)
        expected = k;
    }

  g_assert_cmpuint (region->n_pins, ==, expected);
  g_assert_cmpuint (region->pin_bytes, ==, free[expected]);
}

void
reference_check_map_region (const MemscopeAddressMap *map,
                            guint                     r)
{
  const MemscopeMapRegion *region = &map->regions[r];
  g_autofree guint8 *bytes = NULL;
  gboolean overlaps = FALSE;
  guint64 selected = 0, live = 0;

  for (guint64 i = region->first; i < region->first + region->n_blocks; i++)
    {
      overlaps = overlaps || map->flags[i] & MEMSCOPE_MAP_OVERLAPS;
      selected += map->flags[i] & MEMSCOPE_MAP_SELECTED ? 1 : 0;
      live += map->flags[i] & MEMSCOPE_MAP_SELECTED ? map->size[i] : 0;
    }
  g_assert_cmpuint (region->n_selected, ==, selected);
  g_assert_cmpuint (region->live_bytes, ==, live);

  if (map->sampled)
    {
      g_assert_cmpuint (region->hole_bytes, ==, MEMSCOPE_UNKNOWN);
      g_assert_true (isnan (region->fragmentation));
      return;
    }

  if (region->end - region->start > LARGEST_REGION)
    return;

  bytes = paint (map, region, region->n_blocks);
  check_holes (map, region, bytes);
  check_pages (map, region, bytes);
  if (!overlaps)
    check_pins (map, region);
}

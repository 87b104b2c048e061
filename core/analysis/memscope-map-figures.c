/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-map-figures.h"

#include <math.h>

#include "memscope-saturate.h"

/* glibc's M_TRIM_THRESHOLD: less free at the top is not returned. */
#define TRIM_THRESHOLD (128u << 10)

/* One region, and what was seen of it so far. */
typedef struct
{
  const MemscopeAddressMap *map;
  MemscopeMapRegion        *region;
  guint64                   page;        /* the one that is being filled, by its number */
  guint64                   page_used;   /* bytes of it */
  gboolean                  overlaps;
} Measure;

static guint64
end_of (const MemscopeAddressMap *map,
        guint64                   i)
{
  guint64 bytes = map->size[i];

  if (map->rounding[i] != G_MAXUINT32)
    bytes = memscope_saturating_add (bytes, map->rounding[i]);

  return memscope_saturating_add (map->address[i], bytes);
}

/* ---- pages --------------------------------------------------------------------------- */

static void
finish_page (Measure *self)
{
  if (self->page_used > 0 && self->page_used * 4 < self->map->page_size)
    self->region->sparse_bytes += self->map->page_size;
}

/* The bytes [start, end) are in use; each is told once, ascending. */
static void
use_pages (Measure *self,
           guint64  start,
           guint64  end)
{
  guint64 size = self->map->page_size;
  guint64 first = start / size;
  guint64 last = (end - 1) / size;

  if (first != self->page)
    {
      guint64 behind = self->page != G_MAXUINT64 ? self->page + 1 : self->region->start / size;

      finish_page (self);
      self->region->empty_bytes = memscope_saturating_add (self->region->empty_bytes, (first - behind) * size);
      self->page = first;
      self->page_used = 0;
    }

  if (last == first)
    {
      self->page_used += end - start;
      return;
    }

  self->page_used += size - start % size;
  finish_page (self);
  self->page = last;
  self->page_used = (end - 1) % size + 1;
}

/* ---- holes ---------------------------------------------------------------------------- */

static void
add_hole (MemscopeMapRegion *region,
          guint64            bytes)
{
  if (bytes < MEMSCOPE_MAP_MIN_HOLE)
    return;

  region->n_holes++;
  region->hole_bytes = memscope_saturating_add (region->hole_bytes, bytes);
  region->largest_hole = MAX (region->largest_hole, bytes);
}

static gboolean
has_reserve (const MemscopeMapRegion *region)
{
  return region->recorded && (region->kind == MEMSCOPE_REGION_HEAP || region->kind == MEMSCOPE_REGION_ARENA);
}

/* Blocks in their order; what lies between them are holes. Before the first block are
 * the allocator's own structures, and pages that nothing is in.
 */
static guint64
walk_blocks (Measure *self)
{
  const MemscopeAddressMap *map = self->map;
  MemscopeMapRegion *region = self->region;
  guint64 reach = region->start;

  for (guint64 i = region->first; i < region->first + region->n_blocks; i++)
    {
      guint64 start = MAX (map->address[i], reach);
      guint64 end = end_of (map, i);

      if (start > reach && (i > region->first || (has_reserve (region) && start - reach >= map->page_size)))
        add_hole (region, start - reach);

      self->overlaps = self->overlaps || map->flags[i] & MEMSCOPE_MAP_OVERLAPS;
      if (end > start)
        {
          region->used_bytes = memscope_saturating_add (region->used_bytes, end - start);
          use_pages (self, start, end);
        }
      reach = MAX (reach, MAX (end, start));
    }

  return reach;
}

static void
measure_end (Measure *self,
             guint64  reach)
{
  MemscopeMapRegion *region = self->region;
  guint64 size = self->map->page_size;
  guint64 next = self->page != G_MAXUINT64 ? self->page + 1 : region->start / size;
  guint64 behind = (region->end - 1) / size + 1;

  finish_page (self);
  if (behind > next)
    region->empty_bytes = memscope_saturating_add (region->empty_bytes, (behind - next) * size);

  if (has_reserve (region))
    {
      region->top_free = memscope_saturating_sub (region->end, reach);
      add_hole (region, region->top_free);
    }
  if (region->hole_bytes > 0)
    region->fragmentation = 1 - (double)region->largest_hole / (double)region->hole_bytes;
}

/* ---- pins ------------------------------------------------------------------------------ */

/* Whole pages that are free at the end without the last @n blocks. */
static guint64
free_without (const Measure *self,
              guint64        n)
{
  const MemscopeMapRegion *region = self->region;
  guint64 size = self->map->page_size;
  guint64 top = n < region->n_blocks ? end_of (self->map, region->first + region->n_blocks - 1 - n) : region->start;
  guint64 first = top / size + (top % size != 0);
  guint64 behind = region->end / size;

  return behind > first ? (behind - first) * size : 0;
}

static void
find_pins (Measure *self)
{
  MemscopeMapRegion *region = self->region;
  guint64 n = MIN (region->n_blocks, MEMSCOPE_MAP_MAX_PINS);
  guint64 already = free_without (self, 0);
  guint64 used = 0;
  guint64 best = 0;
  guint64 eligible[MEMSCOPE_MAP_MAX_PINS + 1] = { 0, };

  if (self->overlaps || (region->kind != MEMSCOPE_REGION_HEAP && region->kind != MEMSCOPE_REGION_ARENA))
    return;

  for (guint64 k = 1; k <= n; k++)
    {
      guint64 i = region->first + region->n_blocks - k;
      guint64 free = free_without (self, k);

      used = memscope_saturating_add (used, end_of (self->map, i) - self->map->address[i]);
      if (free - already >= TRIM_THRESHOLD && used < (free - already) / 4)
        {
          eligible[k] = free;
          best = MAX (best, free);
        }
    }

  for (guint k = 1; k <= n && best > 0; k++)
    {
      if (eligible[k] >= best - best / 10)
        {
          region->n_pins = k;
          region->pin_bytes = eligible[k];
          return;
        }
    }
}

/* ---- all of them ------------------------------------------------------------------------ */

static void
forget (MemscopeMapRegion *region)
{
  region->hole_bytes = region->largest_hole = region->n_holes = region->top_free = MEMSCOPE_UNKNOWN;
  region->sparse_bytes = region->empty_bytes = region->pin_bytes = MEMSCOPE_UNKNOWN;
  region->fragmentation = NAN;
}

static void
count_selected (const MemscopeAddressMap *map,
                MemscopeMapRegion        *region,
                guint64                  *by_thread,
                guint                     n_threads)
{
  guint64 most = 0;

  for (guint64 i = region->first; i < region->first + region->n_blocks; i++)
    {
      guint32 thread = map->thread[i] <= n_threads ? map->thread[i] : 0;

      if (map->flags[i] & MEMSCOPE_MAP_SELECTED)
        {
          region->n_selected++;
          region->live_bytes = memscope_saturating_add (region->live_bytes, map->size[i]);
        }

      by_thread[thread] = memscope_saturating_add (by_thread[thread], map->size[i]);
      if (thread != 0 && by_thread[thread] > most)
        {
          most = by_thread[thread];
          region->thread = thread;
        }
    }

  for (guint64 i = region->first; i < region->first + region->n_blocks; i++)
    by_thread[map->thread[i] <= n_threads ? map->thread[i] : 0] = 0;
}

void
memscope_map_measure_regions (MemscopeAddressMap *map,
                              guint               n_threads)
{
  g_autofree guint64 *by_thread = g_new0 (guint64, (gsize)n_threads + 1);

  for (guint r = 0; r < map->n_regions; r++)
    {
      Measure measure = { .map = map, .region = &map->regions[r], .page = G_MAXUINT64 };
      guint64 reach;

      count_selected (map, measure.region, by_thread, n_threads);
      reach = walk_blocks (&measure);
      if (map->sampled)
        {
          forget (measure.region);
          continue;
        }

      measure_end (&measure, reach);
      find_pins (&measure);
    }
}

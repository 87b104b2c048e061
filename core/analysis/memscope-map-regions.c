/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-map-regions.h"

#include <string.h>

#include "memscope-leak-rule.h"
#include "memscope-saturate.h"

/* glibc's HEAP_MAX_SIZE: a further heap begins at a multiple of it. */
#define ARENA_SIZE   (G_GUINT64_CONSTANT (64) << 20)
/* The first block of a further heap comes right after the allocator's own structures. */
#define ARENA_HEAD   (G_GUINT64_CONSTANT (64) << 10)
/* Blocks of glibc that have a mapping of their own begin so far into a page. */
#define MMAPPED_SKEW 16u
#define MMAPPED_SIZE (64u << 10)

/* Blocks as far apart as this are not of one run. */
#define CLUSTER_GAP  (G_GUINT64_CONSTANT (32) << 20)
#define MAX_CLUSTERS 256u

/* Areas of one kind are one unless such a gap lies between them. */
#define AREA_GAP     (G_GUINT64_CONSTANT (1) << 30)

#define READABLE 7u   /* r, w or x; without any of them it is a reserve */
#define WRITABLE 2u

/* Where position-independent programs, and after them their heaps, are loaded. */
#define PIE_BEGIN    G_GUINT64_CONSTANT (0x550000000000)
#define PIE_END      G_GUINT64_CONSTANT (0x570000000000)
#define MMAP_BEGIN   G_GUINT64_CONSTANT (0x10000000000)

typedef MemscopeMapSpan Span;

/* ---- what the recording says ------------------------------------------------------------ */

static gboolean
text_is (const char *text,
         gsize       length,
         const char *other)
{
  return length == strlen (other) && memcmp (text, other, length) == 0;
}

static gboolean
is_glibc (MemscopeSession *session)
{
  gsize length;
  const char *allocator = memscope_session_get_fact (session, "allocator", &length);

  return allocator == NULL || text_is (allocator, length, "glibc");
}

/* FALSE: nothing that a block could be in. */
static gboolean
classify (MemscopeSession       *session,
          const MemscopeMapping *mapping,
          const Span            *before,
          guint                 *kind)
{
  gsize length = 0;
  const char *path = mapping->path != 0 ? memscope_session_get_string (session, mapping->path, &length) : NULL;
  gsize exe_length;
  const char *exe = memscope_session_get_fact (session, "exe", &exe_length);

  if (!(mapping->permissions & READABLE) || mapping->end <= mapping->start)
    return FALSE;

  if (path != NULL && length > 0 && path[0] != '[')
    {
      *kind = exe != NULL && length == exe_length && memcmp (path, exe, length) == 0 ? MEMSCOPE_REGION_PROGRAM
                                                                                     : MEMSCOPE_REGION_FILE;
      return TRUE;
    }

  if (path != NULL && text_is (path, length, "[heap]"))
    *kind = MEMSCOPE_REGION_HEAP;
  else if (path != NULL && length >= 6 && memcmp (path, "[stack", 6) == 0)
    *kind = MEMSCOPE_REGION_STACK;
  else if (path != NULL && length > 0 && !(length >= 5 && memcmp (path, "[anon", 5) == 0))
    return FALSE;
  else if (before != NULL && before->end == mapping->start && mapping->permissions & WRITABLE &&
           (before->kind == MEMSCOPE_REGION_PROGRAM || before->kind == MEMSCOPE_REGION_FILE))
    *kind = before->kind;   /* its variables that begin as zeroes */
  else if (mapping->start % ARENA_SIZE == 0 && mapping->end - mapping->start <= ARENA_SIZE && is_glibc (session))
    *kind = MEMSCOPE_REGION_ARENA;
  else
    *kind = MEMSCOPE_REGION_MMAP;

  return TRUE;
}

static int
compare_spans (gconstpointer a,
               gconstpointer b)
{
  const Span *left = a;
  const Span *right = b;

  return left->start < right->start ? -1 : left->start > right->start;
}

static gboolean
overlaps_any (const Span *spans,
              guint       n,
              guint64     start,
              guint64     end)
{
  guint low = 0;
  guint high = n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (spans[middle].end <= start)
        low = middle + 1;
      else
        high = middle;
    }

  return low < n && spans[low].start < end;
}

/* Adds those mappings that lie in none of the first @n_before spans. */
static void
add_snapshot (GArray                        *spans,
              MemscopeSession               *session,
              const MemscopeMappingSnapshot *snapshot)
{
  guint n_before = spans->len;
  const Span *last = NULL;

  for (guint i = 0; i < snapshot->n_mappings; i++)
    {
      const MemscopeMapping *mapping = &snapshot->mappings[i];
      Span span = { mapping->start, mapping->end, 0, mapping->path };

      if (!classify (session, mapping, last, &span.kind))
        continue;

      if (last != NULL && last->end == span.start && last->kind == span.kind &&
          (span.kind == MEMSCOPE_REGION_MMAP || span.kind == MEMSCOPE_REGION_PROGRAM || span.kind == MEMSCOPE_REGION_FILE) &&
          (span.path == last->path || span.path == 0))
        {
          g_array_index (spans, Span, spans->len - 1).end = span.end;
          continue;
        }

      if (n_before > 0 && overlaps_any ((const Span *)(gpointer)spans->data, n_before, span.start, span.end))
        continue;

      g_array_append_val (spans, span);
      last = &g_array_index (spans, Span, spans->len - 1);
    }
}

/* Hostile files may hold mappings in any order and on top of one another. */
static void
tidy (GArray *spans)
{
  guint n = 0;

  g_array_sort (spans, compare_spans);
  for (guint i = 0; i < spans->len; i++)
    {
      Span span = g_array_index (spans, Span, i);

      if (n > 0)
        span.start = MAX (span.start, g_array_index (spans, Span, n - 1).end);
      if (span.start < span.end)
        g_array_index (spans, Span, n++) = span;
    }
  g_array_set_size (spans, n);
}

/* ---- areas ------------------------------------------------------------------------------- */

static void
add_area (GArray                *areas,
          const MemscopeMapArea *area)
{
  MemscopeMapArea *last = areas->len > 0 ? &g_array_index (areas, MemscopeMapArea, areas->len - 1) : NULL;

  if (last != NULL && last->kind == area->kind && area->start >= last->end && area->start - last->end < AREA_GAP)
    {
      last->end = area->end;
      last->mapped_bytes = memscope_saturating_add (last->mapped_bytes, area->mapped_bytes);
    }
  else
    {
      g_array_append_val (areas, *area);
    }
}

static int
compare_areas (gconstpointer a,
               gconstpointer b)
{
  const MemscopeMapArea *left = a;
  const MemscopeMapArea *right = b;

  return left->start < right->start ? -1 : left->start > right->start;
}

/* The spans of the snapshot, and the regions that lie in none of them. */
static void
find_areas (MemscopeAddressMap *map,
            const Span         *spans,
            guint               n_spans)
{
  g_autoptr(GArray) parts = g_array_new (FALSE, FALSE, sizeof (MemscopeMapArea));
  g_autoptr(GArray) areas = g_array_new (FALSE, FALSE, sizeof (MemscopeMapArea));

  for (guint i = 0; i < n_spans; i++)
    {
      MemscopeMapArea area = { spans[i].kind, TRUE, spans[i].start, spans[i].end, spans[i].end - spans[i].start, spans[i].path };

      g_array_append_val (parts, area);
    }

  for (guint i = 0; i < map->n_regions; i++)
    {
      const MemscopeMapRegion *region = &map->regions[i];
      MemscopeMapArea area = { region->kind, region->recorded, region->start, region->end, region->end - region->start, region->path };

      if (!overlaps_any (spans, n_spans, region->start, region->end))
        g_array_append_val (parts, area);
    }

  g_array_sort (parts, compare_areas);
  for (guint i = 0; i < parts->len; i++)
    add_area (areas, &g_array_index (parts, MemscopeMapArea, i));

  map->n_areas = areas->len;
  map->areas = (gpointer)g_array_free (g_steal_pointer (&areas), FALSE);
}

/* ---- regions ------------------------------------------------------------------------------ */

typedef struct
{
  MemscopeAddressMap *map;
  const Span         *spans;
  guint               n_spans;
  guint               at;           /* the first span that ends behind the block */
  guint64             gap;          /* that ends an inferred region; larger ones do too */
  guint               n_gaps;       /* of those that are just so large, how many still may */
  gboolean            guess;        /* addresses are those of a process */
  gboolean            few;          /* few enough inferred regions that arenas may end one */
  GArray             *regions;
  guint64             reach;        /* behind the last byte of the region's blocks */
  guint               span;         /* of the region; n_spans: inferred */
} Finder;

static guint64
round_down (const Finder *self,
            guint64       address)
{
  return address - address % self->map->page_size;
}

static guint64
round_up (const Finder *self,
          guint64       address)
{
  guint64 rest = address % self->map->page_size;

  return rest == 0 ? address : memscope_saturating_add (address, self->map->page_size - rest);
}

static guint64
end_of (const MemscopeAddressMap *map,
        guint64                   i)
{
  guint64 bytes = map->size[i];

  if (map->rounding[i] != G_MAXUINT32)
    bytes = memscope_saturating_add (bytes, map->rounding[i]);

  return memscope_saturating_add (map->address[i], bytes);
}

static MemscopeMapRegion *
last_region (const Finder *self)
{
  return self->regions->len > 0 ? &g_array_index (self->regions, MemscopeMapRegion, self->regions->len - 1) : NULL;
}

/* A heap may have grown since the mappings were read. */
static gboolean
may_have_grown_to (const Span *span,
                   guint64     address)
{
  if (span->kind == MEMSCOPE_REGION_HEAP)
    return address - span->end < CLUSTER_GAP;

  return span->kind == MEMSCOPE_REGION_ARENA && address / ARENA_SIZE == span->start / ARENA_SIZE;
}

/* The span of an address, by number; n_spans: none. Addresses come ascending. */
static guint
span_of (Finder  *self,
         guint64  address)
{
  while (self->at < self->n_spans && self->spans[self->at].end <= address)
    self->at++;

  if (self->at < self->n_spans && self->spans[self->at].start <= address)
    return self->at;

  return self->at > 0 && may_have_grown_to (&self->spans[self->at - 1], address) ? self->at - 1 : self->n_spans;
}

/* Where the allocator of glibc begins a further heap. */
static gboolean
begins_arena (const Finder *self,
              guint64       address)
{
  return self->guess && self->few && address >= MMAP_BEGIN && address % ARENA_SIZE < ARENA_HEAD &&
         address / ARENA_SIZE != (self->reach - 1) / ARENA_SIZE && address - self->reach >= ARENA_HEAD;
}

/* Whether the block at @address, which lies in no span, still belongs to the last region. */
static gboolean
continues (Finder                  *self,
           const MemscopeMapRegion *region,
           guint64                  address)
{
  guint64 gap;

  if (address < self->reach || address < region->end)
    return TRUE;
  if (self->span < self->n_spans || begins_arena (self, address))
    return FALSE;

  gap = address - self->reach;
  if (gap == self->gap && self->n_gaps > 0)
    {
      self->n_gaps--;
      return FALSE;
    }

  return gap <= self->gap;
}

static gboolean
has_reserve (guint kind)
{
  return kind == MEMSCOPE_REGION_HEAP || kind == MEMSCOPE_REGION_ARENA;
}

static void
begin_region (Finder  *self,
              guint    number,
              guint64  i)
{
  const Span *span = number < self->n_spans ? &self->spans[number] : NULL;
  MemscopeMapRegion region = { .kind = MEMSCOPE_REGION_CLUSTER, .first = i, .start = round_down (self, self->map->address[i]) };

  region.end = region.start;
  if (span != NULL)
    {
      region.kind = span->kind;
      region.recorded = TRUE;
      region.path = span->path;
      if (has_reserve (span->kind))
        {
          region.start = span->start;
          region.end = span->end;
        }
    }

  self->span = number;
  self->reach = self->map->address[i];
  g_array_append_val (self->regions, region);
}

static void
add_block (Finder  *self,
           guint64  i)
{
  guint64 address = self->map->address[i];
  guint span = span_of (self, address);
  MemscopeMapRegion *region = last_region (self);
  gboolean same = region != NULL && (span < self->n_spans ? self->span == span || address < self->reach
                                                          : continues (self, region, address));

  if (!same)
    {
      begin_region (self, span, i);
      region = last_region (self);
    }

  region->n_blocks++;
  self->reach = MAX (self->reach, end_of (self->map, i));
  region->end = MAX (region->end, MAX (round_up (self, self->reach), memscope_saturating_add (address, 1)));
  self->map->region[i] = self->regions->len - 1;
}

static int
compare_gaps (gconstpointer a,
              gconstpointer b)
{
  guint64 left = *(const guint64 *)a;
  guint64 right = *(const guint64 *)b;

  return left > right ? -1 : left < right;
}

/* Addresses may be anything: no more regions than a person can look at. */
static void
choose_gap (Finder *self)
{
  const MemscopeAddressMap *map = self->map;
  g_autoptr(GArray) gaps = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 reach = 0;

  self->gap = CLUSTER_GAP - 1;
  self->few = TRUE;
  for (guint64 i = 0; i < map->n_blocks; i++)
    {
      guint64 gap = memscope_saturating_sub (map->address[i], reach);

      if (i > 0 && gap >= CLUSTER_GAP)
        g_array_append_val (gaps, gap);
      reach = MAX (reach, end_of (map, i));
    }

  if (gaps->len >= MAX_CLUSTERS)
    {
      g_array_sort (gaps, compare_gaps);
      self->gap = g_array_index (gaps, guint64, MAX_CLUSTERS - 2);
      self->few = FALSE;
      for (guint i = 0; i < MAX_CLUSTERS - 1; i++)
        self->n_gaps += g_array_index (gaps, guint64, i) == self->gap;
    }
}

static gboolean
all_mmapped (const MemscopeAddressMap *map,
             const MemscopeMapRegion  *region)
{
  for (guint64 i = region->first; i < region->first + region->n_blocks; i++)
    {
      if (map->address[i] % map->page_size != MMAPPED_SKEW || map->size[i] < MMAPPED_SIZE)
        return FALSE;
    }

  return TRUE;
}

/* What a run of blocks is likely to be. */
static void
guess_kind (const Finder      *self,
            MemscopeMapRegion *region)
{
  const MemscopeAddressMap *map = self->map;
  guint64 first = map->address[region->first];

  if (region->recorded || !self->guess)
    return;

  if (all_mmapped (map, region))
    region->kind = MEMSCOPE_REGION_MMAP;
  else if (first >= MMAP_BEGIN && first % ARENA_SIZE < ARENA_HEAD && (region->end - 1) / ARENA_SIZE == first / ARENA_SIZE)
    region->kind = MEMSCOPE_REGION_ARENA;
  else if (region->start >= PIE_BEGIN && region->end <= PIE_END)
    region->kind = MEMSCOPE_REGION_HEAP;
}

static void
number_regions (GArray *regions)
{
  guint numbers[MEMSCOPE_N_REGION_KINDS] = { 0, };

  for (guint i = 0; i < regions->len; i++)
    {
      MemscopeMapRegion *region = &g_array_index (regions, MemscopeMapRegion, i);

      region->number = ++numbers[region->kind];
    }
}

GArray *
memscope_map_read_spans (MemscopeSession *session,
                         guint            snapshot)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (Span));
  guint n;
  const MemscopeMappingSnapshot *snapshots = memscope_session_get_mappings (session, &n);

  if (snapshot < n)
    add_snapshot (spans, session, &snapshots[snapshot]);
  tidy (spans);

  return spans;
}

gboolean
memscope_map_may_guess (MemscopeSession *session)
{
  return !memscope_session_is_memscope_rs (session) && is_glibc (session);
}

/* The last snapshot before the instant, as @spans; @all has also what came into being
 * until the next one.
 */
static void
read_mappings (MemscopeAddressMap *map,
               MemscopeSession    *session,
               GArray             *spans,
               GArray             *all)
{
  guint n;
  const MemscopeMappingSnapshot *snapshots = memscope_session_get_mappings (session, &n);
  guint chosen = 0;

  map->mappings_time = MEMSCOPE_UNKNOWN;
  if (n == 0)
    return;

  while (chosen + 1 < n && snapshots[chosen + 1].time <= map->instant)
    chosen++;

  map->mappings_time = snapshots[chosen].time;
  add_snapshot (spans, session, &snapshots[chosen]);
  tidy (spans);

  g_array_append_vals (all, spans->data, spans->len);
  if (chosen + 1 < n)
    add_snapshot (all, session, &snapshots[chosen + 1]);
  tidy (all);
}

void
memscope_map_find_regions (MemscopeAddressMap *map,
                           MemscopeSession    *session)
{
  g_autoptr(GArray) spans = g_array_new (FALSE, FALSE, sizeof (Span));
  g_autoptr(GArray) all = g_array_new (FALSE, FALSE, sizeof (Span));
  g_autoptr(GArray) regions = g_array_new (FALSE, FALSE, sizeof (MemscopeMapRegion));
  Finder finder = { .map = map, .regions = regions };

  read_mappings (map, session, spans, all);
  finder.spans = (const Span *)(gpointer)all->data;
  finder.n_spans = all->len;
  finder.guess = memscope_map_may_guess (session);
  choose_gap (&finder);

  for (guint64 i = 0; i < map->n_blocks; i++)
    add_block (&finder, i);
  for (guint i = 0; i < regions->len; i++)
    guess_kind (&finder, &g_array_index (regions, MemscopeMapRegion, i));
  number_regions (regions);

  map->n_regions = regions->len;
  map->regions = (gpointer)g_array_free (g_steal_pointer (&regions), FALSE);
  find_areas (map, (const Span *)(gpointer)spans->data, spans->len);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-address-map.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-holders.h"
#include "memscope-map-figures.h"
#include "memscope-map-regions.h"
#include "memscope-page-size.h"
#include "memscope-saturate.h"
#include "memscope-stage.h"

/* Below this a simple sort is quicker. */
#define MIN_RADIX 1024u

/* Fewer batches than this a thread are not worth starting it. */
#define MIN_BATCHES_PER_THREAD 8
#define MAX_THREADS            8

typedef struct
{
  guint64 address;
  guint64 row;
} Place;

/* ---- which blocks ---------------------------------------------------------------------- */

/* Alive, and of the level that is looked at. */
static gboolean
is_there (const MemscopeFilter *filter,
          const MemscopeBatch  *batch,
          guint                 i)
{
  if (!memscope_batch_is_alive_at (batch, i, filter->instant) || !(filter->origins >> memscope_batch_origin (batch, i) & 1))
    return FALSE;

  return batch->parent == NULL || batch->parent[i] == 0 || !memscope_filter_is_nested (filter, batch->parent[i]);
}

/* A run of batches, looked through by one thread. */
typedef struct
{
  const MemscopeFilter *filter;
  GCancellable         *cancellable;
  guint                 first;
  guint                 end;
  GArray               *places;     /* Place */
} Search;

static void
search_batches (gpointer data,
                gpointer user_data)
{
  Search *self = data;
  const MemscopeFilter *filter = self->filter;

  for (guint index = self->first; index < self->end && !g_cancellable_is_cancelled (self->cancellable); index++)
    {
      MemscopeBatch batch;

      memscope_filter_get_batch (filter, index, &batch);
      if (batch.n_rows > 0 && batch.birth_time[0] >= filter->instant)
        return;

      for (guint i = 0; i < batch.n_rows; i++)
        {
          Place place = { batch.address[i], batch.first_row + i };

          if (place.address != MEMSCOPE_UNKNOWN && is_there (filter, &batch, i))
            g_array_append_val (self->places, place);
        }
    }
}

static GArray *
find_places (const MemscopeFilter  *filter,
             GCancellable          *cancellable,
             GError               **error)
{
  guint n = CLAMP (MIN (filter->n_batches / MIN_BATCHES_PER_THREAD, g_get_num_processors ()), 1, MAX_THREADS);
  GThreadPool *pool = n > 1 ? g_thread_pool_new (search_batches, NULL, (int)n - 1, FALSE, NULL) : NULL;
  Search searches[MAX_THREADS];
  GArray *places;

  for (guint k = n; k-- > 0;)
    {
      searches[k] = (Search) { filter, cancellable, (guint)((guint64)filter->n_batches * k / n),
                               (guint)((guint64)filter->n_batches * (k + 1) / n), g_array_new (FALSE, FALSE, sizeof (Place)) };
      if (k > 0)
        g_thread_pool_push (pool, &searches[k], NULL);
      else
        search_batches (&searches[k], NULL);
    }
  if (pool != NULL)
    g_thread_pool_free (pool, FALSE, TRUE);

  places = searches[0].places;
  for (guint k = 1; k < n; k++)
    {
      g_array_append_vals (places, searches[k].places->data, searches[k].places->len);
      g_array_unref (searches[k].places);
    }

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_pointer (&places, g_array_unref);

  return places;
}

/* ---- their order ------------------------------------------------------------------------- */

static int
compare_places (gconstpointer a,
                gconstpointer b)
{
  const Place *left = a;
  const Place *right = b;

  if (left->address != right->address)
    return left->address < right->address ? -1 : 1;

  return left->row < right->row ? -1 : left->row > right->row;
}

/* By one byte of the address, keeping the order of equal ones. FALSE: they are all equal. */
static gboolean
sort_by_byte (const Place *from,
              Place       *to,
              gsize        n,
              guint        shift)
{
  gsize counts[256] = { 0, };
  gsize at = 0;

  for (gsize i = 0; i < n; i++)
    counts[from[i].address >> shift & 0xff]++;

  if (counts[from[0].address >> shift & 0xff] == n)
    return FALSE;

  for (guint k = 0; k < 256; k++)
    {
      gsize count = counts[k];

      counts[k] = at;
      at += count;
    }

  for (gsize i = 0; i < n; i++)
    to[counts[from[i].address >> shift & 0xff]++] = from[i];

  return TRUE;
}

/* They come in the order of rows. */
static void
sort_places (GArray *places)
{
  gsize n = places->len;
  Place *from = (Place *)(gpointer)places->data;
  g_autofree Place *spare = NULL;
  Place *to;

  if (n < MIN_RADIX)
    {
      g_array_sort (places, compare_places);
      return;
    }

  spare = g_new (Place, n);
  to = spare;
  for (guint shift = 0; shift < 64; shift += 8)
    {
      Place *swap = from;

      if (sort_by_byte (from, to, n, shift))
        {
          from = to;
          to = swap;
        }
    }

  if (from == spare)
    memcpy (places->data, spare, n * sizeof (Place));
}

/* ---- columns ------------------------------------------------------------------------------- */

static void
allocate_columns (MemscopeAddressMap *map,
                  guint64             n)
{
  gsize size = MAX (n, 1);

  map->n_blocks = n;
  map->address = g_new (guint64, size);
  map->size = g_new (guint64, size);
  map->birth_time = g_new (guint64, size);
  map->death_time = g_new (guint64, size);
  map->row = g_new (guint64, size);
  map->rounding = g_new (guint32, size);
  map->thread = g_new (guint32, size);
  map->death_thread = g_new (guint32, size);
  map->stack = g_new (guint32, size);
  map->call_site = g_new (guint32, size);
  map->variable = g_new (guint32, size);
  map->region = g_new0 (guint32, size);
  map->stage = g_new (guint8, size);
  map->origin = g_new (guint8, size);
  map->flags = g_new0 (guint8, size);
}

static MemscopeStage
judge_stage (const MemscopeFilter  *filter,
             const MemscopeHolders *holders,
             const MemscopeBatch   *batch,
             guint                  i)
{
  const MemscopeHolder *holder = holders->n > 0 ? memscope_holders_find (holders, batch->first_row + i) : NULL;
  guint64 birth = batch->birth_time[i];

  return memscope_stage_judge (1, memscope_holders_is_shared (filter, batch, i, holder), birth,
                               holder != NULL ? MAX (birth, holder->last_time) : birth, filter->instant);
}

static void
fill_block (MemscopeAddressMap    *map,
            const MemscopeFilter  *filter,
            const MemscopeHolders *holders,
            const MemscopeBatch   *batch,
            guint                  i,
            guint                  stages,
            guint64                at)
{
  map->address[at] = batch->address[i];
  map->size[at] = batch->size[i];
  map->birth_time[at] = batch->birth_time[i];
  map->death_time[at] = batch->death_time[i];
  map->row[at] = batch->first_row + i;
  map->rounding[at] = batch->rounding[i];
  map->thread[at] = batch->thread[i];
  map->death_thread[at] = batch->death_thread[i];
  map->stack[at] = batch->stack[i];
  map->call_site[at] = memscope_session_get_call_site (filter->session, batch->stack[i]);
  map->variable[at] = memscope_batch_variable (filter->session, batch, i);
  map->stage[at] = judge_stage (filter, holders, batch, i);
  map->origin[at] = memscope_batch_origin (batch, i);

  if (batch->flags[i] & MEMSCOPE_BLOCK_INHERITED)
    map->flags[at] |= MEMSCOPE_MAP_INHERITED;
  if (memscope_filter_passes (filter, batch, i) && (stages == 0 || stages >> map->stage[at] & 1))
    {
      map->flags[at] |= MEMSCOPE_MAP_SELECTED;
      map->n_selected++;
      map->live_bytes = memscope_saturating_add (map->live_bytes, map->size[at]);
    }
}

static void
mark_overlaps (MemscopeAddressMap *map)
{
  guint64 reach = 0;

  for (guint64 i = 0; i < map->n_blocks; i++)
    {
      if (map->address[i] < reach)
        {
          map->flags[i] |= MEMSCOPE_MAP_OVERLAPS;
          map->n_overlapping++;
        }
      reach = MAX (reach, memscope_saturating_add (map->address[i], map->size[i]));
    }
}

static gboolean
fill_columns (MemscopeAddressMap    *map,
              const MemscopeFilter  *filter,
              const Place           *places,
              guint                  stages,
              GCancellable          *cancellable,
              GError               **error)
{
  g_autofree MemscopeBatch *batches = g_new (MemscopeBatch, MAX (filter->n_batches, 1));
  MemscopeHolders holders;

  for (guint index = 0; index < filter->n_batches; index++)
    memscope_filter_get_batch (filter, index, &batches[index]);

  memscope_holders_init (&holders, filter->session, filter->instant);
  for (guint64 at = 0; at < map->n_blocks; at++)
    {
      const MemscopeBatch *batch = &batches[places[at].row / MEMSCOPE_SEGMENT_ROWS];

      if (at % MEMSCOPE_SEGMENT_ROWS == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      fill_block (map, filter, &holders, batch, (guint)(places[at].row - batch->first_row), stages, at);
    }
  memscope_holders_clear (&holders);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  mark_overlaps (map);

  return TRUE;
}

MemscopeAddressMap *
memscope_address_map_new (MemscopeSession    *session,
                          MemscopeSelection  *selection,
                          GCancellable       *cancellable,
                          GError            **error)
{
  return memscope_address_map_new_at_stages (session, selection, 0, cancellable, error);
}

MemscopeAddressMap *
memscope_address_map_new_at_stages (MemscopeSession    *session,
                                    MemscopeSelection  *selection,
                                    guint               stages,
                                    GCancellable       *cancellable,
                                    GError            **error)
{
  g_autoptr(MemscopeFilter) filter = NULL;
  g_autoptr(GArray) places = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);

  filter = memscope_filter_new (session, selection);
  places = find_places (filter, cancellable, error);
  if (places == NULL)
    return NULL;
  sort_places (places);

  map = g_new0 (MemscopeAddressMap, 1);
  map->begin = filter->begin;
  map->end = filter->end;
  map->instant = filter->instant;
  map->page_size = memscope_session_page_size (session);
  map->sampled = filter->interval != 0;
  allocate_columns (map, places->len);
  if (!fill_columns (map, filter, (const Place *)(gpointer)places->data, stages, cancellable, error))
    return NULL;

  memscope_map_find_regions (map, session);
  memscope_map_measure_regions (map, filter->last_thread);

  return g_steal_pointer (&map);
}

void
memscope_address_map_free (MemscopeAddressMap *self)
{
  g_free (self->address);
  g_free (self->size);
  g_free (self->birth_time);
  g_free (self->death_time);
  g_free (self->row);
  g_free (self->rounding);
  g_free (self->thread);
  g_free (self->death_thread);
  g_free (self->stack);
  g_free (self->call_site);
  g_free (self->variable);
  g_free (self->region);
  g_free (self->stage);
  g_free (self->origin);
  g_free (self->flags);
  g_free (self->regions);
  g_free (self->areas);
  g_free (self);
}

/* ---- questions ---------------------------------------------------------------------------------- */

/* Blocks that begin at or before @address. */
static guint64
count_before (const MemscopeAddressMap *self,
              guint64                   address)
{
  guint64 low = 0;
  guint64 high = self->n_blocks;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (self->address[middle] <= address)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

guint64
memscope_address_map_find (const MemscopeAddressMap *self,
                           guint64                   address)
{
  guint64 i = count_before (self, address);

  /* Where nothing overlaps, only the last one that begins before can contain it. */
  while (i-- > 0)
    {
      guint64 size = MAX (self->size[i], 1);

      if (address - self->address[i] < size)
        return i;
      if (self->n_overlapping == 0 && self->size[i] > 0)
        break;
    }

  return G_MAXUINT64;
}

guint64
memscope_address_map_find_row (const MemscopeAddressMap *self,
                               guint64                   row)
{
  for (guint64 i = 0; i < self->n_blocks; i++)
    {
      if (self->row[i] == row)
        return i;
    }

  return G_MAXUINT64;
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

void
memscope_address_map_get_occupancy (const MemscopeAddressMap *self,
                                    guint64                   address,
                                    guint                     n_pages,
                                    guint32                  *bytes)
{
  guint64 size = self->page_size;
  guint64 begin = address - address % size;
  guint64 end = begin;
  guint64 reach = begin;
  guint64 i = 0;

  memset (bytes, 0, n_pages * sizeof *bytes);
  if (n_pages > 0)
    end = memscope_saturating_add (begin, (guint64)n_pages * size - 1);

  /* Where nothing overlaps, what reaches into the first page begins last before it. */
  if (self->n_overlapping == 0)
    {
      i = count_before (self, begin);
      while (i > 0 && (i == self->n_blocks || self->address[i] >= begin || self->size[i] == 0))
        i--;
    }

  for (; i < self->n_blocks && n_pages > 0 && self->address[i] <= end; i++)
    {
      guint64 from = MAX (self->address[i], reach);
      guint64 to = MIN (end_of (self, i), memscope_saturating_add (end, 1));

      while (from < to)
        {
          guint64 page = (from - begin) / size;
          guint64 stop = MIN (to, begin + page * size + (size - 1));

          if (stop < to)
            stop++;
          bytes[page] += (guint32)(stop - from);
          from = stop;
        }
      reach = MAX (reach, to);
    }
}

/* ---- words -------------------------------------------------------------------------------------- */

const char *
memscope_region_kind_get_nick (MemscopeRegionKind kind)
{
  static const char *const nicks[MEMSCOPE_N_REGION_KINDS] = {
    [MEMSCOPE_REGION_HEAP] = "heap",
    [MEMSCOPE_REGION_ARENA] = "arena",
    [MEMSCOPE_REGION_MMAP] = "mmap",
    [MEMSCOPE_REGION_PROGRAM] = "program",
    [MEMSCOPE_REGION_FILE] = "file",
    [MEMSCOPE_REGION_STACK] = "stack",
    [MEMSCOPE_REGION_CLUSTER] = "cluster",
  };

  g_return_val_if_fail (kind < MEMSCOPE_N_REGION_KINDS, NULL);

  return nicks[kind];
}

static char *
dup_base_name (MemscopeSession  *session,
               MemscopeStringId  path)
{
  g_autofree char *text = memscope_session_dup_display_string (session, path);

  return g_path_get_basename (text);
}

char *
memscope_map_region_dup_label (const MemscopeMapRegion *region,
                               MemscopeSession         *session)
{
  g_autofree char *thread = NULL;

  switch ((MemscopeRegionKind)region->kind)
    {
    case MEMSCOPE_REGION_HEAP:
      return region->number == 1 ? g_strdup (_("Main heap")) : g_strdup_printf (_("Main heap, part %u"), region->number);
    case MEMSCOPE_REGION_ARENA:
      if (region->thread == 0)
        return g_strdup_printf (_("Arena %u"), region->number);
      thread = memscope_session_dup_thread_label (session, region->thread);
      /* Translators: an arena of the allocator, and the thread that has most in it. */
      return g_strdup_printf (_("Arena %u · %s"), region->number, thread);
    case MEMSCOPE_REGION_MMAP:
      return region->number == 1 ? g_strdup (_("Large blocks")) : g_strdup_printf (_("Large blocks %u"), region->number);
    case MEMSCOPE_REGION_PROGRAM:
    case MEMSCOPE_REGION_FILE:
      return region->path != 0 ? dup_base_name (session, region->path) : g_strdup (_("Mapped file"));
    case MEMSCOPE_REGION_STACK:
      return g_strdup (_("Main stack"));
    case MEMSCOPE_REGION_CLUSTER:
    case MEMSCOPE_N_REGION_KINDS:
    default:
      return g_strdup_printf (_("Addresses %u"), region->number);
    }
}

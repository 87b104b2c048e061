/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-rss-parts.h"

#include <string.h>

#include "memscope-filter.h"
#include "memscope-fold.h"
#include "memscope-saturate.h"

/* glibc's HEAP_MAX_SIZE: a further heap begins at a multiple of it. */
#define ARENA_SIZE   (G_GUINT64_CONSTANT (64) << 20)
#define WRITABLE     2u
#define EXECUTABLE   4u
#define SHARED       8u
#define ACCESSIBLE   7u

/* A mapping, and the live blocks in it. */
typedef struct
{
  MemscopeMapping mapping;
  guint64         requested;
  guint64         usable;
  gboolean        has_region;   /* the program mapped it itself */
} Span;

typedef struct
{
  MemscopeSession *session;
  GArray          *spans;       /* ascending, apart */
  GHashTable      *modules;     /* path ids of mapped files with code */
} Explainer;

static int
compare_spans (gconstpointer a,
               gconstpointer b)
{
  const Span *left = a, *right = b;

  return left->mapping.start < right->mapping.start ? -1 : left->mapping.start > right->mapping.start;
}

static gboolean
has_amounts (const MemscopeMappingSnapshot *snapshot)
{
  for (guint i = 0; i < snapshot->n_mappings; i++)
    if (snapshot->mappings[i].rss != MEMSCOPE_NOT_RECORDED)
      return TRUE;

  return FALSE;
}

static const MemscopeMappingSnapshot *
find_snapshot (MemscopeSession *session,
               guint64          instant)
{
  guint n;
  const MemscopeMappingSnapshot *snapshots = memscope_session_get_mappings (session, &n);
  const MemscopeMappingSnapshot *found = NULL;

  for (guint i = 0; i < n; i++)
    {
      if (!has_amounts (&snapshots[i]) || (found != NULL && snapshots[i].time > instant))
        continue;
      found = &snapshots[i];
    }

  return found;
}

/* Mappings of a damaged file may come in any order and on top of one another. */
static void
read_spans (Explainer                     *self,
            const MemscopeMappingSnapshot *snapshot)
{
  guint kept = 0;

  for (guint i = 0; i < snapshot->n_mappings; i++)
    {
      const Span span = { .mapping = snapshot->mappings[i] };

      if (span.mapping.end > span.mapping.start)
        g_array_append_val (self->spans, span);
      if (span.mapping.path != 0 && span.mapping.permissions & EXECUTABLE)
        g_hash_table_add (self->modules, GUINT_TO_POINTER (span.mapping.path));
    }

  g_array_sort (self->spans, compare_spans);
  for (guint i = 0; i < self->spans->len; i++)
    {
      const Span *span = &g_array_index (self->spans, Span, i);

      if (kept > 0 && span->mapping.start < g_array_index (self->spans, Span, kept - 1).mapping.end)
        continue;
      g_array_index (self->spans, Span, kept++) = *span;
    }
  g_array_set_size (self->spans, kept);
}

static Span *
find_span (Explainer *self,
           guint64    address)
{
  guint low = 0, high = self->spans->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->spans, Span, middle).mapping.end <= address)
        low = middle + 1;
      else
        high = middle;
    }

  if (low == self->spans->len || g_array_index (self->spans, Span, low).mapping.start > address)
    return NULL;

  return &g_array_index (self->spans, Span, low);
}

/* Blocks inherited at a fork are in no total, but they are in memory. */
static gboolean
place_blocks (Explainer            *self,
              const MemscopeFilter *filter,
              guint64               time,
              GCancellable         *cancellable,
              GError              **error)
{
  for (guint b = 0; b < filter->n_batches; b++)
    {
      MemscopeBatch batch;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      memscope_filter_get_batch (filter, b, &batch);
      for (guint i = 0; i < batch.n_rows; i++)
        {
          MemscopeOrigin origin = memscope_batch_origin (&batch, i);
          guint64 weight, bytes, rounding;
          Span *span;

          if ((origin != MEMSCOPE_ORIGIN_HEAP && origin != MEMSCOPE_ORIGIN_REGION) ||
              !memscope_batch_is_alive_at (&batch, i, time))
            continue;
          span = find_span (self, batch.address[i]);
          if (span == NULL)
            continue;
          if (origin == MEMSCOPE_ORIGIN_REGION)
            {
              span->has_region = TRUE;
              continue;
            }

          memscope_filter_weigh (filter, &batch, i, &weight, &bytes);
          rounding = batch.rounding[i] != G_MAXUINT32 ? batch.rounding[i] : 0;
          /* A sample stands for others of its size, with their rounding. */
          if (filter->interval != 0 && batch.size[i] > 0)
            rounding = (guint64)((double)rounding * bytes / batch.size[i]);
          span->requested = memscope_saturating_add (span->requested, bytes);
          span->usable = memscope_saturating_add (span->usable, memscope_saturating_add (bytes, rounding));
        }
    }

  return TRUE;
}

static gboolean
path_is (Explainer             *self,
         const MemscopeMapping *mapping,
         const char            *part)
{
  gsize length;
  const char *path = mapping->path != 0 ? memscope_session_get_string (self->session, mapping->path, &length) : NULL;

  return path != NULL && g_strstr_len (path, length, part) != NULL;
}

static gboolean
has_path (Explainer             *self,
          const MemscopeMapping *mapping)
{
  gsize length = 0;

  return mapping->path != 0 && memscope_session_get_string (self->session, mapping->path, &length) != NULL && length > 0;
}

static MemscopeRssKind
classify (Explainer *self,
          guint      index)
{
  const Span *span = &g_array_index (self->spans, Span, index);
  const MemscopeMapping *mapping = &span->mapping;
  const MemscopeMapping *before = index > 0 ? &g_array_index (self->spans, Span, index - 1).mapping : NULL;

  if (path_is (self, mapping, "memfd:memscope-") || path_is (self, mapping, "libmemscope-tracker"))
    return MEMSCOPE_RSS_RECORDER;
  if (path_is (self, mapping, "[stack"))
    return MEMSCOPE_RSS_STACKS;
  if (path_is (self, mapping, "[heap]"))
    return MEMSCOPE_RSS_FREE_IN_HEAP;
  if (path_is (self, mapping, "[v"))
    return MEMSCOPE_RSS_CODE;
  if (has_path (self, mapping) && !path_is (self, mapping, "[anon"))
    return g_hash_table_contains (self->modules, GUINT_TO_POINTER (mapping->path)) ? MEMSCOPE_RSS_CODE
                                                                                   : MEMSCOPE_RSS_FILES;
  if (mapping->permissions & SHARED)
    return MEMSCOPE_RSS_FILES;

  /* Anonymous from here on. */
  if (before == NULL || before->end != mapping->start)
    return mapping->start % ARENA_SIZE == 0 ? MEMSCOPE_RSS_FREE_IN_HEAP : MEMSCOPE_RSS_UNEXPLAINED;
  if (before->path != 0 && g_hash_table_contains (self->modules, GUINT_TO_POINTER (before->path)) &&
      mapping->permissions & WRITABLE)
    return path_is (self, before, "libmemscope-tracker") ? MEMSCOPE_RSS_RECORDER : MEMSCOPE_RSS_CODE;
  if (mapping->start % ARENA_SIZE == 0)
    return MEMSCOPE_RSS_FREE_IN_HEAP;
  if (!(before->permissions & ACCESSIBLE) && mapping->permissions & WRITABLE)
    return MEMSCOPE_RSS_STACKS;

  return MEMSCOPE_RSS_UNEXPLAINED;
}

/* Of a mapping with blocks: what is asked for, as far as it can be resident at all. */
static void
add_heap (MemscopeRssParts *parts,
          const Span       *span)
{
  guint64 rss = span->mapping.rss;
  guint64 requested = span->requested, usable = MAX (span->usable, span->requested);

  if (usable > rss)
    {
      parts->untouched += usable - rss;
      requested = (guint64)((double)rss * requested / usable);
      usable = rss;
    }
  parts->bytes[MEMSCOPE_RSS_REQUESTED] += requested;
  parts->bytes[MEMSCOPE_RSS_ROUNDING] += usable - requested;
  parts->bytes[MEMSCOPE_RSS_FREE_IN_HEAP] += rss - usable;
}

static void
add_up (Explainer        *self,
        MemscopeRssParts *parts)
{
  for (guint i = 0; i < self->spans->len; i++)
    {
      Span *span = &g_array_index (self->spans, Span, i);
      MemscopeRssKind part;

      if (span->mapping.rss == MEMSCOPE_NOT_RECORDED)
        span->mapping.rss = 0;
      /* No mapping has more resident than it is long. */
      span->mapping.rss = MIN (span->mapping.rss, span->mapping.end - span->mapping.start);
      parts->rss = memscope_saturating_add (parts->rss, span->mapping.rss);

      part = classify (self, i);
      if (part == MEMSCOPE_RSS_RECORDER)
        parts->bytes[part] += span->mapping.rss;
      else if (span->usable > 0)
        add_heap (parts, span);
      else if (span->has_region && (part == MEMSCOPE_RSS_UNEXPLAINED || part == MEMSCOPE_RSS_STACKS))
        parts->bytes[MEMSCOPE_RSS_REGIONS] += span->mapping.rss;
      else
        parts->bytes[part] += span->mapping.rss;
    }
}

MemscopeRssParts *
memscope_rss_parts_new (MemscopeSession  *session,
                        guint64           instant,
                        GCancellable     *cancellable,
                        GError          **error)
{
  const MemscopeMappingSnapshot *snapshot;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeFilter) filter = NULL;
  g_autoptr(MemscopeRssParts) parts = NULL;
  Explainer self = { .session = session };
  gboolean placed;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);

  snapshot = find_snapshot (session, instant);
  if (snapshot == NULL)
    return NULL;

  all = memscope_selection_new_all (session);
  filter = memscope_filter_new (session, all);
  parts = g_new0 (MemscopeRssParts, 1);
  parts->time = snapshot->time;
  self.spans = g_array_new (FALSE, TRUE, sizeof (Span));
  self.modules = g_hash_table_new (NULL, NULL);
  read_spans (&self, snapshot);
  placed = place_blocks (&self, filter, snapshot->time, cancellable, error);
  if (placed)
    add_up (&self, parts);

  g_hash_table_unref (self.modules);
  g_array_unref (self.spans);

  return placed ? g_steal_pointer (&parts) : NULL;
}

void
memscope_rss_parts_free (MemscopeRssParts *self)
{
  g_free (self);
}

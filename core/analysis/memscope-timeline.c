/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-timeline.h"

#include "memscope-axis.h"
#include "memscope-fold.h"
#include "memscope-samples.h"
#include "memscope-saturate.h"
#include "memscope-sweep.h"
#include "memscope-tape-stock.h"

typedef struct
{
  const MemscopeFilter *filter;
  MemscopeTimeline     *timeline;
  MemscopeAxis          axis;
  guint                 part;      /* the one the sweep is in */
  guint64               bytes;     /* live */
  guint64               weight;
  guint64               peak_bytes;
  guint64               peak_weight;
} Painter;

static MemscopeTimelineBucket *
current_bucket (Painter *self)
{
  return &self->timeline->buckets[self->part];
}

static void
begin_bucket (Painter *self)
{
  MemscopeTimelineBucket *bucket = current_bucket (self);

  bucket->min_bytes = self->bytes;
  bucket->max_bytes = self->bytes;
}

/* Births, deaths and blocks are weights until then. */
static void
end_bucket (Painter *self)
{
  MemscopeTimelineBucket *bucket = current_bucket (self);

  bucket->last_bytes = self->bytes;
  bucket->last_blocks = memscope_filter_count (self->filter, self->weight);
  bucket->births = memscope_filter_count (self->filter, bucket->births);
  bucket->deaths = memscope_filter_count (self->filter, bucket->deaths);
}

static void
paint_birth (Painter               *self,
             const MemscopeSweepOp *op)
{
  MemscopeTimelineBucket *bucket = current_bucket (self);

  self->bytes = memscope_saturating_add (self->bytes, op->bytes);
  self->weight += op->weight;
  bucket->max_bytes = MAX (bucket->max_bytes, self->bytes);
  if (self->bytes > self->peak_bytes)
    {
      self->peak_bytes = self->bytes;
      self->peak_weight = self->weight;
      self->timeline->peak_time = op->time;
      self->timeline->peak_instant = op->time + 1;
    }
  bucket->births += op->weight;
  bucket->born_bytes = memscope_saturating_add (bucket->born_bytes, op->bytes);
}

static void
paint_death (Painter               *self,
             const MemscopeSweepOp *op)
{
  MemscopeTimelineBucket *bucket = current_bucket (self);

  self->bytes = memscope_saturating_sub (self->bytes, op->bytes);
  self->weight = memscope_saturating_sub (self->weight, op->weight);
  bucket->min_bytes = MIN (bucket->min_bytes, self->bytes);
  bucket->deaths += op->weight;
}

static void
paint_ops (const MemscopeSweepOp *ops,
           gsize                  n_ops,
           gpointer               user_data)
{
  Painter *self = user_data;

  for (gsize i = 0; i < n_ops; i++)
    {
      const MemscopeSweepOp *op = &ops[i];

      if (op->kind == MEMSCOPE_SWEEP_BEFORE)
        {
          self->bytes = memscope_saturating_add (self->bytes, op->bytes);
          self->weight += op->weight;
          self->peak_bytes = self->bytes;
          self->peak_weight = self->weight;
          begin_bucket (self);
          continue;
        }

      while (self->part + 1 < self->axis.n && op->time >= self->axis.edges[self->part + 1])
        {
          end_bucket (self);
          self->part++;
          begin_bucket (self);
        }

      if (op->kind == MEMSCOPE_SWEEP_BIRTH)
        paint_birth (self, op);
      else
        paint_death (self, op);
    }
}

static void
paint_rest (Painter *self)
{
  for (;;)
    {
      end_bucket (self);
      if (self->part + 1 == self->axis.n)
        return;

      self->part++;
      begin_bucket (self);
    }
}

static void
paint_samples (Painter *self)
{
  guint n;
  const MemscopeSample *samples = memscope_session_get_samples (self->filter->session, &n);
  MemscopeTimeline *timeline = self->timeline;

  for (guint i = 0; i < n; i++)
    {
      guint64 time = memscope_sample_get_time (&samples[i]);
      guint64 rss = memscope_sample_get_rss (&samples[i]);

      if (rss == MEMSCOPE_UNKNOWN || time < timeline->begin || time >= timeline->end)
        continue;

      timeline->buckets[memscope_axis_find (&self->axis, time)].rss = rss;
      if (timeline->max_rss == MEMSCOPE_UNKNOWN || rss > timeline->max_rss)
        timeline->max_rss = rss;
    }
}

static void
find_maxima (MemscopeTimeline *timeline)
{
  for (guint k = 0; k < timeline->n_buckets; k++)
    {
      timeline->max_bytes = MAX (timeline->max_bytes, timeline->buckets[k].max_bytes);
      timeline->max_births = MAX (timeline->max_births, timeline->buckets[k].births);
    }
}

static MemscopeTimeline *
timeline_alloc (guint64 begin,
                guint64 end,
                guint   n_buckets)
{
  MemscopeTimeline *self = g_new0 (MemscopeTimeline, 1);

  self->begin = begin;
  self->end = end;
  self->max_rss = MEMSCOPE_UNKNOWN;
  self->peak_time = begin;
  self->peak_instant = begin;
  self->n_buckets = n_buckets;
  self->buckets = g_new0 (MemscopeTimelineBucket, n_buckets);

  for (guint k = 0; k < n_buckets; k++)
    self->buckets[k].rss = MEMSCOPE_UNKNOWN;

  return self;
}

static gboolean
timeline_sweep (MemscopeTimeline      *self,
                Painter               *painter,
                GCancellable          *cancellable,
                GError               **error)
{
  if (!memscope_sweep_run (painter->filter, self->begin, self->end, NULL, paint_ops, painter, cancellable, error))
    return FALSE;

  paint_rest (painter);
  self->peak_blocks = memscope_filter_count (painter->filter, painter->peak_weight);

  return TRUE;
}

static gboolean
timeline_walk_tape (MemscopeTimeline      *self,
                    const MemscopeFilter  *filter,
                    GCancellable          *cancellable,
                    GError               **error)
{
  MemscopeTapeStock stock;

  memscope_tape_stock_init (&stock, filter, cancellable);
  memscope_tape_stock_draw (&stock, self);
  memscope_tape_stock_clear (&stock);

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
timeline_fill (MemscopeTimeline      *self,
               const MemscopeFilter  *filter,
               GCancellable          *cancellable,
               GError               **error)
{
  Painter painter = { .filter = filter, .timeline = self };
  gboolean done;

  memscope_axis_init (&painter.axis, self->begin, self->end, self->n_buckets);
  done = filter->tape != NULL ? timeline_walk_tape (self, filter, cancellable, error)
                              : timeline_sweep (self, &painter, cancellable, error);
  if (done)
    {
      paint_samples (&painter);
      find_maxima (self);
    }
  memscope_axis_clear (&painter.axis);

  return done;
}

MemscopeTimeline *
memscope_timeline_new (MemscopeSession    *session,
                       MemscopeSelection  *selection,
                       guint64             begin,
                       guint64             end,
                       guint               n_buckets,
                       GCancellable       *cancellable,
                       GError            **error)
{
  g_autoptr(MemscopeFilter) filter = NULL;
  g_autoptr(MemscopeTimeline) self = NULL;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);
  g_return_val_if_fail (begin <= end, NULL);
  g_return_val_if_fail (n_buckets > 0, NULL);

  filter = memscope_filter_new (session, selection);
  self = timeline_alloc (begin, end, n_buckets);

  return timeline_fill (self, filter, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

void
memscope_timeline_free (MemscopeTimeline *self)
{
  g_free (self->buckets);
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-tape-stock.h"

#include "memscope-axis.h"
#include "memscope-saturate.h"
#include "memscope-tape-sweep.h"

#define NO_EVENT G_MAXUINT64

/* Sizes may be absurd: this has room for all of them. */
typedef unsigned __int128 Wide;

static guint32
no_key (const MemscopeBatch *batch,
        guint                i,
        gpointer             user_data)
{
  return 0;
}

void
memscope_tape_stock_init (MemscopeTapeStock    *self,
                          const MemscopeFilter *filter,
                          GCancellable         *cancellable)
{
  g_autofree guint32 *keys = memscope_tape_get_keys (filter, no_key, NULL, &self->n_sites);

  self->filter = filter;
  self->cancellable = cancellable;
  self->sites = g_new (guint8, self->n_sites);
  for (guint id = 0; id < self->n_sites; id++)
    self->sites[id] = keys[id] == 0;
}

void
memscope_tape_stock_clear (MemscopeTapeStock *self)
{
  g_clear_pointer (&self->sites, g_free);
}

/* Whether the event's block passes; @size: its bytes. */
static inline gboolean
passes (const MemscopeTapeStock *self,
        const MemscopeTapeRun   *run,
        guint                    i,
        guint64                 *size)
{
  guint32 site = run->site[i] & ~MEMSCOPE_TAPE_DEATH;

  if (site >= self->n_sites || !self->sites[site])
    return FALSE;

  *size = G_LIKELY (run->size[i] != G_MAXUINT32) ? run->size[i]
                                                 : memscope_tape_get_size (self->filter->tape, run->first_event + i);

  return *size >= self->filter->min_size && *size <= self->filter->max_size;
}

static guint64
clip (Wide bytes)
{
  return bytes > G_MAXUINT64 ? G_MAXUINT64 : (guint64)bytes;
}

static guint64
first_event_at (const MemscopeTapeStock *self,
                guint64                  time)
{
  return memscope_tape_find (self->filter->tape, self->filter->n_tape, time);
}

/* The stock after the first @n_events. */
static void
take_stock (const MemscopeTapeStock *self,
            guint64                  n_events,
            guint64                 *bytes,
            guint64                 *blocks)
{
  Wide sum = 0;
  MemscopeTapeRun run;

  *blocks = 0;
  for (guint64 event = 0; event < n_events && !g_cancellable_is_cancelled (self->cancellable); event += run.n)
    {
      memscope_tape_get_run (self->filter->tape, event, n_events, &run);
      for (guint i = 0; i < run.n; i++)
        {
          guint64 size;

          if (!passes (self, &run, i, &size))
            continue;

          if (run.site[i] & MEMSCOPE_TAPE_DEATH)
            {
              sum -= size;
              (*blocks)--;
            }
          else
            {
              sum += size;
              (*blocks)++;
            }
        }
    }

  *bytes = clip (sum);
}

void
memscope_tape_stock_find_peak (const MemscopeTapeStock *self,
                               guint64                  begin,
                               guint64                  end,
                               MemscopeTapePeak        *peak)
{
  guint64 last = first_event_at (self, end);
  guint64 first = MIN (first_event_at (self, begin), last);
  guint64 bytes, blocks;
  MemscopeTapeRun run;

  take_stock (self, first, &bytes, &blocks);
  *peak = (MemscopeTapePeak) { bytes, blocks, NO_EVENT };

  for (guint64 event = first; event < last && !g_cancellable_is_cancelled (self->cancellable); event += run.n)
    {
      memscope_tape_get_run (self->filter->tape, event, last, &run);
      for (guint i = 0; i < run.n; i++)
        {
          guint64 size;

          if (!passes (self, &run, i, &size))
            continue;

          if (run.site[i] & MEMSCOPE_TAPE_DEATH)
            {
              bytes = memscope_saturating_sub (bytes, size);
              blocks = memscope_saturating_sub (blocks, 1);
              continue;
            }

          bytes = memscope_saturating_add (bytes, size);
          blocks++;
          if (bytes > peak->bytes)
            *peak = (MemscopeTapePeak) { bytes, blocks, event + i };
        }
    }
}

MemscopeTapeSum *
memscope_tape_stock_sum_sites (const MemscopeTapeStock *self,
                               guint64                  n_events)
{
  g_autofree Wide *bytes = g_new0 (Wide, MAX (self->n_sites, 1));
  MemscopeTapeSum *sums = g_new0 (MemscopeTapeSum, MAX (self->n_sites, 1));
  MemscopeTapeRun run;

  for (guint64 event = 0; event < n_events && !g_cancellable_is_cancelled (self->cancellable); event += run.n)
    {
      memscope_tape_get_run (self->filter->tape, event, n_events, &run);
      for (guint i = 0; i < run.n; i++)
        {
          guint32 site = run.site[i] & ~MEMSCOPE_TAPE_DEATH;
          guint64 size;

          if (!passes (self, &run, i, &size))
            continue;

          if (run.site[i] & MEMSCOPE_TAPE_DEATH)
            {
              bytes[site] -= size;
              sums[site].blocks--;
            }
          else
            {
              bytes[site] += size;
              sums[site].blocks++;
            }
        }
    }

  for (guint id = 0; id < self->n_sites; id++)
    sums[id].bytes = clip (bytes[id]);

  return sums;
}

/* ---- time lines ------------------------------------------------------------------------ */

static void
draw_part (const MemscopeTapeStock *self,
           guint64                  begin,
           guint64                  end,
           MemscopeTimelineBucket  *bucket,
           MemscopeTapePeak        *now,
           MemscopeTapePeak        *peak)
{
  MemscopeTapeRun run;

  bucket->min_bytes = bucket->max_bytes = now->bytes;

  for (guint64 event = begin; event < end && !g_cancellable_is_cancelled (self->cancellable); event += run.n)
    {
      memscope_tape_get_run (self->filter->tape, event, end, &run);
      for (guint i = 0; i < run.n; i++)
        {
          guint64 size;

          if (!passes (self, &run, i, &size))
            continue;

          if (run.site[i] & MEMSCOPE_TAPE_DEATH)
            {
              now->bytes = memscope_saturating_sub (now->bytes, size);
              now->blocks = memscope_saturating_sub (now->blocks, 1);
              bucket->min_bytes = MIN (bucket->min_bytes, now->bytes);
              bucket->deaths++;
              continue;
            }

          now->bytes = memscope_saturating_add (now->bytes, size);
          now->blocks++;
          bucket->max_bytes = MAX (bucket->max_bytes, now->bytes);
          bucket->births++;
          bucket->born_bytes = memscope_saturating_add (bucket->born_bytes, size);
          if (now->bytes > peak->bytes)
            *peak = (MemscopeTapePeak) { now->bytes, now->blocks, event + i };
        }
    }

  bucket->last_bytes = now->bytes;
  bucket->last_blocks = now->blocks;
}

void
memscope_tape_stock_draw (const MemscopeTapeStock *self,
                          MemscopeTimeline        *timeline)
{
  guint64 last = first_event_at (self, timeline->end);
  guint64 begin = MIN (first_event_at (self, timeline->begin), last);
  MemscopeTapePeak now, peak;
  MemscopeAxis axis;

  take_stock (self, begin, &now.bytes, &now.blocks);
  peak = (MemscopeTapePeak) { now.bytes, now.blocks, NO_EVENT };

  memscope_axis_init (&axis, timeline->begin, timeline->end, timeline->n_buckets);
  for (guint k = 0; k < axis.n; k++)
    {
      guint64 end = k + 1 < axis.n ? CLAMP (first_event_at (self, axis.edges[k + 1]), begin, last) : last;

      draw_part (self, begin, end, &timeline->buckets[k], &now, &peak);
      begin = end;
    }
  memscope_axis_clear (&axis);

  timeline->peak_blocks = peak.blocks;
  if (peak.event != NO_EVENT)
    {
      timeline->peak_time = memscope_tape_get_time (self->filter->tape, peak.event);
      timeline->peak_instant = timeline->peak_time + 1;
    }
}

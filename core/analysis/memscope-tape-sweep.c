/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-tape-sweep.h"

#define CHUNK 4096u
#define AHEAD 16u      /* events whose sites are fetched ahead */

/* A site as a batch of one row, for what is asked of rows. */
typedef struct
{
  MemscopeBatch batch;
  guint64       size;
  guint32       thread;
  guint32       stack;
  guint32       variable;
  guint8        kind;
  guint8        flags;
} SiteRow;

static void
site_row_init (SiteRow              *self,
               const MemscopeFilter *filter,
               guint32               id)
{
  MemscopeTapeSite site;

  memscope_tape_get_site (filter->tape, id, &site);
  *self = (SiteRow) {
    .size = filter->min_size,
    .thread = site.thread,
    .stack = site.stack,
    .kind = site.origin,
    .flags = site.flags,
  };
  self->batch = (MemscopeBatch) {
    .n_rows = 1,
    .size = &self->size,
    .thread = &self->thread,
    .stack = &self->stack,
    .variable = &self->variable,
    .kind = &self->kind,
    .flags = &self->flags,
  };
}

guint32 *
memscope_tape_get_keys (const MemscopeFilter *filter,
                        MemscopeSweepKeyFunc  key,
                        gpointer              user_data,
                        guint                *n_sites)
{
  guint32 *keys;

  *n_sites = memscope_tape_get_n_sites (filter->tape);
  keys = g_new (guint32, *n_sites);
  keys[0] = G_MAXUINT32;

  for (guint32 id = 1; id < *n_sites; id++)
    {
      SiteRow row;

      site_row_init (&row, filter, id);
      keys[id] = memscope_filter_passes (filter, &row.batch, 0) ? key (&row.batch, 0, user_data) : G_MAXUINT32;
    }

  return keys;
}

/* What is known of a site, found when its first event comes. */
typedef struct
{
  guint32 key;
  guint8  state;      /* SITE_* */
} Site;

enum
{
  SITE_NEW,
  SITE_OUT,
  SITE_IN,
};

/* Of the blocks of one site that are alive when the range begins. Sizes may be absurd: the sum has room for all. */
typedef struct
{
  unsigned __int128 bytes;
  guint64           blocks;
} Stock;

typedef struct
{
  const MemscopeFilter *filter;
  MemscopeTape         *tape;
  MemscopeSweepKeyFunc  key;
  MemscopeSweepFunc     func;
  gpointer              user_data;
  GCancellable         *cancellable;
  gboolean              any_size;
  guint                 n_sites;
  Site                 *sites;
  guint64               times[CHUNK];
  MemscopeSweepOp       ops[CHUNK];
} Sweep;

static gboolean
judge_site (Sweep   *self,
            guint32  id)
{
  Site *site = &self->sites[id];
  SiteRow row;

  site_row_init (&row, self->filter, id);
  site->state = memscope_filter_passes (self->filter, &row.batch, 0) ? SITE_IN : SITE_OUT;
  if (site->state == SITE_IN && self->key != NULL)
    site->key = self->key (&row.batch, 0, self->user_data);

  return site->state == SITE_IN;
}

static inline gboolean
is_in (Sweep   *self,
       guint32  id)
{
  guint8 state = self->sites[id].state;

  return state == SITE_IN || (G_UNLIKELY (state == SITE_NEW) && id != 0 && judge_site (self, id));
}

static inline guint64
size_at (Sweep                 *self,
         const MemscopeTapeRun *run,
         guint                  i)
{
  return G_LIKELY (run->size[i] != G_MAXUINT32) ? run->size[i] : memscope_tape_get_size (self->tape, run->first_event + i);
}

static inline gboolean
has_size (const Sweep *self,
          guint64      size)
{
  return self->any_size || (size >= self->filter->min_size && size <= self->filter->max_size);
}

static inline guint32
site_at (const Sweep           *self,
         const MemscopeTapeRun *run,
         guint                  i)
{
  guint32 site = run->site[i] & ~MEMSCOPE_TAPE_DEATH;

  return site < self->n_sites ? site : 0;
}

/* ---- what is alive when the range begins -------------------------------------------------- */

static void
take_stock (Sweep   *self,
            Stock   *stocks,
            guint64  end)
{
  MemscopeTapeRun run;

  for (guint64 event = 0; event < end && !g_cancellable_is_cancelled (self->cancellable); event += run.n)
    {
      memscope_tape_get_run (self->tape, event, end, &run);
      for (guint i = 0; i < run.n; i++)
        {
          guint32 site = site_at (self, &run, i);
          guint64 size = size_at (self, &run, i);

          if (!has_size (self, size))
            continue;

          if (run.site[i] & MEMSCOPE_TAPE_DEATH)
            {
              stocks[site].bytes -= size;
              stocks[site].blocks--;
            }
          else
            {
              stocks[site].bytes += size;
              stocks[site].blocks++;
            }
        }
    }
}

static void
deliver_stock (Sweep       *self,
               const Stock *stocks)
{
  const guint64 max_weight = (1u << 30) - 1;
  gsize n = 0;

  for (guint32 id = 1; id < self->n_sites; id++)
    {
      guint64 blocks = stocks[id].blocks;
      guint64 bytes = stocks[id].bytes > G_MAXUINT64 ? G_MAXUINT64 : (guint64)stocks[id].bytes;

      while (blocks > 0 && is_in (self, id))
        {
          guint64 weight = MIN (blocks, max_weight);

          self->ops[n++] = (MemscopeSweepOp) {
            .bytes = bytes, .key = self->sites[id].key, .weight = (guint32)weight, .kind = MEMSCOPE_SWEEP_BEFORE };
          blocks -= weight;
          bytes = 0;
          if (n == CHUNK)
            {
              self->func (self->ops, n, self->user_data);
              n = 0;
            }
        }
    }

  if (n > 0)
    self->func (self->ops, n, self->user_data);
}

static void
sweep_before (Sweep   *self,
              guint64  end)
{
  g_autofree Stock *stocks = NULL;

  if (end == 0)
    return;

  stocks = g_new0 (Stock, self->n_sites);
  take_stock (self, stocks, end);
  if (!g_cancellable_is_cancelled (self->cancellable))
    deliver_stock (self, stocks);
}

/* ---- the range -------------------------------------------------------------------------------- */

static void
sweep_run (Sweep                 *self,
           const MemscopeTapeRun *run)
{
  gsize n = 0;

  memscope_tape_get_times (self->tape, run->first_event, run->n, self->times);

  for (guint i = 0; i < run->n; i++)
    {
      guint32 site = site_at (self, run, i);
      guint64 size;

      if (i + AHEAD < run->n)
        __builtin_prefetch (&self->sites[site_at (self, run, i + AHEAD)]);
      if (!is_in (self, site))
        continue;

      size = size_at (self, run, i);
      if (!has_size (self, size))
        continue;

      self->ops[n++] = (MemscopeSweepOp) {
        .time = self->times[i],
        .bytes = size,
        .key = self->sites[site].key,
        .weight = 1,
        .kind = run->site[i] & MEMSCOPE_TAPE_DEATH ? MEMSCOPE_SWEEP_DEATH : MEMSCOPE_SWEEP_BIRTH,
      };
    }

  if (n > 0)
    self->func (self->ops, n, self->user_data);
}

gboolean
memscope_tape_sweep_run (const MemscopeFilter  *filter,
                         guint64                begin,
                         guint64                end,
                         MemscopeSweepKeyFunc   key,
                         MemscopeSweepFunc      func,
                         gpointer               user_data,
                         GCancellable          *cancellable,
                         GError               **error)
{
  g_autofree Sweep *self = g_new (Sweep, 1);
  guint64 last = memscope_tape_find (filter->tape, filter->n_tape, end);
  guint64 event = MIN (memscope_tape_find (filter->tape, filter->n_tape, begin), last);
  MemscopeTapeRun run;

  self->filter = filter;
  self->tape = filter->tape;
  self->key = key;
  self->func = func;
  self->user_data = user_data;
  self->cancellable = cancellable;
  self->any_size = filter->min_size == 0 && filter->max_size == G_MAXUINT64;
  self->n_sites = memscope_tape_get_n_sites (filter->tape);
  self->sites = g_new0 (Site, self->n_sites);

  sweep_before (self, event);
  for (; event < last && !g_cancellable_is_cancelled (cancellable); event += run.n)
    {
      memscope_tape_get_run (self->tape, event, MIN (last, event + CHUNK), &run);
      sweep_run (self, &run);
    }

  g_free (self->sites);

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

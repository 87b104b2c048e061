/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-stack-sums.h"

#include <string.h>

#include "memscope-fold.h"
#include "memscope-saturate.h"
#include "memscope-sweep.h"
#include "memscope-tape-stock.h"

#define FIRST_CAPACITY 64u
#define AHEAD          12u   /* rows and events whose sums are fetched ahead */

static gpointer
sums_init (const MemscopeFilter *filter,
           gpointer              user_data)
{
  MemscopeStackSums *self = g_new0 (MemscopeStackSums, 1);

  self->by_thread = GPOINTER_TO_INT (user_data);
  if (self->by_thread)
    {
      memscope_pair_table_init (&self->pairs);
      return self;
    }

  self->n_stacks = memscope_session_get_n_stacks (filter->session) + 1;
  self->sums = g_malloc0_n (self->n_stacks, sizeof *self->sums);

  return self;
}

void
memscope_stack_sums_free (MemscopeStackSums *self)
{
  if (self->by_thread)
    memscope_pair_table_clear (&self->pairs);
  g_free (self->sums);
  g_free (self);
}

static void
sums_free (gpointer state)
{
  memscope_stack_sums_free (state);
}

static guint
row_of_pair (MemscopeStackSums *self,
             guint32            thread,
             guint32            stack)
{
  guint row = memscope_pair_table_intern (&self->pairs, thread, stack) - 1;

  if (row >= self->capacity)
    {
      guint capacity = MAX (self->capacity * 2, FIRST_CAPACITY);

      self->sums = g_realloc_n (self->sums, capacity, sizeof *self->sums);
      memset (self->sums + self->capacity, 0, (gsize)(capacity - self->capacity) * sizeof *self->sums);
      self->capacity = capacity;
    }
  self->n_stacks = MAX (self->n_stacks, row + 1);

  return row;
}

static guint
row_of (MemscopeStackSums *self,
        guint32            thread,
        guint32            stack)
{
  if (self->by_thread)
    return row_of_pair (self, thread, stack);

  return stack < self->n_stacks ? stack : 0;
}

/* Stays where it is only until the next row is asked for. */
static guint64 *
sums_of (MemscopeStackSums *self,
         guint32            thread,
         guint32            stack)
{
  guint row = row_of (self, thread, stack);

  return self->sums[row];
}

static void
sums_add (gpointer                 state,
          const MemscopeFoldBatch *batch)
{
  MemscopeStackSums *self = state;
  const MemscopeBatch *columns = &batch->columns;
  const MemscopeFilter *filter = batch->filter;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      guint64 weight = memscope_fold_weight (batch, j);
      guint64 bytes = memscope_fold_bytes (batch, j, i);
      guint64 *sums;

      if (!self->by_thread && j + AHEAD < batch->n)
        __builtin_prefetch (self->sums[row_of (self, 0, columns->stack[batch->rows[j + AHEAD]])], 1);
      sums = sums_of (self, columns->thread[i], columns->stack[i]);

      if (columns->birth_time[i] >= filter->begin)
        {
          sums[MEMSCOPE_MEASURE_BIRTHS] += weight;
          sums[MEMSCOPE_MEASURE_BORN_BYTES] = memscope_saturating_add (sums[MEMSCOPE_MEASURE_BORN_BYTES], bytes);
        }
      if (batch->temporary[j] && memscope_filter_in_range (filter, memscope_batch_end_time (columns, i)))
        {
          sums[MEMSCOPE_MEASURE_TEMPORARY] += weight;
          sums[MEMSCOPE_MEASURE_TEMPORARY_BYTES] = memscope_saturating_add (sums[MEMSCOPE_MEASURE_TEMPORARY_BYTES], bytes);
        }
      if (memscope_batch_is_alive_at (columns, i, filter->instant))
        {
          sums[MEMSCOPE_MEASURE_LIVE_BLOCKS] += weight;
          sums[MEMSCOPE_MEASURE_LIVE_BYTES] = memscope_saturating_add (sums[MEMSCOPE_MEASURE_LIVE_BYTES], bytes);
        }
    }
}

static void
sums_merge (gpointer state,
            gpointer other_state)
{
  MemscopeStackSums *self = state;
  g_autoptr(MemscopeStackSums) other = other_state;

  for (guint id = 0; id < other->n_stacks; id++)
    {
      MemscopeThreadId thread;
      MemscopeStackId stack;
      guint64 *sums;

      memscope_stack_sums_get_key (other, id, &thread, &stack);
      sums = sums_of (self, thread, stack);
      for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
        sums[m] = memscope_saturating_add (sums[m], other->sums[id][m]);
    }
}

/* ---- what was alive at the peak: find it, then go there again ------------------------------ */

typedef struct
{
  MemscopeStackSums *sums;
  guint64            n_ops;
  guint64            bytes;
  guint64            peak_bytes;
  guint64            peak_ops;     /* the peak is behind so many ops */
} Climb;

static guint32
key_of_row (const MemscopeBatch *batch,
            guint                i,
            gpointer             user_data)
{
  const Climb *self = user_data;

  return row_of (self->sums, batch->thread[i], batch->stack[i]);
}

static void
find_peak (const MemscopeSweepOp *ops,
           gsize                  n_ops,
           gpointer               user_data)
{
  Climb *self = user_data;

  for (gsize k = 0; k < n_ops; k++)
    {
      self->n_ops++;
      if (ops[k].kind == MEMSCOPE_SWEEP_DEATH)
        {
          self->bytes = memscope_saturating_sub (self->bytes, ops[k].bytes);
          continue;
        }

      self->bytes = memscope_saturating_add (self->bytes, ops[k].bytes);
      if (self->bytes > self->peak_bytes || ops[k].kind == MEMSCOPE_SWEEP_BEFORE)
        {
          self->peak_bytes = self->bytes;
          self->peak_ops = self->n_ops;
        }
    }
}

static void
climb_to_peak (const MemscopeSweepOp *ops,
               gsize                  n_ops,
               gpointer               user_data)
{
  Climb *self = user_data;

  for (gsize k = 0; k < n_ops && self->n_ops < self->peak_ops; k++, self->n_ops++)
    {
      guint64 *sums = self->sums->sums[ops[k].key];
      guint64 *bytes = &sums[MEMSCOPE_MEASURE_PEAK_BYTES];
      guint64 *blocks = &sums[MEMSCOPE_MEASURE_PEAK_BLOCKS];
      gboolean died = ops[k].kind == MEMSCOPE_SWEEP_DEATH;

      if (k + AHEAD < n_ops)
        __builtin_prefetch (&self->sums->sums[ops[k + AHEAD].key][MEMSCOPE_MEASURE_PEAK_BYTES], 1);

      *bytes = died ? memscope_saturating_sub (*bytes, ops[k].bytes) : memscope_saturating_add (*bytes, ops[k].bytes);
      *blocks = died ? memscope_saturating_sub (*blocks, ops[k].weight) : memscope_saturating_add (*blocks, ops[k].weight);
    }
}

static void
add_peak_from_tape (MemscopeStackSums     *self,
                    const MemscopeFilter  *filter,
                    GCancellable          *cancellable)
{
  g_autofree MemscopeTapeSum *of_sites = NULL;
  MemscopeTapeStock stock;
  MemscopeTapePeak peak;

  memscope_tape_stock_init (&stock, filter, cancellable);
  memscope_tape_stock_find_peak (&stock, filter->begin, filter->end, &peak);
  of_sites = memscope_tape_stock_sum_sites (&stock, peak.event != G_MAXUINT64 ? peak.event + 1
                                            : memscope_tape_find (filter->tape, filter->n_tape, filter->begin));

  for (guint id = 1; id < stock.n_sites; id++)
    {
      MemscopeTapeSite site;
      guint64 *sums;

      if (of_sites[id].blocks == 0)
        continue;

      memscope_tape_get_site (filter->tape, id, &site);
      sums = sums_of (self, site.thread, site.stack);
      sums[MEMSCOPE_MEASURE_PEAK_BYTES] = memscope_saturating_add (sums[MEMSCOPE_MEASURE_PEAK_BYTES], of_sites[id].bytes);
      sums[MEMSCOPE_MEASURE_PEAK_BLOCKS] += of_sites[id].blocks;
    }

  memscope_tape_stock_clear (&stock);
}

static gboolean
add_peak (MemscopeStackSums     *self,
          const MemscopeFilter  *filter,
          GCancellable          *cancellable,
          GError               **error)
{
  Climb climb = { .sums = self };

  if (filter->tape != NULL)
    {
      add_peak_from_tape (self, filter, cancellable);
      return !g_cancellable_set_error_if_cancelled (cancellable, error);
    }

  if (!memscope_sweep_run (filter, filter->begin, filter->end, NULL, find_peak, &climb, cancellable, error))
    return FALSE;

  climb.n_ops = 0;

  return memscope_sweep_run (filter, filter->begin, filter->end, key_of_row, climb_to_peak, &climb, cancellable, error);
}

MemscopeStackSums *
memscope_stack_sums_new (const MemscopeFilter  *filter,
                         gboolean               by_thread,
                         GCancellable          *cancellable,
                         GError               **error)
{
  static const MemscopeFold fold = {
    .temporary = TRUE, .init = sums_init, .add = sums_add, .merge = sums_merge, .free = sums_free,
  };
  static const MemscopeMeasure counts[] = {
    MEMSCOPE_MEASURE_LIVE_BLOCKS, MEMSCOPE_MEASURE_BIRTHS, MEMSCOPE_MEASURE_TEMPORARY, MEMSCOPE_MEASURE_PEAK_BLOCKS,
  };
  g_autoptr(MemscopeStackSums) self = memscope_fold_run (&fold, filter, GINT_TO_POINTER (by_thread), cancellable, error);

  if (self == NULL || !add_peak (self, filter, cancellable, error))
    return NULL;

  for (guint id = 0; id < self->n_stacks; id++)
    {
      for (guint k = 0; k < G_N_ELEMENTS (counts); k++)
        self->sums[id][counts[k]] = memscope_filter_count (filter, self->sums[id][counts[k]]);
    }

  return g_steal_pointer (&self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-stack-sums.h"

#include "memscope-fold.h"
#include "memscope-saturate.h"
#include "memscope-sweep.h"

static gpointer
sums_init (const MemscopeFilter *filter,
           gpointer              user_data)
{
  MemscopeStackSums *self = g_new0 (MemscopeStackSums, 1);

  self->n_stacks = memscope_session_get_n_stacks (filter->session) + 1;
  self->sums = g_malloc0_n (self->n_stacks, sizeof *self->sums);

  return self;
}

void
memscope_stack_sums_free (MemscopeStackSums *self)
{
  g_free (self->sums);
  g_free (self);
}

static void
sums_free (gpointer state)
{
  memscope_stack_sums_free (state);
}

static guint64 *
sums_of (MemscopeStackSums *self,
         guint32            stack)
{
  return self->sums[stack < self->n_stacks ? stack : 0];
}

static void
sums_add (gpointer                 state,
          const MemscopeFoldBatch *batch)
{
  const MemscopeBatch *columns = &batch->columns;
  const MemscopeFilter *filter = batch->filter;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      guint64 *sums = sums_of (state, columns->stack[i]);
      guint64 weight = memscope_fold_weight (batch, j);
      guint64 bytes = memscope_fold_bytes (batch, j, i);

      if (columns->birth_time[i] >= filter->begin)
        {
          sums[MEMSCOPE_MEASURE_BIRTHS] += weight;
          sums[MEMSCOPE_MEASURE_BORN_BYTES] = memscope_saturating_add (sums[MEMSCOPE_MEASURE_BORN_BYTES], bytes);
        }
      if (batch->temporary[j] && memscope_filter_in_range (filter, memscope_batch_end_time (columns, i)))
        sums[MEMSCOPE_MEASURE_TEMPORARY] += weight;
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

  for (guint id = 0; id < MIN (self->n_stacks, other->n_stacks); id++)
    {
      for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
        self->sums[id][m] = memscope_saturating_add (self->sums[id][m], other->sums[id][m]);
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
stack_of_row (const MemscopeBatch *batch,
              guint                i,
              gpointer             user_data)
{
  return batch->stack[i];
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
      guint64 *sum = &sums_of (self->sums, ops[k].key)[MEMSCOPE_MEASURE_PEAK_BYTES];

      *sum = ops[k].kind == MEMSCOPE_SWEEP_DEATH ? memscope_saturating_sub (*sum, ops[k].bytes)
                                                 : memscope_saturating_add (*sum, ops[k].bytes);
    }
}

static gboolean
add_peak (MemscopeStackSums     *self,
          const MemscopeFilter  *filter,
          GCancellable          *cancellable,
          GError               **error)
{
  Climb climb = { .sums = self };

  if (!memscope_sweep_run (filter, filter->begin, filter->end, NULL, find_peak, &climb, cancellable, error))
    return FALSE;

  climb.n_ops = 0;

  return memscope_sweep_run (filter, filter->begin, filter->end, stack_of_row, climb_to_peak, &climb, cancellable, error);
}

MemscopeStackSums *
memscope_stack_sums_new (const MemscopeFilter  *filter,
                         GCancellable          *cancellable,
                         GError               **error)
{
  static const MemscopeFold fold = {
    .temporary = TRUE, .init = sums_init, .add = sums_add, .merge = sums_merge, .free = sums_free,
  };
  g_autoptr(MemscopeStackSums) self = memscope_fold_run (&fold, filter, NULL, cancellable, error);

  if (self == NULL || !add_peak (self, filter, cancellable, error))
    return NULL;

  for (guint id = 0; id < self->n_stacks; id++)
    {
      self->sums[id][MEMSCOPE_MEASURE_LIVE_BLOCKS] = memscope_filter_count (filter, self->sums[id][MEMSCOPE_MEASURE_LIVE_BLOCKS]);
      self->sums[id][MEMSCOPE_MEASURE_BIRTHS] = memscope_filter_count (filter, self->sums[id][MEMSCOPE_MEASURE_BIRTHS]);
      self->sums[id][MEMSCOPE_MEASURE_TEMPORARY] = memscope_filter_count (filter, self->sums[id][MEMSCOPE_MEASURE_TEMPORARY]);
    }

  return g_steal_pointer (&self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-fold.h"

/* Fewer batches than this a thread are not worth starting it. */
#define MIN_BATCHES_PER_THREAD 8
#define MAX_THREADS            8

/* A run of batches, done by one thread. */
typedef struct
{
  const MemscopeFold   *fold;
  const MemscopeFilter *filter;
  GCancellable         *cancellable;
  guint                 first;
  guint                 end;
  gpointer              state;
  guint64              *next_births;   /* event of the next birth, by thread and origin */
  guint32              *rows;
  guint8               *mask;          /* what the expression says; NULL without one */
  guint8               *temporary;
  guint64              *weights;
  guint64              *bytes;
} Shard;

guint64
memscope_filter_count (const MemscopeFilter *filter,
                       guint64               weights)
{
  if (filter->interval == 0)
    return weights;

  return (weights + MEMSCOPE_COUNT_UNIT / 2) / MEMSCOPE_COUNT_UNIT;
}

void
memscope_filter_weigh_sample (const MemscopeFilter *filter,
                              const MemscopeBatch  *batch,
                              guint                 i,
                              guint64              *weight,
                              guint64              *bytes)
{
  double probability = memscope_filter_get_probability (filter, batch, i);

  *bytes = batch->size[i];
  *weight = (guint64)(MEMSCOPE_COUNT_UNIT / probability + 0.5);
  if (probability < 1)
    *bytes = (guint64)((double)batch->size[i] / probability + 0.5);
}

/* ---- temporary: freed before the thread's next birth -------------------------------- */

#define NO_BIRTH G_MAXUINT64

static inline guint64 *
next_birth_of (guint64              *next_births,
               const MemscopeFilter *filter,
               const MemscopeBatch  *batch,
               guint                 i)
{
  guint32 thread = MIN (batch->thread[i], filter->last_thread);

  return &next_births[(gsize)thread * MEMSCOPE_N_ORIGINS + MIN (memscope_batch_origin (batch, i), MEMSCOPE_N_ORIGINS - 1)];
}

static gboolean
is_temporary (const MemscopeBatch *batch,
              guint                i,
              guint64              next_birth)
{
  return batch->death_event[i] != MEMSCOPE_NEVER && batch->death_event[i] < next_birth &&
         batch->death_event[i] > batch->birth_event[i] &&
         memscope_batch_death (batch, i) != MEMSCOPE_DEATH_UNSEEN;
}

/* Backwards over a batch: each row is the next birth for those before it. @temporary may be NULL. */
static void
judge_temporary (guint64              *next_births,
                 const MemscopeFilter *filter,
                 const MemscopeBatch  *batch,
                 guint8               *temporary)
{
  for (guint i = batch->n_rows; i-- > 0;)
    {
      guint64 *next = next_birth_of (next_births, filter, batch, i);

      if (temporary != NULL)
        temporary[i] = is_temporary (batch, i, *next);
      if (!(batch->flags[i] & MEMSCOPE_BLOCK_INHERITED))
        *next = batch->birth_event[i];
    }
}

/* ---- one batch --------------------------------------------------------------------- */

static guint
select_rows (const Shard         *self,
             const MemscopeBatch *batch)
{
  guint64 begin = self->fold->all_history ? 0 : self->filter->begin;
  guint64 end = self->filter->end;
  guint n = 0;

  if (self->mask != NULL)
    memscope_predicate_fill (self->filter->predicate, batch, self->mask);

  for (guint i = 0; i < batch->n_rows; i++)
    {
      if (batch->birth_time[i] < end && memscope_batch_end_time (batch, i) >= begin &&
          (self->mask == NULL || self->mask[i]) && memscope_filter_passes_plain (self->filter, batch, i))
        self->rows[n++] = i;
    }

  return n;
}

static void
fold_batch (Shard *self,
            guint  index)
{
  MemscopeFoldBatch batch = { .filter = self->filter, .rows = self->rows };

  memscope_filter_get_batch (self->filter, index, &batch.columns);
  batch.n = select_rows (self, &batch.columns);

  if (self->fold->temporary)
    judge_temporary (self->next_births, self->filter, &batch.columns, self->temporary);
  if (batch.n == 0)
    return;

  if (self->fold->temporary)
    {
      for (guint j = 0; j < batch.n; j++)
        self->temporary[j] = self->temporary[self->rows[j]];
      batch.temporary = self->temporary;
    }

  if (self->weights != NULL)
    {
      for (guint j = 0; j < batch.n; j++)
        memscope_filter_weigh (self->filter, &batch.columns, self->rows[j], &self->weights[j], &self->bytes[j]);
      batch.weights = self->weights;
      batch.bytes = self->bytes;
    }

  self->fold->add (self->state, &batch);
}

static void
fold_shard (gpointer data,
            gpointer user_data)
{
  Shard *self = data;
  guint n = self->end - self->first;

  for (guint i = 0; i < n && !g_cancellable_is_cancelled (self->cancellable); i++)
    fold_batch (self, self->fold->temporary ? self->end - 1 - i : self->first + i);
}

/* ---- all of them ------------------------------------------------------------------- */

/* Births are in order of time, so batches behind the range have nothing for it. */
static guint
count_batches (const MemscopeFilter *filter)
{
  guint low = 0;
  guint high = filter->n_batches;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      MemscopeBatch batch;

      memscope_filter_get_batch (filter, middle, &batch);
      if (batch.birth_time[0] < filter->end)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static void
init_shard (Shard                *self,
            const MemscopeFold   *fold,
            const MemscopeFilter *filter,
            gpointer              user_data,
            GCancellable         *cancellable)
{
  self->fold = fold;
  self->filter = filter;
  self->cancellable = cancellable;
  self->state = fold->init (filter, user_data);
  self->rows = g_new (guint32, MEMSCOPE_SEGMENT_ROWS);

  if (filter->predicate != NULL)
    self->mask = g_new (guint8, MEMSCOPE_SEGMENT_ROWS);

  if (fold->temporary)
    self->temporary = g_new (guint8, MEMSCOPE_SEGMENT_ROWS);

  if (filter->interval != 0)
    {
      self->weights = g_new (guint64, MEMSCOPE_SEGMENT_ROWS);
      self->bytes = g_new (guint64, MEMSCOPE_SEGMENT_ROWS);
    }
}

static void
clear_shard (Shard *self)
{
  g_free (self->next_births);
  g_free (self->rows);
  g_free (self->mask);
  g_free (self->temporary);
  g_free (self->weights);
  g_free (self->bytes);
}

/* Each shard must know which births follow its last row. */
static void
find_next_births (Shard *shards,
                  guint  n_shards)
{
  const MemscopeFilter *filter = shards[0].filter;
  gsize n = ((gsize)filter->last_thread + 1) * MEMSCOPE_N_ORIGINS;

  for (guint k = n_shards; k-- > 0;)
    {
      MemscopeBatch batch;

      if (k == n_shards - 1)
        {
          shards[k].next_births = g_new (guint64, n);
          for (gsize i = 0; i < n; i++)
            shards[k].next_births[i] = NO_BIRTH;
          continue;
        }

      shards[k].next_births = g_memdup2 (shards[k + 1].next_births, n * sizeof (guint64));
      for (guint index = shards[k + 1].end; index-- > shards[k + 1].first;)
        {
          memscope_filter_get_batch (filter, index, &batch);
          judge_temporary (shards[k].next_births, filter, &batch, NULL);
        }
    }
}

static void
run_shards (Shard *shards,
            guint  n_shards)
{
  GThreadPool *pool = NULL;

  if (n_shards > 1)
    pool = g_thread_pool_new (fold_shard, NULL, (int)n_shards - 1, FALSE, NULL);

  for (guint k = 1; k < n_shards; k++)
    {
      if (pool == NULL || !g_thread_pool_push (pool, &shards[k], NULL))
        fold_shard (&shards[k], NULL);
    }

  fold_shard (&shards[0], NULL);
  if (pool != NULL)
    g_thread_pool_free (pool, FALSE, TRUE);
}

gpointer
memscope_fold_run (const MemscopeFold    *fold,
                   const MemscopeFilter  *filter,
                   gpointer               user_data,
                   GCancellable          *cancellable,
                   GError               **error)
{
  guint n_batches = count_batches (filter);
  guint n_shards = CLAMP (MIN (n_batches / MIN_BATCHES_PER_THREAD, g_get_num_processors ()), 1, MAX_THREADS);
  g_autofree Shard *shards = NULL;
  gpointer state;

  if (fold->merge == NULL)
    n_shards = 1;

  shards = g_new0 (Shard, n_shards);
  for (guint k = 0; k < n_shards; k++)
    {
      init_shard (&shards[k], fold, filter, user_data, cancellable);
      shards[k].first = (guint)((guint64)n_batches * k / n_shards);
      shards[k].end = (guint)((guint64)n_batches * (k + 1) / n_shards);
    }

  if (fold->temporary)
    find_next_births (shards, n_shards);
  run_shards (shards, n_shards);

  state = shards[0].state;
  for (guint k = 1; k < n_shards; k++)
    fold->merge (state, shards[k].state);
  for (guint k = 0; k < n_shards; k++)
    clear_shard (&shards[k]);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_pointer (&state, fold->free);

  return state;
}

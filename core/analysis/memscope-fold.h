/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* One pass over the rows of a selection, in any order and by several threads:
 * what does not depend on the order of events. For what does, memscope-sweep.h.
 */

#include "memscope-filter.h"

G_BEGIN_DECLS

/* Sampled sessions count in these parts of a block, so that sums of 1 / p stay integers. */
#define MEMSCOPE_COUNT_UNIT 256u

/* The rows of one batch that pass. Element j of @rows is an index into @columns. */
typedef struct
{
  const MemscopeFilter *filter;
  MemscopeBatch         columns;
  guint                 n;
  const guint32        *rows;        /* ascending */
  const guint64        *weights;     /* by element, MEMSCOPE_COUNT_UNITs it stands for; NULL: everything was recorded */
  const guint64        *bytes;       /* by element, bytes it stands for; NULL likewise */
  const guint8         *temporary;   /* by element; NULL unless asked for */
} MemscopeFoldBatch;

/* Bytes and blocks that element @j, which is row @i of the columns, stands for. */
static inline guint64
memscope_fold_bytes (const MemscopeFoldBatch *batch,
                     guint                    j,
                     guint                    i)
{
  return batch->bytes != NULL ? batch->bytes[j] : batch->columns.size[i];
}

static inline guint64
memscope_fold_weight (const MemscopeFoldBatch *batch,
                      guint                    j)
{
  return batch->weights != NULL ? batch->weights[j] : 1;
}

/* What a sum of weights says in blocks. */
guint64 memscope_filter_count        (const MemscopeFilter *filter,
                                      guint64               weights);
void    memscope_filter_weigh_sample (const MemscopeFilter *filter,
                                      const MemscopeBatch  *batch,
                                      guint                 i,
                                      guint64              *weight,
                                      guint64              *bytes);

/* What one row stands for, in weights and bytes. */
static inline void
memscope_filter_weigh (const MemscopeFilter *filter,
                       const MemscopeBatch  *batch,
                       guint                 i,
                       guint64              *weight,
                       guint64              *bytes)
{
  *weight = 1;
  *bytes = batch->size[i];
  if (G_UNLIKELY (filter->interval != 0))
    memscope_filter_weigh_sample (filter, batch, i, weight, bytes);
}

/**
 * MemscopeFold:
 * @all_history: also rows that were dead before the range
 * @temporary: fill MemscopeFoldBatch.temporary: whether a row died before the next
 *   birth of its thread (of the same origin). Batches then come last first, and
 *   only deaths inside the range are judged.
 * @init: a new state
 * @add: a batch with at least one row
 * @merge: adds the content of another state and frees that; states are merged in
 *   the order of rows. NULL: the pass is done by one thread, batches in order.
 * @free: of a state, when the pass was cancelled
 */
typedef struct
{
  gboolean   all_history;
  gboolean   temporary;
  gpointer (*init)  (const MemscopeFilter    *filter,
                     gpointer                 user_data);
  void     (*add)   (gpointer                 state,
                     const MemscopeFoldBatch *batch);
  void     (*merge) (gpointer                 state,
                     gpointer                 other);
  void     (*free)  (gpointer                 state);
} MemscopeFold;

/* The rows are those whose life overlaps the filter's range. Returns the state of
 * all of them, or NULL with G_IO_ERROR_CANCELLED.
 */
gpointer memscope_fold_run (const MemscopeFold    *fold,
                            const MemscopeFilter  *filter,
                            gpointer               user_data,
                            GCancellable          *cancellable,
                            GError               **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* A selection made ready to be asked of every row. */

#include "memscope-predicate.h"
#include "memscope-selection.h"
#include "memscope-session-private.h"

G_BEGIN_DECLS

/* What a stack says about its rows. */
enum
{
  MEMSCOPE_FILTER_MODULE        = 1 << 0,  /* its call site lies in a selected module */
  MEMSCOPE_FILTER_TEXT          = 1 << 1,  /* its call site matches the text */
  MEMSCOPE_FILTER_VARIABLE_TEXT = 1 << 2,  /* the variable it gives to rows without a name does */
};

/**
 * MemscopeFilter:
 *
 * @n_rows and @n_batches are those when the filter was made: what a live session
 * gains meanwhile is left for the next time, so that all passes of an analysis
 * see the same blocks.
 *
 * The bytes of a nested block are already in its parent's. So a nested block
 * passes only when the origin of its parent is not selected; the selected
 * origins choose the level that is looked at. Blocks inherited at a fork are in
 * no figure.
 */
typedef struct _MemscopeFilter
{
  MemscopeSession   *session;
  MemscopeSelection *selection;
  guint64            begin;
  guint64            end;
  guint64            instant;
  MemscopeTape      *tape;         /* the events in order, when sites decide everything; else NULL */
  guint64            n_tape;       /* events on it, all of these rows */
  guint64            n_rows;
  guint              n_batches;
  guint              origins;
  guint64            interval;     /* of sampling, at any time; 0: everything was recorded */
  guint              n_modes;      /* where that changed, MemscopeModeSpan by row; 0: @interval holds for all */
  const MemscopeModeSpan *modes;
  guint64            min_size;     /* requested bytes, both inclusive */
  guint64            max_size;
  guint32            last_thread;  /* the highest thread id */
  gboolean           simple;       /* only kind and size decide, and @predicate if there is one */
  gboolean           has_text;     /* words, not an expression */
  MemscopePredicate *predicate;    /* of the expression; NULL none */
  guint              n_threads;    /* elements of @threads */
  guint              n_stacks;
  guint              n_variables;
  guint8            *threads;      /* bit 0: selected, bit 1: its label matches the text */
  guint8            *stacks;       /* MEMSCOPE_FILTER_* */
  guint8            *variables;    /* matches the text */
} MemscopeFilter;

MemscopeFilter *memscope_filter_new       (MemscopeSession      *session,
                                           MemscopeSelection    *selection);
/* The same for who may be told to stop meanwhile. What was cancelled is a filter like any
 * other, of which the answers mean nothing.
 */
MemscopeFilter *memscope_filter_new_cancellable (MemscopeSession   *session,
                                                 MemscopeSelection *selection,
                                                 GCancellable      *cancellable);
void            memscope_filter_free      (MemscopeFilter       *self);
void            memscope_filter_get_batch (const MemscopeFilter *self,
                                           guint                 index,
                                           MemscopeBatch        *batch);

/* The probability with which a row like this one was recorded: 1 unless it was sampled. */
double          memscope_filter_get_probability (const MemscopeFilter *self,
                                                 const MemscopeBatch  *batch,
                                                 guint                 i);

/* The parts of memscope_filter_passes() that few sessions need. */
gboolean        memscope_filter_is_nested (const MemscopeFilter *self,
                                           guint64               parent);
gboolean        memscope_filter_matches   (const MemscopeFilter *self,
                                           const MemscopeBatch  *batch,
                                           guint                 i);

/* Everything but time and the expression. */
static inline gboolean
memscope_filter_passes_plain (const MemscopeFilter *self,
                              const MemscopeBatch  *batch,
                              guint                 i)
{
  if (!(self->origins >> memscope_batch_origin (batch, i) & 1) || batch->flags[i] & MEMSCOPE_BLOCK_INHERITED)
    return FALSE;

  if (batch->size[i] < self->min_size || batch->size[i] > self->max_size)
    return FALSE;

  if (batch->parent != NULL && batch->parent[i] != 0 && memscope_filter_is_nested (self, batch->parent[i]))
    return FALSE;

  return self->simple || memscope_filter_matches (self, batch, i);
}

/* Everything but time. Many rows of a batch: memscope_predicate_fill() beforehand is faster. */
static inline gboolean
memscope_filter_passes (const MemscopeFilter *self,
                        const MemscopeBatch  *batch,
                        guint                 i)
{
  return memscope_filter_passes_plain (self, batch, i) &&
         (self->predicate == NULL || memscope_predicate_test (self->predicate, batch, i));
}

/* A death that is stored before its birth (memscope-rs files may) reads as one at
 * the birth: such a block is never alive.
 */
static inline guint64
memscope_batch_end_time (const MemscopeBatch *batch,
                         guint                i)
{
  return MAX (batch->birth_time[i], batch->death_time[i]);
}

static inline gboolean
memscope_batch_is_alive_at (const MemscopeBatch *batch,
                            guint                i,
                            guint64              time)
{
  return batch->birth_time[i] < time && batch->death_time[i] >= time;
}

static inline gboolean
memscope_filter_in_range (const MemscopeFilter *self,
                          guint64               time)
{
  return time >= self->begin && time < self->end;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeFilter, memscope_filter_free)

G_END_DECLS

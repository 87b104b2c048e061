/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-summary.h"

#include <math.h>
#include <string.h>

#include "memscope-axis.h"
#include "memscope-fold.h"
#include "memscope-leak-rule.h"
#include "memscope-samples.h"
#include "memscope-saturate.h"
#include "memscope-spread.h"
#include "memscope-sweep.h"
#include "memscope-tape-stock.h"

#define RATE_PARTS 100
#define NS_PER_SECOND 1e9

/* Blocks and their bytes. In a sampled session the weights are MEMSCOPE_COUNT_UNITs
 * and the estimators have the same again, with their variance.
 */
typedef struct
{
  guint64           weight;
  guint64           bytes;
  MemscopeEstimator blocks;
  MemscopeEstimator sizes;
} Sum;

typedef struct
{
  const MemscopeFilter *filter;
  gboolean              memscope_rs;
  MemscopeAxis          axis;
  guint64               rate[RATE_PARTS];   /* births */

  Sum                   born;
  Sum                   died;
  Sum                   alive;
  guint64               temporary;
  guint64               reallocations;
  guint64               leaked;
  guint64               leaked_bytes;
  guint64               deathless;
  guint64               sized_bytes;        /* of the live blocks whose rounding is recorded */
  guint64               usable_bytes;
  guint64               n_sized;

  MemscopeSpread        lifetimes;

  guint                 n_threads;          /* elements of the sets below */
  guint                 n_variables;
  guint                 n_stacks;
  guint8               *threads;
  guint8               *variables;
  guint8               *stacks;
} State;

static gpointer
state_init (const MemscopeFilter *filter,
            gpointer              user_data)
{
  State *self = g_new0 (State, 1);

  self->filter = filter;
  self->memscope_rs = memscope_session_is_memscope_rs (filter->session);
  memscope_axis_init (&self->axis, filter->begin, filter->end, RATE_PARTS);
  memscope_spread_init (&self->lifetimes);

  self->n_threads = filter->last_thread + 1;
  self->n_variables = memscope_session_get_n_variables (filter->session) + 1;
  self->n_stacks = memscope_session_get_n_stacks (filter->session) + 1;
  self->threads = g_new0 (guint8, self->n_threads);
  self->variables = g_new0 (guint8, self->n_variables);
  self->stacks = g_new0 (guint8, self->n_stacks);

  return self;
}

static void
state_free (gpointer state)
{
  State *self = state;

  memscope_axis_clear (&self->axis);
  g_free (self->threads);
  g_free (self->variables);
  g_free (self->stacks);
  g_free (self);
}

/* ---- the pass over the rows ---------------------------------------------------------- */

static inline void
sum_add (Sum                     *self,
         const MemscopeFoldBatch *batch,
         guint                    j,
         guint                    i)
{
  self->weight += memscope_fold_weight (batch, j);
  self->bytes = memscope_saturating_add (self->bytes, memscope_fold_bytes (batch, j, i));

  if (G_UNLIKELY (batch->weights != NULL))
    {
      const MemscopeBatch *columns = &batch->columns;
      double probability = memscope_filter_get_probability (batch->filter, columns, i);

      memscope_estimator_add (&self->blocks, 1, probability);
      memscope_estimator_add (&self->sizes, (double)columns->size[i], probability);
    }
}

static inline void
state_add_alive (State                   *self,
                 const MemscopeFoldBatch *batch,
                 guint                    j,
                 guint                    i)
{
  const MemscopeBatch *columns = &batch->columns;
  guint64 bytes = memscope_fold_bytes (batch, j, i), rounding = columns->rounding[i];

  sum_add (&self->alive, batch, j, i);
  if (columns->rounding[i] == G_MAXUINT32)
    return;

  /* a sample stands for others of its size, with their rounding */
  if (G_UNLIKELY (batch->bytes != NULL) && columns->size[i] > 0)
    rounding = (guint64)((double)rounding * (double)bytes / (double)columns->size[i]);

  self->n_sized++;
  self->sized_bytes = memscope_saturating_add (self->sized_bytes, bytes);
  self->usable_bytes = memscope_saturating_add (self->usable_bytes, memscope_saturating_add (bytes, rounding));
}

static inline void
state_add_death (State                   *self,
                 const MemscopeFoldBatch *batch,
                 guint                    j,
                 guint                    i)
{
  const MemscopeBatch *columns = &batch->columns;
  guint64 weight = memscope_fold_weight (batch, j);

  sum_add (&self->died, batch, j, i);
  if (batch->temporary[j])
    self->temporary += weight;
  if (memscope_batch_death (columns, i) != MEMSCOPE_DEATH_UNSEEN)
    memscope_spread_add (&self->lifetimes, memscope_batch_end_time (columns, i) - columns->birth_time[i], weight);
}

static inline void
state_add_birth (State                   *self,
                 const MemscopeFoldBatch *batch,
                 guint                    j,
                 guint                    i)
{
  guint64 weight = memscope_fold_weight (batch, j);

  sum_add (&self->born, batch, j, i);
  self->rate[memscope_axis_find (&self->axis, batch->columns.birth_time[i])] += weight;
  if (batch->columns.previous[i] != 0)
    self->reallocations += weight;
}

static inline void
state_mark (State               *self,
            const MemscopeBatch *columns,
            guint                i)
{
  MemscopeVariableId variable = columns->variable[i];

  if (columns->thread[i] < self->n_threads)
    self->threads[columns->thread[i]] = TRUE;
  if (variable != 0 && variable < self->n_variables)
    self->variables[variable] = TRUE;
  /* The call site, and the variable of rows that have no other. */
  if (columns->stack[i] < self->n_stacks)
    self->stacks[columns->stack[i]] |= variable == 0 ? 3 : 1;
}

static void
state_add (gpointer                 state,
           const MemscopeFoldBatch *batch)
{
  State *self = state;
  const MemscopeFilter *filter = self->filter;
  const MemscopeBatch *columns = &batch->columns;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];

      if (columns->birth_time[i] >= filter->begin)
        state_add_birth (self, batch, j, i);
      if (memscope_filter_in_range (filter, memscope_batch_end_time (columns, i)))
        state_add_death (self, batch, j, i);
      if (memscope_batch_is_alive_at (columns, i, filter->instant))
        state_add_alive (self, batch, j, i);
      if (columns->death_time[i] == MEMSCOPE_NEVER)
        self->deathless += memscope_fold_weight (batch, j);
      if (memscope_batch_is_leaked (columns, i, self->memscope_rs))
        {
          self->leaked += memscope_fold_weight (batch, j);
          self->leaked_bytes = memscope_saturating_add (self->leaked_bytes, memscope_fold_bytes (batch, j, i));
        }
      state_mark (self, columns, i);
    }
}

static void
sum_merge (Sum       *self,
           const Sum *other)
{
  self->weight += other->weight;
  self->bytes = memscope_saturating_add (self->bytes, other->bytes);
  memscope_estimator_merge (&self->blocks, &other->blocks);
  memscope_estimator_merge (&self->sizes, &other->sizes);
}

static void
merge_set (guint8       *set,
           const guint8 *other,
           guint         n)
{
  for (guint i = 0; i < n; i++)
    set[i] |= other[i];
}

static void
state_merge (gpointer state,
             gpointer other_state)
{
  State *self = state;
  State *other = other_state;

  sum_merge (&self->born, &other->born);
  sum_merge (&self->died, &other->died);
  sum_merge (&self->alive, &other->alive);
  self->temporary += other->temporary;
  self->reallocations += other->reallocations;
  self->leaked += other->leaked;
  self->leaked_bytes = memscope_saturating_add (self->leaked_bytes, other->leaked_bytes);
  self->deathless += other->deathless;
  self->sized_bytes = memscope_saturating_add (self->sized_bytes, other->sized_bytes);
  self->usable_bytes = memscope_saturating_add (self->usable_bytes, other->usable_bytes);
  self->n_sized += other->n_sized;
  memscope_spread_merge (&self->lifetimes, &other->lifetimes);

  for (guint k = 0; k < RATE_PARTS; k++)
    self->rate[k] += other->rate[k];

  merge_set (self->threads, other->threads, MIN (self->n_threads, other->n_threads));
  merge_set (self->variables, other->variables, MIN (self->n_variables, other->n_variables));
  merge_set (self->stacks, other->stacks, MIN (self->n_stacks, other->n_stacks));

  state_free (other);
}

static const MemscopeFold summary_fold = {
  .temporary = TRUE,
  .init = state_init,
  .add = state_add,
  .merge = state_merge,
  .free = state_free,
};

/* ---- the peak -------------------------------------------------------------------------- */

typedef struct
{
  guint64 bytes;
  guint64 weight;
  guint64 peak_bytes;
  guint64 peak_weight;
  guint64 peak_time;
  guint64 peak_instant;
} Peak;

static void
peak_sweep (const MemscopeSweepOp *ops,
            gsize                  n_ops,
            gpointer               user_data)
{
  Peak *self = user_data;

  for (gsize i = 0; i < n_ops; i++)
    {
      const MemscopeSweepOp *op = &ops[i];

      if (op->kind == MEMSCOPE_SWEEP_DEATH)
        {
          self->bytes = memscope_saturating_sub (self->bytes, op->bytes);
          self->weight = memscope_saturating_sub (self->weight, op->weight);
          continue;
        }

      self->bytes = memscope_saturating_add (self->bytes, op->bytes);
      self->weight += op->weight;
      if (self->bytes > self->peak_bytes || op->kind == MEMSCOPE_SWEEP_BEFORE)
        {
          self->peak_bytes = self->bytes;
          self->peak_weight = self->weight;
          if (op->kind == MEMSCOPE_SWEEP_BIRTH)
            {
              self->peak_time = op->time;
              self->peak_instant = op->time + 1;
            }
        }
    }
}

/* ---- the figures ------------------------------------------------------------------------ */

static double
seconds_between (guint64 begin,
                 guint64 end)
{
  return (double)(end - begin) / NS_PER_SECOND;
}

/* Events that all happened in one nanosecond have no rate. */
static double
rate_of (guint64 n,
         guint64 begin,
         guint64 end)
{
  return end - begin > 1 ? (double)n / seconds_between (begin, end) : 0;
}

static void
fill_rates (MemscopeSummary *self,
            const State     *state)
{
  const MemscopeAxis *axis = &state->axis;
  guint busiest = 0;

  for (guint k = 1; k < RATE_PARTS; k++)
    {
      if (state->rate[k] > state->rate[busiest])
        busiest = k;
    }

  self->allocation_rate = rate_of (self->total_allocations, axis->begin, axis->end);
  self->peak_allocation_rate = rate_of (memscope_filter_count (state->filter, state->rate[busiest]),
                                        axis->edges[busiest], axis->edges[busiest + 1]);
  self->peak_allocation_rate = MAX (self->peak_allocation_rate, self->allocation_rate);
  self->peak_allocation_rate_time = axis->edges[busiest];
}

static void
fill_lifetimes (MemscopeSummary      *self,
                const MemscopeSpread *lifetimes)
{
  gboolean any = lifetimes->n > 0;

  self->lifetime_min = any ? lifetimes->min : MEMSCOPE_UNKNOWN;
  self->lifetime_max = any ? lifetimes->max : MEMSCOPE_UNKNOWN;
  self->lifetime_median = memscope_spread_quantile (lifetimes, 0.5);
  self->lifetime_p90 = memscope_spread_quantile (lifetimes, 0.9);
}

static void
fill_stocks (MemscopeSummary *self,
             const State     *state)
{
  self->active_allocations = memscope_filter_count (state->filter, state->alive.weight);
  self->active_bytes = state->alive.bytes;

  self->usable_bytes = state->n_sized > 0 || self->active_allocations == 0 ? state->usable_bytes : MEMSCOPE_UNKNOWN;
  self->efficiency = state->usable_bytes > 0 ? (double)state->sized_bytes / (double)state->usable_bytes : (double)NAN;
}

static void
fill_leaks (MemscopeSummary *self,
            const State     *state)
{
  gboolean final = memscope_session_is_final (state->filter->session);

  self->leaked_allocations = final ? memscope_filter_count (state->filter, state->leaked) : MEMSCOPE_UNKNOWN;
  self->leaked_bytes = final ? state->leaked_bytes : MEMSCOPE_UNKNOWN;
  self->derived_alive_at_end = state->memscope_rs ? state->deathless : MEMSCOPE_UNKNOWN;
}

static guint
count_set (const guint8 *set,
           guint         n)
{
  guint count = 0;

  for (guint i = 1; i < n; i++)
    count += set[i] != 0;

  return count;
}

static void
fill_distinct (MemscopeSummary *self,
               State           *state)
{
  MemscopeSession *session = state->filter->session;
  guint n_frames = memscope_session_get_n_frames (session) + 1;
  g_autofree guint8 *frames = g_new0 (guint8, n_frames);

  for (MemscopeStackId id = 1; id < state->n_stacks; id++)
    {
      MemscopeFrameId site;
      MemscopeVariableId variable;

      if (state->stacks[id] == 0)
        continue;

      site = memscope_session_get_call_site (session, id);
      variable = memscope_session_get_site_variable (session, id);
      if (site < n_frames)
        frames[site] = TRUE;
      if (state->stacks[id] & 2 && variable < state->n_variables)
        state->variables[variable] = TRUE;
    }

  self->n_threads = count_set (state->threads, state->n_threads);
  self->n_variables = count_set (state->variables, state->n_variables);
  self->n_call_sites = count_set (frames, n_frames);
}

static MemscopeEstimate
estimate_of (const MemscopeEstimator *estimator,
             guint64                  exact,
             gboolean                 sampled)
{
  MemscopeEstimate estimate = { .value = (double)exact };

  return sampled ? memscope_estimator_finish (estimator) : estimate;
}

static void
fill_estimates (MemscopeSummary *self,
                const State     *state)
{
  gboolean sampled = state->filter->interval != 0;

  self->sampled = sampled;
  self->estimated_allocations = estimate_of (&state->born.blocks, self->total_allocations, sampled);
  self->estimated_bytes = estimate_of (&state->born.sizes, self->total_bytes, sampled);
  self->estimated_frees = estimate_of (&state->died.blocks, self->total_frees, sampled);
  self->estimated_freed_bytes = estimate_of (&state->died.sizes, self->freed_bytes, sampled);
  self->estimated_active_allocations = estimate_of (&state->alive.blocks, self->active_allocations, sampled);
  self->estimated_active_bytes = estimate_of (&state->alive.sizes, self->active_bytes, sampled);
}

static void
summary_fill (MemscopeSummary *self,
              State           *state)
{
  const MemscopeFilter *filter = state->filter;
  MemscopeSession *session = filter->session;
  gboolean whole = memscope_selection_is_whole (filter->selection);

  self->total_allocations = memscope_filter_count (filter, state->born.weight);
  self->total_bytes = state->born.bytes;
  self->total_frees = memscope_filter_count (filter, state->died.weight);
  self->freed_bytes = state->died.bytes;
  self->temporary_allocations = memscope_filter_count (filter, state->temporary);
  self->reallocations = memscope_filter_count (filter, state->reallocations);
  self->unmatched_frees = whole ? memscope_session_get_unmatched_frees (session) : MEMSCOPE_UNKNOWN;
  self->failed_allocations = whole ? memscope_session_get_failed_allocations (session) : MEMSCOPE_UNKNOWN;

  fill_stocks (self, state);
  fill_leaks (self, state);
  fill_rates (self, state);
  fill_lifetimes (self, &state->lifetimes);
  fill_distinct (self, state);
  fill_estimates (self, state);

  self->rss_at_instant = memscope_samples_rss_at (session, filter->instant);
  self->peak_rss = memscope_samples_max_rss (session, filter->begin, filter->end);
}

/* ---- the interval of a sampled peak ------------------------------------------------------ */

typedef struct
{
  guint64           time;
  MemscopeEstimator sizes;
} PeakError;

static gpointer
peak_error_init (const MemscopeFilter *filter,
                 gpointer              user_data)
{
  PeakError *self = g_new0 (PeakError, 1);

  self->time = ((const Peak *)user_data)->peak_time;

  return self;
}

static void
peak_error_add (gpointer                 state,
                const MemscopeFoldBatch *batch)
{
  PeakError *self = state;
  Sum sum = { 0 };

  for (guint j = 0; j < batch->n; j++)
    {
      if (memscope_batch_is_alive_at (&batch->columns, batch->rows[j], self->time + 1))
        sum_add (&sum, batch, j, batch->rows[j]);
    }

  memscope_estimator_merge (&self->sizes, &sum.sizes);
}

/* Of the blocks alive at the time of the peak: which of those that came and went in
 * that very nanosecond count makes no difference to an interval.
 */
static gboolean
summary_estimate_peak (MemscopeSummary       *self,
                       const MemscopeFilter  *filter,
                       Peak                  *peak,
                       GCancellable          *cancellable,
                       GError               **error)
{
  static const MemscopeFold fold = { .init = peak_error_init, .add = peak_error_add, .free = g_free };
  g_autofree PeakError *state = memscope_fold_run (&fold, filter, peak, cancellable, error);

  if (state == NULL)
    return FALSE;

  self->estimated_peak_bytes = memscope_estimator_finish (&state->sizes);
  self->estimated_peak_bytes.value = (double)peak->peak_bytes;

  return TRUE;
}

/* FALSE only when cancelled. */
static gboolean
find_peak_on_tape (const MemscopeFilter  *filter,
                   Peak                  *peak,
                   GCancellable          *cancellable,
                   GError               **error)
{
  MemscopeTapeStock stock;
  MemscopeTapePeak found;

  memscope_tape_stock_init (&stock, filter, cancellable);
  memscope_tape_stock_find_peak (&stock, filter->begin, filter->end, &found);
  memscope_tape_stock_clear (&stock);

  peak->peak_bytes = found.bytes;
  peak->peak_weight = found.blocks;
  if (found.event != G_MAXUINT64)
    {
      peak->peak_time = memscope_tape_get_time (filter->tape, found.event);
      peak->peak_instant = peak->peak_time + 1;
    }

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
find_peak (const MemscopeFilter  *filter,
           Peak                  *peak,
           GCancellable          *cancellable,
           GError               **error)
{
  if (filter->tape != NULL)
    return find_peak_on_tape (filter, peak, cancellable, error);

  return memscope_sweep_run (filter, filter->begin, filter->end, NULL, peak_sweep, peak, cancellable, error);
}

static gboolean
summary_fill_peak (MemscopeSummary        *self,
                   const MemscopeFilter   *filter,
                   const MemscopeTimeline *timeline,
                   GCancellable           *cancellable,
                   GError                **error)
{
  Peak peak = { .peak_time = filter->begin, .peak_instant = filter->begin };

  if (timeline != NULL)
    {
      peak.peak_bytes = timeline->max_bytes;
      peak.peak_time = timeline->peak_time;
      peak.peak_instant = timeline->peak_instant;
      self->peak_allocations = timeline->peak_blocks;
    }
  else
    {
      if (!find_peak (filter, &peak, cancellable, error))
        return FALSE;
      self->peak_allocations = memscope_filter_count (filter, peak.peak_weight);
    }

  self->peak_bytes = peak.peak_bytes;
  self->peak_time = peak.peak_time;
  self->peak_instant = peak.peak_instant;
  self->estimated_peak_bytes.value = (double)peak.peak_bytes;

  return filter->interval == 0 || summary_estimate_peak (self, filter, &peak, cancellable, error);
}

/* Of sums, without the blocks they are sums of, only bytes are known, and when. */
static void
forget_blocks (MemscopeSummary *self)
{
  self->total_allocations = self->total_bytes = MEMSCOPE_UNKNOWN;
  self->total_frees = self->freed_bytes = MEMSCOPE_UNKNOWN;
  self->temporary_allocations = self->reallocations = MEMSCOPE_UNKNOWN;
  self->active_allocations = self->peak_allocations = MEMSCOPE_UNKNOWN;
  self->lifetime_min = self->lifetime_median = self->lifetime_p90 = self->lifetime_max = MEMSCOPE_UNKNOWN;
  self->allocation_rate = self->peak_allocation_rate = (double)NAN;
}

static MemscopeSummary *
summary_new (MemscopeSession         *session,
             MemscopeSelection       *selection,
             const MemscopeTimeline  *timeline,
             GCancellable            *cancellable,
             GError                 **error)
{
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, selection);
  g_autoptr(MemscopeSummary) self = NULL;
  State *state = memscope_fold_run (&summary_fold, filter, NULL, cancellable, error);

  if (state == NULL)
    return NULL;

  self = g_new0 (MemscopeSummary, 1);
  summary_fill (self, state);
  state_free (state);

  if (!summary_fill_peak (self, filter, timeline, cancellable, error))
    return NULL;
  if (!memscope_session_has_blocks (session))
    forget_blocks (self);

  return g_steal_pointer (&self);
}

/* ---- what the recorder itself counted ---------------------------------------------------- */

/* The busiest part is not known: nobody counts that while it is not known how long the recording will be. */
static MemscopeSummary *
summary_new_from_overview (MemscopeSession              *session,
                           MemscopeSelection            *selection,
                           const MemscopeStoredOverview *overview)
{
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, selection);
  const MemscopeOverview *totals = &overview->totals;
  MemscopeSummary *self = g_new0 (MemscopeSummary, 1);
  State *state = state_init (filter, NULL);

  state->born.weight = totals->births;
  state->born.bytes = totals->born_bytes;
  state->died.weight = totals->deaths;
  state->died.bytes = totals->dead_bytes;
  state->alive.weight = state->leaked = totals->births - totals->deaths;
  state->alive.bytes = state->leaked_bytes = totals->born_bytes - totals->dead_bytes;
  state->temporary = totals->temporary;
  state->reallocations = totals->reallocations;
  state->n_sized = totals->sized_blocks;
  state->sized_bytes = totals->sized_bytes;
  state->usable_bytes = totals->usable_bytes;

  for (guint i = 0; i < overview->bins->len; i++)
    {
      const MemscopeOverviewBin *bin = &g_array_index (overview->bins, MemscopeOverviewBin, i);

      state->lifetimes.bins[bin->bin] += bin->count;
      state->lifetimes.n += bin->count;
    }
  if (overview->lifetimes.shortest != MEMSCOPE_NOT_RECORDED)
    {
      state->lifetimes.min = overview->lifetimes.shortest * 1000;
      state->lifetimes.max = overview->lifetimes.longest * 1000;
    }

  for (guint i = 0; i < overview->threads->len; i++)
    state->threads[g_array_index (overview->threads, MemscopeThreadId, i)] = TRUE;
  for (guint i = 0; i < overview->stacks->len; i++)
    state->stacks[g_array_index (overview->stacks, MemscopeOverviewStack, i).stack] = 3;

  summary_fill (self, state);
  self->peak_allocation_rate = self->allocation_rate;
  self->peak_bytes = totals->peak_bytes;
  self->peak_allocations = totals->peak_blocks;
  self->peak_time = totals->peak_time * 1000;
  self->estimated_peak_bytes.value = (double)totals->peak_bytes;
  state_free (state);

  return self;
}

MemscopeSummary *
memscope_summary_new (MemscopeSession    *session,
                      MemscopeSelection  *selection,
                      GCancellable       *cancellable,
                      GError            **error)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);

  if (memscope_session_is_outline (session) && memscope_selection_is_whole (selection) &&
      memscope_selection_get_expression (selection) == NULL)
    return summary_new_from_overview (session, selection, memscope_session_get_overview (session));

  return summary_new (session, selection, NULL, cancellable, error);
}

MemscopeSummary *
memscope_summary_new_beside (MemscopeSession         *session,
                             MemscopeSelection       *selection,
                             const MemscopeTimeline  *timeline,
                             GCancellable            *cancellable,
                             GError                 **error)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);
  g_return_val_if_fail (timeline != NULL, NULL);
  g_return_val_if_fail (timeline->begin == memscope_selection_get_begin (selection) &&
                        timeline->end == memscope_selection_get_end (selection), NULL);

  return summary_new (session, selection, timeline, cancellable, error);
}

void
memscope_summary_free (MemscopeSummary *self)
{
  g_free (self);
}

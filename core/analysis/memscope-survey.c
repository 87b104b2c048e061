/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Three passes: a fold that counts and finds candidates, a sweep for the peak and the
 * curves, a fold that counts what only then is known to be worth counting.
 */

#include "config.h"

#include "memscope-survey.h"

#include "memscope-leak-rule.h"
#include "memscope-saturate.h"
#include "memscope-sweep.h"

#include <string.h>

/* Of these, curves are kept. */
#define MAX_WATCHED 2048

static gpointer
survey_init (const MemscopeFilter *filter,
             gpointer              user_data)
{
  return user_data;
}

static void
survey_keep (gpointer state)
{
}

/* ---- first pass ----------------------------------------------------------------------- */

/* Boyer and Moore's vote: what more than half of the elements are is left at the end. */
static void
vote (guint64 *candidate,
      guint64 *votes,
      guint64  element)
{
  if (*votes == 0)
    *candidate = element;
  if (*candidate == element)
    (*votes)++;
  else
    (*votes)--;
}

static void
count_resize (MemscopeSurvey         *self,
              MemscopeSurveyVariable *variable,
              const MemscopeBatch    *columns,
              guint                   i)
{
  guint64 row = columns->previous[i] - 1;
  MemscopeBatch batch;
  guint j = row % MEMSCOPE_SEGMENT_ROWS;

  variable->resizes++;
  self->resizes++;

  /* A damaged file may name any row. */
  if (row >= columns->first_row + i)
    return;

  memscope_filter_get_batch (self->filter, (guint)(row / MEMSCOPE_SEGMENT_ROWS), &batch);
  variable->chains += batch.previous[j] == 0;
  if (batch.address[j] != columns->address[i])
    {
      variable->moves++;
      variable->copied_bytes = memscope_saturating_add (variable->copied_bytes, MIN (batch.size[j], columns->size[i]));
    }
}

static void
count_birth (MemscopeSurvey          *self,
             MemscopeSurveyVariable  *variable,
             const MemscopeFoldBatch *batch,
             guint                    j,
             guint                    i)
{
  const MemscopeBatch *columns = &batch->columns;
  guint64 weight = memscope_fold_weight (batch, j);
  guint64 time = columns->birth_time[i];

  variable->births += weight;
  variable->born_bytes = memscope_saturating_add (variable->born_bytes, memscope_fold_bytes (batch, j, i));
  variable->first_birth = MIN (variable->first_birth, time);
  variable->last_birth = MAX (variable->last_birth, time);
  vote (&variable->equal_size, &variable->votes_size, columns->size[i]);
  self->births += weight;
  self->storm_parts[memscope_axis_find (&self->axis, time)] += weight;

  if (columns->previous[i] != 0)
    count_resize (self, variable, columns, i);
}

static void
count_death (MemscopeSurvey         *self,
             MemscopeSurveyVariable *variable,
             const MemscopeBatch    *columns,
             guint                   i)
{
  if (columns->death_thread[i] == 0)
    return;

  variable->known_frees++;
  self->known_frees++;
  if (columns->death_thread[i] != columns->thread[i])
    {
      variable->foreign_frees++;
      vote (&variable->pair, &variable->votes_pair,
            (guint64)columns->thread[i] << 32 | columns->death_thread[i]);
    }
}

static void
count_estimates (MemscopeSurvey          *self,
                 MemscopeSurveyVariable  *variable,
                 const MemscopeBatch     *columns,
                 guint                    i)
{
  double probability = memscope_filter_get_probability (self->filter, columns, i);

  if (columns->birth_time[i] >= self->filter->begin)
    {
      memscope_estimator_add (&variable->estimated_births, 1, probability);
      memscope_estimator_add (&variable->estimated_born_bytes, (double)columns->size[i], probability);
    }
  if (memscope_batch_is_leaked (columns, i, self->memscope_rs))
    memscope_estimator_add (&variable->estimated_leaked_bytes, (double)columns->size[i], probability);
}

static void
survey_count (gpointer                 state,
              const MemscopeFoldBatch *batch)
{
  MemscopeSurvey *self = state;
  const MemscopeBatch *columns = &batch->columns;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      MemscopeSurveyVariable *variable = &self->variables[memscope_survey_variable (self, columns, i)];

      variable->touched_bytes = memscope_saturating_add (variable->touched_bytes, memscope_fold_bytes (batch, j, i));
      self->known_rounding += columns->rounding[i] != G_MAXUINT32;

      if (columns->birth_time[i] >= self->filter->begin)
        count_birth (self, variable, batch, j, i);
      if (memscope_filter_in_range (self->filter, memscope_batch_end_time (columns, i)))
        {
          count_death (self, variable, columns, i);
          if (batch->temporary[j])
            variable->temporary += memscope_fold_weight (batch, j);
        }
      if (self->sampled)
        count_estimates (self, variable, columns, i);
    }
}

/* ---- the storm ---------------------------------------------------------------------------- */

/* The busiest part and its neighbours on both sides that have half as many births. */
static void
find_storm (MemscopeSurvey *self)
{
  guint busiest = 0;
  guint first, last;

  for (guint k = 1; k < MEMSCOPE_FINDING_POINTS; k++)
    {
      if (self->storm_parts[k] > self->storm_parts[busiest])
        busiest = k;
    }

  if (self->storm_parts[busiest] == 0)
    return;

  first = last = busiest;
  while (first > 0 && self->storm_parts[first - 1] >= (self->storm_parts[busiest] + 1) / 2)
    first--;
  while (last + 1 < MEMSCOPE_FINDING_POINTS && self->storm_parts[last + 1] >= (self->storm_parts[busiest] + 1) / 2)
    last++;

  self->storm_begin = self->axis.edges[first];
  self->storm_end = self->axis.edges[last + 1];
  for (guint k = first; k <= last; k++)
    self->storm_births += self->storm_parts[k];
}

/* ---- the peak and the curves ----------------------------------------------------------------- */

/* What a variable held when most was live is known without looking at all of them at
 * each new peak: its stock is put aside when it first changes after one.
 */
typedef struct
{
  guint64 bytes;
  guint64 weight;
  guint64 peak_bytes;
  guint64 peak_weight;
  guint64 put_aside;     /* number of the peak that these two are of */
} Stock;

typedef struct
{
  MemscopeSurvey *survey;
  Stock          *stocks;     /* by variable */
  guint32        *variables;  /* watched ones, by place */
  guint64         bytes;
  guint64         n_peaks;
  gboolean        begun;      /* all that was alive before the range is counted */
  guint           part;
} Watch;

static guint32
key_by_variable (const MemscopeBatch *batch,
                 guint                i,
                 gpointer             user_data)
{
  Watch *self = user_data;

  return memscope_survey_variable (self->survey, batch, i);
}

static void
end_part (Watch *self)
{
  MemscopeSurvey *survey = self->survey;

  for (guint w = 0; w < survey->n_watched; w++)
    survey->bins[(gsize)w * MEMSCOPE_FINDING_POINTS + self->part] = self->stocks[self->variables[w]].bytes;
}

/* What was alive before is the first peak, all of it. */
static void
watch_begin (Watch *self)
{
  if (!self->begun)
    self->n_peaks++;
  self->begun = TRUE;
}

static void
watch_birth (Watch                 *self,
             Stock                 *stock,
             const MemscopeSweepOp *op)
{
  MemscopeSurvey *survey = self->survey;

  stock->bytes = memscope_saturating_add (stock->bytes, op->bytes);
  stock->weight += op->weight;
  self->bytes = memscope_saturating_add (self->bytes, op->bytes);

  if (self->bytes > survey->peak_bytes)
    {
      survey->peak_bytes = self->bytes;
      survey->peak_time = MAX (op->time, survey->filter->begin);
      self->n_peaks++;
    }
}

static void
watch_ops (const MemscopeSweepOp *ops,
           gsize                  n_ops,
           gpointer               user_data)
{
  Watch *self = user_data;

  for (gsize k = 0; k < n_ops; k++)
    {
      const MemscopeSweepOp *op = &ops[k];
      Stock *stock = &self->stocks[op->key];

      if (op->kind != MEMSCOPE_SWEEP_BEFORE)
        watch_begin (self);
      while (op->kind != MEMSCOPE_SWEEP_BEFORE && self->part + 1 < MEMSCOPE_FINDING_POINTS &&
             op->time >= self->survey->axis.edges[self->part + 1])
        {
          end_part (self);
          self->part++;
        }

      if (stock->put_aside != self->n_peaks)
        {
          stock->peak_bytes = stock->bytes;
          stock->peak_weight = stock->weight;
          stock->put_aside = self->n_peaks;
        }

      if (op->kind == MEMSCOPE_SWEEP_DEATH)
        {
          stock->bytes = memscope_saturating_sub (stock->bytes, op->bytes);
          stock->weight = memscope_saturating_sub (stock->weight, op->weight);
          self->bytes = memscope_saturating_sub (self->bytes, op->bytes);
        }
      else
        {
          watch_birth (self, stock, op);
        }
    }
}

static void
watch_finish (Watch *self)
{
  MemscopeSurvey *survey = self->survey;

  watch_begin (self);
  for (; self->part < MEMSCOPE_FINDING_POINTS; self->part++)
    end_part (self);

  for (guint v = 0; v < survey->n_variables; v++)
    {
      const Stock *stock = &self->stocks[v];
      gboolean changed = stock->put_aside == self->n_peaks;

      survey->variables[v].peak_bytes = changed ? stock->peak_bytes : stock->bytes;
      survey->variables[v].peak_blocks = memscope_filter_count (survey->filter, changed ? stock->peak_weight : stock->weight);
    }
}

static int
compare_touched (gconstpointer a,
                 gconstpointer b,
                 gpointer      user_data)
{
  const MemscopeSurveyVariable *variables = user_data;
  guint32 left = *(const guint32 *)a;
  guint32 right = *(const guint32 *)b;

  if (variables[left].touched_bytes != variables[right].touched_bytes)
    return variables[left].touched_bytes > variables[right].touched_bytes ? -1 : 1;

  return left < right ? -1 : left > right;
}

static int
compare_births (gconstpointer a,
                gconstpointer b,
                gpointer      user_data)
{
  const MemscopeSurveyVariable *variables = user_data;
  guint32 left = *(const guint32 *)a;
  guint32 right = *(const guint32 *)b;

  if (variables[left].births != variables[right].births)
    return variables[left].births > variables[right].births ? -1 : 1;

  return left < right ? -1 : left > right;
}

static void
watch_variable (Watch   *self,
                guint32  variable)
{
  MemscopeSurvey *survey = self->survey;

  if (variable >= survey->n_variables || survey->watched[variable] != 0)
    return;

  self->variables[survey->n_watched++] = variable;
  survey->watched[variable] = survey->n_watched;
}

/* Those with most bytes, those with most births, and what leaked most. */
static void
choose_watched (Watch *self)
{
  MemscopeSurvey *survey = self->survey;
  g_autofree guint32 *order = g_new (guint32, survey->n_variables);
  guint n = 0;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      if (survey->variables[v].touched_bytes > 0)
        order[n++] = v;
    }

  survey->watched = g_new0 (guint32, survey->n_variables);
  self->variables = g_new (guint32, MAX_WATCHED);

  for (guint k = 0; k < survey->leaks->n_leaks && k < MAX_WATCHED / 4; k++)
    watch_variable (self, survey->leaks->leaks[k].variable);
  g_qsort_with_data (order, (int)n, sizeof *order, compare_births, survey->variables);
  for (guint k = 0; k < n && k < MAX_WATCHED / 4; k++)
    watch_variable (self, order[k]);
  g_qsort_with_data (order, (int)n, sizeof *order, compare_touched, survey->variables);
  for (guint k = 0; k < n && survey->n_watched < MAX_WATCHED; k++)
    watch_variable (self, order[k]);

  survey->bins = g_new0 (guint64, (gsize)MAX (survey->n_watched, 1) * MEMSCOPE_FINDING_POINTS);
}

static gboolean
survey_watch (MemscopeSurvey  *self,
              GCancellable    *cancellable,
              GError         **error)
{
  Watch watch = { .survey = self };
  gboolean done;

  choose_watched (&watch);
  watch.stocks = g_new0 (Stock, self->n_variables);
  self->peak_time = self->filter->begin;
  done = memscope_sweep_run (self->filter, self->filter->begin, self->filter->end, key_by_variable,
                             watch_ops, &watch, cancellable, error);
  if (done)
    watch_finish (&watch);

  g_free (watch.stocks);
  g_free (watch.variables);

  return done;
}

/* ---- last pass ----------------------------------------------------------------------------------- */

static void
count_at_peak (MemscopeSurvey         *self,
               MemscopeSurveyVariable *variable,
               const MemscopeBatch    *columns,
               guint                   i)
{
  gboolean equal = columns->size[i] == variable->equal_size;

  if (columns->rounding[i] != G_MAXUINT32)
    {
      variable->peak_requested = memscope_saturating_add (variable->peak_requested, columns->size[i]);
      variable->peak_rounding += columns->rounding[i];
      if (equal)
        variable->peak_equal_rounding += columns->rounding[i];
    }

  variable->peak_equal_blocks += equal;

  if (self->sampled)
    memscope_estimator_add (&variable->estimated_peak_bytes, (double)columns->size[i],
                            memscope_filter_get_probability (self->filter, columns, i));
}

static void
survey_count_again (gpointer                 state,
                    const MemscopeFoldBatch *batch)
{
  MemscopeSurvey *self = state;
  const MemscopeBatch *columns = &batch->columns;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      MemscopeSurveyVariable *variable = &self->variables[memscope_survey_variable (self, columns, i)];
      guint64 time = columns->birth_time[i];

      if (time >= self->filter->begin)
        {
          variable->equal_births += columns->size[i] == variable->equal_size;
          if (time >= self->storm_begin && time < self->storm_end)
            variable->storm_births += memscope_fold_weight (batch, j);
        }
      if (columns->death_thread[i] != 0 && variable->foreign_frees > 0 &&
          ((guint64)columns->thread[i] << 32 | columns->death_thread[i]) == variable->pair &&
          columns->thread[i] != columns->death_thread[i] &&
          memscope_filter_in_range (self->filter, memscope_batch_end_time (columns, i)))
        variable->pair_frees++;
      if (memscope_batch_is_alive_at (columns, i, self->peak_time + 1))
        count_at_peak (self, variable, columns, i);
    }
}

static void
finish_counts (MemscopeSurvey *self)
{
  const MemscopeFilter *filter = self->filter;

  for (guint v = 0; v < self->n_variables; v++)
    {
      MemscopeSurveyVariable *variable = &self->variables[v];

      variable->births = memscope_filter_count (filter, variable->births);
      variable->temporary = memscope_filter_count (filter, variable->temporary);
      variable->storm_births = memscope_filter_count (filter, variable->storm_births);
    }

  self->births = memscope_filter_count (filter, self->births);
  self->storm_births = memscope_filter_count (filter, self->storm_births);
  for (guint k = 0; k < MEMSCOPE_FINDING_POINTS; k++)
    self->storm_parts[k] = memscope_filter_count (filter, self->storm_parts[k]);
}

static gboolean
survey_run (MemscopeSurvey           *self,
            MemscopeDiagnosticsFunc   progress,
            gpointer                  progress_data,
            GCancellable             *cancellable,
            GError                  **error)
{
  static const MemscopeFold count = { .temporary = TRUE, .init = survey_init, .add = survey_count, .free = survey_keep };
  static const MemscopeFold count_again = { .init = survey_init, .add = survey_count_again, .free = survey_keep };
  const MemscopeFilter *filter = self->filter;

  if (memscope_fold_run (&count, filter, self, cancellable, error) == NULL)
    return FALSE;
  find_storm (self);
  progress (0.2, progress_data);

  self->leaks = memscope_leaks_new (self->session, self->selection, cancellable, error);
  if (self->leaks == NULL)
    return FALSE;
  progress (0.4, progress_data);

  if (!survey_watch (self, cancellable, error))
    return FALSE;
  progress (0.65, progress_data);

  if (memscope_fold_run (&count_again, filter, self, cancellable, error) == NULL)
    return FALSE;
  finish_counts (self);
  progress (0.8, progress_data);

  return TRUE;
}

MemscopeSurvey *
memscope_survey_new (const MemscopeFilter     *filter,
                     MemscopeDiagnosticsFunc   progress,
                     gpointer                  progress_data,
                     GCancellable             *cancellable,
                     GError                  **error)
{
  g_autoptr(MemscopeSurvey) self = g_new0 (MemscopeSurvey, 1);

  self->filter = filter;
  self->session = g_object_ref (filter->session);
  self->selection = memscope_selection_ref (filter->selection);
  self->memscope_rs = memscope_session_is_memscope_rs (self->session);
  self->sampled = filter->interval != 0;
  self->final = memscope_session_is_final (self->session);
  self->has_deaths = !self->memscope_rs || memscope_session_has_deaths (self->session);
  self->n_variables = memscope_session_get_n_variables (self->session) + 1;
  self->variables = g_new0 (MemscopeSurveyVariable, self->n_variables);
  for (guint v = 0; v < self->n_variables; v++)
    self->variables[v].first_birth = G_MAXUINT64;
  memscope_axis_init (&self->axis, filter->begin, filter->end, MEMSCOPE_FINDING_POINTS);

  return survey_run (self, progress, progress_data, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

void
memscope_survey_free (MemscopeSurvey *self)
{
  memscope_axis_clear (&self->axis);
  g_clear_pointer (&self->leaks, memscope_leaks_free);
  g_free (self->variables);
  g_free (self->watched);
  g_free (self->bins);
  g_clear_pointer (&self->selection, memscope_selection_unref);
  g_clear_object (&self->session);
  g_free (self);
}

const guint64 *
memscope_survey_get_bins (const MemscopeSurvey *self,
                          MemscopeVariableId    variable)
{
  if (variable >= self->n_variables || self->watched[variable] == 0)
    return NULL;

  return &self->bins[(gsize)(self->watched[variable] - 1) * MEMSCOPE_FINDING_POINTS];
}

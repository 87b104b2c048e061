/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a thread did in the range, from two context samples of it (the counters are
 * cumulative) and its births. The first rule that holds names it, in the order of
 * MemscopeThreadCategory.
 */

#include "config.h"

#include "memscope-stage.h"

#include "memscope-fold.h"
#include "memscope-samples.h"
#include "memscope-saturate.h"

#define NS_PER_SECOND   1e9
/* The kernel counts CPU time in ticks: of less than one nothing is known. */
#define LEAST_CPU_TIME  0.01

const MemscopeCategoryThresholds memscope_category_thresholds = {
  .cpu_share = 0.70,
  .io_bytes_per_cpu_second = 50e6,
  .io_blocked_share = 0.20,
  .memory_bytes_per_second = 1e6,
  .memory_births_per_second = 10e3,
  .async_switches_per_second = 100,
  .async_cpu_share = 0.30,
};

enum
{
  VALUE_USER,
  VALUE_SYSTEM,
  VALUE_VOLUNTARY,
  VALUE_INVOLUNTARY,
  VALUE_READ,
  VALUE_WRITTEN,
  VALUE_STATE,
  VALUE_BLOCK_DELAY,
};

typedef struct
{
  const MemscopeSample *first;      /* in force at the beginning, or the first inside */
  const MemscopeSample *last;       /* inside the range */
  guint                 n_states;   /* samples inside that say the state */
  guint                 n_blocked;  /* of them in state D */
  guint64               births;     /* in weights */
  guint64               born_bytes;
  double                births_per_second;   /* of the thread's time inside the range */
  double                bytes_per_second;
} Activity;

const char *
memscope_category_get_nick (MemscopeThreadCategory category)
{
  static const char *const nicks[] = {
    [MEMSCOPE_CATEGORY_NOT_RECORDED] = "not-recorded",
    [MEMSCOPE_CATEGORY_CPU] = "cpu",
    [MEMSCOPE_CATEGORY_IO] = "io",
    [MEMSCOPE_CATEGORY_MEMORY] = "memory",
    [MEMSCOPE_CATEGORY_ASYNC] = "async",
    [MEMSCOPE_CATEGORY_MIXED] = "mixed",
  };

  g_return_val_if_fail (category < G_N_ELEMENTS (nicks), NULL);

  return nicks[category];
}

/* ---- what is known ---------------------------------------------------------------------- */

static gpointer
births_init (const MemscopeFilter *filter,
             gpointer              user_data)
{
  return user_data;
}

static void
births_add (gpointer                 state,
            const MemscopeFoldBatch *batch)
{
  Activity *activities = state;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      Activity *activity = &activities[MIN (batch->columns.thread[i], batch->filter->last_thread)];

      if (batch->columns.birth_time[i] < batch->filter->begin)
        continue;

      activity->births += memscope_fold_weight (batch, j);
      activity->born_bytes = memscope_saturating_add (activity->born_bytes, memscope_fold_bytes (batch, j, i));
    }
}

static void
births_free (gpointer state)
{
}

static void
add_samples (Activity             *activities,
             const MemscopeFilter *filter)
{
  guint n;
  const MemscopeSample *samples = memscope_session_get_samples (filter->session, &n);

  for (guint i = 0; i < n; i++)
    {
      const MemscopeSample *sample = &samples[i];
      guint64 time = memscope_sample_get_time (sample);
      Activity *activity;

      if (sample->kind != MEMSCOPE_SAMPLE_THREAD || sample->thread > filter->last_thread || time >= filter->end)
        continue;

      activity = &activities[sample->thread];
      if (activity->first == NULL || time <= filter->begin)
        activity->first = sample;
      if (time < filter->begin)
        continue;

      activity->last = sample;
      activity->n_states += sample->values[VALUE_STATE] != MEMSCOPE_NOT_RECORDED;
      activity->n_blocked += sample->values[VALUE_STATE] == 'D';
    }
}

static void
find_rate (Activity             *self,
           const MemscopeFilter *filter,
           MemscopeThreadId      id)
{
  MemscopeThread thread;
  guint64 begin = filter->begin;
  guint64 end = filter->end;
  double seconds;

  if (memscope_session_get_thread (filter->session, id, &thread))
    {
      begin = MAX (begin, thread.start_time);
      end = MIN (end, thread.end_time);
    }

  if (end <= begin)
    return;

  seconds = (double)(end - begin) / NS_PER_SECOND;
  self->births_per_second = (double)memscope_filter_count (filter, self->births) / seconds;
  self->bytes_per_second = (double)self->born_bytes / seconds;
}

/* ---- the rules ------------------------------------------------------------------------------ */

/* How much a counter grew; a negative number when it is not recorded. */
static double
growth (const Activity *self,
        guint           value)
{
  guint64 first = self->first->values[value];
  guint64 last = self->last->values[value];

  if (first == MEMSCOPE_NOT_RECORDED || last == MEMSCOPE_NOT_RECORDED || last < first)
    return -1;

  return (double)(last - first);
}

static double
sum_of_known (double a,
              double b)
{
  return a < 0 ? b : b < 0 ? a : a + b;
}

static gboolean
is_io (const Activity *self,
       double          cpu_seconds)
{
  const MemscopeCategoryThresholds *thresholds = &memscope_category_thresholds;
  double bytes = sum_of_known (growth (self, VALUE_READ), growth (self, VALUE_WRITTEN));

  if (self->n_states > 0 && (double)self->n_blocked / self->n_states >= thresholds->io_blocked_share)
    return TRUE;

  return bytes / MAX (cpu_seconds, LEAST_CPU_TIME) > thresholds->io_bytes_per_cpu_second;
}

/* Whether no more than a quarter of the threads that allocate do so faster. */
static gboolean
in_top_quartile (const Activity *activities,
                 guint           n,
                 const Activity *self,
                 gboolean        by_bytes)
{
  guint n_allocating = 0;
  guint n_faster = 0;

  for (guint id = 1; id < n; id++)
    {
      n_allocating += activities[id].births > 0;
      n_faster += by_bytes ? activities[id].bytes_per_second > self->bytes_per_second
                           : activities[id].births_per_second > self->births_per_second;
    }

  return n_faster < (n_allocating + 3) / 4;
}

static gboolean
is_memory (const MemscopeFilter *filter,
           const Activity       *activities,
           const Activity       *self)
{
  const MemscopeCategoryThresholds *thresholds = &memscope_category_thresholds;
  guint n = filter->last_thread + 1;

  return (self->bytes_per_second >= thresholds->memory_bytes_per_second && in_top_quartile (activities, n, self, TRUE)) ||
         (self->births_per_second >= thresholds->memory_births_per_second && in_top_quartile (activities, n, self, FALSE));
}

static MemscopeThreadCategory
categorise (const MemscopeFilter *filter,
            const Activity       *activities,
            const Activity       *self)
{
  const MemscopeCategoryThresholds *thresholds = &memscope_category_thresholds;
  double cpu_seconds;
  double seconds;

  if (self->last == NULL || self->last->time <= self->first->time)
    return MEMSCOPE_CATEGORY_NOT_RECORDED;

  cpu_seconds = sum_of_known (growth (self, VALUE_USER), growth (self, VALUE_SYSTEM)) / NS_PER_SECOND;
  if (cpu_seconds < 0)
    return MEMSCOPE_CATEGORY_NOT_RECORDED;

  seconds = (double)(self->last->time - self->first->time) / 1e6;

  if (cpu_seconds / seconds >= thresholds->cpu_share)
    return MEMSCOPE_CATEGORY_CPU;
  if (is_io (self, cpu_seconds))
    return MEMSCOPE_CATEGORY_IO;
  if (is_memory (filter, activities, self))
    return MEMSCOPE_CATEGORY_MEMORY;
  if (growth (self, VALUE_VOLUNTARY) / seconds >= thresholds->async_switches_per_second &&
      cpu_seconds / seconds < thresholds->async_cpu_share)
    return MEMSCOPE_CATEGORY_ASYNC;

  return MEMSCOPE_CATEGORY_MIXED;
}

MemscopeThreadCategory *
memscope_categorise_threads (MemscopeSession   *session,
                             MemscopeSelection *selection)
{
  static const MemscopeFold fold = { .init = births_init, .add = births_add, .free = births_free };
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) everybody = memscope_selection_with_range (all, memscope_selection_get_begin (selection),
                                                                          memscope_selection_get_end (selection));
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, everybody);
  guint n = filter->last_thread + 1;
  g_autofree Activity *activities = g_new0 (Activity, n);
  MemscopeThreadCategory *categories = g_new0 (MemscopeThreadCategory, n);

  add_samples (activities, filter);
  memscope_fold_run (&fold, filter, activities, NULL, NULL);

  for (MemscopeThreadId id = 1; id < n; id++)
    find_rate (&activities[id], filter, id);
  for (MemscopeThreadId id = 1; id < n; id++)
    categories[id] = categorise (filter, activities, &activities[id]);

  return categories;
}

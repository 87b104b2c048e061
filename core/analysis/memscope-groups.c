/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two passes: a fold for what can be counted in any order, a sweep for the peaks
 * and sparks, which can't.
 */

#include "config.h"

#include "memscope-groups.h"

#include "memscope-axis.h"
#include "memscope-fold.h"
#include "memscope-group-keys.h"
#include "memscope-group-tape.h"
#include "memscope-holders.h"
#include "memscope-saturate.h"
#include "memscope-sweep.h"
#include "memscope-tape-sweep.h"

/* What is needed of a group until it is finished. */
typedef struct
{
  guint64  first_event;   /* times before the instant, whenever */
  guint64  last_event;
  guint64  swept_bytes;   /* live, where the sweep is */
  guint    part;          /* of the spark: the last one the sweep wrote */
  gboolean shared;
  guint32  thread;        /* of a row in it: what its key is made of */
  guint32  stack;
  guint32  variable;
} Progress;

typedef struct
{
  const MemscopeFilter *filter;
  MemscopeGroupKeys     keys;
  const MemscopeHolders *holders;
  GArray               *groups;     /* MemscopeGroup */
  GArray               *progress;   /* Progress */
  MemscopeAxis          axis;
  guint                 part;       /* of the spark: where the sweep is */
  guint32              *numbers;    /* of the groups of a batch's rows */
} Grouper;

/* Rows whose groups are fetched ahead. */
#define AHEAD 8u

/* One for each thread that counts, made like @user_data, which itself counts nothing. */
static gpointer
grouper_init (const MemscopeFilter *filter,
              gpointer              user_data)
{
  const Grouper *like = user_data;
  Grouper *self = g_new0 (Grouper, 1);

  self->filter = filter;
  self->holders = like->holders;
  memscope_group_keys_init_like (&self->keys, &like->keys);
  self->groups = g_array_new (FALSE, FALSE, sizeof (MemscopeGroup));
  self->progress = g_array_new (FALSE, FALSE, sizeof (Progress));
  memscope_axis_init (&self->axis, filter->begin, filter->end, MEMSCOPE_SPARK_BUCKETS);
  self->numbers = g_new (guint32, MEMSCOPE_SEGMENT_ROWS);

  return self;
}

static void
grouper_free (gpointer state)
{
  Grouper *self = state;

  memscope_axis_clear (&self->axis);
  memscope_group_keys_clear (&self->keys);
  g_array_unref (self->progress);
  g_array_unref (self->groups);
  g_free (self->numbers);
  g_free (self);
}

static void
grouper_add_group (Grouper             *self,
                   const MemscopeBatch *columns,
                   guint                i)
{
  MemscopeGroup group = { .first_time = MEMSCOPE_UNKNOWN, .last_time = MEMSCOPE_UNKNOWN };
  Progress progress = { .first_event = G_MAXUINT64, .thread = columns->thread[i], .stack = columns->stack[i],
                        .variable = columns->variable[i] };

  group.peak_time = self->filter->begin;
  memscope_group_keys_fill (&self->keys, columns, i, &group);
  g_array_append_val (self->groups, group);
  g_array_append_val (self->progress, progress);
}

/* ---- what can be counted ------------------------------------------------------------------ */

static void
note_event (MemscopeGroup *group,
            guint64        time)
{
  group->first_time = MIN (group->first_time, time);
  group->last_time = group->last_time == MEMSCOPE_UNKNOWN ? time : MAX (group->last_time, time);
}

/* Variances, until the group is finished. */
static void
add_variance (double                  *of_blocks,
              double                  *of_bytes,
              const MemscopeFoldBatch *batch,
              guint                    i)
{
  double probability = memscope_filter_get_probability (batch->filter, &batch->columns, i);
  MemscopeEstimator blocks = { 0 }, bytes = { 0 };

  memscope_estimator_add (&blocks, 1, probability);
  memscope_estimator_add (&bytes, (double)batch->columns.size[i], probability);
  *of_blocks += blocks.variance;
  *of_bytes += bytes.variance;
}

static void
count_birth (MemscopeGroup           *group,
             const MemscopeFoldBatch *batch,
             guint                    j,
             guint                    i)
{
  group->births += memscope_fold_weight (batch, j);
  group->born_bytes = memscope_saturating_add (group->born_bytes, memscope_fold_bytes (batch, j, i));
  note_event (group, batch->columns.birth_time[i]);
  if (G_UNLIKELY (batch->weights != NULL))
    {
      group->born_samples++;
      add_variance (&group->births_error, &group->born_bytes_error, batch, i);
    }
}

static void
count_death (MemscopeGroup           *group,
             const MemscopeFoldBatch *batch,
             guint                    j,
             guint                    i)
{
  group->deaths += memscope_fold_weight (batch, j);
  group->dead_bytes = memscope_saturating_add (group->dead_bytes, memscope_fold_bytes (batch, j, i));
  if (batch->temporary[j])
    group->temporary += memscope_fold_weight (batch, j);
  note_event (group, memscope_batch_end_time (&batch->columns, i));
}

/* Everything about the instant. */
static void
count_stock (Grouper                 *self,
             guint32                  number,
             const MemscopeFoldBatch *batch,
             guint                    j,
             guint                    i)
{
  MemscopeGroup *group = &g_array_index (self->groups, MemscopeGroup, number);
  Progress *progress = &g_array_index (self->progress, Progress, number);
  const MemscopeBatch *columns = &batch->columns;
  guint64 instant = self->filter->instant;
  guint64 end_time = memscope_batch_end_time (columns, i);
  const MemscopeHolder *holder = NULL;
  gboolean shared;

  if (columns->birth_time[i] >= instant)
    return;

  if (self->holders->n > 0)
    holder = memscope_holders_find (self->holders, columns->first_row + i);
  shared = memscope_holders_is_shared (self->filter, columns, i, holder);

  progress->shared |= shared;
  progress->first_event = MIN (progress->first_event, columns->birth_time[i]);
  progress->last_event = MAX (progress->last_event, end_time < instant ? end_time : columns->birth_time[i]);
  if (holder != NULL)
    progress->last_event = MAX (progress->last_event, holder->last_time);

  if (memscope_batch_is_alive_at (columns, i, instant))
    {
      group->live_blocks += memscope_fold_weight (batch, j);
      group->live_bytes = memscope_saturating_add (group->live_bytes, memscope_fold_bytes (batch, j, i));
      if (shared)
        group->shared_blocks += memscope_fold_weight (batch, j);
      if (G_UNLIKELY (batch->weights != NULL))
        {
          group->live_samples++;
          add_variance (&group->live_blocks_error, &group->live_bytes_error, batch, i);
        }
    }
}

static void
grouper_add (gpointer                 state,
             const MemscopeFoldBatch *batch)
{
  Grouper *self = state;
  const MemscopeFilter *filter = self->filter;
  const MemscopeBatch *columns = &batch->columns;

  for (guint j = 0; j < batch->n; j++)
    {
      guint32 number = self->numbers[j] = memscope_group_keys_intern (&self->keys, columns, batch->rows[j]);

      if (number == self->groups->len)
        grouper_add_group (self, columns, batch->rows[j]);
    }

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      guint32 number = self->numbers[j];
      guint64 end_time = memscope_batch_end_time (columns, i);
      MemscopeGroup *group;

      if (j + AHEAD < batch->n)
        {
          const char *coming = (const char *)&g_array_index (self->groups, MemscopeGroup, self->numbers[j + AHEAD]);

          __builtin_prefetch (coming + 64, 1);
          __builtin_prefetch (coming + 128, 1);
          __builtin_prefetch (&g_array_index (self->progress, Progress, self->numbers[j + AHEAD]), 1);
        }

      group = &g_array_index (self->groups, MemscopeGroup, number);
      if (end_time >= filter->begin)
        {
          group->rows += memscope_fold_weight (batch, j);
          group->largest = MAX (group->largest, columns->size[i]);
        }
      if (columns->birth_time[i] >= filter->begin)
        count_birth (group, batch, j, i);
      if (memscope_filter_in_range (filter, end_time))
        count_death (group, batch, j, i);
      count_stock (self, number, batch, j, i);
    }
}

static void
merge_group (MemscopeGroup       *group,
             Progress            *progress,
             const MemscopeGroup *other,
             const Progress      *of_other)
{
  group->rows += other->rows;
  group->births += other->births;
  group->born_bytes = memscope_saturating_add (group->born_bytes, other->born_bytes);
  group->deaths += other->deaths;
  group->dead_bytes = memscope_saturating_add (group->dead_bytes, other->dead_bytes);
  group->temporary += other->temporary;
  group->live_blocks += other->live_blocks;
  group->live_bytes = memscope_saturating_add (group->live_bytes, other->live_bytes);
  group->shared_blocks += other->shared_blocks;
  group->largest = MAX (group->largest, other->largest);
  group->born_samples += other->born_samples;
  group->live_samples += other->live_samples;
  group->births_error += other->births_error;
  group->born_bytes_error += other->born_bytes_error;
  group->live_blocks_error += other->live_blocks_error;
  group->live_bytes_error += other->live_bytes_error;
  if (other->first_time != MEMSCOPE_UNKNOWN)
    {
      note_event (group, other->first_time);
      note_event (group, other->last_time);
    }

  progress->shared |= of_other->shared;
  progress->first_event = MIN (progress->first_event, of_other->first_event);
  progress->last_event = MAX (progress->last_event, of_other->last_event);
}

static void
grouper_merge (gpointer state,
               gpointer other_state)
{
  Grouper *self = state;
  Grouper *other = other_state;

  for (guint k = 0; k < other->groups->len; k++)
    {
      const Progress *of_other = &g_array_index (other->progress, Progress, k);
      MemscopeBatch row = { .n_rows = 1, .thread = &of_other->thread, .stack = &of_other->stack, .variable = &of_other->variable };
      guint32 number = memscope_group_keys_intern (&self->keys, &row, 0);

      if (number == self->groups->len)
        grouper_add_group (self, &row, 0);
      merge_group (&g_array_index (self->groups, MemscopeGroup, number), &g_array_index (self->progress, Progress, number),
                   &g_array_index (other->groups, MemscopeGroup, k), of_other);
    }

  grouper_free (other);
}

/* The stage looks back to the first event of the group, however long ago. */
static const MemscopeFold grouper_fold = {
  .all_history = TRUE,
  .temporary = TRUE,
  .init = grouper_init,
  .add = grouper_add,
  .merge = grouper_merge,
  .free = grouper_free,
};

/* ---- peaks and sparks ------------------------------------------------------------------------ */

static guint32
find_group (const MemscopeBatch *batch,
            guint                i,
            gpointer             user_data)
{
  Grouper *self = user_data;

  return memscope_group_keys_find (&self->keys, batch, i);
}

/* What was alive at the beginning of each part that went by without an event. */
static void
catch_up (MemscopeGroup *group,
          Progress      *progress,
          guint          part)
{
  while (progress->part < part)
    group->spark[++progress->part] = (float)progress->swept_bytes;
}

static void
sweep_birth (MemscopeGroup         *group,
             Progress              *progress,
             const MemscopeSweepOp *op)
{
  progress->swept_bytes = memscope_saturating_add (progress->swept_bytes, op->bytes);
  group->spark[progress->part] = MAX (group->spark[progress->part], (float)progress->swept_bytes);

  if (progress->swept_bytes > group->peak_bytes)
    {
      group->peak_bytes = progress->swept_bytes;
      group->peak_time = MAX (op->time, group->peak_time);
    }
}

static void
grouper_sweep (const MemscopeSweepOp *ops,
               gsize                  n_ops,
               gpointer               user_data)
{
  Grouper *self = user_data;

  for (gsize k = 0; k < n_ops; k++)
    {
      const MemscopeSweepOp *op = &ops[k];
      MemscopeGroup *group;
      Progress *progress;

      if (op->key >= self->groups->len)
        continue;

      group = &g_array_index (self->groups, MemscopeGroup, op->key);
      progress = &g_array_index (self->progress, Progress, op->key);
      while (self->part + 1 < self->axis.n && op->time >= self->axis.edges[self->part + 1])
        self->part++;
      catch_up (group, progress, self->part);

      if (op->kind == MEMSCOPE_SWEEP_DEATH)
        progress->swept_bytes = memscope_saturating_sub (progress->swept_bytes, op->bytes);
      else
        sweep_birth (group, progress, op);
    }
}

static gboolean
grouper_walk_tape (Grouper       *self,
                   GCancellable  *cancellable,
                   GError       **error)
{
  guint n_sites;
  g_autofree guint32 *of_site = memscope_tape_get_keys (self->filter, find_group, self, &n_sites);

  for (guint k = 0; k < self->progress->len; k++)
    g_array_index (self->progress, Progress, k).part = MEMSCOPE_SPARK_BUCKETS - 1;   /* nothing is left to draw */

  return memscope_group_tape_run (self->filter, (MemscopeGroup *)(gpointer)self->groups->data, self->groups->len,
                                  of_site, n_sites, cancellable, error);
}

static gboolean
grouper_find_peaks (Grouper       *self,
                    GCancellable  *cancellable,
                    GError       **error)
{
  const MemscopeFilter *filter = self->filter;

  if (filter->tape != NULL)
    return grouper_walk_tape (self, cancellable, error);

  return memscope_sweep_run (filter, filter->begin, filter->end, find_group, grouper_sweep, self, cancellable, error);
}

/* ---- the result --------------------------------------------------------------------------------- */

static int
compare_ids (guint32 a,
             guint32 b)
{
  return a < b ? -1 : a > b;
}

static int
compare_groups (gconstpointer a,
                gconstpointer b,
                gpointer      user_data)
{
  const MemscopeGroup *groups = user_data;
  const MemscopeGroup *left = &groups[*(const guint32 *)a];
  const MemscopeGroup *right = &groups[*(const guint32 *)b];
  int order;

  if (left->live_bytes != right->live_bytes)
    return left->live_bytes > right->live_bytes ? -1 : 1;
  if (left->born_bytes != right->born_bytes)
    return left->born_bytes > right->born_bytes ? -1 : 1;

  if ((order = compare_ids (left->thread, right->thread)) != 0 ||
      (order = compare_ids (left->variable, right->variable)) != 0 ||
      (order = compare_ids (left->call_site, right->call_site)) != 0 ||
      (order = compare_ids (left->stack, right->stack)) != 0 ||
      (order = compare_ids (left->module, right->module)) != 0)
    return order;

  return compare_ids (left->type, right->type);
}

static void
finish_errors (MemscopeGroup *group)
{
  double *variances[] = { &group->births_error, &group->born_bytes_error, &group->live_blocks_error,
                          &group->live_bytes_error };

  group->estimated = TRUE;
  for (guint k = 0; k < G_N_ELEMENTS (variances); k++)
    *variances[k] = memscope_estimator_finish (&(MemscopeEstimator) { .variance = *variances[k] }).error;
}

static void
finish_group (Grouper       *self,
              MemscopeGroup *group,
              Progress      *progress)
{
  const MemscopeFilter *filter = self->filter;

  catch_up (group, progress, MEMSCOPE_SPARK_BUCKETS - 1);
  group->stage = memscope_stage_judge (group->live_blocks, progress->shared,
                                       progress->first_event, progress->last_event, filter->instant);

  group->rows = memscope_filter_count (filter, group->rows);
  group->births = memscope_filter_count (filter, group->births);
  group->deaths = memscope_filter_count (filter, group->deaths);
  group->temporary = memscope_filter_count (filter, group->temporary);
  group->live_blocks = memscope_filter_count (filter, group->live_blocks);
  group->shared_blocks = memscope_filter_count (filter, group->shared_blocks);
  if (filter->interval != 0)
    finish_errors (group);
}

/* Groups that only history knows are left out. */
static MemscopeGroups *
grouper_finish (Grouper *self)
{
  MemscopeGroup *groups = (gpointer)self->groups->data;
  MemscopeGroups *result = g_new0 (MemscopeGroups, 1);
  g_autofree guint32 *order = g_new (guint32, self->groups->len + 1);
  guint n = 0;

  for (guint k = 0; k < self->groups->len; k++)
    {
      if (groups[k].rows == 0)
        continue;

      finish_group (self, &groups[k], &g_array_index (self->progress, Progress, k));
      order[n++] = k;
    }

  g_qsort_with_data (order, (int)n, sizeof *order, compare_groups, groups);

  result->by = self->keys.by;
  result->n_groups = n;
  result->groups = g_new (MemscopeGroup, MAX (n, 1));
  for (guint k = 0; k < n; k++)
    result->groups[k] = groups[order[k]];

  return result;
}

MemscopeGroups *
memscope_groups_new (MemscopeSession    *session,
                     MemscopeSelection  *selection,
                     MemscopeGroupBy     by,
                     GCancellable       *cancellable,
                     GError            **error)
{
  g_autoptr(MemscopeFilter) filter = NULL;
  MemscopeHolders holders;
  Grouper like = { .holders = &holders };
  Grouper *grouper;
  MemscopeGroups *groups = NULL;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);
  g_return_val_if_fail (by <= MEMSCOPE_GROUP_BY_TYPE, NULL);

  filter = memscope_filter_new (session, selection);
  memscope_group_keys_init (&like.keys, session, by);
  memscope_holders_init (&holders, session, filter->instant);

  grouper = memscope_fold_run (&grouper_fold, filter, &like, cancellable, error);
  if (grouper != NULL)
    {
      if (grouper_find_peaks (grouper, cancellable, error))
        groups = grouper_finish (grouper);
      grouper_free (grouper);
    }

  memscope_holders_clear (&holders);
  memscope_group_keys_clear (&like.keys);

  return groups;
}

void
memscope_groups_free (MemscopeGroups *self)
{
  g_free (self->groups);
  g_free (self);
}

/* ---- estimates ----------------------------------------------------------------------------------- */

static MemscopeEstimate
estimate_of (const MemscopeGroup *self,
             guint64              value,
             double               error,
             guint32              n_samples)
{
  return (MemscopeEstimate) {
    .value = (double)value,
    .error = error,
    .too_few = self->estimated && n_samples < MEMSCOPE_ESTIMATE_MIN_SAMPLES,
  };
}

MemscopeEstimate
memscope_group_get_live_bytes (const MemscopeGroup *self)
{
  return estimate_of (self, self->live_bytes, self->live_bytes_error, self->live_samples);
}

MemscopeEstimate
memscope_group_get_born_bytes (const MemscopeGroup *self)
{
  return estimate_of (self, self->born_bytes, self->born_bytes_error, self->born_samples);
}

MemscopeEstimate
memscope_group_get_births (const MemscopeGroup *self)
{
  return estimate_of (self, self->births, self->births_error, self->born_samples);
}

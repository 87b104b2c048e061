/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-causes.h"

#include "memscope-pair-table.h"
#include "memscope-saturate.h"

/* More pairs of stack and variable than this are not told apart any further. */
#define MAX_PAIRS 2000000u

typedef enum
{
  MEASURE_BIRTHS,
  MEASURE_TEMPORARY,
  MEASURE_COPIED,
  MEASURE_EQUAL,
  MEASURE_ROUNDING,
  MEASURE_FOREIGN,
  MEASURE_TREND_END,      /* bytes alive where the variable's trend ends */
  MEASURE_PEAK,           /* bytes alive when the tick of the peak was over */
  MEASURE_STORM,
  MEASURE_INSTANT,        /* bytes alive at the instant */
  N_MEASURES
} Measure;

typedef struct
{
  guint64 values[N_MEASURES];
} Sums;

typedef struct
{
  const MemscopeSurvey *survey;
  guint8               *wanted;       /* by variable */
  guint64              *trend_ends;   /* by variable */
  MemscopePairTable     pairs;        /* (variable, stack) */
  GArray               *sums;         /* Sums, by number of the pair - 1 */
} Collector;

static gpointer
collector_init (const MemscopeFilter *filter,
                gpointer              user_data)
{
  return user_data;
}

static void
collector_keep (gpointer state)
{
}

static Measure
get_measure (MemscopeRule rule)
{
  switch (rule)
    {
    case MEMSCOPE_RULE_GROWTH:
      return MEASURE_TREND_END;

    case MEMSCOPE_RULE_TEMPORARY_CHURN:
      return MEASURE_TEMPORARY;

    case MEMSCOPE_RULE_REALLOC_CHURN:
      return MEASURE_COPIED;

    case MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS:
      return MEASURE_EQUAL;

    case MEMSCOPE_RULE_ROUNDING:
      return MEASURE_ROUNDING;

    case MEMSCOPE_RULE_PEAK_BLAME:
      return MEASURE_PEAK;

    case MEMSCOPE_RULE_CROSS_THREAD_FREES:
      return MEASURE_FOREIGN;

    case MEMSCOPE_RULE_STORM:
      return MEASURE_STORM;

    case MEMSCOPE_RULE_PINNED_PAGES:
      return MEASURE_INSTANT;

    default:
      return MEASURE_BIRTHS;
    }
}

/* Bytes that the birth of a row copied. */
static guint64
get_copied (const Collector     *self,
            const MemscopeBatch *columns,
            guint                i)
{
  guint64 row = columns->previous[i] - 1;
  MemscopeBatch batch;
  guint j = row % MEMSCOPE_SEGMENT_ROWS;

  if (columns->previous[i] == 0 || row >= columns->first_row + i)
    return 0;

  memscope_filter_get_batch (self->survey->filter, (guint)(row / MEMSCOPE_SEGMENT_ROWS), &batch);

  return batch.address[j] != columns->address[i] ? MIN (batch.size[j], columns->size[i]) : 0;
}

static void
add_to (guint64 *sum,
        guint64  value)
{
  *sum = memscope_saturating_add (*sum, value);
}

static void
collect_row (Collector               *self,
             Sums                    *sums,
             guint32                  variable,
             const MemscopeFoldBatch *batch,
             guint                    j,
             guint                    i)
{
  const MemscopeSurvey *survey = self->survey;
  const MemscopeBatch *columns = &batch->columns;
  guint64 weight = memscope_fold_weight (batch, j);
  guint64 bytes = memscope_fold_bytes (batch, j, i);
  guint64 time = columns->birth_time[i];

  if (time >= survey->filter->begin)
    {
      sums->values[MEASURE_BIRTHS] += weight;
      if (columns->size[i] == survey->variables[variable].equal_size)
        sums->values[MEASURE_EQUAL] += weight;
      if (time >= survey->storm_begin && time < survey->storm_end)
        sums->values[MEASURE_STORM] += weight;
      add_to (&sums->values[MEASURE_COPIED], get_copied (self, columns, i));
    }

  if (memscope_filter_in_range (survey->filter, memscope_batch_end_time (columns, i)))
    {
      if (batch->temporary[j])
        sums->values[MEASURE_TEMPORARY] += weight;
      if (columns->death_thread[i] != 0 && columns->death_thread[i] != columns->thread[i])
        sums->values[MEASURE_FOREIGN] += weight;
    }

  if (memscope_batch_is_alive_at (columns, i, survey->peak_time + 1))
    {
      add_to (&sums->values[MEASURE_PEAK], bytes);
      if (columns->rounding[i] != G_MAXUINT32)
        add_to (&sums->values[MEASURE_ROUNDING], columns->rounding[i]);
    }
  if (memscope_batch_is_alive_at (columns, i, self->trend_ends[variable]))
    add_to (&sums->values[MEASURE_TREND_END], bytes);
  if (memscope_batch_is_alive_at (columns, i, survey->filter->instant))
    add_to (&sums->values[MEASURE_INSTANT], bytes);
}

static void
collect (gpointer                 state,
         const MemscopeFoldBatch *batch)
{
  Collector *self = state;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      guint32 variable = memscope_survey_variable (self->survey, &batch->columns, i);
      guint32 number;

      if (!self->wanted[variable])
        continue;

      number = self->sums->len < MAX_PAIRS
                 ? memscope_pair_table_intern (&self->pairs, variable, batch->columns.stack[i])
                 : memscope_pair_table_find (&self->pairs, variable, batch->columns.stack[i]);
      if (number == 0)
        continue;
      if (number > self->sums->len)
        g_array_set_size (self->sums, number);

      collect_row (self, &g_array_index (self->sums, Sums, number - 1), variable, batch, j, i);
    }
}

static void
want (Collector             *self,
      const MemscopeFinding *finding)
{
  gboolean about_variables = finding->n_causes > 0 && finding->causes[0].stack == 0;

  if (finding->has_subject)
    {
      self->wanted[finding->subject] = TRUE;
      if (finding->rule == MEMSCOPE_RULE_GROWTH)
        self->trend_ends[finding->subject] = finding->trend_end;
    }

  for (guint k = 0; about_variables && k < finding->n_causes; k++)
    self->wanted[finding->causes[k].variable] = TRUE;
}

/* The numbers of the pairs, by variable, then as a heap would have it: largest first by
 * one measure at a time. A variable's pairs are gone through for each of its findings.
 */
typedef struct
{
  guint32 variable;
  guint32 stack;
  guint32 number;
} Pair;

static int
compare_pairs (gconstpointer a,
               gconstpointer b)
{
  const Pair *left = a;
  const Pair *right = b;

  if (left->variable != right->variable)
    return left->variable < right->variable ? -1 : 1;

  return left->stack < right->stack ? -1 : left->stack > right->stack;
}

static Pair *
sort_pairs (Collector *self)
{
  guint n = self->sums->len;
  Pair *pairs = g_new (Pair, MAX (n, 1));

  for (guint k = 0; k < n; k++)
    {
      guint64 pair = g_array_index (self->pairs.pairs, guint64, k);

      pairs[k] = (Pair) { (guint32)(pair >> 32), (guint32)pair, k };
    }
  qsort (pairs, n, sizeof *pairs, compare_pairs);

  return pairs;
}

static guint
find_first (const Pair *pairs,
            guint       n,
            guint32     variable)
{
  guint low = 0;
  guint high = n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (pairs[middle].variable < variable)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/* The stacks of a variable with most of the measure, descending; returns their sum. */
static guint64
find_largest (Collector   *self,
              const Pair  *pairs,
              guint32      variable,
              Measure      measure,
              const Pair **largest)
{
  guint n = self->sums->len;
  guint64 total = 0;

  for (guint m = 0; m < MEMSCOPE_FINDING_MAX_CAUSES; m++)
    largest[m] = NULL;

  for (guint k = find_first (pairs, n, variable); k < n && pairs[k].variable == variable; k++)
    {
      const Pair *moved = &pairs[k];

      add_to (&total, g_array_index (self->sums, Sums, moved->number).values[measure]);
      for (guint m = 0; m < MEMSCOPE_FINDING_MAX_CAUSES && moved != NULL; m++)
        {
          const Pair *other = largest[m];

          if (other != NULL && g_array_index (self->sums, Sums, other->number).values[measure] >=
                               g_array_index (self->sums, Sums, moved->number).values[measure])
            continue;
          largest[m] = moved;
          moved = other;
        }
    }

  return total;
}

static void
explain (Collector       *self,
         const Pair      *pairs,
         MemscopeFinding *finding)
{
  Measure measure = get_measure (finding->rule);
  const Pair *largest[MEMSCOPE_FINDING_MAX_CAUSES];

  if (finding->n_causes == 0 && finding->has_subject)
    {
      guint64 total = find_largest (self, pairs, finding->subject, measure, largest);

      for (guint m = 0; m < MEMSCOPE_FINDING_MAX_CAUSES && largest[m] != NULL; m++)
        memscope_finding_add_cause (finding, largest[m]->stack, finding->subject,
                                    (double)g_array_index (self->sums, Sums, largest[m]->number).values[measure], (double)total);
    }

  for (guint k = 0; k < finding->n_causes; k++)
    {
      if (finding->causes[k].stack != 0)
        continue;
      find_largest (self, pairs, finding->causes[k].variable, measure, largest);
      if (largest[0] != NULL)
        finding->causes[k].stack = largest[0]->stack;
    }

  if (finding->stack == 0 && finding->n_causes > 0)
    finding->stack = finding->causes[0].stack;
}

/* Weights of sampled sessions become blocks. */
static void
finish_values (const MemscopeSurvey *survey,
               MemscopeFinding      *finding)
{
  Measure measure = get_measure (finding->rule);

  if (!survey->sampled || finding->cause_unit != MEMSCOPE_UNIT_COUNT || measure != MEASURE_BIRTHS)
    return;

  for (guint k = 0; k < finding->n_causes; k++)
    finding->causes[k].value = (double)memscope_filter_count (survey->filter, (guint64)finding->causes[k].value);
}

gboolean
memscope_causes_fill (const MemscopeSurvey  *survey,
                      GPtrArray             *findings,
                      GCancellable          *cancellable,
                      GError               **error)
{
  static const MemscopeFold fold = { .temporary = TRUE, .init = collector_init, .add = collect, .free = collector_keep };
  Collector collector = { .survey = survey };
  gboolean done;

  if (findings->len == 0)
    return !g_cancellable_set_error_if_cancelled (cancellable, error);

  collector.wanted = g_new0 (guint8, survey->n_variables);
  collector.trend_ends = g_new0 (guint64, survey->n_variables);
  collector.sums = g_array_new (FALSE, TRUE, sizeof (Sums));
  memscope_pair_table_init (&collector.pairs);
  for (guint k = 0; k < findings->len; k++)
    want (&collector, g_ptr_array_index (findings, k));

  done = memscope_fold_run (&fold, survey->filter, &collector, cancellable, error) != NULL;
  if (done)
    {
      g_autofree Pair *pairs = sort_pairs (&collector);

      for (guint k = 0; k < findings->len; k++)
        {
          explain (&collector, pairs, g_ptr_array_index (findings, k));
          finish_values (survey, g_ptr_array_index (findings, k));
        }
    }

  memscope_pair_table_clear (&collector.pairs);
  g_array_unref (collector.sums);
  g_free (collector.trend_ends);
  g_free (collector.wanted);

  return done;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* leak.growing, leak.alive-at-exit
 *
 *   Blocks without a death at the end of a complete recording of an ended process
 *   (memscope-rs: that the file flags), by variable. It is *growing* when
 *     blocks ≥ leak_growing_blocks and bytes ≥ leak_growing_bytes, and
 *     at least half of the bytes are of stacks whose live bytes rose in each quarter
 *     of the time from the first birth to the end (memscope-leaks.h), or
 *     at least half of the variable's blocks were never freed and its live bytes
 *     follow a line upwards: R² ≥ growth_fit, the last quarter as well;
 *   else it is *alive at exit*.
 *
 *   growing:        critical from leak_large_bytes and leak_many_blocks on, when it was
 *                   watched for growth_warning_span; else warning.
 *   alive at exit:  warning from leak_large_bytes in leak_growing_blocks or more on,
 *                   when at least half of the variable's blocks were never freed;
 *                   note from leak_note_bytes on, else hint.
 *
 * What a suppression names is told apart by stack before it is added up.
 */

#include "config.h"

#include "memscope-rules.h"

#include "memscope-saturate.h"

/* Suppressions are asked about so many leaks, the largest. */
#define MAX_ASKED 5000

typedef struct
{
  MemscopeVariableId  variable;
  const char         *suppression;
  guint64             bytes;
  guint64             blocks;
  guint64             births;
  guint64             growing_bytes;
  guint64             first_birth;
  guint64             block_size;     /* 0: they differ */
  guint               n_leaks;
  MemscopeLeak        largest[MEMSCOPE_FINDING_MAX_CAUSES];
} Sum;

static guint
hash_sum (gconstpointer key)
{
  const Sum *sum = key;

  return sum->variable * 31 + g_direct_hash (sum->suppression);
}

static gboolean
equal_sums (gconstpointer a,
            gconstpointer b)
{
  const Sum *left = a;
  const Sum *right = b;

  return left->variable == right->variable && left->suppression == right->suppression;
}

static guint64
get_block_size (const MemscopeLeak *leak)
{
  return leak->blocks > 0 && leak->bytes % leak->blocks == 0 ? leak->bytes / leak->blocks : 0;
}

static MemscopeRule
get_verdict (const MemscopeLeak *leak)
{
  return leak->grows ? MEMSCOPE_RULE_LEAK_GROWING : MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT;
}

/* Leaks come heaviest first. */
static void
add_leak (GHashTable          *sums,
          GPtrArray           *order,
          const MemscopeLeak  *leak,
          const char          *suppression)
{
  Sum key = { .variable = leak->variable, .suppression = suppression };
  Sum *sum = g_hash_table_lookup (sums, &key);
  guint64 block_size = get_block_size (leak);

  if (sum == NULL)
    {
      sum = g_memdup2 (&key, sizeof key);
      sum->first_birth = leak->first_birth;
      sum->block_size = block_size;
      g_hash_table_add (sums, sum);
      g_ptr_array_add (order, sum);
    }

  if (sum->n_leaks < MEMSCOPE_FINDING_MAX_CAUSES)
    sum->largest[sum->n_leaks] = *leak;
  sum->n_leaks++;
  sum->bytes = memscope_saturating_add (sum->bytes, leak->bytes);
  sum->blocks += leak->blocks;
  sum->births += leak->total_births;
  sum->first_birth = MIN (sum->first_birth, leak->first_birth);
  if (leak->grows)
    sum->growing_bytes = memscope_saturating_add (sum->growing_bytes, leak->bytes);
  if (sum->block_size != block_size)
    sum->block_size = 0;
}

static gboolean
is_growing (const Sum               *sum,
            const MemscopeRuleTrend *trend)
{
  const MemscopeRuleLimits *limits = &memscope_rule_limits;

  if (sum->blocks < limits->leak_growing_blocks || sum->bytes < limits->leak_growing_bytes)
    return FALSE;

  if (sum->growing_bytes >= sum->bytes - sum->bytes / 2)
    return TRUE;

  return trend != NULL && sum->blocks >= sum->births - sum->births / 2 && trend->slope > 0 &&
         trend->fit >= limits->growth_fit && trend->last_quarter >= limits->growth_last_quarter * trend->slope;
}

static MemscopeSeverity
judge_severity (const Sum *sum,
                guint64    span,
                gboolean   growing)
{
  const MemscopeRuleLimits *limits = &memscope_rule_limits;

  if (growing)
    return sum->bytes >= limits->leak_large_bytes && sum->blocks >= limits->leak_many_blocks &&
           span >= limits->growth_warning_span ? MEMSCOPE_SEVERITY_CRITICAL : MEMSCOPE_SEVERITY_WARNING;
  /* What is mostly freed was in use when the program ended. */
  if (sum->bytes >= limits->leak_large_bytes && sum->blocks >= limits->leak_growing_blocks &&
      sum->blocks >= sum->births - sum->births / 2)
    return MEMSCOPE_SEVERITY_WARNING;

  return sum->bytes >= limits->leak_note_bytes ? MEMSCOPE_SEVERITY_NOTE : MEMSCOPE_SEVERITY_HINT;
}

static MemscopeConfidence
judge_confidence (const Sum *sum,
                  gboolean   growing)
{
  if (growing)
    return sum->blocks >= memscope_rule_limits.leak_many_blocks ? MEMSCOPE_CONFIDENCE_HIGH : MEMSCOPE_CONFIDENCE_MEDIUM;

  /* One block may be meant to stay, many that came one by one hardly. */
  return sum->blocks >= memscope_rule_limits.leak_many_blocks ? MEMSCOPE_CONFIDENCE_MEDIUM : MEMSCOPE_CONFIDENCE_LOW;
}

static void
report (MemscopeRuleContext *context,
        const Sum           *sum)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;
  guint64 end = memscope_session_get_duration (survey->session) + 1;
  MemscopeVariableId subject = sum->variable < survey->n_variables ? sum->variable : 0;
  MemscopeEstimate estimate = memscope_estimator_finish (&survey->variables[subject].estimated_leaked_bytes);
  MemscopeRuleTrend trend;
  gboolean has_trend = memscope_rule_find_trend (survey, subject, sum->first_birth, survey->filter->end, &trend);
  gboolean growing = is_growing (sum, has_trend ? &trend : NULL);
  MemscopeFinding *finding;

  /* From samples only growth can be told, and not from few of them. */
  if (survey->sampled && (!growing || estimate.too_few))
    return;

  finding = memscope_rule_add_finding (context, growing ? MEMSCOPE_RULE_LEAK_GROWING : MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT,
                                       judge_severity (sum, memscope_saturating_sub (end, sum->first_birth), growing), judge_confidence (sum, growing), subject);
  finding->suppressed_by = g_strdup (sum->suppression);
  finding->block_size = sum->block_size;
  finding->stack = sum->largest[0].stack;
  finding->begin = sum->first_birth;
  finding->end = end;

  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_NEVER_FREED_BYTES, MEMSCOPE_UNIT_BYTES, (double)sum->bytes,
                                 growing ? (double)limits->leak_growing_bytes : MEMSCOPE_NO_LIMIT);
  finding->evidence[0].error = survey->sampled ? estimate.error : 0;
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_NEVER_FREED_BLOCKS, MEMSCOPE_UNIT_COUNT, (double)sum->blocks,
                                 growing ? (double)limits->leak_growing_blocks : MEMSCOPE_NO_LIMIT);
  if (sum->births > 0)
    memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_NEVER_FREED_SHARE, MEMSCOPE_UNIT_SHARE,
                                   (double)sum->blocks / (double)sum->births, MEMSCOPE_NO_LIMIT);
  if (growing && has_trend && trend.slope > 0)
    {
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_SLOPE, MEMSCOPE_UNIT_BYTES_PER_SECOND, trend.slope, MEMSCOPE_NO_LIMIT);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_FIT, MEMSCOPE_UNIT_NUMBER, trend.fit, MEMSCOPE_NO_LIMIT);
      memscope_rule_add_trend (finding, &trend);
    }
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_OLDEST_AGE, MEMSCOPE_UNIT_DURATION,
                                 (double)memscope_saturating_sub (end - 1, sum->first_birth), MEMSCOPE_NO_LIMIT);

  finding->cause_unit = MEMSCOPE_UNIT_BYTES;
  for (guint k = 0; k < MIN (sum->n_leaks, MEMSCOPE_FINDING_MAX_CAUSES); k++)
    memscope_finding_add_cause (finding, sum->largest[k].stack, subject, (double)sum->largest[k].bytes, (double)sum->bytes);

  finding->saving = MEMSCOPE_SAVING_FREED_IN_TIME;
  finding->saving_unit = MEMSCOPE_UNIT_BYTES;
  finding->saving_value = (double)sum->bytes;
  finding->show = MEMSCOPE_SHOW_VARIABLE;
  finding->show_instant = end;
}

static void
find_leaks (MemscopeRuleContext *context)
{
  const MemscopeLeaks *leaks = context->survey->leaks;
  g_autoptr(GHashTable) sums = g_hash_table_new_full (hash_sum, equal_sums, g_free, NULL);
  g_autoptr(GPtrArray) order = g_ptr_array_new ();

  for (guint k = 0; k < leaks->n_leaks && !g_cancellable_is_cancelled (context->cancellable); k++)
    {
      const MemscopeLeak *leak = &leaks->leaks[k];
      const char *suppression = k < MAX_ASKED
        ? memscope_suppressions_match (context->suppressions, context->survey->session, get_verdict (leak),
                                       leak->stack, leak->variable, get_block_size (leak))
        : NULL;

      add_leak (sums, order, leak, suppression);
    }

  for (guint k = 0; k < order->len; k++)
    report (context, g_ptr_array_index (order, k));
}

static MemscopeUnchecked
check_leaks (const MemscopeSurvey *survey)
{
  if (!survey->final)
    return MEMSCOPE_UNCHECKED_NOT_ENDED;
  if (!survey->memscope_rs && !survey->has_deaths)
    return MEMSCOPE_UNCHECKED_NO_DEATHS;

  return MEMSCOPE_UNCHECKED_NOT;
}

static MemscopeUnchecked
check_alive_at_exit (const MemscopeSurvey *survey)
{
  return survey->final && survey->sampled ? MEMSCOPE_UNCHECKED_SAMPLED : check_leaks (survey);
}

const MemscopeRuleMethods memscope_rule_leaks = { check_leaks, find_leaks };
const MemscopeRuleMethods memscope_rule_alive_at_exit = { check_alive_at_exit, NULL };

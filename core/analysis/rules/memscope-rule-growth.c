/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* growth.call-site
 *
 *   The live bytes of a variable at the ends of 100 equal parts of the range, from its
 *   first birth to its last, follow the line of Theil and Sen (the median of the slopes
 *   of all pairs) upwards:
 *     births ≥ growth_births, last − first birth ≥ growth_span_share of the range,
 *     R² ≥ growth_fit,
 *     gained = slope · span ≥ growth_bytes, and the line ends at growth_factor times
 *     where it begins or more,
 *     slope of the last quarter of the points ≥ growth_last_quarter of the slope.
 *
 *   critical from growth_critical_span and growth_critical_bytes on, warning from
 *   growth_warning_span on, else note: a short program may only be building something.
 *   What leak.growing names already is not named again.
 */

#include "config.h"

#include "memscope-rules.h"

#include "memscope-saturate.h"

static gboolean
is_told (const MemscopeRuleContext *context,
         MemscopeVariableId         variable)
{
  for (guint k = 0; k < context->findings->len; k++)
    {
      const MemscopeFinding *finding = g_ptr_array_index (context->findings, k);

      if (finding->rule == MEMSCOPE_RULE_LEAK_GROWING && finding->subject == variable)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_growth (const MemscopeSurvey         *survey,
           const MemscopeSurveyVariable *variable,
           const MemscopeRuleTrend      *trend)
{
  const MemscopeRuleLimits *limits = &memscope_rule_limits;
  double range = (double)(survey->filter->end - survey->filter->begin);

  return (double)(variable->last_birth - variable->first_birth) >= limits->growth_span_share * range &&
         trend->slope > 0 && trend->fit >= limits->growth_fit &&
         trend->last - trend->first >= (double)limits->growth_bytes &&
         trend->last >= limits->growth_factor * MAX (trend->first, 0) &&
         trend->last_quarter >= limits->growth_last_quarter * trend->slope;
}

static MemscopeSeverity
judge_severity (guint64 span,
                double  last)
{
  const MemscopeRuleLimits *limits = &memscope_rule_limits;

  if (span >= limits->growth_critical_span && last >= (double)limits->growth_critical_bytes)
    return MEMSCOPE_SEVERITY_CRITICAL;

  return span >= limits->growth_warning_span ? MEMSCOPE_SEVERITY_WARNING : MEMSCOPE_SEVERITY_NOTE;
}

static void
report (MemscopeRuleContext     *context,
        MemscopeVariableId       subject,
        const MemscopeRuleTrend *trend)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;
  guint64 span = trend->end - trend->begin;
  double gained = trend->last - trend->first;
  MemscopeEstimate estimate = memscope_estimator_finish (&survey->variables[subject].estimated_born_bytes);
  MemscopeSeverity severity = judge_severity (span, trend->last);
  MemscopeConfidence confidence = severity == MEMSCOPE_SEVERITY_NOTE ? MEMSCOPE_CONFIDENCE_LOW
                                    : trend->fit >= 0.95 ? MEMSCOPE_CONFIDENCE_HIGH : MEMSCOPE_CONFIDENCE_MEDIUM;
  MemscopeFinding *finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_GROWTH, severity, confidence, subject);

  finding->begin = survey->variables[subject].first_birth;
  finding->end = trend->end;
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_SLOPE, MEMSCOPE_UNIT_BYTES_PER_SECOND, trend->slope, MEMSCOPE_NO_LIMIT);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_GAINED, MEMSCOPE_UNIT_BYTES, gained, (double)limits->growth_bytes);
  /* What is left of the births can't be less certain than all of them. */
  finding->evidence[1].error = survey->sampled ? estimate.error : 0;
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_FIT, MEMSCOPE_UNIT_NUMBER, trend->fit, limits->growth_fit);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_SPAN, MEMSCOPE_UNIT_DURATION, (double)span,
                                 limits->growth_span_share * (double)(survey->filter->end - survey->filter->begin));
  memscope_rule_add_trend (finding, trend);
  finding->cause_unit = MEMSCOPE_UNIT_BYTES;
  finding->saving = MEMSCOPE_SAVING_BOUNDED;
  finding->saving_unit = MEMSCOPE_UNIT_BYTES;
  finding->saving_value = gained;
  finding->show = MEMSCOPE_SHOW_VARIABLE;
  finding->show_instant = trend->end;
}

static void
find_growth (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      const MemscopeSurveyVariable *variable = &survey->variables[v];
      MemscopeRuleTrend trend;

      if (variable->births < memscope_rule_limits.growth_births || variable->born_bytes < memscope_rule_limits.growth_bytes)
        continue;
      if (survey->sampled && memscope_estimator_finish (&variable->estimated_born_bytes).too_few)
        continue;
      if (memscope_rule_find_trend (survey, v, variable->first_birth, variable->last_birth, &trend) &&
          is_growth (survey, variable, &trend) && !is_told (context, v))
        report (context, v, &trend);
    }
}

static MemscopeUnchecked
check_growth (const MemscopeSurvey *survey)
{
  return survey->has_deaths ? MEMSCOPE_UNCHECKED_NOT : MEMSCOPE_UNCHECKED_NO_DEATHS;
}

const MemscopeRuleMethods memscope_rule_growth = { check_growth, find_growth };

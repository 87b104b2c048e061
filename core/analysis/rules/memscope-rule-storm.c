/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* churn.storm
 *
 *   The busiest of 100 equal parts of the range, with its neighbours that have at least
 *   half as many births, of a range ≥ storm_range: ≥ storm_births in all, and a rate ≥ storm_factor times that of
 *   the rest of the range. One finding, a note; it is about the variable with most of
 *   those births when that has at least half of them. Its causes are the three largest.
 */

#include "config.h"

#include "memscope-rules.h"

static void
find_busiest (const MemscopeSurvey *survey,
              guint                *busiest)
{
  for (guint n = 0; n < MEMSCOPE_FINDING_MAX_CAUSES; n++)
    {
      busiest[n] = G_MAXUINT;
      for (guint v = 0; v < survey->n_variables; v++)
        {
          if ((n > 0 && busiest[0] == v) || (n > 1 && busiest[1] == v))
            continue;
          if (busiest[n] == G_MAXUINT || survey->variables[v].storm_births > survey->variables[busiest[n]].storm_births)
            busiest[n] = v;
        }
    }
}

static void
find_storm (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;
  double length = (double)(survey->storm_end - survey->storm_begin) / 1e9;
  double rest = (double)(survey->filter->end - survey->filter->begin) / 1e9 - length;
  double rest_rate = rest > 0 ? (double)(survey->births - survey->storm_births) / rest : 0;
  double rate = length > 0 ? (double)survey->storm_births / length : 0;
  double total = (double)survey->storm_births;
  guint busiest[MEMSCOPE_FINDING_MAX_CAUSES];
  MemscopeFinding *finding;

  /* A storm has a calm around it, in which at least something happened. */
  if (survey->filter->end - survey->filter->begin < limits->storm_range || survey->storm_births < limits->storm_births ||
      rest_rate <= 0 || rate < limits->storm_factor * rest_rate)
    return;

  find_busiest (survey, busiest);
  finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_STORM, MEMSCOPE_SEVERITY_NOTE, MEMSCOPE_CONFIDENCE_MEDIUM, busiest[0]);
  finding->has_subject = (double)survey->variables[busiest[0]].storm_births >= total / 2;
  if (!finding->has_subject)
    finding->subject = 0;
  finding->begin = survey->storm_begin;
  finding->end = survey->storm_end;
  finding->points_are_births = TRUE;
  finding->n_points = MEMSCOPE_FINDING_POINTS;
  finding->points_begin = survey->filter->begin;
  finding->points_end = survey->filter->end;
  for (guint k = 0; k < MEMSCOPE_FINDING_POINTS; k++)
    finding->points[k] = (double)survey->storm_parts[k];

  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_STORM_RATE, MEMSCOPE_UNIT_RATE, rate, MEMSCOPE_NO_LIMIT);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_STORM_FACTOR, MEMSCOPE_UNIT_NUMBER, rate / rest_rate, limits->storm_factor);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_STORM_BIRTHS, MEMSCOPE_UNIT_COUNT, total, (double)limits->storm_births);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_STORM_LENGTH, MEMSCOPE_UNIT_DURATION,
                                 (double)(survey->storm_end - survey->storm_begin), MEMSCOPE_NO_LIMIT);
  finding->cause_unit = MEMSCOPE_UNIT_COUNT;
  for (guint n = 0; n < MEMSCOPE_FINDING_MAX_CAUSES && busiest[n] != G_MAXUINT; n++)
    memscope_finding_add_cause (finding, 0, busiest[n], (double)survey->variables[busiest[n]].storm_births, total);
  finding->show = MEMSCOPE_SHOW_RANGE;
  finding->show_instant = survey->storm_end;
}

static MemscopeUnchecked
check_storm (const MemscopeSurvey *survey)
{
  return survey->sampled ? MEMSCOPE_UNCHECKED_SAMPLED : MEMSCOPE_UNCHECKED_NOT;
}

const MemscopeRuleMethods memscope_rule_storm = { check_storm, find_storm };

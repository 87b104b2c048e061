/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* peak.blame
 *
 *   Who held the memory when most was live: the variable with most live bytes at the
 *   event of the peak, if that is ≥ peak_bytes in all and its share ≥ peak_share. One
 *   finding, a note; its causes are the three largest variables.
 *   Sampled: the peak of the estimate, with the interval of the variable's bytes.
 */

#include "config.h"

#include "memscope-rules.h"

static void
find_largest (const MemscopeSurvey *survey,
              guint                *largest)
{
  for (guint n = 0; n < MEMSCOPE_FINDING_MAX_CAUSES; n++)
    largest[n] = G_MAXUINT;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      guint moved = v;

      for (guint n = 0; n < MEMSCOPE_FINDING_MAX_CAUSES; n++)
        {
          guint other = largest[n];

          if (other != G_MAXUINT && survey->variables[other].peak_bytes >= survey->variables[moved].peak_bytes)
            continue;
          largest[n] = moved;
          if (other == G_MAXUINT)
            break;
          moved = other;
        }
    }
}

static void
find_peak_blame (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;
  double total = (double)survey->peak_bytes;
  guint largest[MEMSCOPE_FINDING_MAX_CAUSES];
  const MemscopeSurveyVariable *variable;
  MemscopeEstimate estimate;
  MemscopeFinding *finding;

  find_largest (survey, largest);
  variable = &survey->variables[largest[0]];
  estimate = memscope_estimator_finish (&variable->estimated_peak_bytes);
  if (survey->peak_bytes < limits->peak_bytes || (double)variable->peak_bytes < limits->peak_share * total ||
      (survey->sampled && estimate.too_few))
    return;

  finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_PEAK_BLAME, MEMSCOPE_SEVERITY_NOTE, MEMSCOPE_CONFIDENCE_HIGH, largest[0]);
  finding->begin = survey->filter->begin;
  finding->end = survey->filter->end;
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PEAK_BYTES, MEMSCOPE_UNIT_BYTES, (double)variable->peak_bytes, MEMSCOPE_NO_LIMIT);
  finding->evidence[0].error = survey->sampled ? estimate.error : 0;
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PEAK_SHARE, MEMSCOPE_UNIT_SHARE, (double)variable->peak_bytes / total, limits->peak_share);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PEAK_TOTAL, MEMSCOPE_UNIT_BYTES, total, (double)limits->peak_bytes);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PEAK_TIME, MEMSCOPE_UNIT_MOMENT, (double)survey->peak_time, MEMSCOPE_NO_LIMIT);
  finding->cause_unit = MEMSCOPE_UNIT_BYTES;
  for (guint n = 0; n < MEMSCOPE_FINDING_MAX_CAUSES && largest[n] != G_MAXUINT; n++)
    memscope_finding_add_cause (finding, 0, largest[n], (double)survey->variables[largest[n]].peak_bytes, total);
  finding->show = MEMSCOPE_SHOW_INSTANT;
  finding->show_instant = survey->peak_time + 1;
}

static MemscopeUnchecked
check_peak_blame (const MemscopeSurvey *survey)
{
  return MEMSCOPE_UNCHECKED_NOT;
}

const MemscopeRuleMethods memscope_rule_peak_blame = { check_peak_blame, find_peak_blame };

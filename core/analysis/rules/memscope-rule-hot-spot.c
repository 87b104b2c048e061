/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* churn.hot-spot
 *
 *   One variable has ≥ hot_births and ≥ hot_share of all births in the range, and they
 *   are not mostly temporary (churn.temporary says more of those). Note from ten times
 *   hot_births on, else hint.
 */

#include "config.h"

#include "memscope-rules.h"

static void
find_hot_spot (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;
  double seconds = (double)(survey->filter->end - survey->filter->begin) / 1e9;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      const MemscopeSurveyVariable *variable = &survey->variables[v];
      double share = survey->births > 0 ? (double)variable->births / (double)survey->births : 0;
      MemscopeEstimate estimate = memscope_estimator_finish (&variable->estimated_births);
      MemscopeFinding *finding;

      if (variable->births < limits->hot_births || share < limits->hot_share || (survey->sampled && estimate.too_few))
        continue;
      if (!survey->sampled && memscope_rule_is_temporary_churn (variable->births, variable->temporary))
        continue;

      finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_HOT_SPOT,
                                           variable->births >= 10 * limits->hot_births ? MEMSCOPE_SEVERITY_NOTE : MEMSCOPE_SEVERITY_HINT,
                                           MEMSCOPE_CONFIDENCE_MEDIUM, v);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_BIRTHS, MEMSCOPE_UNIT_COUNT, (double)variable->births, (double)limits->hot_births);
      finding->evidence[0].error = survey->sampled ? estimate.error : 0;
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_BIRTH_SHARE, MEMSCOPE_UNIT_SHARE, share, limits->hot_share);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_BIRTH_RATE, MEMSCOPE_UNIT_RATE,
                                     (double)variable->births / MAX (seconds, 1e-9), MEMSCOPE_NO_LIMIT);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_BORN_BYTES, MEMSCOPE_UNIT_BYTES, (double)variable->born_bytes, MEMSCOPE_NO_LIMIT);
      finding->cause_unit = MEMSCOPE_UNIT_COUNT;
      finding->show = MEMSCOPE_SHOW_VARIABLE;
      finding->show_instant = finding->end;
    }
}

static MemscopeUnchecked
check_hot_spot (const MemscopeSurvey *survey)
{
  return MEMSCOPE_UNCHECKED_NOT;
}

const MemscopeRuleMethods memscope_rule_hot_spot = { check_hot_spot, find_hot_spot };

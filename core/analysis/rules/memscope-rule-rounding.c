/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* layout.rounding
 *
 *   Of the blocks of a variable that were alive when the tick of the peak was over and
 *   whose usable size is recorded: Σ (usable − requested) ≥ rounding_bytes and
 *   ≥ rounding_share of Σ usable. Note from rounding_note on, else hint.
 */

#include "config.h"

#include "memscope-rules.h"

static void
find_rounding (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      const MemscopeSurveyVariable *variable = &survey->variables[v];
      double rounding = (double)variable->peak_rounding;
      double requested = (double)variable->peak_requested;
      MemscopeFinding *finding;

      if (!memscope_rule_is_rounding (variable->peak_requested, variable->peak_rounding))
        continue;

      finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_ROUNDING,
                                           variable->peak_rounding >= limits->rounding_note ? MEMSCOPE_SEVERITY_NOTE : MEMSCOPE_SEVERITY_HINT,
                                           MEMSCOPE_CONFIDENCE_HIGH, v);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_ROUNDING, MEMSCOPE_UNIT_BYTES, rounding, (double)limits->rounding_bytes);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_ROUNDING_SHARE, MEMSCOPE_UNIT_SHARE,
                                     rounding / (requested + rounding), limits->rounding_share);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_REQUESTED, MEMSCOPE_UNIT_BYTES, requested, MEMSCOPE_NO_LIMIT);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PEAK_TIME, MEMSCOPE_UNIT_MOMENT, (double)survey->peak_time, MEMSCOPE_NO_LIMIT);
      finding->cause_unit = MEMSCOPE_UNIT_BYTES;
      finding->saving = MEMSCOPE_SAVING_FITTED;
      finding->saving_unit = MEMSCOPE_UNIT_BYTES;
      finding->saving_value = rounding;
      finding->show = MEMSCOPE_SHOW_VARIABLE;
      finding->show_instant = survey->peak_time + 1;
    }
}

static MemscopeUnchecked
check_rounding (const MemscopeSurvey *survey)
{
  if (survey->sampled)
    return MEMSCOPE_UNCHECKED_SAMPLED;

  return survey->births > 0 && survey->known_rounding == 0 ? MEMSCOPE_UNCHECKED_NO_ROUNDING : MEMSCOPE_UNCHECKED_NOT;
}

const MemscopeRuleMethods memscope_rule_rounding = { check_rounding, find_rounding };

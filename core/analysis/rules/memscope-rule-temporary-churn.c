/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* churn.temporary
 *
 *   Blocks that died in the range before their thread's next birth, as heaptrack counts
 *   them, of one variable: ≥ temporary_births and ≥ temporary_share of its births.
 *   Warning from temporary_warning on, note from a hundredth of that, else hint.
 *   Saving: as many pairs of malloc and free.
 */

#include "config.h"

#include "memscope-rules.h"

static void
find_temporary_churn (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      const MemscopeSurveyVariable *variable = &survey->variables[v];
      MemscopeSeverity severity = MEMSCOPE_SEVERITY_HINT;
      MemscopeFinding *finding;

      if (!memscope_rule_is_temporary_churn (variable->births, variable->temporary) || variable->births == 0)
        continue;

      if (variable->temporary >= limits->temporary_warning)
        severity = MEMSCOPE_SEVERITY_WARNING;
      else if (variable->temporary >= limits->temporary_warning / 100)
        severity = MEMSCOPE_SEVERITY_NOTE;

      finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_TEMPORARY_CHURN, severity, MEMSCOPE_CONFIDENCE_HIGH, v);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_TEMPORARY, MEMSCOPE_UNIT_COUNT,
                                     (double)variable->temporary, (double)limits->temporary_births);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_TEMPORARY_SHARE, MEMSCOPE_UNIT_SHARE,
                                     (double)variable->temporary / (double)variable->births, limits->temporary_share);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_BIRTHS, MEMSCOPE_UNIT_COUNT, (double)variable->births, MEMSCOPE_NO_LIMIT);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_BORN_BYTES, MEMSCOPE_UNIT_BYTES, (double)variable->born_bytes, MEMSCOPE_NO_LIMIT);
      finding->cause_unit = MEMSCOPE_UNIT_COUNT;
      finding->saving = MEMSCOPE_SAVING_CALLS;
      finding->saving_unit = MEMSCOPE_UNIT_COUNT;
      finding->saving_value = (double)variable->temporary;
      finding->show = MEMSCOPE_SHOW_VARIABLE;
      finding->show_instant = finding->end;
    }
}

static MemscopeUnchecked
check_temporary_churn (const MemscopeSurvey *survey)
{
  if (!survey->has_deaths)
    return MEMSCOPE_UNCHECKED_NO_DEATHS;

  /* The thread's next birth may not be among the samples. */
  return survey->sampled ? MEMSCOPE_UNCHECKED_SAMPLED : MEMSCOPE_UNCHECKED_NOT;
}

const MemscopeRuleMethods memscope_rule_temporary_churn = { check_temporary_churn, find_temporary_churn };

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* churn.realloc
 *
 *   Births in the range that continue a block, of one variable: resizes. Those at
 *   another address moved, and copied min (old size, new size) bytes each. A chain is
 *   a block that was resized at all, with what continued it.
 *     resizes ≥ realloc_resizes and copied ≥ realloc_copied.
 *   Warning from realloc_warning bytes on, note from realloc_note on, else hint.
 *   Saving: all copies, if each chain had its last size from the beginning.
 */

#include "config.h"

#include "memscope-rules.h"

static void
find_realloc_churn (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      const MemscopeSurveyVariable *variable = &survey->variables[v];
      MemscopeSeverity severity = MEMSCOPE_SEVERITY_HINT;
      MemscopeConfidence confidence = MEMSCOPE_CONFIDENCE_MEDIUM;
      MemscopeFinding *finding;

      if (!memscope_rule_is_realloc_churn (variable->resizes, variable->copied_bytes))
        continue;

      if (variable->copied_bytes >= limits->realloc_warning)
        severity = MEMSCOPE_SEVERITY_WARNING;
      else if (variable->copied_bytes >= limits->realloc_note)
        severity = MEMSCOPE_SEVERITY_NOTE;
      /* Longer chains than doubling makes. */
      if (variable->resizes >= 2 * limits->realloc_resizes * MAX (variable->chains, 1))
        confidence = MEMSCOPE_CONFIDENCE_HIGH;

      finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_REALLOC_CHURN, severity, confidence, v);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_COPIED, MEMSCOPE_UNIT_BYTES,
                                     (double)variable->copied_bytes, (double)limits->realloc_copied);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_RESIZES, MEMSCOPE_UNIT_COUNT,
                                     (double)variable->resizes, (double)limits->realloc_resizes);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_MOVES, MEMSCOPE_UNIT_COUNT, (double)variable->moves, MEMSCOPE_NO_LIMIT);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_CHAINS, MEMSCOPE_UNIT_COUNT, (double)variable->chains, MEMSCOPE_NO_LIMIT);
      finding->cause_unit = MEMSCOPE_UNIT_BYTES;
      finding->saving = MEMSCOPE_SAVING_COPIES;
      finding->saving_unit = MEMSCOPE_UNIT_BYTES;
      finding->saving_value = (double)variable->copied_bytes;
      finding->show = MEMSCOPE_SHOW_VARIABLE;
      finding->show_instant = finding->end;
    }
}

static MemscopeUnchecked
check_realloc_churn (const MemscopeSurvey *survey)
{
  if (survey->memscope_rs && survey->resizes == 0)
    return MEMSCOPE_UNCHECKED_NO_REALLOCS;

  return survey->sampled ? MEMSCOPE_UNCHECKED_SAMPLED : MEMSCOPE_UNCHECKED_NOT;
}

const MemscopeRuleMethods memscope_rule_realloc_churn = { check_realloc_churn, find_realloc_churn };

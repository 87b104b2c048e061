/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* layout.equal-small
 *
 *   One size ≤ equal_size makes up ≥ equal_blocks and ≥ equal_share of a variable's
 *   births in the range, and they are not mostly temporary: those need no pool but a
 *   buffer (churn.temporary).
 *   Saving, of the blocks of that size alive at the peak of all: their rounding, where
 *   recorded, and block_header bytes each. Note from rounding_note bytes on, else
 *   hint.
 */

#include "config.h"

#include "memscope-rules.h"

static void
find_equal_small (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      const MemscopeSurveyVariable *variable = &survey->variables[v];
      guint64 saving = variable->peak_equal_rounding + variable->peak_equal_blocks * limits->block_header;
      gboolean is_known = survey->known_rounding > 0 && variable->peak_equal_blocks > 0;
      MemscopeFinding *finding;

      if (!memscope_rule_is_equal_small (variable->births, variable->equal_births, variable->equal_size) ||
          memscope_rule_is_temporary_churn (variable->births, variable->temporary))
        continue;

      finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS,
                                           is_known && saving >= limits->rounding_note ? MEMSCOPE_SEVERITY_NOTE : MEMSCOPE_SEVERITY_HINT,
                                           MEMSCOPE_CONFIDENCE_MEDIUM, v);
      finding->block_size = variable->equal_size;
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_EQUAL_BLOCKS, MEMSCOPE_UNIT_COUNT,
                                     (double)variable->equal_births, (double)limits->equal_blocks);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_EQUAL_SIZE, MEMSCOPE_UNIT_BYTES, (double)variable->equal_size, MEMSCOPE_NO_LIMIT);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_EQUAL_SHARE, MEMSCOPE_UNIT_SHARE,
                                     (double)variable->equal_births / (double)variable->births, limits->equal_share);
      finding->cause_unit = MEMSCOPE_UNIT_COUNT;
      finding->saving = is_known ? MEMSCOPE_SAVING_POOLED : MEMSCOPE_SAVING_NOT_MEASURED;
      finding->saving_unit = MEMSCOPE_UNIT_BYTES;
      finding->saving_value = is_known ? (double)saving : 0;
      finding->show = MEMSCOPE_SHOW_VARIABLE;
      finding->show_instant = finding->end;
    }
}

static MemscopeUnchecked
check_equal_small (const MemscopeSurvey *survey)
{
  return survey->sampled ? MEMSCOPE_UNCHECKED_SAMPLED : MEMSCOPE_UNCHECKED_NOT;
}

const MemscopeRuleMethods memscope_rule_equal_small = { check_equal_small, find_equal_small };

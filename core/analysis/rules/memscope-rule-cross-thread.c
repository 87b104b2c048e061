/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* threads.cross-thread-frees
 *
 *   Deaths in the range, of one variable, by another thread than the one that
 *   allocated: ≥ foreign_frees and ≥ foreign_share of its deaths whose thread is
 *   recorded. Each is a thread in another's arena, under its lock.
 *   Warning from foreign_rate per second of the range on, note from ten times
 *   foreign_frees on, else hint. The pair of threads is named when it makes most of
 *   them.
 */

#include "config.h"

#include "memscope-rules.h"

static void
find_cross_thread (MemscopeRuleContext *context)
{
  const MemscopeSurvey *survey = context->survey;
  const MemscopeRuleLimits *limits = &memscope_rule_limits;
  double seconds = (double)(survey->filter->end - survey->filter->begin) / 1e9;

  for (guint v = 0; v < survey->n_variables; v++)
    {
      const MemscopeSurveyVariable *variable = &survey->variables[v];
      double rate = (double)variable->foreign_frees / MAX (seconds, 1e-9);
      double pair_share;
      MemscopeSeverity severity = MEMSCOPE_SEVERITY_HINT;
      MemscopeFinding *finding;

      if (!memscope_rule_is_cross_thread (variable->known_frees, variable->foreign_frees))
        continue;

      if (rate >= limits->foreign_rate && variable->foreign_frees >= (guint64)limits->foreign_rate)
        severity = MEMSCOPE_SEVERITY_WARNING;
      else if (variable->foreign_frees >= 10 * limits->foreign_frees)
        severity = MEMSCOPE_SEVERITY_NOTE;

      finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_CROSS_THREAD_FREES, severity, MEMSCOPE_CONFIDENCE_LOW, v);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_FOREIGN_FREES, MEMSCOPE_UNIT_COUNT,
                                     (double)variable->foreign_frees, (double)limits->foreign_frees);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_FOREIGN_SHARE, MEMSCOPE_UNIT_SHARE,
                                     (double)variable->foreign_frees / (double)variable->known_frees, limits->foreign_share);
      memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_FOREIGN_RATE, MEMSCOPE_UNIT_RATE, rate, MEMSCOPE_NO_LIMIT);
      pair_share = (double)variable->pair_frees / (double)variable->foreign_frees;
      if (pair_share > 0.5)
        {
          finding->thread = (guint32)(variable->pair >> 32);
          finding->other_thread = (guint32)variable->pair;
          memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PAIR_SHARE, MEMSCOPE_UNIT_SHARE, pair_share, MEMSCOPE_NO_LIMIT);
        }
      finding->cause_unit = MEMSCOPE_UNIT_COUNT;
      finding->show = MEMSCOPE_SHOW_VARIABLE;
      finding->show_instant = finding->end;
    }
}

static MemscopeUnchecked
check_cross_thread (const MemscopeSurvey *survey)
{
  if (!survey->has_deaths)
    return MEMSCOPE_UNCHECKED_NO_DEATHS;
  if (survey->memscope_rs && survey->known_frees == 0)
    return MEMSCOPE_UNCHECKED_NO_FREEING_THREADS;

  return survey->sampled ? MEMSCOPE_UNCHECKED_SAMPLED : MEMSCOPE_UNCHECKED_NOT;
}

const MemscopeRuleMethods memscope_rule_cross_thread = { check_cross_thread, find_cross_thread };

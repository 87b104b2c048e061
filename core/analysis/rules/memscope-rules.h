/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What each file of this folder gives. A rule is arithmetic over the survey; what
 * stacks explain a finding is filled in afterwards by memscope-causes.h, unless the
 * rule did it. Inside core/analysis only.
 */

#include "memscope-suppressions.h"
#include "memscope-survey.h"

#include <math.h>

G_BEGIN_DECLS

#define MEMSCOPE_NO_LIMIT ((double)NAN)

typedef struct
{
  const MemscopeSurvey       *survey;
  const MemscopeSuppressions *suppressions;
  GPtrArray                  *findings;       /* MemscopeFinding; rules run in the order of MemscopeRule */
  MemscopeUnchecked           unchecked;      /* of a rule that finds out while it looks */
  GCancellable               *cancellable;
} MemscopeRuleContext;

typedef struct
{
  /* Why the rule can't be applied, from what was recorded. */
  MemscopeUnchecked (*check) (const MemscopeSurvey *survey);
  void              (*find)  (MemscopeRuleContext  *context);
} MemscopeRuleMethods;

extern const MemscopeRuleMethods memscope_rule_leaks;           /* both verdicts */
extern const MemscopeRuleMethods memscope_rule_alive_at_exit;   /* its condition only */
extern const MemscopeRuleMethods memscope_rule_growth;
extern const MemscopeRuleMethods memscope_rule_temporary_churn;
extern const MemscopeRuleMethods memscope_rule_realloc_churn;
extern const MemscopeRuleMethods memscope_rule_equal_small;
extern const MemscopeRuleMethods memscope_rule_rounding;
extern const MemscopeRuleMethods memscope_rule_peak_blame;
extern const MemscopeRuleMethods memscope_rule_cross_thread;
extern const MemscopeRuleMethods memscope_rule_storm;
extern const MemscopeRuleMethods memscope_rule_hot_spot;
extern const MemscopeRuleMethods memscope_rule_pinned_pages;
extern const MemscopeRuleMethods memscope_rule_unmatched_frees;

/* A finding about a variable, with its curve and the range from its first birth on. */
MemscopeFinding *memscope_rule_add_finding (MemscopeRuleContext *context,
                                            MemscopeRule         rule,
                                            MemscopeSeverity     severity,
                                            MemscopeConfidence   confidence,
                                            MemscopeVariableId   subject);

/* The straight line through the live bytes of a variable at the ends of the parts of
 * the range that lie between @begin and @end: what the growth rules ask. FALSE: not watched, or too few points.
 */
typedef struct
{
  double  slope;          /* bytes per second */
  double  fit;
  double  first;          /* bytes, of the line */
  double  last;
  guint64 begin;          /* ns, of the first and last point */
  guint64 end;
  double  last_quarter;   /* slope of the last quarter of the points */
} MemscopeRuleTrend;

gboolean memscope_rule_find_trend (const MemscopeSurvey *survey,
                                   MemscopeVariableId    variable,
                                   guint64               begin,
                                   guint64               end,
                                   MemscopeRuleTrend    *trend);
void     memscope_rule_add_trend  (MemscopeFinding         *finding,
                                   const MemscopeRuleTrend *trend);

G_END_DECLS

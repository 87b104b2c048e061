/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the rules have in common. */

#include "config.h"

#include "memscope-rules.h"

#include "memscope-trend.h"

#define NS_PER_SECOND 1e9
#define MIN_POINTS    8

MemscopeFinding *
memscope_rule_add_finding (MemscopeRuleContext *context,
                           MemscopeRule         rule,
                           MemscopeSeverity     severity,
                           MemscopeConfidence   confidence,
                           MemscopeVariableId   subject)
{
  const MemscopeSurvey *survey = context->survey;
  const guint64 *bins = memscope_survey_get_bins (survey, subject);
  MemscopeFinding *finding = memscope_finding_new (rule, severity, confidence);

  finding->has_subject = TRUE;
  finding->subject = subject;
  finding->begin = survey->variables[subject].first_birth;
  if (finding->begin == G_MAXUINT64)
    finding->begin = survey->filter->begin;
  finding->end = survey->filter->end;

  if (bins != NULL)
    {
      finding->n_points = MEMSCOPE_FINDING_POINTS;
      finding->points_begin = survey->filter->begin;
      finding->points_end = survey->filter->end;
      for (guint k = 0; k < MEMSCOPE_FINDING_POINTS; k++)
        finding->points[k] = (double)bins[k];
    }

  g_ptr_array_add (context->findings, finding);

  return finding;
}

gboolean
memscope_rule_find_trend (const MemscopeSurvey *survey,
                          MemscopeVariableId    variable,
                          guint64               begin,
                          guint64               end,
                          MemscopeRuleTrend    *trend)
{
  const guint64 *bins = memscope_survey_get_bins (survey, variable);
  const MemscopeAxis *axis = &survey->axis;
  double x[MEMSCOPE_FINDING_POINTS];
  double y[MEMSCOPE_FINDING_POINTS];
  MemscopeTrend line, quarter;
  guint64 origin = 0;
  guint n = 0;

  for (guint k = 0; bins != NULL && k < MEMSCOPE_FINDING_POINTS; k++)
    {
      if (axis->edges[k + 1] <= begin || axis->edges[k + 1] > end)
        continue;
      if (n == 0)
        origin = trend->begin = axis->edges[k + 1];
      trend->end = axis->edges[k + 1];
      x[n] = (double)(axis->edges[k + 1] - origin) / NS_PER_SECOND;
      y[n++] = (double)bins[k];
    }

  if (n < MIN_POINTS || !memscope_trend_fit (&line, x, y, n))
    return FALSE;

  trend->slope = line.slope;
  trend->fit = line.fit;
  trend->first = line.intercept;
  trend->last = line.intercept + line.slope * x[n - 1];
  trend->last_quarter = memscope_trend_fit (&quarter, x + n - MAX (n / 4, 3), y + n - MAX (n / 4, 3), MAX (n / 4, 3))
                          ? quarter.slope : 0;

  return TRUE;
}

void
memscope_rule_add_trend (MemscopeFinding         *finding,
                         const MemscopeRuleTrend *trend)
{
  finding->has_trend = TRUE;
  finding->trend_begin = trend->begin;
  finding->trend_end = trend->end;
  finding->trend_first = MAX (trend->first, 0);
  finding->trend_last = MAX (trend->last, 0);
}

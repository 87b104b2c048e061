/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-diagnostics.h"

#include "memscope-causes.h"
#include "memscope-rules.h"

static const MemscopeRuleMethods *const methods[MEMSCOPE_N_RULES] = {
  [MEMSCOPE_RULE_LEAK_GROWING] = &memscope_rule_leaks,
  [MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT] = &memscope_rule_alive_at_exit,
  [MEMSCOPE_RULE_GROWTH] = &memscope_rule_growth,
  [MEMSCOPE_RULE_TEMPORARY_CHURN] = &memscope_rule_temporary_churn,
  [MEMSCOPE_RULE_REALLOC_CHURN] = &memscope_rule_realloc_churn,
  [MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS] = &memscope_rule_equal_small,
  [MEMSCOPE_RULE_ROUNDING] = &memscope_rule_rounding,
  [MEMSCOPE_RULE_PEAK_BLAME] = &memscope_rule_peak_blame,
  [MEMSCOPE_RULE_CROSS_THREAD_FREES] = &memscope_rule_cross_thread,
  [MEMSCOPE_RULE_STORM] = &memscope_rule_storm,
  [MEMSCOPE_RULE_HOT_SPOT] = &memscope_rule_hot_spot,
  [MEMSCOPE_RULE_PINNED_PAGES] = &memscope_rule_pinned_pages,
  [MEMSCOPE_RULE_UNMATCHED_FREES] = &memscope_rule_unmatched_frees,
};

static int
compare_pointers (gconstpointer a,
                  gconstpointer b)
{
  return memscope_finding_compare (*(MemscopeFinding *const *)a, *(MemscopeFinding *const *)b);
}

/* The largest of each rule stay; findings are sorted, so those come first. */
static void
leave_out (MemscopeDiagnostics *self,
           GPtrArray           *findings)
{
  guint kept[MEMSCOPE_N_RULES] = { 0 };
  guint n = 0;

  for (guint k = 0; k < findings->len; k++)
    {
      MemscopeFinding *finding = g_ptr_array_index (findings, k);

      self->checks[finding->rule].n_found++;
      if (kept[finding->rule]++ >= MEMSCOPE_DIAGNOSTICS_MAX_FINDINGS)
        {
          self->checks[finding->rule].n_left_out++;
          memscope_finding_free (finding);
          continue;
        }
      findings->pdata[n++] = finding;
    }

  g_ptr_array_set_free_func (findings, NULL);
  g_ptr_array_set_size (findings, (int)n);
  g_ptr_array_set_free_func (findings, (GDestroyNotify)memscope_finding_free);
}

static void
count_muted (MemscopeDiagnostics *self)
{
  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    self->checks[rule].n_muted = 0;
  for (guint k = 0; k < self->n_findings; k++)
    self->checks[self->findings[k]->rule].n_muted += self->findings[k]->suppressed_by != NULL;
}

static void
ask_suppressions (MemscopeFinding            *finding,
                  MemscopeSession            *session,
                  const MemscopeSuppressions *suppressions)
{
  g_free (finding->suppressed_by);
  finding->suppressed_by = g_strdup (memscope_suppressions_match (suppressions, session, finding->rule, finding->stack,
                                                                  finding->subject, finding->block_size));
}

static void
run_rules (MemscopeDiagnostics *self,
           MemscopeRuleContext *context)
{
  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    {
      context->unchecked = methods[rule]->check (context->survey);
      if (context->unchecked == MEMSCOPE_UNCHECKED_NOT && methods[rule]->find != NULL)
        methods[rule]->find (context);
      self->checks[rule].unchecked = context->unchecked;
    }
}

static gboolean
diagnose (MemscopeDiagnostics         *self,
          const MemscopeFilter        *filter,
          const MemscopeSuppressions  *suppressions,
          MemscopeDiagnosticsFunc      progress,
          gpointer                     progress_data,
          GCancellable                *cancellable,
          GError                     **error)
{
  g_autoptr(MemscopeSurvey) survey = memscope_survey_new (filter, progress, progress_data, cancellable, error);
  g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func ((GDestroyNotify)memscope_finding_free);
  MemscopeRuleContext context = { .survey = survey, .suppressions = suppressions, .findings = findings, .cancellable = cancellable };

  if (survey == NULL)
    return FALSE;

  self->sampled = survey->sampled;
  run_rules (self, &context);
  progress (0.9, progress_data);

  g_ptr_array_sort (findings, compare_pointers);
  leave_out (self, findings);
  if (!memscope_causes_fill (survey, findings, cancellable, error))
    return FALSE;

  /* Leaks were asked about stack by stack. */
  for (guint k = 0; k < findings->len; k++)
    {
      MemscopeFinding *finding = g_ptr_array_index (findings, k);

      if (finding->suppressed_by == NULL)
        ask_suppressions (finding, filter->session, suppressions);
    }

  self->n_findings = findings->len;
  self->findings = (MemscopeFinding **)g_ptr_array_free (g_steal_pointer (&findings), FALSE);
  count_muted (self);
  progress (1, progress_data);

  return TRUE;
}

static void
ignore_progress (double   done,
                 gpointer user_data)
{
}

MemscopeDiagnostics *
memscope_diagnostics_new (MemscopeSession             *session,
                          MemscopeSelection           *selection,
                          const MemscopeSuppressions  *suppressions,
                          MemscopeDiagnosticsFunc      progress,
                          gpointer                     progress_data,
                          GCancellable                *cancellable,
                          GError                     **error)
{
  g_autoptr(MemscopeDiagnostics) self = g_new0 (MemscopeDiagnostics, 1);
  g_autoptr(MemscopeSuppressions) built_in = NULL;
  g_autoptr(MemscopeFilter) filter = NULL;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);

  if (suppressions == NULL)
    suppressions = built_in = memscope_suppressions_new ();

  filter = memscope_filter_new (session, selection);

  return diagnose (self, filter, suppressions, progress != NULL ? progress : ignore_progress, progress_data, cancellable, error)
           ? g_steal_pointer (&self) : NULL;
}

void
memscope_diagnostics_free (MemscopeDiagnostics *self)
{
  for (guint k = 0; k < self->n_findings; k++)
    memscope_finding_free (self->findings[k]);
  g_free (self->findings);
  g_free (self);
}

void
memscope_diagnostics_mute (MemscopeDiagnostics        *self,
                           MemscopeSession            *session,
                           const MemscopeSuppressions *suppressions)
{
  for (guint k = 0; k < self->n_findings; k++)
    ask_suppressions (self->findings[k], session, suppressions);
  count_muted (self);
}

guint
memscope_diagnostics_get_n_muted (const MemscopeDiagnostics *self)
{
  return self->n_findings - memscope_diagnostics_get_n_unmuted (self, MEMSCOPE_N_SEVERITIES);
}

guint
memscope_diagnostics_get_n_unmuted (const MemscopeDiagnostics *self,
                                    MemscopeSeverity           severity)
{
  guint n = 0;

  for (guint k = 0; k < self->n_findings; k++)
    n += self->findings[k]->suppressed_by == NULL &&
         (severity == MEMSCOPE_N_SEVERITIES || self->findings[k]->severity == severity);

  return n;
}

guint
memscope_diagnostics_get_n_checked (const MemscopeDiagnostics *self)
{
  guint n = 0;

  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    n += self->checks[rule].unchecked == MEMSCOPE_UNCHECKED_NOT;

  return n;
}

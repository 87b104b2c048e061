/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli-report.h"

/* Groups come heaviest first, so the first stack of a call site is its heaviest. */
static void
note_heaviest_stacks (CliReport            *self,
                      const MemscopeGroups *stacks)
{
  self->stacks = g_hash_table_new (NULL, NULL);

  for (guint64 i = 0; i < stacks->n_groups; i++)
    {
      MemscopeStackId stack = stacks->groups[i].stack;
      gpointer site = GUINT_TO_POINTER (memscope_session_get_call_site (self->session, stack));

      if (!g_hash_table_contains (self->stacks, site))
        g_hash_table_insert (self->stacks, site, GUINT_TO_POINTER (stack));
    }
}

static gboolean
analyse (CliReport                   *self,
         MemscopeSelection           *selection,
         const MemscopeSuppressions  *suppressions,
         GCancellable                *cancellable,
         GError                     **error)
{
  g_autoptr(MemscopeSelection) at_peak = NULL;
  g_autoptr(MemscopeGroups) stacks = NULL;

  self->summary = memscope_summary_new (self->session, selection, cancellable, error);
  if (self->summary == NULL)
    return FALSE;

  /* Right after the event that reached it: alive then is who was born before. */
  at_peak = self->summary->peak_time == MEMSCOPE_UNKNOWN
              ? memscope_selection_ref (selection)
              : memscope_selection_with_instant (selection, self->summary->peak_time + 1);

  stacks = memscope_groups_new (self->session, at_peak, MEMSCOPE_GROUP_BY_STACK, cancellable, error);
  if (stacks == NULL)
    return FALSE;

  note_heaviest_stacks (self, stacks);

  return (self->call_sites = memscope_groups_new (self->session, at_peak, MEMSCOPE_GROUP_BY_CALL_SITE, cancellable, error)) != NULL
         && (self->variables = memscope_groups_new (self->session, at_peak, MEMSCOPE_GROUP_BY_VARIABLE, cancellable, error)) != NULL
         && (self->threads = memscope_groups_new (self->session, at_peak, MEMSCOPE_GROUP_BY_THREAD, cancellable, error)) != NULL
         && (self->leaks = memscope_leaks_new (self->session, selection, cancellable, error)) != NULL
         && (self->diagnostics = memscope_diagnostics_new (self->session, selection, suppressions, NULL, NULL,
                                                           cancellable, error)) != NULL;
}

CliReport *
cli_report_new (MemscopeSession             *session,
                MemscopeSelection           *selection,
                const MemscopeSuppressions  *suppressions,
                GCancellable                *cancellable,
                GError                     **error)
{
  g_autoptr(CliReport) self = g_new0 (CliReport, 1);

  self->session = g_object_ref (session);

  return analyse (self, selection, suppressions, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

void
cli_report_free (CliReport *self)
{
  g_clear_pointer (&self->summary, memscope_summary_free);
  g_clear_pointer (&self->call_sites, memscope_groups_free);
  g_clear_pointer (&self->variables, memscope_groups_free);
  g_clear_pointer (&self->threads, memscope_groups_free);
  g_clear_pointer (&self->leaks, memscope_leaks_free);
  g_clear_pointer (&self->diagnostics, memscope_diagnostics_free);
  g_clear_pointer (&self->stacks, g_hash_table_unref);
  g_object_unref (self->session);
  g_free (self);
}

MemscopeStackId
cli_report_get_stack (const CliReport *self,
                      MemscopeFrameId  call_site)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->stacks, GUINT_TO_POINTER (call_site)));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-findings.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "cli-format.h"
#include "cli-terminal.h"
#include "memscope-finding-text.h"

#define MIB (1024.0 * 1024.0)

/* Counts and sizes are whole numbers, and never above what 64 bits hold. */
static guint64
to_whole (double value)
{
  return value >= 0x1p63 ? G_MAXINT64 : (guint64) MAX (value + 0.5, 0);
}

static char *
format_slope (double bytes_per_second)
{
  gboolean minutes = fabs (bytes_per_second) < MIB;
  g_autofree char *bytes = cli_format_bytes (to_whole (bytes_per_second * (minutes ? 60 : 1)));

  return minutes ? g_strdup_printf (_("%s/min"), bytes) : g_strdup_printf (_("%s/s"), bytes);
}

static char *
format_rate (double per_second)
{
  g_autofree char *count = cli_format_count (to_whole (per_second));

  return g_strdup_printf (_("%s/s"), count);
}

char *
cli_format_value (MemscopeUnit unit,
                  double       value)
{
  switch (unit)
    {
    case MEMSCOPE_UNIT_COUNT:
      return cli_format_count (to_whole (value));

    case MEMSCOPE_UNIT_BYTES:
      return cli_format_bytes (to_whole (value));

    case MEMSCOPE_UNIT_DURATION:
    case MEMSCOPE_UNIT_MOMENT:
      return cli_format_duration (to_whole (value));

    case MEMSCOPE_UNIT_SHARE:
      return g_strdup_printf (_("%.1f %%"), value * 100);

    case MEMSCOPE_UNIT_RATE:
      return format_rate (value);

    case MEMSCOPE_UNIT_BYTES_PER_SECOND:
      return format_slope (value);

    default:
      return g_strdup_printf ("%.3f", value);
    }
}

static char *
format_evidence (const MemscopeEvidence *evidence)
{
  g_autofree char *value = cli_format_value (evidence->unit, evidence->value);
  g_autofree char *error = NULL;

  if (evidence->error <= 0)
    return g_steal_pointer (&value);

  error = cli_format_value (evidence->unit, evidence->error);

  return g_strdup_printf ("%s ± %s", value, error);
}

static char *
dup_title (MemscopeSession       *session,
           const MemscopeFinding *finding)
{
  g_autofree char *subject = cli_format_variable (session, finding->subject);
  g_autofree char *thread = cli_format_thread (session, finding->thread);
  g_autofree char *other_thread = cli_format_thread (session, finding->other_thread);

  return memscope_finding_dup_title (finding, subject, thread, other_thread);
}

static void
print_evidence (const MemscopeFinding *finding)
{
  for (guint i = 0; i < finding->n_evidence; i++)
    {
      const MemscopeEvidence *evidence = &finding->evidence[i];
      g_autofree char *value = format_evidence (evidence);

      g_print ("      %s: %s", memscope_evidence_get_name (evidence->id), value);
      if (!isnan (evidence->limit))
        {
          g_autofree char *limit = cli_format_value (evidence->unit, evidence->limit);

          g_print ("  ");
          g_print (_("(from %s on)"), limit);
        }
      g_print ("\n");
    }
}

static void
print_causes (MemscopeSession       *session,
              const MemscopeFinding *finding)
{
  for (guint i = 0; i < finding->n_causes; i++)
    {
      const MemscopeCause *cause = &finding->causes[i];
      MemscopeFrameId site = memscope_session_get_call_site (session, cause->stack);
      g_autofree char *share = cli_format_value (MEMSCOPE_UNIT_SHARE, cause->share);
      g_autofree char *name = site != 0 ? cli_format_frame (session, site) : cli_format_variable (session, cause->variable);

      g_print ("      %s%8s  %s%s\n", cli_style (CLI_FAINT), share, name, cli_style (CLI_PLAIN));
    }
}

static void
print_saving (const MemscopeFinding *finding)
{
  g_autofree char *value = cli_format_value (finding->saving_unit, finding->saving_value);

  if (finding->saving == MEMSCOPE_SAVING_NOT_MEASURED)
    return;

  g_print ("      ");
  g_print (_("Predicted saving: %s %s"), value, memscope_saving_get_name (finding->saving));
  g_print ("\n");
}

static void
print_finding (MemscopeSession       *session,
               const MemscopeFinding *finding)
{
  g_autofree char *title = dup_title (session, finding);
  gboolean is_bad = finding->severity <= MEMSCOPE_SEVERITY_WARNING;

  g_print ("  %s%s%s  %s%s%s\n", cli_style (is_bad ? CLI_WARNING : CLI_STRONG), memscope_severity_get_name (finding->severity),
           cli_style (CLI_PLAIN), cli_style (CLI_STRONG), title, cli_style (CLI_PLAIN));
  g_print ("      %s · %s\n", memscope_rule_get_id (finding->rule), memscope_confidence_get_name (finding->confidence));
  print_evidence (finding);
  if (finding->n_causes > 0)
    g_print ("      %s:\n", memscope_rule_get_cause_name (finding->rule));
  print_causes (session, finding);
  g_print ("      %s\n", memscope_rule_get_advice (finding->rule));
  print_saving (finding);
}

static void
print_muted (MemscopeSession           *session,
             const MemscopeDiagnostics *diagnostics,
             guint                      top)
{
  guint n = memscope_diagnostics_get_n_muted (diagnostics);
  guint printed = 0;

  if (n == 0)
    return;

  g_print ("  ");
  g_print (g_dngettext (GETTEXT_PACKAGE, "%u muted finding:", "%u muted findings:", n), n);
  g_print ("\n");
  for (guint i = 0; i < diagnostics->n_findings && (top == 0 || printed < top); i++)
    {
      const MemscopeFinding *finding = diagnostics->findings[i];
      g_autofree char *title = NULL;
      g_autofree char *suppression = NULL;
      g_autofree char *value = NULL;

      if (finding->suppressed_by == NULL)
        continue;

      title = dup_title (session, finding);
      suppression = cli_safe_text (finding->suppressed_by, -1, CLI_NAME_LIMIT);
      value = cli_format_value (finding->evidence[0].unit, finding->evidence[0].value);
      g_print ("      %s%s · %s · %s%s\n", cli_style (CLI_FAINT), title, value, suppression, cli_style (CLI_PLAIN));
      printed++;
    }
}

static void
print_unchecked (const MemscopeDiagnostics *diagnostics)
{
  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    {
      MemscopeUnchecked reason = diagnostics->checks[rule].unchecked;

      if (reason == MEMSCOPE_UNCHECKED_NOT)
        continue;

      g_print ("  %s", cli_style (CLI_FAINT));
      g_print (_("not checked: %s (%s)"), memscope_rule_get_name (rule), memscope_unchecked_get_reason (reason));
      g_print ("%s\n", cli_style (CLI_PLAIN));
    }
}

void
cli_print_findings (MemscopeSession           *session,
                    const MemscopeDiagnostics *diagnostics,
                    guint                      top)
{
  guint n = memscope_diagnostics_get_n_unmuted (diagnostics, MEMSCOPE_N_SEVERITIES);
  guint n_checked = memscope_diagnostics_get_n_checked (diagnostics);
  guint printed = 0;

  cli_print_heading (_("Findings"));
  for (guint i = 0; i < diagnostics->n_findings && (top == 0 || printed < top); i++)
    {
      if (diagnostics->findings[i]->suppressed_by != NULL)
        continue;
      print_finding (session, diagnostics->findings[i]);
      printed++;
    }

  if (printed < n)
    {
      g_autofree char *count = cli_format_count (n - printed);

      g_print ("  ");
      g_print (g_dngettext (GETTEXT_PACKAGE, "… and %s more", "… and %s more", n - printed), count);
      g_print ("\n");
    }
  if (n == 0)
    {
      g_print ("  ");
      g_print (g_dngettext (GETTEXT_PACKAGE, "Nothing found by %u rule.", "Nothing found by %u rules.", n_checked), n_checked);
      g_print ("\n");
    }
  print_muted (session, diagnostics, top);
  print_unchecked (diagnostics);
}

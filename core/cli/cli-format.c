/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "cli-terminal.h"

char *
cli_format_bytes (guint64 bytes)
{
  char *text, *gap;

  if (bytes == MEMSCOPE_UNKNOWN)
    return g_strdup (_("not recorded"));

  text = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);

  /* A plain space: columns are padded by bytes, and people search for what they see. */
  gap = strstr (text, "\u00a0");
  if (gap != NULL)
    {
      *gap = ' ';
      memmove (gap + 1, gap + 2, strlen (gap + 2) + 1);
    }

  return text;
}

char *
cli_format_count (guint64 count)
{
  if (count == MEMSCOPE_UNKNOWN)
    return g_strdup (_("not recorded"));

  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

char *
cli_format_n_allocations (guint64 count)
{
  g_autofree char *text = cli_format_count (count);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s allocation", "%s allocations", (gulong) count), text);
}

char *
cli_format_n_blocks (guint64 count)
{
  g_autofree char *text = cli_format_count (count);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s block", "%s blocks", (gulong) count), text);
}

char *
cli_format_n_events (guint64 count)
{
  g_autofree char *text = cli_format_count (count);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s event", "%s events", (gulong) count), text);
}

char *
cli_format_duration (guint64 nanoseconds)
{
  g_autofree char *minutes = NULL;
  double value = (double) nanoseconds;

  if (nanoseconds == MEMSCOPE_UNKNOWN)
    return g_strdup (_("not recorded"));

  if (nanoseconds < 1000)
    return g_strdup_printf (_("%u ns"), (guint) nanoseconds);
  if (value < 1e6)
    return g_strdup_printf (_("%.3g µs"), value / 1e3);
  if (value < 1e9)
    return g_strdup_printf (_("%.3g ms"), value / 1e6);
  if (value < 120e9)
    return g_strdup_printf (_("%.3f s"), value / 1e9);

  minutes = cli_format_count (nanoseconds / 60000000000u);

  return g_strdup_printf (_("%s min %02u s"), minutes, (guint) (nanoseconds / 1000000000u % 60));
}

char *
cli_format_variable (MemscopeSession    *session,
                     MemscopeVariableId  id)
{
  MemscopeVariable variable;
  gsize length;
  const char *bytes;

  if (id == 0 || !memscope_session_get_variable (session, id, &variable) || variable.name == 0)
    return g_strdup (_("(no name)"));

  bytes = memscope_session_get_string (session, variable.name, &length);

  return cli_safe_text (bytes, length, CLI_NAME_LIMIT);
}

char *
cli_format_thread (MemscopeSession  *session,
                   MemscopeThreadId  id)
{
  g_autofree char *label = memscope_session_dup_thread_label (session, id);

  return cli_safe_text (label, -1, CLI_NAME_LIMIT);
}

char *
cli_format_frame (MemscopeSession *session,
                  MemscopeFrameId  id)
{
  g_autofree char *label = memscope_session_dup_frame_label (session, id);

  return cli_safe_text (label, -1, CLI_NAME_LIMIT);
}

void
cli_print_heading (const char *text)
{
  g_print ("\n%s%s%s\n", cli_style (CLI_HEADING), text, cli_style (CLI_PLAIN));
}

static void
print_line (const char *name,
            const char *value)
{
  g_print ("  %-*s %s\n", 22 + (int) (strlen (name) - g_utf8_strlen (name, -1)), name, value);
}

static void
print_fact (MemscopeSession *session,
            const char      *name,
            const char      *fact)
{
  gsize length;
  const char *value = memscope_session_get_fact (session, fact, &length);
  g_autofree char *spaced = NULL;
  g_autofree char *safe = NULL;

  if (value == NULL)
    return;

  /* lists are joined by NUL */
  spaced = g_memdup2 (value, length + 1);
  for (gsize i = 0; i < length; i++)
    if (spaced[i] == '\0')
      spaced[i] = ' ';

  safe = cli_safe_text (spaced, length, 4 * CLI_NAME_LIMIT);
  print_line (name, safe);
}

/* memscope-rs files may hold any number here: before 2000 it is no date. */
static void
print_start (MemscopeSession *session)
{
  guint64 seconds = memscope_session_get_time_origin (session) / 1000000000u;
  g_autoptr(GDateTime) start = NULL;
  g_autofree char *text = NULL;

  if (seconds < 946684800u || seconds > 32503680000u)
    return;

  start = g_date_time_new_from_unix_local ((gint64) seconds);
  text = g_date_time_format (start, "%Y-%m-%d %H:%M:%S %z");
  print_line (_("Began"), text);
}

void
cli_print_identity (MemscopeSession *session,
                    const char      *path)
{
  const char *layout = memscope_session_get_layout (session);
  g_autofree char *name = cli_safe_text (path, -1, 0);
  g_autofree char *duration = cli_format_duration (memscope_session_get_duration (session));
  g_autofree char *format = NULL;
  g_autofree char *layout_text = layout != NULL ? g_strdup_printf (_(", layout %s"), layout) : g_strdup ("");

  g_print ("%s%s%s\n", cli_style (CLI_STRONG), name, cli_style (CLI_PLAIN));

  format = g_strdup_printf (_("%s, version %u%s, %s"),
                            memscope_session_get_format_name (session),
                            memscope_session_get_format_version (session),
                            layout_text,
                            memscope_session_get_complete (session) ? _("complete") : _("not complete"));
  print_line (_("Format"), format);
  print_fact (session, _("Program"), "exe");
  print_fact (session, _("Command"), "command");
  print_fact (session, _("Process"), "pid");
  print_start (session);
  print_line (_("Duration"), duration);
}

static void
print_count_and_bytes (const char *name,
                       guint64     count,
                       guint64     bytes)
{
  g_autofree char *count_text = cli_format_count (count);
  g_autofree char *bytes_text = cli_format_bytes (bytes);
  g_autofree char *exact_text = cli_format_count (bytes);
  g_autofree char *value = NULL;

  if (count == MEMSCOPE_UNKNOWN && bytes == MEMSCOPE_UNKNOWN)
    value = g_strdup (_("not recorded"));
  else if (bytes < 1024 || bytes == MEMSCOPE_UNKNOWN)
    value = g_strdup_printf (_("%s in %s"), bytes_text, count_text);
  else
    value = g_strdup_printf (_("%s in %s (%s bytes)"), bytes_text, count_text, exact_text);

  print_line (name, value);
}

static void
print_count (const char *name,
             guint64     count)
{
  g_autofree char *text = cli_format_count (count);

  print_line (name, text);
}

static void
print_peak (const MemscopeSummary *summary)
{
  g_autofree char *bytes = cli_format_bytes (summary->peak_bytes);
  g_autofree char *count = cli_format_count (summary->peak_allocations);
  g_autofree char *time = cli_format_duration (summary->peak_time);
  g_autofree char *value = NULL;

  if (summary->peak_bytes == MEMSCOPE_UNKNOWN)
    value = g_strdup (_("not recorded"));
  else if (summary->peak_allocations == MEMSCOPE_UNKNOWN)
    value = g_strdup_printf (_("%s, after %s"), bytes, time);
  else
    value = g_strdup_printf (_("%s in %s, after %s"), bytes, count, time);

  print_line (_("Peak"), value);
}

char *
cli_format_estimate (const MemscopeEstimate *estimate,
                     char                 *(*format) (guint64))
{
  g_autofree char *value = format ((guint64) MAX (estimate->value, 0));
  g_autofree char *error = NULL;

  if (estimate->too_few)
    return g_strdup (_("too few samples"));
  if (estimate->error <= 0)
    return g_steal_pointer (&value);

  error = format ((guint64) estimate->error);

  return g_strdup_printf (_("%s ± %s"), value, error);
}

/* A sampled session's figures, as they may be quoted. */
static void
print_estimate (const char             *name,
                const MemscopeEstimate *estimate,
                char                 *(*format) (guint64))
{
  g_autofree char *text = cli_format_estimate (estimate, format);

  print_line (name, text);
}

static void
print_estimates (const MemscopeSummary *summary)
{
  /* xgettext:no-c-format */
  cli_print_heading (_("Estimates from samples, with 95 % intervals"));
  print_estimate (_("Allocations"), &summary->estimated_allocations, cli_format_count);
  print_estimate (_("Allocated"), &summary->estimated_bytes, cli_format_bytes);
  print_estimate (_("Frees"), &summary->estimated_frees, cli_format_count);
  print_estimate (_("Freed"), &summary->estimated_freed_bytes, cli_format_bytes);
  print_estimate (_("Live blocks at the end"), &summary->estimated_active_allocations, cli_format_count);
  print_estimate (_("Live at the end"), &summary->estimated_active_bytes, cli_format_bytes);
  print_estimate (_("Peak"), &summary->estimated_peak_bytes, cli_format_bytes);
}

static void
print_efficiency (const MemscopeSummary *summary)
{
  g_autofree char *value = NULL;

  if (isnan (summary->efficiency))
    return;

  value = g_strdup_printf ("%.1f %%", 100 * summary->efficiency);
  print_line (_("Allocator efficiency"), value);
}

void
cli_print_selection (const char *filter)
{
  g_autofree char *name = filter != NULL ? cli_safe_text (filter, -1, 0) : g_strdup (_("by time, threads, modules, kinds or sizes"));

  print_line (_("Only"), name);
}

void
cli_print_totals (MemscopeSession       *session,
                  const MemscopeSummary *summary)
{
  cli_print_heading (_("Totals"));
  print_count_and_bytes (_("Allocated"), summary->total_allocations, summary->total_bytes);
  print_count_and_bytes (_("Freed"), summary->total_frees, summary->freed_bytes);
  print_count_and_bytes (_("Live at the end"), summary->active_allocations, summary->active_bytes);
  print_peak (summary);
  print_count_and_bytes (_("Leaked"), summary->leaked_allocations, summary->leaked_bytes);
  print_count (_("Temporary"), summary->temporary_allocations);
  print_count (_("Reallocations"), summary->reallocations);
  if (summary->unmatched_frees != MEMSCOPE_UNKNOWN && summary->unmatched_frees > 0)
    print_count (_("Unknown addresses freed"), summary->unmatched_frees);
  if (summary->failed_allocations != MEMSCOPE_UNKNOWN && summary->failed_allocations > 0)
    print_count (_("Failed allocations"), summary->failed_allocations);
  if (summary->peak_rss != MEMSCOPE_UNKNOWN)
    {
      g_autofree char *rss = cli_format_bytes (summary->peak_rss);

      print_line (_("Peak resident memory"), rss);
    }
  print_efficiency (summary);
  print_count (_("Threads"), memscope_session_get_n_threads (session));
  print_count (_("Call sites"), summary->n_call_sites);
  print_count (_("Variables"), summary->n_variables);

  if (summary->sampled)
    print_estimates (summary);
}

void
cli_print_warnings (MemscopeSession *session)
{
  const char *const *warnings = memscope_session_get_warnings (session);

  if (warnings == NULL || warnings[0] == NULL)
    return;

  cli_print_heading (_("Warnings"));
  for (guint i = 0; warnings[i] != NULL; i++)
    {
      g_autofree char *safe = cli_safe_text (warnings[i], -1, 0);

      g_print ("  %s%s%s\n", cli_style (CLI_WARNING), safe, cli_style (CLI_PLAIN));
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli report: what held the memory, for reading in a terminal. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "cli-findings.h"
#include "cli-format.h"
#include "cli-options.h"
#include "cli-report.h"
#include "cli-selection.h"
#include "cli-session.h"
#include "cli-suppressions.h"
#include "cli-terminal.h"

#define MAX_STACK_LINES 24

static int       top = 10;
static gboolean  json;
static char    **suppression_files;
static char    **files;

static const GOptionEntry entries[] = {
  { "top", 'n', G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &top,
    N_("How many entries each list has (10; 0: all)"), N_("N") },
  { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json,
    N_("Write one JSON object, keys sorted"), NULL },
  { "suppressions", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &suppression_files,
    N_("Mute the findings that this file names; may be given more than once"), N_("FILE") },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

/* Where the block came from, outermost last; inlined functions are in the label. */
static void
print_stack (const CliReport *self,
             MemscopeStackId  stack)
{
  MemscopeStackId parent;
  MemscopeFrameId frame;
  guint n = 0;

  for (; stack != 0; stack = parent, n++)
    {
      g_autofree char *label = NULL;

      if (!memscope_session_get_stack_node (self->session, stack, &parent, &frame))
        break;

      if (n == MAX_STACK_LINES || frame == 0)
        {
          g_print ("      %s…%s\n", cli_style (CLI_FAINT), cli_style (CLI_PLAIN));
          break;
        }

      label = cli_format_frame (self->session, frame);
      g_print ("      %s%s%s\n", cli_style (CLI_FAINT), label, cli_style (CLI_PLAIN));
    }
}

static void
print_more (guint64 n)
{
  g_autofree char *count = NULL;

  if (top == 0 || n <= (guint64) top)
    return;

  count = cli_format_count (n - top);
  g_print ("  ");
  g_print (g_dngettext (GETTEXT_PACKAGE, "… and %s more", "… and %s more", (gulong) MIN (n - top, G_MAXINT)), count);
  g_print ("\n");
}

static char *
name_group (const CliReport     *self,
            const MemscopeGroup *group,
            MemscopeGroupBy      by)
{
  if (by == MEMSCOPE_GROUP_BY_THREAD)
    return cli_format_thread (self->session, group->thread);

  if (by == MEMSCOPE_GROUP_BY_VARIABLE)
    return cli_format_variable (self->session, group->variable);

  return group->call_site != 0 ? cli_format_frame (self->session, group->call_site)
                               : g_strdup (_("(no stack recorded)"));
}

static void
print_group (const CliReport     *self,
             const MemscopeGroup *group,
             MemscopeGroupBy      by)
{
  g_autofree char *name = name_group (self, group, by);
  MemscopeEstimate of_live = memscope_group_get_live_bytes (group), of_born = memscope_group_get_born_bytes (group);
  MemscopeEstimate of_births = memscope_group_get_births (group);
  g_autofree char *live = cli_format_estimate (&of_live, cli_format_bytes);
  g_autofree char *born = cli_format_estimate (&of_born, cli_format_bytes);
  g_autofree char *count = cli_format_estimate (&of_births, cli_format_count);

  g_print ("  %s%10s%s  %s\n", cli_style (CLI_STRONG), live, cli_style (CLI_PLAIN), name);
  if (of_born.too_few)
    g_print (_("              in all too few samples\n"));
  else
    g_print (_("              in all %s in %s\n"), born, count);

  if (by == MEMSCOPE_GROUP_BY_CALL_SITE && group->call_site != 0)
    print_stack (self, cli_report_get_stack (self, group->call_site));
}

static void
print_groups (const CliReport      *self,
              const char           *heading,
              const MemscopeGroups *groups)
{
  guint64 n = top > 0 ? MIN (groups->n_groups, (guint64) top) : groups->n_groups;

  if (n == 0)
    return;

  cli_print_heading (heading);
  for (guint64 i = 0; i < n; i++)
    print_group (self, &groups->groups[i], groups->by);
  print_more (groups->n_groups);
}

static void
print_leak (const CliReport    *self,
            const MemscopeLeak *leak)
{
  g_autofree char *bytes = cli_format_bytes (leak->bytes);
  g_autofree char *blocks = cli_format_count (leak->blocks);
  g_autofree char *births = cli_format_count (leak->total_births);
  g_autofree char *name = cli_format_variable (self->session, leak->variable);

  g_print ("  %s%10s%s  %s\n", cli_style (CLI_STRONG), bytes, cli_style (CLI_PLAIN), name);
  g_print (leak->grows ? g_dngettext (GETTEXT_PACKAGE, "              %s of %s block from here, and growing\n",
                                      "              %s of %s blocks from here, and growing\n", (gulong) leak->total_births)
                       : g_dngettext (GETTEXT_PACKAGE, "              %s of %s block from here\n",
                                      "              %s of %s blocks from here\n", (gulong) leak->total_births), blocks, births);
  print_stack (self, leak->stack);
}

static void
print_leaks (const CliReport *self)
{
  guint n = top > 0 ? MIN (self->leaks->n_leaks, (guint) top) : self->leaks->n_leaks;

  if (n == 0)
    return;

  cli_print_heading (self->leaks->final ? _("Never freed") : _("Not freed so far"));
  for (guint i = 0; i < n; i++)
    print_leak (self, &self->leaks->leaks[i]);
  print_more (self->leaks->n_leaks);
}

static void
print_text (const CliReport *self,
            const char      *path)
{
  cli_print_identity (self->session, path);
  if (cli_selection_is_set ())
    cli_print_selection (cli_selection_get_filter ());
  cli_print_warnings (self->session);
  cli_print_totals (self->session, self->summary);
  cli_print_findings (self->session, self->diagnostics, (guint) top);
  print_groups (self, _("Call sites, by what they held at the peak"), self->call_sites);
  print_groups (self, _("Variables, by what they held at the peak"), self->variables);
  print_leaks (self);
  print_groups (self, _("Threads, by what they held at the peak"), self->threads);
}

static void
print_json (const CliReport *self,
            const char      *path)
{
  g_autoptr(GString) text = g_string_new (NULL);
  MemscopeJsonWriter writer;

  memscope_json_writer_init (&writer, text);
  cli_report_write_json (self, (guint) top, path, &writer);
  g_string_append_c (text, '\n');
  cli_write_output (text->str, text->len);
}

static int
run (int    argc,
     char **argv)
{
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSuppressions) suppressions = NULL;
  g_autoptr(CliReport) report = NULL;
  g_autofree GOptionEntry *all_entries = cli_selection_extend (entries);
  g_autoptr(MemscopeSelection) selection = NULL;
  g_autofree char *message = NULL;
  g_autoptr(GError) error = NULL;

  if (!cli_parse_options (&cli_command_report, all_entries, NULL, CLI_PARSE_ANYWHERE, &argc, &argv))
    return CLI_USAGE;
  if (files == NULL)
    return cli_usage_error (&cli_command_report, _("Which file? None is named."));
  if (files[1] != NULL)
    return cli_usage_error (&cli_command_report, _("One file at a time, please."));
  if (top < 0)
    return cli_usage_error (&cli_command_report, _("--top can’t be negative."));

  suppressions = cli_load_suppressions (suppression_files);
  if (suppressions == NULL)
    return CLI_DATA;

  session = cli_load_session (files[0]);
  if (session == NULL)
    return cli_failure_status ();

  selection = cli_selection_make (session, &message);
  if (selection == NULL)
    return cli_selection_usage_error (&cli_command_report, message);

  report = cli_report_new (session, selection, suppressions, cli_cancel_on_signals (), &error);
  if (report == NULL)
    return cli_failure_status ();

  if (json)
    print_json (report, files[0]);
  else
    print_text (report, files[0]);

  return CLI_OK;
}

const CliCommand cli_command_report = {
  .name = "report",
  .arguments = N_("FILE"),
  .summary = N_("Show what held the memory, to read in a terminal"),
  .run = run,
};

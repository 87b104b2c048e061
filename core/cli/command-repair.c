/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli repair: a closed copy of a recording that was cut or damaged. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "cli-format.h"
#include "cli-options.h"
#include "cli-session.h"
#include "cli-terminal.h"
#include "memscope-repair.h"

static char  *output;
static char **files;

static const GOptionEntry entries[] = {
  { "output", 'o', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &output,
    N_("Where the copy goes; else beside the recording, with .repaired in its name"), N_("FILE") },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

static void
print_result (const char                 *from,
              const char                 *to,
              const MemscopeRepairReport *report)
{
  g_autofree char *kept = cli_format_bytes (report->kept_bytes);
  g_autofree char *left = cli_format_bytes (report->left_bytes);
  g_autofree char *safe_from = cli_safe_text (from, -1, 0);
  g_autofree char *safe_to = cli_safe_text (to, -1, 0);

  if (!report->needed)
    g_print (_("%s is closed and whole: there is nothing to repair"), safe_from);
  else if (report->whole)
    g_print (_("Wrote %s: only the index was missing, the recording is complete"), safe_to);
  else if (report->left_bytes == 0)
    g_print (_("Wrote %s: %s, all there was; how the recording ended nobody saw"), safe_to, kept);
  else
    g_print (_("Wrote %s: %s were good, %s were left out"), safe_to, kept, left);
  g_print ("\n");
}

static int
run (int    argc,
     char **argv)
{
  g_autoptr(GFile) from = NULL;
  g_autoptr(GFile) to = NULL;
  g_autofree char *to_path = NULL;
  g_autoptr(GError) error = NULL;
  MemscopeRepairReport report;
  CliProgress progress;
  gboolean done;

  if (!cli_parse_options (&cli_command_repair, entries, NULL, CLI_PARSE_ANYWHERE, &argc, &argv))
    return CLI_USAGE;
  if (files == NULL)
    return cli_usage_error (&cli_command_repair, _("Which file? None is named."));
  if (files[1] != NULL)
    return cli_usage_error (&cli_command_repair, _("One file at a time, please."));

  from = g_file_new_for_path (files[0]);
  to = output != NULL ? g_file_new_for_path (output) : memscope_repair_suggest (from);
  to_path = g_file_get_path (to);

  cli_progress_begin (&progress, _("Repairing"));
  done = memscope_repair_file (from, to, &report, cli_cancel_on_signals (), cli_progress_update, &progress, &error);
  cli_progress_end (&progress);

  if (done)
    print_result (files[0], to_path, &report);
  else if (cli_interrupted_status () == 0)
    cli_complain ("%s: %s", files[0], error->message);

  return done ? CLI_OK : cli_failure_status ();
}

const CliCommand cli_command_repair = {
  .name = "repair",
  .arguments = N_("FILE"),
  .summary = N_("Write a closed copy of a recording that was cut or damaged"),
  .run = run,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli symbolize: looks up functions, files and lines, and stores them
 * in the recording.
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "cli-options.h"
#include "cli-session.h"
#include "cli-terminal.h"
#include "memscope-symbolizer.h"

static gboolean  again;
static gboolean  verbose;
static char    **files;

static const GOptionEntry entries[] = {
  { "again", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &again,
    N_("Look up everything, not only what is missing"), NULL },
  { "verbose", 'v', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &verbose,
    N_("Say what was found, and which files were not usable"), NULL },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

static void
update_progress (guint    n_done,
                 guint    n_frames,
                 gpointer user_data)
{
  cli_progress_update (n_done, n_frames, user_data);
}

static void
print_report (const MemscopeSymbolizeReport *report)
{
  g_print (_("%u of %u addresses have a function, %u a source line"),
           report->n_resolved, report->n_frames, report->n_lines);
  g_print ("\n");

  for (guint i = 0; report->reasons != NULL && report->reasons[i] != NULL; i++)
    {
      g_autofree char *safe = cli_safe_text (report->reasons[i], -1, 0);

      g_print ("%s\n", safe);
    }
}

/* FALSE: complained, or interrupted. */
static gboolean
symbolize (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  MemscopeSymbolizeReport report = { 0 };
  CliProgress progress;
  gboolean done;

  cli_progress_begin (&progress, _("Looking up functions and lines"));
  done = memscope_symbolize_file (file, again, &report, cli_cancel_on_signals (), update_progress, &progress, &error);
  cli_progress_end (&progress);

  if (done && verbose)
    print_report (&report);
  if (!done && cli_interrupted_status () == 0)
    cli_complain ("%s: %s", path, error->message);

  memscope_symbolize_report_clear (&report);

  return done;
}

static int
run (int    argc,
     char **argv)
{
  int status = CLI_OK;

  if (!cli_parse_options (&cli_command_symbolize, entries, NULL, CLI_PARSE_ANYWHERE, &argc, &argv))
    return CLI_USAGE;
  if (files == NULL)
    return cli_usage_error (&cli_command_symbolize, _("Which file? None is named."));

  for (guint i = 0; files[i] != NULL; i++)
    {
      if (!symbolize (files[i]))
        status = cli_failure_status ();
      if (cli_interrupted_status () != 0)
        break;
    }

  return status;
}

const CliCommand cli_command_symbolize = {
  .name = "symbolize",
  .arguments = N_("FILE…"),
  .summary = N_("Look up functions and source lines, and store them in the recording"),
  .run = run,
};

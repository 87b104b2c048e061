/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli symbolize: looks up functions, files and lines, and stores them
 * in the recording.
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli-options.h"
#include "cli-session.h"
#include "cli-terminal.h"
#include "memscope-segments.h"
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

/* Has the recorder written its last word? */
static gboolean
is_closed (GFile *file)
{
  static const char mark[] = "MEMSCOPE-END";
  g_autoptr(GFileInputStream) stream = g_file_read (file, NULL, NULL);
  char last[sizeof mark - 1];
  gsize length = 0;

  return stream != NULL && g_seekable_seek (G_SEEKABLE (stream), -(goffset) sizeof last, G_SEEK_END, NULL, NULL) &&
         g_input_stream_read_all (G_INPUT_STREAM (stream), last, sizeof last, &length, NULL, NULL) &&
         length == sizeof last && memcmp (last, mark, sizeof last) == 0;
}

/* The last segment may still be written, and is left alone then. */
static gboolean
symbolize_segments (MemscopeSegments *segments)
{
  gboolean done = TRUE;

  for (guint i = 0; i < memscope_segments_get_n (segments) && cli_interrupted_status () == 0; i++)
    {
      GFile *file = memscope_segments_get_file (segments, i);

      if (i + 1 < memscope_segments_get_n (segments) || is_closed (file))
        done = symbolize (g_file_peek_path (file)) && done;
    }

  return done;
}

/* Of all processes whose segments lie in it. */
static gboolean
symbolize_folder (const char *path)
{
  g_autoptr(GFile) folder = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSegments) segments = memscope_segments_find (folder, cli_cancel_on_signals (), &error);
  const char *const *others;
  gboolean done;

  if (segments == NULL)
    {
      if (cli_interrupted_status () == 0)
        cli_complain ("%s: %s", path, error->message);
      return FALSE;
    }

  done = symbolize_segments (segments);
  others = memscope_segments_get_others (segments);
  for (guint i = 0; others[i] != NULL && cli_interrupted_status () == 0; i++)
    {
      g_autoptr(GFile) stem = g_file_get_child (folder, others[i]);
      g_autoptr(MemscopeSegments) more = memscope_segments_find (stem, NULL, NULL);

      done = more != NULL && symbolize_segments (more) && done;
    }

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
      if (!(g_file_test (files[i], G_FILE_TEST_IS_DIR) ? symbolize_folder (files[i]) : symbolize (files[i])))
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

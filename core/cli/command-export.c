/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli export: a recording as one HTML page, as JSON, or as folded stacks. */

#include "config.h"

#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "cli-options.h"
#include "cli-selection.h"
#include "cli-session.h"
#include "cli-suppressions.h"
#include "cli-terminal.h"
#include "cli-units.h"
#include "memscope-folded-exporter.h"
#include "memscope-html-exporter.h"
#include "memscope-json-exporter.h"

static char     *format;
static char     *output;
static char     *size_budget;
static char     *language;
static char     *redact;
static gboolean  user_variables;
static char    **suppression_files;
static char     *measure;
static gboolean  by_thread;
static char    **files;

static const GOptionEntry entries[] = {
  { "format", 'f', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &format,
    N_("html, json or folded; without it, what the output’s name ends in"), N_("FORMAT") },
  { "output", 'o', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &output,
    N_("Where to write (“-”: standard output); else the recording’s name with another ending"), N_("FILE") },
  { "user-variables", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &user_variables,
    N_("List only blocks whose variable has a name of its own"), NULL },
  { "redact", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &redact,
    N_("Leave out paths, arguments or environment (names of variables, the host); with commas between, or all"), N_("WHAT") },
  { "size-budget", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &size_budget,
    N_("html: how large the page may become (20M); the page says what did not fit"), N_("SIZE") },
  { "language", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &language,
    N_("html: en or zh_CN; else what the reader’s browser prefers"), N_("LANGUAGE") },
  { "suppressions", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &suppression_files,
    N_("html: show the findings that this file names as muted; may be given more than once"), N_("FILE") },
  { "measure", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &measure,
    N_("folded: live-bytes, live-blocks, allocated-bytes (the default), allocations, temporary, temporary-bytes, peak-bytes or peak-blocks"),
    N_("MEASURE") },
  { "by-thread", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &by_thread,
    N_("folded: each stack begins with its thread"), NULL },
  /* What these were called first. */
  { "budget", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &size_budget, NULL, NULL },
  { "named-only", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &user_variables, NULL, NULL },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

/* Either to a file or to a stream. */
typedef gboolean (*ExportFunc) (MemscopeSession       *session,
                                MemscopeSelection     *selection,   /* NULL: everything */
                                GFile                 *file,
                                GOutputStream         *stream,
                                MemscopeProgressFunc   progress,
                                gpointer               progress_data,
                                GCancellable          *cancellable,
                                GError               **error);

static MemscopeHtmlOptions html_options;
static MemscopeSuppressions *suppressions;   /* for as long as the program runs */
static MemscopeJsonOptions json_options;
static MemscopeFoldedOptions folded_options = { .measure = MEMSCOPE_MEASURE_BORN_BYTES };

static gboolean
export_html (MemscopeSession       *session,
             MemscopeSelection     *selection,
             GFile                 *file,
             GOutputStream         *stream,
             MemscopeProgressFunc   progress,
             gpointer               progress_data,
             GCancellable          *cancellable,
             GError               **error)
{
  if (file != NULL)
    return memscope_html_export (session, selection, &html_options, file, progress, progress_data, cancellable, error);

  return memscope_html_export_to_stream (session, selection, &html_options, stream, progress, progress_data,
                                         cancellable, error);
}

static gboolean
export_json (MemscopeSession       *session,
             MemscopeSelection     *selection,
             GFile                 *file,
             GOutputStream         *stream,
             MemscopeProgressFunc   progress,
             gpointer               progress_data,
             GCancellable          *cancellable,
             GError               **error)
{
  if (file != NULL)
    return memscope_json_export (session, selection, &json_options, file, progress, progress_data, cancellable, error);

  return memscope_json_export_to_stream (session, selection, &json_options, stream, progress, progress_data,
                                         cancellable, error);
}

static gboolean
export_folded (MemscopeSession       *session,
               MemscopeSelection     *selection,
               GFile                 *file,
               GOutputStream         *stream,
               MemscopeProgressFunc   progress,
               gpointer               progress_data,
               GCancellable          *cancellable,
               GError               **error)
{
  if (file != NULL)
    return memscope_folded_export (session, selection, &folded_options, file, progress, progress_data, cancellable, error);

  return memscope_folded_export_to_stream (session, selection, &folded_options, stream, progress, progress_data,
                                           cancellable, error);
}

static const struct
{
  const char *name;
  const char *suffix;
  ExportFunc  export;
} formats[] = {
  { "html", ".html", export_html },
  { "json", ".json", export_json },
  { "folded", ".folded", export_folded },
};

/* FALSE: complained. */
static gboolean
read_options (const char *name)
{
  g_autofree char *unknown = NULL;
  guint bits = 0;

  if (strcmp (name, "html") != 0 && (size_budget != NULL || language != NULL))
    {
      cli_usage_error (&cli_command_export, _("--size-budget and --language are for html."));
      return FALSE;
    }

  if (strcmp (name, "folded") != 0 && (measure != NULL || by_thread))
    {
      cli_usage_error (&cli_command_export, _("--measure and --by-thread are for folded."));
      return FALSE;
    }

  /* No path, argument or environment is ever in folded stacks. */
  if (strcmp (name, "folded") == 0 && user_variables)
    {
      cli_usage_error (&cli_command_export, _("--user-variables is for html and json."));
      return FALSE;
    }

  if (measure != NULL && !memscope_measure_parse (measure, &folded_options.measure))
    {
      cli_usage_error (&cli_command_export, _("“%s” is not a measure: see memscope-cli export --help."), measure);
      return FALSE;
    }

  if (size_budget != NULL && !cli_parse_size (size_budget, &html_options.size_budget))
    {
      cli_usage_error (&cli_command_export, _("“%s” is not a size: write 500M or 2G."), size_budget);
      return FALSE;
    }

  if (language != NULL && strcmp (language, "en") != 0 && strcmp (language, "zh_CN") != 0)
    {
      cli_usage_error (&cli_command_export, _("“%s” is not a language of the page: use en or zh_CN."), language);
      return FALSE;
    }

  if (redact != NULL && !memscope_redaction_parse (redact, &bits, &unknown))
    {
      cli_usage_error (&cli_command_export, _("“%s” cannot be left out: use paths, arguments, environment or all."), unknown);
      return FALSE;
    }

  folded_options.by_thread = by_thread;
  html_options.language = language;
  html_options.user_variables_only = json_options.user_variables_only = user_variables;
  html_options.redact = json_options.redact = bits;

  return TRUE;
}

/* The index into formats, or -1. */
static int
find_format (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      if (format != NULL ? g_ascii_strcasecmp (format, formats[i].name) == 0
                         : output != NULL && g_str_has_suffix (output, formats[i].suffix))
        return i;
    }

  return -1;
}

static char *
make_output_name (const char *path,
                  const char *suffix)
{
  gsize length = strlen (path);

  if (g_str_has_suffix (path, ".memscope"))
    length -= strlen (".memscope");

  return g_strdup_printf ("%.*s%s", (int) MIN (length, G_MAXINT), path, suffix);
}

static gboolean
write_export (MemscopeSession    *session,
              MemscopeSelection  *selection,
              int                 index,
              const char         *path,
              GError            **error)
{
  GCancellable *cancellable = cli_cancel_on_signals ();
  g_autoptr(GOutputStream) stream = NULL;
  g_autoptr(GFile) file = NULL;
  CliProgress progress;
  gboolean written;

  cli_progress_begin (&progress, _("Writing"));

  if (strcmp (path, "-") == 0)
    stream = g_unix_output_stream_new (STDOUT_FILENO, FALSE);
  else
    file = g_file_new_for_path (path);

  written = formats[index].export (session, selection, file, stream, cli_progress_update, &progress, cancellable, error);
  cli_progress_end (&progress);

  return written;
}

static int
run (int    argc,
     char **argv)
{
  g_autofree GOptionEntry *all_entries = cli_selection_extend (entries);
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) selection = NULL;
  g_autofree char *message = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  int index;

  if (!cli_parse_options (&cli_command_export, all_entries, NULL, CLI_PARSE_ANYWHERE, &argc, &argv))
    return CLI_USAGE;
  if (files == NULL)
    return cli_usage_error (&cli_command_export, _("Which file? None is named."));
  if (files[1] != NULL)
    return cli_usage_error (&cli_command_export, _("One file at a time, please."));

  index = find_format ();
  if (index < 0 && format != NULL)
    return cli_usage_error (&cli_command_export, _("“%s” is not a format: use html, json or folded."), format);
  if (index < 0)
    return cli_usage_error (&cli_command_export, _("Which format? Use --format html, json or folded."));

  if (!read_options (formats[index].name))
    return CLI_USAGE;

  suppressions = cli_load_suppressions (suppression_files);
  if (suppressions == NULL)
    return CLI_DATA;
  html_options.suppressions = suppressions;

  session = cli_load_session (files[0]);
  if (session == NULL)
    return cli_failure_status ();

  if (cli_selection_is_set ())
    {
      selection = cli_selection_make (session, &message);
      if (selection == NULL)
        return cli_selection_usage_error (&cli_command_export, message);
    }

  path = output != NULL ? g_strdup (output) : make_output_name (files[0], formats[index].suffix);
  if (write_export (session, selection, index, path, &error))
    return CLI_OK;

  if (cli_interrupted_status () == 0)
    cli_complain (_("Can’t write %s: %s"), path, error->message);

  return cli_failure_status ();
}

const CliCommand cli_command_export = {
  .name = "export",
  .arguments = N_("FILE"),
  .summary = N_("Write a recording as an HTML page, as JSON or as folded stacks"),
  .run = run,
};

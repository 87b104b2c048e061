/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli info: what a recording is, and its totals. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "cli-format.h"
#include "cli-options.h"
#include "cli-selection.h"
#include "cli-session.h"
#include "cli-terminal.h"
#include "memscope-session-json.h"

static gboolean  json;
static char    **files;

static const GOptionEntry entries[] = {
  { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json,
    N_("Write one JSON object (an array for several files), keys sorted"), NULL },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

/* FALSE: complained. */
static gboolean
append_json (MemscopeJsonWriter *writer,
             MemscopeSession    *session,
             MemscopeSelection  *selection,
             const char         *path)
{
  g_autoptr(GError) error = NULL;

  if (memscope_session_json_write_info (writer, session, selection, path, cli_selection_get_filter (), cli_cancel_on_signals (), &error))
    return TRUE;

  cli_complain ("%s: %s", path, error->message);

  return FALSE;
}

static gboolean
print_text (MemscopeSession   *session,
            MemscopeSelection *selection,
            const char        *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;

  summary = memscope_summary_new (session, selection, cli_cancel_on_signals (), &error);
  if (summary == NULL)
    {
      cli_complain ("%s: %s", path, error->message);
      return FALSE;
    }

  cli_print_identity (session, path);
  if (cli_selection_is_set ())
    cli_print_selection (cli_selection_get_filter ());
  cli_print_totals (session, summary);
  cli_print_warnings (session);

  return TRUE;
}

static int
run (int    argc,
     char **argv)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree GOptionEntry *all_entries = cli_selection_extend (entries);
  MemscopeJsonWriter writer;
  gboolean many;
  int status = CLI_OK;

  if (!cli_parse_options (&cli_command_info, all_entries, NULL, CLI_PARSE_ANYWHERE, &argc, &argv))
    return CLI_USAGE;
  if (files == NULL)
    return cli_usage_error (&cli_command_info, _("Which file? None is named."));

  many = files[1] != NULL;
  memscope_json_writer_init (&writer, text);
  if (many)
    memscope_json_writer_begin_array (&writer, NULL);

  for (guint i = 0; files[i] != NULL; i++)
    {
      g_autoptr(MemscopeSession) session = cli_selection_get_filter () == NULL ? cli_load_totals (files[i])
                                                                                   : cli_load_session (files[i]);
      g_autoptr(MemscopeSelection) selection = NULL;
      g_autofree char *message = NULL;
      gboolean good = session != NULL;

      if (good)
        selection = cli_selection_make (session, &message);
      if (good && selection == NULL)
        return cli_selection_usage_error (&cli_command_info, message);

      if (good && json)
        good = append_json (&writer, session, selection, files[i]);
      else if (good)
        good = print_text (session, selection, files[i]);

      if (cli_interrupted_status () != 0)
        return cli_failure_status ();
      if (!good)
        status = CLI_DATA;
    }

  if (!json || (status != CLI_OK && !many))
    return status;

  if (many)
    memscope_json_writer_end_array (&writer);
  g_string_append_c (text, '\n');
  cli_write_output (text->str, text->len);

  return status;
}

const CliCommand cli_command_info = {
  .name = "info",
  .arguments = N_("FILE…"),
  .summary = N_("Say what a recording is, and its totals"),
  .run = run,
};

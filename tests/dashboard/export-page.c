/* SPDX-License-Identifier: GPL-3.0-or-later */

/* export-page [--begin NS] [--end NS] [--budget BYTES] [--named] [--redact BITS]
 *             [--language NAME] RECORDING PAGE
 *
 * Exports pages in ways that memscope-cli has no options for.
 */

#include "memscope-html-exporter.h"

static gint64   begin = -1;
static gint64   end = -1;
static gint64   budget;
static gboolean named;
static int      redact;
static char    *language;
static char    *suppressions_path;
static char   **files;

static const GOptionEntry entries[] = {
  { "begin", 0, 0, G_OPTION_ARG_INT64, &begin, NULL, NULL },
  { "end", 0, 0, G_OPTION_ARG_INT64, &end, NULL, NULL },
  { "budget", 0, 0, G_OPTION_ARG_INT64, &budget, NULL, NULL },
  { "named", 0, 0, G_OPTION_ARG_NONE, &named, NULL, NULL },
  { "redact", 0, 0, G_OPTION_ARG_INT, &redact, NULL, NULL },
  { "suppressions", 0, 0, G_OPTION_ARG_FILENAME, &suppressions_path, NULL, NULL },
  { "language", 0, 0, G_OPTION_ARG_STRING, &language, NULL, NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

int
main (int    argc,
      char **argv)
{
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) selection = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) from = NULL;
  g_autoptr(GFile) to = NULL;
  g_autoptr(MemscopeSuppressions) suppressions = NULL;
  MemscopeHtmlOptions options = { 0, };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || files == NULL || g_strv_length (files) != 2)
    g_error ("usage: export-page [OPTIONS] RECORDING PAGE");

  from = g_file_new_for_commandline_arg (files[0]);
  to = g_file_new_for_commandline_arg (files[1]);
  session = memscope_load_file (from, NULL, NULL, NULL, &error);
  if (session == NULL)
    g_error ("%s: %s", files[0], error->message);

  selection = memscope_selection_new_all (session);
  if (begin >= 0)
    {
      MemscopeSelection *narrower = memscope_selection_with_range (selection, begin, end);

      memscope_selection_unref (selection);
      selection = narrower;
    }

  options.size_budget = budget;
  options.user_variables_only = named;
  options.redact = redact;
  options.language = language;
  if (suppressions_path != NULL)
    {
      g_autoptr(GFile) file = g_file_new_for_path (suppressions_path);

      suppressions = memscope_suppressions_new ();
      if (!memscope_suppressions_load (suppressions, file, NULL, &error))
        g_error ("%s: %s", suppressions_path, error->message);
      options.suppressions = suppressions;
    }
  if (!memscope_html_export (session, selection, &options, to, NULL, NULL, NULL, &error))
    g_error ("%s: %s", files[1], error->message);

  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-options.h"

#include <glib/gi18n-lib.h>

#include "cli-terminal.h"

int
cli_usage_error (const CliCommand *command,
                 const char       *format,
                 ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  cli_complain ("%s", message);

  return cli_suggest_help (command);
}

int
cli_suggest_help (const CliCommand *command)
{
  g_printerr (_("Try “memscope-cli %s --help”."), command->name);
  g_printerr ("\n");

  return CLI_USAGE;
}

gboolean
cli_parse_options (const CliCommand   *command,
                   const GOptionEntry *entries,
                   const char         *description,
                   CliParseMode        mode,
                   int                *argc,
                   char             ***argv)
{
  g_autoptr(GOptionContext) context = g_option_context_new (command->arguments);
  g_autofree char *program = g_strdup_printf ("memscope-cli %s", command->name);
  g_autoptr(GError) error = NULL;

  g_set_prgname (program);
  g_option_context_set_summary (context, _(command->summary));
  g_option_context_set_description (context, description);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_strict_posix (context, mode == CLI_PARSE_LEADING);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);

  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;

  cli_usage_error (command, "%s", error->message);

  return FALSE;
}

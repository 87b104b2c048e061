/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli: MemScope without a display. This file finds the subcommand. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "cli-command.h"
#include "cli-terminal.h"

static const CliCommand *const commands[] = {
  &cli_command_export,
  &cli_command_info,
  &cli_command_list,
  &cli_command_live,
  &cli_command_record,
  &cli_command_repair,
  &cli_command_report,
  &cli_command_symbolize,
};

static void
print_help (void)
{
  g_print ("%s\n  memscope-cli %s\n\n", _("Usage:"), _("COMMAND [OPTION…] [ARGUMENT…]"));
  g_print ("%s\n\n", _("Records what a program does with its memory, and looks at recordings."));
  g_print ("%s\n", _("Commands:"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-12s %s\n", commands[i]->name, _(commands[i]->summary));

  g_print ("\n%s\n", _("Options:"));
  g_print ("  %-12s %s\n", "--help", _("Show this help; after a command, its help"));
  g_print ("  %-12s %s\n", "--version", _("Show the version"));
  g_print ("\n%s\n", _("Exit status: 0 fine, 1 a finding, 2 wrong usage, 3 a file can’t be read,\n"
                       "understood or written, 4 trouble with the program to record. “record” ends\n"
                       "with the status of the recorded program."));
}

static const CliCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];

  return NULL;
}

/* Everything here is local files. GIO would otherwise load its modules, which
 * takes longer than reading a small recording. The variable is not left behind:
 * a recorded program would inherit it.
 */
static void
keep_to_local_files (void)
{
  if (g_getenv ("GIO_USE_VFS") != NULL)
    return;

  g_setenv ("GIO_USE_VFS", "local", TRUE);
  g_vfs_get_default ();
  g_unsetenv ("GIO_USE_VFS");
}

/* Were one of the standard streams closed, the next file opened would take its
 * place, and messages would go into a recording. What stands in fails on use, and
 * is closed again for the program that `record` starts.
 */
static void
occupy_standard_streams (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    {
      if (fcntl (fd, F_GETFD) >= 0 || errno != EBADF)
        continue;

      if (open ("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != fd)
        _exit (CLI_DATA);
    }
}

int
main (int    argc,
      char **argv)
{
  const CliCommand *command;

  occupy_standard_streams ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_set_prgname ("memscope-cli");
  cli_prepare_output ();

  if (argc < 2)
    {
      cli_complain (_("A command is missing. Try “memscope-cli --help”."));
      return CLI_USAGE;
    }

  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 || strcmp (argv[1], "help") == 0)
    {
      print_help ();
      return CLI_OK;
    }

  if (strcmp (argv[1], "--version") == 0)
    {
      g_print ("MemScope %s\n", PACKAGE_VERSION);
      return CLI_OK;
    }

  command = find_command (argv[1]);
  if (command == NULL)
    {
      cli_complain (_("There is no command “%s”. Try “memscope-cli --help”."), argv[1]);
      return CLI_USAGE;
    }

  keep_to_local_files ();

  return command->run (argc - 1, argv + 1);
}

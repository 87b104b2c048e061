/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-command.h"

typedef enum
{
  CLI_PARSE_ANYWHERE,       /* options may follow operands */
  CLI_PARSE_LEADING,        /* the first operand ends the options: what follows is somebody else's */
} CliParseMode;

/* Parses the options of @command; `--help` prints and exits. FALSE: complained
 * on the error stream, end with CLI_USAGE. @argv may be consumed; @description
 * stands below the options in the help, NULL for none.
 */
gboolean cli_parse_options (const CliCommand   *command,
                            const GOptionEntry *entries,
                            const char         *description,
                            CliParseMode        mode,
                            int                *argc,
                            char             ***argv);

/* A complaint about the command line, and where help is. Returns CLI_USAGE. */
int      cli_usage_error   (const CliCommand   *command,
                            const char         *format,
                            ...) G_GNUC_PRINTF (2, 3);
/* Where help is, after a complaint. Returns CLI_USAGE. */
int      cli_suggest_help  (const CliCommand   *command);

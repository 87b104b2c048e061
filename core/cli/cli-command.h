/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* The exit statuses of memscope-cli, part of its interface. `record` alone ends
 * with the status of the program it recorded.
 */
typedef enum
{
  CLI_OK      = 0,
  CLI_FINDING = 1,   /* a regression, a threshold passed */
  CLI_USAGE   = 2,   /* the command line makes no sense */
  CLI_DATA    = 3,   /* a file can't be read, understood or written */
  CLI_TARGET  = 4,   /* the program to record can't be */
} CliStatus;

/* One subcommand, each in a file of its own. */
typedef struct
{
  const char *name;
  const char *arguments;    /* after the options, for the usage line */
  const char *summary;      /* one line; marked for translation */
  int       (*run) (int argc, char **argv);   /* argv[0] is the command's name */
} CliCommand;

extern const CliCommand cli_command_export;
extern const CliCommand cli_command_info;
extern const CliCommand cli_command_list;
extern const CliCommand cli_command_live;
extern const CliCommand cli_command_record;
extern const CliCommand cli_command_repair;
extern const CliCommand cli_command_report;
extern const CliCommand cli_command_symbolize;

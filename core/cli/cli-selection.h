/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "cli-command.h"
#include "memscope-selection.h"

G_BEGIN_DECLS

/* What part of a recording a command works on, as options shared by commands. */
extern const GOptionEntry cli_selection_entries[];

/* @entries and those of the selection as one list, which ends as they do. Transfer container. */
GOptionEntry      *cli_selection_extend (const GOptionEntry *entries);

/* TRUE: at least one of them was given. */
gboolean           cli_selection_is_set (void);

/* (transfer full): the selection that the options describe; NULL: one of them cannot be
 * read or names nothing in this recording, *@message (transfer full) says which.
 */
MemscopeSelection *cli_selection_make   (MemscopeSession  *session,
                                         char            **message);

/* Complains about what cli_selection_make() found, and shows where a filter is wrong. Returns CLI_USAGE. */
int                cli_selection_usage_error (const CliCommand *command,
                                              const char       *message);

/* As typed: what is looked for, in words or an expression; NULL: nothing is. */
const char        *cli_selection_get_filter (void);

G_END_DECLS

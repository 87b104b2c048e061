/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-summary.h"

/* Figures and facts as lines for people. Everything that comes from a recording
 * goes through cli_safe_text().
 */

/* Names longer than this are cut in tables and stacks. */
#define CLI_NAME_LIMIT 200

/* "12.3 MiB", "1.204 s", "1,234,567" (as the locale groups); "not recorded" for
 * MEMSCOPE_UNKNOWN. Transfer full.
 */
char *cli_format_bytes     (guint64 bytes);
char *cli_format_count     (guint64 count);
/* "1.2 MiB ± 0.1 MiB" where the figure is an estimate, "too few samples" where it is none. */
char *cli_format_estimate  (const MemscopeEstimate *estimate,
                            char                 *(*format) (guint64));
/* With its noun: "1 allocation", "12 blocks". */
char *cli_format_n_allocations (guint64 count);
char *cli_format_n_blocks      (guint64 count);
char *cli_format_n_events      (guint64 count);
char *cli_format_duration  (guint64 nanoseconds);
/* What a session calls things, safe for a terminal and cut. Transfer full. */
char *cli_format_variable  (MemscopeSession      *session,
                            MemscopeVariableId    id);
char *cli_format_thread    (MemscopeSession      *session,
                            MemscopeThreadId      id);
char *cli_format_frame     (MemscopeSession      *session,
                            MemscopeFrameId       id);

void  cli_print_heading    (const char           *text);
void  cli_print_identity   (MemscopeSession      *session,
                            const char           *path);
/* That the figures are of a part only; @filter as typed, NULL: none. */
void  cli_print_selection  (const char           *filter);
void  cli_print_totals     (MemscopeSession      *session,
                            const MemscopeSummary *summary);
void  cli_print_warnings   (MemscopeSession      *session);

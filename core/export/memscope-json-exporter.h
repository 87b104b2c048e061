/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-loader.h"
#include "memscope-redact.h"
#include "memscope-selection.h"

G_BEGIN_DECLS

/**
 * MemscopeJsonOptions:
 * @user_variables_only: list only blocks whose variable has a name of its own
 *   (any source but `site`); the figures still cover everything selected
 * @redact: #MemscopeRedaction
 *
 * All zero is a good default.
 */
typedef struct
{
  gboolean user_variables_only;
  guint    redact;
} MemscopeJsonOptions;

/**
 * memscope_json_export_to_stream:
 * @selection: (nullable): what to write; %NULL: every block, of whatever kind
 * @options: (nullable):
 * @progress: (nullable): called with rows looked at and rows in all
 *
 * Writes the session as one JSON object with `session`, `stats` and
 * `allocations`: every block that is selected, in order of birth, with the field
 * names of the guide's AllocationInfo. JSON.md beside this file is the reference.
 *
 * Streams: the memory used does not grow with the number of blocks. Numbers are
 * exact unsigned 64-bit integers; `null` is "not recorded"; each byte 0xHH that
 * is not UTF-8 is escaped as the lone surrogate `\udcHH` (Python's
 * "surrogateescape"), so that it can be had back. @stream is not closed. May
 * run in any thread.
 */
gboolean memscope_json_export_to_stream (MemscopeSession            *session,
                                         MemscopeSelection          *selection,
                                         const MemscopeJsonOptions  *options,
                                         GOutputStream              *stream,
                                         MemscopeProgressFunc        progress,
                                         gpointer                    progress_data,
                                         GCancellable               *cancellable,
                                         GError                    **error);

/* The same into a file, which appears whole or not at all. */
gboolean memscope_json_export           (MemscopeSession            *session,
                                         MemscopeSelection          *selection,
                                         const MemscopeJsonOptions  *options,
                                         GFile                      *file,
                                         MemscopeProgressFunc        progress,
                                         gpointer                    progress_data,
                                         GCancellable               *cancellable,
                                         GError                    **error);

/**
 * memscope_json_estimate:
 *
 * About how many bytes the export would have, from writing some blocks here and
 * there; *@n_blocks (nullable) says exactly how many blocks it would list. 0: cancelled.
 */
guint64  memscope_json_estimate         (MemscopeSession            *session,
                                         MemscopeSelection          *selection,
                                         const MemscopeJsonOptions  *options,
                                         guint64                    *n_blocks,
                                         GCancellable               *cancellable);

G_END_DECLS

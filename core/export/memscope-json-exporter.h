/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-loader.h"

G_BEGIN_DECLS

/**
 * memscope_json_export_to_stream:
 * @progress: (nullable): called with rows written and rows in all
 *
 * Writes the session as one JSON object with `session`, `stats` and
 * `allocations`: every block, in order of birth, with the field names of the
 * guide's AllocationInfo. JSON.md beside this file is the reference.
 *
 * Streams: the memory used does not grow with the number of blocks. Numbers are
 * exact unsigned 64-bit integers; `null` is "not recorded"; each byte 0xHH that
 * is not UTF-8 is escaped as the lone surrogate `\udcHH` (Python's
 * "surrogateescape"), so that it can be had back. @stream is not closed. May
 * run in any thread.
 */
gboolean memscope_json_export_to_stream (MemscopeSession       *session,
                                         GOutputStream         *stream,
                                         MemscopeProgressFunc   progress,
                                         gpointer               progress_data,
                                         GCancellable          *cancellable,
                                         GError               **error);

/* The same into a file, which appears whole or not at all. */
gboolean memscope_json_export           (MemscopeSession       *session,
                                         GFile                 *file,
                                         MemscopeProgressFunc   progress,
                                         gpointer               progress_data,
                                         GCancellable          *cancellable,
                                         GError               **error);

G_END_DECLS

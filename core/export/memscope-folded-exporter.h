/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-flame-tree.h"
#include "memscope-loader.h"

G_BEGIN_DECLS

/**
 * MemscopeFoldedOptions:
 * @measure: what the numbers are
 * @by_thread: each line begins with its thread
 */
typedef struct
{
  MemscopeMeasure measure;
  gboolean        by_thread;
} MemscopeFoldedOptions;

/**
 * memscope_folded_export_to_stream:
 * @selection: (nullable): what to write; %NULL: everything
 *
 * Writes folded stacks, what flame graph tools read: a line for each path, the
 * outermost function first, semicolons between, then a space and the number. In
 * names, a semicolon is written as a colon, and what is no printable text as it is
 * shown elsewhere (`\xHH`, `\n`). "[not recorded]" stands for frames, or a whole stack,
 * that were not recorded. Lines are sorted. The numbers add up to the selection's
 * total. @stream is not closed. May run in any thread.
 */
gboolean memscope_folded_export_to_stream (MemscopeSession              *session,
                                           MemscopeSelection            *selection,
                                           const MemscopeFoldedOptions  *options,
                                           GOutputStream                *stream,
                                           MemscopeProgressFunc          progress,
                                           gpointer                      progress_data,
                                           GCancellable                 *cancellable,
                                           GError                      **error);

/* The same into a file, which appears whole or not at all. */
gboolean memscope_folded_export           (MemscopeSession              *session,
                                           MemscopeSelection            *selection,
                                           const MemscopeFoldedOptions  *options,
                                           GFile                        *file,
                                           MemscopeProgressFunc          progress,
                                           gpointer                      progress_data,
                                           GCancellable                 *cancellable,
                                           GError                      **error);

/* "live-bytes", "live-blocks", "allocated-bytes", "allocations", "temporary",
 * "temporary-bytes", "peak-bytes", "peak-blocks". FALSE: none of them.
 */
gboolean memscope_measure_parse           (const char                   *name,
                                           MemscopeMeasure              *measure);

G_END_DECLS

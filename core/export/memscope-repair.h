/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-loader.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean needed;       /* FALSE: the recording is whole; nothing was written */
  gboolean whole;        /* only the index was missing: nothing is lost, the copy is complete */
  guint64  kept_bytes;   /* of the recording */
  guint64  left_bytes;   /* what was no sound part of it, and is not in the copy */
} MemscopeRepairReport;

/**
 * memscope_repair_file:
 * @from: a native recording that was cut, was not closed or is damaged; it is not changed
 * @to: where the copy goes; it appears when it is whole (memscope_export_to_file())
 * @report: (out): what was done
 * @progress: (nullable): called from this thread, with bytes
 *
 * Writes a copy that holds every sound chunk of @from, in order, and is closed: with an
 * end and an index, so that it opens at once and tools take it for a file like any
 * other. It shows what @from shows. Where something was lost, the end says that the
 * recording was cut and repaired, and who reads it treats it as incomplete still: what
 * happened at the end nobody saw.
 *
 * Fails with %G_IO_ERROR_BUSY while the recording is being written.
 *
 * Returns: FALSE with @error on failure
 */
gboolean memscope_repair_file     (GFile                 *from,
                                   GFile                 *to,
                                   MemscopeRepairReport  *report,
                                   GCancellable          *cancellable,
                                   MemscopeProgressFunc   progress,
                                   gpointer               progress_data,
                                   GError               **error);

/* "run.memscope" → "run.repaired.memscope" beside it; a number more where that is taken. Transfer full. */
GFile   *memscope_repair_suggest  (GFile                 *from);

G_END_DECLS

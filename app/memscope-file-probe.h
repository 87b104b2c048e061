/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MemscopeProbedFile:
 * @file: what was looked at
 * @kind: (nullable): what it is instead, in words ("PNG image", "a folder");
 *   %NULL: it may be a recording. Only reading it tells.
 */
typedef struct
{
  GFile *file;
  char  *kind;
} MemscopeProbedFile;

/**
 * memscope_file_probe_async:
 * @files: of #GFile
 *
 * Looks at the first bytes of files that somebody wants opened, so that what can't be
 * a recording is named instead of opened. A file that can't be read counts as a
 * recording: opening it says why.
 */
void       memscope_file_probe_async  (GListModel           *files,
                                       GCancellable         *cancellable,
                                       GAsyncReadyCallback   callback,
                                       gpointer              user_data);

/* Returns: (transfer full) (element-type MemscopeProbedFile): in the order of the files */
GPtrArray *memscope_file_probe_finish (GAsyncResult         *result,
                                       GError              **error);

G_END_DECLS

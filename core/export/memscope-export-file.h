/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Writes the content of an export to @stream; FALSE with @error on failure. */
typedef gboolean (*MemscopeExportFunc) (GOutputStream *stream,
                                        gpointer       user_data,
                                        GCancellable  *cancellable,
                                        GError       **error);

/**
 * memscope_export_to_file:
 *
 * Calls @write_content with a stream into a temporary file beside @file, and
 * renames it onto @file when everything is written: whoever reads @file sees the
 * old content or the whole new one. On failure and when cancelled @file is left
 * as it was. A link is followed; what is no regular file (a pipe, `/dev/stdout`)
 * is written directly. The error's message does not name the file.
 *
 * Blocks; may be called from any thread.
 */
gboolean memscope_export_to_file (GFile               *file,
                                  MemscopeExportFunc   write_content,
                                  gpointer             user_data,
                                  GCancellable        *cancellable,
                                  GError             **error);

G_END_DECLS

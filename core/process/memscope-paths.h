/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The one place that knows where MemScope's own files are, installed or run
 * from a build tree's prefix. Transfer none unless named dup.
 */
const char *memscope_paths_get_recorder     (void);   /* LIBDIR/libmemscope-tracker.so.1 */
char       *memscope_paths_get_operators    (void);   /* libmemscope-operators.so, beside it; free with g_free() */
const char *memscope_paths_get_collector    (void);   /* LIBEXECDIR/memscope-collector */
const char *memscope_paths_get_cli          (void);   /* BINDIR/memscope-cli */
const char *memscope_paths_get_web_probe    (void);   /* LIBEXECDIR/memscope-web-probe */
const char *memscope_paths_get_web_extensions (void); /* LIBDIR/memscope/web-extensions */
const char *memscope_paths_get_data         (void);   /* DATADIR/memscope */

/* $XDG_RUNTIME_DIR/memscope, else /run/user/UID/memscope, else
 * /tmp/memscope-UID: created 0700, owner and mode checked without following
 * links. NULL with G_IO_ERROR_PERMISSION_DENIED when somebody else made it.
 */
char       *memscope_paths_dup_runtime_dir  (GError **error);

G_END_DECLS

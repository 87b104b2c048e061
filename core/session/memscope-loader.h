/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session.h"

G_BEGIN_DECLS

/**
 * MemscopeProgressFunc:
 * @done: bytes read and understood so far
 * @total: bytes in all; 0 while not known
 *
 * Called from the thread that loads, at most about fifty times a second.
 */
typedef void (*MemscopeProgressFunc) (guint64  done,
                                      guint64  total,
                                      gpointer user_data);

/* How much of a file's beginning tells what it is. */
#define MEMSCOPE_LOADER_HEAD 4096u

/* Whether a file that begins so may be a recording of any kind; only reading it tells. */
gboolean         memscope_loader_may_begin (const guint8         *head,
                                            gsize                 length);

/* Whatever the bytes are (native, any memscope-rs layout, its JSON, heaptrack's
 * recordings, massif's output): the reader
 * is chosen by content, never by suffix. A damaged file gives its good prefix
 * and a warning in the session; nothing to save gives an error (MEMSCOPE_ERROR,
 * or G_IO_ERROR for I/O). A folder is the segments of a rotated recording, read as
 * one (memscope-segments.h). Memory stays within a small multiple of the file.
 */
MemscopeSession *memscope_load_file        (GFile                *file,
                                            GCancellable         *cancellable,
                                            MemscopeProgressFunc  progress,
                                            gpointer              progress_data,
                                            GError              **error);
MemscopeSession *memscope_load_bytes       (GBytes               *bytes,
                                            const char           *label,
                                            GError              **error);
/* A session that has everything but its blocks, at once, however long the recording is:
 * what it is, its dictionaries, samples and marks, and a memscope_summary_new () of all of
 * it. NULL: the file has no such outline (a small one, or not closed, sampled, with calls
 * of the explicit API, of another format); then load it. What is not read is not checked.
 */
MemscopeSession *memscope_load_outline     (GFile                *file);
void             memscope_load_file_async  (GFile                *file,
                                            GCancellable         *cancellable,
                                            MemscopeProgressFunc  progress,
                                            gpointer              progress_data,
                                            GAsyncReadyCallback   callback,
                                            gpointer              user_data);
MemscopeSession *memscope_load_file_finish (GAsyncResult         *result,
                                            GError              **error);

G_END_DECLS

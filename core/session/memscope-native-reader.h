/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-loader.h"
#include "memscope-segments.h"
#include "memscope-session-builder.h"

G_BEGIN_DECLS

/**
 * MemscopeNativeReader:
 *
 * Turns the bytes of a native recording into calls of a builder. Bytes may come
 * in any slices, so that a live stream and a file are read by the same code: a
 * live recording is a file that has not ended. One thread at a time.
 *
 * Damage costs the chunk it is in: the reader finds the next sound one, tells
 * the builder how many events are missing, and says so in a warning.
 */
typedef struct _MemscopeNativeReader MemscopeNativeReader;

MemscopeNativeReader *memscope_native_reader_new    (MemscopeSessionBuilder *builder);   /* borrowed */
void                  memscope_native_reader_free   (MemscopeNativeReader   *self);

/* FALSE with MEMSCOPE_ERROR: the bytes are no native recording, or one of a
 * version this program does not know. Nothing else is an error.
 */
gboolean              memscope_native_reader_feed   (MemscopeNativeReader   *self,
                                                     const void             *data,
                                                     gsize                   length,
                                                     GError                **error);
/* No more bytes come. Uses what is left over and completes the warnings. FALSE:
 * not even the file's head was there.
 */
gboolean              memscope_native_reader_finish (MemscopeNativeReader   *self,
                                                     GError                **error);

/* Bytes consumed so far; for progress. */
guint64               memscope_native_reader_get_position (MemscopeNativeReader *self);

/* All of it at once, without copying @bytes. */
gboolean              memscope_native_reader_read   (MemscopeSessionBuilder *builder,
                                                     GBytes                 *bytes,
                                                     GCancellable           *cancellable,
                                                     MemscopeProgressFunc    progress,
                                                     gpointer                progress_data,
                                                     GError                **error);

/* All but the events and the checkpoints of a closed recording whose recorder left an
 * overview: read by its index, in a time that doesn't depend on how long it is. What
 * is not read is not checked. FALSE: it is none of these, and @builder is of no use.
 */
gboolean              memscope_native_reader_read_outline (MemscopeSessionBuilder *builder,
                                                           int                     fd,
                                                           guint64                 file_size);

/* The segments of one recording, as one. What is missing becomes a warning. FALSE:
 * nothing could be read, or cancelled.
 */
gboolean              memscope_native_reader_read_segments (MemscopeSessionBuilder *builder,
                                                            MemscopeSegments       *segments,
                                                            MemscopeReading        *reading,
                                                            GError                **error);

/* Whether @data begins as a native recording of any version >= 16 does. */
gboolean              memscope_native_reader_sniff  (const void             *data,
                                                     gsize                   length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeNativeReader, memscope_native_reader_free)

G_END_DECLS

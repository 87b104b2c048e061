/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The lines of a text that may be compressed with gzip or Zstandard, one after the
 * other; never more of it in memory than a piece and the longest line. What a bomb
 * would unpack to is not read: a text ends, as one that was cut does, where it has
 * become four thousand times its file (and 256 MiB).
 */
typedef struct _MemscopeLineSource MemscopeLineSource;

/* The longest line that is kept whole; what is longer counts as damage. */
#define MEMSCOPE_LINE_MAX (1u << 20)

MemscopeLineSource *memscope_line_source_new        (GBytes             *bytes);
void                memscope_line_source_free       (MemscopeLineSource *self);
/* The next line without its newline, valid until the next call, and NUL-terminated;
 * NULL: there is no other.
 */
const char         *memscope_line_source_next       (MemscopeLineSource *self,
                                                     gsize              *length);
/* So many bytes more, newlines and all, from where the last line ended, of which the
 * newline is taken first. For texts with their length before them.
 */
const char         *memscope_line_source_extend     (MemscopeLineSource *self,
                                                     gsize               total,
                                                     gsize              *length);
guint64             memscope_line_source_get_offset (MemscopeLineSource *self);   /* of the line, in the unpacked text */
guint64             memscope_line_source_get_done   (MemscopeLineSource *self);   /* bytes of the file taken in */
/* Why there is no other line: TRUE: the compressed stream was damaged, cut, or is a bomb. */
gboolean            memscope_line_source_is_broken  (MemscopeLineSource *self);

/* The beginning of the text that @data begins to be; for looking what it is. @text: room for @room bytes. */
gsize               memscope_line_source_peek       (const guint8       *data,
                                                     gsize               length,
                                                     char               *text,
                                                     gsize               room);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeLineSource, memscope_line_source_free)

G_END_DECLS

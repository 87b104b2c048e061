/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* JSON values as text, appended to a string: what json-glib can't write, because
 * its numbers are signed and its strings end at a NUL. Any bytes go in; what
 * comes out is ASCII-safe at the control characters and valid UTF-8.
 *
 * Bytes that are not UTF-8 are escaped reversibly: each invalid byte 0xHH becomes
 * the lone surrogate `\udcHH`, as Python's "surrogateescape" does, so that
 * `text.encode ("utf-8", "surrogateescape")` gives the bytes back.
 */

/* Documents nested deeper than this are refused by memscope_json_text_is_valid(). */
#define MEMSCOPE_JSON_MAX_DEPTH 128

/* @length: bytes, or -1 when @bytes ends at its NUL. */
void     memscope_json_append_string (GString    *json,
                                      const char *bytes,
                                      gssize      length);
void     memscope_json_append_uint64 (GString    *json,
                                      guint64     value);
void     memscope_json_append_int64  (GString    *json,
                                      gint64      value);
/* The shortest form that reads back as the same number; `null` for NaN and the infinities. */
void     memscope_json_append_double (GString    *json,
                                      double      value);

/* Whether @text is exactly one JSON document (RFC 8259, valid UTF-8, no deeper
 * than %MEMSCOPE_JSON_MAX_DEPTH), and so can be copied into another as it is.
 */
gboolean memscope_json_text_is_valid (const char *text,
                                      gsize       length);

/* The bytes of the JSON value that @text begins with (no blanks before it), or 0
 * when it begins with none. The same rules.
 */
gsize    memscope_json_text_value_length (const char *text,
                                          gsize       length);

/* Of values that were found with the functions above. A number that is not a whole
 * one from 0 to %G_MAXUINT64 gives FALSE. A string is appended to @bytes without its
 * quotes and escapes; `\udcHH` becomes the byte 0xHH again.
 */
gboolean memscope_json_text_read_uint64 (const char *text,
                                         gsize       length,
                                         guint64    *value);
void     memscope_json_text_read_string (const char *text,
                                         gsize       length,
                                         GString    *bytes);

G_END_DECLS

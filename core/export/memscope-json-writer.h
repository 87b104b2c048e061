/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-json-text.h"

G_BEGIN_DECLS

/* Writes objects and arrays into a string: commas, indentation, nesting. It
 * lives on the stack, owns nothing, and keeps nothing of what is already
 * written, so the string may be flushed and emptied at any time.
 *
 * @key is a constant and NULL inside arrays. Each value begins a new line,
 * indented by two spaces a level, fit for `diff` and version control.
 */
typedef struct
{
  GString  *text;
  guint     depth;
  gboolean  has_members;   /* of the innermost object or array */
} MemscopeJsonWriter;

void memscope_json_writer_init         (MemscopeJsonWriter *self,
                                        GString            *text);
void memscope_json_writer_begin_object (MemscopeJsonWriter *self,
                                        const char         *key);
void memscope_json_writer_end_object   (MemscopeJsonWriter *self);
void memscope_json_writer_begin_array  (MemscopeJsonWriter *self,
                                        const char         *key);
void memscope_json_writer_end_array    (MemscopeJsonWriter *self);

/* Starts a value that the caller appends to the text by itself. */
void memscope_json_writer_begin_value  (MemscopeJsonWriter *self,
                                        const char         *key);
void memscope_json_writer_null         (MemscopeJsonWriter *self,
                                        const char         *key);
void memscope_json_writer_boolean      (MemscopeJsonWriter *self,
                                        const char         *key,
                                        gboolean            value);
void memscope_json_writer_uint64       (MemscopeJsonWriter *self,
                                        const char         *key,
                                        guint64             value);
/* Like uint64, but MEMSCOPE_UNKNOWN is `null`. */
void memscope_json_writer_count        (MemscopeJsonWriter *self,
                                        const char         *key,
                                        guint64             value);
void memscope_json_writer_double       (MemscopeJsonWriter *self,
                                        const char         *key,
                                        double              value);
/* @bytes: NULL gives `null`; @length -1: up to the NUL. */
void memscope_json_writer_string       (MemscopeJsonWriter *self,
                                        const char         *key,
                                        const char         *bytes,
                                        gssize              length);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-estimate.h"
#include "memscope-session.h"

G_BEGIN_DECLS

/* Numbers and names as people read them. All return UTF-8, transfer full.
 * MEMSCOPE_UNKNOWN reads "not recorded" everywhere.
 */

/* How much of a name is laid out; the rest would only cost time. */
#define MEMSCOPE_TEXT_LABEL_CHARS   300
#define MEMSCOPE_TEXT_TOOLTIP_CHARS 1200

char *memscope_text_size        (guint64     bytes);    /* "312.4 MiB" */
void  memscope_text_size_parts  (guint64     bytes,
                                 char      **number,
                                 char      **unit);     /* "312.4", "MiB" */
/* "312.4 MiB"; of samples "312.4 MiB ± 1.2 MiB" or "too few samples". */
char *memscope_text_estimated_size (const MemscopeEstimate *estimate);
char *memscope_text_exact_bytes (guint64     bytes);    /* "12,345 bytes" */
char *memscope_text_count       (guint64     count);    /* "214,806" */
void  memscope_text_count_parts (guint64     count,
                                 char      **number,
                                 char      **unit);     /* "18.40", "M" */
char *memscope_text_short_count (guint64     count);    /* "18.4 M" */
/* A count with its noun, in the number the count asks for. */
char *memscope_text_n_allocations (guint64  count);     /* "1 allocation", "1,611 allocations" */
char *memscope_text_n_blocks      (guint64  count);     /* "12 blocks" */
char *memscope_text_n_events      (guint64  count);     /* "18.4 M events" */
char *memscope_text_duration    (guint64     nsec);     /* "48.3 s" */
/* A position in a recording; @span, the length looked at, decides how exact. */
char *memscope_text_time        (guint64     nsec,
                                 guint64     span);
char *memscope_text_share       (double      share);    /* 0 … 1 as "71 %" */
char *memscope_text_date        (gint64      unix_usec);

/* At most @max_chars characters of @text, an ellipsis after a cut. */
char *memscope_text_clip        (const char *text,
                                 guint       max_chars);
/* A name for a place among other words: clipped, and isolated so that its
 * direction marks cannot turn the words around it.
 */
char *memscope_text_isolate     (const char *text);

/* The words of the recording for an id, clipped for a label; @fallback when 0. */
char *memscope_text_string      (MemscopeSession  *session,
                                 MemscopeStringId  id,
                                 const char       *fallback);
char *memscope_text_variable    (MemscopeSession    *session,
                                 MemscopeVariableId  id);
/* The part of a path behind its last slash; part of @path. */
const char *memscope_text_basename (const char *path);

/* "api" | "file" | … : the tag on each name, and what it means. */
const char *memscope_text_name_source         (MemscopeNameSource source);
const char *memscope_text_name_source_meaning (MemscopeNameSource source);

G_END_DECLS

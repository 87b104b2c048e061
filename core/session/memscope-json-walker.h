/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Walks the members of an object or the elements of an array in JSON text, without
 * building a tree: the text is the data, and only what is wanted is read. What
 * follows a damaged value is not looked at.
 */
typedef struct
{
  const char *at;
  const char *end;
  gsize       n_values;    /* begun so far */
  char        closer;      /* of the container */
  gboolean    failed;      /* the text ends or is no JSON: what came before it was sound */
} MemscopeJsonWalker;

typedef struct
{
  const char *text;
  gsize       length;
} MemscopeJsonSpan;

/* @text begins with `{` or `[`; FALSE otherwise. */
gboolean memscope_json_walker_init (MemscopeJsonWalker *self,
                                    const char         *text,
                                    gsize               length);
/* FALSE at the container's end, or at damage. @key (a string with its quotes) is
 * left alone in an array.
 */
gboolean memscope_json_walker_next (MemscopeJsonWalker *self,
                                    MemscopeJsonSpan   *key,
                                    MemscopeJsonSpan   *value);
/* The same, but leaves the value to the caller, who moves `at` behind it: for one
 * too long to be looked at twice.
 */
gboolean memscope_json_walker_next_key (MemscopeJsonWalker *self,
                                        MemscopeJsonSpan   *key);

gboolean memscope_json_span_is     (const MemscopeJsonSpan *self,
                                    const char             *text);   /* with its quotes, if any */

/* A tree for display. Whole numbers that json-glib cannot hold become strings. NULL:
 * not a JSON object.
 */
JsonObject *memscope_json_tree_new (const char *text,
                                    gsize       length);

G_END_DECLS

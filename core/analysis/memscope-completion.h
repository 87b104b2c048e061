/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-expression.h"
#include "memscope-session.h"

G_BEGIN_DECLS

/**
 * MemscopeCompletion:
 * @text: what would stand there, quoted where it has to be
 * @detail: what it is, translated; NULL nothing to say
 * @more: something must follow (a field wants its operator)
 */
typedef struct
{
  char     *text;
  char     *detail;
  gboolean  more;
} MemscopeCompletion;

#define MEMSCOPE_COMPLETIONS_MAX 24u

/**
 * memscope_completions_new:
 * @session: (nullable): for the names of threads, modules, variables, functions
 * @cursor: in bytes; what stands behind it is not looked at
 * @begin: where the word begins that a completion takes the place of; it ends at @cursor
 *
 * What may come next of an expression, best first: of #MemscopeCompletion, transfer
 * full; empty when something before is wrong. Any thread; looks at a bounded number of names.
 */
GPtrArray *memscope_completions_new (MemscopeSession *session,
                                     const char      *text,
                                     gsize            cursor,
                                     gsize           *begin);

G_END_DECLS

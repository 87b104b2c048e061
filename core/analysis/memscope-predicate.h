/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-expression.h"
#include "memscope-session-private.h"

G_BEGIN_DECLS

struct _MemscopeFilter;

/* An expression made ready to be asked of every row: what a term says of a thread, a
 * stack or a variable is found out once for each of them, so that a row costs a few
 * comparisons of numbers and look-ups of bits. Any thread, once made.
 */
typedef struct _MemscopePredicate MemscopePredicate;

/* @filter: whose session, rows and instant are meant; it outlives the predicate. When
 * cancelled, what comes back answers anything.
 */
MemscopePredicate *memscope_predicate_new  (MemscopeExpression           *expression,
                                            const struct _MemscopeFilter *filter,
                                            GCancellable                 *cancellable);
void               memscope_predicate_free (MemscopePredicate            *self);
gboolean           memscope_predicate_test (const MemscopePredicate      *self,
                                            const MemscopeBatch          *batch,
                                            guint                         i);
/* All rows of @batch at once: 1 or 0 in each element of @mask. */
void               memscope_predicate_fill (const MemscopePredicate      *self,
                                            const MemscopeBatch          *batch,
                                            guint8                       *mask);

G_END_DECLS

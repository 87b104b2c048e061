/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The births and deaths of a selection in the order of events: what the stock of
 * live blocks was at every moment, not at some of them.
 */

#include "memscope-filter.h"

G_BEGIN_DECLS

typedef enum
{
  MEMSCOPE_SWEEP_NOTHING,
  MEMSCOPE_SWEEP_BEFORE,    /* alive at the beginning of the range; these come first, in no order of events */
  MEMSCOPE_SWEEP_BIRTH,
  MEMSCOPE_SWEEP_DEATH,
} MemscopeSweepKind;

typedef struct
{
  guint64 time;
  guint64 bytes;            /* that the block stands for */
  guint32 key;              /* what the key function said of the block */
  guint32 weight : 30;      /* as in memscope-fold.h */
  guint32 kind   : 2;
} MemscopeSweepOp;

typedef guint32 (*MemscopeSweepKeyFunc) (const MemscopeBatch   *batch,
                                         guint                  i,
                                         gpointer               user_data);
typedef void    (*MemscopeSweepFunc)    (const MemscopeSweepOp *ops,
                                         gsize                  n_ops,
                                         gpointer               user_data);

/* Goes through [begin, end), which need not be the filter's range. @key may be
 * NULL. Time is linear in the rows up to @end; memory a few megabytes and 32 bytes
 * for each block that waits at one moment for a death inside the range. FALSE only when cancelled.
 */
gboolean memscope_sweep_run (const MemscopeFilter  *filter,
                             guint64                begin,
                             guint64                end,
                             MemscopeSweepKeyFunc   key,
                             MemscopeSweepFunc      func,
                             gpointer               user_data,
                             GCancellable          *cancellable,
                             GError               **error);

G_END_DECLS

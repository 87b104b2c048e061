/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-filter.h"
#include "memscope-flame-tree.h"
#include "memscope-pair-table.h"

G_BEGIN_DECLS

/**
 * MemscopeStackSums:
 * @n_stacks: rows
 * @pairs: by thread only: number n is row n − 1, thread first, stack second
 *
 * What the blocks of each stack weigh. Rows are stacks by their id, row 0 the
 * blocks without one; or, by thread, pairs of thread and stack in no order.
 */
typedef struct
{
  gboolean           by_thread;
  guint              n_stacks;
  guint              capacity;
  guint64          (*sums)[MEMSCOPE_N_MEASURES];
  MemscopePairTable  pairs;
} MemscopeStackSums;

MemscopeStackSums *memscope_stack_sums_new  (const MemscopeFilter    *filter,
                                             gboolean                 by_thread,
                                             GCancellable            *cancellable,
                                             GError                 **error);
void               memscope_stack_sums_free (MemscopeStackSums       *self);

/* Which thread (0 unless by thread) and stack a row is of. */
static inline void
memscope_stack_sums_get_key (const MemscopeStackSums *self,
                             guint                    row,
                             MemscopeThreadId        *thread,
                             MemscopeStackId         *stack)
{
  guint64 pair = self->by_thread ? g_array_index (self->pairs.pairs, guint64, row) : row;

  *thread = (MemscopeThreadId)(pair >> 32);
  *stack = (MemscopeStackId)pair;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeStackSums, memscope_stack_sums_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-filter.h"
#include "memscope-flame-tree.h"

G_BEGIN_DECLS

/* What the blocks of each stack weigh, by stack id; row 0 is blocks without one. */
typedef struct
{
  guint     n_stacks;    /* rows */
  guint64 (*sums)[MEMSCOPE_N_MEASURES];
} MemscopeStackSums;

MemscopeStackSums *memscope_stack_sums_new  (const MemscopeFilter  *filter,
                                             GCancellable          *cancellable,
                                             GError               **error);
void               memscope_stack_sums_free (MemscopeStackSums     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeStackSums, memscope_stack_sums_free)

G_END_DECLS

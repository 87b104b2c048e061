/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-filter.h"
#include "memscope-flame-tree.h"

G_BEGIN_DECLS

/* A stack that has no node. */
#define MEMSCOPE_FLAME_NO_NODE G_MAXUINT32

/* What MemscopeFlameTree.trends holds, of nodes whose parents come before them.
 * @node_of_stack: by stack id, 0 for blocks without one. NULL: cancelled, or there are more
 * nodes than it is worth the memory.
 */
float *memscope_flame_trends_new (const MemscopeFilter    *filter,
                                  const guint32           *node_of_stack,
                                  guint                    n_stacks,
                                  const MemscopeFlameNode *nodes,
                                  guint                    n_nodes,
                                  GCancellable            *cancellable);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-call-tree.h"

G_BEGIN_DECLS

/**
 * MemscopeCallHits:
 * @hits: the nodes found, in the order in which they are drawn
 * @is_hit: by node
 * @weight: what they hold, each block counted once however many hits are on its path
 *
 * What a search found in a tree. Immutable.
 */
typedef struct
{
  MemscopeCallTree *tree;
  guint             n_hits;
  guint32          *hits;
  guint8           *is_hit;
  guint64           weight;
} MemscopeCallHits;

/* Nodes whose name contains @text, whatever the case, and whose module has @color
 * (MEMSCOPE_CALL_NONE: any). NULL when cancelled, or when nothing is asked for.
 */
MemscopeCallHits *memscope_call_hits_new  (MemscopeCallTree       *tree,
                                           const char             *text,
                                           guint                   color,
                                           GCancellable           *cancellable);
void              memscope_call_hits_free (MemscopeCallHits       *self);
/* Where in @hits a node is, or MEMSCOPE_CALL_NONE. */
guint             memscope_call_hits_find (const MemscopeCallHits *self,
                                           guint32                 node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeCallHits, memscope_call_hits_free)

G_END_DECLS

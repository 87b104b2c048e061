/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-flame-tree.h"
#include "memscope-page-places.h"
#include "memscope-selection.h"

G_BEGIN_DECLS

/* What one thread's blocks of one stack weigh, by every measure. */
typedef struct
{
  MemscopeThreadId thread;
  MemscopeStackId  stack;
  guint64          sums[MEMSCOPE_N_MEASURES];
} MemscopePageCall;

/**
 * MemscopePageCalls:
 *
 * What the page makes its call trees of, whatever blocks are in it. Heaviest first.
 */
typedef struct
{
  guint             n_calls;
  MemscopePageCall *calls;
} MemscopePageCalls;

MemscopePageCalls *memscope_page_calls_new  (MemscopeSession    *session,
                                             MemscopeSelection  *selection,
                                             GCancellable       *cancellable,
                                             GError            **error);
void               memscope_page_calls_free (MemscopePageCalls  *self);

/* The first @max of them as a tile with the columns "thread", "stack" and one for
 * each measure. What the others weigh is in the rows of their thread without a
 * stack; *@left_out says how many they are.
 */
char              *memscope_page_calls_pack (MemscopePageCalls  *self,
                                             guint               max,
                                             MemscopePagePlaces *places,
                                             guint              *left_out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopePageCalls, memscope_page_calls_free)

G_END_DECLS

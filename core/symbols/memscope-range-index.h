/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MemscopeRangeIndex:
 *
 * Half-open address ranges that may lie in each other, each with a number; finds
 * the innermost one around an address. Add all, sort once, then find.
 */
typedef struct _MemscopeRangeIndex MemscopeRangeIndex;

#define MEMSCOPE_NO_RANGE G_MAXUINT

MemscopeRangeIndex *memscope_range_index_new  (void);
void                memscope_range_index_free (MemscopeRangeIndex       *self);
void                memscope_range_index_add  (MemscopeRangeIndex       *self,
                                               guint64                   low,
                                               guint64                   high,
                                               guint                     value);
void                memscope_range_index_sort (MemscopeRangeIndex       *self);

/* The value, or MEMSCOPE_NO_RANGE. Of equal ranges the one that was added last. */
guint               memscope_range_index_find (const MemscopeRangeIndex *self,
                                               guint64                   address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeRangeIndex, memscope_range_index_free)

G_END_DECLS

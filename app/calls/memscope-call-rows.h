/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-call-tree.h"

G_BEGIN_DECLS

/* What the rows of one parent are ordered by. */
typedef enum
{
  MEMSCOPE_CALL_SORT_TOTAL,
  MEMSCOPE_CALL_SORT_SELF,
  MEMSCOPE_CALL_SORT_ALLOCATIONS,
  MEMSCOPE_CALL_SORT_LIVE,
  MEMSCOPE_CALL_SORT_NAME,
  MEMSCOPE_CALL_SORT_PLACE,
} MemscopeCallSort;

typedef struct
{
  guint32 node;
  guint32 depth;   /* 0: at the top */
} MemscopeCallRow;

/**
 * MemscopeCallRows:
 *
 * The rows of a call tree that are there to be seen: those at the top, and those
 * below what is open. Numbers only: no object stands for a row. For one thread.
 */
typedef struct _MemscopeCallRows MemscopeCallRows;

MemscopeCallRows      *memscope_call_rows_new      (void);
void                   memscope_call_rows_free     (MemscopeCallRows       *self);

/* @tree: NULL for none. What was open and is there is open again; TRUE: something is. */
gboolean               memscope_call_rows_set_tree (MemscopeCallRows       *self,
                                                    MemscopeCallTree       *tree);
MemscopeCallTree      *memscope_call_rows_get_tree (const MemscopeCallRows *self);
void                   memscope_call_rows_set_sort (MemscopeCallRows       *self,
                                                    MemscopeCallSort        sort,
                                                    gboolean                ascending);

gboolean               memscope_call_rows_can_open (const MemscopeCallRows *self,
                                                    guint32                 node);
gboolean               memscope_call_rows_is_open  (const MemscopeCallRows *self,
                                                    guint32                 node);
void                   memscope_call_rows_set_open (MemscopeCallRows       *self,
                                                    guint32                 node,
                                                    gboolean                open);
/* Opens all that is above a node. */
void                   memscope_call_rows_open_to  (MemscopeCallRows       *self,
                                                    guint32                 node);

guint                  memscope_call_rows_get_n    (MemscopeCallRows       *self);
MemscopeCallRow        memscope_call_rows_get      (MemscopeCallRows       *self,
                                                    guint                   position);
/* Where a node stands; MEMSCOPE_CALL_NONE: it is not to be seen. */
guint                  memscope_call_rows_find     (MemscopeCallRows       *self,
                                                    guint32                 node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeCallRows, memscope_call_rows_free)

G_END_DECLS

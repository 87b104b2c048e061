/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-call-tree.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CALL_ROW (memscope_call_row_get_type ())

/* A place of a call tree, for list views: made when a row comes into view. */
G_DECLARE_FINAL_TYPE (MemscopeCallRow, memscope_call_row, MEMSCOPE, CALL_ROW, GObject)

struct _MemscopeCallRow
{
  GObject           parent_instance;

  MemscopeCallTree *tree;
  guint32           node;
};

/**
 * MemscopeCallSort: what the rows of one parent are ordered by.
 */
typedef enum
{
  MEMSCOPE_CALL_SORT_TOTAL,
  MEMSCOPE_CALL_SORT_SELF,
  MEMSCOPE_CALL_SORT_ALLOCATIONS,
  MEMSCOPE_CALL_SORT_LIVE,
  MEMSCOPE_CALL_SORT_NAME,
  MEMSCOPE_CALL_SORT_PLACE,
} MemscopeCallSort;

#define MEMSCOPE_TYPE_CALL_LIST (memscope_call_list_get_type ())

/* The children of a place, as a list of MemscopeCallRow. */
G_DECLARE_FINAL_TYPE (MemscopeCallList, memscope_call_list, MEMSCOPE, CALL_LIST, GObject)

MemscopeCallList *memscope_call_list_new       (MemscopeCallTree *tree,
                                                guint32           parent,
                                                MemscopeCallSort  sort,
                                                gboolean          ascending);
/* Where a child stands, or MEMSCOPE_CALL_NONE. */
guint             memscope_call_list_find      (MemscopeCallList *self,
                                                guint32           node);

G_END_DECLS

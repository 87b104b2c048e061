/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-call-tree.h"
#include "memscope-calls-list.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CALLS_TABLE (memscope_calls_table_get_type ())

/**
 * MemscopeCallsTable:
 *
 * The flame graph as a tree of rows: the same places, the same selection, with all
 * the numbers. Signals: `selected` (node) when a person chose a row, `zoomed`
 * (node) when one was activated.
 */
G_DECLARE_FINAL_TYPE (MemscopeCallsTable, memscope_calls_table, MEMSCOPE, CALLS_TABLE, AdwBin)

void               memscope_calls_table_set_tree     (MemscopeCallsTable *self,
                                                      MemscopeCallTree   *tree);     /* NULL: nothing */
/* Opens what is above it; MEMSCOPE_CALL_NONE or 0: none. */
void               memscope_calls_table_set_selected (MemscopeCallsTable *self,
                                                      guint32             node);
guint32            memscope_calls_table_get_selected (MemscopeCallsTable *self);
/* Marks @text (NULL: none) in the names. */
void               memscope_calls_table_set_needle   (MemscopeCallsTable *self,
                                                      const char         *text);
/* Orders the rows of each parent; the same once more: the other way round. */
void               memscope_calls_table_sort         (MemscopeCallsTable *self,
                                                      MemscopeCallSort    sort);

MemscopeCallsList *memscope_calls_table_get_list     (MemscopeCallsTable *self);
MemscopeCallRows  *memscope_calls_table_get_rows     (MemscopeCallsTable *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-call-hits.h"

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

void    memscope_calls_table_set_tree     (MemscopeCallsTable     *self,
                                           MemscopeCallTree       *tree);     /* NULL: nothing */
/* Opens what is above it; MEMSCOPE_CALL_NONE or 0: none. */
void    memscope_calls_table_set_selected (MemscopeCallsTable     *self,
                                           guint32                 node);
guint32 memscope_calls_table_get_selected (MemscopeCallsTable     *self);
/* Marks @text (NULL: none) in the names. */
void    memscope_calls_table_set_needle   (MemscopeCallsTable     *self,
                                           const char             *text);
/* For narrow windows: fewer columns. */
void    memscope_calls_table_set_narrow   (MemscopeCallsTable     *self,
                                           gboolean                narrow);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-card-set.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_VARIABLES_TABLE (memscope_variables_table_get_type ())

/* The cards as a table: the same set, in the same order. */
G_DECLARE_FINAL_TYPE (MemscopeVariablesTable, memscope_variables_table, MEMSCOPE, VARIABLES_TABLE, AdwBin)

/* @set: NULL empties it. */
void memscope_variables_table_set_cards (MemscopeVariablesTable *self,
                                         MemscopeViewState      *state,
                                         MemscopeCardSet        *set);

G_END_DECLS

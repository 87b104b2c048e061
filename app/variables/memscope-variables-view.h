/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-card-set.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_VARIABLES_VIEW (memscope_variables_view_get_type ())

/* The thread–variable cards: sections, cards or a table. */
G_DECLARE_FINAL_TYPE (MemscopeVariablesView, memscope_variables_view, MEMSCOPE, VARIABLES_VIEW, AdwBin)

void             memscope_variables_view_set_state     (MemscopeVariablesView *self,
                                                        MemscopeViewState     *state);
/* Count, grouping, order, table: for the end of the filter bar. Owned by the view. */
GtkWidget       *memscope_variables_view_get_controls  (MemscopeVariablesView *self);
/* Now, or as soon as the cards are there. */
void             memscope_variables_view_inspect_first (MemscopeVariablesView *self);
/* The card before (-1) or after (+1) the inspected one. */
void             memscope_variables_view_step          (MemscopeVariablesView *self,
                                                        int                    step);
/* What is shown; NULL: not computed yet. Owned by the view. */
MemscopeCardSet *memscope_variables_view_get_cards     (MemscopeVariablesView *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_STAT_TILE (memscope_stat_tile_get_type ())

/* One figure: heading, number with its unit, a line of context, maybe a sparkline. */
G_DECLARE_FINAL_TYPE (MemscopeStatTile, memscope_stat_tile, MEMSCOPE, STAT_TILE, GtkButton)

/* @exact: the figure in full, for tooltip and assistive technologies. */
void memscope_stat_tile_set        (MemscopeStatTile *self,
                                    const char       *number,
                                    const char       *unit,
                                    const char       *context,
                                    const char       *exact);
/* NULL: none. */
void memscope_stat_tile_set_values (MemscopeStatTile *self,
                                    const float      *values,
                                    guint             n_values);
/* As a ring beside the number; below 0: none. */
void memscope_stat_tile_set_share  (MemscopeStatTile *self,
                                    double            share);

G_END_DECLS

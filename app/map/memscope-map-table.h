/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-map-order.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_MAP_TABLE (memscope_map_table_get_type ())

/**
 * MemscopeMapTable:
 *
 * The memory map as tables: the regions, and the blocks of the one that is chosen.
 * It says all that the drawing says, needs no WebKit, and reads aloud.
 *
 * Signals:
 *  - "inspect" (guint64): the row of a block that was chosen
 *  - "show-map": the drawing is wanted instead
 */
G_DECLARE_FINAL_TYPE (MemscopeMapTable, memscope_map_table, MEMSCOPE, MAP_TABLE, AdwBin)

/* @data: NULL empties it. What is sorted by, the region and the place stay. */
void              memscope_map_table_set_data    (MemscopeMapTable *self,
                                                  MemscopeMapData  *data);
/* Marks the block at @row, and goes there unless it is on screen; MEMSCOPE_UNKNOWN: none. */
void              memscope_map_table_set_row     (MemscopeMapTable *self,
                                                  guint64           row);
/* Whether there is a drawing to go to. */
void              memscope_map_table_set_has_map (MemscopeMapTable *self,
                                                  gboolean          has_map);
void              memscope_map_table_set_narrow  (MemscopeMapTable *self,
                                                  gboolean          narrow);

/* For tests: what is listed, NULL while it is being made; and a click on a header. */
MemscopeMapOrder *memscope_map_table_get_order   (MemscopeMapTable *self);
void              memscope_map_table_sort        (MemscopeMapTable *self,
                                                  MemscopeMapColumn column,
                                                  gboolean          descending);
void              memscope_map_table_show_region (MemscopeMapTable *self,
                                                  guint             region);

G_END_DECLS

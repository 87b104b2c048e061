/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-map-table.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_MAP_VIEW (memscope_map_view_get_type ())

/**
 * MemscopeMapView:
 *
 * The memory at the instant of the selection, as a drawing in a web view or as
 * tables. Where there can be no web view, the tables and why.
 */
G_DECLARE_FINAL_TYPE (MemscopeMapView, memscope_map_view, MEMSCOPE, MAP_VIEW, AdwBin)

void              memscope_map_view_set_state  (MemscopeMapView   *self,
                                                MemscopeViewState *state);
void              memscope_map_view_set_narrow (MemscopeMapView   *self,
                                                gboolean           narrow);
/* Tries early whether there can be a web view, so that the answer is there in time. */
void              memscope_map_view_prepare    (MemscopeMapView   *self);
/* Goes to the block of @row; moves the instant to its birth when it is not alive. */
void              memscope_map_view_show_row   (MemscopeMapView   *self,
                                                guint64            row);
void              memscope_map_view_set_table  (MemscopeMapView   *self,
                                                gboolean           table);

/* For tests. The pane is NULL while there is none; the reason NULL while none is known. */
struct _MemscopeWebPane *
                  memscope_map_view_get_pane   (MemscopeMapView   *self);
MemscopeMapTable *memscope_map_view_get_table  (MemscopeMapView   *self);
const char       *memscope_map_view_get_reason (MemscopeMapView   *self);
MemscopeMapData  *memscope_map_view_get_data   (MemscopeMapView   *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-map-data.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_MAP_REGION_ITEM  (memscope_map_region_item_get_type ())
#define MEMSCOPE_TYPE_MAP_REGION_MODEL (memscope_map_region_model_get_type ())

/* One line of the table of regions: the first stands for all of them. */
G_DECLARE_FINAL_TYPE (MemscopeMapRegionItem, memscope_map_region_item, MEMSCOPE, MAP_REGION_ITEM, GObject)

struct _MemscopeMapRegionItem
{
  GObject          parent_instance;

  MemscopeMapData *data;
  guint            region;      /* MEMSCOPE_MAP_ALL_REGIONS: all */
};

/**
 * MemscopeMapRegionModel:
 *
 * The regions of a map as items that are made when they are asked for.
 */
G_DECLARE_FINAL_TYPE (MemscopeMapRegionModel, memscope_map_region_model, MEMSCOPE, MAP_REGION_MODEL, GObject)

MemscopeMapRegionModel *memscope_map_region_model_new      (void);
/* @data: NULL empties it. */
void                    memscope_map_region_model_set_data (MemscopeMapRegionModel *self,
                                                            MemscopeMapData        *data);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-map-order.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_MAP_BLOCK_ITEM  (memscope_map_block_item_get_type ())
#define MEMSCOPE_TYPE_MAP_BLOCK_MODEL (memscope_map_block_model_get_type ())

/* One line of the table. */
G_DECLARE_FINAL_TYPE (MemscopeMapBlockItem, memscope_map_block_item, MEMSCOPE, MAP_BLOCK_ITEM, GObject)

struct _MemscopeMapBlockItem
{
  GObject           parent_instance;

  MemscopeMapOrder *order;
  guint64           index;      /* of the block in the map */
};

/**
 * MemscopeMapBlockModel:
 *
 * The blocks of an order, as items that are made when they are asked for.
 */
G_DECLARE_FINAL_TYPE (MemscopeMapBlockModel, memscope_map_block_model, MEMSCOPE, MAP_BLOCK_MODEL, GObject)

MemscopeMapBlockModel *memscope_map_block_model_new       (void);
/* @order: NULL empties it. */
void                   memscope_map_block_model_set_order (MemscopeMapBlockModel *self,
                                                           MemscopeMapOrder      *order);
MemscopeMapOrder      *memscope_map_block_model_get_order (MemscopeMapBlockModel *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-map-block-model.h"

struct _MemscopeMapBlockModel
{
  GObject           parent_instance;

  MemscopeMapOrder *order;
  guint             n;
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE (MemscopeMapBlockItem, memscope_map_block_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE_WITH_CODE (MemscopeMapBlockModel, memscope_map_block_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
memscope_map_block_item_finalize (GObject *object)
{
  g_clear_pointer (&MEMSCOPE_MAP_BLOCK_ITEM (object)->order, memscope_map_order_unref);

  G_OBJECT_CLASS (memscope_map_block_item_parent_class)->finalize (object);
}

static void
memscope_map_block_item_class_init (MemscopeMapBlockItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_map_block_item_finalize;
}

static void
memscope_map_block_item_init (MemscopeMapBlockItem *self)
{
}

static GType
memscope_map_block_model_get_item_type (GListModel *model)
{
  return MEMSCOPE_TYPE_MAP_BLOCK_ITEM;
}

static guint
memscope_map_block_model_get_n_items (GListModel *model)
{
  return MEMSCOPE_MAP_BLOCK_MODEL (model)->n;
}

static gpointer
memscope_map_block_model_get_item (GListModel *model,
                                   guint       position)
{
  MemscopeMapBlockModel *self = MEMSCOPE_MAP_BLOCK_MODEL (model);
  MemscopeMapBlockItem *item;

  if (position >= self->n)
    return NULL;

  item = g_object_new (MEMSCOPE_TYPE_MAP_BLOCK_ITEM, NULL);
  item->order = memscope_map_order_ref (self->order);
  item->index = self->order->blocks[position];

  return item;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = memscope_map_block_model_get_item_type;
  iface->get_n_items = memscope_map_block_model_get_n_items;
  iface->get_item = memscope_map_block_model_get_item;
}

static void
memscope_map_block_model_finalize (GObject *object)
{
  g_clear_pointer (&MEMSCOPE_MAP_BLOCK_MODEL (object)->order, memscope_map_order_unref);

  G_OBJECT_CLASS (memscope_map_block_model_parent_class)->finalize (object);
}

static void
memscope_map_block_model_class_init (MemscopeMapBlockModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_map_block_model_finalize;
}

static void
memscope_map_block_model_init (MemscopeMapBlockModel *self)
{
}

MemscopeMapBlockModel *
memscope_map_block_model_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_MAP_BLOCK_MODEL, NULL);
}

void
memscope_map_block_model_set_order (MemscopeMapBlockModel *self,
                                    MemscopeMapOrder      *order)
{
  guint before;

  g_return_if_fail (MEMSCOPE_IS_MAP_BLOCK_MODEL (self));

  /* Emptied and filled again: a list view looks at each item that "changes" in
   * place, and takes seconds for millions of them.
   */
  before = self->n;
  self->n = 0;
  if (before > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, before, 0);

  if (order != NULL)
    memscope_map_order_ref (order);
  g_clear_pointer (&self->order, memscope_map_order_unref);
  self->order = order;

  self->n = order != NULL ? order->n : 0;
  if (self->n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, self->n);
}

MemscopeMapOrder *
memscope_map_block_model_get_order (MemscopeMapBlockModel *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MAP_BLOCK_MODEL (self), NULL);

  return self->order;
}

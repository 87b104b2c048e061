/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-map-order.h"
#include "memscope-map-region-model.h"

struct _MemscopeMapRegionModel
{
  GObject          parent_instance;

  MemscopeMapData *data;
  guint            n;
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE (MemscopeMapRegionItem, memscope_map_region_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE_WITH_CODE (MemscopeMapRegionModel, memscope_map_region_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
memscope_map_region_item_finalize (GObject *object)
{
  g_clear_pointer (&MEMSCOPE_MAP_REGION_ITEM (object)->data, memscope_map_data_unref);

  G_OBJECT_CLASS (memscope_map_region_item_parent_class)->finalize (object);
}

static void
memscope_map_region_item_class_init (MemscopeMapRegionItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_map_region_item_finalize;
}

static void
memscope_map_region_item_init (MemscopeMapRegionItem *self)
{
}

static GType
memscope_map_region_model_get_item_type (GListModel *model)
{
  return MEMSCOPE_TYPE_MAP_REGION_ITEM;
}

static guint
memscope_map_region_model_get_n_items (GListModel *model)
{
  return MEMSCOPE_MAP_REGION_MODEL (model)->n;
}

static gpointer
memscope_map_region_model_get_item (GListModel *model,
                                    guint       position)
{
  MemscopeMapRegionModel *self = MEMSCOPE_MAP_REGION_MODEL (model);
  MemscopeMapRegionItem *item;

  if (position >= self->n)
    return NULL;

  item = g_object_new (MEMSCOPE_TYPE_MAP_REGION_ITEM, NULL);
  item->data = memscope_map_data_ref (self->data);
  item->region = position == 0 ? MEMSCOPE_MAP_ALL_REGIONS : position - 1;

  return item;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = memscope_map_region_model_get_item_type;
  iface->get_n_items = memscope_map_region_model_get_n_items;
  iface->get_item = memscope_map_region_model_get_item;
}

static void
memscope_map_region_model_finalize (GObject *object)
{
  g_clear_pointer (&MEMSCOPE_MAP_REGION_MODEL (object)->data, memscope_map_data_unref);

  G_OBJECT_CLASS (memscope_map_region_model_parent_class)->finalize (object);
}

static void
memscope_map_region_model_class_init (MemscopeMapRegionModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_map_region_model_finalize;
}

static void
memscope_map_region_model_init (MemscopeMapRegionModel *self)
{
}

MemscopeMapRegionModel *
memscope_map_region_model_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_MAP_REGION_MODEL, NULL);
}

void
memscope_map_region_model_set_data (MemscopeMapRegionModel *self,
                                    MemscopeMapData        *data)
{
  guint before;

  g_return_if_fail (MEMSCOPE_IS_MAP_REGION_MODEL (self));

  before = self->n;
  self->n = 0;
  if (before > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, before, 0);

  if (data != NULL)
    memscope_map_data_ref (data);
  g_clear_pointer (&self->data, memscope_map_data_unref);
  self->data = data;

  self->n = data != NULL ? data->map->n_regions + 1 : 0;
  if (self->n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, self->n);
}

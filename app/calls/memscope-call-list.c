/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "memscope-call-list.h"

G_DEFINE_FINAL_TYPE (MemscopeCallRow, memscope_call_row, G_TYPE_OBJECT)

static void
memscope_call_row_finalize (GObject *object)
{
  g_clear_pointer (&MEMSCOPE_CALL_ROW (object)->tree, memscope_call_tree_unref);

  G_OBJECT_CLASS (memscope_call_row_parent_class)->finalize (object);
}

static void
memscope_call_row_class_init (MemscopeCallRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_call_row_finalize;
}

static void
memscope_call_row_init (MemscopeCallRow *self)
{
}

/* ---- the list ----------------------------------------------------------- */

struct _MemscopeCallList
{
  GObject           parent_instance;

  MemscopeCallTree *tree;
  guint             n;
  const guint32    *order;
  guint32          *own_order;    /* NULL: the tree's */
};

static GType
memscope_call_list_get_item_type (GListModel *model)
{
  return MEMSCOPE_TYPE_CALL_ROW;
}

static guint
memscope_call_list_get_n_items (GListModel *model)
{
  return MEMSCOPE_CALL_LIST (model)->n;
}

static gpointer
memscope_call_list_get_item (GListModel *model,
                             guint       position)
{
  MemscopeCallList *self = MEMSCOPE_CALL_LIST (model);
  MemscopeCallRow *row;

  if (position >= self->n)
    return NULL;

  row = g_object_new (MEMSCOPE_TYPE_CALL_ROW, NULL);
  row->tree = memscope_call_tree_ref (self->tree);
  row->node = self->order[position];

  return row;
}

static void
memscope_call_list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = memscope_call_list_get_item_type;
  iface->get_n_items = memscope_call_list_get_n_items;
  iface->get_item = memscope_call_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (MemscopeCallList, memscope_call_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, memscope_call_list_iface_init))

typedef struct
{
  guint32 node;
  guint64 number;
  char   *text;
} Key;

static Key
make_key (MemscopeCallTree *tree,
          guint32           node,
          MemscopeCallSort  sort)
{
  const MemscopeFlameNode *record = memscope_call_tree_get_node (tree, node);
  Key key = { .node = node };

  switch (sort)
    {
    case MEMSCOPE_CALL_SORT_SELF:
      key.number = memscope_call_tree_get_self (tree, node);
      break;

    case MEMSCOPE_CALL_SORT_ALLOCATIONS:
      key.number = record->total[MEMSCOPE_MEASURE_BIRTHS];
      break;

    case MEMSCOPE_CALL_SORT_LIVE:
      key.number = record->total[MEMSCOPE_MEASURE_LIVE_BYTES];
      break;

    case MEMSCOPE_CALL_SORT_NAME:
      key.text = memscope_call_tree_dup_name (tree, node);
      break;

    case MEMSCOPE_CALL_SORT_PLACE:
      key.text = memscope_call_tree_dup_place (tree, node);
      break;

    case MEMSCOPE_CALL_SORT_TOTAL:
    default:
      key.number = memscope_call_tree_get_total (tree, node);
      break;
    }

  return key;
}

static int
compare_keys (gconstpointer a,
              gconstpointer b,
              gpointer      user_data)
{
  const Key *left = a;
  const Key *right = b;
  int sign = GPOINTER_TO_INT (user_data);
  int order = left->text != NULL ? g_utf8_collate (left->text, right->text)
                                 : left->number < right->number ? -1 : left->number > right->number;

  if (order != 0)
    return order * sign;

  return left->node < right->node ? -1 : left->node > right->node;
}

static void
sort_order (MemscopeCallList *self,
            MemscopeCallSort  sort,
            gboolean          ascending)
{
  g_autofree Key *keys = g_new (Key, self->n);

  for (guint i = 0; i < self->n; i++)
    keys[i] = make_key (self->tree, self->order[i], sort);
  g_qsort_with_data (keys, (int) self->n, sizeof *keys, compare_keys, GINT_TO_POINTER (ascending ? 1 : -1));

  self->own_order = g_new (guint32, self->n);
  for (guint i = 0; i < self->n; i++)
    {
      self->own_order[i] = keys[i].node;
      g_free (keys[i].text);
    }
  self->order = self->own_order;
}

static void
memscope_call_list_finalize (GObject *object)
{
  MemscopeCallList *self = MEMSCOPE_CALL_LIST (object);

  g_clear_pointer (&self->own_order, g_free);
  g_clear_pointer (&self->tree, memscope_call_tree_unref);

  G_OBJECT_CLASS (memscope_call_list_parent_class)->finalize (object);
}

static void
memscope_call_list_class_init (MemscopeCallListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_call_list_finalize;
}

static void
memscope_call_list_init (MemscopeCallList *self)
{
}

MemscopeCallList *
memscope_call_list_new (MemscopeCallTree *tree,
                        guint32           parent,
                        MemscopeCallSort  sort,
                        gboolean          ascending)
{
  MemscopeCallList *self = g_object_new (MEMSCOPE_TYPE_CALL_LIST, NULL);

  self->tree = memscope_call_tree_ref (tree);
  self->order = memscope_call_tree_get_children (tree, parent, &self->n);
  /* the tree's own order is free */
  if (self->n > 1 && (sort != MEMSCOPE_CALL_SORT_TOTAL || ascending))
    sort_order (self, sort, ascending);

  return self;
}

guint
memscope_call_list_find (MemscopeCallList *self,
                         guint32           node)
{
  g_return_val_if_fail (MEMSCOPE_IS_CALL_LIST (self), MEMSCOPE_CALL_NONE);

  for (guint i = 0; i < self->n; i++)
    if (self->order[i] == node)
      return i;

  return MEMSCOPE_CALL_NONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "memscope-call-rows.h"

/* Opened rows that another tree opens again: each has to be looked for in it. */
#define MAX_KEPT_OPEN 200

struct _MemscopeCallRows
{
  MemscopeCallTree *tree;
  MemscopeCallSort  sort;
  gboolean          ascending;
  GHashTable       *open;      /* nodes */
  GHashTable       *orders;    /* node -> guint32 of its children, where their order is not the tree's own */
  GArray           *rows;      /* MemscopeCallRow */
  gboolean          stale;     /* the rows are of what was open before */
};

/* ---- order --------------------------------------------------------------- */

typedef struct
{
  guint32  node;
  guint64  number;
  char    *text;     /* to be compared byte by byte; NULL: the number is it */
} Key;

static char *
take_collate_key (char *text)
{
  char *key = g_utf8_collate_key (text, -1);

  g_free (text);

  return key;
}

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
      key.text = take_collate_key (memscope_call_tree_dup_name (tree, node));
      break;

    case MEMSCOPE_CALL_SORT_PLACE:
      key.text = take_collate_key (memscope_call_tree_dup_place (tree, node));
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
  int order = left->text != NULL ? strcmp (left->text, right->text)
                                 : left->number < right->number ? -1 : left->number > right->number;

  if (order != 0)
    return order * sign;

  return left->node < right->node ? -1 : left->node > right->node;
}

static guint32 *
make_order (MemscopeCallRows *self,
            const guint32    *children,
            guint             n)
{
  g_autofree Key *keys = g_new (Key, n);
  guint32 *order = g_new (guint32, n);

  for (guint i = 0; i < n; i++)
    keys[i] = make_key (self->tree, children[i], self->sort);
  g_qsort_with_data (keys, (int) n, sizeof *keys, compare_keys, GINT_TO_POINTER (self->ascending ? 1 : -1));
  for (guint i = 0; i < n; i++)
    {
      order[i] = keys[i].node;
      g_free (keys[i].text);
    }

  return order;
}

/* The children of a node as they stand. */
static const guint32 *
get_order (MemscopeCallRows *self,
           guint32           node,
           guint            *n)
{
  const guint32 *children = memscope_call_tree_get_children (self->tree, node, n);
  guint32 *order;

  /* the tree's own order is free */
  if (*n < 2 || (self->sort == MEMSCOPE_CALL_SORT_TOTAL && !self->ascending))
    return children;

  order = g_hash_table_lookup (self->orders, GUINT_TO_POINTER (node));
  if (order == NULL)
    {
      order = make_order (self, children, *n);
      g_hash_table_insert (self->orders, GUINT_TO_POINTER (node), order);
    }

  return order;
}

/* ---- rows ---------------------------------------------------------------- */

/* The children of one node, some of which have been made rows already. */
typedef struct
{
  const guint32 *order;
  guint          n;
  guint          next;
} Level;

static void
push_level (MemscopeCallRows *self,
            GArray           *levels,
            guint32           node)
{
  Level level = { 0 };

  level.order = get_order (self, node, &level.n);
  g_array_append_val (levels, level);
}

/* Call trees may be deeper than the C stack is. */
static void
memscope_call_rows_refresh (MemscopeCallRows *self)
{
  g_autoptr(GArray) levels = NULL;

  if (!self->stale)
    return;

  self->stale = FALSE;
  g_array_set_size (self->rows, 0);
  if (self->tree == NULL)
    return;

  levels = g_array_new (FALSE, FALSE, sizeof (Level));
  push_level (self, levels, 0);
  while (levels->len > 0)
    {
      Level *level = &g_array_index (levels, Level, levels->len - 1);
      MemscopeCallRow row;

      if (level->next == level->n)
        {
          g_array_set_size (levels, levels->len - 1);
          continue;
        }
      row = (MemscopeCallRow) { level->order[level->next++], levels->len - 1 };
      g_array_append_val (self->rows, row);
      if (g_hash_table_contains (self->open, GUINT_TO_POINTER (row.node)))
        push_level (self, levels, row.node);
    }
}

MemscopeCallRows *
memscope_call_rows_new (void)
{
  MemscopeCallRows *self = g_new0 (MemscopeCallRows, 1);

  self->open = g_hash_table_new (NULL, NULL);
  self->orders = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->rows = g_array_new (FALSE, FALSE, sizeof (MemscopeCallRow));

  return self;
}

void
memscope_call_rows_free (MemscopeCallRows *self)
{
  g_hash_table_unref (self->open);
  g_hash_table_unref (self->orders);
  g_array_unref (self->rows);
  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  g_free (self);
}

/* What is open and seen, in the new tree. */
static GHashTable *
carry_over (MemscopeCallRows *self,
            MemscopeCallTree *tree)
{
  GHashTable *open = g_hash_table_new (NULL, NULL);
  guint n = 0;

  for (guint i = 0; i < memscope_call_rows_get_n (self) && n < MAX_KEPT_OPEN; i++)
    {
      guint32 node = memscope_call_rows_get (self, i).node;
      guint32 found;

      if (!memscope_call_rows_is_open (self, node))
        continue;
      n++;
      found = memscope_call_tree_find (tree, self->tree, node);
      if (found != 0)
        g_hash_table_add (open, GUINT_TO_POINTER (found));
    }

  return open;
}

gboolean
memscope_call_rows_set_tree (MemscopeCallRows *self,
                             MemscopeCallTree *tree)
{
  GHashTable *open;

  if (tree == self->tree)
    return g_hash_table_size (self->open) > 0;

  open = tree != NULL && self->tree != NULL ? carry_over (self, tree) : g_hash_table_new (NULL, NULL);
  g_hash_table_unref (self->open);
  self->open = open;
  g_hash_table_remove_all (self->orders);
  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  self->tree = tree != NULL ? memscope_call_tree_ref (tree) : NULL;
  self->stale = TRUE;

  return g_hash_table_size (self->open) > 0;
}

MemscopeCallTree *
memscope_call_rows_get_tree (const MemscopeCallRows *self)
{
  return self->tree;
}

void
memscope_call_rows_set_sort (MemscopeCallRows *self,
                             MemscopeCallSort  sort,
                             gboolean          ascending)
{
  self->sort = sort;
  self->ascending = ascending;
  g_hash_table_remove_all (self->orders);
  self->stale = TRUE;
}

gboolean
memscope_call_rows_can_open (const MemscopeCallRows *self,
                             guint32                 node)
{
  guint n;

  memscope_call_tree_get_children (self->tree, node, &n);

  return n > 0;
}

gboolean
memscope_call_rows_is_open (const MemscopeCallRows *self,
                            guint32                 node)
{
  return g_hash_table_contains (self->open, GUINT_TO_POINTER (node));
}

void
memscope_call_rows_set_open (MemscopeCallRows *self,
                             guint32           node,
                             gboolean          open)
{
  if (!memscope_call_rows_can_open (self, node))
    return;

  if (open ? g_hash_table_add (self->open, GUINT_TO_POINTER (node))
           : g_hash_table_remove (self->open, GUINT_TO_POINTER (node)))
    self->stale = TRUE;
}

void
memscope_call_rows_open_to (MemscopeCallRows *self,
                            guint32           node)
{
  while (node != 0)
    {
      node = memscope_call_tree_get_node (self->tree, node)->parent;
      if (node != 0)
        memscope_call_rows_set_open (self, node, TRUE);
    }
}

guint
memscope_call_rows_get_n (MemscopeCallRows *self)
{
  memscope_call_rows_refresh (self);

  return self->rows->len;
}

MemscopeCallRow
memscope_call_rows_get (MemscopeCallRows *self,
                        guint             position)
{
  memscope_call_rows_refresh (self);

  return g_array_index (self->rows, MemscopeCallRow, position);
}

guint
memscope_call_rows_find (MemscopeCallRows *self,
                         guint32           node)
{
  memscope_call_rows_refresh (self);
  for (guint i = 0; i < self->rows->len; i++)
    if (g_array_index (self->rows, MemscopeCallRow, i).node == node)
      return i;

  return MEMSCOPE_CALL_NONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "memscope-call-hits.h"

typedef struct
{
  MemscopeCallTree *tree;
  const char       *needle;      /* folded */
  guint             color;
  GHashTable       *functions;   /* string id → 1: no, 2: yes: many nodes share a function */
} Search;

static gboolean
name_matches (const Search *self,
              guint32       node)
{
  g_autofree char *name = memscope_call_tree_dup_name (self->tree, node);
  g_autofree char *folded = g_utf8_casefold (name, -1);

  return strstr (folded, self->needle) != NULL;
}

static gboolean
text_matches (const Search *self,
              guint32       node)
{
  const MemscopeFlameNode *record = memscope_call_tree_get_node (self->tree, node);
  gpointer known;

  if (*self->needle == '\0')
    return TRUE;
  if (record->kind != MEMSCOPE_FLAME_FUNCTION)
    return name_matches (self, node);

  known = g_hash_table_lookup (self->functions, GUINT_TO_POINTER (record->function));
  if (known == NULL)
    {
      known = GUINT_TO_POINTER (name_matches (self, node) ? 2 : 1);
      g_hash_table_insert (self->functions, GUINT_TO_POINTER (record->function), known);
    }

  return GPOINTER_TO_UINT (known) == 2;
}

static gboolean
is_hit (const Search *self,
        guint32       node)
{
  if (node == 0 || memscope_call_tree_get_total (self->tree, node) == 0)
    return FALSE;
  if (self->color != MEMSCOPE_CALL_NONE && memscope_call_tree_get_color (self->tree, node) != self->color)
    return FALSE;

  return text_matches (self, node);
}

/* Children heaviest first, a node before what is below it. */
static void
list_in_order (MemscopeCallHits *self,
               GArray           *hits)
{
  g_autoptr(GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 node = 0;

  g_array_append_val (stack, node);
  while (stack->len > 0)
    {
      const guint32 *children;
      guint n;

      node = g_array_index (stack, guint32, stack->len - 1);
      g_array_set_size (stack, stack->len - 1);
      if (self->is_hit[node])
        g_array_append_val (hits, node);

      children = memscope_call_tree_get_children (self->tree, node, &n);
      for (guint i = n; i-- > 0;)
        g_array_append_val (stack, children[i]);
    }
}

static guint64
weigh_once (MemscopeCallHits *self)
{
  guint n_nodes = memscope_call_tree_get_n_nodes (self->tree);
  g_autofree guint8 *covered = g_new0 (guint8, n_nodes);
  guint64 weight = 0;

  for (guint32 i = 1; i < n_nodes; i++)
    {
      guint32 parent = memscope_call_tree_get_node (self->tree, i)->parent;

      covered[i] = covered[parent] || self->is_hit[parent];
      if (self->is_hit[i] && !covered[i])
        weight += memscope_call_tree_get_total (self->tree, i);
    }

  return weight;
}

MemscopeCallHits *
memscope_call_hits_new (MemscopeCallTree *tree,
                        const char       *text,
                        guint             color,
                        GCancellable     *cancellable)
{
  guint n_nodes = memscope_call_tree_get_n_nodes (tree);
  g_autoptr(MemscopeCallHits) self = NULL;
  g_autoptr(GHashTable) functions = g_hash_table_new (NULL, NULL);
  g_autofree char *needle = g_utf8_casefold (text, -1);
  Search search = { tree, needle, color, functions };
  GArray *hits;

  if (*text == '\0' && color == MEMSCOPE_CALL_NONE)
    return NULL;

  self = g_new0 (MemscopeCallHits, 1);
  self->tree = memscope_call_tree_ref (tree);
  self->is_hit = g_new0 (guint8, n_nodes);
  for (guint32 i = 1; i < n_nodes; i++)
    {
      self->is_hit[i] = is_hit (&search, i);
      if (i % 4096 == 0 && g_cancellable_is_cancelled (cancellable))
        return NULL;
    }

  hits = g_array_new (FALSE, FALSE, sizeof (guint32));
  list_in_order (self, hits);
  self->weight = weigh_once (self);
  self->n_hits = hits->len;
  self->hits = (guint32 *) (gpointer) g_array_free (hits, FALSE);

  return g_steal_pointer (&self);
}

void
memscope_call_hits_free (MemscopeCallHits *self)
{
  memscope_call_tree_unref (self->tree);
  g_free (self->hits);
  g_free (self->is_hit);
  g_free (self);
}

guint
memscope_call_hits_find (const MemscopeCallHits *self,
                         guint32                 node)
{
  for (guint i = 0; i < self->n_hits; i++)
    if (self->hits[i] == node)
      return i;

  return MEMSCOPE_CALL_NONE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-flame-tree.h"

#include <string.h>

#include "memscope-pair-table.h"
#include "memscope-saturate.h"
#include "memscope-stack-sums.h"

/* Upside down, stacks share little: a file made to be deep and wide would fill the
 * memory. What lies beyond these belongs to the last node before it.
 */
#define MAX_FRAMES 4096u
#define MAX_NODES  (4u * 1024u * 1024u)

typedef struct
{
  MemscopeSession   *session;
  gboolean           bottom_up;
  MemscopePairTable  functions;   /* (function, file) */
  MemscopePairTable  children;    /* (node, callee or caller): number n is node n */
  GArray            *nodes;       /* MemscopeFlameNode */
  GArray            *path;        /* MemscopeStackId, innermost first */
  guint              n_stacks;
  guint32           *known;       /* top-down: the node of each stack, + 1; 0 not planted yet */
} Planter;

/* ---- nodes ------------------------------------------------------------------------------- */

static guint32
add_child (Planter              *self,
           guint32               parent,
           MemscopeFrameId       frame,
           const MemscopeSymbol *symbol)
{
  MemscopeFlameNode node = { .parent = parent, .frame = frame };
  guint32 key = frame << 1 | 1;
  guint32 number;

  if (symbol != NULL && symbol->function != 0)
    {
      node.function = symbol->function;
      node.file = symbol->file;
      key = memscope_pair_table_intern (&self->functions, symbol->function, symbol->file) << 1;
    }

  number = memscope_pair_table_intern (&self->children, parent, key);
  if (number == self->nodes->len)
    {
      node.depth = g_array_index (self->nodes, MemscopeFlameNode, parent).depth + 1;
      g_array_append_val (self->nodes, node);
    }

  return number;
}

/* The functions of one frame: outermost first on the way down, innermost first on the way up. */
static guint32
add_frame (Planter         *self,
           guint32          parent,
           MemscopeFrameId  frame)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (self->session, frame, &symbols);

  if (self->nodes->len >= MAX_NODES)
    return parent;

  if (n == 0)
    return add_child (self, parent, frame, NULL);

  for (guint i = 0; i < n; i++)
    parent = add_child (self, parent, frame, &symbols[self->bottom_up ? i : n - 1 - i]);

  return parent;
}

static MemscopeFrameId
frame_of (Planter         *self,
          MemscopeStackId  stack,
          MemscopeStackId *parent)
{
  MemscopeFrameId frame = 0;

  *parent = 0;
  memscope_session_get_stack_node (self->session, stack, parent, &frame);

  return frame;
}

static guint32
add_stack_up (Planter         *self,
              MemscopeStackId  stack)
{
  guint32 node = 0;

  for (guint i = 0; stack != 0 && i < MAX_FRAMES; i++)
    {
      MemscopeStackId parent;

      node = add_frame (self, node, frame_of (self, stack, &parent));
      stack = parent;
    }

  return node;
}

/* From the nearest ancestor whose node is known. */
static guint32
add_stack_down (Planter         *self,
                MemscopeStackId  stack)
{
  guint32 node = 0;

  g_array_set_size (self->path, 0);
  while (stack != 0 && stack < self->n_stacks && self->known[stack] == 0)
    {
      g_array_append_val (self->path, stack);
      frame_of (self, stack, &stack);
    }

  if (stack != 0 && stack < self->n_stacks)
    node = self->known[stack] - 1;

  for (guint i = self->path->len; i-- > 0;)
    {
      MemscopeStackId id = g_array_index (self->path, MemscopeStackId, i);
      MemscopeStackId parent;

      if (g_array_index (self->nodes, MemscopeFlameNode, node).depth < MAX_FRAMES)
        node = add_frame (self, node, frame_of (self, id, &parent));
      self->known[id] = node + 1;
    }

  return node;
}

/* ---- weights ------------------------------------------------------------------------------- */

static gboolean
weighs_nothing (const guint64 *sums)
{
  for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
    {
      if (sums[m] != 0)
        return FALSE;
    }

  return TRUE;
}

static void
add_sums (guint64       *to,
          const guint64 *from)
{
  for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
    to[m] = memscope_saturating_add (to[m], from[m]);
}

/* Children come after their parents, so one pass backwards carries everything up. */
static void
add_up (MemscopeFlameNode *nodes,
        guint              n)
{
  for (guint i = 0; i < n; i++)
    memcpy (nodes[i].total, nodes[i].self, sizeof nodes[i].total);

  for (guint i = n; i-- > 1;)
    add_sums (nodes[nodes[i].parent].total, nodes[i].total);
}

static gboolean
plant (Planter                 *self,
       const MemscopeStackSums *sums,
       GCancellable            *cancellable,
       GError                 **error)
{
  for (MemscopeStackId id = 0; id < sums->n_stacks; id++)
    {
      guint32 node;

      if (weighs_nothing (sums->sums[id]))
        continue;

      node = self->bottom_up ? add_stack_up (self, id) : add_stack_down (self, id);
      add_sums (g_array_index (self->nodes, MemscopeFlameNode, node).self, sums->sums[id]);

      if (id % 4096 == 0 && g_cancellable_is_cancelled (cancellable))
        break;
    }

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

MemscopeFlameTree *
memscope_flame_tree_new (MemscopeSession    *session,
                         MemscopeSelection  *selection,
                         gboolean            bottom_up,
                         GCancellable       *cancellable,
                         GError            **error)
{
  g_autoptr(MemscopeFilter) filter = NULL;
  g_autoptr(MemscopeStackSums) sums = NULL;
  MemscopeFlameTree *tree = NULL;
  MemscopeFlameNode root = { 0 };
  Planter planter = { .session = session, .bottom_up = bottom_up };

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);

  filter = memscope_filter_new (session, selection);
  sums = memscope_stack_sums_new (filter, cancellable, error);
  if (sums == NULL)
    return NULL;

  memscope_pair_table_init (&planter.functions);
  memscope_pair_table_init (&planter.children);
  planter.nodes = g_array_new (FALSE, FALSE, sizeof (MemscopeFlameNode));
  planter.path = g_array_new (FALSE, FALSE, sizeof (MemscopeStackId));
  planter.n_stacks = sums->n_stacks;
  planter.known = g_new0 (guint32, sums->n_stacks);
  g_array_append_val (planter.nodes, root);

  if (plant (&planter, sums, cancellable, error))
    {
      tree = g_new0 (MemscopeFlameTree, 1);
      tree->n_nodes = planter.nodes->len;
      tree->nodes = (gpointer)g_array_free (g_steal_pointer (&planter.nodes), FALSE);
      add_up (tree->nodes, tree->n_nodes);
    }

  g_clear_pointer (&planter.nodes, g_array_unref);
  g_free (planter.known);
  g_array_unref (planter.path);
  memscope_pair_table_clear (&planter.children);
  memscope_pair_table_clear (&planter.functions);

  return tree;
}

void
memscope_flame_tree_free (MemscopeFlameTree *self)
{
  g_free (self->nodes);
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-flame-tree.h"

#include <string.h>

#include "memscope-flame-trends.h"
#include "memscope-pair-table.h"
#include "memscope-saturate.h"
#include "memscope-stack-sums.h"

/* Upside down, stacks share little: long recordings, and files made to be deep and
 * wide, would fill the memory. What lies beyond these belongs to the last node before
 * it; the heaviest stacks come first, so that it is what nobody would see.
 */
#define MAX_FRAMES 4096u
#define MAX_NODES  (512u * 1024u)

typedef struct
{
  MemscopeSession   *session;
  gboolean           bottom_up;
  MemscopePairTable  functions;   /* (function, file or module) */
  MemscopePairTable  children;    /* (node, callee or caller): number n is node n */
  GArray            *nodes;       /* MemscopeFlameNode */
  GArray            *path;        /* MemscopeStackId, innermost first */
  guint              n_stacks;
  guint32           *known;       /* top-down: the node of each stack, + 1; 0 not planted yet */
  guint32           *known_of;    /* by thread: the trunk that `known` is of */
  guint8            *truncated;   /* by stack */
  guint32           *node_of;     /* by stack: where its blocks are, for the trends; NULL: not asked for */
  gboolean           folded;      /* the stack that is being planted was cut short */
} Planter;

/* ---- nodes ------------------------------------------------------------------------------- */

static guint32
intern_child (Planter           *self,
              guint32            key,
              MemscopeFlameNode *node)
{
  guint32 number = memscope_pair_table_intern (&self->children, node->parent, key);

  if (number == self->nodes->len)
    {
      node->depth = g_array_index (self->nodes, MemscopeFlameNode, node->parent).depth + 1;
      g_array_append_vals (self->nodes, node, 1);
    }

  return number;
}

/* Without a file, functions of one name in two modules are two. */
static guint32
function_key (Planter              *self,
              MemscopeFrameId       id,
              const MemscopeSymbol *symbol)
{
  MemscopeFrame frame;
  guint32 place = symbol->file;

  if (place == 0 && memscope_session_get_frame (self->session, id, &frame) && frame.module != 0)
    place = frame.module | 1u << 31;

  return memscope_pair_table_intern (&self->functions, symbol->function, place);
}

static guint32
add_child (Planter              *self,
           guint32               parent,
           MemscopeFrameId       frame,
           const MemscopeSymbol *symbol)
{
  MemscopeFlameNode node = { .parent = parent, .frame = frame };

  if (symbol != NULL && symbol->function != 0)
    {
      node.kind = MEMSCOPE_FLAME_FUNCTION;
      node.function = symbol->function;
      node.file = symbol->file;
      return intern_child (self, function_key (self, frame, symbol) << 1, &node);
    }

  node.kind = frame != 0 ? MEMSCOPE_FLAME_FRAME : MEMSCOPE_FLAME_REST;
  if (symbol != NULL)
    node.file = symbol->file;

  return intern_child (self, frame << 1 | 1, &node);
}

/* What a thread's stacks hang from. */
static guint32
add_thread (Planter          *self,
            MemscopeThreadId  thread)
{
  MemscopeFlameNode node = { .kind = MEMSCOPE_FLAME_THREAD, .thread = thread };

  return intern_child (self, thread, &node);
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
    {
      self->folded = TRUE;
      return parent;
    }

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
              guint32          node,
              MemscopeStackId  stack)
{
  for (guint i = 0; stack != 0 && i < MAX_FRAMES; i++)
    {
      MemscopeStackId parent;

      node = add_frame (self, node, frame_of (self, stack, &parent));
      stack = parent;
    }
  if (stack != 0)
    self->folded = TRUE;

  return node;
}

static gboolean
is_known (const Planter   *self,
          guint32          trunk,
          MemscopeStackId  stack)
{
  return self->known[stack] != 0 && (self->known_of == NULL || self->known_of[stack] == trunk);
}

/* From the nearest ancestor whose node is known. */
static guint32
add_stack_down (Planter         *self,
                guint32          trunk,
                MemscopeStackId  stack)
{
  guint32 node = trunk;

  g_array_set_size (self->path, 0);
  while (stack != 0 && stack < self->n_stacks && !is_known (self, trunk, stack))
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
      else
        self->folded = TRUE;
      self->known[id] = node + 1;
      if (self->known_of != NULL)
        self->known_of[id] = trunk;
    }

  return node;
}

/* Parents have the lower ids, so each stack is judged after its own. */
static void
find_truncated (Planter *self)
{
  for (MemscopeStackId id = 1; id < self->n_stacks; id++)
    {
      MemscopeStackId parent;
      MemscopeFrameId frame = frame_of (self, id, &parent);

      self->truncated[id] = frame == 0 || (parent < id && self->truncated[parent]);
    }
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

typedef struct
{
  MemscopeThreadId thread;
  MemscopeStackId  stack;
  guint            row;
  double           weight;    /* the largest share it has of anything */
} Seed;

static int
compare_seeds (gconstpointer a,
               gconstpointer b)
{
  const Seed *left = a;
  const Seed *right = b;

  if (left->weight != right->weight)
    return left->weight > right->weight ? -1 : 1;

  return left->row < right->row ? -1 : left->row > right->row;
}

/* The rows that weigh something, heaviest first. */
static GArray *
gather_seeds (const MemscopeStackSums *sums)
{
  GArray *seeds = g_array_new (FALSE, FALSE, sizeof (Seed));
  guint64 totals[MEMSCOPE_N_MEASURES] = { 0 };

  for (guint row = 0; row < sums->n_stacks; row++)
    add_sums (totals, sums->sums[row]);

  for (guint row = 0; row < sums->n_stacks; row++)
    {
      Seed seed = { .row = row };

      if (weighs_nothing (sums->sums[row]))
        continue;

      memscope_stack_sums_get_key (sums, row, &seed.thread, &seed.stack);
      for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
        seed.weight = MAX (seed.weight, totals[m] > 0 ? (double)sums->sums[row][m] / (double)totals[m] : 0);
      g_array_append_val (seeds, seed);
    }
  g_array_sort (seeds, compare_seeds);

  return seeds;
}

static gboolean
plant (Planter                  *self,
       const MemscopeStackSums  *sums,
       MemscopeFlameTree        *tree,
       GCancellable             *cancellable,
       GError                  **error)
{
  g_autoptr(GArray) seeds = gather_seeds (sums);

  for (guint i = 0; i < seeds->len; i++)
    {
      Seed seed = g_array_index (seeds, Seed, i);
      guint32 node = sums->by_thread ? add_thread (self, seed.thread) : 0;

      if (seed.stack != 0)
        {
          self->folded = FALSE;
          node = self->bottom_up ? add_stack_up (self, node, seed.stack) : add_stack_down (self, node, seed.stack);
          tree->n_stacks++;
          tree->n_truncated += seed.stack < self->n_stacks && self->truncated[seed.stack];
          tree->n_folded += self->folded;
        }
      add_sums (g_array_index (self->nodes, MemscopeFlameNode, node).self, sums->sums[seed.row]);
      if (self->node_of != NULL && seed.stack < self->n_stacks)
        self->node_of[seed.stack] = node;

      if (i % 4096 == 0 && g_cancellable_is_cancelled (cancellable))
        break;
    }

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static void
planter_init (Planter            *self,
              MemscopeSession    *session,
              MemscopeFlameFlags  flags)
{
  MemscopeFlameNode root = { .kind = MEMSCOPE_FLAME_ROOT };

  self->session = session;
  self->bottom_up = (flags & MEMSCOPE_FLAME_BOTTOM_UP) != 0;
  self->n_stacks = memscope_session_get_n_stacks (session) + 1;
  memscope_pair_table_init (&self->functions);
  memscope_pair_table_init (&self->children);
  self->nodes = g_array_new (FALSE, FALSE, sizeof (MemscopeFlameNode));
  self->path = g_array_new (FALSE, FALSE, sizeof (MemscopeStackId));
  self->known = g_new0 (guint32, self->n_stacks);
  if (flags & MEMSCOPE_FLAME_BY_THREAD)
    self->known_of = g_new0 (guint32, self->n_stacks);
  else if (flags & MEMSCOPE_FLAME_TRENDS)
    self->node_of = g_new (guint32, self->n_stacks);
  if (self->node_of != NULL)
    memset (self->node_of, 0xff, sizeof (guint32) * self->n_stacks);
  self->truncated = g_new0 (guint8, self->n_stacks);
  g_array_append_val (self->nodes, root);
  find_truncated (self);
}

static void
planter_clear (Planter *self)
{
  g_clear_pointer (&self->nodes, g_array_unref);
  g_array_unref (self->path);
  g_free (self->known);
  g_free (self->known_of);
  g_free (self->node_of);
  g_free (self->truncated);
  memscope_pair_table_clear (&self->children);
  memscope_pair_table_clear (&self->functions);
}

MemscopeFlameTree *
memscope_flame_tree_new (MemscopeSession     *session,
                         MemscopeSelection   *selection,
                         MemscopeFlameFlags   flags,
                         GCancellable        *cancellable,
                         GError             **error)
{
  g_autoptr(MemscopeFilter) filter = NULL;
  g_autoptr(MemscopeStackSums) sums = NULL;
  g_autoptr(MemscopeFlameTree) tree = NULL;
  Planter planter = { 0 };

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);

  filter = memscope_filter_new (session, selection);
  sums = memscope_stack_sums_new (filter, (flags & MEMSCOPE_FLAME_BY_THREAD) != 0, cancellable, error);
  if (sums == NULL)
    return NULL;

  tree = g_new0 (MemscopeFlameTree, 1);
  planter_init (&planter, session, flags);
  if (plant (&planter, sums, tree, cancellable, error))
    {
      tree->n_nodes = planter.nodes->len;
      tree->nodes = (gpointer)g_array_free (g_steal_pointer (&planter.nodes), FALSE);
      add_up (tree->nodes, tree->n_nodes);
      if (planter.node_of != NULL)
        tree->trends = memscope_flame_trends_new (filter, planter.node_of, planter.n_stacks,
                                                  tree->nodes, tree->n_nodes, cancellable);
    }
  else
    {
      g_clear_pointer (&tree, memscope_flame_tree_free);
    }
  planter_clear (&planter);

  return g_steal_pointer (&tree);
}

void
memscope_flame_tree_free (MemscopeFlameTree *self)
{
  g_free (self->nodes);
  g_free (self->trends);
  g_free (self);
}

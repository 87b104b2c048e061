/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/**
 * MemscopeMeasure: what a flame tree weighs; see memscope-groups.h for the words.
 * @MEMSCOPE_MEASURE_TEMPORARY: blocks freed before their thread's next birth
 * @MEMSCOPE_MEASURE_PEAK_BYTES: bytes alive when the selection's stock was highest
 * @MEMSCOPE_MEASURE_PEAK_BLOCKS: blocks alive at that moment
 */
typedef enum
{
  MEMSCOPE_MEASURE_LIVE_BYTES,
  MEMSCOPE_MEASURE_LIVE_BLOCKS,
  MEMSCOPE_MEASURE_BORN_BYTES,
  MEMSCOPE_MEASURE_BIRTHS,
  MEMSCOPE_MEASURE_TEMPORARY,
  MEMSCOPE_MEASURE_TEMPORARY_BYTES,
  MEMSCOPE_MEASURE_PEAK_BYTES,
  MEMSCOPE_MEASURE_PEAK_BLOCKS,
  MEMSCOPE_N_MEASURES
} MemscopeMeasure;

/**
 * MemscopeFlameFlags:
 * @MEMSCOPE_FLAME_BOTTOM_UP: the root's children are the functions that allocate,
 *   theirs who calls them; else they are where threads begin
 * @MEMSCOPE_FLAME_BY_THREAD: the root's children are the allocating threads
 * @MEMSCOPE_FLAME_TRENDS: how much of each node is live over the range is counted too;
 *   not by thread
 */
typedef enum
{
  MEMSCOPE_FLAME_TOP_DOWN  = 0,
  MEMSCOPE_FLAME_BOTTOM_UP = 1 << 0,
  MEMSCOPE_FLAME_BY_THREAD = 1 << 1,
  MEMSCOPE_FLAME_TRENDS    = 1 << 2,
} MemscopeFlameFlags;

/**
 * MemscopeFlameKind:
 * @MEMSCOPE_FLAME_ROOT: all that is selected
 * @MEMSCOPE_FLAME_THREAD: what one thread allocated
 * @MEMSCOPE_FLAME_FUNCTION: a function whose name is known
 * @MEMSCOPE_FLAME_FRAME: an address of which no function is known
 * @MEMSCOPE_FLAME_REST: frames that were not recorded; top-down they come first
 */
typedef enum
{
  MEMSCOPE_FLAME_ROOT,
  MEMSCOPE_FLAME_THREAD,
  MEMSCOPE_FLAME_FUNCTION,
  MEMSCOPE_FLAME_FRAME,
  MEMSCOPE_FLAME_REST,
} MemscopeFlameKind;

#define MEMSCOPE_FLAME_TREND_POINTS 24u

/* One function, called (bottom-up: calling) along the path from the root. Frames of
 * one function and file (module, where no file is known) are one; inlined functions
 * stand for themselves, and a function that calls itself makes a node a level.
 */
typedef struct
{
  guint32           parent;    /* index; the root's is 0, its own */
  guint32           depth;     /* 0: the root */
  MemscopeFlameKind kind;
  MemscopeThreadId  thread;    /* of a THREAD; 0: not recorded */
  MemscopeFrameId   frame;     /* the first frame that made it; 0: ROOT, THREAD, REST */
  MemscopeStringId  function;  /* of a FUNCTION */
  MemscopeStringId  file;      /* 0: not known */
  guint64           self[MEMSCOPE_N_MEASURES];   /* of blocks whose stack ends here */
  guint64           total[MEMSCOPE_N_MEASURES];  /* with all below */
} MemscopeFlameNode;

/**
 * MemscopeFlameTree:
 * @n_stacks: distinct stacks (of each thread, by thread) that the sums are of
 * @n_truncated: those of them whose outermost frames were not recorded
 * @n_folded: those that a bound on the tree's size cut short: what they weigh is in
 *   the last place on their path that is there. The heaviest are never among them.
 *
 * @trends: MEMSCOPE_FLAME_TREND_POINTS for each node: bytes live, with all below, at the end
 *   of each of so many equal parts of the range; NULL: not asked for, or too many nodes
 *
 * Every node comes after its parent; nodes that weigh nothing are left out. The
 * root, element 0, is always there; blocks without a stack are its own, or their
 * thread's.
 */
typedef struct
{
  guint              n_nodes;
  MemscopeFlameNode *nodes;
  guint              n_stacks;
  guint              n_truncated;
  guint              n_folded;
  float             *trends;
} MemscopeFlameTree;

MemscopeFlameTree *memscope_flame_tree_new  (MemscopeSession    *session,
                                             MemscopeSelection  *selection,
                                             MemscopeFlameFlags  flags,
                                             GCancellable       *cancellable,
                                             GError            **error);
void               memscope_flame_tree_free (MemscopeFlameTree  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeFlameTree, memscope_flame_tree_free)

G_END_DECLS

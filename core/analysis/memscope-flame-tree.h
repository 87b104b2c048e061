/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/**
 * MemscopeMeasure: what a flame tree weighs; see memscope-groups.h for the words.
 * @MEMSCOPE_MEASURE_PEAK_BYTES: bytes alive when the selection's stock was highest
 */
typedef enum
{
  MEMSCOPE_MEASURE_LIVE_BYTES,
  MEMSCOPE_MEASURE_LIVE_BLOCKS,
  MEMSCOPE_MEASURE_BORN_BYTES,
  MEMSCOPE_MEASURE_BIRTHS,
  MEMSCOPE_MEASURE_TEMPORARY,
  MEMSCOPE_MEASURE_PEAK_BYTES,
  MEMSCOPE_N_MEASURES
} MemscopeMeasure;

/* One function, called (bottom-up: calling) along the path from the root. Frames of
 * one function and file are one; inlined functions stand for themselves.
 */
typedef struct
{
  guint32          parent;    /* index; the root's is 0, its own */
  guint32          depth;     /* 0: the root */
  MemscopeFrameId  frame;     /* the first frame that made it; 0: frames beyond here were not recorded */
  MemscopeStringId function;  /* 0: not known, show the frame */
  MemscopeStringId file;
  guint64          self[MEMSCOPE_N_MEASURES];   /* of blocks whose stack ends here */
  guint64          total[MEMSCOPE_N_MEASURES];  /* with all below */
} MemscopeFlameNode;

/**
 * MemscopeFlameTree:
 *
 * Every node comes after its parent; nodes that weigh nothing are left out. The
 * root, element 0, is always there; blocks without a stack are its own.
 */
typedef struct
{
  guint              n_nodes;
  MemscopeFlameNode *nodes;
} MemscopeFlameTree;

/* @bottom_up: the root's children are the functions that allocate, theirs who calls
 * them; else they are where threads begin.
 */
MemscopeFlameTree *memscope_flame_tree_new  (MemscopeSession    *session,
                                             MemscopeSelection  *selection,
                                             gboolean            bottom_up,
                                             GCancellable       *cancellable,
                                             GError            **error);
void               memscope_flame_tree_free (MemscopeFlameTree  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeFlameTree, memscope_flame_tree_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-flame-tree.h"

G_BEGIN_DECLS

/* The modules that have a colour of their own; the rest shares one more. */
#define MEMSCOPE_CALL_COLORS 7

enum
{
  MEMSCOPE_CALL_COLOR_OTHER = MEMSCOPE_CALL_COLORS,
  MEMSCOPE_CALL_COLOR_NONE,       /* not in a module: the root, threads, what was not recorded */
  MEMSCOPE_CALL_N_COLORS
};

#define MEMSCOPE_CALL_NONE G_MAXUINT32

/**
 * MemscopeCallTree:
 *
 * A flame tree laid out for one measure: the children of each node, heaviest
 * first, without those that weigh nothing by that measure; the colour of each
 * node's module; and what to say of it. Immutable; any thread may use it.
 */
typedef struct _MemscopeCallTree MemscopeCallTree;

/* NULL only when cancelled. */
MemscopeCallTree  *memscope_call_tree_new          (MemscopeSession        *session,
                                                    MemscopeSelection      *selection,
                                                    MemscopeFlameFlags      flags,
                                                    MemscopeMeasure         measure,
                                                    GCancellable           *cancellable);
/* The same nodes, by the same numbers, laid out for another measure. */
MemscopeCallTree  *memscope_call_tree_with_measure (MemscopeCallTree       *self,
                                                    MemscopeMeasure         measure);
MemscopeCallTree  *memscope_call_tree_ref          (MemscopeCallTree       *self);
void               memscope_call_tree_unref        (MemscopeCallTree       *self);

MemscopeSession   *memscope_call_tree_get_session  (const MemscopeCallTree *self);
MemscopeMeasure    memscope_call_tree_get_measure  (const MemscopeCallTree *self);
MemscopeFlameFlags memscope_call_tree_get_flags    (const MemscopeCallTree *self);
guint              memscope_call_tree_get_n_nodes  (const MemscopeCallTree *self);
guint              memscope_call_tree_get_n_stacks (const MemscopeCallTree *self);
guint              memscope_call_tree_get_n_truncated (const MemscopeCallTree *self);
guint              memscope_call_tree_get_n_folded (const MemscopeCallTree *self);
/* Much of the picture is addresses that no function's name is known of. */
gboolean           memscope_call_tree_lacks_names  (const MemscopeCallTree *self);

const MemscopeFlameNode *
                   memscope_call_tree_get_node     (const MemscopeCallTree *self,
                                                    guint32                 node);
/* Some block is said to come from here: see memscope_session_get_call_site(). */
gboolean           memscope_call_tree_is_call_site (const MemscopeCallTree *self,
                                                    guint32                 node);
/* A frame is one of those a place stands for. */
gboolean           memscope_call_tree_covers       (const MemscopeCallTree *self,
                                                    guint32                 node,
                                                    MemscopeFrameId         frame);
/* By the measure; with all below, and of itself. */
guint64            memscope_call_tree_get_total    (const MemscopeCallTree *self,
                                                    guint32                 node);
guint64            memscope_call_tree_get_self     (const MemscopeCallTree *self,
                                                    guint32                 node);
double             memscope_call_tree_get_share    (const MemscopeCallTree *self,
                                                    guint32                 node);     /* of all, 0 … 1 */
double             memscope_call_tree_get_parent_share (const MemscopeCallTree *self,
                                                        guint32                 node);
const guint32     *memscope_call_tree_get_children (const MemscopeCallTree *self,
                                                    guint32                 node,
                                                    guint                  *n_children);
/* How many levels hang below. */
guint              memscope_call_tree_get_height   (const MemscopeCallTree *self,
                                                    guint32                 node);
/* @ancestor itself is below itself. */
gboolean           memscope_call_tree_is_below     (const MemscopeCallTree *self,
                                                    guint32                 node,
                                                    guint32                 ancestor);
/* The place of @other's @node here, or of its nearest ancestor that has one. */
guint32            memscope_call_tree_find         (MemscopeCallTree       *self,
                                                    MemscopeCallTree       *other,
                                                    guint32                 node);

/* Bytes live over the range, MEMSCOPE_FLAME_TREND_POINTS of them; NULL: not known. */
const float       *memscope_call_tree_get_trend    (const MemscopeCallTree *self,
                                                    guint32                 node);
gboolean           memscope_call_tree_has_trends   (const MemscopeCallTree *self);

/* 0 … MEMSCOPE_CALL_N_COLORS - 1 */
guint              memscope_call_tree_get_color    (const MemscopeCallTree *self,
                                                    guint32                 node);
guint              memscope_call_tree_get_n_legend (const MemscopeCallTree *self);
gboolean           memscope_call_tree_has_others   (const MemscopeCallTree *self);
char              *memscope_call_tree_dup_module   (const MemscopeCallTree *self,
                                                    guint                   color);

/* Words, clipped: what stands in its box, where that is, everything about it, the path to it. */
char              *memscope_call_tree_dup_name     (const MemscopeCallTree *self,
                                                    guint32                 node);
char              *memscope_call_tree_dup_place    (const MemscopeCallTree *self,
                                                    guint32                 node);
char              *memscope_call_tree_dup_summary  (const MemscopeCallTree *self,
                                                    guint32                 node);
char              *memscope_call_tree_dup_stack    (const MemscopeCallTree *self,
                                                    guint32                 node);
char              *memscope_call_tree_dup_weight   (const MemscopeCallTree *self,
                                                    guint64                 weight);   /* "66.9 MiB", "4,710" */
char              *memscope_call_tree_dup_exact    (const MemscopeCallTree *self,
                                                    guint64                 weight);   /* "12,345 bytes" */

/* "Live bytes" …: for lists and headings. */
const char        *memscope_measure_get_title      (MemscopeMeasure         measure);
gboolean           memscope_measure_is_bytes       (MemscopeMeasure         measure);
char              *memscope_measure_dup_share      (double                  share);    /* "21.4 %" */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeCallTree, memscope_call_tree_unref)

G_END_DECLS

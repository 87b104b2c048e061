/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-call-hits.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FLAME_GRAPH (memscope_flame_graph_get_type ())

/**
 * MemscopeFlameGraph:
 *
 * A call tree as boxes: a level a row, as wide as they weigh. Lies in a scrolled
 * window. Boxes that would be narrower than a pixel are drawn as one.
 *
 * Signals: `selected` (node) by pointer or keys; `zoomed` (node) by double click,
 * Enter, Escape or Backspace; `menu` (x, y) when a context menu is asked for. What
 * they ask for is done by whoever listens, with the setters.
 */
G_DECLARE_FINAL_TYPE (MemscopeFlameGraph, memscope_flame_graph, MEMSCOPE, FLAME_GRAPH, GtkWidget)

GtkWidget *memscope_flame_graph_new          (void);
void       memscope_flame_graph_set_tree     (MemscopeFlameGraph *self,
                                              MemscopeCallTree   *tree);      /* NULL: nothing */
void       memscope_flame_graph_set_root     (MemscopeFlameGraph *self,
                                              guint32             root);      /* the widest box */
guint32    memscope_flame_graph_get_root     (MemscopeFlameGraph *self);
void       memscope_flame_graph_set_selected (MemscopeFlameGraph *self,
                                              guint32             node);      /* MEMSCOPE_CALL_NONE: none */
guint32    memscope_flame_graph_get_selected (MemscopeFlameGraph *self);
/* What was searched for is solid, the rest pale; NULL: no search. Kept by the caller
 * until it sets others.
 */
void       memscope_flame_graph_set_hits     (MemscopeFlameGraph     *self,
                                              const MemscopeCallHits *hits);
/* The root at the bottom, as flames grow. */
void       memscope_flame_graph_set_flames   (MemscopeFlameGraph *self,
                                              gboolean            flames);
/* Of the rows with boxes wide enough to be seen, at the width it has; 0: it has none yet. */
int        memscope_flame_graph_get_drawn_height (MemscopeFlameGraph *self);
/* For tests: how many boxes are laid out, and where a node's is. */
guint      memscope_flame_graph_get_n_boxes  (MemscopeFlameGraph *self);
gboolean   memscope_flame_graph_get_box      (MemscopeFlameGraph *self,
                                              guint32             node,
                                              GdkRectangle       *box);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-flame-graph.h"

G_BEGIN_DECLS

/* One box; or, with @more, that many children of @node too narrow for boxes. */
typedef struct
{
  guint32 node;
  guint32 more;
  int     x;
  int     width;
} MemscopeFlameBox;

struct _MemscopeFlameGraph
{
  GtkWidget               parent_instance;

  MemscopeCallTree       *tree;
  const MemscopeCallHits *hits;
  guint32                 root;
  guint32                 selected;
  gboolean                flames;

  /* laid out for a width, row by row */
  GArray                 *boxes;        /* MemscopeFlameBox, ascending by row and x */
  GArray                 *rows;         /* guint: the first box of each row, and an end */
  int                     laid_width;
  int                     row_height;

  /* drawn, for the rows in view */
  GskRenderNode          *picture;
  guint                   first_row;
  guint                   last_row;
  GHashTable             *labels;       /* node → Label */
  double                  letter_width; /* of names; 0: not measured yet */

  GtkAdjustment          *adjustment;
  gulong                  scrolled_handler;
  gulong                  page_handler;
  int                     hovered;      /* box, -1: none */
  guint                   hovered_row;
};

void                    memscope_flame_graph_lay_out      (MemscopeFlameGraph     *self);
void                    memscope_flame_graph_forget       (MemscopeFlameGraph     *self);  /* what was drawn */
int                     memscope_flame_graph_get_row_y    (MemscopeFlameGraph     *self,
                                                           guint                   row);
/* FALSE: nothing is there. */
gboolean                memscope_flame_graph_box_at       (MemscopeFlameGraph     *self,
                                                           double                  x,
                                                           double                  y,
                                                           guint                  *box,
                                                           guint                  *row);
/* The box of a node, or the one that stands for it and its siblings. */
const MemscopeFlameBox *memscope_flame_graph_find_box     (MemscopeFlameGraph     *self,
                                                           guint32                 node,
                                                           guint                  *row);
/* memscope-flame-graph-draw.c */
void                    memscope_flame_graph_draw         (MemscopeFlameGraph     *self,
                                                           GtkSnapshot            *snapshot);
void                    memscope_flame_graph_clear_labels (MemscopeFlameGraph     *self);
/* memscope-flame-graph-input.c */
void                    memscope_flame_graph_init_input   (MemscopeFlameGraph     *self);
gboolean                memscope_flame_graph_tooltip      (GtkWidget              *widget,
                                                           int                     x,
                                                           int                     y,
                                                           gboolean                keyboard,
                                                           GtkTooltip             *tooltip);
void                    memscope_flame_graph_emit_selected (MemscopeFlameGraph    *self,
                                                            guint32                node);
void                    memscope_flame_graph_emit_zoomed  (MemscopeFlameGraph     *self,
                                                           guint32                 node);
void                    memscope_flame_graph_emit_menu    (MemscopeFlameGraph     *self,
                                                           double                  x,
                                                           double                  y);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-timeline-chart.h"
#include "memscope-timeline-handle.h"

G_BEGIN_DECLS

typedef enum
{
  CHART_DRAG_NONE,
  CHART_DRAG_PENDING,    /* pressed, not moved yet: a click sets the instant */
  CHART_DRAG_BEGIN,      /* the left handle */
  CHART_DRAG_END,        /* the right handle */
  CHART_DRAG_MIDDLE,     /* the whole range */
  CHART_DRAG_NEW,        /* a new range from where it was pressed */
} ChartDrag;

struct _MemscopeTimelineChart
{
  GtkWidget          parent_instance;

  gboolean           compact;
  MemscopeViewState *state;
  GSignalGroup      *signals;

  /* what was computed, and for what */
  MemscopeTimeline  *timeline;
  MemscopeSelection *base;
  guint64            base_begin;
  guint64            base_end;
  guint              base_buckets;
  GCancellable      *query;

  /* the drawing of `timeline`, good for one size */
  GskRenderNode     *node;
  int                node_width;
  int                node_height;

  GtkWidget         *handles[MEMSCOPE_N_TIMELINE_HANDLES];

  ChartDrag          drag;
  double             drag_x;
  guint64            drag_begin;   /* the range when the drag began */
  guint64            drag_end;
  double             pointer_x;    /* < 0: not over the chart */
};

/* Where the data is drawn, in widget coordinates. */
void    memscope_timeline_chart_get_plot   (MemscopeTimelineChart *self,
                                            graphene_rect_t       *plot);
double  memscope_timeline_chart_time_to_x  (MemscopeTimelineChart *self,
                                            guint64                time);
guint64 memscope_timeline_chart_x_to_time  (MemscopeTimelineChart *self,
                                            double                 x);

/* memscope-timeline-chart-draw.c */
void    memscope_timeline_chart_draw       (MemscopeTimelineChart *self,
                                            GtkSnapshot           *snapshot);
/* memscope-timeline-chart-input.c */
void    memscope_timeline_chart_init_input (MemscopeTimelineChart *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "memscope-palette.h"
#include "memscope-query.h"
#include "memscope-text.h"
#include "memscope-timeline-chart-private.h"

/* Wide enough for "1023 MiB" at the usual size. */
#define LEFT_MARGIN   66
#define RIGHT_MARGIN  14
#define TOP_MARGIN    12
#define BOTTOM_MARGIN 22
#define MAX_BUCKETS   4096

enum {
  PROP_0,
  PROP_COMPACT,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (MemscopeTimelineChart, memscope_timeline_chart, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

typedef struct
{
  guint64 begin;
  guint64 end;
  guint   n_buckets;
} TimelineRequest;

static gpointer
timeline_query (MemscopeSession   *session,
                MemscopeSelection *selection,
                gpointer           data,
                GCancellable      *cancellable)
{
  TimelineRequest *request = data;

  return memscope_timeline_new (session, selection, request->begin, request->end,
                                request->n_buckets, cancellable, NULL);
}

static void
memscope_timeline_chart_drop_node (MemscopeTimelineChart *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
memscope_timeline_chart_describe (MemscopeTimelineChart *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 whole = memscope_view_state_get_end (self->state);
  g_autofree char *peak = memscope_text_size (self->timeline ? self->timeline->max_bytes : MEMSCOPE_UNKNOWN);
  g_autofree char *begin = memscope_text_time (memscope_selection_get_begin (selection), whole);
  g_autofree char *end = memscope_text_time (memscope_selection_get_end (selection) - 1, whole);
  g_autofree char *instant = memscope_text_time (MIN (memscope_selection_get_instant (selection), whole - 1), whole);
  g_autofree char *text = NULL;

  text = g_strdup_printf (_("Live bytes at most %s. Range %s to %s. Instant %s."), peak, begin, end, instant);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Memory over time"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  memscope_timeline_handle_set_time (MEMSCOPE_TIMELINE_HANDLE (self->handles[MEMSCOPE_TIMELINE_BEGIN]),
                                     memscope_selection_get_begin (selection), whole);
  memscope_timeline_handle_set_time (MEMSCOPE_TIMELINE_HANDLE (self->handles[MEMSCOPE_TIMELINE_INSTANT]),
                                     MIN (memscope_selection_get_instant (selection), whole - 1), whole);
  memscope_timeline_handle_set_time (MEMSCOPE_TIMELINE_HANDLE (self->handles[MEMSCOPE_TIMELINE_END]),
                                     memscope_selection_get_end (selection) - 1, whole);
}

static void
memscope_timeline_chart_done (gpointer owner,
                              gpointer result)
{
  MemscopeTimelineChart *self = owner;

  g_clear_pointer (&self->timeline, memscope_timeline_free);
  self->timeline = result;
  memscope_timeline_chart_describe (self);
  memscope_timeline_chart_drop_node (self);
}

/* Ask again, but only when the answer would be another one. */
static void
memscope_timeline_chart_update (MemscopeTimelineChart *self)
{
  g_autoptr(MemscopeSelection) base = NULL;
  TimelineRequest *request;
  graphene_rect_t plot;
  guint64 begin, end;
  guint n_buckets;

  if (self->state == NULL)
    return;

  memscope_timeline_chart_get_plot (self, &plot);
  if (plot.size.width < 2)
    return;

  base = memscope_view_state_dup_unranged (self->state);
  memscope_view_state_get_axis (self->state, &begin, &end);
  n_buckets = MIN ((guint) plot.size.width, MAX_BUCKETS);
  if (self->base != NULL && memscope_selection_equal (self->base, base) &&
      self->base_begin == begin && self->base_end == end && self->base_buckets == n_buckets)
    return;

  g_clear_pointer (&self->base, memscope_selection_unref);
  self->base = memscope_selection_ref (base);
  self->base_begin = begin;
  self->base_end = end;
  self->base_buckets = n_buckets;

  request = g_new0 (TimelineRequest, 1);
  request->begin = begin;
  request->end = end;
  request->n_buckets = n_buckets;
  memscope_query_run (&self->query, self, memscope_view_state_get_session (self->state), base,
                      timeline_query, request, g_free,
                      (GDestroyNotify) memscope_timeline_free, memscope_timeline_chart_done);
}

/* Outside the axis a handle waits at its edge: it can still be moved from there. */
static void
memscope_timeline_chart_place_handles (MemscopeTimelineChart *self)
{
  MemscopeSelection *selection;
  graphene_rect_t plot;
  guint64 times[MEMSCOPE_N_TIMELINE_HANDLES];

  if (self->state == NULL)
    return;

  memscope_timeline_chart_get_plot (self, &plot);
  selection = memscope_view_state_get_selection (self->state);
  times[MEMSCOPE_TIMELINE_BEGIN] = memscope_selection_get_begin (selection);
  times[MEMSCOPE_TIMELINE_INSTANT] = memscope_selection_get_instant (selection);
  times[MEMSCOPE_TIMELINE_END] = memscope_selection_get_end (selection);

  for (guint i = 0; i < MEMSCOPE_N_TIMELINE_HANDLES; i++)
    {
      double x = memscope_timeline_chart_time_to_x (self, times[i]);
      int width, height, minimum;

      gtk_widget_measure (self->handles[i], GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      width = MAX (minimum, 12);
      gtk_widget_measure (self->handles[i], GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL, NULL);
      height = MAX ((int) plot.size.height, minimum);
      x = CLAMP (x, plot.origin.x, plot.origin.x + plot.size.width) - width / 2.0;
      gtk_widget_size_allocate (self->handles[i],
                                &(GtkAllocation) { (int) floor (x), (int) plot.origin.y, width, height }, -1);
    }
}

static void
memscope_timeline_chart_selection_changed (MemscopeTimelineChart *self)
{
  memscope_timeline_chart_update (self);
  memscope_timeline_chart_describe (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
memscope_timeline_chart_axis_changed (MemscopeTimelineChart *self)
{
  memscope_timeline_chart_update (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
memscope_timeline_chart_get_plot (MemscopeTimelineChart *self,
                                  graphene_rect_t       *plot)
{
  float width = gtk_widget_get_width (GTK_WIDGET (self));
  float height = gtk_widget_get_height (GTK_WIDGET (self));

  if (self->compact)
    graphene_rect_init (plot, 6, 2, MAX (width - 12, 0), MAX (height - 18, 0));
  else
    graphene_rect_init (plot, LEFT_MARGIN, TOP_MARGIN,
                        MAX (width - LEFT_MARGIN - RIGHT_MARGIN, 0),
                        MAX (height - TOP_MARGIN - BOTTOM_MARGIN, 0));
}

double
memscope_timeline_chart_time_to_x (MemscopeTimelineChart *self,
                                   guint64                time)
{
  graphene_rect_t plot;
  guint64 begin, end;

  memscope_timeline_chart_get_plot (self, &plot);
  memscope_view_state_get_axis (self->state, &begin, &end);

  return plot.origin.x + plot.size.width * (((double) time - (double) begin) / (double) (end - begin));
}

guint64
memscope_timeline_chart_x_to_time (MemscopeTimelineChart *self,
                                   double                 x)
{
  graphene_rect_t plot;
  guint64 begin, end;
  double share;

  memscope_timeline_chart_get_plot (self, &plot);
  memscope_view_state_get_axis (self->state, &begin, &end);
  share = plot.size.width > 0 ? CLAMP ((x - plot.origin.x) / plot.size.width, 0.0, 1.0) : 0;

  return begin + (guint64) llround (share * (double) (end - begin));
}

static void
memscope_timeline_chart_measure (GtkWidget      *widget,
                                 GtkOrientation  orientation,
                                 int             for_size,
                                 int            *minimum,
                                 int            *natural,
                                 int            *minimum_baseline,
                                 int            *natural_baseline)
{
  MemscopeTimelineChart *self = MEMSCOPE_TIMELINE_CHART (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 120;
      *natural = 400;
    }
  else
    {
      *minimum = self->compact ? 54 : 160;
      *natural = self->compact ? 54 : 240;
    }
}

static void
memscope_timeline_chart_size_allocate (GtkWidget *widget,
                                       int        width,
                                       int        height,
                                       int        baseline)
{
  memscope_timeline_chart_update (MEMSCOPE_TIMELINE_CHART (widget));
  memscope_timeline_chart_place_handles (MEMSCOPE_TIMELINE_CHART (widget));
}

static void
memscope_timeline_chart_snapshot (GtkWidget   *widget,
                                  GtkSnapshot *snapshot)
{
  MemscopeTimelineChart *self = MEMSCOPE_TIMELINE_CHART (widget);

  if (self->state != NULL)
    memscope_timeline_chart_draw (self, snapshot);

  for (guint i = 0; i < MEMSCOPE_N_TIMELINE_HANDLES; i++)
    gtk_widget_snapshot_child (widget, self->handles[i], snapshot);
}

static char *
memscope_timeline_chart_bucket_text (MemscopeTimelineChart *self,
                                     guint64                time)
{
  MemscopeTimeline *timeline = self->timeline;
  MemscopeTimelineBucket *bucket;
  g_autofree char *when = NULL;
  g_autofree char *bytes = NULL;
  g_autofree char *blocks = NULL;
  guint index;

  index = (guint) ((double) (time - MIN (time, timeline->begin)) * timeline->n_buckets / (timeline->end - timeline->begin));
  bucket = &timeline->buckets[MIN (index, timeline->n_buckets - 1)];
  when = memscope_text_time (time, timeline->end - timeline->begin);
  bytes = memscope_text_size (bucket->max_bytes);
  blocks = memscope_text_n_blocks (bucket->last_blocks);

  if (bucket->rss != MEMSCOPE_UNKNOWN)
    {
      g_autofree char *rss = memscope_text_size (bucket->rss);

      return g_strdup_printf (_("%s\n%s live in %s\n%s RSS"), when, bytes, blocks, rss);
    }

  return g_strdup_printf (_("%s\n%s live in %s"), when, bytes, blocks);
}

static gboolean
memscope_timeline_chart_query_tooltip (GtkWidget  *widget,
                                       int         x,
                                       int         y,
                                       gboolean    keyboard,
                                       GtkTooltip *tooltip)
{
  MemscopeTimelineChart *self = MEMSCOPE_TIMELINE_CHART (widget);
  g_autofree char *text = NULL;

  if (self->timeline == NULL || self->timeline->n_buckets == 0 || self->drag != CHART_DRAG_NONE)
    return FALSE;

  if (keyboard)
    text = memscope_timeline_chart_bucket_text (self, memscope_selection_get_instant (memscope_view_state_get_selection (self->state)));
  else
    text = memscope_timeline_chart_bucket_text (self, memscope_timeline_chart_x_to_time (self, x));
  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static void
memscope_timeline_chart_dispose (GObject *object)
{
  MemscopeTimelineChart *self = MEMSCOPE_TIMELINE_CHART (object);

  memscope_query_cancel (&self->query);
  for (guint i = 0; i < MEMSCOPE_N_TIMELINE_HANDLES; i++)
    g_clear_pointer (&self->handles[i], gtk_widget_unparent);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);
  g_clear_pointer (&self->timeline, memscope_timeline_free);
  g_clear_pointer (&self->base, memscope_selection_unref);
  g_clear_pointer (&self->node, gsk_render_node_unref);

  G_OBJECT_CLASS (memscope_timeline_chart_parent_class)->dispose (object);
}

static void
memscope_timeline_chart_get_property (GObject    *object,
                                      guint       prop_id,
                                      GValue     *value,
                                      GParamSpec *pspec)
{
  MemscopeTimelineChart *self = MEMSCOPE_TIMELINE_CHART (object);

  switch (prop_id)
    {
    case PROP_COMPACT:
      g_value_set_boolean (value, self->compact);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_timeline_chart_set_property (GObject      *object,
                                      guint         prop_id,
                                      const GValue *value,
                                      GParamSpec   *pspec)
{
  MemscopeTimelineChart *self = MEMSCOPE_TIMELINE_CHART (object);

  switch (prop_id)
    {
    case PROP_COMPACT:
      self->compact = g_value_get_boolean (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_timeline_chart_class_init (MemscopeTimelineChartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = memscope_timeline_chart_dispose;
  object_class->get_property = memscope_timeline_chart_get_property;
  object_class->set_property = memscope_timeline_chart_set_property;

  widget_class->measure = memscope_timeline_chart_measure;
  widget_class->size_allocate = memscope_timeline_chart_size_allocate;
  widget_class->snapshot = memscope_timeline_chart_snapshot;
  widget_class->query_tooltip = memscope_timeline_chart_query_tooltip;

  properties[PROP_COMPACT] =
    g_param_spec_boolean ("compact", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "timeline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
memscope_timeline_chart_init (MemscopeTimelineChart *self)
{
  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_timeline_chart_selection_changed), self);
  g_signal_group_connect_swapped (self->signals, "notify::axis",
                                  G_CALLBACK (memscope_timeline_chart_axis_changed), self);

  for (guint i = 0; i < MEMSCOPE_N_TIMELINE_HANDLES; i++)
    {
      self->handles[i] = memscope_timeline_handle_new (i);
      gtk_widget_set_parent (self->handles[i], GTK_WIDGET (self));
    }
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (memscope_timeline_chart_drop_node));
  memscope_timeline_chart_init_input (self);
}

void
memscope_timeline_chart_set_state (MemscopeTimelineChart *self,
                                   MemscopeViewState     *state)
{
  g_return_if_fail (MEMSCOPE_IS_TIMELINE_CHART (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  if (!g_set_object (&self->state, state))
    return;

  self->drag = CHART_DRAG_NONE;

  g_clear_pointer (&self->base, memscope_selection_unref);
  g_signal_group_set_target (self->signals, state);
  memscope_timeline_chart_selection_changed (self);
}

const MemscopeTimeline *
memscope_timeline_chart_get_timeline (MemscopeTimelineChart *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_TIMELINE_CHART (self), NULL);

  return self->timeline;
}

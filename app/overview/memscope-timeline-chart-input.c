/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pointer and keys on the chart. The range belongs to the view state: nothing
 * here draws, everything here asks the state for a change.
 */

#include "config.h"

#include <math.h>

#include "memscope-timeline-chart-private.h"

#define HANDLE_REACH 9   /* pixels on either side */
#define DRAG_STARTS  3
#define ZOOM_STEP    1.5

static ChartDrag
memscope_timeline_chart_what_is_at (MemscopeTimelineChart *self,
                                    double                 x)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  double left = memscope_timeline_chart_time_to_x (self, memscope_selection_get_begin (selection));
  double right = memscope_timeline_chart_time_to_x (self, memscope_selection_get_end (selection));

  if (fabs (x - left) <= HANDLE_REACH && (fabs (x - left) <= fabs (x - right)))
    return CHART_DRAG_BEGIN;
  if (fabs (x - right) <= HANDLE_REACH)
    return CHART_DRAG_END;
  return CHART_DRAG_PENDING;
}

static void
memscope_timeline_chart_drag_begin (GtkGestureDrag        *gesture,
                                    double                 x,
                                    double                 y,
                                    MemscopeTimelineChart *self)
{
  MemscopeSelection *selection;

  if (self->state == NULL)
    return;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  selection = memscope_view_state_get_selection (self->state);
  self->drag = memscope_timeline_chart_what_is_at (self, x);
  self->drag_x = x;
  self->drag_begin = memscope_selection_get_begin (selection);
  self->drag_end = memscope_selection_get_end (selection);
}

/* Pressed away from a handle and moved: within a set range it moves, else a new one begins. */
static ChartDrag
memscope_timeline_chart_decide (MemscopeTimelineChart *self)
{
  guint64 time = memscope_timeline_chart_x_to_time (self, self->drag_x);

  if (memscope_view_state_has_range (self->state) && time > self->drag_begin && time < self->drag_end)
    return CHART_DRAG_MIDDLE;
  return CHART_DRAG_NEW;
}

static void
memscope_timeline_chart_move_range (MemscopeTimelineChart *self,
                                    double                 offset)
{
  guint64 end = memscope_view_state_get_end (self->state);
  guint64 length = self->drag_end - self->drag_begin;
  double axis = memscope_timeline_chart_x_to_time (self, self->drag_x + offset) -
                (double) memscope_timeline_chart_x_to_time (self, self->drag_x);
  double begin = CLAMP (self->drag_begin + axis, 0.0, (double) (end - length));

  memscope_view_state_set_range (self->state, (guint64) begin, (guint64) begin + length);
}

static void
memscope_timeline_chart_drag_update (GtkGestureDrag        *gesture,
                                     double                 offset_x,
                                     double                 offset_y,
                                     MemscopeTimelineChart *self)
{
  guint64 time, from;

  if (self->drag == CHART_DRAG_NONE)
    return;
  if (self->drag == CHART_DRAG_PENDING)
    {
      if (fabs (offset_x) < DRAG_STARTS)
        return;
      self->drag = memscope_timeline_chart_decide (self);
    }

  time = memscope_timeline_chart_x_to_time (self, self->drag_x + offset_x);
  from = memscope_timeline_chart_x_to_time (self, self->drag_x);

  switch (self->drag)
    {
    case CHART_DRAG_BEGIN:
      memscope_view_state_set_range (self->state, MIN (time, self->drag_end - 1), self->drag_end);
      break;

    case CHART_DRAG_END:
      memscope_view_state_set_range (self->state, self->drag_begin, MAX (time, self->drag_begin + 1));
      break;

    case CHART_DRAG_MIDDLE:
      memscope_timeline_chart_move_range (self, offset_x);
      break;

    case CHART_DRAG_NEW:
      memscope_view_state_set_range (self->state, MIN (time, from), MAX (time, from));
      break;

    case CHART_DRAG_NONE:
    case CHART_DRAG_PENDING:
    default:
      break;
    }
}

static void
memscope_timeline_chart_drag_end (GtkGestureDrag        *gesture,
                                  double                 offset_x,
                                  double                 offset_y,
                                  MemscopeTimelineChart *self)
{
  if (self->drag == CHART_DRAG_PENDING)
    memscope_view_state_set_instant (self->state, memscope_timeline_chart_x_to_time (self, self->drag_x));
  self->drag = CHART_DRAG_NONE;
}

static void
memscope_timeline_chart_motion (GtkEventControllerMotion *controller,
                                double                    x,
                                double                    y,
                                MemscopeTimelineChart    *self)
{
  ChartDrag what;

  if (self->state == NULL || self->drag != CHART_DRAG_NONE)
    return;

  what = memscope_timeline_chart_what_is_at (self, x);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                   what == CHART_DRAG_PENDING ? "crosshair" : "ew-resize");
}

static gboolean
memscope_timeline_chart_scroll (GtkEventControllerScroll *controller,
                                double                    dx,
                                double                    dy,
                                MemscopeTimelineChart    *self)
{
  GdkModifierType modifiers = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  MemscopeSelection *selection;

  /* Without Ctrl the wheel belongs to the page. */
  if (self->state == NULL || (modifiers & GDK_CONTROL_MASK) == 0 || dy == 0)
    return GDK_EVENT_PROPAGATE;

  selection = memscope_view_state_get_selection (self->state);
  memscope_view_state_zoom (self->state, dy < 0 ? ZOOM_STEP : 1 / ZOOM_STEP,
                            memscope_selection_get_instant (selection));

  return GDK_EVENT_STOP;
}

static guint64
memscope_timeline_chart_step (MemscopeTimelineChart *self,
                              guint64                time,
                              int                    pixels)
{
  double x = memscope_timeline_chart_time_to_x (self, time);
  guint64 moved = memscope_timeline_chart_x_to_time (self, x + pixels);

  /* Zoomed in far, a pixel may be less than a nanosecond. */
  if (moved == time && pixels != 0)
    moved = pixels > 0 ? time + 1 : time - MIN (time, 1);

  return moved;
}

static gboolean
memscope_timeline_chart_key_pressed (GtkEventControllerKey *controller,
                                     guint                  keyval,
                                     guint                  keycode,
                                     GdkModifierType        modifiers,
                                     MemscopeTimelineChart *self)
{
  MemscopeSelection *selection;
  guint64 instant;
  int pixels = (modifiers & GDK_SHIFT_MASK) ? 20 : 2;

  if (self->state == NULL || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
    return GDK_EVENT_PROPAGATE;

  selection = memscope_view_state_get_selection (self->state);
  instant = memscope_selection_get_instant (selection);

  switch (keyval)
    {
    case GDK_KEY_Left:
      memscope_view_state_set_instant (self->state, memscope_timeline_chart_step (self, instant, -pixels));
      return GDK_EVENT_STOP;

    case GDK_KEY_Right:
      memscope_view_state_set_instant (self->state, memscope_timeline_chart_step (self, instant, pixels));
      return GDK_EVENT_STOP;

    case GDK_KEY_Home:
      memscope_view_state_set_instant (self->state, memscope_selection_get_begin (selection));
      return GDK_EVENT_STOP;

    case GDK_KEY_End:
      memscope_view_state_set_instant (self->state, memscope_selection_get_end (selection));
      return GDK_EVENT_STOP;

    case GDK_KEY_bracketleft:
      memscope_view_state_set_range (self->state, instant, memscope_selection_get_end (selection));
      return GDK_EVENT_STOP;

    case GDK_KEY_bracketright:
      memscope_view_state_set_range (self->state, memscope_selection_get_begin (selection), instant);
      return GDK_EVENT_STOP;

    case GDK_KEY_Escape:
      if (!memscope_view_state_has_range (self->state))
        return GDK_EVENT_PROPAGATE;
      memscope_view_state_clear_range (self->state);
      return GDK_EVENT_STOP;

    default:
      return GDK_EVENT_PROPAGATE;
    }
}

void
memscope_timeline_chart_init_input (MemscopeTimelineChart *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (drag, "drag-begin", G_CALLBACK (memscope_timeline_chart_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (memscope_timeline_chart_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (memscope_timeline_chart_drag_end), self);
  g_signal_connect (motion, "motion", G_CALLBACK (memscope_timeline_chart_motion), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (memscope_timeline_chart_scroll), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_timeline_chart_key_pressed), self);

  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, keys);
}

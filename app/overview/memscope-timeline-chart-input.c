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

  selection = memscope_view_state_get_selection (self->state);
  self->drag = memscope_timeline_chart_what_is_at (self, x);
  self->drag_x = x;
  self->drag_begin = memscope_selection_get_begin (selection);
  self->drag_end = memscope_selection_get_end (selection);
  gtk_widget_grab_focus (self->handles[self->drag == CHART_DRAG_BEGIN ? MEMSCOPE_TIMELINE_BEGIN
                                       : self->drag == CHART_DRAG_END ? MEMSCOPE_TIMELINE_END
                                       : MEMSCOPE_TIMELINE_INSTANT]);
  memscope_view_state_begin_gesture (self->state);
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
  if (self->drag == CHART_DRAG_NONE)
    return;

  if (self->drag == CHART_DRAG_PENDING)
    memscope_view_state_set_instant (self->state, memscope_timeline_chart_x_to_time (self, self->drag_x));
  self->drag = CHART_DRAG_NONE;
  memscope_view_state_end_gesture (self->state);
}

/* Escape while dragging, or the pointer was taken away. */
static void
memscope_timeline_chart_drag_cancel (GtkGesture            *gesture,
                                     GdkEventSequence      *sequence,
                                     MemscopeTimelineChart *self)
{
  if (self->drag == CHART_DRAG_NONE)
    return;

  self->drag = CHART_DRAG_NONE;
  memscope_view_state_set_range (self->state, self->drag_begin, self->drag_end);
  memscope_view_state_end_gesture (self->state);
}

static void
memscope_timeline_chart_pressed (GtkGestureClick       *gesture,
                                 int                    n_press,
                                 double                 x,
                                 double                 y,
                                 MemscopeTimelineChart *self)
{
  if (n_press != 2 || self->state == NULL)
    return;

  memscope_view_state_clear_range (self->state);
  memscope_view_state_zoom_fit (self->state);
}

static void
memscope_timeline_chart_motion (GtkEventControllerMotion *controller,
                                double                    x,
                                double                    y,
                                MemscopeTimelineChart    *self)
{
  ChartDrag what;

  self->pointer_x = x;
  if (self->state == NULL || self->drag != CHART_DRAG_NONE)
    return;

  what = memscope_timeline_chart_what_is_at (self, x);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                   what == CHART_DRAG_PENDING ? "crosshair" : "ew-resize");
}

static void
memscope_timeline_chart_leave (GtkEventControllerMotion *controller,
                               MemscopeTimelineChart    *self)
{
  self->pointer_x = -1;
}

static void
memscope_timeline_chart_pan (MemscopeTimelineChart *self,
                             double                 parts)
{
  guint64 begin, end, whole = memscope_view_state_get_end (self->state);
  double length, moved;

  memscope_view_state_get_axis (self->state, &begin, &end);
  length = (double) (end - begin);
  moved = CLAMP (begin + length * parts, 0.0, (double) whole - length);
  memscope_view_state_set_axis (self->state, (guint64) moved, (guint64) moved + (end - begin));
}

static gboolean
memscope_timeline_chart_scroll (GtkEventControllerScroll *controller,
                                double                    dx,
                                double                    dy,
                                MemscopeTimelineChart    *self)
{
  GdkModifierType modifiers = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  MemscopeSelection *selection;
  guint64 center;

  if (self->state == NULL)
    return GDK_EVENT_PROPAGATE;

  if (dx != 0 || (modifiers & GDK_SHIFT_MASK))
    {
      memscope_timeline_chart_pan (self, (dx != 0 ? dx : dy) / 10);
      return GDK_EVENT_STOP;
    }

  /* Without Ctrl the wheel belongs to the page the big chart lies on. */
  if (dy == 0 || (!self->compact && (modifiers & GDK_CONTROL_MASK) == 0))
    return GDK_EVENT_PROPAGATE;

  selection = memscope_view_state_get_selection (self->state);
  center = self->pointer_x >= 0 ? memscope_timeline_chart_x_to_time (self, self->pointer_x)
                                : memscope_selection_get_instant (selection);
  memscope_view_state_zoom (self->state, dy < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, center);

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

static MemscopeTimelineWhich
memscope_timeline_chart_get_focus (MemscopeTimelineChart *self)
{
  for (guint i = 0; i < MEMSCOPE_N_TIMELINE_HANDLES; i++)
    if (gtk_widget_has_focus (self->handles[i]))
      return i;

  return MEMSCOPE_TIMELINE_INSTANT;
}

/* Ends never cross: they push no further than the other one. */
static void
memscope_timeline_chart_move (MemscopeTimelineChart *self,
                              MemscopeTimelineWhich  which,
                              guint64                time)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 begin = memscope_selection_get_begin (selection);
  guint64 end = memscope_selection_get_end (selection);

  switch (which)
    {
    case MEMSCOPE_TIMELINE_BEGIN:
      memscope_view_state_set_range (self->state, MIN (time, end - 1), end);
      break;

    case MEMSCOPE_TIMELINE_END:
      memscope_view_state_set_range (self->state, begin, MAX (time, begin + 1));
      break;

    case MEMSCOPE_TIMELINE_INSTANT:
    case MEMSCOPE_N_TIMELINE_HANDLES:
    default:
      memscope_view_state_set_instant (self->state, time);
      break;
    }
}

static gboolean
memscope_timeline_chart_key_pressed (GtkEventControllerKey *controller,
                                     guint                  keyval,
                                     guint                  keycode,
                                     GdkModifierType        modifiers,
                                     MemscopeTimelineChart *self)
{
  MemscopeTimelineWhich which = memscope_timeline_chart_get_focus (self);
  MemscopeSelection *selection;
  guint64 times[MEMSCOPE_N_TIMELINE_HANDLES];
  guint64 instant, first, last;
  int pixels = (modifiers & GDK_SHIFT_MASK) ? 20 : 2;

  if (self->state == NULL || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
    return GDK_EVENT_PROPAGATE;

  selection = memscope_view_state_get_selection (self->state);
  instant = memscope_selection_get_instant (selection);
  times[MEMSCOPE_TIMELINE_BEGIN] = memscope_selection_get_begin (selection);
  times[MEMSCOPE_TIMELINE_INSTANT] = instant;
  times[MEMSCOPE_TIMELINE_END] = memscope_selection_get_end (selection);
  /* The instant stays within the range, its ends within the recording. */
  first = which == MEMSCOPE_TIMELINE_INSTANT ? times[MEMSCOPE_TIMELINE_BEGIN] : 0;
  last = which == MEMSCOPE_TIMELINE_INSTANT ? times[MEMSCOPE_TIMELINE_END] : memscope_view_state_get_end (self->state);

  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      memscope_timeline_chart_move (self, which, memscope_timeline_chart_step (self, times[which], -pixels));
      return GDK_EVENT_STOP;

    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      memscope_timeline_chart_move (self, which, memscope_timeline_chart_step (self, times[which], pixels));
      return GDK_EVENT_STOP;

    case GDK_KEY_Page_Up:
      memscope_timeline_chart_move (self, which, times[which] - MIN ((last - first) / 10, times[which] - first));
      return GDK_EVENT_STOP;

    case GDK_KEY_Page_Down:
      memscope_timeline_chart_move (self, which, times[which] + MIN ((last - first) / 10, last - times[which]));
      return GDK_EVENT_STOP;

    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      memscope_timeline_chart_move (self, which, first);
      return GDK_EVENT_STOP;

    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      memscope_timeline_chart_move (self, which, last);
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
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (drag, "drag-begin", G_CALLBACK (memscope_timeline_chart_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (memscope_timeline_chart_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (memscope_timeline_chart_drag_end), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (memscope_timeline_chart_drag_cancel), self);
  g_signal_connect (click, "pressed", G_CALLBACK (memscope_timeline_chart_pressed), self);
  g_signal_connect (motion, "leave", G_CALLBACK (memscope_timeline_chart_leave), self);
  g_signal_connect (motion, "motion", G_CALLBACK (memscope_timeline_chart_motion), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (memscope_timeline_chart_scroll), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_timeline_chart_key_pressed), self);

  self->pointer_x = -1;
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, keys);
}

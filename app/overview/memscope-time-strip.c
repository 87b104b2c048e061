/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-text.h"
#include "memscope-time-strip.h"
#include "memscope-timeline-chart.h"

/* A replay of the whole axis takes this long. */
#define REPLAY_USEC (12.0 * G_USEC_PER_SEC)

struct _MemscopeTimeStrip
{
  GtkBox                 parent_instance;

  MemscopeViewState     *state;
  GSignalGroup          *signals;
  guint                  replay;         /* tick callback */
  gint64                 replay_time;    /* of the last frame */
  double                 replay_at;      /* ns */

  GtkWidget             *info;
  GtkLabel              *instant_label;
  GtkLabel              *range_label;
  GtkLabel              *count_label;
  MemscopeTimelineChart *chart;
  GtkWidget             *zoom_buttons;
  GtkButton             *play_button;
};

G_DEFINE_FINAL_TYPE (MemscopeTimeStrip, memscope_time_strip, GTK_TYPE_BOX)

static void
memscope_time_strip_stop (MemscopeTimeStrip *self)
{
  if (self->replay != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->replay);
  self->replay = 0;
  gtk_button_set_icon_name (self->play_button, "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->play_button), _("Replay the range"));
}

static gboolean
memscope_time_strip_tick (GtkWidget     *widget,
                          GdkFrameClock *clock,
                          gpointer       user_data)
{
  MemscopeTimeStrip *self = MEMSCOPE_TIME_STRIP (widget);
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 begin = memscope_selection_get_begin (selection);
  guint64 end = memscope_selection_get_end (selection);
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  /* A few steps a second are enough to see it, and leave time to compute them. */
  if (self->replay_time != 0 && now - self->replay_time < G_USEC_PER_SEC / 5)
    return G_SOURCE_CONTINUE;

  if (self->replay_time != 0)
    self->replay_at += (now - self->replay_time) / REPLAY_USEC * (double) (end - begin);
  self->replay_time = now;

  if (self->replay_at >= end)
    {
      memscope_view_state_set_instant (self->state, end);
      self->replay = 0;
      memscope_time_strip_stop (self);
      return G_SOURCE_REMOVE;
    }

  memscope_view_state_set_instant (self->state, (guint64) self->replay_at);

  return G_SOURCE_CONTINUE;
}

static void
memscope_time_strip_play (MemscopeTimeStrip *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 instant = memscope_selection_get_instant (selection);

  if (self->replay != 0)
    {
      memscope_time_strip_stop (self);
      return;
    }

  self->replay_time = 0;
  self->replay_at = instant == memscope_selection_get_end (selection)
                  ? memscope_selection_get_begin (selection)
                  : instant;
  self->replay = gtk_widget_add_tick_callback (GTK_WIDGET (self), memscope_time_strip_tick, NULL, NULL);
  gtk_button_set_icon_name (self->play_button, "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->play_button), _("Pause the replay"));
}

static void
memscope_time_strip_selection_changed (MemscopeTimeStrip *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 whole = memscope_view_state_get_end (self->state);
  guint64 begin = memscope_selection_get_begin (selection);
  guint64 end = memscope_selection_get_end (selection);
  g_autofree char *instant = memscope_text_time (MIN (memscope_selection_get_instant (selection), whole - 1), whole);
  g_autofree char *at = g_strdup_printf (_("At %s"), instant);
  g_autofree char *length = memscope_text_duration (end - begin - 1);
  g_autofree char *blocks = memscope_text_short_count (memscope_session_get_n_blocks (memscope_view_state_get_session (self->state)));
  g_autofree char *count = g_strdup_printf (_("%s allocations recorded"), blocks);

  gtk_label_set_text (self->instant_label, at);
  gtk_label_set_text (self->count_label, count);
  if (memscope_view_state_has_range (self->state))
    {
      g_autofree char *from = memscope_text_time (begin, whole);
      g_autofree char *to = memscope_text_time (end, whole);
      g_autofree char *text = g_strdup_printf (_("Range %s – %s · %s"), from, to, length);

      gtk_label_set_text (self->range_label, text);
    }
  else
    {
      g_autofree char *text = g_strdup_printf (_("Whole recording · %s"), length);

      gtk_label_set_text (self->range_label, text);
    }
}

static void
memscope_time_strip_unmap (GtkWidget *widget)
{
  memscope_time_strip_stop (MEMSCOPE_TIME_STRIP (widget));

  GTK_WIDGET_CLASS (memscope_time_strip_parent_class)->unmap (widget);
}

static void
memscope_time_strip_dispose (GObject *object)
{
  MemscopeTimeStrip *self = MEMSCOPE_TIME_STRIP (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_time_strip_parent_class)->dispose (object);
}

static void
memscope_time_strip_class_init (MemscopeTimeStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_time_strip_dispose;
  widget_class->unmap = memscope_time_strip_unmap;

  g_type_ensure (MEMSCOPE_TYPE_TIMELINE_CHART);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-time-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, info);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, instant_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, range_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, count_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, chart);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, zoom_buttons);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, play_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_time_strip_play);
}

static void
memscope_time_strip_init (MemscopeTimeStrip *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_time_strip_selection_changed), self);
}

void
memscope_time_strip_set_state (MemscopeTimeStrip *self,
                               MemscopeViewState *state)
{
  g_return_if_fail (MEMSCOPE_IS_TIME_STRIP (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_time_strip_stop (self);
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  memscope_timeline_chart_set_state (self->chart, state);
  memscope_time_strip_selection_changed (self);
}

void
memscope_time_strip_set_narrow (MemscopeTimeStrip *self,
                                gboolean           narrow)
{
  g_return_if_fail (MEMSCOPE_IS_TIME_STRIP (self));

  gtk_widget_set_visible (self->zoom_buttons, !narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->range_label), !narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->count_label), !narrow);
  gtk_widget_set_size_request (self->info, narrow ? -1 : 200, -1);
}

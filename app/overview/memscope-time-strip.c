/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-match.h"
#include "memscope-query.h"
#include "memscope-range-entry.h"
#include "memscope-text.h"
#include "memscope-time-strip.h"
#include "memscope-timeline-chart.h"
#include "memscope-timeline-handle.h"
#include "memscope-timeline-table.h"

/* At speed 1 a replay of the range takes this long, however long the range is. */
#define REPLAY_USEC (12.0 * G_USEC_PER_SEC)

/* As "speed" of the strip's actions. 0: as fast as it happened. */
#define SPEED_REAL "real"

struct _MemscopeTimeStrip
{
  GtkBox                 parent_instance;

  MemscopeViewState     *state;
  GSignalGroup          *signals;
  guint                  replay;         /* tick callback */
  gint64                 replay_time;    /* of the last frame */
  double                 replay_at;      /* ns */
  char                  *speed;
  GCancellable          *query;

  GtkWidget             *info;
  GtkWidget             *info_words;
  GtkLabel              *instant_label;
  GtkLabel              *range_label;
  GtkLabel              *count_label;
  MemscopeTimelineChart *chart;
  GtkWidget             *zoom_buttons;
  GtkWidget             *speed_button;
  GtkLabel              *speed_label;
  GtkWidget             *table_button;
  MemscopeRangeEntry    *range_entry;
  MemscopeTimelineTable *table;
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

/* Nanoseconds of the recording that pass in a microsecond of the replay. */
static double
memscope_time_strip_get_pace (MemscopeTimeStrip *self,
                              guint64            length)
{
  if (g_str_equal (self->speed, SPEED_REAL))
    return 1000;

  return g_ascii_strtod (self->speed, NULL) * (double) length / REPLAY_USEC;
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
    self->replay_at += (double) (now - self->replay_time) * memscope_time_strip_get_pace (self, end - begin);
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

static gpointer
count_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  g_autofree MemscopeMatch *match = g_new0 (MemscopeMatch, 1);

  return memscope_match_count (session, selection, match, cancellable, NULL) ? g_steal_pointer (&match) : NULL;
}

static void
memscope_time_strip_count_done (gpointer owner,
                                gpointer result)
{
  MemscopeTimeStrip *self = owner;
  g_autofree MemscopeMatch *match = result;
  guint64 total = memscope_session_get_n_blocks (memscope_view_state_get_session (self->state));
  g_autofree char *all = memscope_text_short_count (total);
  g_autofree char *text = NULL;

  if (match == NULL)
    return;

  if (match->blocks == total)
    {
      text = g_strdup_printf (ngettext ("%s allocation recorded", "%s allocations recorded", total), all);
    }
  else
    {
      g_autofree char *some = memscope_text_short_count (match->blocks);

      text = g_strdup_printf (ngettext ("%s of %s allocation", "%s of %s allocations", total), some, all);
    }
  gtk_label_set_text (self->count_label, text);
}

/* Only what changes when neither range nor filters do. */
static void
memscope_time_strip_show_instant (MemscopeTimeStrip *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 whole = memscope_view_state_get_end (self->state);
  g_autofree char *instant = memscope_text_time (MIN (memscope_selection_get_instant (selection), whole - 1), whole);
  g_autofree char *at = g_strdup_printf (_("At %s"), instant);

  gtk_label_set_text (self->instant_label, at);
}

static void
memscope_time_strip_selection_changed (MemscopeTimeStrip *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 whole = memscope_view_state_get_end (self->state);
  guint64 begin = memscope_selection_get_begin (selection);
  guint64 end = memscope_selection_get_end (selection);
  g_autofree char *length = memscope_text_duration (end - begin - 1);

  memscope_time_strip_show_instant (self);
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

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && self->replay == 0)
    memscope_query_run (&self->query, self, memscope_view_state_get_session (self->state), selection,
                        count_query, NULL, NULL, g_free, memscope_time_strip_count_done);
}

static void
memscope_time_strip_map (GtkWidget *widget)
{
  MemscopeTimeStrip *self = MEMSCOPE_TIME_STRIP (widget);

  GTK_WIDGET_CLASS (memscope_time_strip_parent_class)->map (widget);

  if (self->state != NULL)
    memscope_time_strip_selection_changed (self);
}

static void
memscope_time_strip_set_speed (GtkWidget  *widget,
                               const char *action_name,
                               GVariant   *parameter)
{
  MemscopeTimeStrip *self = MEMSCOPE_TIME_STRIP (widget);
  const char *speed = g_variant_get_string (parameter, NULL);
  g_autofree char *label = NULL;

  g_free (self->speed);
  self->speed = g_strdup (speed);
  label = g_str_equal (speed, SPEED_REAL) ? g_strdup (_("real")) : g_strdup_printf ("%s×", speed);
  gtk_label_set_text (self->speed_label, label);
}

static gboolean
memscope_time_strip_key_pressed (GtkEventControllerKey *controller,
                                 guint                  keyval,
                                 guint                  keycode,
                                 GdkModifierType        modifiers,
                                 MemscopeTimeStrip     *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  /* On a button the space bar presses that. */
  if (keyval != GDK_KEY_space || self->state == NULL || !MEMSCOPE_IS_TIMELINE_HANDLE (focus))
    return GDK_EVENT_PROPAGATE;

  memscope_time_strip_play (self);

  return GDK_EVENT_STOP;
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

  memscope_query_cancel (&self->query);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);
  g_clear_pointer (&self->speed, g_free);

  G_OBJECT_CLASS (memscope_time_strip_parent_class)->dispose (object);
}

static void
memscope_time_strip_class_init (MemscopeTimeStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_time_strip_dispose;
  widget_class->map = memscope_time_strip_map;
  widget_class->unmap = memscope_time_strip_unmap;

  gtk_widget_class_install_action (widget_class, "strip.speed", "s", memscope_time_strip_set_speed);

  g_type_ensure (MEMSCOPE_TYPE_TIMELINE_CHART);
  g_type_ensure (MEMSCOPE_TYPE_TIMELINE_TABLE);
  g_type_ensure (MEMSCOPE_TYPE_RANGE_ENTRY);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-time-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, info);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, info_words);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, instant_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, range_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, count_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, chart);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, zoom_buttons);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, speed_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, speed_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, table_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, range_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, table);
  gtk_widget_class_bind_template_child (widget_class, MemscopeTimeStrip, play_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_time_strip_play);
}

static void
memscope_time_strip_init (MemscopeTimeStrip *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->speed = g_strdup ("1");
  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_time_strip_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_time_strip_selection_changed), self);
  g_signal_group_connect_swapped (self->signals, "notify::end",
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
  memscope_query_cancel (&self->query);
  gtk_label_set_text (self->count_label, "");
  memscope_timeline_chart_set_state (self->chart, state);
  memscope_timeline_table_set_state (self->table, state);
  memscope_range_entry_set_state (self->range_entry, state);
  memscope_time_strip_selection_changed (self);
}

void
memscope_time_strip_set_narrow (MemscopeTimeStrip *self,
                                gboolean           narrow)
{
  g_return_if_fail (MEMSCOPE_IS_TIME_STRIP (self));

  gtk_widget_set_visible (self->zoom_buttons, !narrow);
  gtk_widget_set_visible (self->speed_button, !narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->range_label), !narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->count_label), !narrow);
  gtk_widget_set_size_request (self->info, narrow ? -1 : 200, -1);
  /* else the button would centre them */
  gtk_widget_set_size_request (self->info_words, narrow ? -1 : 188, -1);
}

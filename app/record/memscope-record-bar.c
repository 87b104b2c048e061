/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-record-bar.h"
#include "memscope-text.h"

struct _MemscopeRecordBar
{
  GtkBox                parent_instance;

  MemscopeLiveFollower *follower;
  GSignalGroup         *live_signals;
  GSignalGroup         *state_signals;
  GSignalGroup         *follower_signals;
  gboolean              narrow;

  GtkImage             *icon;
  GtkLabel             *state_label;
  GtkLabel             *figures_label;
  GtkWidget            *follow_button;
  GtkButton            *pause_button;
  GtkWidget            *mark_button;
  GtkWidget            *save_button;
  GtkWidget            *stop_button;
  GtkWidget            *close_button;
};

G_DEFINE_FINAL_TYPE (MemscopeRecordBar, memscope_record_bar, GTK_TYPE_BOX)

char *
memscope_record_bar_dup_ending (MemscopeLiveSession *live)
{
  guint status;
  const char *reason = memscope_live_session_get_reason (live, &status);

  if (memscope_live_session_get_state (live) == MEMSCOPE_LIVE_LOST)
    return g_strdup (_("Connection lost: the collector is gone. What came until then is shown"));
  if (memscope_live_session_get_state (live) != MEMSCOPE_LIVE_ENDED || reason == NULL)
    return NULL;

  if (g_str_equal (reason, "exit"))
    return status == 0 ? g_strdup (_("The program ended")) : g_strdup_printf (_("The program ended with exit status %u"), status);
  if (g_str_equal (reason, "signal"))
    return g_strdup_printf (_("The program was ended by signal %u (%s)"), status, g_strsignal ((int) status));
  if (g_str_equal (reason, "exec"))
    return g_strdup (_("The program became another one"));
  if (g_str_equal (reason, "stopped") && status != 0)
    return g_strdup_printf (_("The recording was stopped: %s. The program runs on"), g_strerror ((int) status));
  if (g_str_equal (reason, "stopped"))
    return g_strdup (_("The recording was stopped. The program runs on"));

  return g_strdup (_("The program ended; how is not known"));
}

static char *
memscope_record_bar_dup_figures (MemscopeRecordBar *self)
{
  MemscopeSession *session = memscope_view_state_get_session (memscope_live_follower_get_state (self->follower));
  MemscopeLiveSession *live = memscope_live_follower_get_live (self->follower);
  g_autofree char *duration = memscope_text_duration (memscope_session_get_duration (session));
  g_autofree char *events = memscope_text_n_events (memscope_session_get_n_events (session));
  g_autofree char *size = memscope_text_size (memscope_live_session_get_position (live));
  g_autofree char *rate = memscope_text_short_count ((guint64) memscope_live_follower_get_rate (self->follower));

  if (memscope_live_session_get_state (live) > MEMSCOPE_LIVE_RUNNING)
    return g_strdup_printf ("%s · %s · %s", duration, events, size);
  if (self->narrow)
    return g_strdup_printf (_("%s · %s/s"), duration, rate);

  return g_strdup_printf (_("%s · %s · %s/s · %s"), duration, events, rate, size);
}

static void
memscope_record_bar_show_state (MemscopeRecordBar *self)
{
  MemscopeLiveSession *live = memscope_live_follower_get_live (self->follower);
  MemscopeLiveRecording *recording = memscope_live_session_get_recording (live);
  g_autofree char *text = memscope_record_bar_dup_ending (live);
  gboolean lost = memscope_live_session_get_state (live) == MEMSCOPE_LIVE_LOST;
  gboolean over = text != NULL;
  gboolean paused = memscope_live_follower_get_paused (self->follower);
  GtkWidget *widget = GTK_WIDGET (self);

  if (!over && paused)
    text = g_strdup (_("View paused, recording goes on"));
  else if (!over && recording != NULL && recording->ending)
    text = g_strdup (_("The program ended, reading the rest"));
  else if (!over)
    text = g_strdup (_("Recording"));

  gtk_label_set_text (self->state_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->state_label), text);
  gtk_image_set_from_icon_name (self->icon, lost ? "memscope-warning-symbolic"
                                            : over ? "memscope-complete-symbolic"
                                            : paused ? "memscope-live-pause-symbolic" : "memscope-live-record-symbolic");
  if (over)
    gtk_widget_remove_css_class (widget, "recording");
  else
    gtk_widget_add_css_class (widget, "recording");
}

static void
memscope_record_bar_show_buttons (MemscopeRecordBar *self)
{
  MemscopeLiveSession *live = memscope_live_follower_get_live (self->follower);
  gboolean over = memscope_live_session_get_state (live) > MEMSCOPE_LIVE_RUNNING;
  gboolean paused = memscope_live_follower_get_paused (self->follower);
  gboolean following = memscope_view_state_is_following (memscope_live_follower_get_state (self->follower));
  const char *pause = paused ? _("Go on showing (Space)") : _("Pause the view (Space)");

  gtk_widget_set_visible (self->follow_button, !over && !following);
  gtk_widget_set_visible (GTK_WIDGET (self->pause_button), !over);
  gtk_widget_set_visible (self->mark_button, !over);
  gtk_widget_set_visible (self->stop_button, !over);
  gtk_widget_set_visible (self->close_button, over);

  gtk_button_set_icon_name (self->pause_button, paused ? "memscope-live-resume-symbolic" : "memscope-live-pause-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->pause_button), pause);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pause_button), GTK_ACCESSIBLE_PROPERTY_LABEL, pause, -1);
}

static void
memscope_record_bar_update (MemscopeRecordBar *self)
{
  g_autofree char *figures = NULL;

  if (self->follower == NULL)
    return;

  figures = memscope_record_bar_dup_figures (self);
  gtk_label_set_text (self->figures_label, figures);
  memscope_record_bar_show_state (self);
  memscope_record_bar_show_buttons (self);
}

static void
memscope_record_bar_close (MemscopeRecordBar *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

static void
memscope_record_bar_dispose (GObject *object)
{
  MemscopeRecordBar *self = MEMSCOPE_RECORD_BAR (object);

  g_clear_object (&self->live_signals);
  g_clear_object (&self->state_signals);
  g_clear_object (&self->follower_signals);
  g_clear_object (&self->follower);

  G_OBJECT_CLASS (memscope_record_bar_parent_class)->dispose (object);
}

static void
memscope_record_bar_class_init (MemscopeRecordBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_record_bar_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-record-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, icon);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, state_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, figures_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, follow_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, pause_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, mark_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, save_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, stop_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecordBar, close_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_record_bar_close);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
memscope_record_bar_init (MemscopeRecordBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->live_signals = g_signal_group_new (MEMSCOPE_TYPE_LIVE_SESSION);
  g_signal_group_connect_swapped (self->live_signals, "changed", G_CALLBACK (memscope_record_bar_update), self);
  self->state_signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->state_signals, "notify::selection", G_CALLBACK (memscope_record_bar_update), self);
  self->follower_signals = g_signal_group_new (MEMSCOPE_TYPE_LIVE_FOLLOWER);
  g_signal_group_connect_swapped (self->follower_signals, "notify::paused", G_CALLBACK (memscope_record_bar_update), self);
}

void
memscope_record_bar_set_follower (MemscopeRecordBar    *self,
                                  MemscopeLiveFollower *follower)
{
  g_return_if_fail (MEMSCOPE_IS_RECORD_BAR (self));

  g_set_object (&self->follower, follower);
  g_signal_group_set_target (self->live_signals, follower != NULL ? memscope_live_follower_get_live (follower) : NULL);
  g_signal_group_set_target (self->state_signals, follower != NULL ? memscope_live_follower_get_state (follower) : NULL);
  g_signal_group_set_target (self->follower_signals, follower);
  gtk_widget_set_visible (GTK_WIDGET (self), follower != NULL);
  memscope_record_bar_update (self);
}

void
memscope_record_bar_set_narrow (MemscopeRecordBar *self,
                                gboolean           narrow)
{
  g_return_if_fail (MEMSCOPE_IS_RECORD_BAR (self));

  self->narrow = narrow;
  memscope_record_bar_update (self);
}

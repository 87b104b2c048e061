/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-peak-hint.h"
#include "memscope-query.h"
#include "memscope-summary.h"
#include "memscope-text.h"

/* Less than this part of the peak is "hardly anything". */
#define PEAK_PARTS  50
/* Dragging and replaying need not count twice. */
#define DELAY_MSEC 150

struct _MemscopePeakHint
{
  GtkBox             parent_instance;

  MemscopeViewState *state;
  GSignalGroup      *signals;
  GCancellable      *query;
  guint              source;
  gboolean           wanted;
  guint64            peak_instant;

  GtkLabel          *label;
};

G_DEFINE_FINAL_TYPE (MemscopePeakHint, memscope_peak_hint, GTK_TYPE_BOX)

static gpointer
summary_query (MemscopeSession   *session,
               MemscopeSelection *selection,
               gpointer           data,
               GCancellable      *cancellable)
{
  return memscope_summary_new (session, selection, cancellable, NULL);
}

static void
memscope_peak_hint_done (gpointer owner,
                         gpointer result)
{
  MemscopePeakHint *self = owner;
  g_autoptr(MemscopeSummary) summary = result;
  gboolean hardly = summary != NULL && summary->peak_bytes != MEMSCOPE_UNKNOWN &&
                    summary->active_bytes < summary->peak_bytes / PEAK_PARTS;

  if (hardly)
    {
      g_autofree char *live = memscope_text_size (summary->active_bytes);
      g_autofree char *peak = memscope_text_size (summary->peak_bytes);
      g_autofree char *time = memscope_text_time (summary->peak_time, memscope_view_state_get_end (self->state));
      g_autofree char *text = g_strdup_printf (_("Hardly anything is alive at this instant: %s. At the peak, at %s, it was %s."),
                                               live, time, peak);

      self->peak_instant = summary->peak_instant;
      gtk_label_set_text (self->label, text);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), hardly && self->wanted);
}

static gboolean
memscope_peak_hint_ask (gpointer user_data)
{
  MemscopePeakHint *self = user_data;

  self->source = 0;
  memscope_query_run (&self->query, self,
                      memscope_view_state_get_session (self->state), memscope_view_state_get_selection (self->state),
                      summary_query, NULL, NULL, (GDestroyNotify) memscope_summary_free, memscope_peak_hint_done);
  memscope_query_release ();

  return G_SOURCE_REMOVE;
}

static void
memscope_peak_hint_cancel (MemscopePeakHint *self)
{
  memscope_query_cancel (&self->query);
  if (self->source != 0)
    {
      g_clear_handle_id (&self->source, g_source_remove);
      memscope_query_release ();
    }
}

static void
memscope_peak_hint_update (MemscopePeakHint *self)
{
  memscope_peak_hint_cancel (self);

  /* Of a recording still being made, the end is where one is looking. */
  if (!self->wanted || self->state == NULL || memscope_view_state_is_live (self->state))
    {
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      return;
    }

  memscope_query_hold ();
  self->source = g_timeout_add (DELAY_MSEC, memscope_peak_hint_ask, self);
}

static void
memscope_peak_hint_go (MemscopePeakHint *self)
{
  memscope_view_state_set_instant (self->state, self->peak_instant);
}

static void
memscope_peak_hint_dispose (GObject *object)
{
  MemscopePeakHint *self = MEMSCOPE_PEAK_HINT (object);

  memscope_peak_hint_cancel (self);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_peak_hint_parent_class)->dispose (object);
}

static void
memscope_peak_hint_class_init (MemscopePeakHintClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_peak_hint_dispose;
}

static void
memscope_peak_hint_init (MemscopePeakHint *self)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("memscope-note-symbolic");
  GtkWidget *button = gtk_button_new_with_mnemonic (_("Go to the _Peak"));

  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->label, 0);
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_natural_wrap_mode (self->label, GTK_NATURAL_WRAP_NONE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->label), TRUE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (icon, "severity-note");
  g_signal_connect_object (button, "clicked", G_CALLBACK (memscope_peak_hint_go), self, G_CONNECT_SWAPPED);

  gtk_box_set_spacing (GTK_BOX (self), 9);
  gtk_box_append (GTK_BOX (self), icon);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->label));
  gtk_box_append (GTK_BOX (self), button);
  gtk_widget_add_css_class (GTK_WIDGET (self), "peak-hint");
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection", G_CALLBACK (memscope_peak_hint_update), self);
}

void
memscope_peak_hint_set_state (MemscopePeakHint  *self,
                              MemscopeViewState *state)
{
  g_return_if_fail (MEMSCOPE_IS_PEAK_HINT (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  memscope_peak_hint_update (self);
}

void
memscope_peak_hint_set_wanted (MemscopePeakHint *self,
                               gboolean          wanted)
{
  g_return_if_fail (MEMSCOPE_IS_PEAK_HINT (self));

  if (wanted == self->wanted)
    return;

  self->wanted = wanted;
  memscope_peak_hint_update (self);
}

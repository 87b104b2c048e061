/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-connect-dialog.h"
#include "memscope-recording-list.h"
#include "memscope-text.h"

#define REFRESH_INTERVAL 1000   /* ms */

struct _MemscopeConnectDialog
{
  AdwWindow              parent_instance;

  MemscopeRecordingList *recordings;
  GPtrArray             *shown;        /* MemscopeLiveRecording, by row */

  GtkStack              *stack;
  GtkListBox            *list;
  AdwStatusPage         *error_page;
};

enum {
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeConnectDialog, memscope_connect_dialog, ADW_TYPE_WINDOW)

static char *
describe (const MemscopeLiveRecording *recording)
{
  g_autofree char *since = memscope_text_duration ((guint64) MAX (g_get_real_time () * 1000 - (gint64) recording->started, 0));
  g_autofree char *events = memscope_text_n_events (recording->events);
  g_autofree char *size = memscope_text_size (recording->size);
  g_autofree char *command = memscope_live_recording_dup_command (recording);
  g_autofree char *clipped = memscope_text_clip (command, MEMSCOPE_TEXT_LABEL_CHARS);
  g_autofree char *figures = recording->ending
                             ? g_strdup_printf (_("pid %d · ending · %s"), (int) recording->pid, events)
                             : g_strdup_printf (_("pid %d · for %s · %s · %s"), (int) recording->pid, since, events, size);

  return *clipped != '\0' ? g_strdup_printf ("%s\n%s", clipped, figures) : g_steal_pointer (&figures);
}

static void
memscope_connect_dialog_fill_row (AdwActionRow                *row,
                                  const MemscopeLiveRecording *recording)
{
  g_autofree char *name = memscope_live_recording_dup_name (recording);
  g_autofree char *title = memscope_text_clip (name, MEMSCOPE_TEXT_LABEL_CHARS);
  g_autofree char *subtitle = describe (recording);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, subtitle);
}

static GtkWidget *
memscope_connect_dialog_create_row (void)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name ("go-next-symbolic");

  /* Names are names, whatever signs are in them. */
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), icon);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);

  return row;
}

/* Rows stay where they are while only their figures change: nothing runs away from the pointer. */
static void
memscope_connect_dialog_changed (MemscopeConnectDialog *self)
{
  guint n = memscope_recording_list_get_n (self->recordings);
  const char *error = memscope_recording_list_get_error (self->recordings);
  GtkListBoxRow *row;

  g_ptr_array_set_size (self->shown, 0);
  for (guint i = 0; i < n; i++)
    {
      MemscopeLiveRecording *recording = memscope_recording_list_get (self->recordings, i);

      g_ptr_array_add (self->shown, memscope_live_recording_ref (recording));
      row = gtk_list_box_get_row_at_index (self->list, (int) i);
      if (row == NULL)
        {
          row = GTK_LIST_BOX_ROW (memscope_connect_dialog_create_row ());
          gtk_list_box_append (self->list, GTK_WIDGET (row));
        }
      memscope_connect_dialog_fill_row (ADW_ACTION_ROW (row), recording);
    }

  while ((row = gtk_list_box_get_row_at_index (self->list, (int) n)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));

  if (error != NULL)
    {
      g_autofree char *markup = g_markup_escape_text (error, -1);

      adw_status_page_set_description (self->error_page, markup);
    }
  gtk_stack_set_visible_child_name (self->stack, error != NULL ? "error" : n > 0 ? "list" : "empty");
}

static void
memscope_connect_dialog_row_activated (MemscopeConnectDialog *self,
                                       GtkListBoxRow         *row)
{
  guint i = (guint) gtk_list_box_row_get_index (row);
  g_autoptr(MemscopeLiveRecording) recording = NULL;

  if (i >= self->shown->len)
    return;

  recording = memscope_live_recording_ref (g_ptr_array_index (self->shown, i));
  g_signal_emit (self, signals[CHOSEN], 0, recording);
  gtk_window_close (GTK_WINDOW (self));
}

static void
memscope_connect_dialog_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (memscope_connect_dialog_parent_class)->map (widget);

  memscope_recording_list_watch (MEMSCOPE_CONNECT_DIALOG (widget)->recordings, TRUE);
}

static void
memscope_connect_dialog_unmap (GtkWidget *widget)
{
  memscope_recording_list_watch (MEMSCOPE_CONNECT_DIALOG (widget)->recordings, FALSE);

  GTK_WIDGET_CLASS (memscope_connect_dialog_parent_class)->unmap (widget);
}

static void
memscope_connect_dialog_dispose (GObject *object)
{
  MemscopeConnectDialog *self = MEMSCOPE_CONNECT_DIALOG (object);

  if (self->recordings != NULL)
    memscope_recording_list_watch (self->recordings, FALSE);
  g_clear_object (&self->recordings);
  g_clear_pointer (&self->shown, g_ptr_array_unref);

  G_OBJECT_CLASS (memscope_connect_dialog_parent_class)->dispose (object);
}

static void
memscope_connect_dialog_class_init (MemscopeConnectDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_connect_dialog_dispose;
  widget_class->map = memscope_connect_dialog_map;
  widget_class->unmap = memscope_connect_dialog_unmap;

  signals[CHOSEN] =
    g_signal_new ("chosen",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL, NULL,
                  NULL,
                  G_TYPE_NONE,
                  1, MEMSCOPE_TYPE_LIVE_RECORDING);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-connect-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeConnectDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeConnectDialog, list);
  gtk_widget_class_bind_template_child (widget_class, MemscopeConnectDialog, error_page);
  gtk_widget_class_bind_template_callback (widget_class, memscope_connect_dialog_row_activated);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
memscope_connect_dialog_init (MemscopeConnectDialog *self)
{
  self->shown = g_ptr_array_new_with_free_func ((GDestroyNotify) memscope_live_recording_unref);
  self->recordings = memscope_recording_list_new (REFRESH_INTERVAL);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->recordings, "changed", G_CALLBACK (memscope_connect_dialog_changed),
                           self, G_CONNECT_SWAPPED);
}

MemscopeConnectDialog *
memscope_connect_dialog_new (GtkWindow *parent)
{
  return g_object_new (MEMSCOPE_TYPE_CONNECT_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
}

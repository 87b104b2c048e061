/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Export: ask where to, write in a thread with progress and cancel, and say
 * what came of it with the means to look at it.
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-html-exporter.h"
#include "memscope-json-exporter.h"
#include "memscope-text.h"
#include "memscope-window-private.h"

#define PROGRESS_INTERVAL 66   /* ms */

typedef enum
{
  EXPORT_HTML,
  EXPORT_JSON,
} ExportFormat;

/* Shared by the exporting thread and the main one. */
typedef struct _ExportJob
{
  MemscopeSession   *session;
  MemscopeSelection *selection;
  GFile             *file;
  ExportFormat       format;
  GMutex             mutex;
  guint64            done;
  guint64            total;
  guint              source;
} ExportJob;

static void
export_job_free (gpointer data)
{
  ExportJob *job = data;

  g_clear_handle_id (&job->source, g_source_remove);
  g_clear_object (&job->session);
  g_clear_pointer (&job->selection, memscope_selection_unref);
  g_clear_object (&job->file);
  g_mutex_clear (&job->mutex);
  g_free (job);
}

static void
export_progress (guint64  done,
                 guint64  total,
                 gpointer user_data)
{
  ExportJob *job = user_data;

  g_mutex_lock (&job->mutex);
  job->done = done;
  job->total = total;
  g_mutex_unlock (&job->mutex);
}

static void
export_worker (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  ExportJob *job = task_data;
  GError *error = NULL;
  gboolean written;

  if (job->format == EXPORT_JSON)
    written = memscope_json_export (job->session, NULL, NULL, job->file, export_progress, job, cancellable, &error);
  else
    written = memscope_html_export (job->session, job->selection, NULL, job->file,
                                    export_progress, job, cancellable, &error);

  if (written)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
memscope_window_show_export_progress (gpointer user_data)
{
  MemscopeWindow *self = user_data;
  ExportJob *job = self->export_job;
  guint64 done, total;

  g_mutex_lock (&job->mutex);
  done = job->done;
  total = job->total;
  g_mutex_unlock (&job->mutex);

  if (total > 0)
    gtk_progress_bar_set_fraction (self->export_progress, MIN ((double) done / total, 1.0));
  else
    gtk_progress_bar_pulse (self->export_progress);

  return G_SOURCE_CONTINUE;
}

static char *
dup_file_name (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "");

  return memscope_text_clip (name, 80);
}

static void
memscope_window_show_exported (MemscopeWindow *self,
                               GFile          *file)
{
  g_autofree char *name = dup_file_name (file);
  g_autofree char *escaped = g_markup_escape_text (name, -1);
  g_autofree char *title = g_strdup_printf (_("Exported %s"), escaped);
  g_autofree char *uri = g_file_get_uri (file);
  AdwToast *toast = adw_toast_new (title);

  adw_toast_set_button_label (toast, _("_Open"));
  adw_toast_set_action_name (toast, "win.open-exported");
  adw_toast_set_action_target_value (toast, g_variant_new_string (uri));
  adw_toast_set_timeout (toast, 10);
  adw_toast_overlay_add_toast (self->toasts, toast);

  /* A toast has one button: the second way is a toast of its own, in turn. */
  toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _("Show in _Files"));
  adw_toast_set_action_name (toast, "win.show-exported");
  adw_toast_set_action_target_value (toast, g_variant_new_string (uri));
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
memscope_window_show_export_error (MemscopeWindow *self,
                                   GFile          *file,
                                   const GError   *error)
{
  g_autofree char *name = dup_file_name (file);
  g_autofree char *body = g_strdup_printf (_("%s was not written: %s. Choose another place, or make room, and export again."),
                                           name, error->message);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("The export failed"), body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
memscope_window_export_ready (GObject      *source,
                              GAsyncResult *result,
                              gpointer      user_data)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (source);
  ExportJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;
  gboolean written = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->export_job != job)
    return;

  g_clear_handle_id (&job->source, g_source_remove);
  self->export_job = NULL;
  g_clear_object (&self->exporting);
  gtk_revealer_set_reveal_child (self->export_revealer, FALSE);
  memscope_window_update_actions (self);

  if (written)
    memscope_window_show_exported (self, job->file);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    memscope_window_show_export_error (self, job->file, error);
}

static void
memscope_window_export_to (MemscopeWindow *self,
                           GFile          *file,
                           ExportFormat    format)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *name = dup_file_name (file);
  g_autofree char *label = g_strdup_printf (_("Writing %s"), name);
  ExportJob *job = g_new0 (ExportJob, 1);

  memscope_window_cancel_export (self);

  job->session = g_object_ref (memscope_view_state_get_session (self->state));
  job->selection = memscope_selection_ref (memscope_view_state_get_selection (self->state));
  job->file = g_object_ref (file);
  job->format = format;
  g_mutex_init (&job->mutex);
  job->source = g_timeout_add (PROGRESS_INTERVAL, memscope_window_show_export_progress, self);

  self->exporting = g_cancellable_new ();
  self->export_job = job;
  gtk_label_set_text (self->export_label, label);
  gtk_progress_bar_set_fraction (self->export_progress, 0);
  gtk_revealer_set_reveal_child (self->export_revealer, TRUE);
  memscope_window_update_actions (self);

  task = g_task_new (self, self->exporting, memscope_window_export_ready, NULL);
  g_task_set_source_tag (task, memscope_window_export_to);
  g_task_set_task_data (task, job, export_job_free);
  /* Renamed into place or not: the writer decides, even when cancelled late. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, export_worker);
}

void
memscope_window_cancel_export (MemscopeWindow *self)
{
  if (self->export_job != NULL)
    {
      g_clear_handle_id (&self->export_job->source, g_source_remove);
      self->export_job = NULL;
      gtk_revealer_set_reveal_child (self->export_revealer, FALSE);
    }
  if (self->exporting != NULL)
    g_cancellable_cancel (self->exporting);
  g_clear_object (&self->exporting);
}

static void
memscope_window_export_response (GtkNativeDialog *dialog,
                                 int              response,
                                 gpointer         user_data)
{
  MemscopeWindow *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT && self->state != NULL)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      ExportFormat format = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (dialog), "format"));

      memscope_window_export_to (self, file, format);
    }

  g_clear_object (&self->chooser);
}

static char *
suggest_name (MemscopeWindow *self,
              ExportFormat    format)
{
  g_autofree char *base = self->file != NULL ? g_file_get_basename (self->file) : NULL;
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "session");

  if (g_str_has_suffix (name, ".memscope"))
    name[strlen (name) - strlen (".memscope")] = '\0';

  return g_strconcat (name, format == EXPORT_JSON ? ".json" : ".html", NULL);
}

static void
memscope_window_export_action (GtkWidget  *widget,
                               const char *action_name,
                               GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  ExportFormat format = g_str_equal (action_name, "win.export-json") ? EXPORT_JSON : EXPORT_HTML;
  g_autofree char *name = suggest_name (self, format);

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (format == EXPORT_JSON ? _("Export Data") : _("Export Page"),
                                               GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE,
                                               _("_Export"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_object_set_data (G_OBJECT (self->chooser), "format", GINT_TO_POINTER (format));
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (memscope_window_export_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* Without a dialog: what the dialog's answer does, for scripts and tests. */
static void
memscope_window_export_uri_action (GtkWidget  *widget,
                                   const char *action_name,
                                   GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  const char *uri = g_variant_get_string (parameter, NULL);
  g_autoptr(GFile) file = g_file_new_for_uri (uri);

  if (self->state != NULL)
    memscope_window_export_to (self, file, g_str_has_suffix (uri, ".json") ? EXPORT_JSON : EXPORT_HTML);
}

static void
memscope_window_cancel_export_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  memscope_window_cancel_export (self);
  memscope_window_update_actions (self);
}

static void
memscope_window_open_exported_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  gtk_show_uri (GTK_WINDOW (widget), g_variant_get_string (parameter, NULL), GDK_CURRENT_TIME);
}

static void
memscope_window_show_exported_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  g_autoptr(GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));
  g_autoptr(GFile) directory = g_file_get_parent (file);
  g_autofree char *uri = g_file_get_uri (directory != NULL ? directory : file);

  gtk_show_uri (GTK_WINDOW (widget), uri, GDK_CURRENT_TIME);
}

void
memscope_window_class_init_export (MemscopeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "win.export-html", NULL, memscope_window_export_action);
  gtk_widget_class_install_action (widget_class, "win.export-json", NULL, memscope_window_export_action);
  gtk_widget_class_install_action (widget_class, "win.export-uri", "s", memscope_window_export_uri_action);
  gtk_widget_class_install_action (widget_class, "win.cancel-export", NULL, memscope_window_cancel_export_action);
  gtk_widget_class_install_action (widget_class, "win.open-exported", "s", memscope_window_open_exported_action);
  gtk_widget_class_install_action (widget_class, "win.show-exported", "s", memscope_window_show_exported_action);
}

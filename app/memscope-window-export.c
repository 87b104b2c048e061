/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Export: ask what and where to, write in a thread with progress and cancel, and
 * say what came of it with the means to look at it.
 */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>

#include "memscope-export-dialog.h"
#include "memscope-html-exporter.h"
#include "memscope-json-exporter.h"
#include "memscope-mutes.h"
#include "memscope-text.h"
#include "memscope-window-private.h"

#define PROGRESS_INTERVAL 66   /* ms */

/* Shared by the exporting thread and the main one. */
typedef struct _ExportJob
{
  MemscopeSession       *session;
  MemscopeSelection     *selection;    /* NULL: everything */
  MemscopeSuppressions  *suppressions; /* what the user muted */
  GFile                 *file;
  gboolean               replace;      /* a file that is there */
  MemscopeExportOptions  options;
  GMutex                 mutex;
  guint64                done;
  guint64                total;
  guint                  source;
} ExportJob;

static void
export_job_free (gpointer data)
{
  ExportJob *job = data;

  g_clear_handle_id (&job->source, g_source_remove);
  g_clear_object (&job->session);
  g_clear_pointer (&job->selection, memscope_selection_unref);
  g_clear_pointer (&job->suppressions, memscope_suppressions_free);
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
  const MemscopeExportOptions *options = &job->options;
  GError *error = NULL;
  gboolean written;

  /* Somebody else's, come since the place was looked at. */
  if (!job->replace && g_file_query_exists (job->file, cancellable))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s", g_strerror (EEXIST));
      return;
    }

  if (options->format == MEMSCOPE_EXPORT_JSON)
    {
      const MemscopeJsonOptions json = {
        .user_variables_only = options->user_variables_only,
        .redact = options->redact,
      };

      written = memscope_json_export (job->session, job->selection, &json, job->file,
                                      export_progress, job, cancellable, &error);
    }
  else
    {
      const MemscopeHtmlOptions html = {
        .size_budget = options->size_budget,
        .user_variables_only = options->user_variables_only,
        .redact = options->redact,
        .language = options->language,
        .suppressions = job->suppressions,
      };

      written = memscope_html_export (job->session, job->selection, &html, job->file,
                                      export_progress, job, cancellable, &error);
    }

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

/* ---- what came of it ---------------------------------------------------------------- */

static void
memscope_window_show_exported (MemscopeWindow *self,
                               GFile          *file)
{
  g_autofree char *name = dup_file_name (file);
  g_autofree char *title = g_strdup_printf (_("Exported %s"), name);
  g_autofree char *uri = g_file_get_uri (file);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (title);
  GtkWidget *button = gtk_button_new_with_mnemonic (_("Show in _Files"));
  AdwToast *toast = adw_toast_new ("");

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.show-exported");
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (button), g_variant_new_string (uri));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), button);

  /* A toast has one button of its own; the second is part of its title. */
  adw_toast_set_custom_title (toast, box);
  adw_toast_set_button_label (toast, _("_Open"));
  adw_toast_set_action_name (toast, "win.open-exported");
  adw_toast_set_action_target_value (toast, g_variant_new_string (uri));
  /* It stays: whoever exports much looks elsewhere meanwhile, and the way to it by keys takes its time. */
  adw_toast_set_timeout (toast, 0);
  g_set_weak_pointer (&self->export_toast, toast);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* What to do about it, in a sentence. */
static const char *
advice_for (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return _("The disk is full. Make room, choose another disk, or export less: a shorter range, a smaller page.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY))
    return _("You may not write there. Choose a folder of your own.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return _("The folder is gone. Choose another.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
    return _("There is a folder of this name. Choose another name.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG))
    return _("The name is too long. Choose a shorter one.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    return _("A file of this name has come there meanwhile. Replace it or choose another name.");
  return _("Choose another place and try again.");
}

static void
memscope_window_export_error_response (AdwMessageDialog *dialog,
                                       const char       *response,
                                       MemscopeWindow   *self)
{
  const char *format = g_object_get_data (G_OBJECT (dialog), "format");

  if (g_str_equal (response, "again"))
    gtk_widget_activate_action (GTK_WIDGET (self), format, NULL);
}

static void
memscope_window_show_export_error (MemscopeWindow  *self,
                                   const ExportJob *job,
                                   const GError    *error)
{
  g_autofree char *name = dup_file_name (job->file);
  g_autofree char *why = g_utf8_make_valid (error->message, -1);
  g_autofree char *body = g_strdup_printf (_("%s was not written: %s\n\n%s"), name, why, advice_for (error));
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("The Export Failed"), body);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog),
                                    "close", _("_Close"),
                                    "again", _("Export _Again…"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "again", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "again");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  g_object_set_data (G_OBJECT (dialog), "format",
                     (gpointer) (job->options.format == MEMSCOPE_EXPORT_JSON ? "win.export-json" : "win.export-html"));
  g_signal_connect_object (dialog, "response", G_CALLBACK (memscope_window_export_error_response), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
memscope_window_export_ready (GObject      *source,
                              GAsyncResult *result,
                              gpointer      user_data)
{
  g_autoptr(MemscopeWindow) self = MEMSCOPE_WINDOW (user_data);
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
    memscope_window_show_export_error (self, job, error);
}

/* ---- writing ------------------------------------------------------------------------ */

static void
memscope_window_export_to (MemscopeWindow              *self,
                           GFile                       *file,
                           gboolean                     replace,
                           const MemscopeExportOptions *options)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *name = dup_file_name (file);
  g_autofree char *label = g_strdup_printf (_("Writing %s"), name);
  ExportJob *job = g_new0 (ExportJob, 1);

  memscope_window_cancel_export (self);

  job->session = g_object_ref (memscope_view_state_get_session (self->state));
  if (options->selected)
    job->selection = memscope_selection_ref (memscope_view_state_get_selection (self->state));
  job->suppressions = memscope_mutes_dup_suppressions (memscope_mutes_get_default ());
  job->file = g_object_ref (file);
  job->replace = replace;
  job->options = *options;
  g_mutex_init (&job->mutex);
  job->source = g_timeout_add (PROGRESS_INTERVAL, memscope_window_show_export_progress, self);

  self->exporting = g_cancellable_new ();
  self->export_job = job;
  gtk_label_set_text (self->export_label, label);
  gtk_progress_bar_set_fraction (self->export_progress, 0);
  gtk_revealer_set_reveal_child (self->export_revealer, TRUE);
  memscope_window_update_actions (self);

  /* Not the task's source: the thread may be the last to let go of that, and no thread but
   * the main one may take a window apart.
   */
  task = g_task_new (NULL, self->exporting, memscope_window_export_ready, g_object_ref (self));
  g_task_set_source_tag (task, memscope_window_export_to);
  g_task_set_task_data (task, job, export_job_free);
  /* Renamed into place or not: the writer decides, even when cancelled late. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, export_worker);
}

void
memscope_window_cancel_export (MemscopeWindow *self)
{
  if (self->export_toast != NULL)
    {
      adw_toast_dismiss (self->export_toast);
      g_clear_weak_pointer (&self->export_toast);
    }
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

/* ---- asking ------------------------------------------------------------------------- */

static void
memscope_window_export_accepted (MemscopeExportDialog *dialog,
                                 MemscopeWindow       *self)
{
  MemscopeExportOptions options;
  gboolean replace;
  GFile *file = memscope_export_dialog_get_file (dialog, &replace);

  memscope_export_dialog_get_options (dialog, &options);
  if (self->state != NULL)
    memscope_window_export_to (self, file, replace, &options);
}

static void
memscope_window_export_action (GtkWidget  *widget,
                               const char *action_name,
                               GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  MemscopeExportFormat format = g_str_equal (action_name, "win.export-json") ? MEMSCOPE_EXPORT_JSON : MEMSCOPE_EXPORT_HTML;
  MemscopeExportDialog *dialog = memscope_export_dialog_new (GTK_WINDOW (self), self->state, self->file, format);

  g_signal_connect_object (dialog, "accepted", G_CALLBACK (memscope_window_export_accepted), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Without a dialog: what is selected, with nothing left out; for scripts and tests. */
static void
memscope_window_export_uri_action (GtkWidget  *widget,
                                   const char *action_name,
                                   GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  const char *uri = g_variant_get_string (parameter, NULL);
  g_autoptr(GFile) file = g_file_new_for_uri (uri);
  MemscopeExportOptions options = { .selected = TRUE };

  options.format = g_str_has_suffix (uri, ".json") ? MEMSCOPE_EXPORT_JSON : MEMSCOPE_EXPORT_HTML;
  if (self->state != NULL)
    memscope_window_export_to (self, file, TRUE, &options);
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

/* ---- looking at it ------------------------------------------------------------------- */

static void
memscope_window_open_exported_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  gtk_show_uri (GTK_WINDOW (widget), g_variant_get_string (parameter, NULL), GDK_CURRENT_TIME);
}

/* No file manager answers: the folder at least. */
static void
show_folder (MemscopeWindow *self,
             const char     *uri)
{
  g_autoptr(GFile) file = g_file_new_for_uri (uri);
  g_autoptr(GFile) directory = g_file_get_parent (file);
  g_autofree char *directory_uri = g_file_get_uri (directory != NULL ? directory : file);

  gtk_show_uri (GTK_WINDOW (self), directory_uri, GDK_CURRENT_TIME);
}

typedef struct
{
  MemscopeWindow *window;
  char           *uri;
} ShowItems;

static void
memscope_window_items_shown (GObject      *source,
                             GAsyncResult *result,
                             gpointer      user_data)
{
  ShowItems *show = user_data;
  g_autoptr(GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (reply == NULL)
    show_folder (show->window, show->uri);

  g_object_unref (show->window);
  g_free (show->uri);
  g_free (show);
}

static void
memscope_window_show_exported_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  const char *uri = g_variant_get_string (parameter, NULL);
  const char *const uris[] = { uri, NULL };
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  ShowItems *show;

  if (bus == NULL)
    {
      show_folder (self, uri);
      return;
    }

  show = g_new0 (ShowItems, 1);
  show->window = g_object_ref (self);
  show->uri = g_strdup (uri);
  g_dbus_connection_call (bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
                          "org.freedesktop.FileManager1", "ShowItems",
                          g_variant_new ("(^ass)", uris, ""), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          memscope_window_items_shown, show);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* “Repair File…” of the banner: asks, writes a closed copy beside the recording, and
 * offers to open it. The recording itself is never written to.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-repair.h"
#include "memscope-text.h"
#include "memscope-window-private.h"

/* Shorter work is not worth a word. */
#define SHOW_AFTER    500
#define SHOW_INTERVAL 200
#define TOAST_TIMEOUT 10
#define NAME_CHARS    60

typedef struct _RepairJob
{
  GFile                *from;
  GFile                *to;
  MemscopeRepairReport  report;
  gsize                 done;      /* bytes; atomic, as they are told in the worker's thread */
  gsize                 total;
  guint                 source;    /* while it is the window's */
  AdwToast             *toast;
} RepairJob;

static void
repair_job_free (gpointer data)
{
  RepairJob *job = data;

  g_object_unref (job->from);
  g_object_unref (job->to);
  g_clear_object (&job->toast);
  g_free (job);
}

static char *
dup_name (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "");
  g_autofree char *clipped = memscope_text_clip (name, NAME_CHARS);

  return memscope_text_isolate (clipped);
}

static void
repair_progress (guint64  done,
                 guint64  total,
                 gpointer user_data)
{
  RepairJob *job = user_data;

  g_atomic_pointer_set (&job->total, (gsize) total);
  g_atomic_pointer_set (&job->done, (gsize) done);
}

static void
repair_worker (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  RepairJob *job = task_data;
  GError *error = NULL;

  if (memscope_repair_file (job->from, job->to, &job->report, cancellable, repair_progress, job, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* ---- what came of it ---------------------------------------------------------------- */

static void
memscope_window_show_repaired (MemscopeWindow  *self,
                               const RepairJob *job)
{
  g_autofree char *name = dup_name (job->to);
  g_autofree char *uri = g_file_get_uri (job->to);
  g_autofree char *left = memscope_text_size (job->report.left_bytes);
  g_autofree char *title = NULL;
  g_autofree char *markup = NULL;
  AdwToast *toast;

  if (!job->report.needed)
    {
      memscope_window_toast (self, _("The file is closed and whole: there is nothing to repair."));
      return;
    }

  title = job->report.left_bytes == 0 ? g_strdup_printf (_("Wrote %s"), name)
                                      : g_strdup_printf (_("Wrote %s; %s were damaged and left out"), name, left);
  markup = g_markup_escape_text (title, -1);
  toast = adw_toast_new (markup);
  adw_toast_set_button_label (toast, _("_Open"));
  adw_toast_set_action_name (toast, "win.open-repaired");
  adw_toast_set_action_target_value (toast, g_variant_new_string (uri));
  adw_toast_set_timeout (toast, TOAST_TIMEOUT);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
memscope_window_show_repair_error (MemscopeWindow *self,
                                   const GError   *error)
{
  g_autofree char *why = g_utf8_make_valid (error->message, -1);
  g_autofree char *body = g_strdup_printf (_("The recording is as it was. Why: %s"), why);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("No Repaired Copy Was Written"), body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  gtk_window_present (GTK_WINDOW (dialog));
}

/* What runs is no longer this window's. */
static void
memscope_window_let_go_of_repair (MemscopeWindow *self)
{
  if (self->repair_job != NULL)
    {
      g_clear_handle_id (&self->repair_job->source, g_source_remove);
      if (self->repair_job->toast != NULL)
        adw_toast_dismiss (self->repair_job->toast);
    }
  self->repair_job = NULL;
  g_clear_object (&self->repairing);
}

static void
memscope_window_repair_ready (GObject      *source,
                              GAsyncResult *result,
                              gpointer      user_data)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (source);
  RepairJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->repair_job != job)
    return;

  memscope_window_let_go_of_repair (self);
  if (done)
    memscope_window_show_repaired (self, job);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    memscope_window_show_repair_error (self, error);
}

static gboolean
memscope_window_show_repair_progress (gpointer user_data)
{
  MemscopeWindow *self = user_data;
  RepairJob *job = self->repair_job;
  gsize total = (gsize) g_atomic_pointer_get (&job->total);
  gsize done = (gsize) g_atomic_pointer_get (&job->done);
  g_autofree char *name = dup_name (job->to);
  g_autofree char *share = memscope_text_share (total > 0 ? (double) done / (double) total : 0);
  g_autofree char *title = g_strdup_printf (_("Writing %s: %s"), name, share);
  g_autofree char *markup = g_markup_escape_text (title, -1);

  if (job->toast != NULL)
    {
      adw_toast_set_title (job->toast, markup);
      return G_SOURCE_CONTINUE;
    }

  job->toast = g_object_ref_sink (adw_toast_new (markup));
  adw_toast_set_button_label (job->toast, _("_Cancel"));
  adw_toast_set_action_name (job->toast, "win.cancel-repair");
  adw_toast_set_timeout (job->toast, 0);
  adw_toast_overlay_add_toast (self->toasts, g_object_ref (job->toast));
  job->source = g_timeout_add (SHOW_INTERVAL, memscope_window_show_repair_progress, self);

  return G_SOURCE_REMOVE;
}

void
memscope_window_cancel_repair (MemscopeWindow *self)
{
  if (self->repairing != NULL)
    g_cancellable_cancel (self->repairing);
  memscope_window_let_go_of_repair (self);
}

/* ---- asking ------------------------------------------------------------------------- */

static void
memscope_window_repair_to (MemscopeWindow *self,
                           GFile          *to)
{
  RepairJob *job = g_new0 (RepairJob, 1);
  g_autoptr(GTask) task = NULL;

  memscope_window_cancel_repair (self);

  job->from = g_object_ref (self->file);
  job->to = g_object_ref (to);
  job->source = g_timeout_add (SHOW_AFTER, memscope_window_show_repair_progress, self);
  self->repairing = g_cancellable_new ();
  self->repair_job = job;

  task = g_task_new (self, self->repairing, memscope_window_repair_ready, NULL);
  g_task_set_source_tag (task, memscope_window_repair_to);
  g_task_set_task_data (task, job, repair_job_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, repair_worker);
}

static void
memscope_window_repair_response (AdwMessageDialog *dialog,
                                 const char       *response,
                                 MemscopeWindow   *self)
{
  GFile *to = g_object_get_data (G_OBJECT (dialog), "to");

  if (g_str_equal (response, "repair") && self->file != NULL)
    memscope_window_repair_to (self, to);
}

static void
memscope_window_repair_action (GtkWidget  *widget,
                               const char *action_name,
                               GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  g_autofree char *name = NULL;
  g_autofree char *body = NULL;
  GtkWidget *dialog;
  GFile *to;

  if (self->file == NULL || self->live != NULL || !g_file_is_native (self->file))
    return;

  to = memscope_repair_suggest (self->file);
  name = dup_name (to);
  body = g_strdup_printf (_("Everything sound in the recording goes into a closed copy beside it: %s. "
                            "It opens faster, and other tools take it. The recording itself stays as it is; "
                            "what was lost does not come back."), name);
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Write a Repaired Copy?"), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "repair", _("_Write Copy"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "repair", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "repair");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "to", to, g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (memscope_window_repair_response), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
memscope_window_cancel_repair_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  memscope_window_cancel_repair (MEMSCOPE_WINDOW (widget));
}

static void
memscope_window_open_repaired_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  g_autoptr(GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  memscope_window_open (MEMSCOPE_WINDOW (widget), file);
}

void
memscope_window_class_init_repair (MemscopeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "win.repair", NULL, memscope_window_repair_action);
  gtk_widget_class_install_action (widget_class, "win.cancel-repair", NULL, memscope_window_cancel_repair_action);
  gtk_widget_class_install_action (widget_class, "win.open-repaired", "s", memscope_window_open_repaired_action);
}

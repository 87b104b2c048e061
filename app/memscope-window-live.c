/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A recording while it is made: found or launched, shown as it grows, stopped,
 * copied, and at its end a recording like any other.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-connect-dialog.h"
#include "memscope-launch-dialog.h"
#include "memscope-live-list.h"
#include "memscope-paths.h"
#include "memscope-text.h"
#include "memscope-window-private.h"

static void memscope_window_live_changed (MemscopeWindow *self);

/* ---- what is shown when nothing can be --------------------------------------------- */

static void
memscope_window_show_trouble (MemscopeWindow *self,
                              const char     *title,
                              const char     *text,
                              const char     *advice)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *markup = g_markup_escape_text (valid, -1);

  /* A status page's description is markup, its title is not. */
  adw_status_page_set_title (self->error_page, title);
  adw_status_page_set_description (self->error_page, markup);
  gtk_label_set_text (self->error_advice, advice);
  gtk_label_set_text (self->error_details, valid);
  memscope_window_show_page (self, "error");
}

static void
memscope_window_show_waiting (MemscopeWindow *self,
                              const char     *title,
                              const char     *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  memscope_window_cancel_loading (self);
  memscope_window_show_start (self);
  adw_status_page_set_title (self->loading_page, title);
  adw_status_page_set_description (self->loading_page, markup);
  gtk_widget_set_visible (GTK_WIDGET (self->loading_progress), FALSE);
  memscope_window_show_page (self, "loading");
}

/* ---- the program's life --------------------------------------------------------------- */

static void
memscope_window_set_inhibited (MemscopeWindow *self,
                               gboolean        inhibited)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (inhibited == (self->inhibition != 0) || application == NULL)
    return;

  if (inhibited)
    {
      self->inhibition = gtk_application_inhibit (application, GTK_WINDOW (self),
                                                  GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND,
                                                  _("A program is being recorded"));
      return;
    }

  gtk_application_uninhibit (application, self->inhibition);
  self->inhibition = 0;
}

gboolean
memscope_window_is_recording (MemscopeWindow *self)
{
  return self->live != NULL && self->launcher != NULL &&
         memscope_live_session_get_state (self->live) <= MEMSCOPE_LIVE_RUNNING;
}

void
memscope_window_drop_live (MemscopeWindow *self)
{
  memscope_window_set_inhibited (self, FALSE);
  memscope_record_bar_set_follower (self->record_bar, NULL);
  g_clear_object (&self->follower);
  if (self->live != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->live, memscope_window_live_changed, self);
      memscope_live_session_disconnect (self->live);
    }
  g_clear_object (&self->live);
  g_clear_object (&self->launcher);
  self->live_over = FALSE;
}

/* It is known a moment after the exec, when it has loaded the recorder. */
#define SUCCESSOR_TRIES    20
#define SUCCESSOR_INTERVAL 150   /* ms */

static void memscope_window_found_successor (GObject *source, GAsyncResult *result, gpointer user_data);

static gboolean
memscope_window_find_successor (gpointer user_data)
{
  MemscopeWindow *self = user_data;

  if (self->live != NULL && self->live_over)
    memscope_live_list_async (NULL, memscope_window_found_successor, g_object_ref (self));

  return G_SOURCE_REMOVE;
}

/* Another program came out of it by exec: it is what was meant, most of the time. */
static void
memscope_window_found_successor (GObject      *source,
                                 GAsyncResult *result,
                                 gpointer      user_data)
{
  g_autoptr(MemscopeWindow) self = user_data;
  g_autoptr(GPtrArray) recordings = memscope_live_list_finish (result, NULL);
  MemscopeLiveRecording *before = self->live != NULL ? memscope_live_session_get_recording (self->live) : NULL;

  for (guint i = 0; before != NULL && recordings != NULL && i < recordings->len; i++)
    {
      MemscopeLiveRecording *recording = g_ptr_array_index (recordings, i);

      if (recording->pid == before->pid && g_str_equal (recording->socket, before->socket) &&
          !g_str_equal (recording->uuid, before->uuid))
        {
          g_autoptr(MemscopeLauncher) launcher = g_steal_pointer (&self->launcher);
          g_autofree char *name = memscope_live_recording_dup_name (recording);
          g_autofree char *text = g_strdup_printf (_("The program has become %s"), name);

          memscope_window_watch (self, recording->socket, recording->uuid);
          self->launcher = g_steal_pointer (&launcher);
          memscope_window_set_inhibited (self, self->launcher != NULL);
          memscope_window_toast (self, text);
          return;
        }
    }

  if (before != NULL && self->live_over && ++self->successor_tries < SUCCESSOR_TRIES)
    g_timeout_add_full (G_PRIORITY_DEFAULT, SUCCESSOR_INTERVAL, memscope_window_find_successor,
                        g_object_ref (self), g_object_unref);
}

static void
memscope_window_live_ended (MemscopeWindow *self)
{
  MemscopeLiveRecording *recording = memscope_live_session_get_recording (self->live);
  const char *reason = memscope_live_session_get_reason (self->live, NULL);

  self->live_over = TRUE;
  memscope_window_set_inhibited (self, FALSE);

  if (recording != NULL && self->file == NULL)
    {
      self->file = g_file_new_for_path (recording->file);
      if (memscope_live_session_get_state (self->live) == MEMSCOPE_LIVE_ENDED)
        memscope_window_remember (self);
    }
  memscope_window_show_titles (self);
  memscope_session_banner_set_state (self->banner, self->state, TRUE);
  memscope_window_update_actions (self);

  self->successor_tries = 0;
  if (g_strcmp0 (reason, "exec") == 0)
    memscope_window_find_successor (self);
}

static void
memscope_window_show_live (MemscopeWindow *self)
{
  g_autoptr(MemscopeLiveSession) live = g_steal_pointer (&self->live);
  g_autoptr(MemscopeLauncher) launcher = g_steal_pointer (&self->launcher);

  memscope_window_set_session (self, memscope_live_session_get_session (live), NULL);
  self->live = g_steal_pointer (&live);
  self->launcher = g_steal_pointer (&launcher);
  self->follower = memscope_live_follower_new (self->live, self->state);
  memscope_record_bar_set_follower (self->record_bar, self->follower);
  memscope_window_set_inhibited (self, self->launcher != NULL);
  memscope_window_show_titles (self);
  memscope_window_update_actions (self);
}

static void
memscope_window_live_failed (MemscopeWindow *self)
{
  const GError *error = memscope_live_session_get_error (self->live);

  /* A program that was launched may be over already: its file tells. */
  if (self->launcher != NULL)
    return;

  memscope_window_show_trouble (self, _("The Recording Can’t Be Watched"),
                                error != NULL ? error->message : _("The collector is gone"),
                                _("It may have ended a moment ago: then its file can be opened."));
}

/* Facts come with the first bytes; without them the window has no name to show. */
static gboolean
is_worth_showing (MemscopeLiveSession *live)
{
  MemscopeSession *session = memscope_live_session_get_session (live);

  return memscope_live_session_get_state (live) > MEMSCOPE_LIVE_RUNNING ||
         memscope_session_get_fact (session, "pid", NULL) != NULL ||
         memscope_session_get_n_events (session) > 0;
}

static void
memscope_window_live_changed (MemscopeWindow *self)
{
  MemscopeLiveState state = memscope_live_session_get_state (self->live);

  if (state == MEMSCOPE_LIVE_WAITING)
    return;

  if (state == MEMSCOPE_LIVE_FAILED)
    {
      memscope_window_live_failed (self);
      return;
    }

  if (self->follower == NULL && is_worth_showing (self->live))
    memscope_window_show_live (self);

  if (self->follower != NULL && state > MEMSCOPE_LIVE_RUNNING && !self->live_over)
    memscope_window_live_ended (self);
}

static void
memscope_window_begin_watching (MemscopeWindow *self,
                                const char     *socket,
                                const char     *uuid)
{
  self->live = memscope_live_session_new (socket, uuid);
  g_signal_connect_object (self->live, "changed", G_CALLBACK (memscope_window_live_changed), self, G_CONNECT_SWAPPED);
  memscope_window_update_actions (self);
}

void
memscope_window_watch (MemscopeWindow *self,
                       const char     *socket,
                       const char     *uuid)
{
  g_return_if_fail (MEMSCOPE_IS_WINDOW (self));
  g_return_if_fail (socket != NULL);

  memscope_window_show_waiting (self, _("Connecting…"), "");
  memscope_window_begin_watching (self, socket, uuid);
}

/* ---- a program of our own --------------------------------------------------------------- */

/* Like memscope-cli record does: in a process of its own, so that a broken file can
 * only hurt that. One after the other.
 */
static void
memscope_window_symbolize_next (GObject      *source,
                                GAsyncResult *result,
                                gpointer      user_data)
{
  GPtrArray *files = user_data;
  g_autoptr(GSubprocess) process = NULL;
  g_autofree char *path = NULL;

  if (source != NULL)
    g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);

  if (files->len > 0)
    {
      path = g_ptr_array_steal_index (files, 0);
      process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                                  memscope_paths_get_cli (), "symbolize", "--", path, NULL);
    }

  if (process != NULL)
    g_subprocess_wait_async (process, NULL, memscope_window_symbolize_next, files);
  else
    g_ptr_array_unref (files);
}

static void
symbolize_files (const char *const *paths)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (files, g_strdup (paths[i]));
  memscope_window_symbolize_next (NULL, NULL, files);
}

/* The program was over before it could be watched. */
static void
memscope_window_show_what_is_left (MemscopeWindow   *self,
                                   MemscopeLauncher *launcher)
{
  const char *const *files = memscope_launcher_get_files (launcher);
  const char *const *warnings = memscope_launcher_get_warnings (launcher);

  if (files[0] != NULL)
    {
      g_autoptr(GFile) file = g_file_new_for_path (files[0]);

      memscope_window_open (self, file);
      return;
    }

  memscope_window_show_trouble (self, _("Nothing Was Recorded"),
                                warnings[0] != NULL ? warnings[0] : _("The program never loaded the recorder"),
                                _("Check the program and its arguments, and launch it again."));
}

static void
memscope_window_program_ended (GObject      *source,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  GWeakRef *window = user_data;
  g_autoptr(MemscopeWindow) self = g_weak_ref_get (window);
  MemscopeLauncher *launcher = MEMSCOPE_LAUNCHER (source);
  const char *const *warnings;
  gboolean ok = memscope_launcher_wait_finish (launcher, result, NULL);

  g_weak_ref_clear (window);
  g_free (window);
  if (!ok)
    return;

  symbolize_files (memscope_launcher_get_files (launcher));

  /* The window has gone on to something else, or away. */
  if (self == NULL || self->launcher != launcher)
    return;

  if (self->follower == NULL)
    {
      g_autoptr(MemscopeLauncher) kept = g_object_ref (launcher);

      memscope_window_drop_live (self);
      memscope_window_show_what_is_left (self, kept);
      return;
    }

  warnings = memscope_launcher_get_warnings (launcher);
  if (warnings[0] != NULL)
    memscope_window_toast (self, warnings[0]);
}

void
memscope_window_take_launcher (MemscopeWindow   *self,
                               MemscopeLauncher *launcher)
{
  g_autofree char *base = NULL;
  g_autofree char *name = NULL;
  GWeakRef *window;

  g_return_if_fail (MEMSCOPE_IS_WINDOW (self));
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (launcher));

  base = g_path_get_basename (memscope_launcher_get_output (launcher));
  name = g_filename_display_name (base);
  memscope_window_show_waiting (self, _("Starting…"), name);
  self->launcher = g_object_ref (launcher);
  memscope_window_begin_watching (self, memscope_launcher_get_socket (launcher), NULL);

  window = g_new0 (GWeakRef, 1);
  g_weak_ref_init (window, self);
  memscope_launcher_wait_async (launcher, NULL, memscope_window_program_ended, window);
}

/* ---- dialogs -------------------------------------------------------------------------------- */

/* Here when the start page is shown, else in a window of its own. */
static MemscopeWindow *
memscope_window_for_another (MemscopeWindow *self)
{
  MemscopeWindow *window = self;

  if (!memscope_window_is_start (self))
    {
      window = memscope_window_new (gtk_window_get_application (GTK_WINDOW (self)));
      gtk_window_present (GTK_WINDOW (window));
    }

  return window;
}

static void
memscope_window_recording_chosen (MemscopeWindow        *self,
                                  MemscopeLiveRecording *recording)
{
  memscope_window_watch (memscope_window_for_another (self), recording->socket, recording->uuid);
}

static void
memscope_window_connect_action (GtkWidget  *widget,
                                const char *action_name,
                                GVariant   *parameter)
{
  MemscopeConnectDialog *dialog = memscope_connect_dialog_new (GTK_WINDOW (widget));

  g_signal_connect_object (dialog, "chosen", G_CALLBACK (memscope_window_recording_chosen), widget, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
memscope_window_program_launched (MemscopeWindow   *self,
                                  MemscopeLauncher *launcher)
{
  memscope_window_take_launcher (memscope_window_for_another (self), launcher);
}

static void
memscope_window_launch_action (GtkWidget  *widget,
                               const char *action_name,
                               GVariant   *parameter)
{
  MemscopeLaunchDialog *dialog = memscope_launch_dialog_new (GTK_WINDOW (widget));

  g_signal_connect_object (dialog, "launched", G_CALLBACK (memscope_window_program_launched), widget, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- what the bar offers ----------------------------------------------------------------------- */

static void
memscope_window_pause_view_action (GtkWidget  *widget,
                                   const char *action_name,
                                   GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  memscope_live_follower_set_paused (self->follower, !memscope_live_follower_get_paused (self->follower));
}

static void
memscope_window_follow_action (GtkWidget  *widget,
                               const char *action_name,
                               GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  memscope_live_follower_set_paused (self->follower, FALSE);
  memscope_view_state_follow (self->state);
}

static void
memscope_window_command_done (GObject      *source,
                              GAsyncResult *result,
                              gpointer      user_data)
{
  g_autoptr(MemscopeWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!memscope_live_session_finish (MEMSCOPE_LIVE_SESSION (source), result, &error))
    memscope_window_toast (self, error->message);
}

static void
memscope_window_mark_response (AdwMessageDialog *dialog,
                               const char       *response,
                               MemscopeWindow   *self)
{
  GtkEditable *entry = GTK_EDITABLE (adw_message_dialog_get_extra_child (dialog));
  const char *text = gtk_editable_get_text (entry);

  if (g_str_equal (response, "mark") && self->live != NULL)
    memscope_live_session_mark_async (self->live, *text != '\0' ? text : _("Mark"), NULL,
                                      memscope_window_command_done, g_object_ref (self));
}

static void
memscope_window_add_mark_action (GtkWidget  *widget,
                                 const char *action_name,
                                 GVariant   *parameter)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (widget), _("Mark This Moment"),
                                              _("The mark becomes part of the recording."));
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _("What happens here"));
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_max_length (GTK_ENTRY (entry), 500);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Text of the mark"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "mark", _("_Mark"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "mark", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "mark");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (memscope_window_mark_response), widget, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
memscope_window_copy_saved (GObject      *source,
                            GAsyncResult *result,
                            gpointer      user_data)
{
  g_autoptr(MemscopeWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  if (memscope_live_session_finish (MEMSCOPE_LIVE_SESSION (source), result, &error))
    memscope_window_toast (self, _("A copy of the recording was saved"));
  else
    memscope_window_toast (self, error->message);
}

static void
memscope_window_save_copy_response (GtkNativeDialog *dialog,
                                    int              response,
                                    gpointer         user_data)
{
  MemscopeWindow *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT && self->live != NULL)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      memscope_live_session_save_async (self->live, file, NULL, memscope_window_copy_saved, g_object_ref (self));
    }

  g_clear_object (&self->chooser);
}

static void
memscope_window_save_copy_action (GtkWidget  *widget,
                                  const char *action_name,
                                  GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  MemscopeLiveRecording *recording = memscope_live_session_get_recording (self->live);
  g_autofree char *name = recording != NULL ? memscope_live_recording_dup_name (recording) : g_strdup ("recording");
  g_autofree char *file_name = g_strdup_printf ("%s.memscope", name);

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_("Save a Copy"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE,
                                               _("_Save"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), file_name);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (memscope_window_save_copy_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
memscope_window_stop_recording_action (GtkWidget  *widget,
                                       const char *action_name,
                                       GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  memscope_live_session_stop_async (self->live, NULL, memscope_window_command_done, g_object_ref (self));
}

/* ---- leaving ---------------------------------------------------------------------------------------- */

typedef struct
{
  MemscopeWindow *window;
  gboolean        close;      /* the window; else only what it shows */
} Leave;

static void
leave_free (gpointer  data,
            GClosure *closure)
{
  g_free (data);
}

static gboolean
memscope_window_close_later (gpointer user_data)
{
  gtk_window_close (user_data);

  return G_SOURCE_REMOVE;
}

static void
memscope_window_leave_response (AdwMessageDialog *dialog,
                                const char       *response,
                                gpointer          user_data)
{
  Leave *leave = user_data;
  MemscopeWindow *self = leave->window;

  if (g_str_equal (response, "cancel"))
    return;

  if (g_str_equal (response, "stop") && self->launcher != NULL)
    memscope_launcher_stop (self->launcher);

  memscope_window_drop_live (self);
  /* Not from within the dialog, which goes with its window. */
  if (leave->close)
    g_idle_add_full (G_PRIORITY_DEFAULT, memscope_window_close_later, g_object_ref (self), g_object_unref);
  else
    memscope_window_show_start (self);
}

gboolean
memscope_window_ask_before_leaving (MemscopeWindow *self,
                                    gboolean        close)
{
  MemscopeLiveRecording *recording;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  GtkWidget *dialog;
  Leave *leave;

  if (!memscope_window_is_recording (self))
    return FALSE;

  recording = memscope_live_session_get_recording (self->live);
  name = g_filename_display_name (recording != NULL ? recording->file : memscope_launcher_get_output (self->launcher));
  text = g_strdup_printf (_("What is recorded is kept in %s. If recording goes on, it ends with the program, and the file can be opened then. If it stops, the program runs on without being recorded."),
                          name);
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _("The Program Is Still Being Recorded"), text);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"),
                                    "stop", _("_Stop Recording"), "keep", _("_Go On Recording"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "stop", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "keep", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");

  leave = g_new0 (Leave, 1);
  leave->window = self;
  leave->close = close;
  g_signal_connect_data (dialog, "response", G_CALLBACK (memscope_window_leave_response), leave, leave_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));

  return TRUE;
}

static gboolean
memscope_window_live_close_request (MemscopeWindow *self)
{
  return memscope_window_ask_before_leaving (self, TRUE);
}

/* ---- keys --------------------------------------------------------------------------------------------- */

/* Only what nobody else wanted: Space presses buttons and writes blanks as well. */
static gboolean
memscope_window_live_key_pressed (GtkEventControllerKey *controller,
                                  guint                  keyval,
                                  guint                  keycode,
                                  GdkModifierType        modifiers,
                                  gpointer               user_data)
{
  MemscopeWindow *self = user_data;

  if (self->follower == NULL || (modifiers & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;

  if (keyval == GDK_KEY_space && gtk_widget_activate_action (GTK_WIDGET (self), "win.pause-view", NULL))
    return GDK_EVENT_STOP;
  if (keyval == GDK_KEY_End && gtk_widget_activate_action (GTK_WIDGET (self), "win.follow", NULL))
    return GDK_EVENT_STOP;

  return GDK_EVENT_PROPAGATE;
}

void
memscope_window_update_live (MemscopeWindow *self)
{
  gboolean live = self->follower != NULL;
  gboolean running = live && memscope_live_session_get_state (self->live) <= MEMSCOPE_LIVE_RUNNING;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.pause-view", running);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.follow", live);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.add-mark", running);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.save-copy", live);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.stop-recording", running);
}

void
memscope_window_class_init_live (MemscopeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "win.launch", NULL, memscope_window_launch_action);
  gtk_widget_class_install_action (widget_class, "win.connect", NULL, memscope_window_connect_action);
  gtk_widget_class_install_action (widget_class, "win.pause-view", NULL, memscope_window_pause_view_action);
  gtk_widget_class_install_action (widget_class, "win.follow", NULL, memscope_window_follow_action);
  gtk_widget_class_install_action (widget_class, "win.add-mark", NULL, memscope_window_add_mark_action);
  gtk_widget_class_install_action (widget_class, "win.save-copy", NULL, memscope_window_save_copy_action);
  gtk_widget_class_install_action (widget_class, "win.stop-recording", NULL, memscope_window_stop_recording_action);
}

void
memscope_window_init_live (MemscopeWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_window_live_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect (self, "close-request", G_CALLBACK (memscope_window_live_close_request), NULL);
}

MemscopeLiveFollower *
memscope_window_get_follower (MemscopeWindow *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_WINDOW (self), NULL);

  return self->follower;
}

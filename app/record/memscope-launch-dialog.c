/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "memscope-launch-dialog.h"
#include "memscope-settings.h"
#include "memscope-text.h"

#define KIB 1024
#define MIB (1024u * 1024u)

struct _MemscopeLaunchDialog
{
  AdwWindow             parent_instance;

  GtkFileChooserNative *chooser;
  char                 *output;          /* chosen; NULL: named after the program and the time */
  gboolean              starting;

  AdwEntryRow          *command_row;
  AdwActionRow         *output_row;
  AdwEntryRow          *directory_row;
  AdwEntryRow          *environment_row;
  GtkSpinButton        *depth_spin;
  GtkSwitch            *free_stacks_switch;
  GtkSwitch            *lossy_switch;
  GtkSpinButton        *sample_spin;
  GtkSpinButton        *size_spin;
  GtkSpinButton        *time_spin;
  GtkRevealer          *error_revealer;
  GtkLabel             *error_label;
  GtkWidget            *launch_button;
  GtkSpinner           *spinner;
};

enum {
  LAUNCHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeLaunchDialog, memscope_launch_dialog, ADW_TYPE_WINDOW)

/* ---- words -------------------------------------------------------------------- */

static void
memscope_launch_dialog_complain (MemscopeLaunchDialog *self,
                                 const char           *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (valid != NULL)
    gtk_label_set_text (self->error_label, valid);
  gtk_revealer_set_reveal_child (self->error_revealer, valid != NULL);
}

/* Quoted only where a shell would need it. */
static char *
join_words (const char *const *words)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean plain = *words[i] != '\0' && strpbrk (words[i], " \t\n'\"\\$`;&|<>()*?[]#~") == NULL;
      g_autofree char *quoted = plain ? g_strdup (words[i]) : g_shell_quote (words[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", quoted);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char **
split_words (const char  *text,
             GError     **error)
{
  g_auto(GStrv) words = NULL;

  if (g_shell_parse_argv (text, NULL, &words, error))
    return g_steal_pointer (&words);

  return NULL;
}

/* "" and nothing but blanks are no words, and no error either. */
static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\n")] == '\0';
}

static char *
dup_default_output (const char *program)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autoptr(GFile) folder = memscope_settings_dup_recordings_folder ();
  g_autofree char *base = g_path_get_basename (program);
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  g_autofree char *name = g_strdup_printf ("%s-%s.memscope", base, time);
  g_autoptr(GFile) file = g_file_get_child (folder, name);

  return g_file_get_path (file);
}

static void
memscope_launch_dialog_show_output (MemscopeLaunchDialog *self)
{
  g_autoptr(GFile) folder = memscope_settings_dup_recordings_folder ();
  g_autofree char *path = self->output != NULL ? g_strdup (self->output) : g_file_get_path (folder);
  g_autofree char *name = path != NULL ? g_filename_display_name (path) : g_strdup ("");
  g_autofree char *text = self->output != NULL ? g_strdup (name)
                                               : g_strdup_printf (_("%s, named after the program and the time"), name);

  adw_action_row_set_subtitle (self->output_row, text);
}

static void
memscope_launch_dialog_command_changed (MemscopeLaunchDialog *self)
{
  memscope_launch_dialog_complain (self, NULL);
  gtk_widget_set_sensitive (self->launch_button,
                            !self->starting && !is_blank (gtk_editable_get_text (GTK_EDITABLE (self->command_row))));
}

/* ---- files ------------------------------------------------------------------------ */

static void
memscope_launch_dialog_program_response (GtkNativeDialog *dialog,
                                         int              response,
                                         gpointer         user_data)
{
  MemscopeLaunchDialog *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = g_file_get_path (file);
      const char *words[] = { path, NULL };
      g_autofree char *text = path != NULL ? join_words (words) : NULL;

      if (text != NULL && g_utf8_validate (text, -1, NULL))
        gtk_editable_set_text (GTK_EDITABLE (self->command_row), text);
    }

  g_clear_object (&self->chooser);
}

static void
memscope_launch_dialog_directory_response (GtkNativeDialog *dialog,
                                           int              response,
                                           gpointer         user_data)
{
  MemscopeLaunchDialog *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL && g_utf8_validate (path, -1, NULL))
        gtk_editable_set_text (GTK_EDITABLE (self->directory_row), path);
    }

  g_clear_object (&self->chooser);
}

static void
memscope_launch_dialog_output_response (GtkNativeDialog *dialog,
                                        int              response,
                                        gpointer         user_data)
{
  MemscopeLaunchDialog *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      g_free (self->output);
      self->output = g_file_get_path (file);
      memscope_launch_dialog_show_output (self);
    }

  g_clear_object (&self->chooser);
}

static void
memscope_launch_dialog_choose (MemscopeLaunchDialog *self,
                               const char           *title,
                               GtkFileChooserAction  action,
                               GCallback             response)
{
  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, _("_Select"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", response, self, 0);
}

static void
memscope_launch_dialog_choose_program (MemscopeLaunchDialog *self)
{
  memscope_launch_dialog_choose (self, _("Choose a Program"), GTK_FILE_CHOOSER_ACTION_OPEN,
                                 G_CALLBACK (memscope_launch_dialog_program_response));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
memscope_launch_dialog_choose_directory (MemscopeLaunchDialog *self)
{
  memscope_launch_dialog_choose (self, _("Choose the Working Folder"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                 G_CALLBACK (memscope_launch_dialog_directory_response));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
memscope_launch_dialog_choose_output (MemscopeLaunchDialog *self)
{
  g_autoptr(GFile) folder = memscope_settings_dup_recordings_folder ();

  memscope_launch_dialog_choose (self, _("Where to Keep the Recording"), GTK_FILE_CHOOSER_ACTION_SAVE,
                                 G_CALLBACK (memscope_launch_dialog_output_response));
  if (g_file_query_exists (folder, NULL))
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), "recording.memscope");
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ---- launching ------------------------------------------------------------------------ */

static char **
memscope_launch_dialog_dup_environment (MemscopeLaunchDialog  *self,
                                        GError               **error)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->environment_row));
  g_auto(GStrv) words = NULL;

  if (is_blank (text))
    return g_new0 (char *, 1);

  words = split_words (text, error);
  if (words == NULL)
    return NULL;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *equals = strchr (words[i], '=');

      if (equals == NULL || equals == words[i])
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       _("“%s” is no variable: write NAME=VALUE, several with blanks between them"), words[i]);
          return NULL;
        }
    }

  return g_steal_pointer (&words);
}

static void
memscope_launch_dialog_remember (MemscopeLaunchDialog *self,
                                 const char *const    *argv,
                                 const char *const    *environment)
{
  GSettings *settings = memscope_settings_get ();

  g_settings_set_strv (settings, "launch-arguments", argv);
  g_settings_set_strv (settings, "launch-environment", environment);
  g_settings_set_string (settings, "launch-directory", gtk_editable_get_text (GTK_EDITABLE (self->directory_row)));
}

static MemscopeLauncher *
memscope_launch_dialog_create_launcher (MemscopeLaunchDialog  *self,
                                        GError               **error)
{
  g_auto(GStrv) argv = split_words (gtk_editable_get_text (GTK_EDITABLE (self->command_row)), error);
  g_auto(GStrv) added = argv != NULL ? memscope_launch_dialog_dup_environment (self, error) : NULL;
  const char *directory = gtk_editable_get_text (GTK_EDITABLE (self->directory_row));
  g_autofree char *output = NULL;
  g_autofree char *folder = NULL;
  g_auto(GStrv) environment = NULL;
  MemscopeLauncher *launcher;

  if (added == NULL)
    return NULL;

  output = self->output != NULL ? g_strdup (self->output) : dup_default_output (argv[0]);
  folder = g_path_get_dirname (output);
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The folder %s can’t be made: %s"), folder, g_strerror (errno));
      return NULL;
    }

  environment = g_get_environ ();
  for (guint i = 0; added[i] != NULL; i++)
    {
      g_auto(GStrv) parts = g_strsplit (added[i], "=", 2);

      environment = g_environ_setenv (environment, parts[0], parts[1], TRUE);
    }

  memscope_launch_dialog_remember (self, (const char *const *) argv, (const char *const *) added);

  launcher = memscope_launcher_new ((const char *const *) argv);
  memscope_launcher_set_output (launcher, output);
  memscope_launcher_set_directory (launcher, is_blank (directory) ? g_get_home_dir () : directory);
  memscope_launcher_set_environment (launcher, (const char *const *) environment);
  memscope_launcher_set_stack_depth (launcher, (guint) gtk_spin_button_get_value_as_int (self->depth_spin));
  memscope_launcher_set_free_stacks (launcher, gtk_switch_get_active (self->free_stacks_switch));
  memscope_launcher_set_lossy (launcher, gtk_switch_get_active (self->lossy_switch));
  memscope_launcher_set_sampling (launcher, (guint64) gtk_spin_button_get_value (self->sample_spin) * KIB);
  memscope_launcher_set_max_size (launcher, (guint64) gtk_spin_button_get_value (self->size_spin) * MIB);
  memscope_launcher_set_max_time (launcher, (guint64) gtk_spin_button_get_value (self->time_spin) * 1000);

  return launcher;
}

static void
start_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  GError *error = NULL;

  if (memscope_launcher_start (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
memscope_launch_dialog_set_starting (MemscopeLaunchDialog *self,
                                     gboolean              starting)
{
  self->starting = starting;
  gtk_spinner_set_spinning (self->spinner, starting);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), starting);
  memscope_launch_dialog_command_changed (self);
}

static void
memscope_launch_dialog_started (GObject      *source,
                                GAsyncResult *result,
                                gpointer      user_data)
{
  g_autoptr(MemscopeLaunchDialog) self = MEMSCOPE_LAUNCH_DIALOG (user_data);
  MemscopeLauncher *launcher = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;

  memscope_launch_dialog_set_starting (self, FALSE);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      memscope_launch_dialog_complain (self, error->message);
      return;
    }

  g_signal_emit (self, signals[LAUNCHED], 0, launcher);
  gtk_window_close (GTK_WINDOW (self));
}

static void
memscope_launch_dialog_launch (MemscopeLaunchDialog *self)
{
  g_autoptr(GError) error = NULL;
  MemscopeLauncher *launcher;
  g_autoptr(GTask) task = NULL;

  if (self->starting || is_blank (gtk_editable_get_text (GTK_EDITABLE (self->command_row))))
    return;

  launcher = memscope_launch_dialog_create_launcher (self, &error);
  if (launcher == NULL)
    {
      memscope_launch_dialog_complain (self, error->message);
      return;
    }

  memscope_launch_dialog_set_starting (self, TRUE);
  /* Not the task's source: the thread may be the last to let go of that, and no thread but
   * the main one may take a widget apart.
   */
  task = g_task_new (NULL, NULL, memscope_launch_dialog_started, g_object_ref (self));
  g_task_set_source_tag (task, memscope_launch_dialog_launch);
  g_task_set_task_data (task, launcher, g_object_unref);
  g_task_run_in_thread (task, start_in_thread);
}

/* ---- the object ---------------------------------------------------------------------------- */

static void
memscope_launch_dialog_recall (MemscopeLaunchDialog *self)
{
  GSettings *settings = memscope_settings_get ();
  g_auto(GStrv) argv = g_settings_get_strv (settings, "launch-arguments");
  g_auto(GStrv) environment = g_settings_get_strv (settings, "launch-environment");
  g_autofree char *directory = g_settings_get_string (settings, "launch-directory");
  g_autofree char *command = join_words ((const char *const *) argv);
  g_autofree char *variables = join_words ((const char *const *) environment);

  gtk_editable_set_text (GTK_EDITABLE (self->command_row), command);
  gtk_editable_set_text (GTK_EDITABLE (self->environment_row), variables);
  gtk_editable_set_text (GTK_EDITABLE (self->directory_row), directory);
}

static void
memscope_launch_dialog_dispose (GObject *object)
{
  MemscopeLaunchDialog *self = MEMSCOPE_LAUNCH_DIALOG (object);

  g_clear_object (&self->chooser);
  g_clear_pointer (&self->output, g_free);

  G_OBJECT_CLASS (memscope_launch_dialog_parent_class)->dispose (object);
}

static void
memscope_launch_dialog_class_init (MemscopeLaunchDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_launch_dialog_dispose;

  signals[LAUNCHED] =
    g_signal_new ("launched",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL, NULL,
                  NULL,
                  G_TYPE_NONE,
                  1, MEMSCOPE_TYPE_LAUNCHER);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-launch-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, command_row);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, output_row);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, directory_row);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, environment_row);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, depth_spin);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, free_stacks_switch);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, lossy_switch);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, sample_spin);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, size_spin);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, time_spin);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, error_revealer);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, launch_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeLaunchDialog, spinner);
  gtk_widget_class_bind_template_callback (widget_class, memscope_launch_dialog_command_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_launch_dialog_choose_program);
  gtk_widget_class_bind_template_callback (widget_class, memscope_launch_dialog_choose_directory);
  gtk_widget_class_bind_template_callback (widget_class, memscope_launch_dialog_choose_output);
  gtk_widget_class_bind_template_callback (widget_class, memscope_launch_dialog_launch);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
memscope_launch_dialog_init (MemscopeLaunchDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  memscope_launch_dialog_recall (self);
  memscope_launch_dialog_show_output (self);
  memscope_launch_dialog_command_changed (self);
}

MemscopeLaunchDialog *
memscope_launch_dialog_new (GtkWindow *parent)
{
  return g_object_new (MEMSCOPE_TYPE_LAUNCH_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
}

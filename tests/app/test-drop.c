/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window makes of dropped files; tests/desktop drags them with a pointer. */

#include "config.h"

#include <string.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "memscope-file-probe.h"
#include "memscope-window-private.h"

static GtkApplication *application;

static GFile *
write_file (const char *directory,
            const char *name,
            const char *contents,
            gssize      length)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_true (g_file_set_contents (path, contents, length, NULL));

  return g_file_new_for_path (path);
}

static GtkDropTarget *
find_drop_target (MemscopeWindow *window)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return GTK_DROP_TARGET (controller);
    }

  g_assert_not_reached ();
}

static void
drop (MemscopeWindow  *window,
      GFile          **files,
      gsize            n_files)
{
  GdkFileList *list = gdk_file_list_new_from_array (files, n_files);
  GValue value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, list);
  g_signal_emit_by_name (find_drop_target (window), "drop", &value, 10.0, 10.0, &taken);
  g_assert_true (taken);
  g_value_unset (&value);
  app_fixture_settle ();
}

static gboolean
has_text (GtkWidget  *widget,
          const char *part)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), part) != NULL)
    return TRUE;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (has_text (child, part))
      return TRUE;

  return FALSE;
}

static GtkWidget *
find_dialog (MemscopeWindow *window)
{
  g_autoptr(GListModel) toplevels = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr(GtkWidget) toplevel = g_list_model_get_item (toplevels, i);

      if (ADW_IS_MESSAGE_DIALOG (toplevel) && gtk_window_get_transient_for (GTK_WINDOW (toplevel)) == GTK_WINDOW (window))
        return toplevel;
    }

  return NULL;
}

static guint
count_windows (void)
{
  guint n_windows = 0;

  for (GList *l = gtk_application_get_windows (application); l != NULL; l = l->next)
    n_windows += MEMSCOPE_IS_WINDOW (l->data);

  return n_windows;
}

static void
test_names_the_type_of_what_is_no_recording (void)
{
  g_autofree char *directory = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  g_autoptr(GFile) picture = write_file (directory, "<b>picture.png", "\x89PNG\r\n\x1a\n\0\0\0", 11);
  g_autoptr(GFile) folder = g_file_new_for_path (directory);
  GFile *both[] = { picture, folder };
  MemscopeWindow *window = memscope_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  drop (window, both, 1);
  g_assert_true (has_text (GTK_WIDGET (window->toasts), "<b>picture.png"));
  g_assert_true (has_text (GTK_WIDGET (window->toasts), "is not a recording: PNG image"));
  g_assert_true (memscope_window_is_start (window));
  g_assert_null (find_dialog (window));

  gtk_window_destroy (GTK_WINDOW (window));
  window = memscope_window_new (application);
  gtk_window_present (GTK_WINDOW (window));
  drop (window, both, 2);
  g_assert_true (has_text (GTK_WIDGET (window->toasts), "and 1 other file are not recordings"));

  gtk_window_destroy (GTK_WINDOW (window));
  g_file_delete (picture, NULL, NULL);
  g_file_delete (folder, NULL, NULL);
}

static gboolean
is_loaded (gpointer user_data)
{
  return memscope_window_get_state (user_data) != NULL;
}

static void
test_opens_the_recording_among_other_files (void)
{
  g_autofree char *directory = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  g_autoptr(GFile) text = write_file (directory, "notes.txt", "no recording\n", -1);
  g_autoptr(GFile) folder = g_file_new_for_path (directory);
  GFile *recording = app_fixture_unpack ("golden/memscope-rs/tiny_user.memscope.gz");
  GFile *files[] = { text, recording };
  MemscopeWindow *window = memscope_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  drop (window, files, 2);
  app_fixture_wait (is_loaded, window);
  app_fixture_settle ();
  g_assert_true (has_text (GTK_WIDGET (window->toasts), "notes.txt"));
  g_assert_cmpuint (count_windows (), ==, 1);

  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  app_fixture_remove (recording);
  g_file_delete (text, NULL, NULL);
  g_file_delete (folder, NULL, NULL);
}

static gboolean
are_all_loaded (gpointer user_data)
{
  guint n_loaded = 0;

  for (GList *l = gtk_application_get_windows (application); l != NULL; l = l->next)
    n_loaded += MEMSCOPE_IS_WINDOW (l->data) && memscope_window_get_state (l->data) != NULL;

  return n_loaded == GPOINTER_TO_UINT (user_data);
}

static void
test_asks_about_several_recordings (void)
{
  GFile *files[] = {
    app_fixture_unpack ("golden/memscope-rs/tiny_user.memscope.gz"),
    app_fixture_unpack ("golden/memscope-rs/rich_full.memscope.gz"),
  };
  MemscopeWindow *window = memscope_window_new (application);
  GtkWidget *dialog;

  gtk_window_present (GTK_WINDOW (window));
  drop (window, files, 2);
  dialog = find_dialog (window);
  g_assert_nonnull (dialog);
  g_assert_cmpstr (adw_message_dialog_get_heading (ADW_MESSAGE_DIALOG (dialog)), ==, "Open 2 Recordings?");
  g_assert_true (has_text (dialog, "tiny_user.memscope"));
  g_assert_true (has_text (dialog, "rich_full.memscope"));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  app_fixture_settle ();
  g_assert_true (memscope_window_is_start (window));

  drop (window, files, 2);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (find_dialog (window)), "each");
  app_fixture_wait (are_all_loaded, GUINT_TO_POINTER (2));
  app_fixture_settle ();
  g_assert_cmpuint (count_windows (), ==, 2);

  while (gtk_application_get_windows (application) != NULL)
    gtk_window_destroy (gtk_application_get_windows (application)->data);
  app_fixture_settle ();
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    app_fixture_remove (files[i]);
}

static void
test_shows_where_files_would_go (void)
{
  MemscopeWindow *window = memscope_window_new (application);
  GtkDropTarget *target = find_drop_target (window);
  GdkDragAction action;

  gtk_window_present (GTK_WINDOW (window));
  g_assert_false (gtk_widget_get_visible (window->drop_zone));
  g_signal_emit_by_name (target, "enter", 10.0, 10.0, &action);
  g_assert_cmpint (action, ==, GDK_ACTION_COPY);
  g_assert_true (gtk_widget_get_visible (window->drop_zone));
  g_assert_true (has_text (window->drop_zone, "It opens in this window."));
  g_signal_emit_by_name (target, "leave");
  g_assert_false (gtk_widget_get_visible (window->drop_zone));

  gtk_window_destroy (GTK_WINDOW (window));
}

static void
probed (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  *(GPtrArray **) user_data = memscope_file_probe_finish (result, NULL);
}

static gboolean
is_probed (gpointer user_data)
{
  return *(GPtrArray **) user_data != NULL;
}

static void
test_looks_at_content_not_at_names (void)
{
  static const struct
  {
    const char *name;
    const char *content;
    gboolean    maybe;
  } cases[] = {
    { "a", "MEMSCOPE\1\0\0\0", TRUE },
    { "b.json", "[\n  {\"ptr\": 1}]", TRUE },
    { "c", "\xef\xbb\xbf \n{\"session\": {}}", TRUE },
    { "d.memscope", "damaged beyond words", TRUE },
    { "e.txt", "MEMSCOP", FALSE },
    { "f.txt", "hello", FALSE },
    { "g", "", FALSE },
  };
  g_autofree char *directory = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  g_autoptr(GFile) folder = g_file_new_for_path (directory);
  g_autoptr(GFile) missing = g_file_get_child (folder, "missing");
  g_autoptr(GListStore) files = g_list_store_new (G_TYPE_FILE);
  g_autoptr(GPtrArray) found = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GFile) file = write_file (directory, cases[i].name, cases[i].content, -1);

      g_list_store_append (files, file);
    }
  g_list_store_append (files, missing);

  memscope_file_probe_async (G_LIST_MODEL (files), NULL, probed, &found);
  app_fixture_wait (is_probed, &found);
  g_assert_cmpuint (found->len, ==, G_N_ELEMENTS (cases) + 1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MemscopeProbedFile *file = g_ptr_array_index (found, i);

      if ((file->kind == NULL) != cases[i].maybe)
        g_error ("%s was taken for %s", cases[i].name, file->kind != NULL ? file->kind : "a recording");
      g_file_delete (file->file, NULL, NULL);
    }
  /* Opening it says what is wrong. */
  g_assert_null (((MemscopeProbedFile *) g_ptr_array_index (found, G_N_ELEMENTS (cases)))->kind);
  g_file_delete (folder, NULL, NULL);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *state = g_dir_make_tmp ("memscope-state-XXXXXX", NULL);
  int status;

  /* The list of recent sessions is this test's own; the desktop's file types are everybody's. */
  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  application = GTK_APPLICATION (memscope_application_new ());
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));

  g_test_add_func ("/drop/names-the-type-of-what-is-no-recording", test_names_the_type_of_what_is_no_recording);
  g_test_add_func ("/drop/opens-the-recording-among-other-files", test_opens_the_recording_among_other_files);
  g_test_add_func ("/drop/asks-about-several-recordings", test_asks_about_several_recordings);
  g_test_add_func ("/drop/shows-where-files-would-go", test_shows_where_files_would_go);
  g_test_add_func ("/drop/looks-at-content-not-at-names", test_looks_at_content_not_at_names);

  status = g_test_run ();
  g_object_unref (application);
  app_fixture_remove_tree (state);

  return status;
}

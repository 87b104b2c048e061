/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "memscope-recent-row.h"
#include "memscope-recent.h"
#include "memscope-window-private.h"

static GtkApplication *application;

static void
collect_rows (GtkWidget *widget,
              GPtrArray *rows)
{
  if (MEMSCOPE_IS_RECENT_ROW (widget))
    g_ptr_array_add (rows, widget);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    collect_rows (child, rows);
}

static GPtrArray *
rows_of (MemscopeWindow *window)
{
  GPtrArray *rows = g_ptr_array_new ();

  collect_rows (GTK_WIDGET (window->start_page), rows);

  return rows;
}

static GtkWidget *
find_type (GtkWidget *widget,
           GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* Whether a button with this label is to be seen. */
static gboolean
find_button (GtkWidget  *widget,
             const char *label)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return gtk_widget_get_visible (widget);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (find_button (child, label))
      return TRUE;

  return FALSE;
}

static void
remember (const char *uri,
          const char *description)
{
  MemscopeRecent *recent = memscope_recent_new (uri);

  g_free (recent->description);
  recent->description = g_strdup (description);
  recent->opened = g_get_real_time () / G_USEC_PER_SEC;
  memscope_recent_list_add (recent);
}

static void
forget_all (void)
{
  GListModel *list = memscope_recent_list_get ();

  while (g_list_model_get_n_items (list) > 0)
    {
      g_autoptr(MemscopeRecent) recent = g_list_model_get_item (list, 0);
      g_autofree char *uri = g_strdup (recent->uri);

      memscope_recent_list_remove (uri);
    }
}

static void
test_a_missing_file_is_greyed_and_can_be_forgotten (void)
{
  GFile *file = app_fixture_unpack ("golden/memscope-rs/tiny_user.memscope.gz");
  g_autofree char *uri = g_file_get_uri (file);
  MemscopeWindow *window;
  g_autoptr(GPtrArray) rows = NULL;

  remember ("file:///nowhere/gone.memscope", "1 · gone · 1 s");
  remember (uri, "2 · here · 1 s");
  window = memscope_window_new (application);
  gtk_window_present (GTK_WINDOW (window));
  app_fixture_settle ();

  rows = rows_of (window);
  g_assert_cmpuint (rows->len, ==, 2);
  g_assert_false (memscope_recent_row_get_missing (g_ptr_array_index (rows, 0)));
  g_assert_true (gtk_list_box_row_get_activatable (g_ptr_array_index (rows, 0)));
  g_assert_true (memscope_recent_row_get_missing (g_ptr_array_index (rows, 1)));
  g_assert_false (gtk_list_box_row_get_activatable (g_ptr_array_index (rows, 1)));
  g_assert_true (find_button (GTK_WIDGET (window->start_page), "Clear _missing"));

  gtk_widget_activate_action (g_ptr_array_index (rows, 1), "recent.remove", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (memscope_recent_list_get ()), ==, 1);
  g_assert_false (find_button (GTK_WIDGET (window->start_page), "Clear _missing"));

  /* It stays forgotten. */
  memscope_recent_list_reload ();
  g_assert_cmpuint (g_list_model_get_n_items (memscope_recent_list_get ()), ==, 1);

  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  forget_all ();
  app_fixture_remove (file);
}

static void
test_a_located_file_keeps_what_is_known (void)
{
  g_autoptr(GFile) found = g_file_new_for_path ("/elsewhere/found.memscope");
  g_autoptr(MemscopeRecent) recent = NULL;

  remember ("file:///nowhere/gone.memscope", "1 · gone · 1 s");
  remember ("file:///nowhere/other.memscope", "2 · other · 1 s");
  memscope_recent_list_move ("file:///nowhere/gone.memscope", found);

  g_assert_cmpuint (g_list_model_get_n_items (memscope_recent_list_get ()), ==, 2);
  recent = g_list_model_get_item (memscope_recent_list_get (), 0);
  g_assert_cmpstr (recent->uri, ==, "file:///elsewhere/found.memscope");
  g_assert_cmpstr (recent->description, ==, "1 · gone · 1 s");

  forget_all ();
}

static void
test_many_sessions_can_be_searched (void)
{
  MemscopeWindow *window = memscope_window_new (application);
  GtkWidget *entry = find_type (GTK_WIDGET (window->start_page), GTK_TYPE_SEARCH_ENTRY);
  g_autoptr(GPtrArray) rows = NULL;

  gtk_window_present (GTK_WINDOW (window));
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *uri = g_strdup_printf ("file:///nowhere/run%%20%u.memscope", i);
      g_autofree char *description = g_strdup_printf ("%u · %s --port 80%02u · 1 s", 100 + i, i % 2 ? "Ingest" : "jsond", i);

      g_assert_cmpint (gtk_widget_get_visible (entry), ==, i > 8);
      remember (uri, description);
    }
  g_assert_true (gtk_widget_get_visible (entry));

  gtk_editable_set_text (GTK_EDITABLE (entry), "ingest");
  g_signal_emit_by_name (entry, "search-changed");
  app_fixture_settle ();
  rows = rows_of (window);
  g_assert_cmpuint (rows->len, ==, 6);
  g_clear_pointer (&rows, g_ptr_array_unref);

  gtk_editable_set_text (GTK_EDITABLE (entry), "8003 INGEST \"");
  g_signal_emit_by_name (entry, "search-changed");
  app_fixture_settle ();
  rows = rows_of (window);
  g_assert_cmpuint (rows->len, ==, 0);
  g_clear_pointer (&rows, g_ptr_array_unref);

  gtk_editable_set_text (GTK_EDITABLE (entry), "run 3");
  g_signal_emit_by_name (entry, "search-changed");
  app_fixture_settle ();
  rows = rows_of (window);
  g_assert_cmpuint (rows->len, ==, 1);
  g_clear_pointer (&rows, g_ptr_array_unref);

  g_signal_emit_by_name (entry, "stop-search");
  g_signal_emit_by_name (entry, "search-changed");
  app_fixture_settle ();
  rows = rows_of (window);
  g_assert_cmpuint (rows->len, ==, 12);

  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  forget_all ();
}

static void
test_an_edited_list_does_no_harm (void)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "memscope", "recent.ini", NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  MemscopeWindow *window;

  g_mkdir_with_parents (directory, 0700);
  g_assert_true (g_file_set_contents (path,
                                      "[not a uri at all]\nstate=99\npeak=-5\nopened=x\nspark=1;nan;-3;1e99;\n"
                                      "[file:///tmp/%zz]\ndescription=\xff\xfe\n"
                                      "[file:///x]\ndescription=</b><script>\n", -1, NULL));
  memscope_recent_list_reload ();
  window = memscope_window_new (application);
  gtk_window_present (GTK_WINDOW (window));
  app_fixture_settle ();
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  forget_all ();
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

  g_test_add_func ("/start-page/a-missing-file-is-greyed-and-can-be-forgotten",
                   test_a_missing_file_is_greyed_and_can_be_forgotten);
  g_test_add_func ("/start-page/a-located-file-keeps-what-is-known", test_a_located_file_keeps_what_is_known);
  g_test_add_func ("/start-page/many-sessions-can-be-searched", test_many_sessions_can_be_searched);
  g_test_add_func ("/start-page/an-edited-list-does-no-harm", test_an_edited_list_does_no_harm);

  status = g_test_run ();
  g_object_unref (application);
  app_fixture_remove_tree (state);

  return status;
}

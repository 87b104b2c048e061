/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window as people use it, within one process. */

#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "memscope-card-row.h"
#include "memscope-columns.h"
#include "memscope-filter-popover.h"
#include "memscope-recent.h"
#include "memscope-stat-tile.h"
#include "memscope-window-private.h"
#include "native-recording.h"

static GtkApplication *application;

static gboolean
has_loaded (gpointer user_data)
{
  return !memscope_window_is_loading (user_data);
}

static MemscopeWindow *
open_window (const char  *name,
             GFile      **file)
{
  MemscopeWindow *window = memscope_window_new (application);

  *file = app_fixture_unpack (name);
  gtk_window_present (GTK_WINDOW (window));
  memscope_window_open (window, *file);
  app_fixture_wait (has_loaded, window);
  app_fixture_settle ();

  return window;
}

static void
close_window (MemscopeWindow *window,
              GFile          *file)
{
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  app_fixture_remove (file);
}

/* The first label below @widget with @part in its text. */
static GtkWidget *
find_text (GtkWidget  *widget,
           const char *part)
{
  if (!gtk_widget_get_visible (widget))
    return NULL;
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), part) != NULL)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_text (child, part);

      if (found != NULL)
        return found;
    }

  return NULL;
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

/* The same whether it is shown or not. */
static GtkWidget *
find_label (GtkWidget  *widget,
            const char *text)
{
  if (GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static void
test_opens_a_file_and_shows_its_figures (void)
{
  GFile *file;
  MemscopeWindow *window = open_window ("app/typical_full.memscope.gz", &file);

  g_assert_nonnull (memscope_window_get_state (window));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (window->stack), ==, "session");
  g_assert_nonnull (find_text (GTK_WIDGET (window->overview), "200"));
  g_assert_nonnull (find_text (GTK_WIDGET (window->overview), "RSS was not recorded."));
  g_assert_cmpuint (g_list_model_get_n_items (memscope_recent_list_get ()), >=, 1);

  close_window (window, file);
}

static void
test_a_range_changes_the_tiles (void)
{
  GFile *file;
  MemscopeWindow *window = open_window ("app/typical_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  GtkWidget *tile = find_type (GTK_WIDGET (window->overview), MEMSCOPE_TYPE_STAT_TILE);
  guint64 end = memscope_view_state_get_end (state);

  g_assert_nonnull (find_text (tile, "in 93 allocations"));
  memscope_view_state_set_range (state, 0, end / 2);
  app_fixture_settle ();
  g_assert_null (find_text (tile, "in 93 allocations"));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.clear-range", NULL);
  app_fixture_settle ();
  g_assert_nonnull (find_text (tile, "in 93 allocations"));

  close_window (window, file);
}

static void
test_searching_leaves_what_matches (void)
{
  GFile *file;
  MemscopeWindow *window = open_window ("app/typical_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  MemscopeCardSet *set;

  memscope_window_show_view (window, "variables");
  app_fixture_settle ();
  set = memscope_variables_view_get_cards (window->variables);
  g_assert_cmpuint (set->n_cards, ==, 166);
  g_assert_nonnull (find_text (GTK_WIDGET (window), "166 of 166 cards"));
  g_assert_nonnull (find_text (GTK_WIDGET (window->variables), "41 / 41"));

  memscope_view_state_set_text (state, "tokio_task_36");
  app_fixture_settle ();
  set = memscope_variables_view_get_cards (window->variables);
  g_assert_cmpuint (set->n_cards, ==, 1);
  g_assert_nonnull (find_text (GTK_WIDGET (window), "1 of 166 cards"));

  memscope_view_state_set_text (state, "there is nothing of this name");
  app_fixture_settle ();
  g_assert_nonnull (find_text (GTK_WIDGET (window->variables), "No Variable Matches"));

  close_window (window, file);
}

static void
test_a_card_opens_the_inspector_with_four_tabs (void)
{
  static const char *tabs[] = { "overview", "lifecycle", "passport", "optimization" };
  GFile *file;
  MemscopeWindow *window = open_window ("golden/memscope-rs/rich_full.memscope.gz", &file);
  GtkWidget *card, *stack;

  memscope_window_show_view (window, "variables");
  app_fixture_settle ();
  card = find_type (GTK_WIDGET (window->variables), MEMSCOPE_TYPE_VARIABLE_CARD);
  g_assert_nonnull (card);
  g_signal_emit_by_name (card, "clicked");
  app_fixture_settle ();
  g_assert_true (adw_flap_get_reveal_flap (window->flap));
  g_assert_nonnull (memscope_view_state_get_group (memscope_window_get_state (window)));

  stack = find_type (GTK_WIDGET (window->inspector), GTK_TYPE_STACK);
  for (guint i = 0; i < G_N_ELEMENTS (tabs); i++)
    {
      gtk_stack_set_visible_child_name (GTK_STACK (stack), tabs[i]);
      app_fixture_settle ();
      g_assert_nonnull (find_type (gtk_stack_get_visible_child (GTK_STACK (stack)), GTK_TYPE_LABEL));
    }

  gtk_stack_set_visible_child_name (GTK_STACK (stack), "overview");
  app_fixture_settle ();
  g_assert_nonnull (find_text (GTK_WIDGET (window->inspector), "This block"));
  g_assert_nonnull (find_text (GTK_WIDGET (window->inspector), "block 1 of"));

  memscope_variables_view_step (window->variables, 1);
  app_fixture_settle ();
  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-inspector", NULL);
  app_fixture_settle ();
  g_assert_null (memscope_view_state_get_group (memscope_window_get_state (window)));
  g_assert_false (adw_flap_get_reveal_flap (window->flap));

  close_window (window, file);
}

static void
test_a_least_lifetime_is_part_of_the_search (void)
{
  GFile *file;
  MemscopeWindow *window = open_window ("golden/memscope-rs/rich_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  GtkWidget *popover, *label, *entry;
  int width;

  memscope_window_show_view (window, "variables");
  app_fixture_settle ();
  popover = find_type (GTK_WIDGET (window->filter_bar), MEMSCOPE_TYPE_FILTER_POPOVER);
  g_assert_nonnull (popover);
  memscope_filter_popover_show_page (MEMSCOPE_FILTER_POPOVER (popover), "lifetime");
  label = find_label (popover, "At least");
  g_assert_nonnull (label);
  entry = gtk_label_get_mnemonic_widget (GTK_LABEL (label));

  gtk_editable_set_text (GTK_EDITABLE (entry), "10 ms");
  g_assert_cmpstr (memscope_selection_get_text (memscope_view_state_get_selection (state)), ==, "lifetime >= 10ms or age >= 10ms");
  gtk_editable_set_text (GTK_EDITABLE (entry), "soon");
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  g_assert_cmpstr (memscope_selection_get_text (memscope_view_state_get_selection (state)), ==, "");
  app_fixture_settle ();

  gtk_widget_measure (popover, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  g_assert_cmpint (width, <=, 360);

  close_window (window, file);
}

static gboolean
passport_is_wide (gpointer user_data)
{
  MemscopeWindow *window = user_data;

  return gtk_widget_get_width (GTK_WIDGET (window->inspector)) > 612;
}

static gboolean
pane_is_a_pane (gpointer user_data)
{
  MemscopeWindow *window = user_data;

  return gtk_widget_get_width (GTK_WIDGET (window->inspector)) <= window->inspector_width;
}

static void
test_the_passport_has_room_and_a_legend (void)
{
  GFile *file;
  MemscopeWindow *window = open_window ("golden/memscope-rs/rich_full.memscope.gz", &file);
  GtkWidget *columns, *legend, *aside;
  double x, y;

  memscope_window_show_view (window, "passport");
  app_fixture_settle ();
  app_fixture_wait (passport_is_wide, window);
  columns = find_type (GTK_WIDGET (window->inspector), MEMSCOPE_TYPE_COLUMNS);
  legend = find_text (GTK_WIDGET (window->inspector), "inferred, not proven");
  aside = find_text (GTK_WIDGET (window->inspector), "What this means");
  g_assert_nonnull (columns);
  g_assert_nonnull (legend);
  g_assert_nonnull (aside);
  g_assert_true (gtk_widget_translate_coordinates (aside, columns, 0, 0, &x, &y));
  g_assert_cmpfloat (x, >, 300);

  /* A card's width is left for the cards, and the window can still be made small. */
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (window->variables)), >=, 300);
  memscope_window_show_view (window, "lifecycle");
  app_fixture_settle ();
  app_fixture_wait (pane_is_a_pane, window);

  close_window (window, file);
}

static gboolean
has_closed_copy (gpointer user_data)
{
  return g_file_query_exists (user_data, NULL);
}

static gboolean
has_no_repair (gpointer user_data)
{
  MemscopeWindow *window = user_data;

  return window->repair_job == NULL;
}

/* A recording without its end: the banner offers to repair it, and the copy opens. */
static void
test_a_cut_recording_is_repaired_from_the_banner (void)
{
  g_auto (NativeRecording) recording = { 0 };
  g_autofree char *folder = g_dir_make_tmp ("memscope-window-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "cut.memscope", NULL);
  g_autofree char *copy_path = g_build_filename (folder, "cut.repaired.memscope", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GFile) copy = g_file_new_for_path (copy_path);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GListModel) toplevels = NULL;
  MemscopeWindow *window;
  GtkWidget *dialog = NULL;
  GtkWidget *button;

  native_recording_init (&recording);
  native_recording_fill (&recording);
  bytes = native_recording_dup_bytes (&recording, native_recording_get_chunk (&recording, NATIVE_RECORDING_N_CHUNKS - 2));
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));

  window = memscope_window_new (application);
  gtk_window_present (GTK_WINDOW (window));
  memscope_window_open (window, file);
  app_fixture_wait (has_loaded, window);
  app_fixture_settle ();
  g_assert_true (memscope_session_banner_get_revealed (window->banner));
  button = find_text (GTK_WIDGET (window->banner), "Repair File…");
  g_assert_nonnull (button);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.repair", NULL);
  toplevels = g_object_ref (gtk_window_get_toplevels ());
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr(GtkWidget) toplevel = g_list_model_get_item (toplevels, i);

      if (ADW_IS_MESSAGE_DIALOG (toplevel))
        dialog = toplevel;
    }
  g_assert_nonnull (dialog);
  g_assert_nonnull (strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), "cut.repaired.memscope"));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "repair");
  app_fixture_wait (has_closed_copy, copy);
  app_fixture_wait (has_no_repair, window);

  /* Opened, it says what it is and wants no repair. */
  memscope_window_open (window, copy);
  app_fixture_wait (has_loaded, window);
  app_fixture_settle ();
  g_assert_null (find_text (GTK_WIDGET (window->banner), "Repair File…"));
  g_assert_nonnull (find_text (GTK_WIDGET (window->banner), "repaired copy"));

  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  app_fixture_remove_tree (folder);
}

static void
test_hostile_names_are_text (void)
{
  GFile *file;
  MemscopeWindow *window = open_window ("golden/memscope-rs/names_full.memscope.gz", &file);
  MemscopeCardSet *set;

  memscope_window_show_view (window, "variables");
  app_fixture_settle ();
  set = memscope_variables_view_get_cards (window->variables);
  g_assert_cmpuint (set->n_cards, >, 0);
  for (guint i = 0; i < set->n_cards; i++)
    {
      MemscopeGroup group = *memscope_card_set_get_group (set, i);
      g_autofree char *spoken = memscope_variable_card_describe (set->session, &group);

      g_assert_true (g_utf8_validate (spoken, -1, NULL));
      g_assert_cmpint (strlen (spoken), <, 10000);
      memscope_view_state_set_group (memscope_window_get_state (window), &group);
      app_fixture_settle ();
      set = memscope_variables_view_get_cards (window->variables);
    }

  close_window (window, file);
}

static gboolean
is_not_exporting (gpointer user_data)
{
  return MEMSCOPE_WINDOW (user_data)->exporting == NULL;
}

static void
export_as (MemscopeWindow *window,
           GFile          *file)
{
  g_autofree char *uri = g_file_get_uri (file);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.export-uri", "s", uri);
  app_fixture_wait (is_not_exporting, window);
}

static void
test_exports_data_and_page (void)
{
  GFile *file;
  MemscopeWindow *window = open_window ("app/typical_full.memscope.gz", &file);
  g_autoptr(GFile) directory = g_file_get_parent (file);
  g_autoptr(GFile) data = g_file_get_child (directory, "out.json");
  g_autoptr(GFile) page = g_file_get_child (directory, "out.html");
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autofree char *html = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *object;

  export_as (window, data);
  json_parser_load_from_file (parser, g_file_peek_path (data), &error);
  g_assert_no_error (error);
  object = json_node_get_object (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "allocations")), ==, 200);

  export_as (window, page);
  g_assert_true (g_file_load_contents (page, NULL, &html, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (html, "<html"));

  g_file_delete (data, NULL, NULL);
  g_file_delete (page, NULL, NULL);
  close_window (window, file);
}

static void
test_says_what_is_wrong_with_a_file (void)
{
  MemscopeWindow *window = memscope_window_new (application);
  g_autofree char *directory = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "<b>not & one.memscope", NULL);
  GFile *file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, "This is no recording.", -1, NULL));
  gtk_window_present (GTK_WINDOW (window));
  memscope_window_open (window, file);
  app_fixture_wait (has_loaded, window);
  app_fixture_settle ();
  g_assert_cmpstr (gtk_stack_get_visible_child_name (window->stack), ==, "error");
  g_assert_nonnull (find_text (GTK_WIDGET (window->error_page), "<b>not & one.memscope"));
  g_assert_nonnull (find_text (GTK_WIDGET (window->error_page), "MemScope opens .memscope files"));

  gtk_widget_activate_action (GTK_WIDGET (window), "win.close-session", NULL);
  g_assert_true (memscope_window_is_start (window));
  close_window (window, file);
}

static void
test_every_golden_file_is_shown (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "memscope-rs", NULL);
  g_autoptr(GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_nonnull (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *golden = g_strconcat ("golden/memscope-rs/", name, NULL);
      MemscopeWindow *window;
      GFile *file;

      if (!g_str_has_suffix (name, ".memscope.gz"))
        continue;
      window = open_window (golden, &file);
      g_assert_cmpstr (gtk_stack_get_visible_child_name (window->stack), ==, "session");
      memscope_window_show_view (window, "inspector");
      app_fixture_settle ();
      close_window (window, file);
    }
}

static void
test_the_table_and_both_groupings_show_the_same (void)
{
  GFile *file;
  MemscopeWindow *window = open_window ("app/typical_full.memscope.gz", &file);
  GtkWidget *variable_label, *button;

  memscope_window_show_view (window, "variables");
  app_fixture_settle ();
  variable_label = find_text (memscope_variables_view_get_controls (window->variables), "Variable");
  button = gtk_widget_get_ancestor (variable_label, GTK_TYPE_TOGGLE_BUTTON);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  app_fixture_settle ();
  g_assert_cmpuint (memscope_variables_view_get_cards (window->variables)->n_cards, ==, 166);

  close_window (window, file);
}

static gboolean
is_narrow (gpointer user_data)
{
  return MEMSCOPE_WINDOW (user_data)->narrow;
}

static void
test_fits_into_360_pixels (void)
{
  static const char *views[] = { "overview", "variables", "inspector", "map", "calls", "diagnostics" };
  GFile *file;
  MemscopeWindow *window = memscope_window_new (application);

  gtk_window_set_default_size (GTK_WINDOW (window), 360, 740);
  gtk_window_present (GTK_WINDOW (window));
  file = app_fixture_unpack ("app/typical_full.memscope.gz");
  memscope_window_open (window, file);
  app_fixture_wait (has_loaded, window);
  app_fixture_wait (is_narrow, window);

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      int minimum;

      g_assert_true (memscope_window_show_view (window, views[i]));
      app_fixture_settle ();
      gtk_widget_measure (GTK_WIDGET (window->stack), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      if (minimum > 360)
        g_test_message ("%s wants %d pixels", views[i], minimum);
      g_assert_cmpint (minimum, <=, 360);
    }

  close_window (window, file);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  application = GTK_APPLICATION (memscope_application_new ());
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));

  g_test_add_func ("/window/opens-a-file-and-shows-its-figures", test_opens_a_file_and_shows_its_figures);
  g_test_add_func ("/window/a-range-changes-the-tiles", test_a_range_changes_the_tiles);
  g_test_add_func ("/window/searching-leaves-what-matches", test_searching_leaves_what_matches);
  g_test_add_func ("/window/a-card-opens-the-inspector-with-four-tabs", test_a_card_opens_the_inspector_with_four_tabs);
  g_test_add_func ("/window/a-least-lifetime-is-part-of-the-search", test_a_least_lifetime_is_part_of_the_search);
  g_test_add_func ("/window/the-passport-has-room-and-a-legend", test_the_passport_has_room_and_a_legend);
  g_test_add_func ("/window/a-cut-recording-is-repaired-from-the-banner", test_a_cut_recording_is_repaired_from_the_banner);
  g_test_add_func ("/window/hostile-names-are-text", test_hostile_names_are_text);
  g_test_add_func ("/window/exports-data-and-page", test_exports_data_and_page);
  g_test_add_func ("/window/says-what-is-wrong-with-a-file", test_says_what_is_wrong_with_a_file);
  g_test_add_func ("/window/the-table-and-both-groupings-show-the-same", test_the_table_and_both_groupings_show_the_same);
  g_test_add_func ("/window/every-golden-file-is-shown", test_every_golden_file_is_shown);
  g_test_add_func ("/window/fits-into-360-pixels", test_fits_into_360_pixels);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}

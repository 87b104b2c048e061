/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Filters, search, the way back, the time strip and exporting, in a real window. */

#include "config.h"

#include <string.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "memscope-export-dialog.h"
#include "memscope-range-entry.h"
#include "memscope-session-builder.h"
#include "memscope-settings.h"
#include "memscope-timeline-handle.h"
#include "memscope-window-private.h"

static GtkApplication *application;

static gboolean
has_loaded (gpointer user_data)
{
  return !memscope_window_is_loading (user_data);
}

static MemscopeWindow *
open_file (GFile *file)
{
  MemscopeWindow *window = memscope_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  memscope_window_open (window, file);
  app_fixture_wait (has_loaded, window);
  app_fixture_settle ();

  return window;
}

static MemscopeWindow *
open_window (GFile **file)
{
  *file = app_fixture_unpack ("app/typical_full.memscope.gz");

  return open_file (*file);
}

static void
close_window (MemscopeWindow *window,
              GFile          *file)
{
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  app_fixture_remove (file);
}

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

static void
activate (MemscopeWindow *window,
          const char     *action)
{
  gtk_widget_activate_action (GTK_WIDGET (window), action, NULL);
  app_fixture_settle ();
}

/* As the key controllers of @widget would answer; nothing sends real keys in one process. */
static gboolean
press (GtkWidget       *widget,
       guint            keyval,
       GdkModifierType  modifiers)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !handled; i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, modifiers, &handled);
    }

  return handled;
}

static guint
n_cards (MemscopeWindow *window)
{
  app_fixture_settle ();

  return memscope_variables_view_get_cards (window->variables)->n_cards;
}

static void
test_every_view_answers_every_filter (void)
{
  static const MemscopeThreadId threads[] = { 2, 3 };
  static const MemscopeModuleId no_modules[] = { 0 };
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeViewState *state = memscope_window_get_state (window);
  GtkWidget *bar = GTK_WIDGET (window->filter_bar);
  guint whole;

  g_assert_false (gtk_widget_get_visible (bar));
  g_assert_nonnull (find_text (GTK_WIDGET (window->overview), "in 93 allocations"));
  memscope_window_show_view (window, "variables");
  whole = n_cards (window);

  for (guint filter = 0; filter < 5; filter++)
    {
      static const char *const chips[] = { "2 threads", "0 modules", "kinds: heap", "≥ 1", "tokio" };

      memscope_window_show_view (window, "variables");
      switch (filter)
        {
        case 0:
          memscope_view_state_set_threads (state, threads, 2);
          break;

        case 1:
          memscope_view_state_set_modules (state, no_modules, 0);
          break;

        case 2:
          memscope_view_state_set_origins (state, 1u << MEMSCOPE_ORIGIN_HEAP);
          break;

        case 3:
          memscope_view_state_set_sizes (state, 1024, G_MAXUINT64);
          break;

        default:
          memscope_view_state_set_text (state, "tokio");
          break;
        }
      g_assert_cmpuint (n_cards (window), <, whole);

      /* On another view the closed bar still says what is filtered, and takes it away. */
      memscope_window_show_view (window, "overview");
      app_fixture_settle ();
      g_assert_null (find_text (GTK_WIDGET (window->overview), "in 93 allocations"));
      g_assert_true (gtk_widget_get_visible (bar));
      g_test_message ("%s", chips[filter]);
      g_assert_nonnull (find_text (bar, chips[filter]));
      g_signal_emit_by_name (gtk_widget_get_ancestor (find_text (bar, chips[filter]), GTK_TYPE_BUTTON), "clicked");
      app_fixture_settle ();
      g_assert_false (memscope_view_state_has_filters (state));
      g_assert_false (gtk_widget_get_visible (bar));
      g_assert_nonnull (find_text (GTK_WIDGET (window->overview), "in 93 allocations"));
    }

  close_window (window, file);
}

/* All that is written below @widget. */
static void
collect_text (GtkWidget *widget,
              GString   *text)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget))
    g_string_append_printf (text, "%s|", gtk_label_get_text (GTK_LABEL (widget)));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    collect_text (child, text);
}

static void
test_no_view_shows_what_is_filtered_out (void)
{
  static const char *const views[] = { "overview", "variables", "calls", "diagnostics" };
  static const guint32 none[1];
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeViewState *state = memscope_window_get_state (window);

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      g_autoptr(GString) whole = g_string_new (NULL);

      if (!memscope_window_is_view (views[i]))
        continue;
      memscope_window_show_view (window, views[i]);
      app_fixture_settle ();
      collect_text (adw_view_stack_get_visible_child (window->views), whole);

      for (guint filter = 0; filter < 5; filter++)
        {
          g_autoptr(GString) filtered = g_string_new (NULL);
          g_autoptr(GString) again = g_string_new (NULL);

          switch (filter)
            {
            case 0:
              memscope_view_state_set_threads (state, none, 0);
              break;

            case 1:
              memscope_view_state_set_modules (state, none, 0);
              break;

            case 2:
              memscope_view_state_set_origins (state, 1u << MEMSCOPE_ORIGIN_POOL);
              break;

            case 3:
              memscope_view_state_set_sizes (state, G_GUINT64_CONSTANT (1) << 50, G_MAXUINT64);
              break;

            default:
              memscope_view_state_set_text (state, "there is nothing of this name");
              break;
            }
          app_fixture_settle ();
          collect_text (adw_view_stack_get_visible_child (window->views), filtered);
          g_test_message ("%s, filter %u", views[i], filter);
          g_assert_cmpstr (whole->str, !=, filtered->str);

          memscope_view_state_clear_filters (state);
          app_fixture_settle ();
          collect_text (adw_view_stack_get_visible_child (window->views), again);
          if (g_str_equal (views[i], "overview"))
            g_assert_cmpstr (whole->str, ==, again->str);
        }
    }

  close_window (window, file);
}

static void
test_search_opens_over_any_view (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeViewState *state = memscope_window_get_state (window);
  GtkWidget *entry;

  activate (window, "win.search");
  g_assert_cmpstr (memscope_view_state_get_view (state), ==, "overview");
  entry = find_type (GTK_WIDGET (window->filter_bar), GTK_TYPE_SEARCH_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (entry), "tokio");
  g_signal_emit_by_name (entry, "search-changed");
  app_fixture_settle ();
  g_assert_cmpstr (memscope_selection_get_text (memscope_view_state_get_selection (state)), ==, "tokio");
  g_assert_nonnull (find_text (GTK_WIDGET (window->filter_bar), " of "));

  /* The overview has no order of matches: the cards have. */
  g_signal_emit_by_name (entry, "activate");
  app_fixture_settle ();
  g_assert_cmpstr (memscope_view_state_get_view (state), ==, "variables");
  activate (window, "win.find-next");
  g_assert_nonnull (memscope_view_state_get_group (state));

  g_signal_emit_by_name (entry, "stop-search");
  app_fixture_settle ();
  g_assert_false (memscope_view_state_has_filters (state));
  g_assert_false (memscope_filter_bar_is_open (window->filter_bar));

  close_window (window, file);
}

static void
test_back_and_forward_by_actions (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeViewState *state = memscope_window_get_state (window);

  memscope_window_show_view (window, "variables");
  memscope_view_state_settle (state);
  memscope_view_state_set_text (state, "tokio");
  memscope_view_state_settle (state);

  activate (window, "win.go-back");
  g_assert_false (memscope_view_state_has_filters (state));
  activate (window, "win.go-back");
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (window->views), ==, "overview");
  activate (window, "win.go-forward");
  activate (window, "win.go-forward");
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (window->views), ==, "variables");
  g_assert_true (memscope_view_state_has_filters (state));

  activate (window, "win.clear-filters");
  g_assert_false (memscope_view_state_has_filters (state));
  g_assert_nonnull (find_text (GTK_WIDGET (window->toasts), "Filters cleared"));
  activate (window, "win.undo-clear-filters");
  g_assert_cmpstr (memscope_selection_get_text (memscope_view_state_get_selection (state)), ==, "tokio");

  close_window (window, file);
}

static void
test_the_strip_by_keys (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeViewState *state = memscope_window_get_state (window);
  GtkWidget *handle, *chart;
  guint64 end = memscope_view_state_get_end (state), begin;

  memscope_window_show_view (window, "variables");
  app_fixture_settle ();
  handle = find_type (GTK_WIDGET (window->strip), MEMSCOPE_TYPE_TIMELINE_HANDLE);
  chart = gtk_widget_get_parent (handle);
  g_assert_cmpint (memscope_timeline_handle_get_which (MEMSCOPE_TIMELINE_HANDLE (handle)), ==, MEMSCOPE_TIMELINE_BEGIN);

  gtk_widget_grab_focus (handle);
  g_assert_true (press (chart, GDK_KEY_Right, GDK_SHIFT_MASK));
  begin = memscope_selection_get_begin (memscope_view_state_get_selection (state));
  g_assert_cmpuint (begin, >, 0);
  g_assert_true (press (chart, GDK_KEY_Left, 0));
  g_assert_cmpuint (memscope_selection_get_begin (memscope_view_state_get_selection (state)), <, begin);
  g_assert_true (press (chart, GDK_KEY_Home, 0));
  g_assert_false (memscope_view_state_has_range (state));

  /* The instant, then both ends to it from anywhere in the window. */
  gtk_widget_grab_focus (gtk_widget_get_next_sibling (handle));
  g_assert_true (press (chart, GDK_KEY_Page_Up, 0));
  g_assert_cmpuint (memscope_selection_get_instant (memscope_view_state_get_selection (state)), <, end);
  g_assert_true (press (GTK_WIDGET (window), GDK_KEY_bracketright, 0));
  g_assert_cmpuint (memscope_selection_get_end (memscope_view_state_get_selection (state)), <, end);
  g_assert_true (press (chart, GDK_KEY_Home, 0));
  g_assert_true (press (GTK_WIDGET (window), GDK_KEY_bracketleft, 0));
  g_assert_true (press (chart, GDK_KEY_Escape, 0));
  g_assert_false (memscope_view_state_has_range (state));
  app_fixture_settle ();

  close_window (window, file);
}

static void
test_a_range_is_typed (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeViewState *state = memscope_window_get_state (window);
  MemscopeRangeEntry *popover = MEMSCOPE_RANGE_ENTRY (g_object_ref_sink (g_object_new (MEMSCOPE_TYPE_RANGE_ENTRY, NULL)));
  GtkWidget *entry;

  memscope_range_entry_set_state (popover, state);
  entry = find_type (gtk_popover_get_child (GTK_POPOVER (popover)), GTK_TYPE_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (entry), "sometime");
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  g_assert_nonnull (find_text (gtk_popover_get_child (GTK_POPOVER (popover)), "Write two times"));
  g_signal_emit_by_name (entry, "activate");
  g_assert_false (memscope_view_state_has_range (state));

  gtk_editable_set_text (GTK_EDITABLE (entry), "0.5s–1.5s");
  g_assert_false (gtk_widget_has_css_class (entry, "error"));
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpuint (memscope_selection_get_begin (memscope_view_state_get_selection (state)), ==, 500000000);
  g_assert_cmpuint (memscope_selection_get_end (memscope_view_state_get_selection (state)), ==, 1500000000);
  app_fixture_settle ();

  g_object_unref (popover);
  close_window (window, file);
}

static void
test_a_recording_is_shown_as_it_was_left (void)
{
  GFile *file = app_fixture_unpack ("app/typical_full.memscope.gz");
  MemscopeWindow *window = open_file (file);
  MemscopeViewState *state = memscope_window_get_state (window);
  guint64 end = memscope_view_state_get_end (state);
  MemscopeGroup group;

  memscope_window_show_view (window, "variables");
  app_fixture_settle ();
  group = *memscope_card_set_get_group (memscope_variables_view_get_cards (window->variables), 3);
  memscope_view_state_set_group (state, &group);
  memscope_view_state_set_range (state, 0, end / 2);
  app_fixture_settle ();
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();

  window = open_file (file);
  state = memscope_window_get_state (window);
  g_assert_cmpuint (memscope_selection_get_end (memscope_view_state_get_selection (state)), ==, end / 2);
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (window->views), ==, "variables");
  g_assert_true (memscope_group_same_key (memscope_view_state_get_group (state), &group));
  /* Its figures are those of now, not of then. */
  g_assert_cmpuint (memscope_view_state_get_group (state)->rows, >, 0);
  g_assert_true (adw_flap_get_reveal_flap (window->flap));
  g_assert_nonnull (find_text (GTK_WIDGET (window->toasts), "Restored"));

  activate (window, "win.reset-view");
  g_assert_false (memscope_view_state_has_range (state));
  g_assert_null (memscope_view_state_get_group (state));

  close_window (window, file);
}

static MemscopeSession *
make_lossy_session (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("lossy.memscope");
  const MemscopeThreadEntry thread = { .id = 1, .tid = 77, .end_time = UINT64_MAX };
  const MemscopeGap gaps[] = {
    { .begin = 400000, .end = 500000, .events = 1234, .bytes = 1 << 20, .reason = MEMSCOPE_GAP_RING_FULL },
    { .begin = 800000, .end = 810000, .events = 1, .bytes = 16, .reason = MEMSCOPE_GAP_RING_FULL },
  };
  MemscopeEvent event = { .kind = MEMSCOPE_EVENT_MALLOC, .size = 100, .thread = 1, .rounding = MEMSCOPE_USABLE_UNKNOWN };
  const MemscopeEnd end = { .reason = MEMSCOPE_END_SIGNAL, .status = 9, .time = 1000000, .n_events = 100, .n_births = 100 };

  memscope_session_builder_set_format (builder, "native", 16, NULL);
  memscope_session_builder_add_thread (builder, &thread);
  for (guint i = 0; i < G_N_ELEMENTS (gaps); i++)
    memscope_session_builder_add_gap (builder, &gaps[i]);
  for (guint i = 0; i < 100; i++)
    {
      event.time = i * 10000;
      event.address = 0x10000 + i * 0x1000;
      memscope_session_builder_add_events (builder, &event, 1);
    }
  memscope_session_builder_add_end (builder, &end);
  memscope_session_builder_set_complete (builder, TRUE);

  return memscope_session_builder_finish (builder);
}

static void
test_losses_are_told_and_shown (void)
{
  g_autoptr(MemscopeSession) session = make_lossy_session ();
  MemscopeWindow *window = memscope_window_new (application);
  MemscopeViewState *state;
  GtkWidget *banner, *button;

  gtk_window_present (GTK_WINDOW (window));
  memscope_window_set_session (window, session, NULL);
  app_fixture_settle ();
  state = memscope_window_get_state (window);
  banner = GTK_WIDGET (window->banner);
  g_assert_true (memscope_session_banner_get_revealed (window->banner));
  g_assert_nonnull (find_text (banner, "1,235 events were not recorded."));
  g_assert_nonnull (find_text (banner, "(and 1 more)"));   /* that it was killed */

  button = gtk_widget_get_ancestor (find_text (banner, "Show"), GTK_TYPE_BUTTON);
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpuint (memscope_selection_get_begin (memscope_view_state_get_selection (state)), <, 400000000);
  g_assert_cmpuint (memscope_selection_get_begin (memscope_view_state_get_selection (state)), >, 300000000);
  g_assert_cmpuint (memscope_selection_get_end (memscope_view_state_get_selection (state)), <, 600000000);
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpuint (memscope_selection_get_begin (memscope_view_state_get_selection (state)), >, 700000000);

  memscope_session_banner_set_dismissed (window->banner, TRUE);
  g_assert_false (memscope_session_banner_get_revealed (window->banner));
  app_fixture_settle ();
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
}

/* ---- exporting -------------------------------------------------------------------- */

static GtkWidget *
find_window (GType type)
{
  g_autoptr(GListModel) windows = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr(GtkWidget) window = g_list_model_get_item (windows, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (window, type))
        return window;
    }

  return NULL;
}

static void
test_export_asks_and_remembers (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeExportDialog *dialog;
  MemscopeExportOptions options;
  GSettings *settings = memscope_settings_get ();

  g_settings_set_flags (settings, "export-redact", 0);
  activate (window, "win.export-json");
  dialog = MEMSCOPE_EXPORT_DIALOG (find_window (MEMSCOPE_TYPE_EXPORT_DIALOG));
  g_assert_nonnull (dialog);
  g_assert_nonnull (find_text (GTK_WIDGET (dialog), "blocks, about"));

  gtk_switch_set_active (GTK_SWITCH (find_type (gtk_widget_get_ancestor (find_text (GTK_WIDGET (dialog), "Paths"), ADW_TYPE_ACTION_ROW), GTK_TYPE_SWITCH)), TRUE);
  app_fixture_settle ();
  memscope_export_dialog_get_options (dialog, &options);
  g_assert_cmpuint (options.redact, ==, 1);
  g_assert_true (options.selected);

  /* Cancelled, it was only a look. */
  gtk_window_close (GTK_WINDOW (dialog));
  app_fixture_settle ();
  g_assert_cmpuint (g_settings_get_flags (settings, "export-redact"), ==, 0);

  options.user_variables_only = TRUE;
  options.language = "zh_CN";
  options.size_budget = 7 * 1024 * 1024;
  memscope_export_options_save (&options, settings);
  activate (window, "win.export-html");
  dialog = MEMSCOPE_EXPORT_DIALOG (find_window (MEMSCOPE_TYPE_EXPORT_DIALOG));
  memscope_export_dialog_get_options (dialog, &options);
  g_assert_cmpuint (options.redact, ==, 1);
  g_assert_true (options.user_variables_only);
  g_assert_cmpstr (options.language, ==, "zh_CN");
  g_assert_cmpuint (options.size_budget, ==, 7 * 1024 * 1024);
  g_assert_nonnull (find_text (GTK_WIDGET (dialog), "at most 7"));
  gtk_window_close (GTK_WINDOW (dialog));

  close_window (window, file);
}

static gboolean
has_exported (gpointer user_data)
{
  return MEMSCOPE_WINDOW (user_data)->exporting == NULL;
}

static GtkEditable *
entry_titled (MemscopeExportDialog *dialog,
              const char           *title)
{
  GtkWidget *label = find_text (GTK_WIDGET (dialog), title);

  g_assert_nonnull (label);

  return GTK_EDITABLE (find_type (gtk_widget_get_ancestor (label, ADW_TYPE_ACTION_ROW), GTK_TYPE_ENTRY));
}

static gboolean
dialog_is_gone (gpointer user_data)
{
  return find_window (MEMSCOPE_TYPE_EXPORT_DIALOG) == NULL;
}

static GtkButton *
default_button (MemscopeExportDialog *dialog)
{
  return GTK_BUTTON (gtk_window_get_default_widget (GTK_WINDOW (dialog)));
}

static MemscopeExportDialog *
ask_for_a_page (MemscopeWindow *window)
{
  GtkWidget *dialog;

  activate (window, "win.export-html");
  dialog = find_window (MEMSCOPE_TYPE_EXPORT_DIALOG);
  g_assert_nonnull (dialog);

  return MEMSCOPE_EXPORT_DIALOG (dialog);
}

static void
test_export_says_what_it_would_replace (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeExportDialog *dialog;
  GSettings *settings = memscope_settings_get ();
  g_autofree char *directory = g_dir_make_tmp ("memscope-export-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "there.html", NULL);
  g_autofree char *uri = g_filename_to_uri (directory, NULL, NULL);
  g_autofree char *remembered = NULL;
  g_autofree char *content = NULL;

  g_assert_true (g_file_set_contents (path, "precious", -1, NULL));
  g_settings_set_string (settings, "export-folder", uri);
  dialog = ask_for_a_page (window);
  g_assert_cmpstr (gtk_editable_get_text (entry_titled (dialog, "Folder")), ==, directory);
  g_assert_cmpstr (gtk_editable_get_text (entry_titled (dialog, "File name")), ==, "typical_full.html");
  g_assert_cmpstr (gtk_button_get_label (default_button (dialog)), ==, "_Export");

  /* Whoever is quicker than the look at the place is told first. */
  gtk_editable_set_text (entry_titled (dialog, "File name"), "there");
  g_signal_emit_by_name (default_button (dialog), "clicked");
  app_fixture_settle ();
  g_assert_true (find_window (MEMSCOPE_TYPE_EXPORT_DIALOG) == GTK_WIDGET (dialog));
  g_assert_nonnull (find_text (GTK_WIDGET (dialog), "is there already"));
  g_assert_cmpstr (gtk_button_get_label (default_button (dialog)), ==, "_Replace");
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "precious");

  /* No place to write to: no way on. */
  gtk_editable_set_text (entry_titled (dialog, "Folder"), "/nonexistent/folder");
  app_fixture_settle ();
  g_assert_nonnull (find_text (GTK_WIDGET (dialog), "no such folder"));
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (default_button (dialog))));
  gtk_editable_set_text (entry_titled (dialog, "Folder"), directory);
  app_fixture_settle ();

  /* Told, it goes on, and the folder is remembered. */
  g_settings_reset (settings, "export-folder");
  g_signal_emit_by_name (default_button (dialog), "clicked");
  app_fixture_wait (dialog_is_gone, NULL);
  app_fixture_wait (has_exported, window);
  g_clear_pointer (&content, g_free);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_nonnull (strstr (content, "</html>"));
  remembered = g_settings_get_string (settings, "export-folder");
  g_assert_cmpstr (remembered, ==, uri);

  app_fixture_remove_tree (directory);
  g_settings_reset (settings, "export-folder");
  close_window (window, file);
}

static void
test_export_goes_on_at_once_to_a_new_name (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  MemscopeExportDialog *dialog;
  g_autofree char *directory = g_dir_make_tmp ("memscope-export-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "new.html", NULL);

  dialog = ask_for_a_page (window);
  gtk_editable_set_text (entry_titled (dialog, "Folder"), directory);
  gtk_editable_set_text (entry_titled (dialog, "File name"), "new");
  g_signal_emit_by_name (default_button (dialog), "clicked");
  app_fixture_wait (dialog_is_gone, NULL);
  app_fixture_wait (has_exported, window);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  g_assert_nonnull (find_text (GTK_WIDGET (window->toasts), "Exported new.html"));

  app_fixture_remove_tree (directory);
  g_settings_reset (memscope_settings_get (), "export-folder");
  close_window (window, file);
}

static void
test_a_full_disk_is_explained (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  GtkWidget *dialog;

  gtk_widget_activate_action (GTK_WIDGET (window), "win.export-uri", "s", "file:///dev/full");
  app_fixture_wait (has_exported, window);
  dialog = find_window (ADW_TYPE_MESSAGE_DIALOG);
  g_assert_nonnull (dialog);
  g_assert_nonnull (strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), "Make room"));
  gtk_window_destroy (GTK_WINDOW (dialog));

  gtk_widget_activate_action (GTK_WIDGET (window), "win.export-uri", "s", "file:///nonexistent/folder/x.json");
  app_fixture_wait (has_exported, window);
  dialog = find_window (ADW_TYPE_MESSAGE_DIALOG);
  g_assert_nonnull (dialog);
  g_assert_nonnull (strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)), "folder is gone"));
  gtk_window_destroy (GTK_WINDOW (dialog));

  close_window (window, file);
}

static void
test_a_cancelled_export_leaves_nothing (void)
{
  GFile *file;
  MemscopeWindow *window = open_window (&file);
  g_autoptr(GFile) folder = g_file_get_parent (file);
  g_autoptr(GFile) page = g_file_get_child (folder, "page.html");
  g_autofree char *uri = g_file_get_uri (page);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.export-uri", "s", uri);
  g_assert_true (gtk_revealer_get_reveal_child (window->export_revealer));
  activate (window, "win.cancel-export");
  g_assert_false (gtk_revealer_get_reveal_child (window->export_revealer));
  g_assert_null (find_text (GTK_WIDGET (window->toasts), "Exported"));

  gtk_widget_activate_action (GTK_WIDGET (window), "win.export-uri", "s", uri);
  app_fixture_wait (has_exported, window);
  g_assert_true (g_file_query_exists (page, NULL));
  g_assert_nonnull (find_text (GTK_WIDGET (window->toasts), "Exported"));
  g_assert_nonnull (find_text (GTK_WIDGET (window->toasts), "Files"));
  g_assert_nonnull (find_text (GTK_WIDGET (window->toasts), "Open"));
  g_file_delete (page, NULL, NULL);

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

  g_test_add_func ("/way/every-view-answers-every-filter", test_every_view_answers_every_filter);
  g_test_add_func ("/way/no-view-shows-what-is-filtered-out", test_no_view_shows_what_is_filtered_out);
  g_test_add_func ("/way/search-opens-over-any-view", test_search_opens_over_any_view);
  g_test_add_func ("/way/back-and-forward-by-actions", test_back_and_forward_by_actions);
  g_test_add_func ("/way/the-strip-by-keys", test_the_strip_by_keys);
  g_test_add_func ("/way/a-range-is-typed", test_a_range_is_typed);
  g_test_add_func ("/way/a-recording-is-shown-as-it-was-left", test_a_recording_is_shown_as_it_was_left);
  g_test_add_func ("/way/losses-are-told-and-shown", test_losses_are_told_and_shown);
  g_test_add_func ("/way/export-asks-and-remembers", test_export_asks_and_remembers);
  g_test_add_func ("/way/a-full-disk-is-explained", test_a_full_disk_is_explained);
  g_test_add_func ("/way/export-says-what-it-would-replace", test_export_says_what_it_would_replace);
  g_test_add_func ("/way/export-goes-on-at-once-to-a-new-name", test_export_goes_on_at_once_to_a_new_name);
  g_test_add_func ("/way/a-cancelled-export-leaves-nothing", test_a_cancelled_export_leaves_nothing);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The diagnostics as people use them: list, details, Show me, Mute and Undo. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app-fixture.h"
#include "memscope-diagnostics-view-private.h"
#include "memscope-finding-row.h"
#include "memscope-inspector.h"
#include "memscope-window-private.h"
#include "session-maker.h"

static GtkApplication *application;

/* alpha leaks 20 blocks of 1000 bytes over a second; delta keeps 5000 bytes from the
 * beginning; beta is 2000 temporary blocks in its second half.
 */
static MemscopeSession *
make_session (gboolean clean)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  guint64 births[20];

  if (!clean)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 5000, 1, 5);
  for (guint i = 0; i < 20; i++)
    {
      births[i] = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 100 + i * 50000, 1000, 1, 1);
      for (guint k = 0; k < 200 && i >= 10 && !clean; k++)
        session_maker_death (builder, MEMSCOPE_EVENT_FREE, 200 + i * 50000 + k,
                             session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 200 + i * 50000 + k, 30 + k, 2, 2), 2);
    }
  for (guint i = 0; i < 20 && clean; i++)
    session_maker_death (builder, MEMSCOPE_EVENT_FREE, 999999, births[i], 1);

  return session_maker_finish (builder, 1000000);
}

static MemscopeWindow *
open_window (MemscopeSession *session,
             const char      *view)
{
  MemscopeWindow *window = memscope_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  memscope_window_set_session (window, session, NULL);
  g_assert_true (memscope_window_show_view (window, view));
  app_fixture_settle ();

  return window;
}

static void
close_window (MemscopeWindow *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
}

static guint
count_rows (GtkListBox *list)
{
  guint n = 0;

  while (gtk_list_box_get_row_at_index (list, (int) n) != NULL)
    n++;

  return n;
}

static GtkListBoxRow *
find_row (GtkListBox   *list,
          MemscopeRule  rule)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    {
      if (memscope_finding_row_get_finding (MEMSCOPE_FINDING_ROW (row))->rule == rule)
        return row;
    }

  return NULL;
}

static guint
get_badge (MemscopeWindow *window)
{
  return adw_view_stack_page_get_badge_number (adw_view_stack_get_page (window->views, GTK_WIDGET (window->diagnostics)));
}

static void
test_lists_by_severity (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  MemscopeWindow *window = open_window (session, "diagnostics");
  MemscopeDiagnosticsView *view = window->diagnostics;
  MemscopeSeverity last = MEMSCOPE_SEVERITY_CRITICAL;

  g_assert_cmpuint (count_rows (view->list), ==, 3);
  for (int i = 0; i < 3; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (view->list, i);
      MemscopeSeverity severity = memscope_finding_row_get_finding (MEMSCOPE_FINDING_ROW (row))->severity;

      g_assert_cmpint (severity, >=, last);
      g_assert_true ((gtk_list_box_row_get_header (row) != NULL) == (i == 0 || severity != last));
      last = severity;
    }

  /* The first is selected and told in full. */
  g_assert_cmpint (memscope_diagnostics_view_get_selected (view)->rule, ==, MEMSCOPE_RULE_LEAK_GROWING);
  g_assert_true (gtk_list_box_row_is_selected (gtk_list_box_get_row_at_index (view->list, 0)));
  close_window (window);
}

static void
test_the_badge_counts_before_anybody_looks (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  MemscopeWindow *window = open_window (session, "overview");

  app_fixture_settle ();
  g_assert_cmpuint (get_badge (window), ==, 3);
  close_window (window);
}

static void
test_show_me_goes_to_the_variable (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  MemscopeWindow *window = open_window (session, "diagnostics");
  MemscopeDiagnosticsView *view = window->diagnostics;
  MemscopeViewState *state = memscope_window_get_state (window);
  GtkListBoxRow *row = find_row (view->list, MEMSCOPE_RULE_TEMPORARY_CHURN);
  const MemscopeFinding *finding = memscope_finding_row_get_finding (MEMSCOPE_FINDING_ROW (row));
  MemscopeVariableId subject = finding->subject;
  guint64 begin = finding->begin;

  g_signal_emit_by_name (row, "show-me");
  app_fixture_settle ();

  g_assert_cmpstr (adw_view_stack_get_visible_child_name (window->views), ==, "variables");
  g_assert_cmpstr (memscope_selection_get_text (memscope_view_state_get_selection (state)), ==, "beta:20");
  g_assert_cmpuint (memscope_selection_get_begin (memscope_view_state_get_selection (state)), ==, begin);
  g_assert_nonnull (memscope_view_state_get_group (state));
  g_assert_cmpuint (memscope_view_state_get_group (state)->variable, ==, subject);
  g_assert_cmpuint (memscope_view_state_get_group (state)->thread, ==, 2);
  g_assert_true (adw_flap_get_reveal_flap (window->flap));

  /* And back again: all findings are there. */
  g_assert_true (memscope_view_state_can_go (state, -1));
  memscope_view_state_go (state, -1);
  app_fixture_settle ();
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (window->views), ==, "diagnostics");
  g_assert_cmpuint (count_rows (view->list), ==, 3);
  close_window (window);
}

static void
test_follows_the_selection (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  MemscopeWindow *window = open_window (session, "diagnostics");
  MemscopeDiagnosticsView *view = window->diagnostics;

  memscope_view_state_set_range (memscope_window_get_state (window), 0, 400 * 1000 * 1000);
  app_fixture_settle ();
  g_assert_null (find_row (view->list, MEMSCOPE_RULE_TEMPORARY_CHURN));
  memscope_view_state_clear_range (memscope_window_get_state (window));
  app_fixture_settle ();
  g_assert_nonnull (find_row (view->list, MEMSCOPE_RULE_TEMPORARY_CHURN));
  close_window (window);
}

static void
test_mute_is_written_and_undone (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  MemscopeWindow *window = open_window (session, "diagnostics");
  MemscopeDiagnosticsView *view = window->diagnostics;
  g_autofree char *path = g_file_get_path (memscope_mutes_get_file (view->mutes));
  g_autofree char *text = NULL;
  GtkListBoxRow *row = find_row (view->list, MEMSCOPE_RULE_LEAK_GROWING);

  g_signal_emit_by_name (row, "mute");
  app_fixture_settle ();
  g_assert_cmpuint (get_badge (window), ==, 2);
  g_assert_cmpuint (count_rows (view->list), ==, 2);
  g_assert_cmpuint (count_rows (view->muted_list), ==, 1);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\nleak.growing site=\"alpha\" module=\"app\"\n"));

  /* It holds for the next window, too. */
  {
    MemscopeWindow *other = open_window (session, "diagnostics");

    g_assert_cmpuint (count_rows (other->diagnostics->list), ==, 2);
    close_window (other);
  }

  g_signal_emit_by_name (find_row (view->muted_list, MEMSCOPE_RULE_LEAK_GROWING), "mute");
  app_fixture_settle ();
  g_assert_cmpuint (get_badge (window), ==, 3);
  g_assert_cmpuint (count_rows (view->list), ==, 3);
  g_clear_pointer (&text, g_free);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, "leak.growing"));
  close_window (window);
}

static void
test_a_wrong_file_is_named (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  MemscopeWindow *window = open_window (session, "diagnostics");
  MemscopeDiagnosticsView *view = window->diagnostics;
  g_autofree char *path = g_file_get_path (memscope_mutes_get_file (view->mutes));

  g_assert_true (g_file_set_contents (path, "leak.* colour=red\n", -1, NULL));
  memscope_mutes_reload (view->mutes);
  app_fixture_settle ();
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (view->complaint)));
  g_assert_nonnull (strstr (gtk_label_get_text (view->complaint), "colour=red"));
  g_assert_cmpuint (count_rows (view->list), ==, 3);

  g_remove (path);
  memscope_mutes_reload (view->mutes);
  app_fixture_settle ();
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (view->complaint)));
  close_window (window);
}

static void
test_categories_narrow_the_list (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  MemscopeWindow *window = open_window (session, "diagnostics");
  MemscopeDiagnosticsView *view = window->diagnostics;
  GtkWidget *all = gtk_widget_get_first_child (GTK_WIDGET (view->categories));
  GtkWidget *leaks = gtk_widget_get_next_sibling (all);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (leaks), TRUE);
  app_fixture_settle ();
  g_assert_cmpuint (count_rows (view->list), ==, 2);
  g_assert_null (find_row (view->list, MEMSCOPE_RULE_TEMPORARY_CHURN));
  close_window (window);
}

static void
test_nothing_found_says_what_was_looked_for (void)
{
  g_autoptr(MemscopeSession) session = make_session (TRUE);
  MemscopeWindow *window = open_window (session, "diagnostics");
  MemscopeDiagnosticsView *view = window->diagnostics;

  g_assert_cmpuint (count_rows (view->list), ==, 0);
  g_assert_true (gtk_widget_get_visible (view->nothing));
  g_assert_nonnull (strstr (gtk_label_get_text (view->nothing_title), "13 rules"));
  g_assert_nonnull (strstr (gtk_label_get_text (view->nothing_words), "growth without bound"));
  g_assert_cmpuint (get_badge (window), ==, 0);
  close_window (window);
}

static void
test_the_leaked_tile_leads_to_the_leak (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  MemscopeWindow *window = open_window (session, "overview");

  memscope_window_show_leaks (window);
  app_fixture_settle ();
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (window->views), ==, "diagnostics");
  g_assert_cmpint (memscope_diagnostics_view_get_selected (window->diagnostics)->rule, ==, MEMSCOPE_RULE_LEAK_GROWING);
  close_window (window);
}

static void
test_what_the_file_lacks_is_not_checked (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  MemscopeWindow *window = open_window (session, "diagnostics");
  const MemscopeDiagnostics *result = memscope_diagnostics_view_get_result (window->diagnostics);

  g_assert_cmpint (result->checks[MEMSCOPE_RULE_REALLOC_CHURN].unchecked, ==, MEMSCOPE_UNCHECKED_NO_REALLOCS);
  g_assert_cmpint (result->checks[MEMSCOPE_RULE_ROUNDING].unchecked, ==, MEMSCOPE_UNCHECKED_NO_ROUNDING);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window->diagnostics->unchecked_expander)));
  close_window (window);
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *config = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  int result;

  /* What is muted is written there, not to the home of whoever runs the tests. */
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  application = gtk_application_new ("org.memscope.MemScope.Test", G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));

  g_test_add_func ("/diagnostics-view/lists-by-severity", test_lists_by_severity);
  g_test_add_func ("/diagnostics-view/the-badge-counts-before-anybody-looks", test_the_badge_counts_before_anybody_looks);
  g_test_add_func ("/diagnostics-view/show-me-goes-to-the-variable", test_show_me_goes_to_the_variable);
  g_test_add_func ("/diagnostics-view/follows-the-selection", test_follows_the_selection);
  g_test_add_func ("/diagnostics-view/mute-is-written-and-undone", test_mute_is_written_and_undone);
  g_test_add_func ("/diagnostics-view/a-wrong-file-is-named", test_a_wrong_file_is_named);
  g_test_add_func ("/diagnostics-view/categories-narrow-the-list", test_categories_narrow_the_list);
  g_test_add_func ("/diagnostics-view/nothing-found-says-what-was-looked-for", test_nothing_found_says_what_was_looked_for);
  g_test_add_func ("/diagnostics-view/the-leaked-tile-leads-to-the-leak", test_the_leaked_tile_leads_to_the_leak);
  g_test_add_func ("/diagnostics-view/what-the-file-lacks-is-not-checked", test_what_the_file_lacks_is_not_checked);
  result = g_test_run ();
  app_fixture_remove_tree (config);

  return result;
}

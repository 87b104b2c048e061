/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The calls as people use them: graph, table and what stands around them. */

#include "config.h"

#include <string.h>

#include "app-fixture.h"
#include "memscope-call-line.h"
#include "memscope-calls-view-private.h"
#include "memscope-summary.h"
#include "memscope-window-private.h"
#include "session-maker.h"

static GtkApplication *application;

/* alpha 1 KiB, alpha/beta 10 KiB, alpha/gamma/delta 100 KiB, of which 40 are freed at
 * 50 µs and at once, delta 1000 KiB by another thread.
 */
static MemscopeSession *
make_session (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  guint64 birth;

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 1 << 10, 1, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 10 << 10, 1, 2);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 3, 60 << 10, 1, 4);
  birth = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 4, 40 << 10, 1, 4);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 50, birth, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 60, 1000 << 10, 2, 5);

  return session_maker_finish (builder, 100);
}

static MemscopeWindow *
open_calls (MemscopeSession *session)
{
  MemscopeWindow *window = memscope_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  memscope_window_set_session (window, session, NULL);
  g_assert_true (memscope_window_show_view (window, "calls"));
  app_fixture_settle ();

  return window;
}

static void
close_window (MemscopeWindow *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
}

/* By names, "alpha/gamma". */
static guint32
find (MemscopeCallsView *view,
      const char        *path)
{
  g_auto(GStrv) steps = g_strsplit (path, "/", -1);
  guint32 node = 0;

  for (guint i = 0; steps[i] != NULL; i++)
    {
      guint n;
      const guint32 *children = memscope_call_tree_get_children (view->tree, node, &n);
      guint32 found = MEMSCOPE_CALL_NONE;

      for (guint k = 0; k < n; k++)
        {
          g_autofree char *name = memscope_call_tree_dup_name (view->tree, children[k]);

          if (g_str_equal (name, steps[i]))
            found = children[k];
        }
      g_assert_cmpuint (found, !=, MEMSCOPE_CALL_NONE);
      node = found;
    }

  return node;
}

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
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0u, modifiers, &handled);
    }

  return handled;
}

static void
assert_selected (MemscopeCallsView *view,
                 const char        *path)
{
  guint32 node = find (view, path);

  g_assert_cmpuint (memscope_flame_graph_get_selected (view->graph), ==, node);
  g_assert_cmpuint (memscope_calls_table_get_selected (view->table), ==, node);
}

static guint
count_crumbs (MemscopeCallsView *view)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (view->path)); child != NULL; child = gtk_widget_get_next_sibling (child))
    n += GTK_IS_BUTTON (child);

  return n;
}

static void
test_totals_are_the_summarys (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;
  MemscopeSelection *selection = memscope_view_state_get_selection (window->state);
  g_autoptr(MemscopeSummary) summary = memscope_summary_new (session, selection, NULL, NULL);
  const guint64 expected[MEMSCOPE_N_MEASURES] = {
    summary->active_bytes, summary->active_allocations, summary->total_bytes, summary->total_allocations,
    summary->temporary_allocations, 40 << 10, summary->peak_bytes, summary->peak_allocations,
  };

  for (guint bottom_up = 0; bottom_up < 2; bottom_up++)
    {
      gtk_toggle_button_set_active (view->bottom_up_button, bottom_up);
      for (guint measure = 0; measure < MEMSCOPE_N_MEASURES; measure++)
        {
          gtk_drop_down_set_selected (view->measure_dropdown, measure);
          app_fixture_settle ();
          g_assert_cmpuint (memscope_call_tree_get_measure (view->tree), ==, measure);
          g_assert_cmpuint (memscope_call_tree_get_total (view->tree, 0), ==, expected[measure]);
        }
    }

  close_window (window);
}

static void
test_the_heaviest_comes_first_and_fills_its_share (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;
  int width = gtk_widget_get_width (GTK_WIDGET (view->graph));
  GdkRectangle delta, alpha, gamma;

  g_assert_true (memscope_flame_graph_get_box (view->graph, find (view, "delta"), &delta));
  g_assert_true (memscope_flame_graph_get_box (view->graph, find (view, "alpha"), &alpha));
  g_assert_true (memscope_flame_graph_get_box (view->graph, find (view, "alpha/gamma"), &gamma));
  g_assert_cmpint (delta.x, ==, 0);
  g_assert_cmpint (ABS (delta.width - width * 1000 / 1071), <=, 1);
  g_assert_cmpint (alpha.x, ==, delta.width);
  g_assert_cmpint (alpha.x + alpha.width, ==, width);
  g_assert_cmpint (gamma.x, ==, alpha.x);
  g_assert_cmpint (gamma.y, >, alpha.y);

  /* turned round */
  gtk_widget_activate_action (GTK_WIDGET (view), "calls.flames", NULL);
  app_fixture_settle ();
  g_assert_true (memscope_flame_graph_get_box (view->graph, find (view, "alpha"), &alpha));
  g_assert_true (memscope_flame_graph_get_box (view->graph, find (view, "alpha/gamma"), &gamma));
  g_assert_cmpint (gamma.y, <, alpha.y);

  close_window (window);
}

static void
test_graph_and_table_select_the_same (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;

  g_signal_emit_by_name (view->graph, "selected", find (view, "alpha/gamma/delta"));
  assert_selected (view, "alpha/gamma/delta");
  g_assert_cmpuint (count_crumbs (view), ==, 4);

  g_signal_emit_by_name (view->table, "selected", find (view, "alpha/beta"));
  assert_selected (view, "alpha/beta");
  app_fixture_settle ();
  assert_selected (view, "alpha/beta");

  close_window (window);
}

static void
test_arrow_keys_walk_and_enter_zooms (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;
  GtkWidget *graph = GTK_WIDGET (view->graph);

  g_assert_true (press (graph, GDK_KEY_Down, 0));
  g_assert_cmpuint (memscope_flame_graph_get_selected (view->graph), ==, 0);
  press (graph, GDK_KEY_Down, 0);
  assert_selected (view, "delta");
  press (graph, GDK_KEY_Right, 0);
  assert_selected (view, "alpha");
  press (graph, GDK_KEY_Right, 0);
  assert_selected (view, "alpha");
  press (graph, GDK_KEY_End, 0);
  assert_selected (view, "alpha/gamma/delta");
  press (graph, GDK_KEY_Up, 0);
  press (graph, GDK_KEY_Right, 0);
  assert_selected (view, "alpha/beta");
  press (graph, GDK_KEY_Left, 0);
  assert_selected (view, "alpha/gamma");

  press (graph, GDK_KEY_Return, 0);
  g_assert_cmpuint (memscope_flame_graph_get_root (view->graph), ==, find (view, "alpha/gamma"));
  g_assert_true (press (graph, GDK_KEY_Escape, 0));
  g_assert_cmpuint (memscope_flame_graph_get_root (view->graph), ==, find (view, "alpha"));
  g_assert_true (press (graph, GDK_KEY_BackSpace, 0));
  g_assert_cmpuint (memscope_flame_graph_get_root (view->graph), ==, 0);
  /* nothing is left to leave: the key is for others */
  g_assert_false (press (graph, GDK_KEY_Escape, 0));

  close_window (window);
}

/* "alpha beta*": what stands in the table from top to bottom, * where it is open. */
static char *
dup_rows (MemscopeCallsView *view)
{
  MemscopeCallRows *rows = memscope_calls_table_get_rows (view->table);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < memscope_call_rows_get_n (rows); i++)
    {
      MemscopeCallRow row = memscope_call_rows_get (rows, i);
      g_autofree char *name = memscope_call_tree_dup_name (view->tree, row.node);

      g_string_append_printf (text, "%s%u%s%s", i > 0 ? " " : "", row.depth, name, memscope_call_rows_is_open (rows, row.node) ? "*" : "");
    }

  return g_string_free (text, FALSE);
}

static void
assert_rows (MemscopeCallsView *view,
             const char        *expected)
{
  g_autofree char *rows = dup_rows (view);

  g_assert_cmpstr (rows, ==, expected);
}

static void
close_all (MemscopeCallsView *view)
{
  memscope_call_rows_set_open (memscope_calls_table_get_rows (view->table), find (view, "alpha"), FALSE);
  memscope_call_rows_set_open (memscope_calls_table_get_rows (view->table), find (view, "alpha/gamma"), FALSE);
  memscope_calls_list_refill (memscope_calls_table_get_list (view->table));
}

static void
test_keys_open_close_and_walk_the_table (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;
  GtkWidget *list = GTK_WIDGET (memscope_calls_table_get_list (view->table));
  guint32 zoomed;

  close_all (view);
  assert_rows (view, "0delta 0alpha");
  gtk_widget_grab_focus (list);
  g_assert_nonnull (gtk_widget_get_focus_child (list));

  g_assert_true (press (list, GDK_KEY_Down, 0));
  assert_selected (view, "delta");
  press (list, GDK_KEY_Down, 0);
  assert_selected (view, "alpha");
  press (list, GDK_KEY_Right, 0);
  assert_rows (view, "0delta 0alpha* 1gamma 1beta");
  assert_selected (view, "alpha");
  press (list, GDK_KEY_Right, 0);
  assert_selected (view, "alpha/gamma");
  press (list, GDK_KEY_Right, 0);
  press (list, GDK_KEY_Right, 0);
  assert_selected (view, "alpha/gamma/delta");
  assert_rows (view, "0delta 0alpha* 1gamma* 2delta 1beta");
  press (list, GDK_KEY_Right, 0);
  assert_selected (view, "alpha/gamma/delta");
  press (list, GDK_KEY_End, 0);
  assert_selected (view, "alpha/beta");
  press (list, GDK_KEY_Left, 0);
  assert_selected (view, "alpha");
  press (list, GDK_KEY_Home, 0);
  assert_selected (view, "delta");
  press (list, GDK_KEY_Up, 0);
  assert_selected (view, "delta");
  press (list, GDK_KEY_Page_Down, 0);
  assert_selected (view, "alpha/beta");
  /* for others */
  g_assert_false (press (list, GDK_KEY_f, GDK_CONTROL_MASK));
  g_assert_false (press (list, GDK_KEY_a, 0));

  /* the focus went along */
  g_assert_cmpuint (memscope_call_line_get_node (MEMSCOPE_CALL_LINE (gtk_widget_get_focus_child (list))), ==, find (view, "alpha/beta"));
  zoomed = find (view, "alpha");
  press (list, GDK_KEY_Left, 0);
  press (list, GDK_KEY_Return, 0);
  g_assert_cmpuint (memscope_flame_graph_get_root (view->graph), ==, zoomed);

  close_window (window);
}

static void
test_closing_a_row_selects_it_for_what_was_inside (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;

  close_all (view);
  /* what is above opens for it */
  memscope_calls_view_select (view, find (view, "alpha/gamma/delta"));
  assert_rows (view, "0delta 0alpha* 1gamma* 2delta 1beta");
  g_signal_emit_by_name (memscope_calls_table_get_list (view->table), "toggled", find (view, "alpha"));
  assert_rows (view, "0delta 0alpha");
  assert_selected (view, "alpha");

  close_window (window);
}

/* All that can be clicked in the head, by its words. */
static void
click_title (GtkWidget  *widget,
             const char *title)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      if (GTK_IS_LABEL (child) && g_str_equal (gtk_label_get_text (GTK_LABEL (child)), title) &&
          gtk_widget_get_ancestor (child, GTK_TYPE_BUTTON) != NULL)
        g_signal_emit_by_name (gtk_widget_get_ancestor (child, GTK_TYPE_BUTTON), "clicked");
      click_title (child, title);
    }
}

static void
test_titles_sort_the_rows_of_each_parent (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;

  close_all (view);
  memscope_calls_view_select (view, find (view, "alpha/beta"));
  assert_rows (view, "0delta 0alpha* 1gamma 1beta");
  click_title (GTK_WIDGET (view->table), "Function");
  assert_rows (view, "0alpha* 1beta 1gamma 0delta");
  assert_selected (view, "alpha/beta");
  click_title (GTK_WIDGET (view->table), "Function");
  assert_rows (view, "0delta 0alpha* 1gamma 1beta");
  click_title (GTK_WIDGET (view->table), "Allocations");
  assert_rows (view, "0alpha* 1gamma 1beta 0delta");
  click_title (GTK_WIDGET (view->table), "Allocations");
  assert_rows (view, "0delta 0alpha* 1beta 1gamma");
  /* another measure keeps the order and what is open */
  gtk_drop_down_set_selected (view->measure_dropdown, MEMSCOPE_MEASURE_BORN_BYTES);
  app_fixture_settle ();
  assert_rows (view, "0delta 0alpha* 1beta 1gamma");

  close_window (window);
}

static void
test_the_path_zooms_out_again (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;
  GdkRectangle box;

  memscope_calls_view_zoom (view, find (view, "alpha/gamma"));
  app_fixture_settle ();
  g_assert_true (memscope_flame_graph_get_box (view->graph, find (view, "alpha/gamma"), &box));
  g_assert_cmpint (box.width, ==, gtk_widget_get_width (GTK_WIDGET (view->graph)));
  g_assert_false (memscope_flame_graph_get_box (view->graph, find (view, "delta"), &box));
  g_assert_cmpuint (count_crumbs (view), ==, 3);

  g_signal_emit_by_name (gtk_widget_get_first_child (GTK_WIDGET (view->path)), "clicked");
  g_assert_cmpuint (memscope_flame_graph_get_root (view->graph), ==, 0);
  g_assert_true (memscope_flame_graph_get_box (view->graph, find (view, "delta"), &box));

  /* selecting what is outside zooms out as far as it takes */
  memscope_calls_view_zoom (view, find (view, "alpha/gamma"));
  memscope_calls_view_select (view, find (view, "alpha/beta"));
  g_assert_cmpuint (memscope_flame_graph_get_root (view->graph), ==, find (view, "alpha"));

  close_window (window);
}

static void
search (MemscopeCallsView *view,
        const char        *text)
{
  gtk_editable_set_text (view->search_entry, text);
  memscope_calls_view_find (view);
  app_fixture_settle ();
}

static void
test_search_counts_each_block_once (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;

  /* alpha, gamma and both deltas have an "a"; what is below alpha is not counted again */
  search (view, "A");
  g_assert_cmpuint (view->hits->n_hits, ==, 5);
  g_assert_cmpuint (view->hits->weight, ==, 1071 << 10);
  g_assert_cmpstr (gtk_label_get_text (view->hits_label), ==, "0 / 5");

  search (view, "delta");
  g_assert_cmpuint (view->hits->n_hits, ==, 2);
  g_assert_cmpuint (view->hits->weight, ==, 1060 << 10);
  g_assert_true (gtk_widget_get_visible (view->hits_chip));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.find-next", NULL);
  assert_selected (view, "delta");
  g_assert_cmpstr (gtk_label_get_text (view->hits_label), ==, "1 / 2");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.find-next", NULL);
  assert_selected (view, "alpha/gamma/delta");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.find-next", NULL);
  assert_selected (view, "delta");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.find-previous", NULL);
  g_assert_cmpstr (gtk_label_get_text (view->hits_label), ==, "2 / 2");

  search (view, "no such function");
  g_assert_cmpuint (view->hits->n_hits, ==, 0);
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (view->search_entry), "error"));
  g_assert_false (gtk_widget_get_visible (view->hits_chip));
  g_assert_cmpstr (gtk_label_get_text (view->hits_label), ==, "0 / 0");

  search (view, "");
  g_assert_null (view->hits);
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (view->search_entry), "error"));

  close_window (window);
}

static void
test_a_range_and_a_thread_change_the_tree (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;

  memscope_calls_view_select (view, find (view, "alpha/gamma"));
  memscope_view_state_set_range (window->state, 0, 50 * 1000);
  app_fixture_settle ();
  g_assert_cmpuint (memscope_call_tree_get_total (view->tree, 0), ==, 111 << 10);
  /* what was selected still is, by its place */
  assert_selected (view, "alpha/gamma");

  memscope_view_state_clear_range (window->state);
  memscope_view_state_set_thread (window->state, 2);
  app_fixture_settle ();
  g_assert_cmpuint (memscope_call_tree_get_total (view->tree, 0), ==, 1000 << 10);
  g_assert_cmpuint (memscope_call_tree_get_n_nodes (view->tree), ==, 2);

  memscope_view_state_set_text (window->state, "nobody is called so");
  app_fixture_settle ();
  g_assert_cmpstr (gtk_stack_get_visible_child_name (view->stack), ==, "empty");
  g_assert_true (gtk_widget_get_visible (view->clear_button));
  g_signal_emit_by_name (view->clear_button, "clicked");
  app_fixture_settle ();
  g_assert_cmpstr (gtk_stack_get_visible_child_name (view->stack), ==, "tree");
  g_assert_cmpuint (memscope_call_tree_get_total (view->tree, 0), ==, 1071 << 10);

  close_window (window);
}

static void
test_threads_can_come_first (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;
  guint n;

  gtk_widget_activate_action (GTK_WIDGET (view), "calls.by-thread", NULL);
  app_fixture_settle ();
  memscope_call_tree_get_children (view->tree, 0, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (memscope_call_tree_get_total (view->tree, find (view, "worker (101)/delta")), ==, 1000 << 10);
  g_assert_cmpuint (memscope_call_tree_get_total (view->tree, find (view, "main (100)/alpha")), ==, 71 << 10);

  close_window (window);
}

static void
test_a_call_site_can_be_inspected (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;
  const MemscopeGroup *group;

  memscope_calls_view_select (view, find (view, "alpha/gamma/delta"));
  gtk_widget_activate_action (GTK_WIDGET (view), "calls.inspect", NULL);
  app_fixture_settle ();
  group = memscope_view_state_get_group (window->state);
  g_assert_nonnull (group);
  g_assert_cmpuint (group->call_site, ==, 4);

  gtk_widget_activate_action (GTK_WIDGET (view), "calls.show-variables", NULL);
  app_fixture_settle ();
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (window->views), ==, "variables");
  g_assert_cmpstr (memscope_selection_get_text (memscope_view_state_get_selection (window->state)), ==, "delta");

  close_window (window);
}

static void
test_a_session_without_stacks_says_why (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("golden/memscope-rs/old_9d68aa0_typical.memscope.gz");
  MemscopeWindow *window = open_calls (session);

  g_assert_false (memscope_session_has_stacks (session));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (window->calls->stack), ==, "empty");
  g_assert_nonnull (strstr (adw_status_page_get_description (window->calls->empty_page), "memscope-rs"));
  g_assert_false (gtk_widget_get_visible (window->calls->clear_button));

  close_window (window);
}

static gboolean
has_line (MemscopeCallsView *view,
          guint32            node)
{
  GtkWidget *list = GTK_WIDGET (memscope_calls_table_get_list (view->table));

  for (GtkWidget *child = gtk_widget_get_first_child (list); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (memscope_call_line_get_node (MEMSCOPE_CALL_LINE (child)) == node)
      return TRUE;

  return FALSE;
}

/* More functions than the screen has pixels: few boxes, and nothing is lost. */
static void
test_a_very_wide_tree_is_few_boxes (void)
{
  const guint n = 30000;
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeWindow *window;
  GdkRectangle box;

  for (guint i = 0; i < n; i++)
    {
      MemscopeFrameEntry frame = { .module = 1, .offset = 0x10000 + i };
      MemscopeStackEntry stack = { .parent = 1, .frame = 5 + i };

      memscope_session_builder_add_frame (builder, 5 + i, &frame);
      memscope_session_builder_add_stack (builder, 6 + i, &stack);
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 100, 1, 6 + i);
    }
  session = session_maker_finish (builder, n);
  window = open_calls (session);

  g_assert_cmpuint (memscope_call_tree_get_n_nodes (window->calls->tree), ==, n + 2);
  g_assert_cmpuint (memscope_flame_graph_get_n_boxes (window->calls->graph), <=, 3);
  /* the last of them is inside the box that stands for all */
  g_assert_true (memscope_flame_graph_get_box (window->calls->graph, n + 1, &box));
  g_assert_cmpint (box.width, ==, gtk_widget_get_width (GTK_WIDGET (window->calls->graph)));
  memscope_calls_view_select (window->calls, n + 1);
  app_fixture_settle ();
  g_assert_cmpuint (memscope_calls_table_get_selected (window->calls->table), ==, n + 1);
  /* it is on screen, by few widgets */
  g_assert_cmpuint (memscope_call_rows_get_n (memscope_calls_table_get_rows (window->calls->table)), ==, n + 1);
  g_assert_cmpuint (memscope_calls_list_get_n_lines (memscope_calls_table_get_list (window->calls->table)), <, 100);
  g_assert_true (has_line (window->calls, n + 1));

  close_window (window);
}

/* Deeper than the window is high: the pointer's click must not scroll what it clicked on. */
static void
test_selecting_scrolls_no_further_than_needed (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeWindow *window;
  MemscopeCallsView *view;
  GtkAdjustment *adjustment;

  for (guint i = 0; i < 200; i++)
    {
      MemscopeStackEntry stack = { i == 0 ? 0 : 5 + i, 1 + i % 4 };

      memscope_session_builder_add_stack (builder, 6 + i, &stack);
    }
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 100, 1, 205);
  session = session_maker_finish (builder, 10);
  window = open_calls (session);
  view = window->calls;
  adjustment = gtk_scrolled_window_get_vadjustment (view->graph_scroller);
  g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), >, 2 * gtk_adjustment_get_page_size (adjustment));

  gtk_widget_grab_focus (GTK_WIDGET (view->graph));
  press (GTK_WIDGET (view->graph), GDK_KEY_Down, 0);
  press (GTK_WIDGET (view->graph), GDK_KEY_Down, 0);
  app_fixture_settle ();
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 0);

  press (GTK_WIDGET (view->graph), GDK_KEY_End, 0);
  app_fixture_settle ();
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), >, 0);

  close_window (window);
}

/* A MiB that is freed, and some bytes that are not. */
static MemscopeSession *
make_tidy_session (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  guint64 birth;

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 100, 1, 1);
  birth = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 10, 1 << 20, 1, 2);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 50, birth, 1);

  return session_maker_finish (builder, 100);
}

static void
test_leads_to_the_peak (void)
{
  g_autoptr(MemscopeSession) session = make_tidy_session ();
  MemscopeWindow *window = open_calls (session);
  MemscopeCallsView *view = window->calls;
  MemscopeSelection *selection;

  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (view->peak_hint)));
  gtk_drop_down_set_selected (view->measure_dropdown, MEMSCOPE_MEASURE_BIRTHS);
  app_fixture_settle ();
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (view->peak_hint)));
  gtk_drop_down_set_selected (view->measure_dropdown, MEMSCOPE_MEASURE_LIVE_BYTES);
  app_fixture_settle ();
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (view->peak_hint)));

  g_signal_emit_by_name (gtk_widget_get_last_child (GTK_WIDGET (view->peak_hint)), "clicked");
  app_fixture_settle ();
  selection = memscope_view_state_get_selection (memscope_window_get_state (window));
  g_assert_cmpuint (memscope_selection_get_instant (selection), >, 10 * 1000);
  g_assert_cmpuint (memscope_selection_get_instant (selection), <, 50 * 1000);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (view->peak_hint)));
  g_assert_cmpuint (memscope_call_tree_get_total (view->tree, 0), ==, (1 << 20) + 100);

  close_window (window);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  application = gtk_application_new ("org.memscope.MemScope.TestCalls", G_APPLICATION_NON_UNIQUE);
  g_set_prgname ("memscope");
  g_application_register (G_APPLICATION (application), NULL, NULL);

  g_test_add_func ("/calls/totals-are-the-summary’s", test_totals_are_the_summarys);
  g_test_add_func ("/calls/the-heaviest-comes-first-and-fills-its-share", test_the_heaviest_comes_first_and_fills_its_share);
  g_test_add_func ("/calls/graph-and-table-select-the-same", test_graph_and_table_select_the_same);
  g_test_add_func ("/calls/arrow-keys-walk-and-enter-zooms", test_arrow_keys_walk_and_enter_zooms);
  g_test_add_func ("/calls/keys-open-close-and-walk-the-table", test_keys_open_close_and_walk_the_table);
  g_test_add_func ("/calls/closing-a-row-selects-it-for-what-was-inside", test_closing_a_row_selects_it_for_what_was_inside);
  g_test_add_func ("/calls/titles-sort-the-rows-of-each-parent", test_titles_sort_the_rows_of_each_parent);
  g_test_add_func ("/calls/the-path-zooms-out-again", test_the_path_zooms_out_again);
  g_test_add_func ("/calls/search-counts-each-block-once", test_search_counts_each_block_once);
  g_test_add_func ("/calls/a-range-and-a-thread-change-the-tree", test_a_range_and_a_thread_change_the_tree);
  g_test_add_func ("/calls/threads-can-come-first", test_threads_can_come_first);
  g_test_add_func ("/calls/a-call-site-can-be-inspected", test_a_call_site_can_be_inspected);
  g_test_add_func ("/calls/a-session-without-stacks-says-why", test_a_session_without_stacks_says_why);
  g_test_add_func ("/calls/selecting-scrolls-no-further-than-needed", test_selecting_scrolls_no_further_than_needed);
  g_test_add_func ("/calls/a-very-wide-tree-is-few-boxes", test_a_very_wide_tree_is_few_boxes);
  g_test_add_func ("/calls-view/leads-to-the-peak", test_leads_to_the_peak);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}

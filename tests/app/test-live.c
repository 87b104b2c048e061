/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window on a recording that is being made: launched with the dialog, found in
 * the list, paused, followed, stopped; and what it shows in the end is what the
 * program counted itself.
 */

#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "app-fixture.h"
#include "memscope-connect-dialog.h"
#include "memscope-launch-dialog.h"
#include "memscope-live-list.h"
#include "memscope-overview-view.h"
#include "memscope-query.h"
#include "memscope-record-bar.h"
#include "memscope-settings.h"
#include "memscope-summary.h"
#include "memscope-text.h"
#include "memscope-window.h"
#include "stall-watch.h"

typedef struct
{
  char             *directory;
  char             *counts;
  MemscopeWindow   *window;
  MemscopeLauncher *launcher;   /* when the test itself launched */
  gboolean          ended;
} Fixture;

static GtkApplication *application;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GFile) folder = NULL;
  g_autofree char *uri = NULL;

  fixture->directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  fixture->counts = g_build_filename (fixture->directory, "counts", NULL);
  folder = g_file_new_for_path (fixture->directory);
  uri = g_file_get_uri (folder);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_settings_set_string (memscope_settings_get (), "recordings-folder", uri);

  fixture->window = memscope_window_new (application);
  g_object_add_weak_pointer (G_OBJECT (fixture->window), (gpointer *) &fixture->window);
  gtk_window_present (GTK_WINDOW (fixture->window));
}

static gboolean
is_gone (gpointer data)
{
  return ((Fixture *) data)->window == NULL;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  /* also after a failure nothing is left running */
  if (fixture->launcher != NULL && !fixture->ended)
    kill (memscope_launcher_get_pid (fixture->launcher), SIGKILL);
  g_clear_object (&fixture->launcher);
  if (fixture->window != NULL)
    gtk_window_destroy (GTK_WINDOW (fixture->window));
  app_fixture_wait (is_gone, fixture);
  app_fixture_settle ();
  app_fixture_remove_tree (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->counts);
}

static GtkWidget *
child_of_window (Fixture *fixture, const char *name)
{
  return GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (fixture->window), MEMSCOPE_TYPE_WINDOW, name));
}

static const char *
bar_text (Fixture *fixture)
{
  GtkWidget *bar = child_of_window (fixture, "record_bar");

  return gtk_label_get_text (GTK_LABEL (gtk_widget_get_template_child (bar, MEMSCOPE_TYPE_RECORD_BAR, "state_label")));
}

static MemscopeLiveState
live_state (Fixture *fixture)
{
  MemscopeLiveFollower *follower = memscope_window_get_follower (fixture->window);

  return follower != NULL ? memscope_live_session_get_state (memscope_live_follower_get_live (follower)) : MEMSCOPE_LIVE_WAITING;
}

static gboolean
is_shown (gpointer data)
{
  return memscope_window_get_follower (((Fixture *) data)->window) != NULL;
}

static gboolean
is_over (gpointer data)
{
  return live_state (data) > MEMSCOPE_LIVE_RUNNING;
}

static gboolean
has_refreshed (gpointer data)
{
  MemscopeLiveFollower *follower = memscope_window_get_follower (((Fixture *) data)->window);

  return follower != NULL && memscope_live_follower_get_n_refreshes (follower) >= 4;
}

static gboolean
has_caught_up (gpointer data)
{
  MemscopeViewState *state = memscope_window_get_state (((Fixture *) data)->window);

  return memscope_view_state_get_end (state) == memscope_session_get_duration (memscope_view_state_get_session (state)) + 1 &&
         memscope_query_count () == 0;
}

static GtkWidget *
find_toplevel (GType type)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr(GtkWidget) widget = g_list_model_get_item (toplevels, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
        return widget;
    }

  return NULL;
}

static gboolean
has_no_dialog (gpointer data)
{
  return find_toplevel (*(GType *) data) == NULL;
}

/* The end of what is shown, when that is known, and when it was reached. */
typedef struct
{
  Fixture *fixture;
  guint64  end;
} Progress;

static gboolean
has_moved_on (gpointer data)
{
  Progress *progress = data;

  return memscope_view_state_get_end (memscope_window_get_state (progress->fixture->window)) > progress->end;
}

/* Targets run until they are told to end: nothing depends on how fast the machine is. */
static void
end_recorded_program (Fixture *fixture)
{
  MemscopeSession *session = memscope_view_state_get_session (memscope_window_get_state (fixture->window));
  const char *pid = memscope_session_get_fact (session, "pid", NULL);

  g_assert_nonnull (pid);
  g_assert_cmpint (kill (atoi (pid), SIGTERM), ==, 0);
}

static void
pass (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

/* ---- launching, and what is true in the end ------------------------------------------- */

static void
launch_by_dialog (Fixture *fixture, const char *command)
{
  GtkWidget *dialog, *row, *button;

  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.launch", NULL);
  dialog = find_toplevel (MEMSCOPE_TYPE_LAUNCH_DIALOG);
  g_assert_nonnull (dialog);
  row = GTK_WIDGET (gtk_widget_get_template_child (dialog, MEMSCOPE_TYPE_LAUNCH_DIALOG, "command_row"));
  button = GTK_WIDGET (gtk_widget_get_template_child (dialog, MEMSCOPE_TYPE_LAUNCH_DIALOG, "launch_button"));
  gtk_editable_set_text (GTK_EDITABLE (row), "");
  g_assert_false (gtk_widget_get_sensitive (button));
  gtk_editable_set_text (GTK_EDITABLE (row), command);
  g_assert_true (gtk_widget_get_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

/* The tile of the overview, and the summary behind it, for the program's own threads. */
static void
assert_window_says_what_the_program_counted (Fixture *fixture)
{
  MemscopeViewState *state = memscope_window_get_state (fixture->window);
  MemscopeSession *session = memscope_view_state_get_session (state);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GArray) threads = g_array_new (FALSE, FALSE, sizeof (MemscopeThreadId));
  g_autoptr(MemscopeSummary) summary = NULL;
  guint64 allocations = 0, bytes = 0, frees = 0;
  g_autofree char *shown = NULL;
  GtkWidget *overview, *tile;

  g_assert_true (g_file_get_contents (fixture->counts, &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      unsigned long long tid, a, b, f;

      g_assert_cmpint (sscanf (lines[i], "%llu %llu %llu %llu", &tid, &a, &b, &f), ==, 4);
      allocations += a;
      bytes += b;
      frees += f;
      for (MemscopeThreadId id = 1; id <= memscope_session_get_n_threads (session); id++)
        {
          MemscopeThread thread;

          if (memscope_session_get_thread (session, id, &thread) && thread.tid == tid)
            g_array_append_val (threads, id);
        }
    }
  g_assert_cmpuint (threads->len, ==, 2);
  g_assert_cmpuint (allocations, >, 1000);

  memscope_window_show_view (fixture->window, "overview");
  memscope_view_state_set_threads (state, (MemscopeThreadId *)(void *)threads->data, threads->len);
  app_fixture_settle ();

  summary = memscope_summary_new (session, memscope_view_state_get_selection (state), NULL, NULL);
  g_assert_cmpuint (summary->total_allocations, ==, allocations);
  g_assert_cmpuint (summary->total_bytes, ==, bytes);
  g_assert_cmpuint (summary->total_frees, ==, frees);

  overview = child_of_window (fixture, "overview");
  tile = GTK_WIDGET (gtk_widget_get_template_child (overview, MEMSCOPE_TYPE_OVERVIEW_VIEW, "allocations_tile"));
  shown = memscope_text_count (allocations);
  g_assert_nonnull (gtk_widget_get_tooltip_text (tile));
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (tile), shown));
}

static void
test_launched_and_watched_to_its_end (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf (LIVE_TARGET " '%s' 40000 0 3", fixture->counts);
  MemscopeViewState *state;
  guint64 first_end;

  launch_by_dialog (fixture, command);
  app_fixture_wait (is_shown, fixture);
  g_assert_true (gtk_widget_get_visible (child_of_window (fixture, "record_bar")));
  g_assert_cmpstr (bar_text (fixture), ==, "Recording");

  state = memscope_window_get_state (fixture->window);
  g_assert_true (memscope_view_state_is_live (state));
  first_end = memscope_view_state_get_end (state);
  app_fixture_wait (has_refreshed, fixture);
  g_assert_cmpuint (memscope_view_state_get_end (state), >, first_end);
  g_assert_true (memscope_view_state_is_following (state));

  end_recorded_program (fixture);
  app_fixture_wait (is_over, fixture);
  g_assert_cmpint (live_state (fixture), ==, MEMSCOPE_LIVE_ENDED);
  g_assert_cmpstr (bar_text (fixture), ==, "The program ended with exit status 3");
  app_fixture_wait (has_caught_up, fixture);
  g_assert_false (memscope_view_state_is_live (state));
  g_assert_true (memscope_session_get_complete (memscope_view_state_get_session (state)));
  g_assert_false (memscope_view_state_has_range (state));
  assert_window_says_what_the_program_counted (fixture);
}

static void
test_what_cannot_run_is_said_in_the_dialog (Fixture *fixture, gconstpointer data)
{
  GtkWidget *dialog, *revealer, *label, *button;
  GType type = MEMSCOPE_TYPE_LAUNCH_DIALOG;

  launch_by_dialog (fixture, "/nonexistent/program --option");
  dialog = find_toplevel (MEMSCOPE_TYPE_LAUNCH_DIALOG);
  revealer = GTK_WIDGET (gtk_widget_get_template_child (dialog, MEMSCOPE_TYPE_LAUNCH_DIALOG, "error_revealer"));
  label = GTK_WIDGET (gtk_widget_get_template_child (dialog, MEMSCOPE_TYPE_LAUNCH_DIALOG, "error_label"));
  button = GTK_WIDGET (gtk_widget_get_template_child (dialog, MEMSCOPE_TYPE_LAUNCH_DIALOG, "launch_button"));
  while (!gtk_revealer_get_reveal_child (GTK_REVEALER (revealer)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (label)), "/nonexistent/program"));

  /* Words a shell would not take either. */
  gtk_editable_set_text (GTK_EDITABLE (gtk_widget_get_template_child (dialog, MEMSCOPE_TYPE_LAUNCH_DIALOG, "command_row")), "echo 'x");
  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (revealer)));
  g_signal_emit_by_name (button, "clicked");
  g_assert_true (gtk_revealer_get_reveal_child (GTK_REVEALER (revealer)));

  gtk_window_close (GTK_WINDOW (dialog));
  app_fixture_wait (has_no_dialog, &type);
  g_assert_true (memscope_window_is_start (fixture->window));
}

/* ---- connecting ---------------------------------------------------------------------------- */

static void
note_end (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_true (memscope_launcher_wait_finish (MEMSCOPE_LAUNCHER (source), result, NULL));
  fixture->ended = TRUE;
}

static gboolean
has_ended (gpointer data)
{
  return ((Fixture *) data)->ended;
}

static void
launch_elsewhere (Fixture *fixture, const char *rate, const char *milliseconds)
{
  const char *argv[] = { LIVE_TARGET, fixture->counts, rate, milliseconds, "0", NULL };
  g_autofree char *output = g_build_filename (fixture->directory, "elsewhere.memscope", NULL);
  g_autoptr(GError) error = NULL;

  fixture->launcher = memscope_launcher_new (argv);
  memscope_launcher_set_output (fixture->launcher, output);
  memscope_launcher_start (fixture->launcher, &error);
  g_assert_no_error (error);
  memscope_launcher_wait_async (fixture->launcher, NULL, note_end, fixture);
}

static gboolean
has_rows (gpointer data)
{
  return gtk_list_box_get_row_at_index (data, 0) != NULL;
}

static void
connect_by_dialog (Fixture *fixture)
{
  GtkListBox *list;
  GtkWidget *dialog;

  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.connect", NULL);
  dialog = find_toplevel (MEMSCOPE_TYPE_CONNECT_DIALOG);
  g_assert_nonnull (dialog);
  list = GTK_LIST_BOX (gtk_widget_get_template_child (dialog, MEMSCOPE_TYPE_CONNECT_DIALOG, "list"));
  app_fixture_wait (has_rows, list);
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (gtk_list_box_get_row_at_index (list, 0))), ==, "live-target");
  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (list, 0));
  app_fixture_wait (is_shown, fixture);
}

static void
test_connected_paused_followed_and_stopped (Fixture *fixture, gconstpointer data)
{
  MemscopeLiveFollower *follower;
  MemscopeViewState *state;
  Progress progress = { .fixture = fixture };
  guint64 end;
  guint n;

  launch_elsewhere (fixture, "40000", "0");
  connect_by_dialog (fixture);
  app_fixture_wait (has_refreshed, fixture);
  follower = memscope_window_get_follower (fixture->window);
  state = memscope_window_get_state (fixture->window);

  /* Paused: the recording goes on, the views do not. */
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.pause-view", NULL);
  app_fixture_settle ();
  g_assert_cmpstr (bar_text (fixture), ==, "View paused, recording goes on");
  n = memscope_live_follower_get_n_refreshes (follower);
  end = memscope_view_state_get_end (state);
  pass (1500);
  g_assert_cmpuint (memscope_live_follower_get_n_refreshes (follower), ==, n);
  g_assert_cmpuint (memscope_view_state_get_end (state), ==, end);
  g_assert_cmpuint (memscope_session_get_duration (memscope_view_state_get_session (state)), >, end);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.pause-view", NULL);
  progress.end = end;
  app_fixture_wait (has_moved_on, &progress);

  /* A range of the past stays; the end moves on without it, until it is followed again. */
  memscope_view_state_set_range (state, 0, end / 2);
  g_assert_false (memscope_view_state_is_following (state));
  progress.end = memscope_view_state_get_end (state);
  app_fixture_wait (has_moved_on, &progress);
  g_assert_cmpuint (memscope_selection_get_end (memscope_view_state_get_selection (state)), ==, end / 2);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.follow", NULL);
  g_assert_true (memscope_view_state_is_following (state));
  progress.end = memscope_view_state_get_end (state);
  app_fixture_wait (has_moved_on, &progress);
  g_assert_true (memscope_view_state_is_following (state));
  g_assert_false (memscope_view_state_has_range (state));

  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.stop-recording", NULL);
  app_fixture_wait (is_over, fixture);
  g_assert_cmpstr (bar_text (fixture), ==, "The recording was stopped. The program runs on");
  g_assert_false (fixture->ended);
  kill (memscope_launcher_get_pid (fixture->launcher), SIGTERM);
  app_fixture_wait (has_ended, fixture);
}

static void
test_a_window_that_closes_leaves_the_recording (Fixture *fixture, gconstpointer data)
{
  launch_elsewhere (fixture, "20000", "0");
  connect_by_dialog (fixture);
  app_fixture_wait (has_refreshed, fixture);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  app_fixture_wait (is_gone, fixture);
  kill (memscope_launcher_get_pid (fixture->launcher), SIGTERM);
  app_fixture_wait (has_ended, fixture);
  g_assert_cmpint (memscope_launcher_get_exit_code (fixture->launcher), ==, 0);
  g_assert_null (memscope_launcher_get_warnings (fixture->launcher)[0]);
}

static gboolean
is_asked (gpointer data)
{
  return find_toplevel (ADW_TYPE_MESSAGE_DIALOG) != NULL;
}

static void
test_closing_asks_while_a_launched_program_is_recorded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf (LIVE_TARGET " '%s' 20000 0 0", fixture->counts);
  GType type = ADW_TYPE_MESSAGE_DIALOG;
  MemscopeSession *session;
  GtkWidget *dialog;
  int pid;

  launch_by_dialog (fixture, command);
  app_fixture_wait (has_refreshed, fixture);
  session = memscope_view_state_get_session (memscope_window_get_state (fixture->window));
  pid = atoi (memscope_session_get_fact (session, "pid", NULL));

  gtk_window_close (GTK_WINDOW (fixture->window));
  app_fixture_wait (is_asked, NULL);
  g_assert_nonnull (fixture->window);
  dialog = find_toplevel (ADW_TYPE_MESSAGE_DIALOG);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_close (GTK_WINDOW (dialog));
  app_fixture_wait (has_no_dialog, &type);
  g_assert_cmpint (live_state (fixture), ==, MEMSCOPE_LIVE_RUNNING);

  gtk_window_close (GTK_WINDOW (fixture->window));
  app_fixture_wait (is_asked, NULL);
  dialog = find_toplevel (ADW_TYPE_MESSAGE_DIALOG);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "stop");
  gtk_window_destroy (GTK_WINDOW (dialog));
  app_fixture_wait (is_gone, fixture);

  /* Not recorded any more, it runs on. */
  g_assert_cmpint (kill (pid, SIGTERM), ==, 0);
}

static void
test_a_window_on_what_has_ended_closes_at_once (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf (LIVE_TARGET " '%s' 20000 0 0", fixture->counts);

  launch_by_dialog (fixture, command);
  app_fixture_wait (has_refreshed, fixture);
  end_recorded_program (fixture);
  app_fixture_wait (is_over, fixture);

  gtk_window_close (GTK_WINDOW (fixture->window));
  g_assert_null (find_toplevel (ADW_TYPE_MESSAGE_DIALOG));
  app_fixture_wait (is_gone, fixture);
}

/* ---- half a million events a second ------------------------------------------------------------ */

static void
test_views_answer_at_full_speed (Fixture *fixture, gconstpointer data)
{
  static const char *const views[] = { "overview", "variables" };
  g_autoptr(StallWatch) watch = NULL;
  MemscopeLiveFollower *follower;
  MemscopeSession *session;
  StallTime worst;

  launch_elsewhere (fixture, "500000", "0");
  connect_by_dialog (fixture);
  follower = memscope_window_get_follower (fixture->window);
  session = memscope_view_state_get_session (memscope_window_get_state (fixture->window));

  watch = stall_watch_new ();
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      guint before = memscope_live_follower_get_n_refreshes (follower);
      guint64 events = memscope_session_get_n_events (session);
      gint64 began = g_get_monotonic_time ();
      double seconds;

      memscope_window_show_view (fixture->window, views[i]);
      stall_watch_reset (watch);

      /* One more answer in each view, however busy the machine; usually within a second. */
      do
        pass (100);
      while (memscope_live_follower_get_n_refreshes (follower) < before + 1 &&
             g_get_monotonic_time () - began < 60 * G_TIME_SPAN_SECOND);

      worst = stall_watch_get_worst (watch);
      seconds = (double) (g_get_monotonic_time () - began) / G_TIME_SPAN_SECOND;
      g_assert_cmpuint (memscope_live_follower_get_n_refreshes (follower), >, before);
      g_test_message ("%s: refreshed after %.1f s, longest stall %.0f ms (%.0f ms of the processor), %.0f events/s, %" G_GUINT64_FORMAT " so far",
                      views[i], seconds, worst.wall, worst.cpu,
                      (double) (memscope_session_get_n_events (session) - events) / seconds, events);
    }

  kill (memscope_launcher_get_pid (fixture->launcher), SIGTERM);
  app_fixture_wait (is_over, fixture);
  app_fixture_wait (has_caught_up, fixture);
  g_assert_true (memscope_session_get_complete (session));
  app_fixture_wait (has_ended, fixture);
  assert_window_says_what_the_program_counted (fixture);
}

#define ADD(name, function) g_test_add ("/live/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  application = gtk_application_new ("org.memscope.MemScope.TestLive", G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);

  ADD ("launched-and-watched-to-its-end", test_launched_and_watched_to_its_end);
  ADD ("what-cannot-run-is-said-in-the-dialog", test_what_cannot_run_is_said_in_the_dialog);
  ADD ("connected-paused-followed-and-stopped", test_connected_paused_followed_and_stopped);
  ADD ("a-window-that-closes-leaves-the-recording", test_a_window_that_closes_leaves_the_recording);
  ADD ("closing-asks-while-a-launched-program-is-recorded", test_closing_asks_while_a_launched_program_is_recorded);
  ADD ("a-window-on-what-has-ended-closes-at-once", test_a_window_on_what_has_ended_closes_at_once);
  ADD ("views-answer-at-full-speed", test_views_answer_at_full_speed);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}

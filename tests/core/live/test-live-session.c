/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A recording that is watched ends as the session that its file gives. */

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "memscope-launcher.h"
#include "memscope-live-list.h"
#include "memscope-live-session.h"
#include "memscope-loader.h"
#include "memscope-summary.h"

#define WAIT_USEC (120 * G_USEC_PER_SEC)

typedef struct
{
  char                *directory;
  char                *output;
  MemscopeLauncher    *launcher;
  MemscopeLiveSession *live;
  guint                n_changes;
  gboolean             grew;       /* more events were there between two changes */
  guint64              last_events;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  fixture->output = g_build_filename (fixture->directory, "run.memscope", NULL);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("MEMSCOPE_RECORDER", EMPTY_RECORDER, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", fixture->directory);

  g_clear_object (&fixture->live);
  g_clear_object (&fixture->launcher);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (fixture->directory);
  g_free (fixture->output);
}

static void
launch (Fixture *fixture, const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("%s %s", FAKE_TARGET, arguments);
  g_auto(GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr(GError) error = NULL;

  fixture->launcher = memscope_launcher_new ((const char * const *)argv);
  memscope_launcher_set_output (fixture->launcher, fixture->output);
  memscope_launcher_start (fixture->launcher, &error);
  g_assert_no_error (error);
}

/* A program that does half of its work until the test opens the gate, however slow the test is. */
static void
launch_gated (Fixture *fixture, const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("--gate %s/gate %s", fixture->directory, arguments);

  launch (fixture, line);
}

static void
open_gate (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->directory, "gate", NULL);

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
}

static void
note_change (Fixture *fixture)
{
  guint64 n = memscope_session_get_n_events (memscope_live_session_get_session (fixture->live));

  fixture->n_changes++;
  fixture->grew |= fixture->last_events > 0 && n > fixture->last_events;
  fixture->last_events = n;
}

static void
watch (Fixture *fixture)
{
  fixture->live = memscope_live_session_new (memscope_launcher_get_socket (fixture->launcher), NULL);
  g_signal_connect_swapped (fixture->live, "changed", G_CALLBACK (note_change), fixture);
}

static void
run_until (Fixture *fixture, MemscopeLiveState state)
{
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;

  while (memscope_live_session_get_state (fixture->live) < state)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

/* What has been noted: that some of the program's events are there. */
static void
run_until_events (Fixture *fixture, guint64 n_events)
{
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;

  while (fixture->last_events < n_events)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

static int
wait_for_end (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  memscope_launcher_wait (fixture->launcher, NULL, &error);
  g_assert_no_error (error);

  return memscope_launcher_get_exit_code (fixture->launcher);
}

static void
assert_same_totals (MemscopeSession *a, MemscopeSession *b)
{
  g_autoptr(MemscopeSelection) all_a = memscope_selection_new_all (a);
  g_autoptr(MemscopeSelection) all_b = memscope_selection_new_all (b);
  g_autoptr(MemscopeSummary) of_a = memscope_summary_new (a, all_a, NULL, NULL);
  g_autoptr(MemscopeSummary) of_b = memscope_summary_new (b, all_b, NULL, NULL);

  g_assert_cmpuint (memscope_session_get_duration (a), ==, memscope_session_get_duration (b));
  g_assert_cmpuint (memscope_session_get_n_events (a), ==, memscope_session_get_n_events (b));
  g_assert_cmpuint (memscope_session_get_n_stacks (a), ==, memscope_session_get_n_stacks (b));
  g_assert_cmpuint (memscope_session_get_time_origin (a), ==, memscope_session_get_time_origin (b));

  /* the live one has looked up its symbols, and so knows which call sites are one variable */
  of_a->n_variables = of_b->n_variables;
  of_a->n_call_sites = of_b->n_call_sites;
  g_assert_cmpmem (of_a, offsetof (MemscopeSummary, sampled), of_b, offsetof (MemscopeSummary, sampled));
}

static MemscopeSession *
load (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  MemscopeSession *session = memscope_load_file (file, NULL, NULL, NULL, &error);

  g_assert_no_error (error);

  return session;
}

static void
test_it_grows_and_ends_as_its_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeSession *live;
  guint status;

  launch_gated (fixture, "--threads 2 --pairs 1500 --pause 40 --exit 4");
  watch (fixture);
  live = memscope_live_session_get_session (fixture->live);
  run_until (fixture, MEMSCOPE_LIVE_RUNNING);
  g_assert_false (memscope_session_get_complete (live));
  g_assert_nonnull (memscope_live_session_get_recording (fixture->live));
  g_assert_cmpstr (memscope_live_session_get_recording (fixture->live)->file, ==, fixture->output);
  run_until_events (fixture, 1);
  open_gate (fixture);

  run_until (fixture, MEMSCOPE_LIVE_ENDED);
  g_assert_cmpint (wait_for_end (fixture), ==, 4);
  g_assert_cmpint (memscope_live_session_get_state (fixture->live), ==, MEMSCOPE_LIVE_ENDED);
  g_assert_cmpstr (memscope_live_session_get_reason (fixture->live, &status), ==, "exit");
  g_assert_cmpuint (status, ==, 4);
  g_assert_null (memscope_live_session_get_error (fixture->live));
  g_assert_true (fixture->grew);
  g_assert_true (memscope_session_get_complete (live));
  g_assert_cmpuint (memscope_session_get_n_events (live), ==, 6000);
  g_assert_null (memscope_session_get_warnings (live)[0]);

  session = load (fixture->output);
  assert_same_totals (live, session);
}

static void
test_a_lost_collector_leaves_what_came (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeSession) session G_GNUC_UNUSED = NULL;
  MemscopeSession *live;

  launch_gated (fixture, "--threads 2 --pairs 1000 --pause 40");
  watch (fixture);
  live = memscope_live_session_get_session (fixture->live);
  run_until (fixture, MEMSCOPE_LIVE_RUNNING);
  run_until_events (fixture, 500);

  kill (memscope_live_session_get_recording (fixture->live)->collector, SIGKILL);
  open_gate (fixture);
  run_until (fixture, MEMSCOPE_LIVE_LOST);
  g_assert_cmpint (memscope_live_session_get_state (fixture->live), ==, MEMSCOPE_LIVE_LOST);
  g_assert_nonnull (memscope_live_session_get_error (fixture->live));
  g_assert_false (memscope_session_get_complete (live));
  g_assert_nonnull (memscope_session_get_warnings (live)[0]);
  g_assert_cmpint (wait_for_end (fixture), ==, 0);
}

static void
test_nobody_there_is_a_failure (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "collector-1.sock", NULL);

  fixture->live = memscope_live_session_new (path, NULL);
  run_until (fixture, MEMSCOPE_LIVE_FAILED);
  g_assert_error (memscope_live_session_get_error (fixture->live), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (memscope_session_get_n_events (memscope_live_session_get_session (fixture->live)), ==, 0);
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

/* Ends of connections that lie in the file system at @path: the kernel's list. */
static guint
count_sockets (const char *path)
{
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents ("/proc/net/unix", &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    n += g_str_has_suffix (lines[i], path);

  return n;
}

static void
test_a_program_that_was_not_recorded_says_so (Fixture *fixture, gconstpointer data)
{
  g_autofree char *script = g_strdup_printf ("until [ -e '%s/gate' ]; do sleep 0.02; done", fixture->directory);
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;
  guint n_sockets;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  fixture->launcher = memscope_launcher_new (argv);
  memscope_launcher_set_output (fixture->launcher, fixture->output);
  memscope_launcher_start (fixture->launcher, &error);
  g_assert_no_error (error);
  memscope_launcher_wait_async (fixture->launcher, NULL, take_result, &result);
  n_sockets = count_sockets (memscope_launcher_get_socket (fixture->launcher));
  watch (fixture);
  while (count_sockets (memscope_launcher_get_socket (fixture->launcher)) == n_sockets)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
  open_gate (fixture);
  run_until (fixture, MEMSCOPE_LIVE_FAILED);
  g_assert_cmpstr (memscope_live_session_get_reason (fixture->live, NULL), ==, "none");
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (memscope_launcher_wait_finish (fixture->launcher, result, NULL));
}

/* ---- commands ------------------------------------------------------------------------- */

static gboolean
finish (Fixture *fixture, GAsyncResult **result, GError **error)
{
  gboolean ok;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  ok = memscope_live_session_finish (fixture->live, *result, error);
  g_clear_object (result);

  return ok;
}

static guint
count_marks (MemscopeSession *session)
{
  guint n = 0;

  for (MemscopeStringId id = 1; id < 100000; id++)
    {
      const char *text = memscope_session_get_string (session, id, NULL);

      if (text == NULL)
        break;
      n += g_str_equal (text, "half way\t– \xe4\xb8\xad");
    }

  return n;
}

static void
test_marks_copies_and_stopping (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "copy.memscope", NULL);
  g_autoptr(GFile) copy = g_file_new_for_path (path);
  g_autoptr(GFile) itself = g_file_new_for_path (fixture->output);
  g_autoptr(MemscopeSession) so_far = NULL;
  g_autoptr(MemscopeSession) whole = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *result = NULL;
  MemscopeSession *live;

  launch (fixture, "--threads 2 --forever --pause 300");
  watch (fixture);
  live = memscope_live_session_get_session (fixture->live);
  run_until (fixture, MEMSCOPE_LIVE_RUNNING);
  run_until_events (fixture, 1000);

  memscope_live_session_mark_async (fixture->live, "half way\t– \xe4\xb8\xad", NULL, take_result, &result);
  finish (fixture, &result, &error);
  g_assert_no_error (error);

  memscope_live_session_save_async (fixture->live, itself, NULL, take_result, &result);
  g_assert_false (finish (fixture, &result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  memscope_live_session_save_async (fixture->live, copy, NULL, take_result, &result);
  finish (fixture, &result, &error);
  g_assert_no_error (error);
  so_far = load (path);
  g_assert_cmpuint (memscope_session_get_n_events (so_far), >, 0);
  g_assert_false (memscope_session_get_complete (so_far));

  memscope_live_session_stop_async (fixture->live, NULL, take_result, &result);
  finish (fixture, &result, &error);
  g_assert_no_error (error);
  run_until (fixture, MEMSCOPE_LIVE_ENDED);
  g_assert_cmpstr (memscope_live_session_get_reason (fixture->live, NULL), ==, "stopped");
  g_assert_cmpint (kill (memscope_launcher_get_pid (fixture->launcher), 0), ==, 0);

  memscope_live_session_save_async (fixture->live, copy, NULL, take_result, &result);
  finish (fixture, &result, &error);
  g_assert_no_error (error);
  whole = load (path);
  g_assert_true (memscope_session_get_complete (whole));
  assert_same_totals (live, whole);
  g_assert_cmpuint (count_marks (live), ==, 1);

  kill (memscope_launcher_get_pid (fixture->launcher), SIGTERM);
  wait_for_end (fixture);
}

static void
test_letting_go_leaves_the_recording (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeSession) session = NULL;

  launch_gated (fixture, "--threads 2 --pairs 1000 --pause 30");
  watch (fixture);
  run_until (fixture, MEMSCOPE_LIVE_RUNNING);
  g_clear_object (&fixture->live);
  open_gate (fixture);

  g_assert_cmpint (wait_for_end (fixture), ==, 0);
  session = load (fixture->output);
  g_assert_true (memscope_session_get_complete (session));
  g_assert_cmpuint (memscope_session_get_n_events (session), ==, 4000);
}

#define ADD(name, function) g_test_add ("/live-session/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("it-grows-and-ends-as-its-file", test_it_grows_and_ends_as_its_file);
  ADD ("a-lost-collector-leaves-what-came", test_a_lost_collector_leaves_what_came);
  ADD ("nobody-there-is-a-failure", test_nobody_there_is_a_failure);
  ADD ("a-program-that-was-not-recorded-says-so", test_a_program_that_was_not_recorded_says_so);
  ADD ("marks-copies-and-stopping", test_marks_copies_and_stopping);
  ADD ("letting-go-leaves-the-recording", test_letting_go_leaves_the_recording);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file-reader.h"
#include "memscope-launcher.h"

typedef struct
{
  char *directory;
  char *output;
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

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (fixture->directory);
  g_free (fixture->output);
}

static MemscopeLauncher *
launch (Fixture *fixture, const char * const *argv)
{
  MemscopeLauncher *launcher = memscope_launcher_new (argv);
  g_autoptr(GError) error = NULL;

  memscope_launcher_set_output (launcher, fixture->output);
  memscope_launcher_start (launcher, &error);
  g_assert_no_error (error);

  return launcher;
}

static void
wait_for (MemscopeLauncher *launcher)
{
  g_autoptr(GError) error = NULL;

  memscope_launcher_wait (launcher, NULL, &error);
  g_assert_no_error (error);
}

static void
test_records_and_passes_the_status_on (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--threads", "2", "--pairs", "500", "--exit", "7", NULL };
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, argv);
  g_autoptr(RecordingFile) file = NULL;

  wait_for (launcher);
  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 7);
  g_assert_cmpuint (g_strv_length ((char **)memscope_launcher_get_files (launcher)), ==, 1);
  g_assert_cmpstr (memscope_launcher_get_files (launcher)[0], ==, fixture->output);
  g_assert_null (memscope_launcher_get_warnings (launcher)[0]);

  file = recording_file_read (fixture->output);
  g_assert_cmpuint (file->events->len, ==, 2000);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_EXIT);
  g_assert_cmpuint (file->end.status, ==, 7);
  g_assert_cmpuint (file->threads->len - 1, ==, 2);
  g_assert_cmpstr (g_hash_table_lookup (file->facts, "exe"), ==, FAKE_TARGET);
  g_assert_cmpstr (g_hash_table_lookup (file->facts, "allocator"), ==, "glibc");
  g_assert_nonnull (g_hash_table_lookup (file->facts, "environment_names"));
  g_assert_null (strchr (g_hash_table_lookup (file->facts, "environment_names"), '='));
}

static void
test_says_which_signal_ended_it (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--signal", "9", NULL };
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, argv);
  g_autoptr(RecordingFile) file = NULL;

  wait_for (launcher);
  g_assert_true (WIFSIGNALED (memscope_launcher_get_wait_status (launcher)));
  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 128 + SIGKILL);

  file = recording_file_read (fixture->output);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_SIGNAL);
  g_assert_cmpuint (file->end.status, ==, SIGKILL);
}

/* One file per process; each child knows its parent and what it inherited. */
static void
test_children_get_files_of_their_own (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--pairs", "10", "--forks", "3", NULL };
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, argv);
  g_autoptr(RecordingFile) root = NULL;
  const char * const *files;

  wait_for (launcher);
  files = memscope_launcher_get_files (launcher);
  g_assert_cmpuint (g_strv_length ((char **)files), ==, 4);
  root = recording_file_read (files[0]);
  g_assert_cmpuint (root->events->len, ==, 21);

  for (guint i = 1; i < 4; i++)
    {
      g_autoptr(RecordingFile) child = recording_file_read (files[i]);
      g_autofree char *name = g_strdup_printf ("run.%s.memscope", (char *)g_hash_table_lookup (child->facts, "pid"));
      g_autofree char *base = g_path_get_basename (files[i]);

      g_assert_cmpstr (base, ==, name);
      g_assert_cmpuint (child->events->len, ==, 4);
      g_assert_cmpuint (FILE_EVENT (child, 0).kind, ==, MEMSCOPE_EVENT_INHERITED);
      g_assert_cmpuint (FILE_EVENT (child, 0).size, ==, 100);
      g_assert_cmpuint (FILE_EVENT (child, 3).kind, ==, MEMSCOPE_EVENT_FREE_UNKNOWN);
      g_assert_cmpstr (g_hash_table_lookup (child->facts, "parent_event"), ==, "21");
      g_assert_cmpmem (child->header.tree_uuid, 16, root->header.tree_uuid, 16);
      g_assert_cmpuint (child->end.reason, ==, MEMSCOPE_END_EXIT);
      g_assert_cmpuint (child->end.status, ==, 5);
    }
}

static void
test_exec_ends_a_file_and_begins_one (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--pairs", "10", "--exec", FAKE_TARGET, NULL };
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, argv);
  g_autoptr(RecordingFile) first = NULL;
  g_autoptr(RecordingFile) second = NULL;
  const char * const *files;

  wait_for (launcher);
  files = memscope_launcher_get_files (launcher);
  g_assert_cmpuint (g_strv_length ((char **)files), ==, 2);
  first = recording_file_read (files[0]);
  second = recording_file_read (files[1]);
  g_assert_cmpuint (first->end.reason, ==, MEMSCOPE_END_EXEC);
  g_assert_cmpuint (first->events->len, ==, 20);
  g_assert_cmpuint (second->end.reason, ==, MEMSCOPE_END_EXIT);
  g_assert_cmpuint (second->events->len, ==, 2000);
}

/* A static program says nothing to anybody; that the old one is over is noticed. */
static void
test_exec_of_an_unrecorded_program_ends_a_file (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--pairs", "10", "--pause", "10000", "--exec", STATIC_TARGET, NULL };
  g_autoptr(MemscopeLauncher) launcher = NULL;
  g_autoptr(RecordingFile) file = NULL;

  g_setenv ("TARGET_SLEEP", "3", TRUE);
  launcher = launch (fixture, argv);
  g_unsetenv ("TARGET_SLEEP");
  wait_for (launcher);
  g_assert_cmpuint (g_strv_length ((char **)memscope_launcher_get_files (launcher)), ==, 1);
  file = recording_file_read (fixture->output);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_EXEC);
  g_assert_cmpuint (file->events->len, ==, 20);
}

static void
test_files_of_other_recordings_are_kept (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--pairs", "10", "--forks", "1", NULL };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(MemscopeLauncher) launcher = launch (fixture, argv);

      wait_for (launcher);
      g_assert_cmpuint (g_strv_length ((char **)memscope_launcher_get_files (launcher)), ==, 2);
      for (guint j = 0; j < 2; j++)
        g_assert_true (g_file_test (memscope_launcher_get_files (launcher)[j], G_FILE_TEST_IS_REGULAR));
    }
}

static void
test_missing_programs_are_said (Fixture *fixture, gconstpointer data)
{
  static const char *const argvs[][2] = { { "no-such-program-anywhere", NULL }, { "/nonexistent", NULL }, { NULL, NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (argvs); i++)
    {
      g_autoptr(MemscopeLauncher) launcher = memscope_launcher_new (argvs[i]);
      g_autoptr(GError) error = NULL;

      g_assert_false (memscope_launcher_start (launcher, &error));
      g_assert_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_FOUND);
    }
}

static void
test_missing_parts_are_said (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { "true", NULL };
  g_autofree char *collector = g_strdup (g_getenv ("MEMSCOPE_COLLECTOR"));
  g_autoptr(MemscopeLauncher) first = memscope_launcher_new (argv);
  g_autoptr(MemscopeLauncher) second = memscope_launcher_new (argv);
  g_autoptr(GError) of_collector = NULL;
  g_autoptr(GError) of_recorder = NULL;

  memscope_launcher_set_output (first, fixture->output);
  g_setenv ("MEMSCOPE_COLLECTOR", "/nonexistent/collector", TRUE);
  g_assert_false (memscope_launcher_start (first, &of_collector));
  g_assert_nonnull (strstr (of_collector->message, "/nonexistent/collector"));
  g_setenv ("MEMSCOPE_COLLECTOR", collector, TRUE);

  g_setenv ("MEMSCOPE_RECORDER", "/nonexistent/recorder.so", TRUE);
  g_assert_false (memscope_launcher_start (second, &of_recorder));
  g_assert_nonnull (strstr (of_recorder->message, "/nonexistent/recorder.so"));
}

static void
test_unwritable_output_still_runs_the_program (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--pairs", "10", "--exit", "4", NULL };
  g_autoptr(MemscopeLauncher) launcher = memscope_launcher_new (argv);
  g_autoptr(GError) error = NULL;

  memscope_launcher_set_output (launcher, "/nonexistent/directory/run.memscope");
  memscope_launcher_start (launcher, &error);
  g_assert_no_error (error);
  wait_for (launcher);
  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 4);
  g_assert_nonnull (memscope_launcher_get_warnings (launcher)[0]);
  g_assert_nonnull (strstr (memscope_launcher_get_warnings (launcher)[0], "/nonexistent/directory/run.memscope"));
  g_assert_null (memscope_launcher_get_files (launcher)[0]);
}

/* The program sees what it would see alone, but for the two variables. */
static void
test_environment_and_directory_are_the_programs (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { "sh", "-c", "echo \"$PWD $LD_PRELOAD $MARK\" > seen; kill -INT $$", NULL };
  const char *environment[] = { "PATH=/usr/bin:/bin", "LD_PRELOAD=/nonexistent/mine.so", "MARK=here", NULL };
  g_autoptr(MemscopeLauncher) launcher = memscope_launcher_new (argv);
  g_autofree char *seen = g_build_filename (fixture->directory, "seen", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  memscope_launcher_set_output (launcher, fixture->output);
  memscope_launcher_set_directory (launcher, fixture->directory);
  memscope_launcher_set_environment (launcher, environment);
  memscope_launcher_start (launcher, &error);
  g_assert_no_error (error);
  wait_for (launcher);

  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 128 + SIGINT);
  g_assert_true (g_file_get_contents (seen, &text, NULL, NULL));
  expected = g_strdup_printf ("%s %s:/nonexistent/mine.so here\n", fixture->directory, EMPTY_RECORDER);
  g_assert_cmpstr (text, ==, expected);

  /* Nobody said hello: that is worth a sentence. */
  g_assert_nonnull (memscope_launcher_get_warnings (launcher)[0]);
}

static void
test_scripts_without_interpreter_run (Fixture *fixture, gconstpointer data)
{
  g_autofree char *script = g_build_filename (fixture->directory, "script", NULL);
  const char *argv[] = { script, "one", "two words", NULL };
  g_autoptr(MemscopeLauncher) launcher = NULL;

  g_file_set_contents (script, "test \"$#:$2\" = \"2:two words\" && exit 6\n", -1, NULL);
  g_chmod (script, 0755);
  launcher = launch (fixture, argv);
  wait_for (launcher);
  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 6);
}

/* In the foreground Ctrl-C reaches the whole group: the program ends, the
 * launcher stays to finish the file.
 */
static void
test_interrupt_is_the_programs (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--forever", "--pause", "1000", NULL };
  g_autoptr(MemscopeLauncher) launcher = memscope_launcher_new (argv);
  g_autoptr(RecordingFile) file = NULL;
  g_autoptr(GError) error = NULL;
  pid_t helper;

  memscope_launcher_set_output (launcher, fixture->output);
  memscope_launcher_set_foreground (launcher, TRUE);
  memscope_launcher_start (launcher, &error);
  g_assert_no_error (error);

  helper = fork ();
  if (helper == 0)
    {
      g_usleep (300000);
      kill (getppid (), SIGINT);
      kill (memscope_launcher_get_pid (launcher), SIGINT);
      _exit (0);
    }

  wait_for (launcher);
  waitpid (helper, NULL, 0);
  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 128 + SIGINT);
  file = recording_file_read (fixture->output);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->events->len, >, 10);
}

static void
keep_result (GObject *object, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static void
test_stop_ends_the_recording_only (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--forever", "--pause", "1000", NULL };
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, argv);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(RecordingFile) file = NULL;
  g_autoptr(GError) error = NULL;

  memscope_launcher_wait_async (launcher, NULL, keep_result, &result);
  g_usleep (300000);
  memscope_launcher_stop (launcher);
  g_usleep (300000);
  g_assert_cmpint (kill (memscope_launcher_get_pid (launcher), 0), ==, 0);
  file = recording_file_read (fixture->output);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_STOPPED);

  kill (memscope_launcher_get_pid (launcher), SIGTERM);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  memscope_launcher_wait_finish (launcher, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 128 + SIGTERM);
}

static void
test_limits_end_the_recording (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--pairs", "48000", "--pause", "3", NULL };
  g_autoptr(MemscopeLauncher) launcher = memscope_launcher_new (argv);
  g_autoptr(RecordingFile) file = NULL;
  g_autoptr(GError) error = NULL;

  memscope_launcher_set_output (launcher, fixture->output);
  if (g_strcmp0 (data, "size") == 0)
    memscope_launcher_set_max_size (launcher, 100000);
  else
    memscope_launcher_set_max_time (launcher, 400);
  memscope_launcher_start (launcher, &error);
  g_assert_no_error (error);
  wait_for (launcher);

  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 0);
  file = recording_file_read (fixture->output);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_STOPPED);
}

static void
test_cancelled_wait_leaves_everything_running (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { FAKE_TARGET, "--pairs", "300", "--pause", "1000", NULL };
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, argv);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (memscope_launcher_wait (launcher, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  wait_for (launcher);
  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, data, function) g_test_add (path, Fixture, data, set_up, function, tear_down)
  ADD ("/launcher/records-and-passes-the-status-on", NULL, test_records_and_passes_the_status_on);
  ADD ("/launcher/says-which-signal-ended-it", NULL, test_says_which_signal_ended_it);
  ADD ("/launcher/children-get-files-of-their-own", NULL, test_children_get_files_of_their_own);
  ADD ("/launcher/exec-ends-a-file-and-begins-one", NULL, test_exec_ends_a_file_and_begins_one);
  ADD ("/launcher/exec-of-an-unrecorded-program-ends-a-file", NULL, test_exec_of_an_unrecorded_program_ends_a_file);
  ADD ("/launcher/files-of-other-recordings-are-kept", NULL, test_files_of_other_recordings_are_kept);
  ADD ("/launcher/missing-programs-are-said", NULL, test_missing_programs_are_said);
  ADD ("/launcher/missing-parts-are-said", NULL, test_missing_parts_are_said);
  ADD ("/launcher/unwritable-output-still-runs-the-program", NULL, test_unwritable_output_still_runs_the_program);
  ADD ("/launcher/environment-and-directory-are-the-programs", NULL, test_environment_and_directory_are_the_programs);
  ADD ("/launcher/scripts-without-interpreter-run", NULL, test_scripts_without_interpreter_run);
  ADD ("/launcher/interrupt-is-the-programs", NULL, test_interrupt_is_the_programs);
  ADD ("/launcher/stop-ends-the-recording-only", NULL, test_stop_ends_the_recording_only);
  ADD ("/launcher/size-limit-ends-the-recording", "size", test_limits_end_the_recording);
  ADD ("/launcher/time-limit-ends-the-recording", "time", test_limits_end_the_recording);
  ADD ("/launcher/cancelled-wait-leaves-everything-running", NULL, test_cancelled_wait_leaves_everything_running);

  return g_test_run ();
}

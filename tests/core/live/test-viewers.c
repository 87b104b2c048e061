/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Those who watch a recording get the bytes of its file, whatever they and the
 * program do, and the recording does not care.
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file-reader.h"
#include "memscope-launcher.h"
#include "memscope-live-connection.h"
#include "memscope-live-list.h"

#define WAIT_USEC (120 * G_USEC_PER_SEC)

typedef struct
{
  char             *directory;
  char             *output;
  MemscopeLauncher *launcher;
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
  g_clear_object (&fixture->launcher);
  g_free (fixture->directory);
  g_free (fixture->output);
}

static void
launch_argv (Fixture *fixture, char **argv)
{
  g_autoptr(GError) error = NULL;

  fixture->launcher = memscope_launcher_new ((const char * const *)argv);
  memscope_launcher_set_output (fixture->launcher, fixture->output);
  memscope_launcher_start (fixture->launcher, &error);
  g_assert_no_error (error);
}

static void
launch (Fixture *fixture, const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("%s %s", FAKE_TARGET, arguments);
  g_auto(GStrv) argv = g_strsplit (line, " ", -1);

  launch_argv (fixture, argv);
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

static int
wait_for_end (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  memscope_launcher_wait (fixture->launcher, NULL, &error);
  g_assert_no_error (error);

  return memscope_launcher_get_exit_code (fixture->launcher);
}

/* All that are being recorded, once there are @n of them. */
static GPtrArray *
wait_for_recordings (guint n)
{
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;

  for (;;)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) recordings = memscope_live_list (NULL, &error);

      g_assert_no_error (error);
      if (recordings->len >= n)
        return g_steal_pointer (&recordings);

      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (2000);
    }
}

static MemscopeLiveRecording *
wait_for_recording (void)
{
  g_autoptr(GPtrArray) recordings = wait_for_recordings (1);

  return memscope_live_recording_ref (g_ptr_array_index (recordings, 0));
}

/* ---- a viewer ---------------------------------------------------------------------- */

typedef struct
{
  MemscopeLiveConnection *connection;
  GByteArray             *bytes;
  char                   *end;        /* the `end` message */
  gboolean                closed;
} Viewer;

static void
say (MemscopeLiveConnection *connection, const char *text)
{
  MemscopeLiveWriter writer = { .text = (char *)text, .length = strlen (text) };

  g_assert_true (memscope_live_connection_send (connection, &writer));
}

static Viewer *
viewer_new (const char *socket, const char *uuid)
{
  g_autofree char *command = uuid != NULL ? g_strdup_printf ("watch uuid=%s", uuid) : g_strdup ("watch");
  g_autoptr(GError) error = NULL;
  Viewer *viewer = g_new0 (Viewer, 1);

  viewer->connection = memscope_live_connection_new (socket, &error);
  g_assert_no_error (error);
  viewer->bytes = g_byte_array_new ();
  say (viewer->connection, command);

  return viewer;
}

static void
viewer_free (Viewer *viewer)
{
  g_clear_pointer (&viewer->connection, memscope_live_connection_free);
  g_byte_array_unref (viewer->bytes);
  g_free (viewer->end);
  g_free (viewer);
}

static void
viewer_take (Viewer *viewer)
{
  MemscopeLiveReceived received;

  while ((received = memscope_live_connection_receive (viewer->connection)) == MEMSCOPE_LIVE_MESSAGE)
    {
      const char *message = (const char *)viewer->connection->buffer;
      gsize length = viewer->connection->length;

      if (message[0] == MEMSCOPE_LIVE_DATA)
        g_byte_array_append (viewer->bytes, (const guint8 *)message + 1, (guint)length - 1);
      else if (length >= 4 && memcmp (message, "end ", 4) == 0)
        viewer->end = g_strndup (message, length);
    }

  viewer->closed = received == MEMSCOPE_LIVE_CLOSED;
}

static void
viewer_run (Viewer *viewer, gsize n_bytes)
{
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;

  while (viewer->end == NULL && !viewer->closed && viewer->bytes->len < n_bytes)
    {
      struct pollfd entry = { .fd = viewer->connection->fd, .events = POLLIN };

      poll (&entry, 1, 20);
      viewer_take (viewer);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

static void
assert_is_the_file (Viewer *viewer, const char *path)
{
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_cmpuint (viewer->bytes->len, ==, length);
  g_assert_true (memcmp (viewer->bytes->data, content, length) == 0);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Viewer, viewer_free)

/* ---- streams ----------------------------------------------------------------------- */

static void
test_every_viewer_gets_the_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLiveRecording) recording = NULL;
  g_autoptr(Viewer) first = NULL;
  g_autoptr(Viewer) late = NULL;
  g_autoptr(Viewer) stuck = NULL;
  g_autoptr(Viewer) leaver = NULL;

  launch_gated (fixture, "--threads 3 --pairs 60000 --exit 3");
  recording = wait_for_recording ();
  g_assert_cmpstr (recording->file, ==, fixture->output);
  g_assert_cmpint (recording->pid, ==, memscope_launcher_get_pid (fixture->launcher));

  first = viewer_new (recording->socket, recording->uuid);
  stuck = viewer_new (recording->socket, recording->uuid);
  leaver = viewer_new (recording->socket, recording->uuid);
  viewer_run (leaver, 20000);
  g_clear_pointer (&leaver->connection, memscope_live_connection_free);
  viewer_run (first, 60000);
  late = viewer_new (recording->socket, recording->uuid);
  open_gate (fixture);

  while (first->end == NULL)
    viewer_run (first, first->bytes->len + 1);
  viewer_run (late, G_MAXSIZE);

  g_assert_cmpint (wait_for_end (fixture), ==, 3);
  assert_is_the_file (first, fixture->output);
  assert_is_the_file (late, fixture->output);
  g_assert_nonnull (strstr (first->end, "reason=exit status=3"));

  /* The one that never read can still have all of it, after everybody else is through. */
  viewer_run (stuck, G_MAXSIZE);
  assert_is_the_file (stuck, fixture->output);
}

static void
test_nobody_waits_for_a_viewer_that_does_not_read (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLiveRecording) recording = NULL;
  g_autoptr(Viewer) stuck = NULL;
  g_autoptr(RecordingFile) file = NULL;
  gint64 began;

  launch_gated (fixture, "--threads 2 --pairs 200000");
  recording = wait_for_recording ();
  stuck = viewer_new (recording->socket, recording->uuid);
  open_gate (fixture);

  while (kill (memscope_launcher_get_pid (fixture->launcher), 0) == 0 && g_file_test (recording->socket, G_FILE_TEST_EXISTS))
    {
      struct stat status;

      /* enough for the socket's buffer to be full */
      if (g_stat (fixture->output, &status) == 0 && status.st_size > 400000)
        break;
      g_usleep (1000);
    }

  wait_for_end (fixture);
  began = g_get_monotonic_time ();
  file = recording_file_read (fixture->output);
  g_assert_cmpuint (file->events->len, ==, 800000);
  g_assert_true (file->has_footer);

  /* What stayed behind for it goes by itself. */
  while (stuck->connection != NULL && !stuck->closed && g_get_monotonic_time () - began < WAIT_USEC)
    {
      struct pollfd entry = { .fd = stuck->connection->fd, .events = 0 };

      poll (&entry, 1, 100);
      if (entry.revents & (POLLHUP | POLLERR))
        break;
    }
  viewer_run (stuck, G_MAXSIZE);
  g_assert_true (stuck->closed || stuck->end != NULL);
}

static void
test_the_first_image_can_be_waited_for (Fixture *fixture, gconstpointer data)
{
  g_autofree char *socket = NULL;
  g_autoptr(Viewer) viewer = NULL;

  launch_gated (fixture, "--pairs 20000 --pause 1");
  socket = g_strdup (memscope_launcher_get_socket (fixture->launcher));
  viewer = viewer_new (socket, NULL);
  open_gate (fixture);
  viewer_run (viewer, G_MAXSIZE);
  wait_for_end (fixture);
  assert_is_the_file (viewer, fixture->output);
}

static void
test_a_killed_program_has_its_whole_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLiveRecording) recording = NULL;
  g_autoptr(Viewer) viewer = NULL;

  launch (fixture, "--threads 2 --forever");
  recording = wait_for_recording ();
  viewer = viewer_new (recording->socket, recording->uuid);
  viewer_run (viewer, 100000);
  kill (memscope_launcher_get_pid (fixture->launcher), SIGKILL);
  viewer_run (viewer, G_MAXSIZE);

  g_assert_cmpint (wait_for_end (fixture), ==, 128 + SIGKILL);
  assert_is_the_file (viewer, fixture->output);
  g_assert_nonnull (strstr (viewer->end, "reason=signal status=9"));
}

static void
test_a_killed_collector_closes_the_line (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLiveRecording) recording = NULL;
  g_autoptr(Viewer) viewer = NULL;
  g_autofree char *content = NULL;
  gsize length;

  launch_gated (fixture, "--threads 2 --pairs 2000 --pause 50");
  recording = wait_for_recording ();
  viewer = viewer_new (recording->socket, recording->uuid);
  viewer_run (viewer, 500);
  kill (recording->collector, SIGKILL);
  open_gate (fixture);
  viewer_run (viewer, G_MAXSIZE);
  g_assert_true (viewer->closed);
  g_assert_null (viewer->end);
  g_assert_cmpint (wait_for_end (fixture), ==, 0);

  g_assert_true (g_file_get_contents (fixture->output, &content, &length, NULL));
  g_assert_cmpuint (viewer->bytes->len, <=, length);
  g_assert_true (memcmp (viewer->bytes->data, content, viewer->bytes->len) == 0);
}

/* ---- commands ------------------------------------------------------------------------ */

static void
command (const char *socket, const char *text)
{
  MemscopeLiveWriter writer = { .text = (char *)text, .length = strlen (text) };
  g_autoptr(GError) error = NULL;

  memscope_live_command (socket, &writer, &error);
  g_assert_no_error (error);
}

static void
test_stop_completes_the_file_and_leaves_the_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLiveRecording) recording = NULL;
  g_autoptr(Viewer) viewer = NULL;
  g_autoptr(RecordingFile) file = NULL;
  g_autofree char *mark = NULL;
  pid_t pid;

  launch (fixture, "--threads 2 --forever --pause 200");
  recording = wait_for_recording ();
  viewer = viewer_new (recording->socket, recording->uuid);
  viewer_run (viewer, 1000);
  mark = g_strdup_printf ("mark uuid=%s text=half%%20way", recording->uuid);
  command (recording->socket, mark);
  command (recording->socket, "stop");
  viewer_run (viewer, G_MAXSIZE);
  g_assert_nonnull (strstr (viewer->end, "reason=stopped"));

  pid = memscope_launcher_get_pid (fixture->launcher);
  g_assert_cmpint (kill (pid, 0), ==, 0);
  kill (pid, SIGTERM);
  g_assert_cmpint (wait_for_end (fixture), ==, 128 + SIGTERM);

  assert_is_the_file (viewer, fixture->output);
  file = recording_file_read (fixture->output);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_STOPPED);
  g_assert_cmpuint (file->marks->len, ==, 1);
}

static void
test_one_process_of_a_tree_can_be_stopped (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GPtrArray) recordings = NULL;
  g_autofree char *stop = NULL;
  const char *script = FAKE_TARGET " --forever --pause 200 & exec " FAKE_TARGET " --forever --pause 200";
  char *argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)script, NULL };
  MemscopeLiveRecording *child;
  pid_t other;

  launch_argv (fixture, argv);
  recordings = wait_for_recordings (2);
  child = g_ptr_array_index (recordings, 0);
  if (child->pid == memscope_launcher_get_pid (fixture->launcher))
    child = g_ptr_array_index (recordings, 1);
  g_assert_cmpstr (child->tree, ==, ((MemscopeLiveRecording *)g_ptr_array_index (recordings, 0))->tree);

  other = child->pid;
  stop = g_strdup_printf ("stop uuid=%s", child->uuid);
  command (child->socket, stop);
  g_clear_pointer (&recordings, g_ptr_array_unref);

  recordings = wait_for_recordings (1);
  g_assert_cmpuint (recordings->len, ==, 1);
  g_assert_cmpint (((MemscopeLiveRecording *)g_ptr_array_index (recordings, 0))->pid, ==,
                   memscope_launcher_get_pid (fixture->launcher));
  command (((MemscopeLiveRecording *)g_ptr_array_index (recordings, 0))->socket, "stop");
  g_assert_cmpint (kill (other, SIGTERM), ==, 0);
  kill (memscope_launcher_get_pid (fixture->launcher), SIGTERM);
  wait_for_end (fixture);
}

static void
test_nonsense_ends_only_who_says_it (Fixture *fixture, gconstpointer data)
{
  static const char *const refused[] = { "mark", "mark uuid=00", "stop uuid=ffffffffffffffffffffffffffffffff", "watch uuid=x" };
  g_autoptr(GRand) random = g_rand_new_with_seed (99);
  g_autoptr(MemscopeLiveRecording) recording = NULL;
  g_autoptr(Viewer) viewer = NULL;

  launch_gated (fixture, "--pairs 4000 --pause 20");
  recording = wait_for_recording ();
  viewer = viewer_new (recording->socket, recording->uuid);

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      MemscopeLiveWriter writer = { .text = (char *)refused[i], .length = strlen (refused[i]) };
      g_autoptr(GError) error = NULL;

      g_assert_false (memscope_live_command (recording->socket, &writer, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
    }

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr(MemscopeLiveConnection) stranger = memscope_live_connection_new (recording->socket, NULL);
      guint8 noise[20000];
      gsize length = (gsize)g_rand_int_range (random, 1, i % 10 == 0 ? sizeof noise : 200);

      if (stranger == NULL)
        continue;
      for (gsize k = 0; k < length; k++)
        noise[k] = (guint8)g_rand_int (random);
      send (stranger->fd, noise, length, MSG_NOSIGNAL);
    }
  open_gate (fixture);

  viewer_run (viewer, G_MAXSIZE);
  g_assert_cmpint (wait_for_end (fixture), ==, 0);
  assert_is_the_file (viewer, fixture->output);
}

/* ---- the list ------------------------------------------------------------------------- */

static void
test_dead_sockets_are_passed_over (Fixture *fixture, gconstpointer data)
{
  g_autofree char *directory = g_build_filename (fixture->directory, "memscope", NULL);
  g_autofree char *dead = g_build_filename (directory, "collector-1.sock", NULL);
  g_autofree char *plain = g_build_filename (directory, "collector-2.sock", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autoptr(GPtrArray) recordings = NULL;
  g_autoptr(GError) error = NULL;
  int fd = socket (AF_UNIX, SOCK_SEQPACKET, 0);

  recordings = memscope_live_list (NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (recordings->len, ==, 0);
  g_clear_pointer (&recordings, g_ptr_array_unref);

  g_strlcpy (address.sun_path, dead, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  close (fd);
  g_assert_true (g_file_set_contents (plain, "x", 1, NULL));

  recordings = memscope_live_list (NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (recordings->len, ==, 0);
}

/* Somebody listens and says nothing: the list is late, not stuck. */
static void
test_a_silent_socket_is_left_out (Fixture *fixture, gconstpointer data)
{
  g_autofree char *silent = NULL;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autoptr(GPtrArray) recordings = NULL;
  g_autoptr(GError) error G_GNUC_UNUSED = NULL;
  int fd = socket (AF_UNIX, SOCK_SEQPACKET, 0);

  launch (fixture, "--forever --pause 200");
  silent = g_build_filename (fixture->directory, "memscope", "collector-1.sock", NULL);
  g_strlcpy (address.sun_path, silent, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 8), ==, 0);

  recordings = wait_for_recordings (1);
  g_assert_cmpuint (recordings->len, ==, 1);
  close (fd);
  kill (memscope_launcher_get_pid (fixture->launcher), SIGTERM);
  wait_for_end (fixture);
}

/* In a directory that lets everybody in, which MemScope's own never is. */
static void
test_another_user_is_turned_away (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLiveRecording) recording = NULL;
  g_autofree char *directory = NULL;
  pid_t child;
  int status;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can be somebody else");
      return;
    }

  launch (fixture, "--forever --pause 200");
  recording = wait_for_recording ();
  directory = g_path_get_dirname (recording->socket);
  g_assert_cmpint (chmod (fixture->directory, 0755) | chmod (directory, 0755) | chmod (recording->socket, 0777), ==, 0);

  child = fork ();
  if (child == 0)
    {
      struct sockaddr_un address = { .sun_family = AF_UNIX };
      struct timeval timeout = { .tv_sec = 10 };
      char buffer[4096];
      int fd = socket (AF_UNIX, SOCK_SEQPACKET, 0);
      gboolean heard = FALSE;
      ssize_t n;

      g_strlcpy (address.sun_path, recording->socket, sizeof address.sun_path);
      setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
      if (setresgid (65534, 65534, 65534) != 0 || setresuid (65534, 65534, 65534) != 0 ||
          connect (fd, (struct sockaddr *)&address, sizeof address) != 0)
        _exit (2);

      send (fd, "memscope-viewer version=1", 25, MSG_NOSIGNAL);
      send (fd, "list", 4, MSG_NOSIGNAL);
      while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
        heard |= n >= 6 && memcmp (buffer, "image ", 6) == 0;

      _exit (heard ? 3 : n == 0 || errno == ECONNRESET ? 0 : 4);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  kill (memscope_launcher_get_pid (fixture->launcher), SIGTERM);
  wait_for_end (fixture);
}

#define ADD(name, function) g_test_add ("/viewers/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("every-viewer-gets-the-file", test_every_viewer_gets_the_file);
  ADD ("nobody-waits-for-a-viewer-that-does-not-read", test_nobody_waits_for_a_viewer_that_does_not_read);
  ADD ("the-first-image-can-be-waited-for", test_the_first_image_can_be_waited_for);
  ADD ("a-killed-program-has-its-whole-stream", test_a_killed_program_has_its_whole_stream);
  ADD ("a-killed-collector-closes-the-line", test_a_killed_collector_closes_the_line);
  ADD ("stop-completes-the-file-and-leaves-the-program", test_stop_completes_the_file_and_leaves_the_program);
  ADD ("one-process-of-a-tree-can-be-stopped", test_one_process_of_a_tree_can_be_stopped);
  ADD ("nonsense-ends-only-who-says-it", test_nonsense_ends_only_who_says_it);
  ADD ("dead-sockets-are-passed-over", test_dead_sockets_are_passed_over);
  ADD ("a-silent-socket-is-left-out", test_a_silent_socket_is_left_out);
  ADD ("another-user-is-turned-away", test_another_user_is_turned_away);

  return g_test_run ();
}

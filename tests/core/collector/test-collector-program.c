/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The collector program under everything that can happen to it and around it. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file-reader.h"
#include "handshake.h"
#include "memscope-launcher.h"

#define N_THREADS 4

typedef struct
{
  char    *directory;
  char    *output;
  char    *counts_path;
  guint64 *counts;      /* calls completed, by thread */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  fixture->output = g_build_filename (fixture->directory, "run.memscope", NULL);
  fixture->counts_path = g_build_filename (fixture->directory, "counts", NULL);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("MEMSCOPE_RECORDER", EMPTY_RECORDER, TRUE);
}

static void
map_counts (Fixture *fixture)
{
  g_autofree char *zeros = g_malloc0 (4096);
  int fd;

  g_assert_true (g_file_set_contents (fixture->counts_path, zeros, 4096, NULL));
  fd = g_open (fixture->counts_path, O_RDWR, 0);
  if (fixture->counts != NULL)
    munmap (fixture->counts, 4096);
  fixture->counts = mmap (NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (fixture->counts != MAP_FAILED);
  close (fd);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", fixture->directory);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  if (fixture->counts != NULL)
    munmap (fixture->counts, 4096);
  g_free (fixture->directory);
  g_free (fixture->output);
  g_free (fixture->counts_path);
}

static MemscopeLauncher *
launch (Fixture *fixture, const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("%s %s --counts %s", FAKE_TARGET, arguments, fixture->counts_path);
  g_auto(GStrv) argv = g_strsplit (line, " ", -1);
  MemscopeLauncher *launcher;
  g_autoptr(GError) error = NULL;

  map_counts (fixture);
  launcher = memscope_launcher_new ((const char * const *)argv);
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

static char *
socket_path (Fixture *fixture)
{
  g_autofree char *directory = g_build_filename (fixture->directory, "memscope", NULL);
  g_autoptr(GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name;

  g_assert_nonnull (entries);
  while ((name = g_dir_read_name (entries)) != NULL)
    if (g_str_has_suffix (name, ".sock"))
      return g_build_filename (directory, name, NULL);

  g_assert_not_reached ();
}

static pid_t
collector_pid (Fixture *fixture)
{
  g_autofree char *path = socket_path (fixture);

  return (pid_t)atoi (strstr (path, "collector-") + strlen ("collector-"));
}

static void
wait_for_counts (Fixture *fixture, guint64 n)
{
  for (guint i = 0; i < N_THREADS; i++)
    while (__atomic_load_n (&fixture->counts[i], __ATOMIC_ACQUIRE) < n)
      g_usleep (500);
}

/* Events in the file by the target's own number of the thread: its addresses say which. */
static void
count_events (RecordingFile *file, guint64 counts[N_THREADS])
{
  g_autofree guint *index_of = g_new0 (guint, file->threads->len);

  memset (counts, 0, N_THREADS * sizeof *counts);
  for (guint i = 0; i < file->events->len; i++)
    {
      MemscopeEvent *event = &FILE_EVENT (file, i);

      if (memscope_event_is_birth (event->kind))
        index_of[event->thread] = (guint)((event->address - 0x100000000) / 0x10000000);
      g_assert_cmpuint (index_of[event->thread], <, N_THREADS);
      counts[index_of[event->thread]]++;
    }
}

static guint
n_seeds (void)
{
  const char *text = g_getenv ("MEMSCOPE_TEST_SEEDS");

  return text != NULL ? (guint)atoi (text) : 5;
}

/* ---- the target dies -------------------------------------------------------------- */

/* What the program has counted is in the file; of each thread at most the call
 * in progress is missing (here: was recorded but not counted yet).
 */
static void
test_killed_target_loses_nothing (Fixture *fixture, gconstpointer data)
{
  for (guint seed = 0; seed < n_seeds (); seed++)
    {
      g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr(MemscopeLauncher) launcher = launch (fixture, seed % 2 == 0 ? "--threads 4 --forever --pause 50"
                                                                            : "--threads 4 --forever");
      g_autoptr(RecordingFile) file = NULL;
      guint64 counts[N_THREADS];

      wait_for_counts (fixture, 1);
      g_usleep ((gulong)g_rand_int_range (rand, 0, 120000));
      kill (memscope_launcher_get_pid (launcher), SIGKILL);
      wait_for (launcher);

      file = recording_file_read (fixture->output);
      g_assert_true (file->has_footer);
      g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_SIGNAL);
      g_assert_cmpuint (file->end.status, ==, SIGKILL);
      g_assert_cmpuint (file->gaps->len, ==, 0);
      count_events (file, counts);
      for (guint i = 0; i < N_THREADS; i++)
        {
          g_assert_cmpuint (counts[i], >=, fixture->counts[i]);
          g_assert_cmpuint (counts[i], <=, fixture->counts[i] + 1);
        }
    }
}

/* ---- the collector dies ------------------------------------------------------------- */

static void
test_killed_collector_leaves_a_good_prefix (Fixture *fixture, gconstpointer data)
{
  for (guint seed = 0; seed < n_seeds (); seed++)
    {
      g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr(MemscopeLauncher) launcher = launch (fixture, "--threads 4 --pairs 12000 --pause 100 --exit 9");
      g_autoptr(RecordingFile) file = NULL;
      guint64 before[N_THREADS], counts[N_THREADS];

      wait_for_counts (fixture, 1);
      g_usleep ((gulong)g_rand_int_range (rand, 0, 60000));
      memcpy (before, fixture->counts, sizeof before);

      /* Far more than the 200 ms an epoch may wait: the machine may be busy. */
      g_usleep (500000);
      kill (collector_pid (fixture), SIGKILL);
      wait_for (launcher);

      g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 9);
      g_assert_nonnull (memscope_launcher_get_warnings (launcher)[0]);
      for (guint i = 0; i < N_THREADS; i++)
        g_assert_cmpuint (fixture->counts[i], ==, 24000);

      file = recording_file_read (fixture->output);
      g_assert_false (file->has_footer);
      count_events (file, counts);
      for (guint i = 0; i < N_THREADS; i++)
        {
          g_assert_cmpuint (counts[i], >=, before[i]);
          g_assert_cmpuint (counts[i], <=, 24000);
        }
    }
}

static void
test_stopped_collector_goes_on_where_it_was (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, "--threads 4 --pairs 50000");
  g_autoptr(RecordingFile) file = NULL;
  pid_t collector;

  wait_for_counts (fixture, 1);
  collector = collector_pid (fixture);
  kill (collector, SIGSTOP);
  g_usleep (300000);
  kill (collector, SIGCONT);
  wait_for (launcher);

  file = recording_file_read (fixture->output);
  g_assert_cmpuint (file->events->len, ==, N_THREADS * 100000);
  g_assert_true (file->has_footer);
}

/* Terminated, as by a system that shuts down: the file is finished. */
static void
test_terminated_collector_finishes_the_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, "--threads 4 --pairs 1000 --pause 300");
  g_autoptr(RecordingFile) file = NULL;

  wait_for_counts (fixture, 100);
  kill (collector_pid (fixture), SIGTERM);
  wait_for (launcher);

  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 0);
  file = recording_file_read (fixture->output);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_STOPPED);
}

/* Nothing is left behind, and what a killed one left is swept up by the next. */
static void
test_sockets_do_not_pile_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *directory = g_build_filename (fixture->directory, "memscope", NULL);
  g_autofree char *stale = NULL;

  {
    g_autoptr(MemscopeLauncher) launcher = launch (fixture, "--threads 4 --pairs 200 --pause 500");

    wait_for_counts (fixture, 1);
    stale = socket_path (fixture);
    kill (collector_pid (fixture), SIGKILL);
    wait_for (launcher);
    g_assert_true (g_file_test (stale, G_FILE_TEST_EXISTS));
  }
  {
    g_autoptr(MemscopeLauncher) launcher = launch (fixture, "--threads 4 --pairs 2");

    wait_for (launcher);
    g_assert_false (g_file_test (stale, G_FILE_TEST_EXISTS));
  }

  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

/* ---- no room ------------------------------------------------------------------------ */

static void
assert_complete_but_stopped (Fixture *fixture, MemscopeLauncher *launcher)
{
  g_autoptr(RecordingFile) file = recording_file_read (fixture->output);

  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 3);
  g_assert_nonnull (memscope_launcher_get_warnings (launcher)[0]);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_STOPPED);
  g_assert_cmpuint (file->events->len, >, 0);
}

static void
test_file_size_limit_leaves_a_complete_file (Fixture *fixture, gconstpointer data)
{
  struct rlimit old, limit;
  g_autoptr(MemscopeLauncher) launcher = NULL;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  limit = old;
  limit.rlim_cur = 150000;
  map_counts (fixture);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  launcher = launch (fixture, "--threads 4 --pairs 16000 --pause 3 --exit 3");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  wait_for (launcher);
  assert_complete_but_stopped (fixture, launcher);
}

static void
test_full_disk_leaves_a_complete_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *disk = g_build_filename (fixture->directory, "disk", NULL);
  g_autoptr(MemscopeLauncher) launcher = NULL;

  g_assert_cmpint (g_mkdir (disk, 0700), ==, 0);
  if (mount ("none", disk, "tmpfs", 0, "size=150k") != 0)
    {
      g_test_skip ("a file system can't be mounted here");
      return;
    }

  g_free (fixture->output);
  fixture->output = g_build_filename (disk, "run.memscope", NULL);
  launcher = launch (fixture, "--threads 4 --pairs 16000 --pause 3 --exit 3");
  wait_for (launcher);
  assert_complete_but_stopped (fixture, launcher);
  g_clear_object (&launcher);
  g_assert_cmpint (umount (disk), ==, 0);
}

/* ---- strangers ------------------------------------------------------------------------ */

static int
knock (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (fd, >=, 0);
  if (connect (fd, (struct sockaddr *)&address, sizeof address) == 0)
    return fd;

  close (fd);

  return -1;
}

static void
test_garbage_on_the_socket_changes_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, "--threads 4 --pairs 2000 --pause 200");
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  g_autofree char *path = NULL;
  g_autoptr(RecordingFile) file = NULL;
  int silent[40];

  wait_for_counts (fixture, 1);
  path = socket_path (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
    silent[i] = knock (path);

  for (guint i = 0; i < 200; i++)
    {
      guint8 bytes[512];
      HandshakeHello hello = { .magic = HANDSHAKE_MAGIC, .version = HANDSHAKE_VERSION + i % 2, .kind = i % 5 };
      int fd = knock (path);

      for (guint j = 0; j < sizeof bytes; j++)
        bytes[j] = (guint8)g_rand_int (rand);
      if (i % 4 == 3 && hello.kind != HANDSHAKE_IMAGE && hello.kind != HANDSHAKE_FORK)
        send (fd, &hello, sizeof hello, MSG_NOSIGNAL);
      else
        send (fd, bytes, (size_t)g_rand_int_range (rand, 0, sizeof bytes), MSG_NOSIGNAL);
      close (fd);
    }

  for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
    if (silent[i] >= 0)
      close (silent[i]);
  wait_for (launcher);

  g_assert_cmpuint (g_strv_length ((char **)memscope_launcher_get_files (launcher)), ==, 1);
  file = recording_file_read (fixture->output);
  g_assert_cmpuint (file->events->len, ==, N_THREADS * 4000);
}

static void
test_other_users_are_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLauncher) launcher = NULL;
  g_autofree char *path = NULL;
  g_autofree char *directory = NULL;
  int status = 0;
  pid_t stranger;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become somebody else");
      return;
    }

  launcher = launch (fixture, "--threads 4 --pairs 500 --pause 500");
  wait_for_counts (fixture, 1);
  path = socket_path (fixture);
  directory = g_path_get_dirname (path);

  /* Even with every door open. */
  g_assert_cmpint (g_chmod (fixture->directory, 0755), ==, 0);
  g_assert_cmpint (g_chmod (directory, 0755), ==, 0);
  g_assert_cmpint (g_chmod (path, 0777), ==, 0);

  stranger = fork ();
  if (stranger == 0)
    {
      HandshakeHello hello = { .magic = HANDSHAKE_MAGIC, .version = HANDSHAKE_VERSION, .kind = HANDSHAKE_IMAGE };
      HandshakeReply reply = { .accepted = 1 };
      struct sockaddr_un address = { .sun_family = AF_UNIX };
      int fd;

      if (setgid (65534) != 0 || setuid (65534) != 0)
        _exit (1);
      fd = socket (AF_UNIX, SOCK_SEQPACKET, 0);
      g_strlcpy (address.sun_path, path, sizeof address.sun_path);
      if (connect (fd, (struct sockaddr *)&address, sizeof address) != 0)
        _exit (2);
      send (fd, &hello, sizeof hello, MSG_NOSIGNAL);
      if (recv (fd, &reply, sizeof reply, 0) > 0 && reply.accepted)
        _exit (3);
      _exit (42);
    }

  waitpid (stranger, &status, 0);
  g_assert_cmpint (WEXITSTATUS (status), ==, 42);
  wait_for (launcher);
  g_assert_cmpuint (g_strv_length ((char **)memscope_launcher_get_files (launcher)), ==, 1);
}

/* ---- what a program leaves behind ------------------------------------------------------- */

static void
test_waits_for_a_child_that_has_not_spoken (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, "--threads 4 --pairs 10 --leave-behind 400");
  g_autoptr(RecordingFile) child = NULL;

  wait_for (launcher);
  g_assert_cmpuint (g_strv_length ((char **)memscope_launcher_get_files (launcher)), ==, 2);

  /* Its parent's recording was over; what it inherited is known all the same. */
  child = recording_file_read (memscope_launcher_get_files (launcher)[1]);
  g_assert_cmpuint (child->events->len, ==, 4);
  g_assert_cmpuint (FILE_EVENT (child, 0).kind, ==, MEMSCOPE_EVENT_INHERITED);
  g_assert_cmpuint (FILE_EVENT (child, 0).size, ==, 100);
  g_assert_cmpstr (g_hash_table_lookup (child->facts, "parent_event"), ==, "81");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/collector/killed-target-loses-nothing", test_killed_target_loses_nothing);
  ADD ("/collector/killed-collector-leaves-a-good-prefix", test_killed_collector_leaves_a_good_prefix);
  ADD ("/collector/stopped-collector-goes-on-where-it-was", test_stopped_collector_goes_on_where_it_was);
  ADD ("/collector/terminated-collector-finishes-the-file", test_terminated_collector_finishes_the_file);
  ADD ("/collector/sockets-do-not-pile-up", test_sockets_do_not_pile_up);
  ADD ("/collector/file-size-limit-leaves-a-complete-file", test_file_size_limit_leaves_a_complete_file);
  ADD ("/collector/full-disk-leaves-a-complete-file", test_full_disk_leaves_a_complete_file);
  ADD ("/collector/garbage-on-the-socket-changes-nothing", test_garbage_on_the_socket_changes_nothing);
  ADD ("/collector/other-users-are-refused", test_other_users_are_refused);
  ADD ("/collector/waits-for-a-child-that-has-not-spoken", test_waits_for_a_child_that_has_not_spoken);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Real programs under the real recorder, when one of the two sides is killed. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file-reader.h"
#include "memscope-launcher.h"

#define N_THREADS 4

typedef struct
{
  guint64 tid;
  guint64 events;
} Slot;

typedef struct
{
  char *directory;
  char *output;
  char *counts;
  char *printed;
  Slot *slots;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  fixture->output = g_build_filename (fixture->directory, "run.memscope", NULL);
  fixture->counts = g_build_filename (fixture->directory, "counts", NULL);
  fixture->printed = g_build_filename (fixture->directory, "printed", NULL);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", fixture->directory);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  if (fixture->slots != NULL)
    munmap (fixture->slots, 4096);
  g_free (fixture->directory);
  g_free (fixture->output);
  g_free (fixture->counts);
  g_free (fixture->printed);
}

/* The program's standard output goes to fixture->printed. */
static MemscopeLauncher *
launch (Fixture *fixture, const char *rounds)
{
  g_autofree char *zeros = g_malloc0 (4096);
  g_autofree char *line = g_strdup_printf ("exec '%s' '%s' %s > '%s'", COUNTING_TARGET, fixture->counts, rounds,
                                           fixture->printed);
  const char *argv[] = { "/bin/sh", "-c", line, NULL };
  MemscopeLauncher *launcher = memscope_launcher_new (argv);
  g_autoptr(GError) error = NULL;
  int fd;

  g_assert_true (g_file_set_contents (fixture->counts, zeros, 4096, NULL));
  fd = g_open (fixture->counts, O_RDWR, 0);
  if (fixture->slots != NULL)
    munmap (fixture->slots, 4096);
  fixture->slots = mmap (NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (fixture->slots != MAP_FAILED);
  close (fd);

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
wait_for_events (Fixture *fixture, guint64 n)
{
  for (guint i = 0; i < N_THREADS; i++)
    while (__atomic_load_n (&fixture->slots[i].events, __ATOMIC_ACQUIRE) < n)
      g_usleep (500);
}

/* The shell's own file comes first, then that of the program it became. */
static RecordingFile *
read_program (MemscopeLauncher *launcher)
{
  const char * const *files = memscope_launcher_get_files (launcher);

  g_assert_cmpuint (g_strv_length ((char **)files), ==, 2);

  return recording_file_read (files[1]);
}

static guint64
events_of_tid (RecordingFile *file, guint64 tid)
{
  guint64 n = 0;

  for (guint i = 0; i < file->events->len; i++)
    {
      const MemscopeThreadEntry *thread = &g_array_index (file->threads, MemscopeThreadEntry,
                                                          FILE_EVENT (file, i).thread);

      /* Regions are not counted by the program: the C library's own are not its calls.
       * And deaths that were lost in a gap are concluded later, from births.
       */
      n += thread->tid == tid && FILE_EVENT (file, i).kind != MEMSCOPE_EVENT_REGION &&
           FILE_EVENT (file, i).kind != MEMSCOPE_EVENT_REGION_DEATH &&
           FILE_EVENT (file, i).kind != MEMSCOPE_EVENT_LOST_DEATH;
    }

  return n;
}

static guint
n_seeds (void)
{
  const char *text = g_getenv ("MEMSCOPE_TEST_SEEDS");

  return text != NULL ? (guint)atoi (text) : 5;
}

static pid_t
collector_pid (Fixture *fixture)
{
  g_autofree char *directory = g_build_filename (fixture->directory, "memscope", NULL);
  g_autoptr(GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name;

  g_assert_nonnull (entries);
  while ((name = g_dir_read_name (entries)) != NULL)
    if (g_str_has_prefix (name, "collector-") && g_str_has_suffix (name, ".sock"))
      return (pid_t)atoi (name + strlen ("collector-"));

  g_assert_not_reached ();
}

/* Every counted event is in the file; per thread at most those of the one call in
 * progress (two for a realloc) are there uncounted.
 */
static void
test_killed_program_loses_nothing (Fixture *fixture, gconstpointer data)
{
  for (guint seed = 0; seed < n_seeds (); seed++)
    {
      g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr(MemscopeLauncher) launcher = launch (fixture, "");
      g_autoptr(RecordingFile) file = NULL;

      wait_for_events (fixture, 1);
      g_usleep ((gulong)g_rand_int_range (rand, 0, 200000));
      kill (memscope_launcher_get_pid (launcher), SIGKILL);
      wait_for (launcher);

      file = read_program (launcher);
      g_assert_true (file->has_footer);
      g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_SIGNAL);
      g_assert_cmpuint (file->end.status, ==, SIGKILL);
      g_assert_cmpuint (file->gaps->len, ==, 0);
      for (guint i = 0; i < N_THREADS; i++)
        {
          guint64 recorded = events_of_tid (file, fixture->slots[i].tid);

          g_assert_cmpuint (recorded, >=, fixture->slots[i].events);
          g_assert_cmpuint (recorded, <=, fixture->slots[i].events + 2);
        }
    }
}

static void
test_killed_collector_is_not_noticed (Fixture *fixture, gconstpointer data)
{
  for (guint seed = 0; seed < n_seeds (); seed++)
    {
      g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr(MemscopeLauncher) launcher = launch (fixture, "1000000");
      g_autoptr(RecordingFile) file = NULL;
      g_autofree char *printed = NULL;
      Slot before[N_THREADS];

      wait_for_events (fixture, 1);
      g_usleep ((gulong)g_rand_int_range (rand, 0, 100000));
      memcpy (before, fixture->slots, sizeof before);

      /* Well beyond the 250 ms that may be lost: the machine may be busy. */
      g_usleep (600000);
      kill (collector_pid (fixture), SIGKILL);
      wait_for (launcher);

      g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 11);
      g_assert_true (g_file_get_contents (fixture->printed, &printed, NULL, NULL));
      g_assert_cmpstr (printed, ==, "all rounds made\n");

      file = read_program (launcher);
      g_assert_cmpuint (file->gaps->len, ==, 0);
      for (guint i = 0; i < N_THREADS; i++)
        g_assert_cmpuint (events_of_tid (file, before[i].tid), >=, before[i].events);
    }
}

static guint64
lost_by_tid (RecordingFile *file, guint64 tid)
{
  guint64 n = 0;

  for (guint i = 0; i < file->gaps->len; i++)
    {
      const MemscopeGap *gap = &g_array_index (file->gaps, MemscopeGap, i);

      g_assert_cmpuint (gap->events, !=, MEMSCOPE_NOT_RECORDED);
      if (g_array_index (file->threads, MemscopeThreadEntry, gap->thread).tid == tid)
        n += gap->events;
    }

  return n;
}

/* For 20 s the collector does nothing: the program waits for a while, then goes on, and
 * what it did meanwhile is in the file, or in a gap that says how much it was.
 */
static void
test_stopped_collector_costs_a_gap (Fixture *fixture, gconstpointer data)
{
  g_autoptr(MemscopeLauncher) launcher = launch (fixture, "");
  g_autoptr(RecordingFile) file = NULL;
  guint64 before[N_THREADS], recorded;
  pid_t collector;

  if (n_seeds () <= 10)
    {
      kill (memscope_launcher_get_pid (launcher), SIGKILL);
      wait_for (launcher);
      g_test_skip ("takes half a minute");
      return;
    }

  wait_for_events (fixture, 1000);
  collector = collector_pid (fixture);
  kill (collector, SIGSTOP);
  g_usleep (10 * G_USEC_PER_SEC);
  for (guint i = 0; i < N_THREADS; i++)
    before[i] = fixture->slots[i].events;
  wait_for_events (fixture, before[0] + 1000);
  g_usleep (10 * G_USEC_PER_SEC);
  kill (collector, SIGCONT);

  /* lossless again, as soon as there is room */
  for (guint i = 0; i < N_THREADS; i++)
    before[i] = fixture->slots[i].events;
  for (guint i = 0; i < N_THREADS; i++)
    while (fixture->slots[i].events < before[i] + 100000)
      g_usleep (1000);
  kill (memscope_launcher_get_pid (launcher), SIGKILL);
  wait_for (launcher);

  file = read_program (launcher);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->gaps->len, >=, N_THREADS);
  for (guint i = 0; i < N_THREADS; i++)
    {
      recorded = events_of_tid (file, fixture->slots[i].tid) + lost_by_tid (file, fixture->slots[i].tid);
      g_assert_cmpuint (lost_by_tid (file, fixture->slots[i].tid), >, 0);
      g_test_message ("thread %u: %" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT " of them lost", i,
                      fixture->slots[i].events, lost_by_tid (file, fixture->slots[i].tid));
      g_assert_cmpuint (recorded, >=, fixture->slots[i].events);
      g_assert_cmpuint (recorded, <=, fixture->slots[i].events + 2);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/kill/killed-program-loses-nothing", test_killed_program_loses_nothing);
  ADD ("/kill/killed-collector-is-not-noticed", test_killed_collector_is_not_noticed);
  ADD ("/kill/stopped-collector-costs-a-gap", test_stopped_collector_costs_a_gap);

  return g_test_run ();
}

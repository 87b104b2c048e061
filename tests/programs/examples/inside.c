/* SPDX-License-Identifier: GPL-3.0-or-later */

/* inside BINARY [HTML]: a program that records itself, or is recorded, and writes what was
 * recorded up to then. What it says on standard output can be compared with the file.
 */

#include <memscope.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_THREADS 4
#define N_ROUNDS  20000
#define N_KEPT    25

static volatile sig_atomic_t n_signals;
static void *kept[N_THREADS][N_KEPT];

static void
count_signal (int number)
{
  (void)number;
  n_signals++;
}

/* A size of its own for what is counted. */
static void *
work (void *data)
{
  void **mine = data;

  for (unsigned i = 0; i < N_ROUNDS; i++)
    {
      void *volatile block = malloc (321);

      if (block == NULL)
        exit (1);
      if (i < N_KEPT)
        mine[i] = block;
      else
        free (block);
    }

  return NULL;
}

static int
say (const char *what,
     int         result)
{
  printf ("%s %d\n", what, result);

  return result;
}

int
main (int   argc,
      char *argv[])
{
  struct sigaction action = { .sa_handler = count_signal };
  MemscopeTrackerStats before = { .size = sizeof before }, after = { .size = sizeof after };
  MemscopeTracker *tracker;
  pthread_t threads[N_THREADS];
  int *vector, status;

  if (argc < 2)
    return 2;

  sigaction (SIGCHLD, &action, NULL);
  tracker = memscope_tracker_new ();
  printf ("tracker %d\nrecording %d\n", tracker != NULL, memscope_tracker_is_recording ());

  vector = calloc (5, sizeof *vector);
  memscope_tracker_track_allocation (tracker, vector, 5 * sizeof *vector, "my_vector");
  memscope_tracker_get_stats (tracker, &before);

  for (unsigned i = 0; i < N_THREADS; i++)
    if (pthread_create (&threads[i], NULL, work, kept[i]) != 0)
      return 1;
  for (unsigned i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);

  errno = 77;
  say ("stats", memscope_tracker_get_stats (tracker, &after));
  printf ("exact %u\ncounted %u\nkept %u\n", after.exact, N_THREADS * N_ROUNDS, N_THREADS * N_KEPT);
  printf ("births %llu\nactive %lld\nbytes %lld\npeak-holds %d\nlost %llu\ntracked %llu\n",
          (unsigned long long)(after.total_allocations - before.total_allocations),
          (long long)(after.active_allocations - before.active_allocations),
          (long long)(after.active_memory - before.active_memory),
          after.peak_memory >= after.active_memory,
          (unsigned long long)after.lost_events, (unsigned long long)after.tracked);

  say ("binary", memscope_tracker_export_binary (tracker, argv[1]));
  if (argc > 2)
    say ("html", memscope_tracker_export_html (tracker, argv[2]));
  printf ("errno %d\n", errno);

  /* nobody's child was ours */
  printf ("signals %d\nchildren %d\n", (int)n_signals, waitpid (-1, &status, WNOHANG) == -1 && errno == ECHILD ? 0 : 1);

  /* the child of a fork is not recorded, and does no harm */
  fflush (stdout);
  if (fork () == 0)
    {
      void *volatile block = malloc (321);

      free (block);
      _exit (memscope_tracker_is_recording () != 0 && getenv ("LD_PRELOAD") == NULL);
    }
  waitpid (-1, &status, 0);
  printf ("forked %d\n", WEXITSTATUS (status));

  memscope_tracker_free (tracker);
  free (vector);

  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* live-target COUNTS RATE MSEC STATUS: two threads allocate and free, together RATE
 * events a second, for MSEC milliseconds (0: until SIGTERM, or until the process that
 * started it is gone); then each has written to
 * COUNTS what it did, and the program exits with STATUS.
 *
 * A line of COUNTS: thread id, allocations, bytes, frees.
 */

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define N_THREADS 2
#define N_HELD    512
#define STEP_NSEC 10000000L

typedef struct
{
  long     tid;
  uint64_t allocations;
  uint64_t bytes;
  uint64_t frees;
} Count;

static Count counts[N_THREADS];
static long rate, n_steps;
static pid_t parent;
static volatile sig_atomic_t over;

static void
end_it (int number)
{
  over = 1;
}

__attribute__ ((noinline)) static void *
read_request (Count *count, size_t size)
{
  count->allocations++;
  count->bytes += size;

  return malloc (size);
}

__attribute__ ((noinline)) static void
keep_for_ever (Count *count)
{
  static __thread void **last;
  void **block = read_request (count, 48);

  block[0] = last;
  last = block;
}

static void
wait_until (struct timespec *next)
{
  next->tv_nsec += STEP_NSEC;
  if (next->tv_nsec >= 1000000000L)
    {
      next->tv_nsec -= 1000000000L;
      next->tv_sec++;
    }
  clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static void *
work (void *data)
{
  Count *count = data;
  void *held[N_HELD] = { NULL };
  long per_step = rate / N_THREADS / 100 / 2;
  uint32_t random = (uint32_t)(count - counts) + 1;
  struct timespec next;

  count->tid = syscall (SYS_gettid);
  clock_gettime (CLOCK_MONOTONIC, &next);

  for (long step = 0; !over && (n_steps == 0 || step < n_steps); step++)
    {
      for (long i = 0; i < per_step; i++)
        {
          void **place = &held[(random = random * 1664525 + 1013904223) >> 23];

          if (*place != NULL)
            {
              free (*place);
              count->frees++;
            }
          *place = read_request (count, 16 + (random >> 8 & 1023));
        }
      keep_for_ever (count);
      wait_until (&next);
      if (getppid () != parent)
        over = 1;
    }

  return NULL;
}

int
main (int argc, char *argv[])
{
  pthread_t threads[N_THREADS];
  char text[256];
  FILE *file;

  if (argc != 5)
    return 2;

  signal (SIGTERM, end_it);
  parent = getppid ();
  rate = atol (argv[2]);
  n_steps = atol (argv[3]) / 10;

  for (int i = 0; i < N_THREADS; i++)
    {
      pthread_create (&threads[i], NULL, work, &counts[i]);
      snprintf (text, sizeof text, "worker-%d", i);
      pthread_setname_np (threads[i], text);
    }
  for (int i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);

  file = fopen (argv[1], "w");
  if (file == NULL)
    return 3;
  for (int i = 0; i < N_THREADS; i++)
    fprintf (file, "%ld %llu %llu %llu\n", counts[i].tid, (unsigned long long)counts[i].allocations,
             (unsigned long long)counts[i].bytes, (unsigned long long)counts[i].frees);
  fclose (file);

  return atoi (argv[4]);
}

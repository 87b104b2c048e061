/* SPDX-License-Identifier: GPL-3.0-or-later */

/* sampling-target WAY: programs for the sampler, which say what they did.
 *
 *   mix          allocates and frees in four threads, in every way there is
 *   fork         the same; in the middle a child is forked, which does the same
 *   switch       allocates and frees for ever, a line for each step; a line of input ends it
 *   segments     the same in one thread, without end
 *   descriptors  closes all descriptors, opens files of its own, and checks them
 *   handler      a signal handler that allocates interrupts allocations all the time
 *
 * Prints "births B bytes N live L", of one process, as its last line.
 */

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_HELD    4000
#define N_THREADS 4

typedef struct
{
  uint32_t random;
  uint64_t births;
  uint64_t bytes;
  void    *held[N_HELD];
} Worker;

static Worker workers[N_THREADS];
static _Atomic uint64_t handler_births, handler_bytes;

static size_t
next_size (Worker *self)
{
  self->random = self->random * 1664525 + 1013904223;

  return (self->random >> 28) == 0 ? 1000 + (self->random >> 8) % 40000 : 8 + (self->random >> 8) % 500;
}

static void
note (Worker *self, const void *memory, size_t size)
{
  if (memory == NULL)
    abort ();
  self->births++;
  self->bytes += size;
}

static void
step (Worker *self)
{
  size_t size = next_size (self);
  void **at = &self->held[(self->random >> 4) % N_HELD], *moved;

  switch (self->random >> 13 & 7)
    {
    case 0:
      free (*at);
      *at = calloc (1, size);
      note (self, *at, size);
      break;

    case 1:
      free (*at);
      if (posix_memalign (at, 64, size) != 0)
        abort ();
      note (self, *at, size);
      break;

    case 2:
    case 3:
      moved = realloc (*at, size);
      note (self, moved, size);
      *at = moved;
      break;

    case 4:
      free (*at);
      *at = memalign (32, size);
      note (self, *at, size);
      break;

    default:
      free (*at);
      *at = malloc (size);
      note (self, *at, size);
    }
}

static void *
work (void *data)
{
  for (int i = 0; i < 50000; i++)
    step (data);

  return NULL;
}

static void
work_in_threads (void)
{
  pthread_t threads[N_THREADS];

  for (int i = 0; i < N_THREADS; i++)
    {
      workers[i].random += (uint32_t)i + 1;
      pthread_create (&threads[i], NULL, work, &workers[i]);
    }
  for (int i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
}

static int
report (void)
{
  uint64_t births = 0, bytes = 0, live = 0;

  for (int i = 0; i < N_THREADS; i++)
    {
      births += workers[i].births;
      bytes += workers[i].bytes;
      for (int k = 0; k < N_HELD; k++)
        live += workers[i].held[k] != NULL;
    }

  dprintf (1, "births %llu bytes %llu live %llu\n", (unsigned long long)(births + handler_births),
           (unsigned long long)(bytes + handler_bytes), (unsigned long long)live);

  return 0;
}

static int
do_fork (void)
{
  int status = 0;
  pid_t child;

  work_in_threads ();
  child = fork ();
  if (child == 0)
    {
      for (int i = 0; i < N_THREADS; i++)
        workers[i].births = workers[i].bytes = 0;
      work_in_threads ();
      report ();
      exit (7);
    }

  waitpid (child, &status, 0);
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 7)
    return 1;
  work_in_threads ();

  return report ();
}

/* The input decides when it ends; the steps are said so that a test can wait for them. */
static int
do_switch (void)
{
  fcntl (0, F_SETFL, fcntl (0, F_GETFL) | O_NONBLOCK);

  for (unsigned i = 0;; i++)
    {
      char byte;

      for (int k = 0; k < 5000; k++)
        step (&workers[0]);
      dprintf (1, "step %u\n", i);
      if (read (0, &byte, 1) != -1)
        break;
    }

  for (int k = 0; k < N_HELD; k++)
    {
      free (workers[0].held[k]);
      workers[0].held[k] = NULL;
    }

  return report ();
}

__attribute__ ((noreturn)) static int
do_segments (void)
{
  for (unsigned i = 0;; i++)
    {
      for (int k = 0; k < 5000; k++)
        step (&workers[0]);
      dprintf (1, "step %u\n", i);
    }
}

static int
do_descriptors (void)
{
  int files[8];
  char text[8];
  int output = dup2 (1, 900);

  for (int fd = 0; fd < 256; fd++)
    close (fd);
  for (int i = 0; i < 8; i++)
    {
      files[i] = open ("mine", O_RDWR | O_CREAT | O_APPEND, 0600);
      if (files[i] != i)
        _exit (20 + i);
    }

  /* a second and more, so that what was sampled is written meanwhile */
  for (int i = 0; i < 15; i++)
    {
      work (&workers[0]);
      usleep (100000);
    }

  for (int i = 0; i < 8; i++)
    if (write (files[i], "x", 1) != 1)
      _exit (30);
  if (pread (0, text, 8, 0) != 8 || lseek (0, 0, SEEK_END) != 8)
    _exit (31);

  dup2 (output, 1);

  return report ();
}

static void
handle (int number)
{
  void *memory = malloc (300);

  handler_births++;
  handler_bytes += 300;
  free (memory);
}

/* malloc() in a handler is not allowed where it interrupts malloc(): the threads that
 * allocate block the signal around it, the recorder's own work is what is interrupted.
 */
static int
do_handler (void)
{
  struct itimerval timer = { { 0, 200 }, { 0, 200 } };
  struct sigaction action = { .sa_handler = handle };
  struct itimerval none = { { 0, 0 }, { 0, 0 } };
  sigset_t set;

  sigaction (SIGALRM, &action, NULL);
  sigemptyset (&set);
  sigaddset (&set, SIGALRM);
  setitimer (ITIMER_REAL, &timer, NULL);
  for (int i = 0; i < 30000; i++)
    {
      sigprocmask (SIG_BLOCK, &set, NULL);
      step (&workers[0]);
      sigprocmask (SIG_UNBLOCK, &set, NULL);
    }
  setitimer (ITIMER_REAL, &none, NULL);

  return report ();
}

int
main (int argc, char *argv[])
{
  const char *way = argc > 1 ? argv[1] : "";

  if (strcmp (way, "fork") == 0)
    return do_fork ();
  if (strcmp (way, "switch") == 0)
    return do_switch ();
  if (strcmp (way, "segments") == 0)
    return do_segments ();
  if (strcmp (way, "descriptors") == 0)
    return do_descriptors ();
  if (strcmp (way, "handler") == 0)
    return do_handler ();

  work_in_threads ();

  return report ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A program that records made-up events, for tests of the collector.
 *
 *   fake-target [--threads N] [--pairs N] [--pause USEC] [--counts FILE]
 *               [--forks N] [--exit STATUS] [--signal NUMBER] [--exec PROGRAM]
 *               [--forever] [--gate FILE] [--leave-behind MSEC]
 *
 * Each thread frees what it allocated, some of it through other threads, and
 * counts the calls it has completed in FILE, a page of one uint64_t per thread.
 * Says "recorded" or "not recorded", and "done" at the end. What it leaves behind
 * is a child that says hello only after that time. With a gate each thread does half of
 * its pairs, and the other half once FILE is there. It does not outlive who started it.
 */

#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-recorder.h"
#include "handshake.h"
#include "memscope-format.h"

#define MAX_THREADS 64

static ArenaHeader *arena;
static long n_threads = 1, n_pairs = 1000, pause_usec, n_forks, exit_status, end_signal, leave_behind;
static int forever;
static const char *gate;
static pid_t starter;
static _Atomic uint64_t *counts;

typedef struct
{
  uint64_t base;
  long     index;
} Work;

static void
count (long index)
{
  if (counts != NULL)
    atomic_fetch_add_explicit (&counts[index], 1, memory_order_release);
}

/* A test that was aborted leaves nobody behind who holds its pipes. */
static void
end_with_starter (void)
{
  if (getppid () != starter)
    _exit (9);
}

static void
wait_at_gate (void)
{
  while (access (gate, F_OK) != 0)
    {
      end_with_starter ();
      usleep (1000);
    }
}

static void *
run_thread (void *data)
{
  Work *work = data;
  uint32_t random = 12345;      /* so that files do not compress to nothing */
  FakeThread thread;
  uint64_t address, size;

  if (arena != NULL)
    fake_thread_open (&thread, arena, (uint32_t)syscall (SYS_gettid));

  for (long i = 0; i < n_pairs || forever; i++)
    {
      random = random * 1664525 + 1013904223;
      address = work->base + (uint64_t)(random >> 12 & 0xffff) * 64;
      size = random >> 20;

      if (arena != NULL)
        fake_put (&thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .address = address,
                                       .size = size, .rounding = record_expected_rounding (size) });
      count (work->index);
      if (arena != NULL)
        fake_put (&thread, &(Record) { .kind = RECORD_DEATH, .address = address });
      count (work->index);
      if (pause_usec != 0)
        usleep ((useconds_t)pause_usec);
      if ((i & 255) == 0)
        end_with_starter ();
      if (gate != NULL && i == n_pairs / 2)
        wait_at_gate ();
    }

  if (arena != NULL)
    fake_thread_close (&thread);

  return NULL;
}

static void
run_threads (void)
{
  pthread_t threads[MAX_THREADS];
  Work work[MAX_THREADS];

  for (long i = 0; i < n_threads; i++)
    {
      work[i] = (Work) { .base = 0x100000000u + (uint64_t)i * 0x10000000u, .index = i };
      pthread_create (&threads[i], NULL, run_thread, &work[i]);
    }
  for (long i = 0; i < n_threads; i++)
    pthread_join (threads[i], NULL);
}

/* The child frees a block its parent made and makes one of its own. */
static void
run_child (const uint8_t *parent_uuid, uint64_t address)
{
  FakeThread thread;

  arena = fake_arena_connect (HANDSHAKE_FORK, parent_uuid, __builtin_ia32_rdtsc ());
  if (arena == NULL)
    _exit (3);

  fake_thread_open (&thread, arena, (uint32_t)syscall (SYS_gettid));
  fake_put (&thread, &(Record) { .kind = RECORD_DEATH, .address = address });
  fake_put (&thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_CALLOC, .address = address, .size = 7,
                                 .rounding = 17 });
  fake_put (&thread, &(Record) { .kind = RECORD_DEATH, .address = address + 16 });
  fake_thread_close (&thread);
  _exit (5);
}

static void
run_forks (void)
{
  uint64_t address = 0x7000000000;
  FakeThread thread;

  fake_thread_open (&thread, arena, (uint32_t)syscall (SYS_gettid));
  fake_put (&thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .address = address, .size = 100,
                                 .rounding = 4 });

  for (long i = 0; i < n_forks; i++)
    {
      pid_t child = fork ();

      if (child == 0)
        run_child (arena->session_uuid, address);
      waitpid (child, NULL, 0);
    }

  fake_thread_close (&thread);
}

static void
leave_child_behind (void)
{
  FakeThread thread;

  fake_thread_open (&thread, arena, (uint32_t)syscall (SYS_gettid));
  fake_put (&thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .address = 0x7000000000,
                                 .size = 100, .rounding = 4 });
  fake_thread_close (&thread);

  if (fork () != 0)
    return;

  usleep ((useconds_t)leave_behind * 1000);
  run_child (arena->session_uuid, 0x7000000000);
}

static void
map_counts (const char *path)
{
  int fd = open (path, O_RDWR | O_CREAT, 0600);

  if (fd < 0 || ftruncate (fd, 4096) != 0)
    abort ();
  counts = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
}

int
main (int argc, char *argv[])
{
  static const struct option options[] = {
    { "threads", required_argument, NULL, 't' }, { "pairs", required_argument, NULL, 'p' },
    { "pause", required_argument, NULL, 'u' },   { "counts", required_argument, NULL, 'c' },
    { "forks", required_argument, NULL, 'f' },   { "exit", required_argument, NULL, 'e' },
    { "exec", required_argument, NULL, 'x' },    { "forever", no_argument, NULL, 'v' },
    { "signal", required_argument, NULL, 's' },  { "gate", required_argument, NULL, 'g' },
    { "leave-behind", required_argument, NULL, 'l' }, { 0 },
  };
  const char *program = NULL;
  int option;

  starter = getppid ();
  while ((option = getopt_long (argc, argv, "", options, NULL)) != -1)
    switch (option)
      {
      case 't': n_threads = atol (optarg); break;
      case 'p': n_pairs = atol (optarg); break;
      case 'u': pause_usec = atol (optarg); break;
      case 'c': map_counts (optarg); break;
      case 'f': n_forks = atol (optarg); break;
      case 'e': exit_status = atol (optarg); break;
      case 's': end_signal = atol (optarg); break;
      case 'x': program = optarg; break;
      case 'l': leave_behind = atol (optarg); break;
      case 'v': forever = 1; break;
      case 'g': gate = optarg; break;
      default: return 2;
      }

  if (n_threads > MAX_THREADS)
    return 2;

  arena = fake_arena_connect (HANDSHAKE_IMAGE, NULL, 0);
  fputs (arena != NULL ? "recorded\n" : "not recorded\n", stderr);

  run_threads ();
  if (n_forks != 0 && arena != NULL)
    run_forks ();
  if (leave_behind != 0 && arena != NULL)
    leave_child_behind ();

  fputs ("done\n", stderr);

  if (program != NULL)
    execl (program, program, (char *)NULL);
  if (end_signal != 0)
    raise ((int)end_signal);

  return (int)exit_status;
}

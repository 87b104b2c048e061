/* SPDX-License-Identifier: GPL-3.0-or-later */

/* alloc-mix PAIRS [THREADS [PERCENT]]: a program that does little but allocate.
 *
 * Each block is asked for through eight functions that call each other, each from one
 * of three places with frames of different sizes, so that stacks in a row differ; most
 * blocks die young, some live long, and PERCENT of a hundred are freed by another thread.
 * The work is the same in every run. Prints the nanoseconds a pair takes.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_PATHS   1024u
#define N_PLACES  8192u
#define N_YOUNG   192u
#define MAX_THREADS 64u

#define FAR_FROM_INLINE __attribute__ ((noinline, noclone))
#define BARRIER() __asm__ volatile ("" : : : "memory")

typedef struct
{
  uint32_t path;
  uint32_t size;
} Request;

static Request requests[N_PATHS];
static _Atomic (void *) places[MAX_THREADS][N_PLACES];
static unsigned n_threads = 1, percent_foreign;
static long n_pairs;

static uint64_t
next_random (uint64_t *state)
{
  *state += UINT64_C (0x9e3779b97f4a7c15);
  uint64_t value = (*state ^ *state >> 30) * UINT64_C (0xbf58476d1ce4e5b9);

  return value ^ value >> 27;
}

FAR_FROM_INLINE static void *
ask (uint32_t path,
     size_t   size)
{
  uint64_t *block = malloc (size);

  BARRIER ();
  *block = path;

  return block;
}

/* One level: three functions of different frame sizes, each with three calls inward. */
#define MEMBER(LEVEL, INNER, WHICH, SPACE)                                     \
  FAR_FROM_INLINE static void *                                                \
  level_##LEVEL##_##WHICH (uint32_t path, size_t size)                         \
  {                                                                            \
    volatile char space[SPACE];                                                \
    void *block;                                                               \
                                                                               \
    space[0] = (char)path;                                                     \
    if (path % 3 == 0)                                                         \
      {                                                                        \
        block = INNER (0) (path / 3, size);                                    \
        BARRIER ();                                                            \
      }                                                                        \
    else if (path % 3 == 1)                                                    \
      {                                                                        \
        block = INNER (1) (path / 3, size);                                    \
        BARRIER ();                                                            \
      }                                                                        \
    else                                                                       \
      {                                                                        \
        block = INNER (2) (path / 3, size);                                    \
        BARRIER ();                                                            \
      }                                                                        \
    (void)space[0];                                                            \
    return block;                                                              \
  }

#define LEVEL_OF(LEVEL, INNER)                                                 \
  MEMBER (LEVEL, INNER, 0, 8) MEMBER (LEVEL, INNER, 1, 40) MEMBER (LEVEL, INNER, 2, 72)

#define LEAF(which)   ask
#define LEVEL1(which) level_1_##which
#define LEVEL2(which) level_2_##which
#define LEVEL3(which) level_3_##which
#define LEVEL4(which) level_4_##which
#define LEVEL5(which) level_5_##which
#define LEVEL6(which) level_6_##which

LEVEL_OF (1, LEAF)
LEVEL_OF (2, LEVEL1)
LEVEL_OF (3, LEVEL2)
LEVEL_OF (4, LEVEL3)
LEVEL_OF (5, LEVEL4)
LEVEL_OF (6, LEVEL5)
MEMBER (7, LEVEL6, 0, 24)

/* Half of all requests are small, few are large. */
static uint32_t
pick_size (uint64_t random)
{
  static const uint32_t limits[] = { 64, 64, 64, 64, 256, 256, 256, 1024, 1024, 8192, 65536 };

  return 8 + (uint32_t)(random >> 8) % limits[random % (sizeof limits / sizeof *limits)];
}

static void *
run_thread (void *data)
{
  unsigned self = (unsigned)(uintptr_t)data;
  uint64_t state = self + 1;

  for (long i = 0; i < n_pairs / n_threads; i++)
    {
      uint64_t random = next_random (&state);
      uint32_t first = random % N_PATHS, second = (random >> 12) % N_PATHS;
      const Request *request = &requests[first < second ? first : second];
      void *block = level_7_0 (request->path, request->size);
      unsigned owner = (random >> 24) % 100 < percent_foreign ? (self + 1) % n_threads : self;
      unsigned place = (random >> 32) % 4 != 0 ? (random >> 40) % N_YOUNG : (random >> 40) % N_PLACES;

      free (atomic_exchange_explicit (&places[owner][place], block, memory_order_acq_rel));
    }

  return NULL;
}

int
main (int    argc,
      char **argv)
{
  pthread_t threads[MAX_THREADS];
  struct timespec begin, end;
  uint64_t state = 99;

  n_pairs = argc > 1 ? atol (argv[1]) : 2000000;
  n_threads = argc > 2 ? (unsigned)atoi (argv[2]) : 1;
  percent_foreign = argc > 3 ? (unsigned)atoi (argv[3]) : 0;
  if (n_pairs <= 0 || n_threads == 0 || n_threads > MAX_THREADS)
    return 2;

  for (unsigned i = 0; i < N_PATHS; i++)
    {
      uint64_t random = next_random (&state);

      requests[i] = (Request) { (uint32_t)(random >> 32), pick_size (random) };
    }

  clock_gettime (CLOCK_MONOTONIC, &begin);
  for (unsigned i = 1; i < n_threads; i++)
    pthread_create (&threads[i], NULL, run_thread, (void *)(uintptr_t)i);
  run_thread (NULL);
  for (unsigned i = 1; i < n_threads; i++)
    pthread_join (threads[i], NULL);
  clock_gettime (CLOCK_MONOTONIC, &end);

  printf ("%.1f ns\n", ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / (double)n_pairs);

  return 0;
}

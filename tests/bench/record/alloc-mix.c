/* SPDX-License-Identifier: GPL-3.0-or-later */

/* alloc-mix PAIRS [THREADS [PERCENT]]: a program that does little but allocate.
 *
 * Each block is asked for through ten functions that call each other, each one of four
 * with frames of different sizes, so that stacks in a row differ: 2048 of them, some far
 * more often than others. Three of four blocks die young, the others live among 16,384 of
 * their thread, and PERCENT of a hundred are put where another thread frees them. A stack
 * mostly asks for the same size. The work is the same in every run. Prints the nanoseconds
 * a pair takes.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_PATHS     2048u
#define N_SIZES     4u
#define N_PLACES    16384u
#define N_YOUNG     256u
#define MAX_THREADS 64u

/* Each call is a frame of its own. */
#ifdef __clang__
#define FAR_FROM_INLINE __attribute__ ((noinline))
#else
#define FAR_FROM_INLINE __attribute__ ((noinline, noclone))
#endif
#define BARRIER() __asm__ volatile ("" : : : "memory")

typedef struct
{
  uint32_t path;             /* two bits for each level */
  uint32_t sizes[N_SIZES];
} Request;

static Request requests[N_PATHS];
static _Atomic (void *) places[MAX_THREADS][N_PLACES];
static unsigned n_threads = 1, percent_foreign;
static long n_pairs;

static inline uint64_t
next_random (uint64_t *state)
{
  uint64_t value = *state;

  value ^= value << 13;
  value ^= value >> 7;
  value ^= value << 17;

  return *state = value;
}

/* ---- ten levels of four ------------------------------------------------------ */

#define LEAF(WHICH)                                                            \
  FAR_FROM_INLINE static void *                                                \
  level_0_##WHICH (uint32_t path, size_t size)                                 \
  {                                                                            \
    volatile char space[8 + WHICH * 16];                                       \
    uint64_t *block;                                                           \
                                                                               \
    space[0] = (char)path;                                                     \
    block = malloc (size);                                                     \
    BARRIER ();                                                                \
    *block = path + (uint32_t)space[0];                                        \
    return block;                                                              \
  }

#define CALL(LEVEL, WHICH) block = level_##LEVEL##_##WHICH (path >> 2, size); BARRIER (); break;

#define CHOOSE(LEVEL)                                                          \
  switch (path & 3)                                                            \
    {                                                                          \
    case 0: CALL (LEVEL, 0)                                                    \
    case 1: CALL (LEVEL, 1)                                                    \
    case 2: CALL (LEVEL, 2)                                                    \
    default: CALL (LEVEL, 3)                                                   \
    }

#define MEMBER(LEVEL, INNER, WHICH)                                            \
  FAR_FROM_INLINE static void *                                                \
  level_##LEVEL##_##WHICH (uint32_t path, size_t size)                         \
  {                                                                            \
    volatile char space[8 + WHICH * 24];                                       \
    void *block;                                                               \
                                                                               \
    space[0] = (char)path;                                                     \
    CHOOSE (INNER)                                                             \
    (void)space[0];                                                            \
    return block;                                                              \
  }

#define LEVEL_OF(LEVEL, INNER)                                                 \
  MEMBER (LEVEL, INNER, 0) MEMBER (LEVEL, INNER, 1) MEMBER (LEVEL, INNER, 2) MEMBER (LEVEL, INNER, 3)

LEAF (0) LEAF (1) LEAF (2) LEAF (3)
LEVEL_OF (1, 0)
LEVEL_OF (2, 1)
LEVEL_OF (3, 2)
LEVEL_OF (4, 3)
LEVEL_OF (5, 4)
LEVEL_OF (6, 5)
LEVEL_OF (7, 6)
LEVEL_OF (8, 7)
LEVEL_OF (9, 8)

/* ---- the work ------------------------------------------------------------------ */

/* Six of ten are of up to 64 bytes, one of a thousand of more than 32 KiB. */
static uint32_t
pick_size (uint64_t random)
{
  static const struct { unsigned share, least, span; } kinds[] = {
    { 600, 8, 57 }, { 850, 64, 193 }, { 950, 256, 769 }, { 995, 1024, 7169 }, { 999, 8192, 24577 }, { 1000, 32768, 98304 },
  };
  unsigned of_thousand = random % 1000, i = 0;

  while (of_thousand >= kinds[i].share)
    i++;

  return kinds[i].least + (uint32_t)(random >> 20) % kinds[i].span;
}

static void
prepare (void)
{
  uint64_t state = 42;

  for (unsigned i = 0; i < N_PATHS; i++)
    {
      requests[i].path = (uint32_t)(next_random (&state) >> 20);
      for (unsigned j = 0; j < N_SIZES; j++)
        requests[i].sizes[j] = pick_size (next_random (&state));
    }
}

static void *
exchange (_Atomic (void *) *place,
          void             *block)
{
  void *before;

  if (n_threads > 1)
    return atomic_exchange_explicit (place, block, memory_order_acq_rel);

  before = atomic_load_explicit (place, memory_order_relaxed);
  atomic_store_explicit (place, block, memory_order_relaxed);

  return before;
}

static void *
run_thread (void *data)
{
  unsigned self = (unsigned)(uintptr_t)data;
  uint64_t state = UINT64_C (0x9e3779b97f4a7c15) * (self + 1);

  for (long i = 0; i < n_pairs / n_threads; i++)
    {
      uint64_t random = next_random (&state), more = next_random (&state);
      uint32_t first = more % N_PATHS, second = (more >> 11) % N_PATHS;
      const Request *request = &requests[first < second ? first : second];
      size_t size = request->sizes[random % 4 != 0 ? 0 : (random >> 2) % N_SIZES];
      uint32_t path = request->path;
      unsigned owner = n_threads > 1 && (more >> 24) % 100 < percent_foreign ? (self + 1) % n_threads : self;
      unsigned place = (more >> 32) % (more >> 60 < 12 ? N_YOUNG : N_PLACES);
      void *block;

      CHOOSE (9)
      free (exchange (&places[owner][place], block));
    }

  return NULL;
}

int
main (int    argc,
      char **argv)
{
  pthread_t threads[MAX_THREADS];
  struct timespec begin, end;

  n_pairs = argc > 1 ? atol (argv[1]) : 3000000;
  n_threads = argc > 2 ? (unsigned)atoi (argv[2]) : 1;
  percent_foreign = argc > 3 ? (unsigned)atoi (argv[3]) : 0;
  if (n_pairs <= 0 || n_threads == 0 || n_threads > MAX_THREADS)
    return 2;

  prepare ();

  clock_gettime (CLOCK_MONOTONIC, &begin);
  if (n_threads == 1)
    run_thread (NULL);
  for (unsigned i = 0; n_threads > 1 && i < n_threads; i++)
    if (pthread_create (&threads[i], NULL, run_thread, (void *)(uintptr_t)i) != 0)
      return 1;
  for (unsigned i = 0; n_threads > 1 && i < n_threads; i++)
    pthread_join (threads[i], NULL);
  clock_gettime (CLOCK_MONOTONIC, &end);

  for (unsigned i = 0; i < n_threads; i++)
    for (unsigned j = 0; j < N_PLACES; j++)
      free (places[i][j]);

  printf ("%.1f ns\n", ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / (double)n_pairs);

  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* stress-target FILE CALLS: eight threads allocate, resize and free what any of them
 * allocated, from one shelf, so that an address passes from thread to thread all the
 * time. In FILE each says what it did (stress-model.h): as sums over its births and its
 * deaths, which are right only if each death is that of the very block it ended.
 */

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stress-model.h"

static StressModel *model;
static _Atomic (uint64_t *) shelf[STRESS_SHELF];
static unsigned long n_calls;

static inline uint32_t
next_random (uint32_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;

  return *state;
}

/* Nobody else asks for such sizes. Most are small: their addresses come back soon. */
static inline size_t
random_size (uint32_t random)
{
  return 16 * (1 + (random >> 8) % ((random & 63) == 0 ? 4000 : 12)) + STRESS_MARK;
}

static inline void
note_birth (StressThread *thread, uint64_t *block, size_t size)
{
  *block = size;
  thread->births++;
  thread->born += stress_mix (size);
}

static inline void
note_death (StressThread *thread, uint64_t size)
{
  thread->deaths++;
  thread->died += stress_mix (size);
}

static void *
run (void *data)
{
  StressThread *thread = data;
  uint32_t random = (uint32_t)(thread - model->threads) * 2654435769u + 1;

  thread->tid = (uint64_t)syscall (SYS_gettid);

  while (thread->births + thread->deaths < n_calls)
    {
      _Atomic (uint64_t *) *place = &shelf[next_random (&random) % STRESS_SHELF];
      size_t size = random_size (next_random (&random));
      uint64_t *block = NULL;

      /* one in four is resized, which may move it or not */
      if ((random & 3) == 0 && (block = atomic_exchange (place, NULL)) != NULL)
        {
          note_death (thread, *block);
          block = realloc (block, size);
        }
      else
        {
          block = (random & 12) == 0 ? calloc (1, size) : malloc (size);
        }
      note_birth (thread, block, size);

      block = atomic_exchange (place, block);
      if (block != NULL)
        {
          note_death (thread, *block);
          free (block);
        }
    }

  return NULL;
}

int
main (int argc, char *argv[])
{
  pthread_t threads[STRESS_THREADS];
  int fd = argc > 2 ? open (argv[1], O_RDWR) : -1;

  model = fd >= 0 ? mmap (NULL, sizeof *model, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  if (model == MAP_FAILED)
    return 2;
  n_calls = strtoul (argv[2], NULL, 10);
  mallopt (M_ARENA_MAX, 2);

  for (int i = 0; i < STRESS_THREADS; i++)
    pthread_create (&threads[i], NULL, run, &model->threads[i]);
  for (int i = 0; i < STRESS_THREADS; i++)
    pthread_join (threads[i], NULL);

  for (int i = 0; i < STRESS_SHELF; i++)
    if (shelf[i] != NULL)
      {
        model->n_left++;
        model->left += stress_mix ((uint64_t)(uintptr_t)shelf[i] ^ *shelf[i] << 48);
      }

  return 12;
}

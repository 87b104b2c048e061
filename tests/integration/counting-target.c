/* SPDX-License-Identifier: GPL-3.0-or-later */

/* counting-target FILE [CALLS]: four threads allocate, resize and free, each
 * counting in FILE the events of the calls that have returned. For ever, or
 * until each has made that many rounds; then prints a line and exits with 11.
 *
 * FILE holds for each thread two uint64_t: its tid, and its count.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_THREADS 4
#define N_HELD    64

typedef struct
{
  _Atomic uint64_t tid;
  _Atomic uint64_t events;
} Slot;

static Slot *slots;
static long n_rounds = -1;

static void
count (Slot *slot, uint64_t events)
{
  atomic_store_explicit (&slot->events, atomic_load_explicit (&slot->events, memory_order_relaxed) + events,
                         memory_order_release);
}

static void *
run (void *data)
{
  Slot *slot = data;
  uint32_t random = (uint32_t)(slot - slots) + 1;
  void *held[N_HELD] = { NULL };

  atomic_store (&slot->tid, (uint64_t)syscall (SYS_gettid));

  for (long i = 0; i != n_rounds; i++)
    {
      void **at;

      random = random * 1664525 + 1013904223;
      at = &held[random >> 26];

      if (*at == NULL)
        {
          *at = malloc (random >> 22);
          count (slot, 1);
        }
      else if ((random >> 8 & 3) == 0)
        {
          *at = realloc (*at, (random >> 20) + 1);
          count (slot, 2);
        }
      else
        {
          free (*at);
          count (slot, 1);
          *at = NULL;
        }
    }

  return NULL;
}

int
main (int argc, char *argv[])
{
  pthread_t threads[N_THREADS];
  int fd = argc > 1 ? open (argv[1], O_RDWR) : -1;

  slots = fd >= 0 ? mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  if (slots == MAP_FAILED)
    return 2;
  if (argc > 2)
    n_rounds = atol (argv[2]);

  for (int i = 0; i < N_THREADS; i++)
    pthread_create (&threads[i], NULL, run, &slots[i]);
  for (int i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);

  puts ("all rounds made");

  return 11;
}

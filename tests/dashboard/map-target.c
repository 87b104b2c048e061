/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of the memory map record: a heap whose end is held by few blocks, two
 * threads with arenas of their own, large blocks, and blocks that are born late. What
 * it prints of them is how a test knows where they are.
 */

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_BLOCKS 6000
#define N_PINS   3

static void *blocks[N_BLOCKS];
static void *pins[N_PINS];

__attribute__ ((noinline)) static void *
new_token (size_t size)
{
  void *token = malloc (size);

  memset (token, 1, size);

  return token;
}

__attribute__ ((noinline)) static void *
new_pin (size_t size)
{
  void *pin = malloc (size);

  memset (pin, 2, size);

  return pin;
}

static void *
work (void *data)
{
  void **kept = data;

  pthread_setname_np (pthread_self (), (char *)data + 64);
  for (int i = 0; i < 4000; i++)
    {
      void *token = new_token (32 + i % 500);

      if (i % 4 != 0)
        free (token);
      else if (i == 2000)
        *kept = token;
    }

  return NULL;
}

int
main (void)
{
  static union { void *kept; char bytes[128]; } threads[2];
  pthread_t ids[2];
  void *large[2];
  void *late;

  mallopt (M_MMAP_THRESHOLD, 256 * 1024);
  for (int i = 0; i < N_BLOCKS; i++)
    blocks[i] = new_token (200 + i % 100);
  for (int i = 0; i < N_PINS; i++)
    {
      void *filler = new_token (100000);

      pins[i] = new_pin (64);
      free (filler);
    }
  for (int i = 1000; i < N_BLOCKS; i++)
    free (blocks[i]);

  for (int i = 0; i < 2; i++)
    {
      snprintf (threads[i].bytes + 64, 16, "worker-%d", i + 1);
      pthread_create (&ids[i], NULL, work, &threads[i]);
      pthread_join (ids[i], NULL);
    }

  large[0] = new_token (700000);
  large[1] = new_token (900000);
  usleep (1300000);   /* the mappings are read every second */
  late = new_pin (5000);
  usleep (300000);

  printf ("{\"pins\": [\"%p\", \"%p\", \"%p\"], \"first\": \"%p\", \"large\": [\"%p\", \"%p\"], \"late\": \"%p\", \"kept\": [\"%p\", \"%p\"]}\n",
          pins[0], pins[1], pins[2], blocks[0], large[0], large[1], late, threads[0].kept, threads[1].kept);

  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The nanoseconds that a malloc() with its free() takes: the least of many short rounds,
 * which finds the moments when the machine is quiet. Built alone and with the recorder
 * linked; see bench-idle.py.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_ROUNDS 400
#define N_CALLS  50000

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);

  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int
main (void)
{
  double best = 1e9;

  for (int round = 0; round < N_ROUNDS; round++)
    {
      double began = now (), each;

      for (int i = 0; i < N_CALLS; i++)
        {
          void *volatile block = malloc (32);

          free (block);
        }

      each = (now () - began) / N_CALLS;
      if (each < best)
        best = each;
    }

  printf ("%.3f\n", best);

  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The draws of one thread: xoshiro256++ (Blackman and Vigna), and from it the bytes
 * until the next sample. Plain arithmetic, no library, async-signal-safe; a signal
 * handler that interrupts a draw gets numbers as random as any.
 */

#include <stdint.h>

typedef struct
{
  uint64_t words[4];
} SampleRandom;

/* Equal seeds give equal numbers. */
void     sample_random_seed  (SampleRandom *random, uint64_t seed);
uint64_t sample_random_next  (SampleRandom *random);

/* How many whole bytes come before the next point of a Poisson process with one point
 * in @interval bytes on average: more than n with probability e^(-(n + 1) / interval).
 */
uint64_t sample_random_bytes (SampleRandom *random, uint64_t interval);

/* The natural logarithm of a finite x > 0, to 1e-14. */
double   sample_log          (double x);

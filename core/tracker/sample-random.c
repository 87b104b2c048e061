/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample-random.h"

#include <string.h>

#define LN_2   0.693147180559945309417
#define SQRT_2 1.41421356237309504880

static uint64_t
rotate (uint64_t value,
        unsigned bits)
{
  return value << bits | value >> (64 - bits);
}

/* splitmix64, as its authors advise: never four zeros. */
void
sample_random_seed (SampleRandom *random,
                    uint64_t      seed)
{
  for (unsigned i = 0; i < 4; i++)
    {
      uint64_t value = seed += UINT64_C (0x9e3779b97f4a7c15);

      value = (value ^ value >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
      value = (value ^ value >> 27) * UINT64_C (0x94d049bb133111eb);
      random->words[i] = value ^ value >> 31;
    }
}

uint64_t
sample_random_next (SampleRandom *random)
{
  uint64_t *w = random->words;
  uint64_t result = rotate (w[0] + w[3], 23) + w[0];
  uint64_t shifted = w[1] << 17;

  w[2] ^= w[0];
  w[3] ^= w[1];
  w[1] ^= w[2];
  w[0] ^= w[3];
  w[2] ^= shifted;
  w[3] = rotate (w[3], 45);

  return result;
}

/* x = m 2^e with m around 1, and ln m = 2 artanh ((m - 1) / (m + 1)), whose series ends
 * quickly as |z| < 0.172.
 */
double
sample_log (double x)
{
  uint64_t bits;
  int exponent;
  double m, z, square, sum = 0;

  memcpy (&bits, &x, sizeof bits);
  exponent = (int)(bits >> 52 & 0x7ff) - 1023;
  bits = (bits & UINT64_C (0xfffffffffffff)) | UINT64_C (1023) << 52;
  memcpy (&m, &bits, sizeof m);
  if (m > SQRT_2)
    {
      m /= 2;
      exponent++;
    }

  z = (m - 1) / (m + 1);
  square = z * z;
  for (int i = 17; i >= 1; i -= 2)
    sum = sum * square + 1.0 / i;

  return 2 * z * sum + exponent * LN_2;
}

/* The whole part of an exponential draw: whole bytes are what is asked about. */
uint64_t
sample_random_bytes (SampleRandom *random,
                     uint64_t      interval)
{
  double uniform = (double)((sample_random_next (random) >> 11) + 1) * 0x1p-53;   /* (0, 1] */
  double bytes = -sample_log (uniform) * (double)interval;

  return bytes < 0x1p62 ? (uint64_t)bytes : UINT64_C (1) << 62;
}

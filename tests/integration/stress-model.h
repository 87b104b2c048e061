/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* What the program under stress says it did, and what must come out of the recording. */

#include <stdint.h>

#define STRESS_THREADS 8
#define STRESS_SHELF   4096
#define STRESS_MARK    5        /* sizes modulo 16 */

typedef struct
{
  _Alignas (64)
  uint64_t tid;
  uint64_t births;
  uint64_t deaths;
  uint64_t born;     /* the sum of stress_mix (size) over the births */
  uint64_t died;     /* likewise over the deaths, of the sizes the blocks had */
} StressThread;

typedef struct
{
  StressThread threads[STRESS_THREADS];
  uint64_t     n_left;
  uint64_t     left;    /* of what is alive at the end: the sum of stress_mix (address ^ size << 48) */
} StressModel;

static inline uint64_t
stress_mix (uint64_t value)
{
  value = (value ^ value >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  value = (value ^ value >> 27) * UINT64_C (0x94d049bb133111eb);

  return value ^ value >> 31;
}

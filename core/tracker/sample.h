/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Sampling: of the bytes the program asks for, one in `interval` is picked on average,
 * each with the same chance and independently (a Poisson process); the block that holds
 * a picked byte is recorded. So a block of s bytes is recorded with probability
 * p = 1 - e^(-s / interval), and stands for 1 / p blocks of its size; blocks larger than
 * the interval are all recorded, and stand for themselves. What a thread
 * has to know is how many bytes it may still give out until its next picked byte; as
 * the process has no memory, the draw begins afresh behind each sampled block, and
 * whatever is left of a draw when a stretch of sampling ends may be thrown away.
 *
 * An allocation that is not sampled costs two loads, two compares and a subtraction; a
 * free of such a block a multiplication and a load (sample-table.h). A block without
 * bytes counts as one of one byte. A realloc is a death and the birth of a block of the
 * full new size, as everywhere. Regions are recorded all: a system call costs more.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memscope-format.h"
#include "recorder.h"
#include "sample-random.h"
#include "unwinder.h"

typedef struct
{
  uint32_t     state;      /* the recorder's, for which `left` was drawn */
  bool         seeded;
  uint64_t     left;       /* bytes that pass without a look */
  uint64_t     beyond;     /* and bytes after that until the next sample */
  uint64_t     look;       /* what `left` is at most */
  uint64_t     interval;
  SampleRandom random;
} SampleThread;

extern __thread SampleThread sample_thread __attribute__ ((visibility ("hidden")));
extern SampleTable *sample_table __attribute__ ((visibility ("hidden")));

/* Neither 0: draws of threads that are seeded from then on follow from it. For tests. */
extern uint64_t sample_seed __attribute__ ((visibility ("hidden")));

static inline bool
sample_is_on (void)
{
  return recorder_state () >= RECORDER_FILLING;
}

/* A block of @size bytes is not sampled, and that is all to be said about it. Else the
 * caller has to ask sample_take(). When nothing is sampled, that is always so.
 */
static inline bool
sample_passes (size_t size)
{
  uint64_t bytes = size + (size == 0);

  if (__builtin_expect (sample_thread.state != recorder_state () || bytes > sample_thread.left, 0))
    return false;

  sample_thread.left -= bytes;

  return true;
}

/* The death of @memory need not be recorded. */
static inline bool
sample_is_unsampled (const void *memory)
{
  return recorder_state () >= RECORDER_SAMPLING && !sample_table_may_hold (sample_table, (uintptr_t)memory);
}

/* Another arena, and with it another table. */
void sample_attach (ArenaHeader *arena);

/* The slow half of sample_passes(): is this block a sample? */
bool sample_take   (size_t size);

/* A block that sample_take() said yes to. @memory NULL: the call failed. */
void sample_birth  (void              *memory,
                    size_t             size,
                    MemscopeEventKind  function,
                    size_t             alignment,
                    const Frame       *frame);

/* Before the real free: its death, if it was sampled. */
void sample_death  (void *memory, const Frame *frame);

/* The whole of a realloc of @memory, which may be NULL. */
void *sample_realloc (void *memory, size_t size, const Frame *frame);

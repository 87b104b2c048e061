/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "stack.h"

/* What the recorder keeps for one thread. Its memory comes from mmap and is
 * used again by later threads.
 */
typedef struct _Thread Thread;

struct _Thread
{
  /* touched by every event */
  ArenaHeader      *arena;
  RingSlot         *slot;         /* NULL: none could be had; events count as lost */
  uint32_t          epoch;        /* of the recording the slot belongs to */
  _Atomic uint32_t  level;        /* 0 outside, 1 in a hook, 2 in a signal handler's hook */
  uint64_t          head_seen[N_RINGS];
  uint64_t          last_stamp[N_RINGS];
  uint64_t          last_time[N_RINGS];
  uint64_t          last_address[N_RINGS];

  uint32_t          serial;
  uint32_t          tid;
  uint32_t          waits;        /* how often the ring was full: a reason to move */
  bool              lossy;        /* until there is room again */
  uint64_t          gap_begin;    /* stamp; 0: no gap is open */
  uint64_t          gap_events;
  uint64_t          gap_bytes;

  StackCache        stack;
  Thread           *next_free;
};

extern __thread Thread *thread_self __attribute__ ((tls_model ("initial-exec")));

/* Once per process. */
void    thread_init          (void);

/* The calling thread's state with a slot of the current recording, or NULL while
 * the recorder itself is at work in this thread. Never fails loudly.
 */
Thread *thread_get_slow      (void);

/* Moves the thread into a large slot, if one is free. */
void    thread_move_to_large (Thread *self);

/* In the child of a fork: locks of threads that are not here are open again. */
void    thread_after_fork    (void);

/* The recorder's own work in this thread records nothing. */
extern __thread bool thread_internal __attribute__ ((tls_model ("initial-exec")));

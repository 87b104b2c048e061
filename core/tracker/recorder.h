/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* The recording this process belongs to, and whether it goes on.
 *
 *   WIPED  -> JOINING -> ON   at the first allocation, or in a fork's child
 *          -> OFF             nobody records, joining failed, the collector died
 *
 * The state stands in a page of its own that the kernel clears in every child
 * with a memory of its own (MADV_WIPEONFORK), however it was made: such a child
 * reads WIPED, and joins anew or drops out. A vfork child shares the memory and
 * counts as its parent's thread.
 */
typedef enum
{
  RECORDER_WIPED   = 0,
  RECORDER_JOINING = 1,
  RECORDER_ON      = 2,
  RECORDER_OFF     = 3,
} RecorderState;

typedef struct
{
  _Atomic uint32_t state;
} RecorderPage;

extern RecorderPage *recorder_page;

static inline bool
recorder_is_on (void)
{
  return atomic_load_explicit (&recorder_page->state, memory_order_acquire) == RECORDER_ON;
}

static inline bool
recorder_is_off (void)
{
  return atomic_load_explicit (&recorder_page->state, memory_order_relaxed) == RECORDER_OFF;
}

/* Resolves the real functions and joins the recording, once; later calls return
 * at once. Called by hooks that find the state WIPED or JOINING.
 */
void         recorder_join      (void);

/* For good, in this process. */
void         recorder_switch_off (void);

ArenaHeader *recorder_arena     (void);
uint32_t     recorder_epoch     (void);   /* counts the recordings joined; never 0 once joined */
uint64_t     recorder_stamp     (ArenaHeader *arena);   /* any time, either clock */

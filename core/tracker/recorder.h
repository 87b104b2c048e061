/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Is this process being recorded, and into which arena.
 *
 * The answer's first word lies in a page that the kernel wipes in the child of a
 * fork, however it was made: a child starts at RECORDER_NEW and is asked again.
 * The arena itself is not there in a child (MADV_DONTFORK), so that it can't
 * write into its parent's rings. A child made by vfork shares the page, and is
 * its parent's thread.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

typedef enum
{
  RECORDER_NEW = 0,   /* not asked yet */
  RECORDER_ON  = 1,
  RECORDER_OFF = 2,   /* nobody records, or no longer */
} RecorderState;

typedef struct
{
  _Alignas (4096) _Atomic uint32_t state;   /* RecorderState */
  _Atomic uint32_t starting;                /* a thread is asking */
  char             rest[4096 - 8];
} RecorderPage;

typedef struct
{
  ArenaHeader      *arena;
  _Atomic uint32_t  generation;   /* counts arenas: what a thread has belongs to one of them */
} Recorder;

extern RecorderPage recorder_page __attribute__ ((visibility ("hidden")));
extern Recorder recorder __attribute__ ((visibility ("hidden")));

static inline bool
recorder_is_on (void)
{
  return atomic_load_explicit (&recorder_page.state, memory_order_acquire) == RECORDER_ON;
}

/* Asks, if nobody did yet. Returns whether to record. */
bool recorder_start        (void);

/* Takes @arena as the one to record into; for tests, which make their own. */
bool recorder_start_with   (ArenaHeader *arena);

/* The collector is gone, or wants no more. The program runs on. */
void recorder_stop         (void);

/* The collector died or ended the recording. */
bool recorder_is_abandoned (void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Is this process being recorded, how, and into which arena.
 *
 * The answer's first word lies in a page that the kernel wipes in the child of a
 * fork, however it was made: a child starts at RECORDER_NEW and is asked again.
 * The arena itself is not there in a child (MADV_DONTFORK), so that it can't
 * write into its parent's rings. A child made by vfork shares the page, and is
 * its parent's thread.
 *
 * Whether all allocations are recorded or samples of them is what the arena's flags
 * say; the state follows them: at the next event, or where a sampling thread looks
 * (sample.h).
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "sample-options.h"

typedef enum
{
  RECORDER_NEW      = 0,   /* not asked yet */
  RECORDER_OFF      = 1,   /* nobody records, or no longer */
  RECORDER_ON       = 2,   /* every allocation */
  RECORDER_FILLING  = 3,   /* samples of births, all deaths: the collector fills the sample table */
  RECORDER_SAMPLING = 4,   /* this and all above: each time it begins, it is another number */
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
  _Atomic uint32_t  mode;         /* those of the arena's flags that the state stands for */
  _Atomic uint32_t  samplings;    /* times that sampling began */
  bool            (*drain) (void);  /* empties the rings where no collector does; false: it is under way in this thread */
} Recorder;

extern RecorderPage recorder_page __attribute__ ((visibility ("hidden")));
extern Recorder recorder __attribute__ ((visibility ("hidden")));

static inline uint32_t
recorder_state (void)
{
  return atomic_load_explicit (&recorder_page.state, memory_order_acquire);
}

/* In whatever way. */
static inline bool
recorder_is_on (void)
{
  return recorder_state () >= RECORDER_ON;
}

/* The flags that say how to record. */
#define ARENA_MODE (ARENA_ENABLED | ARENA_SAMPLING | ARENA_FILLING)

static inline uint32_t
recorder_arena_mode (void)
{
  return atomic_load_explicit (&recorder.arena->flags, memory_order_relaxed) & ARENA_MODE;
}

/* Asks, if nobody did yet. Returns whether to record. */
bool recorder_start        (void);

/* Takes @arena as the one to record into; for tests, which make their own. */
bool recorder_start_with   (ArenaHeader *arena);

/* The arena says otherwise than the state. Returns whether to record now. */
bool recorder_follow_mode  (void);

/* The program samples itself from now on, without a collector (sample-recorder.h).
 * false: it is being recorded already, or can't be. @options are copied.
 */
bool recorder_start_sampling (const SampleOptions *options);

/* Ends that: what is left is written, with @reason (MemscopeEndReason). */
void recorder_stop_sampling  (unsigned reason);

/* The same in a program whose recording is its own: @drain is called by threads whose
 * ring is full. false: this process must not be recorded.
 */
bool recorder_start_own    (ArenaHeader *arena, bool (*drain) (void));

/* The collector's socket; "": none. And what the recording is called there. */
const char *recorder_get_socket  (void);
const uint8_t *recorder_get_session (void);

/* The collector is gone, or wants no more. The program runs on. */
void recorder_stop         (void);

/* The collector died or ended the recording. */
bool recorder_is_abandoned (void);

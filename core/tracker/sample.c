/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "arch-x86_64.h"
#include "event.h"
#include "real.h"
#include "sample-recorder.h"

/* So often, in bytes, a thread that samples nothing looks whether it still should: never
 * more than the interval, beyond which each block has to be looked at.
 */
#define LOOK_BYTES UINT64_C (65536)

__thread SampleThread sample_thread = { .state = UINT32_MAX };
SampleTable *sample_table;
uint64_t sample_seed;

void
sample_attach (ArenaHeader *arena)
{
  sample_table = arena_samples (arena);

  /* they must not reach the real free() */
  for (const void *block = real_bootstrap_next (NULL); block != NULL; block = real_bootstrap_next (block))
    sample_table_mark (sample_table, (uintptr_t)block);
}

/* ---- draws ------------------------------------------------------------------ */

/* The child of a fork has its parent's numbers, and must not go on with them. */
static void
seed (SampleThread *self)
{
  static _Atomic uint64_t n_threads;
  uint64_t number = atomic_fetch_add_explicit (&n_threads, 1, memory_order_relaxed) + 1;
  uint64_t value = 0;

  if (sample_seed != 0)
    value = sample_seed + number * UINT64_C (0xd1342543de82ef95);
  else if (sys_call3 (SYS_getrandom, (long)&value, sizeof value, GRND_NONBLOCK) != (long)sizeof value)
    value = arch_stamp () ^ (uintptr_t)self ^ number << 48;

  sample_random_seed (&self->random, value);
  self->seeded = true;
}

static void
draw (SampleThread *self)
{
  uint64_t interval = atomic_load_explicit (&recorder.arena->sampling_interval, memory_order_relaxed);
  uint64_t bytes;

  self->interval = interval != 0 ? interval : 1;
  bytes = sample_random_bytes (&self->random, self->interval);
  self->look = self->interval < LOOK_BYTES ? self->interval : LOOK_BYTES;
  self->left = bytes < self->look ? bytes : self->look;
  self->beyond = bytes - self->left;
}

/* While the table is filled each call comes here, for the state is never a thread's
 * own then: a fresh draw each time is as good as one that goes on.
 */
static void
begin (SampleThread *self,
       uint32_t      state)
{
  if (!self->seeded || state != RECORDER_FILLING)
    seed (self);

  draw (self);
  if (state != RECORDER_FILLING)
    self->state = state;
}

bool
sample_take (size_t size)
{
  SampleThread *self = &sample_thread;
  uint64_t bytes = size + (size == 0), total;
  uint32_t state;

  if (recorder_arena_mode () != atomic_load_explicit (&recorder.mode, memory_order_relaxed))
    recorder_follow_mode ();

  state = recorder_state ();
  if (state < RECORDER_FILLING)
    return false;
  if (self->state != state)
    begin (self, state);

  /* for certain; the draw is about the others */
  if (bytes > self->interval)
    return true;

  total = self->left + self->beyond;
  if (bytes > total)
    {
      draw (self);
      return true;
    }

  total -= bytes;
  self->left = total < self->look ? total : self->look;
  self->beyond = total - self->left;

  return false;
}

/* ---- events -------------------------------------------------------------------- */

/* Before anybody else can free it. */
static void
remember (const void *memory)
{
  if (!sample_table_insert (sample_table, (uintptr_t)memory))
    atomic_fetch_add_explicit (&recorder.arena->samples_refused, 1, memory_order_relaxed);
}

void
sample_birth (void              *memory,
              size_t             size,
              MemscopeEventKind  function,
              size_t             alignment,
              const Frame       *frame)
{
  if (memory == NULL)
    {
      if (errno == ENOMEM)
        record_failure ();
      return;
    }

  remember (memory);
  record_sampled_birth ((uintptr_t)memory, size, real.malloc_usable_size (memory), function, alignment, frame);
  sample_recorder_poke ();
}

/* Is this death to be recorded? */
static bool
forget (const void *memory)
{
  bool sampled = sample_table_remove (sample_table, (uintptr_t)memory);

  if (recorder_state () == RECORDER_FILLING && recorder_arena_mode () != atomic_load (&recorder.mode))
    recorder_follow_mode ();

  return sampled || recorder_state () == RECORDER_FILLING;
}

void
sample_death (void        *memory,
              const Frame *frame)
{
  if (!forget (memory))
    return;

  record_death ((uintptr_t)memory, frame);
  sample_recorder_poke ();
}

/* The old block is forgotten before its place may be given to another thread, and is
 * there again if nothing came of it.
 */
static void *
realloc_recorded (void        *memory,
                  size_t       size,
                  bool         sampled,
                  const Frame *frame)
{
  void *moved;

  record_move_begin ((uintptr_t)memory, frame);
  moved = real.realloc (memory, size);

  if (moved != NULL && sampled)
    {
      remember (moved);
      record_sampled_move_end ((uintptr_t)moved, size, real.malloc_usable_size (moved), frame);
    }
  else if (moved != NULL || size == 0)
    {
      record_move_freed (frame);
    }
  else
    {
      remember (memory);
      record_move_failed (frame);
      record_failure ();
    }

  return moved;
}

void *
sample_realloc (void        *memory,
                size_t       size,
                const Frame *frame)
{
  bool sampled = sample_take (size);
  void *moved;

  if (memory != NULL && !sample_is_unsampled (memory) && forget (memory))
    {
      moved = realloc_recorded (memory, size, sampled, frame);
      sample_recorder_poke ();
      return moved;
    }

  moved = real.realloc (memory, size);
  if (sampled && (moved != NULL || size != 0))
    sample_birth (moved, size, memory != NULL ? MEMSCOPE_EVENT_REALLOC : MEMSCOPE_EVENT_MALLOC, 0, frame);

  return moved;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ring.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

#define WAIT_NSEC          (100 * 1000 * 1000)
#define ROUNDS_UNTIL_STUCK 50      /* 5 s without progress of the collector */
#define WAITS_UNTIL_LARGE  4

uint64_t
ring_coarse_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC_COARSE, &time);

  return (uint64_t)time.tv_sec * UINT64_C (1000000000) + (uint64_t)time.tv_nsec;
}

static bool
collector_is_dead (const ArenaHeader *arena)
{
  uint32_t word = atomic_load_explicit (&arena->collector_futex, memory_order_acquire);

  return word == 0 || (word & FUTEX_OWNER_DIED) != 0;
}

static bool
has_room (Thread *self,
          int     which,
          size_t  size)
{
  Ring *ring = &self->slot->rings[which];
  uint64_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);
  uint64_t at = tail & (ring->size - 1);
  uint64_t padding = ring->size - at < size ? ring->size - at : 0;

  self->head_seen[which] = atomic_load_explicit (&ring->head, memory_order_acquire);

  return tail - self->head_seen[which] + padding + size <= ring->size;
}

/* Waits until the collector made room: bounded by its life and its progress. */
static bool
wait_for_room (Thread *self,
               int     which,
               size_t  size)
{
  static const struct timespec patience = { 0, WAIT_NSEC };
  ArenaHeader *arena = self->arena;
  _Atomic uint32_t *wanted = &self->slot->space_wanted;
  uint64_t progress = atomic_load_explicit (&arena->collector_progress, memory_order_relaxed);
  int stuck = 0;

  for (;;)
    {
      atomic_store_explicit (wanted, 1, memory_order_seq_cst);
      atomic_thread_fence (memory_order_seq_cst);
      if (has_room (self, which, size))
        break;
      if (collector_is_dead (arena))
        {
          recorder_switch_off ();
          return false;
        }
      SYSCALL4 (SYS_futex, wanted, FUTEX_WAIT, 1, &patience);

      if (has_room (self, which, size))
        break;
      if (atomic_load_explicit (&arena->collector_progress, memory_order_relaxed) != progress)
        {
          progress = atomic_load_explicit (&arena->collector_progress, memory_order_relaxed);
          stuck = 0;
        }
      else if (++stuck >= ROUNDS_UNTIL_STUCK)
        {
          self->lossy = true;
          return false;
        }
    }
  atomic_store_explicit (wanted, 0, memory_order_relaxed);

  return true;
}

void
ring_note_lost (Thread   *self,
                uint64_t  bytes)
{
  if (self->gap_begin == 0)
    self->gap_begin = recorder_stamp (self->arena);
  self->gap_events++;
  self->gap_bytes += bytes;
  atomic_fetch_add_explicit (&self->slot->lost_events, 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&self->slot->lost_bytes, bytes, memory_order_relaxed);
}

/* Skips what is left before the end of the ring. */
static void
pad (Thread *self,
     int     which)
{
  Ring *ring = &self->slot->rings[which];
  uint64_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);
  uint64_t at = tail & (ring->size - 1);

  *((uint8_t *)arena_at (self->arena, ring->offset) + at) = RECORD_PAD;
  atomic_store_explicit (&ring->tail, tail + (ring->size - at), memory_order_release);
}

uint8_t *
ring_reserve_slow (Thread *self,
                   int     which,
                   size_t  size)
{
  Ring *ring = &self->slot->rings[which];
  uint64_t at;

  if (!has_room (self, which, size))
    {
      bool may_wait = !self->lossy && which == RING_MAIN &&
                      !(atomic_load_explicit (&self->arena->flags, memory_order_relaxed) & ARENA_LOSSY);

      if (!may_wait || !wait_for_room (self, which, size))
        return NULL;

      if (++self->waits >= WAITS_UNTIL_LARGE && !self->slot->large)
        {
          self->waits = 0;
          thread_move_to_large (self);
          return ring_reserve (self, which, size);
        }
    }
  self->lossy = false;

  at = atomic_load_explicit (&ring->tail, memory_order_relaxed) & (ring->size - 1);
  if (ring->size - at < size)
    {
      pad (self, which);
      at = 0;
    }

  return (uint8_t *)arena_at (self->arena, ring->offset) + at;
}

void
ring_write_switch (Thread   *self,
                   uint32_t  slot_index)
{
  Record record = { .kind = RECORD_SWITCH, .other = slot_index };

  ring_write (self, &record, true);
}

/* Says what was lost, now that there is room again. */
void
ring_close_gap (Thread *self)
{
  Record record = {
    .kind = RECORD_GAP,
    .function = 2,
    .begin_stamp = self->gap_begin,
    .other = self->gap_events,
    .bytes_lost = self->gap_bytes,
  };

  if (self->gap_begin == 0)
    return;
  if (atomic_load_explicit (&self->arena->flags, memory_order_relaxed) & ARENA_LOSSY)
    record.function = 1;

  self->gap_begin = 0;
  self->gap_events = self->gap_bytes = 0;
  if (ring_write (self, &record, true))
    {
      atomic_store_explicit (&self->slot->lost_events, 0, memory_order_relaxed);
      atomic_store_explicit (&self->slot->lost_bytes, 0, memory_order_relaxed);
    }
}

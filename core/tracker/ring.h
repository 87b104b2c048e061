/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "arch.h"
#include "record.h"
#include "recorder.h"
#include "thread.h"

/* Writing records. A thread's level says which ring: 1 the main one, 2 (a signal
 * handler inside the hook) the nested one.
 */

/* Room for @size bytes and a padding before them, waiting if need be. NULL: the
 * event is lost (and counted).
 */
uint8_t *ring_reserve_slow (Thread *self, int which, size_t size);

void     ring_write_switch (Thread *self, uint32_t slot_index);
void     ring_close_gap    (Thread *self);
void     ring_note_lost    (Thread *self, uint64_t bytes);
uint64_t ring_coarse_time  (void);

static inline uint8_t *
ring_reserve (Thread *self,
              int     which,
              size_t  size)
{
  Ring *ring = &self->slot->rings[which];
  uint64_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);
  uint64_t at = tail & (ring->size - 1);

  if (ring->size - at < size || tail - self->head_seen[which] + size > ring->size)
    return ring_reserve_slow (self, which, size);

  return (uint8_t *)arena_at (self->arena, ring->offset) + at;
}

/* Publishes the @size bytes written behind what was published before. */
static inline void
ring_publish (Thread *self,
              int     which,
              size_t  size)
{
  Ring *ring = &self->slot->rings[which];
  uint64_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);

  ring->last_stamp = self->last_stamp[which];
  ring->last_address = self->last_address[which];
  atomic_store_explicit (&ring->tail, tail + size, memory_order_release);
}

/* Stamps and writes @record. @before: the stamp of a death, else of a birth. */
static inline bool
ring_write (Thread *self,
            Record *record,
            bool    before)
{
  int which = atomic_load_explicit (&self->level, memory_order_relaxed) > 1 ? RING_NESTED : RING_MAIN;
  uint32_t hook;
  uint8_t *at = ring_reserve (self, which, RECORD_MAX_SIZE);
  size_t size;

  if (at == NULL)
    return false;

  hook = atomic_load_explicit (&self->slot->in_hook, memory_order_relaxed);
  if (!(hook & 1))
    atomic_store_explicit (&self->slot->in_hook, hook + 1, memory_order_relaxed);
  atomic_signal_fence (memory_order_seq_cst);

  if (self->arena->clock == CLOCK_TSC)
    record->stamp = before ? arch_stamp_before () : arch_stamp_after ();
  else
    {
      record->stamp = recorder_stamp (self->arena);
      record->time_ns = ring_coarse_time ();
    }
  size = record_encode (at, record, self->arena->clock,
                        &self->last_stamp[which], &self->last_time[which], &self->last_address[which]);
  ring_publish (self, which, size);

  if (!(hook & 1))
    atomic_store_explicit (&self->slot->in_hook, hook + 2, memory_order_release);

  return true;
}

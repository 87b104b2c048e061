/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* One thread's way into its slot's rings: room, stamps, publishing, and what
 * happens when there is no room.
 *
 * A full ring is waited for, on a futex, in steps of 100 ms. After each step: if
 * the collector is dead, recording ends; if it has not moved for 5 s, the thread
 * goes on without recording, counts what it loses, and says so in a GAP record as
 * soon as there is room again. Long before that a thread that fills its small ring
 * is given a large one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "record-encode.h"

/* Kept free for what must be said when a ring is full: SWITCH and GAP. */
#define RING_RESERVE (2 * RECORD_MAX_SIZE)

typedef struct
{
  Ring     *shared;
  uint8_t  *bytes;
  uint64_t  mask;
  uint64_t  limit;       /* bytes that ordinary records may fill */
  uint64_t  tail;
  uint64_t  head;        /* as last seen */
  uint64_t  last_time;
} WriterRing;

typedef struct
{
  ArenaHeader *arena;
  RingSlot    *slot;
  WriterRing   rings[N_RINGS];
  uint32_t     serial;
  uint32_t     clock;          /* ArenaClock; 0: stopped, stamps are only counted on */
  uint64_t     gap_begin;      /* stamp of the first event lost; 0: none */
  uint64_t     gap_events;
  uint64_t     gap_bytes;
  uint32_t     gap_reason;
  bool         lossy;          /* the collector is stuck: don't wait */
} RingWriter;

/* Takes a free slot for the calling thread; @large or small, the other if need be.
 * False: every slot is taken.
 */
bool ring_writer_open      (RingWriter *writer, ArenaHeader *arena, uint32_t serial, bool large);
void ring_writer_close     (RingWriter *writer);

/* After clock_stopped has changed. */
void ring_writer_choose_clock (RingWriter *writer);

/* The slow half of ring_writer_reserve(). */
bool ring_writer_wait      (RingWriter *writer, unsigned ring, uint64_t needed);

/* Counts an event that can't be written. */
void ring_writer_lose      (RingWriter *writer, uint64_t bytes, uint32_t reason);

static inline bool
writer_ring_has_room (const WriterRing *ring,
                      uint64_t          needed)
{
  uint64_t to_end = ring->mask + 1 - (ring->tail & ring->mask);

  return ring->tail + needed + (to_end < needed ? to_end : 0) - ring->head <= ring->limit;
}

/* Sees to it that a record of @needed bytes has room. Before its stamp is taken. */
static inline bool
ring_writer_reserve (RingWriter *writer,
                     unsigned    ring,
                     uint64_t    needed)
{
  WriterRing *to = &writer->rings[ring];

  if (__builtin_expect (writer_ring_has_room (to, needed) && writer->gap_begin == 0, 1))
    return true;

  return ring_writer_wait (writer, ring, needed);
}

/* No other thread has recorded anything so far. One that has can only have freed what we
 * were given, or been given what we free, after it counted itself, and we learnt of that
 * block after that: so who is alone has nobody's order to care for.
 */
static inline bool
writer_is_alone (const RingWriter *writer)
{
  return atomic_load_explicit (&writer->arena->n_threads, memory_order_relaxed) <= 1;
}

/* Says that a stamp is about to be taken, and takes it. Between this and
 * ring_writer_publish() lies what is found out about the event, its stack above all:
 * the stamp has to wait for the allocator's and the program's loads, and should not wait
 * for the unwinder's too.
 */
typedef struct
{
  uint64_t stamp;
  uint64_t time_ns;     /* CLOCK_COUNTER only */
  uint32_t hook;        /* in_hook before */
} WriterStamp;

__attribute__ ((always_inline)) static inline WriterStamp
ring_writer_stamp (RingWriter *writer,
                   bool        ordered)
{
  RingSlot *slot = writer->slot;
  WriterStamp stamp = { .hook = atomic_load_explicit (&slot->in_hook, memory_order_relaxed) };

  /* a handler that interrupted this word's odd time leaves it odd */
  if ((stamp.hook & 1) == 0)
    atomic_store_explicit (&slot->in_hook, stamp.hook + 1, memory_order_relaxed);
  atomic_signal_fence (memory_order_seq_cst);

  if (__builtin_expect (writer->clock != CLOCK_TSC, 0))
    {
      stamp.stamp = clock_now (writer->arena);
      stamp.time_ns = writer->clock == CLOCK_COUNTER ? clock_coarse_ns () : 0;
    }
  else
    {
      stamp.stamp = ordered && !writer_is_alone (writer) ? arch_stamp_ordered () : arch_stamp ();
    }

  return stamp;
}

/* Encodes and publishes what was stamped by @stamp; there is room. */
__attribute__ ((always_inline)) static inline void
ring_writer_publish (RingWriter        *writer,
                     unsigned           ring,
                     Record            *record,
                     uint64_t           needed,
                     const WriterStamp *stamp)
{
  WriterRing *to = &writer->rings[ring];
  uint64_t at = to->tail & to->mask;
  uint64_t tail = to->tail;

  record->stamp = stamp->stamp;
  record->time_ns = stamp->time_ns;

  if (__builtin_expect (to->mask + 1 - at < needed, 0))
    {
      to->bytes[at] = RECORD_PAD;
      tail += to->mask + 1 - at;
      at = 0;
    }

  if (__builtin_expect (writer->clock == CLOCK_COUNTER, 0))
    tail += record_encode_inline (to->bytes + at, record, CLOCK_COUNTER, &to->shared->last_stamp,
                                  &to->last_time, &to->shared->last_address);
  else
    tail += record_encode_inline (to->bytes + at, record, CLOCK_TSC, &to->shared->last_stamp,
                                  &to->last_time, &to->shared->last_address);

  to->tail = tail;
  atomic_store_explicit (&to->shared->tail, tail, memory_order_release);
  if ((stamp->hook & 1) == 0)
    atomic_store_explicit (&writer->slot->in_hook, stamp->hook + 2, memory_order_release);
}

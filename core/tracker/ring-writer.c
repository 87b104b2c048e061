/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ring-writer.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

#include "memscope-format.h"
#include "recorder.h"
#include "sample-recorder.h"

#define STEP_NSEC      100000000L
#define OWN_STEP_NSEC  1000000L
#define STUCK_STEPS    50u           /* of a collector that does not move */
#define SLOT_WAIT_NSEC 500000L

__thread uint64_t clock_stopped;

/* ---- slots ---------------------------------------------------------------- */

static void
attach_ring (WriterRing        *to,
             const ArenaHeader *arena,
             Ring              *ring,
             uint64_t           base_stamp)
{
  ring->last_stamp = base_stamp;
  ring->last_address = 0;
  *to = (WriterRing) {
    .shared = ring,
    .bytes = arena_at (arena, ring->offset),
    .mask = ring->size - 1,
    .limit = ring->size - RING_RESERVE,
    .tail = atomic_load_explicit (&ring->tail, memory_order_relaxed),
    .head = atomic_load_explicit (&ring->head, memory_order_acquire),
  };
}

static RingSlot *
claim_slot (ArenaHeader *arena,
            bool         large,
            uint32_t     tid,
            uint32_t     serial,
            bool        *some_closed)
{
  uint32_t first = atomic_load_explicit (&arena->last_slot, memory_order_relaxed);

  for (uint32_t i = 0; i < arena->n_slots; i++)
    {
      uint32_t index = (first + i) % arena->n_slots, state;
      RingSlot *slot = arena_slot (arena, index);

      if (slot->large != large)
        continue;

      state = atomic_load_explicit (&slot->state, memory_order_acquire);
      *some_closed |= state == SLOT_CLOSED;
      if (state != SLOT_FREE ||
          !atomic_compare_exchange_strong_explicit (&slot->state, &state, SLOT_CLAIMED,
                                                    memory_order_acq_rel, memory_order_relaxed))
        continue;

      slot->base_stamp = clock_now (arena);
      atomic_store_explicit (&slot->tid, tid, memory_order_relaxed);
      atomic_store_explicit (&slot->thread_serial, serial, memory_order_relaxed);
      if (!large)
        atomic_store_explicit (&arena->last_slot, index + 1, memory_order_relaxed);
      return slot;
    }

  return NULL;
}

void
ring_writer_choose_clock (RingWriter *writer)
{
  writer->clock = writer->arena->clock == CLOCK_TSC && clock_stopped != 0 ? 0 : writer->arena->clock;
}

static void
activate (RingWriter  *writer,
          ArenaHeader *arena,
          RingSlot    *slot)
{
  for (unsigned i = 0; i < N_RINGS; i++)
    attach_ring (&writer->rings[i], arena, &slot->rings[i], slot->base_stamp);

  writer->arena = arena;
  writer->slot = slot;
  ring_writer_choose_clock (writer);
  atomic_store_explicit (&slot->state, SLOT_ACTIVE, memory_order_release);
}

/* A collector that does something, and has not done nothing for too long. */
typedef struct
{
  uint64_t progress;
  uint64_t since;
} Patience;

static void
patience_begin (Patience          *patience,
                const ArenaHeader *arena)
{
  patience->progress = atomic_load_explicit (&arena->collector_progress, memory_order_relaxed);
  patience->since = clock_coarse_ns ();
}

static bool
patience_lasts (Patience          *patience,
                const ArenaHeader *arena)
{
  uint64_t progress = atomic_load_explicit (&arena->collector_progress, memory_order_relaxed);

  if (progress != patience->progress)
    {
      patience->progress = progress;
      patience->since = clock_coarse_ns ();
    }

  return clock_coarse_ns () - patience->since < (uint64_t)STUCK_STEPS * STEP_NSEC;
}

/* The slots of threads that just ended come back as soon as the collector has
 * drained them, which is waited for; slots of living threads are not.
 */
bool
ring_writer_open (RingWriter  *writer,
                  ArenaHeader *arena,
                  uint32_t     serial,
                  bool         large)
{
  const struct timespec pause = { .tv_nsec = SLOT_WAIT_NSEC };
  uint32_t tid = (uint32_t)sys_call3 (SYS_gettid, 0, 0, 0);
  Patience patience;

  patience_begin (&patience, arena);
  do
    {
      bool some_closed = false;
      RingSlot *slot = claim_slot (arena, large, tid, serial, &some_closed);

      if (slot == NULL)
        slot = claim_slot (arena, !large, tid, serial, &some_closed);

      if (slot != NULL)
        {
          writer->serial = serial;
          activate (writer, arena, slot);
          return true;
        }

      if (!some_closed || recorder_is_abandoned ())
        break;
      sample_recorder_relieve ();
      if (recorder.drain != NULL)
        recorder.drain ();
      sys_call3 (SYS_nanosleep, (long)&pause, 0, 0);
    }
  while (patience_lasts (&patience, arena));

  return false;
}

void
ring_writer_close (RingWriter *writer)
{
  if (writer->slot == NULL)
    return;

  if (writer->gap_events != 0)
    ring_writer_wait (writer, RING_MAIN, RECORD_MAX_SIZE);

  atomic_store_explicit (&writer->slot->state, SLOT_CLOSED, memory_order_release);
  writer->slot = NULL;
}

/* ---- a full ring --------------------------------------------------------------- */

/* The GAP record will be in the new slot. */
static void
hand_over_losses (RingSlot *from,
                  RingSlot *to)
{
  atomic_store_explicit (&to->lost_events, atomic_exchange (&from->lost_events, 0), memory_order_relaxed);
  atomic_store_explicit (&to->lost_bytes, atomic_exchange (&from->lost_bytes, 0), memory_order_relaxed);
}

/* The reserve has room for it. */
static void
move_to_large (RingWriter *writer)
{
  ArenaHeader *arena = writer->arena;
  RingSlot *small = writer->slot;
  RingWriter before = *writer;
  bool some_closed = false;
  WriterStamp stamp;
  RingSlot *slot;
  Record record;

  if (small->large != 0 || writer->lossy)
    return;

  slot = claim_slot (arena, true, atomic_load_explicit (&small->tid, memory_order_relaxed),
                     writer->serial, &some_closed);
  if (slot == NULL)
    return;

  /* from here on a signal handler writes to the large slot */
  activate (writer, arena, slot);
  hand_over_losses (small, slot);

  record = (Record) { .kind = RECORD_SWITCH, .other = (uint64_t)(slot - arena_slot (arena, 0)) };
  stamp = ring_writer_stamp (&before, false);
  ring_writer_publish (&before, RING_MAIN, &record, RECORD_MAX_SIZE, &stamp);
  atomic_store_explicit (&small->state, SLOT_CLOSED, memory_order_release);
}

static void
wait_a_step (RingWriter *writer,
             WriterRing *ring,
             uint64_t    needed)
{
  /* where this thread drains itself, only what is younger than a round's margin is waited for */
  const struct timespec step = { .tv_nsec = recorder.drain == NULL ? STEP_NSEC : OWN_STEP_NSEC };

  atomic_store_explicit (&writer->slot->space_wanted, 1, memory_order_seq_cst);
  ring->head = atomic_load_explicit (&ring->shared->head, memory_order_seq_cst);
  if (!writer_ring_has_room (ring, needed))
    sys_call6 (SYS_futex, (long)&writer->slot->space_wanted, FUTEX_WAIT, 1, (long)&step, 0, 0);
  ring->head = atomic_load_explicit (&ring->shared->head, memory_order_acquire);
}

/* False: in vain. */
static bool
wait_for_room (RingWriter *writer,
               unsigned    which,
               uint64_t    needed)
{
  ArenaHeader *arena = writer->arena;
  WriterRing *ring = &writer->rings[which];
  Patience patience;

  patience_begin (&patience, arena);
  while (!writer_ring_has_room (ring, needed))
    {
      if (recorder_is_abandoned ())
        {
          recorder_stop ();
          return false;
        }
      if (writer->lossy || (atomic_load_explicit (&arena->flags, memory_order_relaxed) & ARENA_LOSSY) != 0)
        return false;

      if (recorder.drain != NULL && !recorder.drain ())
        return false;

      wait_a_step (writer, ring, needed);

      if (!patience_lasts (&patience, arena))
        {
          writer->lossy = true;
          return false;
        }
    }

  writer->lossy = false;

  return true;
}

static void
say_gap (RingWriter *writer)
{
  WriterStamp stamp = ring_writer_stamp (writer, true);
  Record record = {
    .kind = RECORD_GAP,
    .function = (uint8_t)writer->gap_reason,
    .begin_stamp = writer->gap_begin,
    .other = writer->gap_events,
    .bytes_lost = writer->gap_bytes,
  };

  ring_writer_publish (writer, RING_MAIN, &record, RECORD_MAX_SIZE, &stamp);
  writer->gap_begin = writer->gap_events = writer->gap_bytes = 0;
  atomic_store_explicit (&writer->slot->lost_events, 0, memory_order_relaxed);
  atomic_store_explicit (&writer->slot->lost_bytes, 0, memory_order_relaxed);
}

bool
ring_writer_wait (RingWriter *writer,
                  unsigned    which,
                  uint64_t    needed)
{
  WriterRing *ring = &writer->rings[which];

  ring->head = atomic_load_explicit (&ring->shared->head, memory_order_acquire);

  if (!writer_ring_has_room (ring, needed) && which == RING_MAIN)
    {
      move_to_large (writer);
      if (!writer_ring_has_room (ring, needed) && !wait_for_room (writer, which, needed))
        return false;
    }
  else if (!wait_for_room (writer, which, needed))
    {
      return false;
    }

  /* the reserve is for this; then the record itself needs its room again */
  if (writer->gap_begin != 0 && which == RING_MAIN)
    {
      say_gap (writer);
      return ring_writer_wait (writer, which, needed);
    }

  return true;
}

void
ring_writer_lose (RingWriter *writer,
                  uint64_t    bytes,
                  uint32_t    reason)
{
  if (writer->gap_begin == 0)
    {
      writer->gap_begin = clock_now (writer->arena);
      writer->gap_reason = reason;
    }

  writer->gap_events++;
  writer->gap_bytes += bytes;
  atomic_fetch_add_explicit (&writer->slot->lost_events, 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&writer->slot->lost_bytes, bytes, memory_order_relaxed);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many rings, one stream, in the order things happened.
 *
 * A death is stamped and published before the allocator is called, a birth is
 * stamped after it has returned. So if one thread frees an address and another
 * is given it, the stamps say so, and merging by stamp is all there is to do,
 * as long as no record with a smaller stamp can still turn up. Each round
 * therefore ends at a limit:
 *
 *   - 1 ms before now, far longer than a store takes to become visible; and
 *   - a thread whose in_hook is odd may have a stamp and not have published it:
 *     nothing beyond its last record is taken. A short spin usually sees the
 *     word change, which proves that whatever was under way when the round began
 *     is published. A thread that lost its processor inside the hook is waited
 *     for, 100 ms at most; beyond that its record is late, goes into the stream
 *     where it is met, and the ledger copes (ledger.c).
 *
 * At the end of the process nothing can turn up: everything published is taken.
 *
 * The target may have written over any of this. Positions and sizes are ours,
 * copied when the arena was made; tails are checked against them; a ring whose
 * bytes are no records is given up for as long as its thread lasts.
 */

#include "merge.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOLD_NSEC     UINT64_C (100000000)
#define CHECK_NSEC    UINT64_C (1000000000)
#define SPINS         64
#define SCAN_BUDGET   (8u * 1024u * 1024u)
#define MAX_TOLD      65536u

typedef struct
{
  const MergeSource *source;
  uint64_t           position;
  uint64_t           birth;
} MergeTold;

static inline void
relax (void)
{
#if defined __x86_64__ || defined __i386__
  __builtin_ia32_pause ();
#endif
}

/* ---- rings -------------------------------------------------------------- */

static void
wake_thread (MergeSlot *slot)
{
  if (atomic_load_explicit (&slot->shared->space_wanted, memory_order_seq_cst) == 0)
    return;

  atomic_store_explicit (&slot->shared->space_wanted, 0, memory_order_seq_cst);
  syscall (SYS_futex, &slot->shared->space_wanted, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* The fence pairs with the thread's: it says that it waits, then looks at `head`
 * once more.
 */
static void
give_back (MergeSource *source)
{
  if (source->given == source->head)
    return;

  source->given = source->head;
  atomic_store_explicit (&source->shared->head, source->head, memory_order_release);
  atomic_thread_fence (memory_order_seq_cst);
  wake_thread (source->slot);
}

static void
give_up_ring (Merge       *merge,
              MergeSource *source)
{
  bool first = !source->broken;

  source->broken = true;
  source->waiting_size = 0;
  source->tail = atomic_load_explicit (&source->shared->tail, memory_order_acquire);
  source->head = source->tail;
  give_back (source);

  if (first)
    merge->handler.broken (merge->handler.data, source->slot);
}

/* Decodes what stands at @position, passing by padding. Returns the bytes it
 * takes (padding included), 0 at the end, or UINT64_MAX when it is no record.
 */
static uint64_t
decode_at (const MergeSource *source,
           ArenaClock         clock,
           uint64_t           position,
           uint64_t           tail,
           Record            *record,
           uint64_t          *last_stamp,
           uint64_t          *last_time,
           uint64_t          *last_address)
{
  uint64_t passed = 0;

  while (position + passed < tail)
    {
      uint64_t at = (position + passed) & (source->size - 1);
      uint64_t length = source->size - at;
      size_t taken;

      if (length > tail - position - passed)
        length = tail - position - passed;

      taken = record_decode (source->bytes + at, length, record, clock, last_stamp, last_time, last_address);
      if (taken == 0 || taken > length)
        return UINT64_MAX;

      passed += taken;
      if (record->kind != RECORD_PAD)
        return passed;
    }

  return 0;
}

/* Nothing depends on what is seen here: the records are decoded, and judged, when it is
 * their turn.
 */
static void
look_ahead (Merge       *merge,
            MergeSource *source)
{
  uint64_t next = source->head + source->waiting_size;

  if (source->n_ahead > 0)
    source->n_ahead--;
  if (source->ahead < next || source->ahead > source->tail || source->n_ahead == 0)
    {
      source->ahead = next;
      source->ahead_address = source->last_address;
      source->n_ahead = 0;
    }

  while (source->n_ahead < MERGE_AHEAD)
    {
      uint64_t at = source->ahead & (source->size - 1), length = source->size - at;
      MergeAhead *seen = &source->seen[source->n_seen & (MERGE_AHEAD - 1)];
      size_t taken;

      if (length > source->tail - source->ahead)
        length = source->tail - source->ahead;
      taken = record_peek (source->bytes + at, length, &seen->kind, &source->ahead_address);
      if (taken == 0 || taken > length)
        return;

      seen->address = source->ahead_address;
      source->ahead += taken;
      source->n_ahead++;
      source->n_seen++;
      merge->handler.ahead (merge->handler.data, seen, 0);
      merge->handler.ahead (merge->handler.data, &source->seen[(source->n_seen - 4) & (MERGE_AHEAD - 1)], 1);
      merge->handler.ahead (merge->handler.data, &source->seen[(source->n_seen - 6) & (MERGE_AHEAD - 1)], 2);
    }
}

static bool
decode_next (Merge       *merge,
             MergeSource *source)
{
  uint64_t taken = decode_at (source, merge->clock, source->head, source->tail, &source->waiting,
                              &source->last_stamp, &source->last_time, &source->last_address);

  if (taken == UINT64_MAX)
    {
      give_up_ring (merge, source);
      return false;
    }

  source->waiting_size = taken;
  if (taken == 0)
    return false;

  /* Within a thread the order of the ring is the truth, should its clock waver. */
  if (source->waiting.stamp < source->latest)
    source->waiting.stamp = source->latest;
  source->latest = source->waiting.stamp;
  if (merge->looks_ahead && merge->clock == CLOCK_TSC)
    look_ahead (merge, source);

  return true;
}

/* ---- the heap --------------------------------------------------------------- */

/* Ties can only be met where stamps of two processors are equal: the death goes first. */
static inline bool
is_before (const MergeSource *a,
           const MergeSource *b)
{
  if (a->waiting.stamp != b->waiting.stamp)
    return a->waiting.stamp < b->waiting.stamp;

  return a->waiting.kind == RECORD_DEATH && b->waiting.kind != RECORD_DEATH;
}

static void
sift_down (Merge    *merge,
           uint32_t  at)
{
  MergeSource *source = merge->heap[at];

  for (;;)
    {
      uint32_t child = 2 * at + 1;

      if (child >= merge->heap_length)
        break;
      if (child + 1 < merge->heap_length && is_before (merge->heap[child + 1], merge->heap[child]))
        child++;
      if (!is_before (merge->heap[child], source))
        break;

      merge->heap[at] = merge->heap[child];
      at = child;
    }

  merge->heap[at] = source;
}

static void
drop_first (Merge *merge)
{
  merge->heap[0] = merge->heap[--merge->heap_length];
  if (merge->heap_length > 0)
    sift_down (merge, 0);
}

/* ---- slots --------------------------------------------------------------------- */

static void
attach (Merge     *merge,
        MergeSlot *slot)
{
  slot->attached = true;
  slot->held = slot->closed = slot->switched = false;
  slot->hook = 0;
  slot->safe = 0;
  slot->checked = 0;
  slot->thread = 0;
  slot->tid = atomic_load_explicit (&slot->shared->tid, memory_order_relaxed);
  slot->serial = atomic_load_explicit (&slot->shared->thread_serial, memory_order_relaxed);

  for (unsigned i = 0; i < N_RINGS; i++)
    {
      MergeSource *source = &slot->sources[i];

      source->head = source->given = atomic_load_explicit (&source->shared->head, memory_order_relaxed);
      source->last_stamp = source->latest = slot->shared->base_stamp;
      source->last_time = 0;
      source->last_address = 0;
      source->waiting_size = 0;
      source->broken = false;
      source->n_ahead = 0;
    }

  merge->n_attached++;
  merge->handler.opened (merge->handler.data, slot);
}

static void
release_slot (Merge     *merge,
              MergeSlot *slot)
{
  merge->handler.closed (merge->handler.data, slot);
  slot->attached = false;
  merge->n_attached--;

  for (unsigned i = 0; i < N_RINGS; i++)
    {
      Ring *ring = slot->sources[i].shared;

      ring->last_stamp = 0;
      ring->last_address = 0;
      atomic_store_explicit (&ring->tail, 0, memory_order_relaxed);
      atomic_store_explicit (&ring->head, 0, memory_order_relaxed);
    }

  atomic_store_explicit (&slot->shared->in_hook, 0, memory_order_relaxed);
  atomic_store_explicit (&slot->shared->space_wanted, 0, memory_order_relaxed);
  atomic_store_explicit (&slot->shared->lost_events, 0, memory_order_relaxed);
  atomic_store_explicit (&slot->shared->lost_bytes, 0, memory_order_relaxed);
  atomic_store_explicit (&slot->shared->tid, 0, memory_order_relaxed);
  atomic_store_explicit (&slot->shared->state, SLOT_FREE, memory_order_release);
}

/* Has what was under way in the hook, if anything, been published? */
static bool
hook_passed (MergeSlot *slot)
{
  uint32_t hook = atomic_load_explicit (&slot->shared->in_hook, memory_order_acquire);

  if ((hook & 1) == 0)
    {
      slot->hook = 0;
      return true;
    }

  for (unsigned i = 0; i < SPINS; i++)
    {
      relax ();
      if (atomic_load_explicit (&slot->shared->in_hook, memory_order_acquire) != hook)
        {
          slot->hook = 0;
          return true;
        }
    }

  return false;
}

/* A thread that stays in its hook: waited for, unless it is gone or takes too long. */
static void
hold_back (Merge            *merge,
           MergeSlot        *slot,
           const MergeRound *round)
{
  uint32_t hook = atomic_load_explicit (&slot->shared->in_hook, memory_order_acquire);

  if (slot->hook != hook)
    {
      slot->hook = hook;
      slot->hook_since = round->monotonic;
    }

  slot->held = round->monotonic - slot->hook_since < HOLD_NSEC;
  if (slot->held)
    return;

  if (slot->checked < slot->hook_since)
    {
      slot->checked = round->monotonic;
      if (!merge->handler.alive (merge->handler.data, slot->tid))
        slot->closed = true;
    }
}

/* A thread that ended without a word (exit by a bare system call) leaves its slot
 * behind; the same tid in a later slot is another thread.
 */
static void
check_alive (Merge            *merge,
             MergeSlot        *slot,
             const MergeRound *round)
{
  if (slot->checked == 0)
    slot->checked = round->monotonic;

  if (round->monotonic - slot->checked < CHECK_NSEC)
    return;

  slot->checked = round->monotonic;
  if (!merge->handler.alive (merge->handler.data, slot->tid))
    {
      slot->closed = true;
      return;
    }

  for (uint32_t i = 0; i < merge->n_slots; i++)
    if (merge->slots[i].attached && merge->slots[i].tid == slot->tid && merge->slots[i].serial > slot->serial)
      slot->closed = true;
}

static void
read_tails (Merge     *merge,
            MergeSlot *slot)
{
  for (unsigned i = 0; i < N_RINGS; i++)
    {
      MergeSource *source = &slot->sources[i];
      uint64_t tail = atomic_load_explicit (&source->shared->tail, memory_order_acquire);

      if (source->broken || tail < source->head + source->waiting_size || tail - source->given > source->size)
        {
          give_up_ring (merge, source);
          continue;
        }

      source->tail = tail;
      if ((tail - source->given) * 256 / source->size > merge->fill)
        merge->fill = (tail - source->given) * 256 / source->size;
    }
}

/* The order matters: once `state` is CLOSED or in_hook has passed, the tails
 * read afterwards contain all that it stands for.
 */
static void
begin_slot (Merge            *merge,
            MergeSlot        *slot,
            const MergeRound *round)
{
  uint32_t state = atomic_load_explicit (&slot->shared->state, memory_order_acquire);

  if (!slot->attached)
    {
      if (state != SLOT_ACTIVE && state != SLOT_CLOSED)
        return;
      attach (merge, slot);
    }

  slot->held = false;
  if (round->final || state != SLOT_ACTIVE)
    {
      slot->closed = true;
    }
  else if (!slot->closed)
    {
      if (!hook_passed (slot))
        hold_back (merge, slot, round);
      check_alive (merge, slot, round);
    }

  if (!slot->held && round->now > round->margin)
    slot->safe = round->now - round->margin;

  read_tails (merge, slot);
}

/* A held thread's next record may carry any stamp after its last one. */
static void
limit_to (Merge             *merge,
          const MergeSource *source)
{
  const MergeSlot *slot = source->slot;
  uint64_t until = source->latest > slot->safe ? source->latest : slot->safe;

  if (slot->held && source == &slot->sources[RING_MAIN] && until < merge->until)
    merge->until = until;
}

static void
queue_sources (Merge *merge)
{
  merge->heap_length = 0;

  for (uint32_t i = 0; i < merge->n_slots; i++)
    for (unsigned j = 0; merge->slots[i].attached && j < N_RINGS; j++)
      {
        MergeSource *source = &merge->slots[i].sources[j];

        if (!source->broken && (source->waiting_size != 0 || decode_next (merge, source)))
          merge->heap[merge->heap_length++] = source;
        else
          limit_to (merge, source);
      }

  for (uint32_t i = merge->heap_length / 2; i > 0; i--)
    sift_down (merge, i - 1);
}

/* ---- records told early ----------------------------------------------------------- */

static MergeTold *
find_told (const Merge       *merge,
           const MergeSource *source,
           uint64_t           position)
{
  MergeTold *told = merge->told.data;

  for (size_t i = 0; i < merge->told.length; i++)
    if (told[i].source == source && told[i].position == position)
      return &told[i];

  return NULL;
}

static void
hand_over (Merge       *merge,
           MergeSource *source)
{
  MergeTold *told = merge->told.length != 0 ? find_told (merge, source, source->head) : NULL;

  if (told != NULL)
    {
      uint64_t birth = told->birth;

      *told = ((MergeTold *)merge->told.data)[--merge->told.length];
      merge->handler.told (merge->handler.data, source->slot, &source->waiting, birth);
      return;
    }

  if (source->waiting.kind == RECORD_SWITCH)
    source->slot->switched = true;

  merge->handler.record (merge->handler.data, source->slot, &source->waiting);
}

/* Finds the block's death in one ring: not behind another birth at that address. */
static bool
find_death_in (Merge        *merge,
               MergeSource  *source,
               uint64_t      address,
               uint64_t     *position,
               Record       *record)
{
  uint64_t stamp = source->last_stamp, time = source->last_time, last_address = source->last_address;
  uint64_t tail = atomic_load_explicit (&source->shared->tail, memory_order_acquire);
  uint64_t taken = source->waiting_size;

  if (source->broken || tail - source->given > source->size)
    return false;

  *position = source->head;
  *record = source->waiting;

  for (;;)
    {
      if (taken == 0)
        taken = decode_at (source, merge->clock, *position, tail, record, &stamp, &time, &last_address);
      if (taken == 0 || taken == UINT64_MAX || taken > merge->scan_budget)
        return false;

      merge->scan_budget -= taken;

      if (record->address == address)
        {
          if ((record->kind == RECORD_DEATH || record->kind == RECORD_MOVE_BEGIN) &&
              (merge->told.length == 0 || find_told (merge, source, *position) == NULL))
            return true;

          if (record->kind == RECORD_BIRTH ||
              (record->kind == RECORD_MOVE_END && record->function == MOVE_MOVED))
            return false;
        }

      *position += taken;
      taken = 0;
    }
}

bool
merge_find_death (Merge      *merge,
                  uint64_t    address,
                  uint64_t    birth,
                  MergeSlot **slot,
                  Record     *record)
{
  uint64_t position;
  MergeTold *told;

  if (merge->told.length >= MAX_TOLD)
    return false;

  for (uint32_t i = 0; i < merge->n_slots; i++)
    for (unsigned j = 0; merge->slots[i].attached && j < N_RINGS; j++)
      {
        MergeSource *source = &merge->slots[i].sources[j];

        if (!find_death_in (merge, source, address, &position, record))
          continue;

        told = vector_add (&merge->told);
        if (told == NULL)
          return false;

        *told = (MergeTold) { .source = source, .position = position, .birth = birth };
        *slot = &merge->slots[i];
        return true;
      }

  return false;
}

/* ---- rounds -------------------------------------------------------------------------- */

static void
forget_told (Merge           *merge,
             const MergeSlot *slot)
{
  MergeTold *told = merge->told.data;

  for (size_t i = 0; i < merge->told.length; )
    if (told[i].source->slot == slot)
      told[i] = told[--merge->told.length];
    else
      i++;
}

static bool
is_drained (const MergeSlot *slot)
{
  for (unsigned i = 0; i < N_RINGS; i++)
    if (slot->sources[i].waiting_size != 0 || slot->sources[i].head < slot->sources[i].tail)
      return false;

  return true;
}

static void
end_slots (Merge *merge)
{
  for (uint32_t i = 0; i < merge->n_slots; i++)
    {
      MergeSlot *slot = &merge->slots[i];

      if (!slot->attached)
        continue;

      for (unsigned j = 0; j < N_RINGS; j++)
        give_back (&slot->sources[j]);

      if (slot->closed && is_drained (slot))
        {
          forget_told (merge, slot);
          release_slot (merge, slot);
        }
    }
}

uint64_t
merge_round (Merge            *merge,
             const MergeRound *round)
{
  uint64_t n = 0;

  merge->fill = 0;
  merge->scan_budget = SCAN_BUDGET;
  merge->until = round->final ? UINT64_MAX : round->now > round->margin ? round->now - round->margin : 0;

  if (merge->until > round->limit)
    merge->until = round->limit;

  for (uint32_t i = 0; i < merge->n_slots; i++)
    begin_slot (merge, &merge->slots[i], round);

  queue_sources (merge);

  while (merge->heap_length > 0 && merge->heap[0]->waiting.stamp <= merge->until)
    {
      MergeSource *source = merge->heap[0];

      hand_over (merge, source);
      n++;
      source->head += source->waiting_size;
      merge->passed += source->waiting_size;
      source->waiting_size = 0;

      if (source->head - source->given > source->size / 8)
        give_back (source);

      if (decode_next (merge, source))
        {
          sift_down (merge, 0);
        }
      else
        {
          drop_first (merge);
          limit_to (merge, source);
        }
    }

  end_slots (merge);

  return n;
}

/* ---- the arena ------------------------------------------------------------------------- */

static bool
copy_layout (Merge             *merge,
             const ArenaHeader *arena)
{
  for (uint32_t i = 0; i < merge->n_slots; i++)
    {
      MergeSlot *slot = &merge->slots[i];

      slot->shared = arena_slot (arena, i);
      for (unsigned j = 0; j < N_RINGS; j++)
        {
          MergeSource *source = &slot->sources[j];
          Ring *ring = &slot->shared->rings[j];

          if (ring->size == 0 || (ring->size & (ring->size - 1)) != 0 || ring->size > arena->size ||
              ring->offset > arena->size - ring->size)
            return false;

          source->slot = slot;
          source->shared = ring;
          source->bytes = arena_at (arena, ring->offset);
          source->size = ring->size;
        }
    }

  return true;
}

bool
merge_init (Merge              *merge,
            ArenaHeader        *arena,
            const MergeHandler *handler)
{
  *merge = (Merge) { .handler = *handler, .clock = arena->clock, .arena_size = arena->size, .n_slots = arena->n_slots };
  vector_init (&merge->told, sizeof (MergeTold));

  merge->slots = pages_map (merge->n_slots * sizeof *merge->slots);
  merge->heap = pages_map (merge->n_slots * N_RINGS * sizeof (MergeSource *));

  if (merge->slots == NULL || merge->heap == NULL || !copy_layout (merge, arena))
    {
      merge_clear (merge);
      return false;
    }

  return true;
}

void
merge_clear (Merge *merge)
{
  pages_unmap (merge->slots, merge->n_slots * sizeof *merge->slots);
  pages_unmap (merge->heap, merge->n_slots * N_RINGS * sizeof (MergeSource *));
  vector_clear (&merge->told);
  merge->slots = NULL;
  merge->heap = NULL;
  merge->n_slots = 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The memory a recorder and its collector share: one memfd, mapped by both.
 *
 * The collector creates it, one per process image, and owns it; the recorder
 * maps it once before `main` and keeps no descriptor. All a recorder has to say
 * is in here the moment it is said, so the death of the target loses nothing
 * that was published, and the collector needs no cooperation to read it.
 *
 *   ArenaHeader | RingSlot[n_slots] | SampleTable | StackNode[] | ModuleRecord[] | text | rings
 *
 * Offsets are from the start of the arena; the two sides map it at different
 * addresses. Nothing in here is trusted by the collector: the target may have
 * scribbled over it, so every index and length is checked before use.
 *
 * C11 and libc; included by core/tracker and core/collector only.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample-table.h"

#define ARENA_MAGIC    UINT64_C (0x314152414d43534d)  /* "MSCMARA1" read as little-endian text */
#define ARENA_VERSION  3u

#define ARENA_CACHE_LINE 64

/* ---- rings ---------------------------------------------------------------- */

/* A slot belongs to one thread at a time.
 *
 *   FREE -> CLAIMED   by the thread (compare and swap), at its first event
 *   CLAIMED -> ACTIVE by the thread, when tid, serial and base_stamp are written
 *   ACTIVE -> CLOSED  by the thread: it ends, or goes on in a larger slot
 *   CLOSED -> FREE    by the collector, after draining and clearing it
 *   ACTIVE -> FREE    by the collector, when the thread is gone without closing
 */
typedef enum
{
  SLOT_FREE    = 0,
  SLOT_ACTIVE  = 1,
  SLOT_CLOSED  = 2,
  SLOT_CLAIMED = 3,
} SlotState;

/* One single-producer, single-consumer byte ring of records (record.h).
 * Positions only grow; `size` is a power of two, so they wrap by masking. A
 * record is never split: RECORD_PAD fills what is left before the end.
 *
 * Memory order: the thread's release of `tail` publishes the bytes below it,
 * the collector's release of `head` gives the bytes below it back.
 */
typedef struct
{
  /* the thread's line */
  _Alignas (ARENA_CACHE_LINE) _Atomic uint64_t tail;
  uint64_t         last_stamp;      /* of the last published record; records hold differences */
  uint64_t         last_address;

  /* the collector's line */
  _Alignas (ARENA_CACHE_LINE) _Atomic uint64_t head;

  /* constant while the slot is not FREE */
  _Alignas (ARENA_CACHE_LINE) uint64_t offset;  /* of the ring's bytes in the arena */
  uint64_t         size;
} Ring;

enum
{
  RING_MAIN   = 0,
  RING_NESTED = 1,   /* written by a signal handler that interrupted the hook */
  N_RINGS     = 2,
};

typedef struct
{
  _Alignas (ARENA_CACHE_LINE)
  _Atomic uint32_t state;           /* SlotState */
  _Atomic uint32_t tid;
  _Atomic uint32_t thread_serial;   /* counts the threads of this process from 1: a tid may come back */
  uint32_t         large;           /* 1: a 1 MiB ring, for threads that filled a small one */
  uint64_t         base_stamp;      /* written before ACTIVE is published: the first record counts from here */

  /* Odd while the thread is between taking a stamp and publishing the record
   * (level 0 and nested alike). The collector does not merge beyond the last
   * published stamp of such a thread, for 100 ms at most.
   */
  _Alignas (ARENA_CACHE_LINE)
  _Atomic uint32_t in_hook;
  _Atomic uint32_t space_wanted;    /* 1: the thread waits (futex) for `head` to move; the collector clears and wakes */
  _Atomic uint64_t lost_events;     /* since the last GAP record; said even if that record never comes */
  _Atomic uint64_t lost_bytes;

  Ring             rings[N_RINGS];
} RingSlot;

#define RING_SMALL_SIZE   (64u * 1024u)
#define RING_LARGE_SIZE   (1024u * 1024u)
#define RING_NESTED_SIZE  (4u * 1024u)

/* ---- stacks ------------------------------------------------------------------- */

/* One trie for the whole process, so that threads share stacks without a lock.
 *
 * Node ids are indices into the node array, from 1; a new node takes the next
 * id by an atomic add and is filled in before any record names it. How the recorder
 * finds the node of (parent, address) again is its own affair. Two threads may make
 * one each at the same time: both are good.
 * The collector reads nodes below the highest id it meets in a record: the
 * record was published after the node.
 *
 * `dead` is set when the module that held `address` was unloaded: lookups then
 * pass it by, so that other code at that address gets a node of its own.
 */
typedef struct
{
  uint64_t         address;         /* return address (or the pc of a signal frame); 0: the truncation mark */
  uint32_t         parent;          /* the caller's node; 0: outermost */
  uint16_t         flags;           /* NODE_* */
  _Atomic uint16_t dead;
} StackNode;

_Static_assert (sizeof (StackNode) == 16, "nodes are packed");

enum
{
  NODE_SIGNAL    = 1u << 0,         /* `address` is exact, not a return address */
  NODE_TRUNCATED = 1u << 1,         /* stands for the frames that were not recorded */
};

/* ---- modules --------------------------------------------------------------------- */

/* Appended by the recorder (one writer at a time, under its own lock), published
 * by n_modules; only unload_stamp changes afterwards.
 */
typedef struct
{
  uint64_t         bias;
  uint64_t         start;
  uint64_t         end;
  uint64_t         load_stamp;
  _Atomic uint64_t unload_stamp;    /* 0: loaded */
  uint32_t         path_offset;     /* in the text area */
  uint32_t         path_length;
  uint32_t         build_id_length; /* <= 20 */
  uint8_t          build_id[20];
} ModuleRecord;

/* ---- the header --------------------------------------------------------------------- */

typedef enum
{
  CLOCK_TSC    = 1,   /* stamps are the time-stamp counter */
  CLOCK_COUNTER = 2,  /* no usable TSC: stamps are `stamp_counter`, time from CLOCK_MONOTONIC_COARSE beside each */
} ArenaClock;

enum
{
  ARENA_ENABLED      = 1u << 0,     /* record; cleared to pause, and when the collector gives up */
  ARENA_LOSSY        = 1u << 1,     /* never wait for a full ring */
  ARENA_FREE_STACKS  = 1u << 2,     /* whole stacks for deaths too; else only the caller */
  ARENA_NO_STACKS    = 1u << 3,
  ARENA_SAMPLING     = 1u << 4,     /* births are sampled, of deaths only those of sampled blocks recorded */
  ARENA_FILLING      = 1u << 5,     /* besides, until the sample table is filled: all deaths are recorded */
};

typedef struct
{
  uint64_t magic;                   /* written last, by the collector */
  uint32_t version;
  uint32_t clock;                   /* ArenaClock */
  uint64_t size;

  uint64_t slots_offset;
  uint64_t samples_offset;          /* SampleTable */
  uint64_t nodes_offset;
  uint64_t modules_offset;
  uint64_t text_offset;
  uint64_t rings_offset;
  uint32_t n_slots;
  uint32_t nodes_capacity;
  uint32_t modules_capacity;
  uint32_t text_capacity;
  uint32_t stack_depth;             /* frames per stack at most */

  uint8_t  session_uuid[16];
  uint64_t first_stamp;             /* tick 0 */

  /* Held by the collector for as long as it lives (a robust futex in the
   * kernel's format): FUTEX_OWNER_DIED set, or the owner's tid 0 = dead.
   */
  _Alignas (ARENA_CACHE_LINE) _Atomic uint32_t collector_futex;
  _Atomic uint32_t flags;           /* ARENA_* */
  _Atomic uint64_t sampling_interval;  /* mean bytes between samples; set before ARENA_SAMPLING is */
  _Atomic uint64_t collector_progress; /* counts the collector's rounds: unchanged for 5 s = stuck */

  /* the recorder's shared words */
  _Alignas (ARENA_CACHE_LINE) _Atomic uint32_t n_nodes;  /* ids given out: the next id is n_nodes + 1 */
  _Atomic uint32_t n_modules;
  _Atomic uint32_t module_generation; /* changes with every load or unload that was noticed */
  _Atomic uint32_t text_used;
  _Atomic uint32_t n_threads;         /* thread serials given out */
  _Atomic uint32_t last_slot;         /* where the search for a FREE slot begins */
  _Atomic uint64_t stamp_counter;     /* CLOCK_COUNTER only */
  _Atomic uint64_t failed_allocations;
  _Atomic uint64_t nodes_refused;     /* stacks cut because the node table was full */
  _Atomic uint64_t slots_refused;     /* events lost because every slot was taken */
  _Atomic uint32_t mode_followed;     /* ARENA_* that say how to record, as last adopted */
  _Atomic uint64_t mode_stamp;        /* and when; before it */
  _Atomic uint64_t samples_refused;   /* sampled blocks whose death won't be seen: the table was full */
  _Atomic uint32_t attached;          /* set by the recorder: it has mapped all this */
  _Atomic uint32_t ended;             /* set by the recorder when the process exits in order (exit, _exit seen) */
} ArenaHeader;

/* How large an arena is; zeros mean the default. */
typedef struct
{
  uint32_t n_small_slots;     /* 256 */
  uint32_t n_large_slots;     /* 16: with the small ones 32 MiB of rings, if all are used */
  uint32_t nodes_capacity;    /* 4 Mi nodes; pages are touched only when used */
  uint32_t modules_capacity;  /* 4096 */
  uint32_t text_capacity;     /* 4 MiB */
  uint32_t stack_depth;       /* 256 */
  uint32_t flags;             /* ARENA_* besides ENABLED */
  uint32_t clock;             /* ArenaClock */
  uint64_t sampling_interval; /* 0: every allocation is recorded */
} ArenaOptions;

/* The bytes an arena with @options takes. */
uint64_t     arena_size  (const ArenaOptions *options);

/* Lays out a zeroed mapping of arena_size() bytes and publishes its magic. */
void         arena_init  (void *memory, const ArenaOptions *options, const uint8_t session_uuid[16], uint64_t first_stamp);

/* For the recorder: NULL unless @memory holds an arena of this version whose areas lie
 * inside @size.
 */
ArenaHeader *arena_open  (void *memory, uint64_t size);

static inline void *
arena_at (const ArenaHeader *arena,
          uint64_t           offset)
{
  return (char *)(uintptr_t)arena + offset;
}

static inline RingSlot *
arena_slot (const ArenaHeader *arena,
            uint32_t           index)
{
  return (RingSlot *)arena_at (arena, arena->slots_offset) + index;
}

static inline SampleTable *
arena_samples (const ArenaHeader *arena)
{
  return arena_at (arena, arena->samples_offset);
}

static inline StackNode *
arena_node (const ArenaHeader *arena,
            uint32_t           id)
{
  return (StackNode *)arena_at (arena, arena->nodes_offset) + id;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "pages.h"
#include "record.h"

typedef struct _Merge     Merge;
typedef struct _MergeSlot MergeSlot;

#define MERGE_AHEAD 8u           /* a power of two */

/* What a record to come is about. */
typedef struct
{
  uint64_t address;
  uint8_t  kind;                 /* RecordKind */
} MergeAhead;

/* One ring as the merge sees it. */
typedef struct
{
  MergeSlot     *slot;
  Ring          *shared;
  const uint8_t *bytes;
  uint64_t       size;
  uint64_t       head;           /* of the record that waits, or of the next one */
  uint64_t       given;          /* what the thread was told */
  uint64_t       tail;           /* as of this round */
  uint64_t       latest;         /* stamp met in this ring */
  uint64_t       last_stamp;     /* running values of the decoder */
  uint64_t       last_time;
  uint64_t       last_address;
  uint64_t       waiting_size;   /* of `waiting`; 0: none is decoded */
  Record         waiting;
  bool           broken;

  /* looking ahead: no more than a hint */
  uint64_t       ahead;          /* up to here */
  uint64_t       ahead_address;  /* running value of that decoder */
  uint32_t       n_ahead;        /* records between the one that waits and there */
  uint32_t       n_seen;
  MergeAhead     seen[MERGE_AHEAD];
} MergeSource;

struct _MergeSlot
{
  RingSlot   *shared;
  uint32_t    tid;
  uint32_t    serial;
  uint32_t    thread;            /* the handler's own id for it */
  uint32_t    hook;              /* the odd in_hook that was met ... */
  uint64_t    hook_since;        /* ... at this CLOCK_MONOTONIC */
  uint64_t    safe;              /* all records with stamps up to here are published */
  uint64_t    checked;           /* when the thread was last seen alive */
  bool        attached;
  bool        held;              /* this round may not go beyond its last record */
  bool        closed;            /* no more records come */
  bool        switched;          /* the thread went on in another slot */
  MergeSource sources[N_RINGS];
};

typedef struct
{
  void *data;

  void (*opened) (void *data, MergeSlot *slot);
  void (*record) (void *data, MergeSlot *slot, const Record *record);
  /* The record was told early, through merge_find_death(): @birth as given there. */
  void (*told)   (void *data, MergeSlot *slot, const Record *record, uint64_t birth);
  void (*closed) (void *data, MergeSlot *slot);
  void (*broken) (void *data, MergeSlot *slot);
  bool (*alive)  (void *data, uint32_t tid);

  /* While looks_ahead is set: such a record will be handed over soon. It is told three times, with
   * @stage 0, 1 and 2, ever nearer: what it will need can be fetched meanwhile, and
   * what that leads to.
   */
  void (*ahead)  (void *data, const MergeAhead *ahead, unsigned stage);
} MergeHandler;

struct _Merge
{
  MergeHandler  handler;
  ArenaClock    clock;
  uint64_t      arena_size;
  MergeSlot    *slots;
  uint32_t      n_slots;
  uint32_t      n_attached;
  MergeSource **heap;            /* by the stamp of the waiting record */
  uint32_t      heap_length;
  Vector        told;            /* MergeTold */
  size_t        scan_budget;     /* bytes merge_find_death() may still read in this round */
  uint64_t      until;           /* this round's limit */
  bool          looks_ahead;     /* handler.ahead is asked, by who owns this */
  uint64_t      passed;          /* bytes of all records so far */
  uint64_t      fill;            /* of the fullest ring, in 1/256, when the round began */
};

typedef struct
{
  uint64_t now;          /* stamp; taken before the call */
  uint64_t margin;       /* stamps: 1 ms */
  uint64_t limit;        /* nothing beyond this stamp; UINT64_MAX: no limit */
  uint64_t monotonic;    /* ns */
  bool     final;        /* the process is gone: everything published is taken */
} MergeRound;

/* The layout is copied now: what the target writes over it later is not believed. */
bool     merge_init       (Merge *merge, ArenaHeader *arena, const MergeHandler *handler);
void     merge_clear      (Merge *merge);

/* Hands every record that is due to the handler, in order. Returns how many. */
uint64_t merge_round      (Merge *merge, const MergeRound *round);

/* Looks in the rings for the death (or the beginning of a move) of the block at
 * @address that is published but not yet merged. If there is one it counts as
 * told, with @birth, from now on. @slot and @record say which.
 */
bool     merge_find_death (Merge *merge, uint64_t address, uint64_t birth, MergeSlot **slot, Record *record);

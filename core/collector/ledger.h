/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "live-map.h"
#include "merge.h"
#include "overview.h"
#include "region-map.h"
#include "writer.h"

/* A record of the merged stream with what the recording knows of it. */
typedef struct
{
  const Record *record;
  uint64_t      time;        /* microseconds since tick 0 */
  uint32_t      thread;      /* THREADS id */
  uint32_t      stack;       /* STACKS id */
} LedgerEntry;

/* A death that is published but not merged: found by address, told early. */
typedef struct
{
  void *data;
  bool (*find_death) (void *data, uint64_t address, uint64_t birth, LedgerEntry *entry, Record *record);
} LedgerOracle;

/* Of the allocator's blocks that were born here. */
typedef struct
{
  uint64_t births;
  uint64_t deaths;
  uint64_t born_bytes;
  uint64_t live_bytes;
  uint64_t peak_bytes;
} LedgerTotals;

/* Turns records into births and deaths: keeps what is alive. */
typedef struct
{
  Writer      *writer;
  LedgerOracle oracle;
  LiveMap      live;
  LiveMap      inherited;          /* alive in the parent at the fork, not yet touched here */
  RegionMap    regions;
  RegionMap    pools;              /* what the program hands out parts of by itself */
  LiveMap      pooled;             /* those parts: they lie inside blocks of `live` */
  Overview     overview;
  Vector       moves;              /* reallocs under way */
  bool         sampled;            /* at any time: deaths of blocks never seen say nothing */
  LedgerTotals totals;
  uint64_t     unmatched_frees;
  uint64_t     forgotten;          /* births that found no memory for their entry */
} Ledger;

bool ledger_init      (Ledger *ledger, Writer *writer, const LedgerOracle *oracle);   /* false: no memory */
void ledger_clear     (Ledger *ledger);

/* The births and deaths of @entry: BIRTH, DEATH, MOVE_* and REGION_* records. */
void ledger_apply     (Ledger *ledger, const LedgerEntry *entry);

/* Does this kind of ANNOTATION begin or end blocks in a pool? They do so by
 * ledger_apply_annotation().
 */
bool ledger_wants_annotation (unsigned kind);
void ledger_apply_annotation (Ledger *ledger, const LedgerEntry *entry);

/* The same for a DEATH or MOVE_BEGIN that the oracle told early. */
void ledger_apply_told (Ledger *ledger, const LedgerEntry *entry, uint64_t birth);

/* The deaths of heap blocks will be seen only of those that @keeps says yes to: the
 * others end here, at @time, as not seen. Returns how many.
 */
uint64_t ledger_end_unwatched (Ledger *ledger, uint64_t time, bool (*keeps) (void *data, uint64_t address), void *data);

/* The thread will say nothing more: its unfinished reallocs are dropped. */
void ledger_end_thread (Ledger *ledger, uint32_t thread);

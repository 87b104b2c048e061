/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The addresses of the sampled blocks that are alive. It lies in the arena: the
 * recorder asks it at each free, and the collector fills it when a recording goes
 * over from every allocation to samples.
 *
 * In front of the table stands one byte for each of 8192 values of the hash: how many
 * addresses have it. Few do, so a free of a block that was not sampled costs a load
 * from 8 KiB that stay in the processor's first cache. Behind that, an address is in
 * one of four lines of eight words near the beginning of the table, or one of four
 * others in all of it, wherever there is room: nothing is ever moved, so
 * all is done by single atomic operations, in threads, signal handlers and processes
 * that may be stopped at any point.
 *
 * A caller that stops half way leaves at worst a byte too large, which costs a look.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLE_COUNT_BITS  13
#define SAMPLE_LINE_BITS   15
#define SAMPLE_LINE_WORDS  8
#define SAMPLE_LINE_PROBES 4

/* The first so many lines are filled first: while few blocks are alive, few pages are
 * touched, and they stay in the cache.
 */
#define SAMPLE_NEAR_LINES  1024u

typedef struct
{
  _Atomic uint64_t words[SAMPLE_LINE_WORDS];   /* addresses; 0: free */
} SampleLine;

typedef struct
{
  _Alignas (64) _Atomic uint8_t counts[1u << SAMPLE_COUNT_BITS];
  SampleLine       lines[1u << SAMPLE_LINE_BITS];
  _Alignas (64) _Atomic uint32_t length;       /* addresses in it */
  _Atomic uint32_t far;                        /* those of them that are not in the near lines; never fewer than are */
} SampleTable;

static inline uint64_t
sample_table_hash (uint64_t address)
{
  return address * UINT64_C (0x9e3779b97f4a7c15);
}

/* false: @address is not in it. */
static inline bool
sample_table_may_hold (const SampleTable *table,
                       uint64_t           address)
{
  return atomic_load_explicit (&table->counts[sample_table_hash (address) >> (64 - SAMPLE_COUNT_BITS)],
                               memory_order_relaxed) != 0;
}

/* false: there is no room near its place. An address that is there already stays. */
bool sample_table_insert (SampleTable *table, uint64_t address);

/* Whether it was there. Of several callers one is told so. */
bool sample_table_remove (SampleTable *table, uint64_t address);

/* From now on it may hold @address: a free of that is not passed by, for reasons of
 * the caller's own.
 */
void sample_table_mark   (SampleTable *table, uint64_t address);

void sample_table_clear  (SampleTable *table);

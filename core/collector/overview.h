/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What a recording comes to, counted while it is written, so that who opens it need
 * not read its events to say that. Blocks of the heap alone.
 */

#include "pages.h"
#include "writer.h"

#define OVERVIEW_POINTS 1024u

typedef struct
{
  MemscopeOverview          totals;
  MemscopeOverviewLifetimes lifetimes;
  uint64_t                  live_blocks;
  uint64_t                  live_bytes;
  uint64_t                 *bins;            /* MEMSCOPE_SPREAD_BINS */
  Vector                    stacks;          /* OverviewStack, by id */
  Vector                    threads;         /* birth + 1 of the thread's last block, by id; 0: it has none */
  MemscopeOverviewPoint    *points;          /* OVERVIEW_POINTS */
  uint32_t                  n_points;        /* with the one that is being made */
  uint64_t                  n_in_point;      /* events in that */
  uint64_t                  point_length;    /* events each */
  bool                      failed;          /* no memory, or sums beyond 64 bits: nothing will be written */
} Overview;

/* false: no memory. */
bool overview_init  (Overview *overview);
void overview_clear (Overview *overview);

/* @block as it is in the live map; @time of the event, microseconds. */
void overview_birth (Overview *overview, const MemscopeLiveBlock *block, bool continues, uint64_t time);
void overview_death (Overview *overview, const MemscopeLiveBlock *block, bool seen, uint64_t time);

/* Writes the chunk, if all of it is right. */
void overview_write (const Overview *overview, Writer *writer);

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* Pure functions of (session, selection). Each may run in any thread, checks
 * @cancellable now and then, and returns NULL with G_IO_ERROR_CANCELLED when it
 * was cancelled; that is the only error.
 *
 * "Alive at t" is: born at a time < t, and not dead, or dead at a time >= t.
 */

/* A value and, in sampled sessions, the half width of its 95 % interval; 0 exact. */
typedef struct
{
  double value;
  double error;
  gboolean too_few;    /* sampled, and fewer than 10 samples: do not show a number */
} MemscopeEstimate;

/**
 * MemscopeSummary: the guide's MemoryStats, and what the overview shows.
 *
 * Counts of blocks, sizes in bytes (requested), times in ns since the origin.
 * MEMSCOPE_UNKNOWN where the session does not say.
 */
typedef struct
{
  /* flows in [begin, end) */
  guint64 total_allocations;
  guint64 total_bytes;
  guint64 total_frees;
  guint64 freed_bytes;
  guint64 temporary_allocations;  /* freed before their thread's next birth */
  guint64 reallocations;
  guint64 unmatched_frees;        /* whole session only; else UNKNOWN */
  guint64 failed_allocations;

  /* stocks at the instant */
  guint64 active_allocations;
  guint64 active_bytes;
  guint64 usable_bytes;           /* of the live blocks; UNKNOWN when not recorded */
  double  efficiency;             /* requested / usable of the live blocks, 0 … 1; NAN when not recorded */

  /* over [begin, end) */
  guint64 peak_bytes;
  guint64 peak_time;
  guint64 peak_allocations;       /* blocks alive at peak_time */

  /* at the end of a complete recording whose process has ended; else UNKNOWN */
  guint64 leaked_allocations;
  guint64 leaked_bytes;
  guint64 derived_alive_at_end;   /* memscope-rs: blocks without a death */

  double  allocation_rate;        /* births per second over the range */
  double  peak_allocation_rate;   /* in the busiest of 100 equal parts of the range */
  guint64 peak_allocation_rate_time;

  /* lifecycle_stats: of the blocks that died inside the range; ns; UNKNOWN when none */
  guint64 lifetime_min;
  guint64 lifetime_median;
  guint64 lifetime_p90;
  guint64 lifetime_max;

  /* context; UNKNOWN when there are no samples */
  guint64 rss_at_instant;
  guint64 peak_rss;

  guint   n_threads;              /* that have rows in the selection */
  guint   n_variables;
  guint   n_call_sites;
} MemscopeSummary;

MemscopeSummary *memscope_summary_new  (MemscopeSession    *session,
                                        MemscopeSelection  *selection,
                                        GCancellable       *cancellable,
                                        GError            **error);
void             memscope_summary_free (MemscopeSummary    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeSummary, memscope_summary_free)

G_END_DECLS

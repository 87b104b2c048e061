/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-estimate.h"
#include "memscope-selection.h"
#include "memscope-timeline.h"

G_BEGIN_DECLS

/* Pure functions of (session, selection). Each may run in any thread, checks
 * @cancellable now and then, and returns NULL with G_IO_ERROR_CANCELLED when it
 * was cancelled; that is the only error.
 *
 * "Alive at t" is: born at a time < t, and not dead, or dead at a time >= t.
 */

/**
 * MemscopeSummary: the guide's MemoryStats, and what the overview shows.
 *
 * Counts of blocks, sizes in bytes (requested), times in ns since the origin.
 * MEMSCOPE_UNKNOWN where the session does not say.
 *
 * In a sampled session counts and bytes are estimates, rounded; the `estimated_`
 * figures below are the same with their intervals, and are what to show there.
 */
typedef struct
{
  /* flows in [begin, end) */
  guint64 total_allocations;
  guint64 total_bytes;
  guint64 total_frees;
  guint64 freed_bytes;
  guint64 temporary_allocations;  /* of those that died: before their thread's next birth */
  guint64 reallocations;          /* births that continue a block */
  guint64 unmatched_frees;        /* whole session only; else UNKNOWN */
  guint64 failed_allocations;     /* likewise */

  /* stocks at the instant */
  guint64 active_allocations;
  guint64 active_bytes;
  guint64 usable_bytes;           /* of the live blocks whose rounding is recorded; UNKNOWN when that is none of them */
  double  efficiency;             /* requested / usable bytes of the same blocks, 0 … 1; NAN when there are none */

  /* over [begin, end), exact to the event: what was alive before it counts too */
  guint64 peak_bytes;
  guint64 peak_time;              /* of the event that first reached it; begin: nothing rose above what was alive then */
  guint64 peak_instant;           /* at which that is what is alive (unless more happened in that very nanosecond): what
                                     is alive at an instant was born before it */
  guint64 peak_allocations;       /* blocks alive right after that event */

  /* at the end of a complete recording whose process has ended, of the blocks born
   * before the end of the range; else UNKNOWN. memscope-rs: what a complete file
   * itself calls leaked.
   */
  guint64 leaked_allocations;
  guint64 leaked_bytes;
  guint64 derived_alive_at_end;   /* memscope-rs: blocks without a death; else UNKNOWN */

  double  allocation_rate;        /* births per second over the range */
  double  peak_allocation_rate;   /* in the busiest of 100 equal parts of the range */
  guint64 peak_allocation_rate_time;   /* where that part begins */

  /* lifecycle_stats: of the blocks seen dying inside the range; ns; UNKNOWN when none.
   * The quantiles are at most 0.4 % below the exact ones.
   */
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

  gboolean         sampled;
  MemscopeEstimate estimated_allocations;
  MemscopeEstimate estimated_bytes;
  MemscopeEstimate estimated_frees;
  MemscopeEstimate estimated_freed_bytes;
  MemscopeEstimate estimated_active_allocations;
  MemscopeEstimate estimated_active_bytes;
  MemscopeEstimate estimated_peak_bytes;
} MemscopeSummary;

MemscopeSummary *memscope_summary_new  (MemscopeSession    *session,
                                        MemscopeSelection  *selection,
                                        GCancellable       *cancellable,
                                        GError            **error);
/* The same beside a time line of the same selection over exactly its range, which
 * already knows the peak: half the work.
 */
MemscopeSummary *memscope_summary_new_beside (MemscopeSession        *session,
                                              MemscopeSelection      *selection,
                                              const MemscopeTimeline *timeline,
                                              GCancellable           *cancellable,
                                              GError                **error);
void             memscope_summary_free (MemscopeSummary    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeSummary, memscope_summary_free)

G_END_DECLS

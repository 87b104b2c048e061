/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* The analyses once more, slow and simple, from decisions.md §1 alone: the births and
 * deaths of the selected blocks as one list in the order of events, and nothing that
 * is not read off that list.
 */

#include "memscope-groups.h"
#include "memscope-histograms.h"
#include "memscope-leaks.h"
#include "memscope-summary.h"
#include "memscope-timeline.h"

G_BEGIN_DECLS

MemscopeSummary    *reference_summary    (MemscopeSession   *session,
                                          MemscopeSelection *selection);
MemscopeTimeline   *reference_timeline   (MemscopeSession   *session,
                                          MemscopeSelection *selection,
                                          guint64            begin,
                                          guint64            end,
                                          guint              n_buckets);
MemscopeGroups     *reference_groups     (MemscopeSession   *session,
                                          MemscopeSelection *selection,
                                          MemscopeGroupBy    by);
MemscopeHistograms *reference_histograms (MemscopeSession   *session,
                                          MemscopeSelection *selection);
MemscopeLeaks      *reference_leaks      (MemscopeSession   *session,
                                          MemscopeSelection *selection);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* The analyses once more, slow and simple, from decisions.md §1 alone: the births and
 * deaths of the selected blocks as one list in the order of events, and nothing that
 * is not read off that list.
 */

#include "memscope-flame-tree.h"
#include "memscope-groups.h"
#include "memscope-histograms.h"
#include "memscope-leaks.h"
#include "memscope-summary.h"
#include "memscope-survey.h"
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
/* Of every place in the tree, by the path to it, its guint64[2][MEMSCOPE_N_MEASURES]:
 * self, total. A path's steps are reference_flame_step(), each behind a newline.
 */
GHashTable         *reference_flame      (MemscopeSession    *session,
                                          MemscopeSelection  *selection,
                                          MemscopeFlameFlags  flags);
/* How a function (of one symbol; NULL: not resolved) of a frame is called in a path. */
char               *reference_flame_step (MemscopeSession      *session,
                                          MemscopeFrameId       frame,
                                          const MemscopeSymbol *symbol);

/* What the survey counts of each variable (MemscopeSurveyVariable; elements as there).
 * Filled in: births … foreign_frees, touched_bytes, peak_bytes, peak_blocks,
 * peak_requested, peak_rounding.
 */
MemscopeSurveyVariable *
                    reference_survey     (MemscopeSession   *session,
                                          MemscopeSelection *selection,
                                          guint              n_variables,
                                          guint64           *peak_time);
void                reference_live_bytes (MemscopeSession   *session,
                                          MemscopeSelection *selection,
                                          MemscopeVariableId variable,
                                          const guint64     *times,
                                          guint              n_times,
                                          guint64           *bytes);

/* Whether a block passes, whatever its time. */
gboolean reference_selects (MemscopeSession   *session,
                            MemscopeSelection *selection,
                            guint64            row);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* Analyses for widgets: a pure function runs in a thread on what the main
 * thread handed it, and its result comes back unless something newer was asked.
 */

/* In a thread. NULL: cancelled, or there is nothing to show. */
typedef gpointer (*MemscopeQueryFunc) (MemscopeSession   *session,
                                       MemscopeSelection *selection,
                                       gpointer           data,
                                       GCancellable      *cancellable);
/* In the main thread; takes @result, which may be NULL. Not called once cancelled. */
typedef void     (*MemscopeQueryDone) (gpointer           owner,
                                       gpointer           result);

/**
 * memscope_query_run:
 * @slot: the owner's place for the query under way. An earlier one is cancelled, or, where
 *   such queries are quick, ends first and gives its result before: results come in the order
 *   in which they were asked for, and the last one asked for always comes
 * @owner: kept alive until the thread is through
 * @data: (transfer full) for @func
 * @result_free: for results nobody waits for any more
 */
void     memscope_query_run    (GCancellable      **slot,
                                gpointer            owner,
                                MemscopeSession    *session,
                                MemscopeSelection  *selection,
                                MemscopeQueryFunc   func,
                                gpointer            data,
                                GDestroyNotify      data_free,
                                GDestroyNotify      result_free,
                                MemscopeQueryDone   done);
void     memscope_query_cancel (GCancellable      **slot);

/* Queries under way in the whole program: 0 means what is shown is final. */
guint    memscope_query_count  (void);
/* Work under way that is no query, such as a page being drawn: counts like one. */
void     memscope_query_hold    (void);
void     memscope_query_release (void);
/* Of one session only, and such work. */
guint    memscope_query_count_of (MemscopeSession  *session);

G_END_DECLS

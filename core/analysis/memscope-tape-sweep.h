/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* memscope_sweep_run () for a filter that has a tape: the events lie there in order. */

#include "memscope-sweep.h"

G_BEGIN_DECLS

gboolean memscope_tape_sweep_run (const MemscopeFilter  *filter,
                                  guint64                begin,
                                  guint64                end,
                                  MemscopeSweepKeyFunc   key,
                                  MemscopeSweepFunc      func,
                                  gpointer               user_data,
                                  GCancellable          *cancellable,
                                  GError               **error);

/* Whether the blocks of a site pass the filter, but for their size. */
gboolean memscope_tape_site_passes (const MemscopeFilter *filter,
                                    guint32               site);

G_END_DECLS

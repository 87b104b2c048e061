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

/* What @key says of each site, by its id; G_MAXUINT32 of those whose blocks don't pass. */
guint32 *memscope_tape_get_keys  (const MemscopeFilter  *filter,
                                  MemscopeSweepKeyFunc   key,
                                  gpointer               user_data,
                                  guint                 *n_sites);

G_END_DECLS

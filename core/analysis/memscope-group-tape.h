/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Peaks and sparks of groups, by a walk along the tape. */

#include "memscope-filter.h"
#include "memscope-groups.h"

G_BEGIN_DECLS

/* @of_site: the group of each site, by its id, as an index of @groups; no such
 * index: none. Fills
 * peak_bytes, peak_time and spark over the filter's range. FALSE only when cancelled.
 */
gboolean memscope_group_tape_run (const MemscopeFilter  *filter,
                                  MemscopeGroup         *groups,
                                  guint                  n_groups,
                                  const guint32         *of_site,
                                  guint                  n_sites,
                                  GCancellable          *cancellable,
                                  GError               **error);

G_END_DECLS

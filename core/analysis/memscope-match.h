/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/**
 * MemscopeMatch:
 * @blocks: whose life overlaps the range and that the selection lets pass
 * @of_blocks: the same without the selection's text
 *
 * How much of what is looked at a search finds. Counts of recorded blocks: in a
 * sampled session of samples, not estimates.
 */
typedef struct
{
  guint64 blocks;
  guint64 of_blocks;
} MemscopeMatch;

/* FALSE, with G_IO_ERROR_CANCELLED: cancelled. Any thread. */
gboolean memscope_match_count (MemscopeSession    *session,
                               MemscopeSelection  *selection,
                               MemscopeMatch      *match,
                               GCancellable       *cancellable,
                               GError            **error);

G_END_DECLS

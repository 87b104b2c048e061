/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* Births of the range by requested size, in powers of two: bin i holds sizes in
 * [2^i, 2^(i+1)), bin 0 also size 0.
 */
#define MEMSCOPE_SIZE_BINS 48

/* Deaths of the range by age, in powers of ten per two bins from 1 µs
 * (bin 0: < 1 µs … bin 18: >= 1000 s), and the blocks of the range that live on.
 */
#define MEMSCOPE_LIFETIME_BINS 19

typedef struct
{
  guint64 size_counts[MEMSCOPE_SIZE_BINS];
  guint64 size_bytes[MEMSCOPE_SIZE_BINS];
  guint64 median_size;
  guint64 lifetime_counts[MEMSCOPE_LIFETIME_BINS];
  guint64 never_died;
  guint64 median_lifetime;   /* ns; MEMSCOPE_UNKNOWN: no deaths */
} MemscopeHistograms;

MemscopeHistograms *memscope_histograms_new  (MemscopeSession    *session,
                                              MemscopeSelection  *selection,
                                              GCancellable       *cancellable,
                                              GError            **error);
void                memscope_histograms_free (MemscopeHistograms *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeHistograms, memscope_histograms_free)

G_END_DECLS

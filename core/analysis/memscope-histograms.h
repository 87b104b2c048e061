/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* Births of the range by requested size, in powers of two: bin i holds sizes in
 * [2^i, 2^(i+1)), bin 0 also size 0.
 */
#define MEMSCOPE_SIZE_BINS 48

/* Deaths of the range by age, two bins to a power of ten from 1 µs on: bin 0 is below
 * 1 µs, bin 19 from 1000 s. Deaths nobody saw (another block was born at the address)
 * have no age and are left out.
 */
#define MEMSCOPE_LIFETIME_BINS 20

typedef struct
{
  guint64 size_counts[MEMSCOPE_SIZE_BINS];
  guint64 size_bytes[MEMSCOPE_SIZE_BINS];
  guint64 lifetime_counts[MEMSCOPE_LIFETIME_BINS];
  guint64 never_died;        /* blocks of the range that outlive it */
  guint64 median_size;       /* medians are at most 0.4 % below the exact ones; MEMSCOPE_UNKNOWN: none */
  guint64 median_lifetime;   /* ns */
} MemscopeHistograms;

/* Where a bin begins, in ns. */
guint64             memscope_lifetime_bin_get_begin (guint               bin);

MemscopeHistograms *memscope_histograms_new  (MemscopeSession    *session,
                                              MemscopeSelection  *selection,
                                              GCancellable       *cancellable,
                                              GError            **error);
void                memscope_histograms_free (MemscopeHistograms *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeHistograms, memscope_histograms_free)

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-histogram.h"
#include "memscope-histograms.h"

G_BEGIN_DECLS

/* The two histograms of the analysis, put on a widget with their words. */

/* The bin a size or a lifetime (ns) falls into. */
guint memscope_size_bin                  (guint64             size);
guint memscope_lifetime_bin              (guint64             nsec);

/* @counts: MEMSCOPE_SIZE_BINS; empty bins at both ends are left out.
 * @mark_text: what stands out, NULL nothing.
 */
void  memscope_histogram_show_sizes      (MemscopeHistogram  *self,
                                          const guint64      *counts,
                                          guint64             marked_size,
                                          const char         *mark_text);
/* @counts: MEMSCOPE_LIFETIME_BINS, and those that never died. @marked_lifetime may be MEMSCOPE_NEVER. */
void  memscope_histogram_show_lifetimes  (MemscopeHistogram  *self,
                                          const guint64      *counts,
                                          guint64             never_died,
                                          guint64             marked_lifetime,
                                          const char         *mark_text);

G_END_DECLS

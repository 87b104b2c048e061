/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_HISTOGRAM (memscope_histogram_get_type ())

/**
 * MemscopeHistogram:
 *
 * Bars of counts with a label under some. The bar under the pointer, or the
 * one chosen with the arrow keys, is named in the tooltip and to assistive
 * technologies.
 */
G_DECLARE_FINAL_TYPE (MemscopeHistogram, memscope_histogram, MEMSCOPE, HISTOGRAM, GtkWidget)

GtkWidget *memscope_histogram_new       (void);
/* @labels: n_bins strings, the range of each bar ("256 B – 511 B").
 * @ticks: n_bins strings for the axis, NULL where none.
 * @marked: bar to emphasise, -1 none; @mark_text: what it is, or NULL.
 */
void       memscope_histogram_set_bins  (MemscopeHistogram  *self,
                                         const guint64      *counts,
                                         const char *const  *labels,
                                         const char *const  *ticks,
                                         guint               n_bins,
                                         int                 marked,
                                         const char         *mark_text);
void       memscope_histogram_set_color (MemscopeHistogram  *self,
                                         const char         *color);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-inspection.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_LIFECYCLE_CHART (memscope_lifecycle_chart_get_type ())

/* The size of a block over its resizes; a filled dot is a move to another address. Above
 * it the stages of its life, @shared when more than one holder is known of (the chart knows
 * by itself when another thread ended it).
 */
G_DECLARE_FINAL_TYPE (MemscopeLifecycleChart, memscope_lifecycle_chart, MEMSCOPE, LIFECYCLE_CHART, GtkWidget)

GtkWidget *memscope_lifecycle_chart_new (MemscopeSession     *session,
                                         const MemscopeChain *chain,
                                         gboolean             shared);

G_END_DECLS

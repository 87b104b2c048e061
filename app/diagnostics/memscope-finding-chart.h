/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-finding.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FINDING_CHART (memscope_finding_chart_get_type ())

/* The evidence of a finding over time, with its trend. The table twin is made of
 * memscope_finding_chart_new_table().
 */
G_DECLARE_FINAL_TYPE (MemscopeFindingChart, memscope_finding_chart, MEMSCOPE, FINDING_CHART, GtkWidget)

GtkWidget *memscope_finding_chart_new       (const MemscopeFinding *finding);
/* Time and value, some twenty rows. */
GtkWidget *memscope_finding_chart_new_table (const MemscopeFinding *finding);

G_END_DECLS

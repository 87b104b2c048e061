/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-finding.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CAUSE_BAR (memscope_cause_bar_get_type ())

/* The shares of a finding's causes, and hatched what others have. Presentation only:
 * the legend beside it says the same in words.
 */
G_DECLARE_FINAL_TYPE (MemscopeCauseBar, memscope_cause_bar, MEMSCOPE, CAUSE_BAR, GtkWidget)

GtkWidget  *memscope_cause_bar_new       (const MemscopeFinding *finding);
/* The style class of a swatch for cause @index. */
const char *memscope_cause_bar_get_color (guint                  index);

G_END_DECLS

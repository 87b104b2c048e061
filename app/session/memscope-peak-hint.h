/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_PEAK_HINT (memscope_peak_hint_get_type ())

/* Above views of what is alive: when hardly anything is at the instant, as at the end of
 * a program that tidied up, says so and offers the instant of the peak. Otherwise unseen.
 */
G_DECLARE_FINAL_TYPE (MemscopePeakHint, memscope_peak_hint, MEMSCOPE, PEAK_HINT, GtkBox)

void memscope_peak_hint_set_state  (MemscopePeakHint  *self,
                                    MemscopeViewState *state);
/* Whether the view above which it stands is on screen and shows what is alive. */
void memscope_peak_hint_set_wanted (MemscopePeakHint  *self,
                                    gboolean           wanted);

G_END_DECLS

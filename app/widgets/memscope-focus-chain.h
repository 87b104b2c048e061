/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

/**
 * memscope_focus_chain_keep:
 *
 * From now on Tab finds the way through all that the window shows, also after what had the
 * focus was hidden with the view it is in. To be called once for a window.
 */
void memscope_focus_chain_keep (GtkWindow *window);

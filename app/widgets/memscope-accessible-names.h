/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/**
 * memscope_accessible_names_init:
 *
 * From now on every button, menu button, drop-down, expander and scrolled window of the
 * process that comes onto the screen has the name that people read on it, in its tooltip,
 * or on what it holds; and Tab gets past every flow box. To be
 * called once, in the main thread, after GTK was initialized.
 */
void memscope_accessible_names_init (void);

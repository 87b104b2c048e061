/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-window.h"

G_BEGIN_DECLS

/**
 * MemscopeScreenshotDone:
 * @error: why there is no picture, or NULL
 */
typedef void (*MemscopeScreenshotDone) (const GError *error,
                                        gpointer      user_data);

/* Waits until @window has loaded what it loads and shows final figures, then
 * writes a PNG of it.
 */
void memscope_screenshot_take (MemscopeWindow         *window,
                               const char             *path,
                               MemscopeScreenshotDone  done,
                               gpointer                user_data);

G_END_DECLS

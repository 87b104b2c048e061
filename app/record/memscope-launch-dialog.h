/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-launcher.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_LAUNCH_DIALOG (memscope_launch_dialog_get_type ())

/**
 * MemscopeLaunchDialog:
 *
 * Which program to run under the recorder, and how. Remembers what was launched
 * last. Starts it, and emits `launched` with the MemscopeLauncher once it runs;
 * where it can't, says why and stays.
 */
G_DECLARE_FINAL_TYPE (MemscopeLaunchDialog, memscope_launch_dialog, MEMSCOPE, LAUNCH_DIALOG, AdwWindow)

MemscopeLaunchDialog *memscope_launch_dialog_new (GtkWindow *parent);

G_END_DECLS

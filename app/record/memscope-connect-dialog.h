/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-live-recording.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CONNECT_DIALOG (memscope_connect_dialog_get_type ())

/**
 * MemscopeConnectDialog:
 *
 * The programs that are being recorded right now, to choose one to watch. Emits
 * `chosen` with the MemscopeLiveRecording, and closes.
 */
G_DECLARE_FINAL_TYPE (MemscopeConnectDialog, memscope_connect_dialog, MEMSCOPE, CONNECT_DIALOG, AdwWindow)

MemscopeConnectDialog *memscope_connect_dialog_new (GtkWindow *parent);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-export-options.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_EXPORT_DIALOG (memscope_export_dialog_get_type ())

/**
 * MemscopeExportDialog:
 *
 * Asks what an export is to hold: which part of the recording, which blocks,
 * what is left out on purpose; and says how much that will be. `accepted` is
 * emitted when somebody goes on; the choices are remembered then.
 */
G_DECLARE_FINAL_TYPE (MemscopeExportDialog, memscope_export_dialog, MEMSCOPE, EXPORT_DIALOG, AdwWindow)

MemscopeExportDialog *memscope_export_dialog_new         (GtkWindow             *parent,
                                                          MemscopeViewState     *state,
                                                          MemscopeExportFormat   format);
void                  memscope_export_dialog_get_options (MemscopeExportDialog  *self,
                                                          MemscopeExportOptions *options);

G_END_DECLS

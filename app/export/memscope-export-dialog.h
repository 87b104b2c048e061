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
 * Asks where an export goes and what it is to hold: which part of the recording,
 * which blocks, what is left out on purpose; and says what is at that place and how
 * much it will be. `accepted` is emitted when somebody goes on to a place that can be
 * written to, told of a file that will be replaced; the choices are remembered then.
 */
G_DECLARE_FINAL_TYPE (MemscopeExportDialog, memscope_export_dialog, MEMSCOPE, EXPORT_DIALOG, AdwWindow)

MemscopeExportDialog *memscope_export_dialog_new         (GtkWindow             *parent,
                                                          MemscopeViewState     *state,
                                                          GFile                 *recording,
                                                          MemscopeExportFormat   format);
void                  memscope_export_dialog_get_options (MemscopeExportDialog  *self,
                                                          MemscopeExportOptions *options);
/* From `accepted` on: (transfer none), and whether a file that is there is meant to be replaced. */
GFile                *memscope_export_dialog_get_file    (MemscopeExportDialog  *self,
                                                          gboolean              *replace);

G_END_DECLS

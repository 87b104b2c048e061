/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-finding.h"
#include "memscope-session.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FINDING_ROW (memscope_finding_row_get_type ())

/* A finding in the list: its title, where, how sure, its one number, and what can be
 * done from here. Emits `show-me` and `mute` (unmute, when it is muted).
 */
G_DECLARE_FINAL_TYPE (MemscopeFindingRow, memscope_finding_row, MEMSCOPE, FINDING_ROW, GtkListBoxRow)

/* @finding must outlive the row. @can_unmute: its suppression can be taken back here. */
GtkWidget             *memscope_finding_row_new         (MemscopeSession       *session,
                                                         const MemscopeFinding *finding,
                                                         gboolean               can_unmute);
const MemscopeFinding *memscope_finding_row_get_finding (MemscopeFindingRow    *self);

/* Three bars, as many filled as it is sure, and the word. */
GtkWidget             *memscope_finding_row_new_confidence (MemscopeConfidence  confidence);

G_END_DECLS

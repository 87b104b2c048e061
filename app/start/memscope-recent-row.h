/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-recent.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RECENT_ROW (memscope_recent_row_get_type ())

/* A recent session. Looks whether its file is still there; a missing one is
 * greyed and offers to be forgotten or located.
 */
G_DECLARE_FINAL_TYPE (MemscopeRecentRow, memscope_recent_row, MEMSCOPE, RECENT_ROW, GtkListBoxRow)

GtkWidget      *memscope_recent_row_new         (MemscopeRecent    *recent);
MemscopeRecent *memscope_recent_row_get_recent  (MemscopeRecentRow *self);
gboolean        memscope_recent_row_get_missing (MemscopeRecentRow *self);
/* Name and description only, and what is wrong if something is. */
void            memscope_recent_row_set_narrow  (MemscopeRecentRow *self,
                                                 gboolean           narrow);

G_END_DECLS

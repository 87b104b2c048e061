/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-live-follower.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RECORD_BAR (memscope_record_bar_get_type ())

/**
 * MemscopeRecordBar:
 *
 * Above the views of a recording that is being made: how far it is, and what can
 * be done about it. What the buttons do are actions of the window (`win.…`).
 */
G_DECLARE_FINAL_TYPE (MemscopeRecordBar, memscope_record_bar, MEMSCOPE, RECORD_BAR, GtkBox)

/* NULL: nothing is live, and the bar is hidden. */
void memscope_record_bar_set_follower (MemscopeRecordBar    *self,
                                       MemscopeLiveFollower *follower);
void memscope_record_bar_set_narrow   (MemscopeRecordBar    *self,
                                       gboolean              narrow);
/* How a recording ended, as a sentence. NULL: it has not. Transfer full. */
char *memscope_record_bar_dup_ending  (MemscopeLiveSession  *live);

G_END_DECLS

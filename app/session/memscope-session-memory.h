/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

/* How each recording was looked at last: range, instant, filters, view, inspected
 * card, whether its banner was closed. In the user's state folder, one small file
 * for each, never in the recording itself; the oldest go when there are more than
 * this.
 */
#define MEMSCOPE_SESSION_MEMORY_MAX 200

/* The file's name for this recording: by what it says of its process, so that it may
 * be moved and renamed; else by place, size and time of change. NULL: it is in no file.
 */
char    *memscope_session_memory_dup_key  (MemscopeSession   *session,
                                           GFile             *file);
/* Writes what is not as it is at first, or takes the file away when all is. */
void     memscope_session_memory_save     (const char        *key,
                                           MemscopeViewState *state,
                                           gboolean           dismissed);
/* TRUE: something was brought back. What does not make sense (any more) is left out. */
gboolean memscope_session_memory_restore  (const char        *key,
                                           MemscopeViewState *state,
                                           gboolean          *dismissed);

G_END_DECLS

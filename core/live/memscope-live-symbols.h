/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session-builder.h"

G_BEGIN_DECLS

/**
 * MemscopeLiveSymbols:
 *
 * Looks up the functions and lines of a growing session's frames on this machine,
 * in a thread of its own, as they come. What is found is handed to whoever writes
 * the session; the file is left alone.
 */
typedef struct _MemscopeLiveSymbols MemscopeLiveSymbols;

/* @found: called from the thread when there is something to take, or nothing left. */
MemscopeLiveSymbols *memscope_live_symbols_new     (MemscopeSession        *session,
                                                    GCallback               found,
                                                    gpointer                user_data);
void                 memscope_live_symbols_free    (MemscopeLiveSymbols    *self);

/* There are more frames than before. */
void                 memscope_live_symbols_look_up (MemscopeLiveSymbols    *self);

/* Puts what was found so far into the session. TRUE: there was something. */
gboolean             memscope_live_symbols_take    (MemscopeLiveSymbols    *self,
                                                    MemscopeSessionBuilder *builder);

/* Nothing is left to look up or to take. */
gboolean             memscope_live_symbols_is_done (MemscopeLiveSymbols    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeLiveSymbols, memscope_live_symbols_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session.h"

G_BEGIN_DECLS

/* The words a person types to find something: a row matches when its variable's
 * name or type, its thread's label, or a function or file of its call site
 * contains them, whatever the case. Without letters beyond ASCII in the words,
 * the bytes of the recording are searched as they are; else what is displayed.
 *
 * Everything is looked up once per dictionary entry, so that rows cost nothing.
 */
typedef struct _MemscopeTextFilter MemscopeTextFilter;

MemscopeTextFilter *memscope_text_filter_new            (MemscopeSession    *session,
                                                         const char         *text);
void                memscope_text_filter_free           (MemscopeTextFilter *self);

gboolean            memscope_text_filter_match_thread   (MemscopeTextFilter *self,
                                                         MemscopeThreadId    thread);
gboolean            memscope_text_filter_match_variable (MemscopeTextFilter *self,
                                                         MemscopeVariableId  variable);
gboolean            memscope_text_filter_match_frame    (MemscopeTextFilter *self,
                                                         MemscopeFrameId     frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeTextFilter, memscope_text_filter_free)

G_END_DECLS

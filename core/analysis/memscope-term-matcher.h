/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-expression-private.h"
#include "memscope-session.h"

G_BEGIN_DECLS

/* One term about texts (=, ~, a regular expression), asked of the entries of a
 * session's dictionaries. Each string is looked at once.
 *
 * A thread is known by its label, its name and its number; a file and a module by path
 * and by base name; a frame by its functions, its files, "file:line", and without them
 * by what is shown instead ("libfoo.so+0x10").
 */
typedef struct _MemscopeTermMatcher MemscopeTermMatcher;

MemscopeTermMatcher *memscope_term_matcher_new           (MemscopeSession     *session,
                                                          const MemscopeNode  *node);
void                 memscope_term_matcher_free          (MemscopeTermMatcher *self);
gboolean             memscope_term_matcher_test_string   (MemscopeTermMatcher *self,
                                                          MemscopeStringId     id);
gboolean             memscope_term_matcher_test_thread   (MemscopeTermMatcher *self,
                                                          MemscopeThreadId     thread);
gboolean             memscope_term_matcher_test_module   (MemscopeTermMatcher *self,
                                                          MemscopeModuleId     module);
gboolean             memscope_term_matcher_test_frame    (MemscopeTermMatcher *self,
                                                          MemscopeFrameId      frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeTermMatcher, memscope_term_matcher_free)

G_END_DECLS

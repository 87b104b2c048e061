/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-finding.h"
#include "memscope-session.h"

G_BEGIN_DECLS

/**
 * MemscopeSuppressions:
 *
 * What somebody knows already and does not want to be told again. A file of them is
 * text, UTF-8, one a line:
 *
 *     # comment
 *     leak.*           variable=config_cache
 *     churn.realloc    site=tok_push module=libtok.so*   # why
 *     leak.*           frame="(anonymous namespace)::pool::pool()" size=72704
 *
 * First the rule it mutes, then any number of conditions that all must hold:
 *
 *     variable   the variable's name
 *     type       its type
 *     site       the function of the call site
 *     module     the base name of the call site's module
 *     frame      any function or any module's base name on the stack
 *     size       bytes of each block, when all are alike
 *
 * `*` stands for any text and `?` for any character, in rules too. A value with spaces
 * or a `#` stands between double quotes, where \" and \\ are a quote and a backslash.
 * Names are what is displayed of them: see memscope-display.h.
 *
 * Things every run-time library does are muted without a file: the emergency pool of
 * libstdc++, buffers of stdio and the like.
 *
 * Not to be changed while a thread reads it: hand a copy to that.
 */
typedef struct _MemscopeSuppressions MemscopeSuppressions;

/* Those of run-time libraries only. */
MemscopeSuppressions *memscope_suppressions_new    (void);
MemscopeSuppressions *memscope_suppressions_copy   (const MemscopeSuppressions *self);
void                  memscope_suppressions_free   (MemscopeSuppressions       *self);

/* Adds those of a text, all or none: G_IO_ERROR_INVALID_DATA, with the number of the
 * line and what is wrong with it.
 */
gboolean              memscope_suppressions_parse  (MemscopeSuppressions       *self,
                                                    const char                 *text,
                                                    gsize                       length,
                                                    GError                    **error);
/* Likewise of a file; also the errors of reading it, and of one above 1 MiB. */
gboolean              memscope_suppressions_load   (MemscopeSuppressions       *self,
                                                    GFile                      *file,
                                                    GCancellable               *cancellable,
                                                    GError                    **error);

/* How many there are, those of run-time libraries included. */
guint                 memscope_suppressions_get_n  (const MemscopeSuppressions *self);

/* The first that mutes @rule for this stack, variable and size of block (0: they
 * differ), as it stands in its file; NULL: none.
 */
const char           *memscope_suppressions_match  (const MemscopeSuppressions *self,
                                                    MemscopeSession            *session,
                                                    MemscopeRule                rule,
                                                    MemscopeStackId             stack,
                                                    MemscopeVariableId          variable,
                                                    guint64                     block_size);

/* The line that mutes this finding in this and later recordings of the program: by
 * the variable's name and type where a name is recorded, else by function and module
 * of the call site, without the line, which changes with each edit. Transfer full;
 * NULL: nothing tells it apart.
 */
char                 *memscope_suppressions_write  (MemscopeSession            *session,
                                                    const MemscopeFinding      *finding);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeSuppressions, memscope_suppressions_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-json-writer.h"
#include "memscope-summary.h"

G_BEGIN_DECLS

/* What a session says about itself, as JSON: `memscope-cli info --json` and the
 * head of an export. Keys are sorted; what is not recorded is `null`.
 */

/* The members of "session": format, program, facts, threads, warnings … @redact:
 * of the facts and the names; paths in other texts are left to the caller.
 */
void     memscope_session_json_write_session (MemscopeJsonWriter    *writer,
                                              MemscopeSession       *session,
                                              guint                  redact);
/* The members of "stats": the guide's MemoryStats. */
void     memscope_session_json_write_stats   (MemscopeJsonWriter    *writer,
                                              MemscopeSession       *session,
                                              const MemscopeSummary *summary);

/* One object with everything `info` knows, the totals of @selection. @path: shown as
 * "file", @filter as "filter"; both may be NULL.
 * FALSE only when cancelled.
 */
gboolean memscope_session_json_write_info    (MemscopeJsonWriter    *writer,
                                              MemscopeSession       *session,
                                              MemscopeSelection     *selection,
                                              const char            *path,
                                              const char            *filter,
                                              GCancellable          *cancellable,
                                              GError               **error);

G_END_DECLS

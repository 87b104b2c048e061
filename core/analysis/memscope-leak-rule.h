/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-filter.h"

G_BEGIN_DECLS

/* What counts as leaked, wherever it is said. A recording of ours: a block without
 * a death. A memscope-rs file: a block that the file itself flags.
 */
gboolean memscope_session_is_memscope_rs (MemscopeSession     *session);

/* Whether "alive at the end" is the last word: a complete recording of a process
 * that has ended; for memscope-rs, a complete file.
 */
gboolean memscope_session_is_final       (MemscopeSession     *session);

static inline gboolean
memscope_batch_is_leaked (const MemscopeBatch *batch,
                          guint                i,
                          gboolean             memscope_rs)
{
  return memscope_rs ? (batch->flags[i] & MEMSCOPE_BLOCK_LEAKED_FLAG) != 0
                     : batch->death_time[i] == MEMSCOPE_NEVER;
}

G_END_DECLS

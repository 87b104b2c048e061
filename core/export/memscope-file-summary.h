/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-json-writer.h"
#include "memscope-session.h"

G_BEGIN_DECLS

/* A fingerprint of a memscope-rs file, made from what was read of it: records,
 * named, with_dealloc, leaked_flag, per_thread, and as decimal strings sum_size
 * (exact, beyond 64 bits), xor_ptr, wrapping_sum_timestamp_alloc (modulo 2^64).
 * Two readers that agree on it read the same records. `null` for other formats.
 */
void memscope_file_summary_write (MemscopeJsonWriter *writer,
                                  const char         *key,
                                  MemscopeSession    *session);

G_END_DECLS

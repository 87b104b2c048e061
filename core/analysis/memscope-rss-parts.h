/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session.h"

G_BEGIN_DECLS

/**
 * MemscopeRssKind:
 * @MEMSCOPE_RSS_REQUESTED: what the program asked the allocator for
 * @MEMSCOPE_RSS_ROUNDING: what the allocator gave beyond that
 * @MEMSCOPE_RSS_FREE_IN_HEAP: resident in the allocator's mappings, in no live block: freed
 *   and kept, its own tables, the top of the heap
 * @MEMSCOPE_RSS_REGIONS: anonymous mappings that the program made itself (mmap)
 * @MEMSCOPE_RSS_FILES: mapped files that are no modules, and shared memory
 * @MEMSCOPE_RSS_STACKS: of the main thread, as the kernel says; of others, inferred: an
 *   anonymous mapping right behind its guard, without blocks
 * @MEMSCOPE_RSS_CODE: the program and its libraries: code, constants, variables
 * @MEMSCOPE_RSS_RECORDER: the recorder's library and its rings
 * @MEMSCOPE_RSS_UNEXPLAINED: what none of this covers
 *
 * What a resident page is there for.
 */
typedef enum
{
  MEMSCOPE_RSS_REQUESTED,
  MEMSCOPE_RSS_ROUNDING,
  MEMSCOPE_RSS_FREE_IN_HEAP,
  MEMSCOPE_RSS_REGIONS,
  MEMSCOPE_RSS_FILES,
  MEMSCOPE_RSS_STACKS,
  MEMSCOPE_RSS_CODE,
  MEMSCOPE_RSS_RECORDER,
  MEMSCOPE_RSS_UNEXPLAINED,
  MEMSCOPE_N_RSS_PARTS
} MemscopeRssKind;

/**
 * MemscopeRssParts:
 * @time: ns; when the kernel was asked, which the parts are of
 * @rss: bytes resident then; the sum of @bytes
 * @bytes: by part
 * @untouched: bytes of live blocks that were not resident then: asked for and never
 *   written to, or swapped out; in no part
 *
 * The whole process, whatever is selected: the kernel knows no threads.
 */
typedef struct
{
  guint64 time;
  guint64 rss;
  guint64 bytes[MEMSCOPE_N_RSS_PARTS];
  guint64 untouched;
} MemscopeRssParts;

/* The parts at the last time before @instant at which each mapping was asked for its
 * resident bytes (the first time after it, when there is none before). NULL without
 * error: that was never recorded. With G_IO_ERROR_CANCELLED: cancelled. Any thread.
 */
MemscopeRssParts *memscope_rss_parts_new  (MemscopeSession   *session,
                                           guint64            instant,
                                           GCancellable      *cancellable,
                                           GError           **error);
void              memscope_rss_parts_free (MemscopeRssParts  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeRssParts, memscope_rss_parts_free)

G_END_DECLS

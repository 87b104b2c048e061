/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the hooks report. Each function is one event of the calling thread: it is
 * stamped and in the ring when the function returns, or counted as lost. Deaths
 * are reported before the real call, births after it (record.h). errno is kept.
 * @frame: the hook's caller.
 */

#include <stddef.h>
#include <stdint.h>

#include "memscope-format.h"
#include "unwinder.h"

#define USABLE_UNKNOWN SIZE_MAX

/* @function: MEMSCOPE_EVENT_MALLOC ... ALIGNED. @usable: what the allocator really gave. */
void record_birth        (uintptr_t           address,
                          size_t              size,
                          size_t              usable,
                          MemscopeEventKind   function,
                          size_t              alignment,
                          const Frame        *frame);
void record_death        (uintptr_t           address,
                          const Frame        *frame);

/* The same of a block that was sampled: it stands for others too (sample.h). */
void record_sampled_birth (uintptr_t          address,
                          size_t              size,
                          size_t              usable,
                          MemscopeEventKind   function,
                          size_t              alignment,
                          const Frame        *frame);

/* A realloc: before, and one of the three after it. */
void record_move_begin   (uintptr_t           address,
                          const Frame        *frame);
void record_move_end     (uintptr_t           address,
                          size_t              size,
                          size_t              usable,
                          const Frame        *frame);
void record_sampled_move_end (uintptr_t       address,
                          size_t              size,
                          size_t              usable,
                          const Frame        *frame);
void record_move_failed  (const Frame        *frame);
void record_move_freed   (const Frame        *frame);

void record_region_birth (uintptr_t           start,
                          size_t              length,
                          const Frame        *frame);
void record_region_death (uintptr_t           start,
                          size_t              length,
                          const Frame        *frame);

/* A call that failed for lack of memory. */
void record_failure      (void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "event.h"

#include "thread.h"

#define LIKELY(condition)   __builtin_expect (!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect (!!(condition), 0)

static inline uint32_t
arena_flags (void)
{
  return atomic_load_explicit (&recorder.arena->flags, memory_order_relaxed);
}

static inline Thread *
begin (const Frame *frame,
       unsigned    *level)
{
  if (UNLIKELY (!recorder_is_on () || (arena_flags () & ARENA_ENABLED) == 0))
    return NULL;

  return thread_enter (frame->sp, level);
}

static inline uint32_t
whole_stack (Thread      *thread,
             const Frame *frame,
             unsigned     level)
{
  if (UNLIKELY ((arena_flags () & ARENA_NO_STACKS) != 0))
    return 0;

  return LIKELY (level == 0) ? stack_capture (&thread->stack, frame)
                             : stack_capture_plain (&thread->stack, frame, level);
}

static inline uint32_t
death_stack (Thread      *thread,
             const Frame *frame,
             unsigned     level)
{
  if (UNLIKELY ((arena_flags () & (ARENA_NO_STACKS | ARENA_FREE_STACKS)) != 0))
    return whole_stack (thread, frame, level);

  return stack_capture_caller (&thread->stack, frame, level);
}

/* The end of an event: written or counted as lost. */
__attribute__ ((always_inline)) static inline void
finish (Thread   *thread,
        unsigned  level,
        Record   *record,
        bool      ordered)
{
  if (LIKELY (ring_writer_reserve (&thread->writer, level, RECORD_MAX_SIZE)))
    ring_writer_publish (&thread->writer, level, record, RECORD_MAX_SIZE, ordered);
  else
    ring_writer_lose (&thread->writer, record->size,
                      thread->writer.lossy ? MEMSCOPE_GAP_COLLECTOR_STALLED : MEMSCOPE_GAP_RING_FULL);

  thread_leave (thread);
}

static inline uint32_t
rounding_of (size_t size,
             size_t usable)
{
  return usable == USABLE_UNKNOWN ? record_expected_rounding (size) : (uint32_t)(usable - size);
}

void
record_birth (uintptr_t          address,
              size_t             size,
              size_t             usable,
              MemscopeEventKind  function,
              size_t             alignment,
              const Frame       *frame)
{
  unsigned level;
  Thread *thread = begin (frame, &level);
  Record record;

  if (thread == NULL)
    return;

  record = (Record) {
    .kind = RECORD_BIRTH,
    .function = (uint8_t)function,
    .alignment_log2 = alignment != 0 ? (uint8_t)(63 - __builtin_clzl (alignment)) : 0,
    .address = address,
    .size = size,
    .rounding = rounding_of (size, usable),
    .stack = whole_stack (thread, frame, level),
  };
  finish (thread, level, &record, true);
}

void
record_death (uintptr_t    address,
              const Frame *frame)
{
  unsigned level;
  Thread *thread = begin (frame, &level);
  Record record;

  if (thread == NULL)
    return;

  record = (Record) {
    .kind = RECORD_DEATH,
    .address = address,
    .stack = death_stack (thread, frame, level),
  };
  finish (thread, level, &record, false);
}

void
record_move_begin (uintptr_t    address,
                   const Frame *frame)
{
  unsigned level;
  Thread *thread = begin (frame, &level);
  Record record;

  if (thread == NULL)
    return;

  record = (Record) {
    .kind = RECORD_MOVE_BEGIN,
    .address = address,
    .stack = death_stack (thread, frame, level),
  };
  finish (thread, level, &record, false);
}

void
record_move_end (uintptr_t    address,
                 size_t       size,
                 size_t       usable,
                 const Frame *frame)
{
  unsigned level;
  Thread *thread = begin (frame, &level);
  Record record;

  if (thread == NULL)
    return;

  record = (Record) {
    .kind = RECORD_MOVE_END,
    .function = MOVE_MOVED,
    .address = address,
    .size = size,
    .rounding = rounding_of (size, usable),
    .stack = whole_stack (thread, frame, level),
  };
  finish (thread, level, &record, true);
}

static void
move_ended_otherwise (unsigned     result,
                      const Frame *frame)
{
  unsigned level;
  Thread *thread = begin (frame, &level);
  Record record = { .kind = RECORD_MOVE_END, .function = (uint8_t)result };

  if (thread != NULL)
    finish (thread, level, &record, true);
}

void
record_move_failed (const Frame *frame)
{
  move_ended_otherwise (MOVE_FAILED, frame);
}

void
record_move_freed (const Frame *frame)
{
  move_ended_otherwise (MOVE_FREED, frame);
}

void
record_region_birth (uintptr_t    start,
                     size_t       length,
                     const Frame *frame)
{
  unsigned level;
  Thread *thread = begin (frame, &level);
  Record record;

  if (thread == NULL)
    return;

  record = (Record) {
    .kind = RECORD_REGION_BIRTH,
    .function = MEMSCOPE_EVENT_REGION,
    .address = start,
    .size = length,
    .stack = whole_stack (thread, frame, level),
  };
  finish (thread, level, &record, true);
}

void
record_region_death (uintptr_t    start,
                     size_t       length,
                     const Frame *frame)
{
  unsigned level;
  Thread *thread = begin (frame, &level);
  Record record;

  if (thread == NULL)
    return;

  record = (Record) {
    .kind = RECORD_REGION_DEATH,
    .address = start,
    .size = length,
    .stack = whole_stack (thread, frame, level),
  };
  finish (thread, level, &record, false);
}

void
record_failure (void)
{
  if (recorder_is_on () && (arena_flags () & ARENA_ENABLED) != 0)
    atomic_fetch_add_explicit (&recorder.arena->failed_allocations, 1, memory_order_relaxed);
}

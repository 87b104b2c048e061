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

/* An event under way: its thread, where it is written, when it happened. */
typedef struct
{
  Thread      *thread;
  unsigned     level;
  WriterStamp  stamp;
} Event;

/* False: it is not recorded, or counted as lost. @bytes: what would be lost.
 */
__attribute__ ((always_inline)) static inline bool
begin (Event       *event,
       const Frame *frame,
       uint64_t     bytes)
{
  Thread *thread;

  if (UNLIKELY (!recorder_is_on () ||
                recorder_arena_mode () != atomic_load_explicit (&recorder.mode, memory_order_relaxed)) &&
      !recorder_follow_mode ())
    return false;

  thread = thread_enter (frame->sp, &event->level);
  if (thread == NULL)
    return false;

  if (UNLIKELY (!ring_writer_reserve (&thread->writer, event->level, RECORD_MAX_SIZE)))
    {
      ring_writer_lose (&thread->writer, bytes,
                        thread->writer.lossy ? MEMSCOPE_GAP_COLLECTOR_STALLED : MEMSCOPE_GAP_RING_FULL);
      thread_leave (thread);
      return false;
    }

  event->thread = thread;
  event->stamp = ring_writer_stamp (&thread->writer, true);

  return true;
}

__attribute__ ((always_inline)) static inline void
finish (Event  *event,
        Record *record)
{
  ring_writer_publish (&event->thread->writer, event->level, record, RECORD_MAX_SIZE, &event->stamp);
  thread_leave (event->thread);
}

__attribute__ ((always_inline)) static inline uint32_t
whole_stack (Event       *event,
             const Frame *frame)
{
  StackState *stack = &event->thread->stack;

  if (UNLIKELY ((arena_flags () & ARENA_NO_STACKS) != 0))
    return 0;

  return LIKELY (event->level == 0) ? stack_capture (stack, frame) : stack_capture_plain (stack, frame, event->level);
}

__attribute__ ((always_inline)) static inline uint32_t
death_stack (Event       *event,
             const Frame *frame)
{
  if (UNLIKELY ((arena_flags () & (ARENA_NO_STACKS | ARENA_FREE_STACKS)) != 0))
    return whole_stack (event, frame);

  return stack_capture_caller (&event->thread->stack, frame, event->level);
}

static inline uint32_t
rounding_of (size_t size,
             size_t usable)
{
  return usable == USABLE_UNKNOWN ? record_expected_rounding (size) : (uint32_t)(usable - size);
}

__attribute__ ((always_inline)) static inline void
birth (uintptr_t          address,
       size_t             size,
       size_t             usable,
       MemscopeEventKind  function,
       size_t             alignment,
       bool               sampled,
       const Frame       *frame)
{
  Record record;
  Event event;

  if (!begin (&event, frame, size))
    return;

  record = (Record) {
    .kind = RECORD_BIRTH,
    .function = (uint8_t)function,
    .alignment_log2 = alignment != 0 ? (uint8_t)(63 - __builtin_clzl (alignment)) : 0,
    .address = address,
    .size = size,
    .rounding = rounding_of (size, usable),
    .stack = whole_stack (&event, frame),
    .sampled = sampled,
  };
  finish (&event, &record);
}

void
record_birth (uintptr_t          address,
              size_t             size,
              size_t             usable,
              MemscopeEventKind  function,
              size_t             alignment,
              const Frame       *frame)
{
  birth (address, size, usable, function, alignment, false, frame);
}

void
record_sampled_birth (uintptr_t          address,
                      size_t             size,
                      size_t             usable,
                      MemscopeEventKind  function,
                      size_t             alignment,
                      const Frame       *frame)
{
  birth (address, size, usable, function, alignment, true, frame);
}

void
record_death (uintptr_t    address,
              const Frame *frame)
{
  Record record;
  Event event;

  if (!begin (&event, frame, 0))
    return;

  record = (Record) {
    .kind = RECORD_DEATH,
    .address = address,
    .stack = death_stack (&event, frame),
  };
  finish (&event, &record);
}

void
record_move_begin (uintptr_t    address,
                   const Frame *frame)
{
  Record record;
  Event event;

  if (!begin (&event, frame, 0))
    return;

  record = (Record) {
    .kind = RECORD_MOVE_BEGIN,
    .address = address,
    .stack = death_stack (&event, frame),
  };
  finish (&event, &record);
}

__attribute__ ((always_inline)) static inline void
move_end (uintptr_t    address,
          size_t       size,
          size_t       usable,
          bool         sampled,
          const Frame *frame)
{
  Record record;
  Event event;

  if (!begin (&event, frame, size))
    return;

  record = (Record) {
    .kind = RECORD_MOVE_END,
    .function = MOVE_MOVED,
    .address = address,
    .size = size,
    .rounding = rounding_of (size, usable),
    .stack = whole_stack (&event, frame),
    .sampled = sampled,
  };
  finish (&event, &record);
}

void
record_move_end (uintptr_t    address,
                 size_t       size,
                 size_t       usable,
                 const Frame *frame)
{
  move_end (address, size, usable, false, frame);
}

void
record_sampled_move_end (uintptr_t    address,
                         size_t       size,
                         size_t       usable,
                         const Frame *frame)
{
  move_end (address, size, usable, true, frame);
}

static void
move_ended_otherwise (unsigned     result,
                      const Frame *frame)
{
  Record record = { .kind = RECORD_MOVE_END, .function = (uint8_t)result };
  Event event;

  if (begin (&event, frame, 0))
    finish (&event, &record);
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
  Record record;
  Event event;

  if (!begin (&event, frame, length))
    return;

  record = (Record) {
    .kind = RECORD_REGION_BIRTH,
    .function = MEMSCOPE_EVENT_REGION,
    .address = start,
    .size = length,
    .stack = whole_stack (&event, frame),
  };
  finish (&event, &record);
}

void
record_region_death (uintptr_t    start,
                     size_t       length,
                     const Frame *frame)
{
  Record record;
  Event event;

  if (!begin (&event, frame, length))
    return;

  record = (Record) {
    .kind = RECORD_REGION_DEATH,
    .address = start,
    .size = length,
    .stack = whole_stack (&event, frame),
  };
  finish (&event, &record);
}

void
record_failure (void)
{
  if (recorder_is_on () && (arena_flags () & ARENA_ENABLED) != 0)
    atomic_fetch_add_explicit (&recorder.arena->failed_allocations, 1, memory_order_relaxed);
}

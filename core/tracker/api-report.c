/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "api-report.h"

#include <errno.h>
#include <string.h>

#define MEMSCOPE_BUILDING
#include "memscope.h"
#include "memscope-format.h"
#include "thread.h"

/* In the small ring of signal handlers two texts must fit several times. */
#define MAX_NESTED_TEXT 256u

ApiCounts api_counts;

/* Cut where a character ends. */
static uint32_t
length_of (const char *text,
           unsigned    level)
{
  size_t limit = level == 0 ? RECORD_MAX_TEXT : MAX_NESTED_TEXT;
  size_t length = text != NULL ? strnlen (text, limit + 1) : 0;

  if (length <= limit)
    return (uint32_t)length;

  for (length = limit; length > limit - 4 && ((unsigned char)text[length] & 0xc0) == 0x80;)
    length--;

  return (uint32_t)length;
}

static uint32_t
stack_of (Thread      *thread,
          unsigned     level,
          const Frame *frame)
{
  if ((atomic_load_explicit (&recorder.arena->flags, memory_order_relaxed) & ARENA_NO_STACKS) != 0)
    return 0;

  return level == 0 ? stack_capture (&thread->stack, frame) : stack_capture_plain (&thread->stack, frame, level);
}

static bool
is_recorded (void)
{
  return (recorder_is_on () || recorder_start ()) &&
         (atomic_load_explicit (&recorder.arena->flags, memory_order_relaxed) & ARENA_ENABLED) != 0;
}

/* @record has all but its texts' lengths and its stack. */
static int
report (Record      *record,
        bool         with_stack,
        const Frame *frame)
{
  int error = errno;
  Thread *thread;
  unsigned level;
  uint64_t needed;
  WriterStamp stamp;

  if (!is_recorded ())
    return MEMSCOPE_TRACKER_NOT_RECORDED;

  thread = thread_enter (frame->sp, &level);
  if (thread == NULL)
    {
      errno = error;
      return MEMSCOPE_TRACKER_LOST;
    }

  record->name_length = length_of ((const char *)record->name, level);
  record->type_length = length_of ((const char *)record->type, level);
  needed = RECORD_MAX_SIZE + record->name_length + record->type_length;

  if (!ring_writer_reserve (&thread->writer, level, needed))
    {
      ring_writer_lose (&thread->writer, 0,
                        thread->writer.lossy ? MEMSCOPE_GAP_COLLECTOR_STALLED : MEMSCOPE_GAP_RING_FULL);
      thread_leave (thread);
      errno = error;
      return MEMSCOPE_TRACKER_LOST;
    }

  stamp = ring_writer_stamp (&thread->writer, true);
  record->stack = with_stack ? stack_of (thread, level, frame) : 0;
  ring_writer_publish (&thread->writer, level, record, needed, &stamp);
  thread_leave (thread);
  errno = error;

  return MEMSCOPE_TRACKER_OK;
}

int
api_report_annotation (const ApiAnnotation *annotation,
                       const Frame         *frame)
{
  Record record = {
    .kind = RECORD_ANNOTATION,
    .function = (uint8_t)annotation->kind,
    .address = annotation->address,
    .size = annotation->size,
    .other = annotation->other,
    .name = (const uint8_t *)annotation->name,
    .type = (const uint8_t *)annotation->type,
  };

  if (annotation->kind == MEMSCOPE_ANNOTATION_TRACK)
    {
      atomic_fetch_add_explicit (&api_counts.tracked, 1, memory_order_relaxed);
      atomic_fetch_add_explicit (&api_counts.tracked_bytes, annotation->size, memory_order_relaxed);
    }
  else if (annotation->kind == MEMSCOPE_ANNOTATION_UNTRACK)
    {
      atomic_fetch_add_explicit (&api_counts.untracked, 1, memory_order_relaxed);
    }

  return report (&record, true, frame);
}

int
api_report_mark (const char  *text,
                 const Frame *frame)
{
  Record record = { .kind = RECORD_MARK, .name = (const uint8_t *)text };

  return report (&record, false, frame);
}

int
api_report_thread_name (const char  *name,
                        const Frame *frame)
{
  Record record = { .kind = RECORD_THREAD_NAME, .name = (const uint8_t *)name };

  return report (&record, false, frame);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Everything that is told once or now and then: facts, samples, mappings,
 * gaps, marks, clock points, live blocks, annotations, the end.
 */

#include <string.h>

#include "memscope-varint.h"

static inline void
put (MemscopeBuffer *out,
     uint64_t        value)
{
  memscope_buffer_varint (out, value);
}

/* UINT64_MAX stands for "not recorded" and "never"; plus one it takes one byte. */
static inline void
put_optional (MemscopeBuffer *out,
              uint64_t        value)
{
  put (out, value + 1);
}

static inline uint64_t
get_optional (MemscopeCursor *cursor)
{
  return memscope_cursor_varint (cursor) - 1;
}

/* Whether there is an entry to read. */
static inline bool
has_more (const MemscopeCursor *cursor)
{
  return !cursor->failed && cursor->at < cursor->end;
}

void
memscope_fact_append (MemscopeBuffer *out,
                      const char     *key,
                      const void     *value,
                      uint32_t        length)
{
  memscope_string_append (out, key, (uint32_t)strlen (key));
  memscope_string_append (out, value, length);
}

bool
memscope_fact_next (MemscopeCursor *cursor,
                    MemscopeFact   *fact)
{
  if (!memscope_string_next (cursor, &fact->key))
    return false;

  if (memscope_string_next (cursor, &fact->value))
    return true;

  memscope_cursor_fail (cursor);

  return false;
}

#define N_SAMPLE_VALUES (sizeof ((MemscopeSample *)0)->values / sizeof (uint64_t))

void
memscope_sample_append (MemscopeBuffer       *out,
                        const MemscopeSample *sample)
{
  put (out, sample->time);
  put (out, sample->kind);
  put (out, sample->thread);

  for (size_t i = 0; i < N_SAMPLE_VALUES; i++)
    put_optional (out, sample->values[i]);
}

bool
memscope_sample_next (MemscopeCursor *cursor,
                      MemscopeSample *sample)
{
  if (!has_more (cursor))
    return false;

  sample->time = memscope_cursor_varint (cursor);
  sample->kind = memscope_cursor_varint32 (cursor);
  sample->thread = memscope_cursor_varint32 (cursor);

  for (size_t i = 0; i < N_SAMPLE_VALUES; i++)
    sample->values[i] = get_optional (cursor);

  return !cursor->failed;
}

void
memscope_mapping_append (MemscopeBuffer        *out,
                         const MemscopeMapping *mapping)
{
  put (out, mapping->start);
  put (out, mapping->end - mapping->start);
  put (out, mapping->offset);
  put_optional (out, mapping->rss);
  put_optional (out, mapping->dirty);
  put (out, mapping->permissions);
  put (out, mapping->path);
}

bool
memscope_mapping_next (MemscopeCursor  *cursor,
                       MemscopeMapping *mapping)
{
  if (!has_more (cursor))
    return false;

  mapping->start = memscope_cursor_varint (cursor);
  mapping->end = mapping->start + memscope_cursor_varint (cursor);
  mapping->offset = memscope_cursor_varint (cursor);
  mapping->rss = get_optional (cursor);
  mapping->dirty = get_optional (cursor);
  mapping->permissions = memscope_cursor_varint32 (cursor);
  mapping->path = memscope_cursor_varint32 (cursor);

  if (mapping->end < mapping->start)
    memscope_cursor_fail (cursor);

  return !cursor->failed;
}

void
memscope_gap_append (MemscopeBuffer    *out,
                     const MemscopeGap *gap)
{
  put (out, gap->begin);
  put (out, gap->end - gap->begin);
  put_optional (out, gap->events);
  put_optional (out, gap->bytes);
  put (out, gap->thread);
  put (out, gap->reason);
}

bool
memscope_gap_next (MemscopeCursor *cursor,
                   MemscopeGap    *gap)
{
  if (!has_more (cursor))
    return false;

  gap->begin = memscope_cursor_varint (cursor);
  gap->end = gap->begin + memscope_cursor_varint (cursor);
  gap->events = get_optional (cursor);
  gap->bytes = get_optional (cursor);
  gap->thread = memscope_cursor_varint32 (cursor);
  gap->reason = memscope_cursor_varint32 (cursor);

  if (gap->end < gap->begin)
    memscope_cursor_fail (cursor);

  return !cursor->failed;
}

void
memscope_mark_append (MemscopeBuffer     *out,
                      const MemscopeMark *mark)
{
  put (out, mark->time);
  put (out, mark->event);
  put (out, mark->thread);
  put (out, mark->text);
}

bool
memscope_mark_next (MemscopeCursor *cursor,
                    MemscopeMark   *mark)
{
  if (!has_more (cursor))
    return false;

  mark->time = memscope_cursor_varint (cursor);
  mark->event = memscope_cursor_varint (cursor);
  mark->thread = memscope_cursor_varint32 (cursor);
  mark->text = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

void
memscope_mode_append (MemscopeBuffer     *out,
                      const MemscopeMode *mode)
{
  put (out, mode->time);
  put (out, mode->birth);
  put (out, mode->interval);
}

bool
memscope_mode_next (MemscopeCursor *cursor,
                    MemscopeMode   *mode)
{
  if (!has_more (cursor))
    return false;

  mode->time = memscope_cursor_varint (cursor);
  mode->birth = memscope_cursor_varint (cursor);
  mode->interval = memscope_cursor_varint (cursor);

  return !cursor->failed;
}

void
memscope_clock_append (MemscopeBuffer           *out,
                       const MemscopeClockPoint *point)
{
  put (out, point->time);
  put (out, point->tick);
  put (out, point->monotonic_ns);
  put (out, point->realtime_ns);
}

bool
memscope_clock_next (MemscopeCursor     *cursor,
                     MemscopeClockPoint *point)
{
  if (!has_more (cursor))
    return false;

  point->time = memscope_cursor_varint (cursor);
  point->tick = memscope_cursor_varint (cursor);
  point->monotonic_ns = memscope_cursor_varint (cursor);
  point->realtime_ns = memscope_cursor_varint (cursor);

  return !cursor->failed;
}

/* @previous_birth holds the lowest index the next block may have, so that
 * entries cannot but ascend.
 */
void
memscope_live_block_append (MemscopeBuffer          *out,
                            uint64_t                *previous_birth,
                            const MemscopeLiveBlock *block)
{
  if (block->birth < *previous_birth || block->birth == UINT64_MAX)
    {
      out->failed = true;
      return;
    }

  put (out, block->birth - *previous_birth);
  put (out, block->address);
  put (out, block->size);
  put (out, block->time);
  put (out, block->thread);
  put (out, block->stack);
  put (out, block->rounding == MEMSCOPE_USABLE_UNKNOWN ? 0 : (uint64_t)block->rounding + 1);
  put (out, block->kind);
  *previous_birth = block->birth + 1;
}

bool
memscope_live_block_next (MemscopeCursor    *cursor,
                          uint64_t          *previous_birth,
                          MemscopeLiveBlock *block)
{
  uint64_t rounding;

  if (!has_more (cursor))
    return false;

  block->birth = *previous_birth + memscope_cursor_varint (cursor);
  block->address = memscope_cursor_varint (cursor);
  block->size = memscope_cursor_varint (cursor);
  block->time = memscope_cursor_varint (cursor);
  block->thread = memscope_cursor_varint32 (cursor);
  block->stack = memscope_cursor_varint32 (cursor);
  rounding = memscope_cursor_varint (cursor);
  block->rounding = (uint32_t)(rounding - 1);
  block->kind = memscope_cursor_varint32 (cursor);

  if (block->birth < *previous_birth || block->birth == UINT64_MAX || rounding > UINT32_MAX ||
      block->kind > UINT8_MAX || !memscope_event_is_birth ((uint8_t)block->kind))
    memscope_cursor_fail (cursor);
  else
    *previous_birth = block->birth + 1;

  return !cursor->failed;
}

void
memscope_annotation_append (MemscopeBuffer           *out,
                            const MemscopeAnnotation *annotation)
{
  put (out, annotation->kind);
  put (out, annotation->event);
  put (out, annotation->time);
  put (out, annotation->thread);
  put (out, annotation->stack);
  put (out, annotation->address);
  put (out, annotation->size);
  put (out, annotation->other);
  put (out, annotation->name);
  put (out, annotation->type);
}

bool
memscope_annotation_next (MemscopeCursor     *cursor,
                          MemscopeAnnotation *annotation)
{
  if (!has_more (cursor))
    return false;

  annotation->kind = memscope_cursor_varint32 (cursor);
  annotation->event = memscope_cursor_varint (cursor);
  annotation->time = memscope_cursor_varint (cursor);
  annotation->thread = memscope_cursor_varint32 (cursor);
  annotation->stack = memscope_cursor_varint32 (cursor);
  annotation->address = memscope_cursor_varint (cursor);
  annotation->size = memscope_cursor_varint (cursor);
  annotation->other = memscope_cursor_varint (cursor);
  annotation->name = memscope_cursor_varint32 (cursor);
  annotation->type = memscope_cursor_varint32 (cursor);
  annotation->reserved = 0;

  return !cursor->failed;
}

void
memscope_end_append (MemscopeBuffer    *out,
                     const MemscopeEnd *end)
{
  put (out, end->reason);
  put (out, end->status);
  put (out, end->time);
  put (out, end->n_events);
  put (out, end->n_births);
  put_optional (out, end->failed_allocations);
  put_optional (out, end->unmatched_frees);
  put_optional (out, end->truncated_stacks);
}

bool
memscope_end_next (MemscopeCursor *cursor,
                   MemscopeEnd    *end)
{
  if (!has_more (cursor))
    return false;

  end->reason = memscope_cursor_varint32 (cursor);
  end->status = memscope_cursor_varint32 (cursor);
  end->time = memscope_cursor_varint (cursor);
  end->n_events = memscope_cursor_varint (cursor);
  end->n_births = memscope_cursor_varint (cursor);
  end->failed_allocations = get_optional (cursor);
  end->unmatched_frees = get_optional (cursor);
  end->truncated_stacks = get_optional (cursor);

  return !cursor->failed;
}

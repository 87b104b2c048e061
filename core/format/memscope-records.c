/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The small chunk kinds: one append and one next for each. */

#include "memscope-varint.h"

#include <string.h>

/* UINT64_MAX stands for "not recorded" or "never"; + 1 makes it the shortest number. */
static void
put_optional (MemscopeBuffer *out,
              uint64_t        value)
{
  memscope_buffer_varint (out, value + 1);
}

static uint64_t
get_optional (MemscopeCursor *cursor)
{
  return memscope_cursor_varint (cursor) - 1;
}

/* ---- facts ---- */

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
  return memscope_string_next (cursor, &fact->key) &&
         memscope_string_next (cursor, &fact->value);
}

/* ---- context samples ---- */

#define N_SAMPLE_VALUES 8

void
memscope_sample_append (MemscopeBuffer       *out,
                        const MemscopeSample *sample)
{
  memscope_buffer_varint (out, sample->time);
  memscope_buffer_varint (out, sample->kind);
  memscope_buffer_varint (out, sample->thread);
  for (int i = 0; i < N_SAMPLE_VALUES; i++)
    put_optional (out, sample->values[i]);
}

bool
memscope_sample_next (MemscopeCursor *cursor,
                      MemscopeSample *sample)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  sample->time = memscope_cursor_varint (cursor);
  sample->kind = memscope_cursor_varint32 (cursor);
  sample->thread = memscope_cursor_varint32 (cursor);
  for (int i = 0; i < N_SAMPLE_VALUES; i++)
    sample->values[i] = get_optional (cursor);

  return !cursor->failed;
}

/* ---- mappings ---- */

void
memscope_mapping_append (MemscopeBuffer        *out,
                         const MemscopeMapping *mapping)
{
  memscope_buffer_varint (out, mapping->start);
  memscope_buffer_varint (out, mapping->end - mapping->start);
  memscope_buffer_varint (out, mapping->offset);
  put_optional (out, mapping->rss);
  put_optional (out, mapping->dirty);
  memscope_buffer_varint (out, mapping->permissions);
  memscope_buffer_varint (out, mapping->path);
}

bool
memscope_mapping_next (MemscopeCursor  *cursor,
                       MemscopeMapping *mapping)
{
  uint64_t length;

  if (memscope_cursor_at_end (cursor))
    return false;
  mapping->start = memscope_cursor_varint (cursor);
  length = memscope_cursor_varint (cursor);
  if (length > UINT64_MAX - mapping->start)
    memscope_cursor_fail (cursor);
  mapping->end = mapping->start + length;
  mapping->offset = memscope_cursor_varint (cursor);
  mapping->rss = get_optional (cursor);
  mapping->dirty = get_optional (cursor);
  mapping->permissions = memscope_cursor_varint32 (cursor);
  mapping->path = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

/* ---- gaps, marks, clock ---- */

void
memscope_gap_append (MemscopeBuffer    *out,
                     const MemscopeGap *gap)
{
  memscope_buffer_varint (out, gap->begin);
  memscope_buffer_varint (out, gap->end);
  put_optional (out, gap->events);
  put_optional (out, gap->bytes);
  memscope_buffer_varint (out, gap->thread);
  memscope_buffer_varint (out, gap->reason);
}

bool
memscope_gap_next (MemscopeCursor *cursor,
                   MemscopeGap    *gap)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  gap->begin = memscope_cursor_varint (cursor);
  gap->end = memscope_cursor_varint (cursor);
  gap->events = get_optional (cursor);
  gap->bytes = get_optional (cursor);
  gap->thread = memscope_cursor_varint32 (cursor);
  gap->reason = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

void
memscope_mark_append (MemscopeBuffer     *out,
                      const MemscopeMark *mark)
{
  memscope_buffer_varint (out, mark->time);
  memscope_buffer_varint (out, mark->event);
  memscope_buffer_varint (out, mark->thread);
  memscope_buffer_varint (out, mark->text);
}

bool
memscope_mark_next (MemscopeCursor *cursor,
                    MemscopeMark   *mark)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  mark->time = memscope_cursor_varint (cursor);
  mark->event = memscope_cursor_varint (cursor);
  mark->thread = memscope_cursor_varint32 (cursor);
  mark->text = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

void
memscope_clock_append (MemscopeBuffer           *out,
                       const MemscopeClockPoint *point)
{
  memscope_buffer_varint (out, point->time);
  memscope_buffer_varint (out, point->tick);
  memscope_buffer_varint (out, point->monotonic_ns);
  memscope_buffer_varint (out, point->realtime_ns);
}

bool
memscope_clock_next (MemscopeCursor     *cursor,
                     MemscopeClockPoint *point)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  point->time = memscope_cursor_varint (cursor);
  point->tick = memscope_cursor_varint (cursor);
  point->monotonic_ns = memscope_cursor_varint (cursor);
  point->realtime_ns = memscope_cursor_varint (cursor);

  return !cursor->failed;
}

/* ---- checkpoint ---- */

void
memscope_live_block_append (MemscopeBuffer          *out,
                            uint64_t                *previous_birth,
                            const MemscopeLiveBlock *block)
{
  memscope_buffer_varint (out, block->birth - *previous_birth);
  *previous_birth = block->birth;
  memscope_buffer_varint (out, block->address);
  memscope_buffer_varint (out, block->size);
  memscope_buffer_varint (out, block->time);
  memscope_buffer_varint (out, block->thread);
  memscope_buffer_varint (out, block->stack);
  memscope_buffer_varint (out, (uint32_t)(block->rounding + 1));
  memscope_buffer_varint (out, block->kind);
}

bool
memscope_live_block_next (MemscopeCursor    *cursor,
                          uint64_t          *previous_birth,
                          MemscopeLiveBlock *block)
{
  uint64_t step;

  if (memscope_cursor_at_end (cursor))
    return false;
  step = memscope_cursor_varint (cursor);
  if (step > UINT64_MAX - *previous_birth)
    memscope_cursor_fail (cursor);
  block->birth = *previous_birth += step;
  block->address = memscope_cursor_varint (cursor);
  block->size = memscope_cursor_varint (cursor);
  block->time = memscope_cursor_varint (cursor);
  block->thread = memscope_cursor_varint32 (cursor);
  block->stack = memscope_cursor_varint32 (cursor);
  block->rounding = memscope_cursor_varint32 (cursor) - 1;
  block->kind = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

/* ---- symbols ---- */

void
memscope_symbols_append (MemscopeBuffer            *out,
                         uint32_t                   frame,
                         const MemscopeSymbolEntry *entries,
                         uint32_t                   n_entries)
{
  memscope_buffer_varint (out, frame);
  memscope_buffer_varint (out, n_entries);
  for (uint32_t i = 0; i < n_entries; i++)
    {
      memscope_buffer_varint (out, entries[i].function);
      memscope_buffer_varint (out, entries[i].linkage_name);
      memscope_buffer_varint (out, entries[i].file);
      memscope_buffer_varint (out, entries[i].line);
      memscope_buffer_varint (out, entries[i].column);
      memscope_buffer_varint (out, entries[i].language);
    }
}

bool
memscope_symbols_next (MemscopeCursor *cursor,
                       uint32_t       *frame,
                       uint32_t       *n_entries)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  *frame = memscope_cursor_varint32 (cursor);
  *n_entries = memscope_cursor_varint32 (cursor);

  /* an entry takes six bytes at least: never promise more than can follow */
  if (*n_entries > (size_t)(cursor->end - cursor->at) / 6)
    memscope_cursor_fail (cursor);

  return !cursor->failed;
}

bool
memscope_symbol_next (MemscopeCursor      *cursor,
                      MemscopeSymbolEntry *entry)
{
  entry->function = memscope_cursor_varint32 (cursor);
  entry->linkage_name = memscope_cursor_varint32 (cursor);
  entry->file = memscope_cursor_varint32 (cursor);
  entry->line = memscope_cursor_varint32 (cursor);
  entry->column = memscope_cursor_varint32 (cursor);
  entry->language = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

/* ---- annotations ---- */

void
memscope_annotation_append (MemscopeBuffer           *out,
                            const MemscopeAnnotation *annotation)
{
  memscope_buffer_varint (out, annotation->kind);
  memscope_buffer_varint (out, annotation->event);
  memscope_buffer_varint (out, annotation->time);
  memscope_buffer_varint (out, annotation->address);
  memscope_buffer_varint (out, annotation->size);
  memscope_buffer_varint (out, annotation->other);
  memscope_buffer_varint (out, annotation->thread);
  memscope_buffer_varint (out, annotation->stack);
  memscope_buffer_varint (out, annotation->name);
  memscope_buffer_varint (out, annotation->type);
}

bool
memscope_annotation_next (MemscopeCursor     *cursor,
                          MemscopeAnnotation *annotation)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  annotation->kind = memscope_cursor_varint32 (cursor);
  annotation->event = memscope_cursor_varint (cursor);
  annotation->time = memscope_cursor_varint (cursor);
  annotation->address = memscope_cursor_varint (cursor);
  annotation->size = memscope_cursor_varint (cursor);
  annotation->other = memscope_cursor_varint (cursor);
  annotation->thread = memscope_cursor_varint32 (cursor);
  annotation->stack = memscope_cursor_varint32 (cursor);
  annotation->name = memscope_cursor_varint32 (cursor);
  annotation->type = memscope_cursor_varint32 (cursor);
  annotation->reserved = 0;

  return !cursor->failed;
}

/* ---- the end ---- */

void
memscope_end_append (MemscopeBuffer    *out,
                     const MemscopeEnd *end)
{
  memscope_buffer_varint (out, end->reason);
  memscope_buffer_varint (out, end->status);
  memscope_buffer_varint (out, end->time);
  memscope_buffer_varint (out, end->n_events);
  memscope_buffer_varint (out, end->n_births);
  put_optional (out, end->failed_allocations);
  put_optional (out, end->unmatched_frees);
  put_optional (out, end->truncated_stacks);
}

bool
memscope_end_next (MemscopeCursor *cursor,
                   MemscopeEnd    *end)
{
  if (memscope_cursor_at_end (cursor))
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

/* ---- footer ---- */

void
memscope_footer_append (MemscopeBuffer            *out,
                        const MemscopeFooterEntry *entry)
{
  memscope_buffer_append (out, &entry->offset, sizeof entry->offset);
  memscope_buffer_append (out, &entry->head, sizeof entry->head);
}

bool
memscope_footer_next (MemscopeCursor      *cursor,
                      MemscopeFooterEntry *entry)
{
  const uint8_t *bytes;

  if (memscope_cursor_at_end (cursor))
    return false;
  bytes = memscope_cursor_bytes (cursor, sizeof entry->offset + sizeof entry->head);
  if (bytes == NULL)
    return false;
  memcpy (&entry->offset, bytes, sizeof entry->offset);
  memcpy (&entry->head, bytes + sizeof entry->offset, sizeof entry->head);

  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strings, modules, frames, stacks: entries with consecutive ids; and threads,
 * whose entries carry their id because they are said again when they change.
 */

#include "memscope-varint.h"

#include <string.h>

void
memscope_dictionary_begin (MemscopeBuffer *out,
                           uint64_t        first_id)
{
  memscope_buffer_varint (out, first_id);
}

bool
memscope_dictionary_open (MemscopeCursor *cursor,
                          const void     *payload,
                          size_t          length,
                          uint64_t       *first_id)
{
  *cursor = (MemscopeCursor) { payload, (const uint8_t *)payload + length, false };
  *first_id = memscope_cursor_varint (cursor);

  return !cursor->failed && *first_id != 0;
}

void
memscope_string_append (MemscopeBuffer *out,
                        const void     *bytes,
                        uint32_t        length)
{
  memscope_buffer_varint (out, length);
  memscope_buffer_append (out, bytes, length);
}

bool
memscope_string_next (MemscopeCursor      *cursor,
                      MemscopeStringEntry *entry)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  entry->length = memscope_cursor_varint32 (cursor);
  entry->bytes = memscope_cursor_bytes (cursor, entry->length);

  return !cursor->failed;
}

void
memscope_module_append (MemscopeBuffer            *out,
                        const MemscopeModuleEntry *entry)
{
  memscope_buffer_varint (out, entry->path);
  memscope_string_append (out, entry->build_id, entry->build_id_length);
  memscope_buffer_varint (out, entry->bias);
  memscope_buffer_varint (out, entry->start);
  memscope_buffer_varint (out, entry->end);
  memscope_buffer_varint (out, entry->load_time);
  /* + 1 wraps "never" to 0 */
  memscope_buffer_varint (out, entry->unload_time + 1);
}

bool
memscope_module_next (MemscopeCursor      *cursor,
                      MemscopeModuleEntry *entry)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  entry->path = memscope_cursor_varint32 (cursor);
  entry->build_id_length = memscope_cursor_varint32 (cursor);
  entry->build_id = memscope_cursor_bytes (cursor, entry->build_id_length);
  entry->bias = memscope_cursor_varint (cursor);
  entry->start = memscope_cursor_varint (cursor);
  entry->end = memscope_cursor_varint (cursor);
  entry->load_time = memscope_cursor_varint (cursor);
  entry->unload_time = memscope_cursor_varint (cursor) - 1;

  return !cursor->failed;
}

void
memscope_frame_append (MemscopeBuffer           *out,
                       const MemscopeFrameEntry *entry)
{
  memscope_buffer_varint (out, entry->module);
  memscope_buffer_varint (out, entry->flags);
  memscope_buffer_varint (out, entry->offset);
}

bool
memscope_frame_next (MemscopeCursor     *cursor,
                     MemscopeFrameEntry *entry)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  entry->module = memscope_cursor_varint32 (cursor);
  entry->flags = memscope_cursor_varint32 (cursor);
  entry->offset = memscope_cursor_varint (cursor);

  return !cursor->failed;
}

void
memscope_stack_append (MemscopeBuffer           *out,
                       const MemscopeStackEntry *entry)
{
  memscope_buffer_varint (out, entry->parent);
  memscope_buffer_varint (out, entry->frame);
}

bool
memscope_stack_next (MemscopeCursor     *cursor,
                     MemscopeStackEntry *entry)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  entry->parent = memscope_cursor_varint32 (cursor);
  entry->frame = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

void
memscope_thread_append (MemscopeBuffer            *out,
                        const MemscopeThreadEntry *entry)
{
  memscope_buffer_varint (out, entry->id);
  memscope_buffer_varint (out, entry->tid);
  memscope_buffer_varint (out, entry->name);
  memscope_buffer_varint (out, entry->start_time);
  memscope_buffer_varint (out, entry->end_time + 1);
}

bool
memscope_thread_next (MemscopeCursor      *cursor,
                      MemscopeThreadEntry *entry)
{
  if (memscope_cursor_at_end (cursor))
    return false;
  entry->id = memscope_cursor_varint32 (cursor);
  entry->tid = memscope_cursor_varint32 (cursor);
  entry->name = memscope_cursor_varint32 (cursor);
  entry->reserved = 0;
  entry->start_time = memscope_cursor_varint (cursor);
  entry->end_time = memscope_cursor_varint (cursor) - 1;

  return !cursor->failed;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Entries of the dictionaries: strings, modules, frames, stacks, threads, and
 * the symbols of frames. Ids are counted from the chunk's first_id.
 */

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
memscope_dictionary_begin (MemscopeBuffer *out,
                           uint64_t        first_id)
{
  put (out, first_id);
}

bool
memscope_dictionary_open (MemscopeCursor *cursor,
                          const void     *payload,
                          size_t          length,
                          uint64_t       *first_id)
{
  memscope_cursor_init (cursor, payload, length);
  *first_id = memscope_cursor_varint32 (cursor);

  if (*first_id == 0)
    memscope_cursor_fail (cursor);

  return !cursor->failed;
}

void
memscope_string_append (MemscopeBuffer *out,
                        const void     *bytes,
                        uint32_t        length)
{
  put (out, length);
  memscope_buffer_append (out, bytes, length);
}

bool
memscope_string_next (MemscopeCursor      *cursor,
                      MemscopeStringEntry *entry)
{
  if (!has_more (cursor))
    return false;

  entry->length = memscope_cursor_varint32 (cursor);
  entry->bytes = memscope_cursor_bytes (cursor, entry->length);

  return !cursor->failed;
}

void
memscope_module_append (MemscopeBuffer            *out,
                        const MemscopeModuleEntry *entry)
{
  put (out, entry->path);
  put (out, entry->build_id_length);
  memscope_buffer_append (out, entry->build_id, entry->build_id_length);
  put (out, entry->bias);
  put (out, entry->start);
  put (out, entry->end - entry->start);
  put (out, entry->load_time);
  put_optional (out, entry->unload_time);
}

bool
memscope_module_next (MemscopeCursor      *cursor,
                      MemscopeModuleEntry *entry)
{
  if (!has_more (cursor))
    return false;

  entry->path = memscope_cursor_varint32 (cursor);
  entry->build_id_length = memscope_cursor_varint32 (cursor);
  entry->build_id = memscope_cursor_bytes (cursor, entry->build_id_length);
  entry->bias = memscope_cursor_varint (cursor);
  entry->start = memscope_cursor_varint (cursor);
  entry->end = entry->start + memscope_cursor_varint (cursor);
  entry->load_time = memscope_cursor_varint (cursor);
  entry->unload_time = get_optional (cursor);

  if (entry->end < entry->start)
    memscope_cursor_fail (cursor);

  return !cursor->failed;
}

void
memscope_frame_append (MemscopeBuffer           *out,
                       const MemscopeFrameEntry *entry)
{
  put (out, entry->module);
  put (out, entry->flags);
  put (out, entry->offset);
}

bool
memscope_frame_next (MemscopeCursor     *cursor,
                     MemscopeFrameEntry *entry)
{
  if (!has_more (cursor))
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
  put (out, entry->parent);
  put (out, entry->frame);
}

bool
memscope_stack_next (MemscopeCursor     *cursor,
                     MemscopeStackEntry *entry)
{
  if (!has_more (cursor))
    return false;

  entry->parent = memscope_cursor_varint32 (cursor);
  entry->frame = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

void
memscope_thread_append (MemscopeBuffer            *out,
                        const MemscopeThreadEntry *entry)
{
  put (out, entry->id);
  put (out, entry->tid);
  put (out, entry->name);
  put (out, entry->start_time);
  put_optional (out, entry->end_time);
}

bool
memscope_thread_next (MemscopeCursor      *cursor,
                      MemscopeThreadEntry *entry)
{
  if (!has_more (cursor))
    return false;

  entry->id = memscope_cursor_varint32 (cursor);
  entry->tid = memscope_cursor_varint32 (cursor);
  entry->name = memscope_cursor_varint32 (cursor);
  entry->reserved = 0;
  entry->start_time = memscope_cursor_varint (cursor);
  entry->end_time = get_optional (cursor);

  if (entry->id == 0)
    memscope_cursor_fail (cursor);

  return !cursor->failed;
}

void
memscope_symbols_append (MemscopeBuffer            *out,
                         uint32_t                   frame,
                         const MemscopeSymbolEntry *entries,
                         uint32_t                   n_entries)
{
  put (out, frame);
  put (out, n_entries);

  for (uint32_t i = 0; i < n_entries; i++)
    {
      put (out, entries[i].function);
      put (out, entries[i].linkage_name);
      put (out, entries[i].file);
      put (out, entries[i].line);
      put (out, entries[i].column);
      put (out, entries[i].language);
    }
}

bool
memscope_symbols_next (MemscopeCursor *cursor,
                       uint32_t       *frame,
                       uint32_t       *n_entries)
{
  if (!has_more (cursor))
    return false;

  *frame = memscope_cursor_varint32 (cursor);
  *n_entries = memscope_cursor_varint32 (cursor);

  /* six fields of a byte at least */
  if (*frame == 0 || *n_entries > (size_t)(cursor->end - cursor->at) / 6)
    memscope_cursor_fail (cursor);

  return !cursor->failed;
}

bool
memscope_symbol_next (MemscopeCursor      *cursor,
                      MemscopeSymbolEntry *entry)
{
  if (!has_more (cursor))
    return false;

  entry->function = memscope_cursor_varint32 (cursor);
  entry->linkage_name = memscope_cursor_varint32 (cursor);
  entry->file = memscope_cursor_varint32 (cursor);
  entry->line = memscope_cursor_varint32 (cursor);
  entry->column = memscope_cursor_varint32 (cursor);
  entry->language = memscope_cursor_varint32 (cursor);

  return !cursor->failed;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "thread-table.h"

static ThreadEntry *
entry_at (const ThreadTable *table,
          uint32_t           id)
{
  return (ThreadEntry *)table->entries.data + (id - 1);
}

void
thread_table_init (ThreadTable *table)
{
  *table = (ThreadTable) { 0 };
  vector_init (&table->entries, sizeof (ThreadEntry));
}

void
thread_table_clear (ThreadTable *table)
{
  id_table_clear (&table->ids);
  vector_clear (&table->entries);
}

uint32_t
thread_table_add (ThreadTable *table,
                  uint32_t     serial,
                  uint32_t     tid,
                  uint64_t     start_time)
{
  uint32_t id = id_table_find (&table->ids, serial);
  ThreadEntry *added;

  if (id != 0)
    return id;

  if (table->entries.length >= UINT32_MAX - 1)
    return 0;

  added = vector_add (&table->entries);
  if (added == NULL)
    return 0;

  id = (uint32_t)table->entries.length;
  added->entry = (MemscopeThreadEntry) { .id = id, .tid = tid, .start_time = start_time, .end_time = UINT64_MAX };
  added->changed = table->changed = true;
  if (!id_table_insert (&table->ids, serial, id))
    {
      table->entries.length--;
      return 0;
    }

  return id;
}

void
thread_table_name (ThreadTable *table,
                   uint32_t     id,
                   uint32_t     name,
                   bool         by_program)
{
  ThreadEntry *thread;

  if (id == 0 || name == 0)
    return;

  thread = entry_at (table, id);
  if (thread->entry.name == name || (thread->is_named && !by_program))
    return;

  thread->entry.name = name;
  thread->is_named = by_program;
  thread->changed = table->changed = true;
}

void
thread_table_end (ThreadTable *table,
                  uint32_t     id,
                  uint64_t     time)
{
  ThreadEntry *thread;

  if (id == 0)
    return;

  thread = entry_at (table, id);
  thread->entry.end_time = time > thread->entry.start_time ? time : thread->entry.start_time;
  thread->changed = table->changed = true;
}

/* The latest first: an earlier thread may have had the same tid. */
uint32_t
thread_table_find_tid (const ThreadTable *table,
                       uint32_t           tid)
{
  for (size_t i = table->entries.length; i > 0; i--)
    {
      const MemscopeThreadEntry *entry = &entry_at (table, (uint32_t)i)->entry;

      if (entry->tid == tid && entry->end_time == UINT64_MAX)
        return entry->id;
    }

  return 0;
}

void
thread_table_write (ThreadTable *table,
                    Writer      *writer)
{
  MemscopeBuffer payload;

  if (!table->changed)
    return;

  pages_buffer_init (&payload);

  for (uint32_t id = 1; id <= table->entries.length; id++)
    if (entry_at (table, id)->changed)
      {
        memscope_thread_append (&payload, &entry_at (table, id)->entry);
        entry_at (table, id)->changed = false;
      }

  writer_add_chunk (writer, MEMSCOPE_CHUNK_THREADS, NULL, &payload);
  pages_buffer_clear (&payload);
  table->changed = false;
}

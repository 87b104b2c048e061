/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "thread-table.h"

/* Where nothing was forgotten, that is the (id - 1)th. NULL: it was. */
static ThreadEntry *
find_entry (const ThreadTable *table,
            uint32_t           id)
{
  ThreadEntry *entries = table->entries.data;
  size_t low = 0, high = table->entries.length;

  if (id <= high && entries[id - 1].entry.id == id)
    return &entries[id - 1];

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (entries[middle].entry.id < id)
        low = middle + 1;
      else
        high = middle;
    }

  return low < table->entries.length && entries[low].entry.id == id ? &entries[low] : NULL;
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

  if (table->n >= UINT32_MAX - 1)
    return 0;

  added = vector_add (&table->entries);
  if (added == NULL)
    return 0;

  id = table->n + 1;
  added->serial = serial;
  added->entry = (MemscopeThreadEntry) { .id = id, .tid = tid, .start_time = start_time, .end_time = UINT64_MAX };
  added->changed = table->changed = true;
  if (!id_table_insert (&table->ids, serial, id))
    {
      table->entries.length--;
      return 0;
    }
  table->n = id;

  return id;
}

void
thread_table_name (ThreadTable *table,
                   uint32_t     id,
                   uint32_t     name,
                   bool         by_program)
{
  ThreadEntry *thread = id != 0 && name != 0 ? find_entry (table, id) : NULL;

  if (thread == NULL)
    return;
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
  ThreadEntry *thread = id != 0 ? find_entry (table, id) : NULL;

  if (thread == NULL)
    return;

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
      const MemscopeThreadEntry *entry = &((const ThreadEntry *)table->entries.data)[i - 1].entry;

      if (entry->tid == tid && entry->end_time == UINT64_MAX)
        return entry->id;
    }

  return 0;
}

void
thread_table_repeat (ThreadTable   *table,
                     const uint8_t *used)
{
  ThreadEntry *entries = table->entries.data;
  size_t n = 0;

  for (size_t i = 0; i < table->entries.length; i++)
    {
      uint32_t id = entries[i].entry.id;

      if (used != NULL && entries[i].entry.end_time != UINT64_MAX && (used[id / 8] >> id % 8 & 1) == 0)
        {
          id_table_remove (&table->ids, entries[i].serial);
          continue;
        }

      entries[n] = entries[i];
      entries[n++].changed = true;
    }

  table->entries.length = n;
  table->changed = n != 0;
}

void
thread_table_write (ThreadTable *table,
                    Writer      *writer)
{
  ThreadEntry *entries = table->entries.data;
  MemscopeBuffer payload;

  if (!table->changed)
    return;

  pages_buffer_init (&payload);

  for (size_t i = 0; i < table->entries.length; i++)
    if (entries[i].changed)
      {
        memscope_thread_append (&payload, &entries[i].entry);
        entries[i].changed = false;
      }

  writer_add_chunk (writer, MEMSCOPE_CHUNK_THREADS, NULL, &payload);
  pages_buffer_clear (&payload);
  table->changed = false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-string-table.h"

#include <string.h>

#define BLOCK_SIZE (64u * 1024u)

typedef struct
{
  const char *bytes;
  gsize       length;
} Entry;

void
memscope_string_table_init (MemscopeStringTable *self)
{
  memscope_table_init (&self->entries, sizeof (Entry), 1);
  memscope_interner_init (&self->interner);
  self->blocks = g_ptr_array_new_with_free_func (g_free);
  self->at = NULL;
  self->room = 0;
}

void
memscope_string_table_clear (MemscopeStringTable *self)
{
  memscope_table_clear (&self->entries);
  memscope_interner_clear (&self->interner);
  g_clear_pointer (&self->blocks, g_ptr_array_unref);
}

static gboolean
entry_equal (gconstpointer table,
             guint32       id,
             gconstpointer key)
{
  const Entry *entry = &memscope_table_index ((const MemscopeTable *)table, Entry, id);
  const Entry *wanted = key;

  return entry->length == wanted->length && memcmp (entry->bytes, wanted->bytes, wanted->length) == 0;
}

static const char *
memscope_string_table_store (MemscopeStringTable *self,
                             const void          *bytes,
                             gsize                length)
{
  char *place;

  if (length >= BLOCK_SIZE / 4)
    {
      place = g_malloc (length + 1);
      g_ptr_array_add (self->blocks, place);
    }
  else
    {
      if (self->room < length + 1)
        {
          self->at = g_malloc (BLOCK_SIZE);
          self->room = BLOCK_SIZE;
          g_ptr_array_add (self->blocks, self->at);
        }

      place = self->at;
      self->at += length + 1;
      self->room -= length + 1;
    }

  if (length > 0)
    memcpy (place, bytes, length);
  place[length] = '\0';

  return place;
}

guint32
memscope_string_table_intern (MemscopeStringTable *self,
                              const void          *bytes,
                              gsize                length)
{
  Entry entry = { length > 0 ? bytes : "", length };
  guint64 hash = memscope_interner_hash (&self->interner, entry.bytes, length);
  guint32 id = memscope_interner_find (&self->interner, hash, entry_equal, &self->entries, &entry);

  if (id != 0)
    return id;

  entry.bytes = memscope_string_table_store (self, bytes, length);
  id = self->entries.n;
  memscope_table_append (&self->entries, &entry);
  memscope_interner_insert (&self->interner, hash, id);

  return id;
}

const char *
memscope_string_table_get (const MemscopeStringTable *self,
                           guint32                    id,
                           gsize                     *length)
{
  const Entry *entry;

  if (length != NULL)
    *length = 0;

  if (id == 0 || id >= memscope_table_get_n (&self->entries))
    return NULL;

  entry = &memscope_table_index (&self->entries, const Entry, id);
  if (length != NULL)
    *length = entry->length;

  return entry->bytes;
}

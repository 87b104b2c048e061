/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "string-table.h"

#include <string.h>

/* Beyond this much text, strings are written each time they are met: a program
 * that makes up new names for ever must not fill the collector's memory.
 */
#define MAX_KEPT (32u * 1024u * 1024u)

typedef struct
{
  uint32_t id;
  uint32_t length;
  size_t   offset;
} StringPlace;

void
string_table_init (StringTable *table)
{
  *table = (StringTable) { 0 };
  vector_init (&table->places, sizeof (StringPlace));
  vector_init (&table->bytes, 1);
  pages_buffer_init (&table->pending);
}

void
string_table_clear (StringTable *table)
{
  id_table_clear (&table->ids);
  vector_clear (&table->places);
  vector_clear (&table->bytes);
  pages_buffer_clear (&table->pending);
}

static uint64_t
hash_of (const uint8_t *bytes,
         uint32_t       length)
{
  uint64_t hash = UINT64_C (0xcbf29ce484222325);

  for (uint32_t i = 0; i < length; i++)
    hash = (hash ^ bytes[i]) * UINT64_C (0x100000001b3);

  return hash ^ length;
}

/* The place where the string stands, or NULL; @key: where it belongs. */
static const StringPlace *
find (const StringTable *table,
      const void        *bytes,
      uint32_t           length,
      uint64_t          *key)
{
  uint32_t index;

  for (*key = hash_of (bytes, length); (index = id_table_find (&table->ids, *key)) != 0; ++*key)
    {
      const StringPlace *place = (const StringPlace *)table->places.data + (index - 1);

      if (place->length == length && memcmp ((char *)table->bytes.data + place->offset, bytes, length) == 0)
        return place;
    }

  return NULL;
}

static void
keep (StringTable *table,
      const void  *bytes,
      uint32_t     length,
      uint64_t     key,
      uint32_t     id)
{
  StringPlace *place;

  if (table->bytes.length + length > MAX_KEPT ||
      !vector_reserve (&table->bytes, table->bytes.length + length) ||
      (place = vector_add (&table->places)) == NULL)
    return;

  *place = (StringPlace) { .id = id, .length = length, .offset = table->bytes.length };
  memcpy ((char *)table->bytes.data + place->offset, bytes, length);
  table->bytes.length += length;

  if (!id_table_insert (&table->ids, key, (uint32_t)table->places.length))
    table->places.length--;
}

uint32_t
string_table_add (StringTable *table,
                  const void  *bytes,
                  uint32_t     length)
{
  const StringPlace *place;
  uint64_t key;

  if (length == 0 || table->n == UINT32_MAX)
    return 0;

  place = find (table, bytes, length, &key);
  if (place != NULL)
    return place->id;

  if (table->n_pending == 0)
    memscope_dictionary_begin (&table->pending, (uint64_t)table->n + 1);

  memscope_string_append (&table->pending, bytes, length);
  if (table->pending.failed)
    return 0;

  table->n++;
  table->n_pending++;
  keep (table, bytes, length, key, table->n);

  return table->n;
}

/* What was too much to keep leaves holes in the ids: a chunk for each run of them. */
void
string_table_repeat (StringTable *table,
                     Writer      *writer)
{
  const StringPlace *places = table->places.data;
  size_t i = 0;

  table->n_pending = 0;
  while (i < table->places.length)
    {
      uint32_t id = places[i].id;

      table->pending.length = 0;
      memscope_dictionary_begin (&table->pending, id);
      for (; i < table->places.length && places[i].id == id; i++, id++)
        memscope_string_append (&table->pending, (char *)table->bytes.data + places[i].offset, places[i].length);
      writer_add_chunk (writer, MEMSCOPE_CHUNK_STRINGS, NULL, &table->pending);
    }

  table->pending.length = 0;
}

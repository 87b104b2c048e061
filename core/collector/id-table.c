/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "id-table.h"

#include <string.h>

#include "pages.h"

#define FIRST_CAPACITY 256u

static inline size_t
home_of (const IdTable *table,
         uint64_t       key)
{
  uint64_t hash = key * UINT64_C (0x9e3779b97f4a7c15);

  return (size_t)(hash ^ hash >> 32) & (table->capacity - 1);
}

/* The entry that holds @key, or the empty one where it belongs. */
static inline IdTableEntry *
probe (const IdTable *table,
       uint64_t       key)
{
  size_t at = home_of (table, key);

  while (table->entries[at].value != 0 && table->entries[at].key != key)
    at = (at + 1) & (table->capacity - 1);

  return &table->entries[at];
}

void
id_table_clear (IdTable *table)
{
  pages_unmap (table->entries, table->capacity * sizeof *table->entries);
  *table = (IdTable) { 0 };
}

uint32_t
id_table_find (const IdTable *table,
               uint64_t       key)
{
  return table->length != 0 ? probe (table, key)->value : 0;
}

void
id_table_fetch (const IdTable *table,
                uint64_t       key)
{
  if (table->length != 0)
    __builtin_prefetch (&table->entries[home_of (table, key)]);
}

static bool
grow (IdTable *table)
{
  IdTable grown = { .capacity = table->capacity != 0 ? table->capacity * 2 : FIRST_CAPACITY, .length = table->length };

  grown.entries = pages_map (grown.capacity * sizeof *grown.entries);
  if (grown.entries == NULL)
    return false;

  for (size_t i = 0; i < table->capacity; i++)
    if (table->entries[i].value != 0)
      *probe (&grown, table->entries[i].key) = table->entries[i];

  pages_unmap (table->entries, table->capacity * sizeof *table->entries);
  *table = grown;

  return true;
}

bool
id_table_insert (IdTable  *table,
                 uint64_t  key,
                 uint32_t  value)
{
  IdTableEntry *entry;

  if (table->length >= table->capacity - table->capacity / 4 && !grow (table))
    return false;

  entry = probe (table, key);
  if (entry->value == 0)
    table->length++;
  *entry = (IdTableEntry) { .key = key, .value = value };

  return true;
}

/* Closes the hole by moving back every later entry of the run that may stand
 * nearer to its home; so there are no tombstones to slow down later probes.
 */
uint32_t
id_table_remove (IdTable  *table,
                 uint64_t  key)
{
  size_t mask = table->capacity - 1;
  IdTableEntry *entry;
  uint32_t value;
  size_t hole;

  if (table->length == 0)
    return 0;

  entry = probe (table, key);
  value = entry->value;
  if (value == 0)
    return 0;

  hole = (size_t)(entry - table->entries);
  for (size_t at = (hole + 1) & mask; table->entries[at].value != 0; at = (at + 1) & mask)
    {
      size_t home = home_of (table, table->entries[at].key);

      if (((at - home) & mask) >= ((at - hole) & mask))
        {
          table->entries[hole] = table->entries[at];
          hole = at;
        }
    }

  table->entries[hole] = (IdTableEntry) { 0 };
  table->length--;

  return value;
}

bool
id_table_copy (IdTable       *copy,
               const IdTable *table)
{
  *copy = (IdTable) { 0 };

  if (table->length == 0)
    return true;

  copy->entries = pages_map (table->capacity * sizeof *table->entries);
  if (copy->entries == NULL)
    return false;

  memcpy (copy->entries, table->entries, table->capacity * sizeof *table->entries);
  copy->capacity = table->capacity;
  copy->length = table->length;

  return true;
}

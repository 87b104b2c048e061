/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 64-bit key -> 32-bit value (never 0), open addressing. */
typedef struct
{
  uint64_t key;
  uint32_t value;   /* 0: empty */
  uint32_t unused;
} IdTableEntry;

typedef struct
{
  IdTableEntry *entries;
  size_t        capacity;   /* a power of two, or 0 */
  size_t        length;
} IdTable;

void     id_table_clear  (IdTable *table);
uint32_t id_table_find   (const IdTable *table, uint64_t key);                  /* 0: not there */
bool     id_table_insert (IdTable *table, uint64_t key, uint32_t value);        /* replaces; false: out of memory */
uint32_t id_table_remove (IdTable *table, uint64_t key);                        /* what was there */
void     id_table_fetch  (const IdTable *table, uint64_t key);                  /* into the cache, should it be there */
bool     id_table_copy   (IdTable *copy, const IdTable *table);

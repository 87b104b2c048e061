/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "id-table.h"
#include "pages.h"
#include "memscope-format.h"
#include "writer.h"

/* The file's STRINGS: equal bytes get one id. What was not written yet stands
 * in `pending`, the payload of the next chunk.
 */
typedef struct
{
  IdTable        ids;            /* hash -> id */
  Vector         places;         /* StringPlace by id - 1 */
  Vector         bytes;          /* the texts, to compare with */
  MemscopeBuffer pending;
  uint32_t       n_pending;
  uint32_t       n;              /* ids given out */
} StringTable;

void     string_table_init  (StringTable *table);
void     string_table_clear (StringTable *table);

/* 0 when there is no memory for it, or nothing to say. */
uint32_t string_table_add   (StringTable *table, const void *bytes, uint32_t length);

/* Writes all that were kept once more, with the ids they have: another file begins. */
void     string_table_repeat (StringTable *table, Writer *writer);

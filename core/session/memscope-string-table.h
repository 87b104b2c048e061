/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-interner.h"
#include "memscope-table.h"

G_BEGIN_DECLS

/* Byte strings, each kept once, by id from 1. The bytes are what the file had,
 * NULs and invalid UTF-8 included, followed by one NUL of our own; they never
 * move. "" is a string with an id; no string is id 0.
 */
typedef struct
{
  MemscopeTable    entries;
  MemscopeInterner interner;
  GPtrArray       *blocks;
  char            *at;       /* free room in the last block */
  gsize            room;
} MemscopeStringTable;

void        memscope_string_table_init   (MemscopeStringTable       *self);
void        memscope_string_table_clear  (MemscopeStringTable       *self);
guint32     memscope_string_table_intern (MemscopeStringTable       *self,
                                          const void                *bytes,
                                          gsize                      length);
/* NULL for 0 and for ids that do not exist. */
const char *memscope_string_table_get    (const MemscopeStringTable *self,
                                          guint32                    id,
                                          gsize                     *length);

G_END_DECLS

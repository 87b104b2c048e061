/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "id-table.h"
#include "pages.h"
#include "writer.h"

/* The file's THREADS. Ids count from 1 in the order in which threads were met. */
typedef struct
{
  IdTable ids;        /* serial -> id */
  Vector  entries;    /* ThreadEntry, ascending by id */
  uint32_t n;         /* ids given out */
  bool    changed;
} ThreadTable;

typedef struct
{
  MemscopeThreadEntry entry;
  uint32_t            serial;
  bool                changed;
  bool                is_named;   /* by the program itself: /proc does not replace it */
} ThreadEntry;

void     thread_table_init  (ThreadTable *table);
void     thread_table_clear (ThreadTable *table);

/* The thread with this serial, made if it is new. 0: out of memory. */
uint32_t thread_table_add   (ThreadTable *table, uint32_t serial, uint32_t tid, uint64_t start_time);

void     thread_table_name  (ThreadTable *table, uint32_t id, uint32_t name, bool by_program);
void     thread_table_end   (ThreadTable *table, uint32_t id, uint64_t time);

/* The thread that has this tid at present; 0: none that was met. */
uint32_t thread_table_find_tid (const ThreadTable *table, uint32_t tid);

/* Another file begins, which gets all entries once more. Threads that ended are
 * forgotten, but for those in @used, a bit for each id; NULL: all of them.
 */
void     thread_table_repeat (ThreadTable *table, const uint8_t *used);

/* Writes what is new or has changed. */
void     thread_table_write (ThreadTable *table, Writer *writer);

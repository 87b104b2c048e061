/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session-builder.h"

G_BEGIN_DECLS

/* memscope-rs's records come in any order and carry absolute times; rows are in
 * order of birth and count from the origin. A reader collects one of these for
 * each record, and adds the rows in the order that comes out.
 */
typedef struct
{
  guint64 alloc;         /* as stored */
  guint64 dealloc;       /* as stored; MEMSCOPE_NEVER: none */
  guint64 ptr;
  guint64 offset;        /* of the record in the file */
  guint64 birth_event;   /* filled by memscope_stored_records_plan() */
  guint64 death_event;
} MemscopeStoredRecord;

/* Sorts @records (an array of MemscopeStoredRecord) by time, address and offset;
 * makes `alloc` and `dealloc` the times of the session, fills the event
 * positions, and tells @builder origin, duration, and how many rows and events come. An end before
 * its beginning is moved to it, and warned of.
 */
void     memscope_stored_records_plan    (GArray                 *records,
                                          MemscopeSessionBuilder *builder);

/* After the last row. */
GArray  *memscope_stored_records_offsets (const GArray           *records);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* One allocation record of memscope-rs's binary files, in the six layouts that
 * its writers used. Bytes in, fields or JSON out; nothing is copied or allocated
 * from a length that the bytes do not cover.
 */

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  MEMSCOPE_RS_R1 = 1,   /* pointer, size, time, name, type, thread */
  MEMSCOPE_RS_R2,       /* + deallocation, scope, borrow count, leaked, lifetime */
  MEMSCOPE_RS_R3,       /* + stack, complex fields as JSON */
  MEMSCOPE_RS_R4,       /* smart pointer and memory layout in binary */
  MEMSCOPE_RS_R5,       /* a word of its own for "no string" */
  MEMSCOPE_RS_R6,       /* + borrow, clone, ownership */
} MemscopeRsLayout;

/* The smallest record there is: type, Length, and R1 with empty strings. */
#define MEMSCOPE_RS_MIN_RECORD 41u

/* A string in the file; bytes NULL: none. */
typedef struct
{
  const guint8 *bytes;
  guint32       length;
} MemscopeRsText;

/* The fields that columns hold, and where the others are. */
typedef struct
{
  guint64        ptr;
  guint64        size;
  guint64        timestamp_alloc;
  guint64        timestamp_dealloc;
  guint64        lifetime_ms;
  MemscopeRsText var_name;
  MemscopeRsText type_name;
  MemscopeRsText scope_name;
  MemscopeRsText thread_id;
  const guint8  *stack;              /* n_stack times length and bytes */
  gsize          stack_size;         /* bytes */
  guint32        n_stack;
  guint32        borrow_count;
  guint8         has_dealloc;
  guint8         has_lifetime;
  guint8         is_leaked;
  guint8         has_binary_fields;  /* a smart pointer or a memory layout: tells R3 from R4 */
  const guint8  *rest;               /* from borrow_info (R6) or smart_pointer_info on */
  const guint8  *end;
} MemscopeRsRecord;

/* Decodes the value of a record (what follows type and Length), which ends at
 * record->end, not beyond @end. @work is increased by what that cost.
 */
gboolean memscope_rs_record_decode      (MemscopeRsLayout        layout,
                                         const guint8           *value,
                                         const guint8           *end,
                                         MemscopeRsRecord       *record,
                                         guint64                *work);

/* The same up to `rest`, for bytes that were decoded before. */
gboolean memscope_rs_record_decode_columns (MemscopeRsLayout     layout,
                                            const guint8        *value,
                                            const guint8        *end,
                                            MemscopeRsRecord    *record);

/* How many of its JSON fields are not JSON; they are written as null. */
guint    memscope_rs_record_count_bad_json (MemscopeRsLayout        layout,
                                            const MemscopeRsRecord *record);

/* See memscope_session_append_extras(). */
void     memscope_rs_record_write_json  (MemscopeRsLayout        layout,
                                         const MemscopeRsRecord *record,
                                         GString                *json);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Bounded reading of the little-endian, unaligned values of memscope-rs's records.
 * For memscope-rs-record.c. The first read past the end makes a cursor fail, and
 * all further ones give zeroes.
 */

#include <string.h>

#include "memscope-rs-record.h"

G_BEGIN_DECLS

/* The length that says "no string" since R5. */
#define NO_STRING 0xfffffffeu

typedef struct
{
  const guint8 *at;
  const guint8 *end;
  gboolean      failed;
  guint64       work;      /* items looked at: bounds what damaged files may cost */
} Cursor;

static inline const guint8 *
take (Cursor *cursor,
      gsize   n)
{
  const guint8 *taken = cursor->at;

  cursor->work++;
  if (G_UNLIKELY (cursor->failed || (gsize)(cursor->end - cursor->at) < n))
    {
      cursor->failed = TRUE;
      return NULL;
    }

  cursor->at += n;

  return taken;
}

static inline guint8
take8 (Cursor *cursor)
{
  const guint8 *data = take (cursor, 1);

  return data != NULL ? *data : 0;
}

static inline guint32
take32 (Cursor *cursor)
{
  const guint8 *data = take (cursor, 4);
  guint32 value = 0;

  if (data != NULL)
    memcpy (&value, data, sizeof value);

  return GUINT32_FROM_LE (value);
}

static inline guint64
take64 (Cursor *cursor)
{
  const guint8 *data = take (cursor, 8);
  guint64 value = 0;

  if (data != NULL)
    memcpy (&value, data, sizeof value);

  return GUINT64_FROM_LE (value);
}

static inline double
take_double (Cursor *cursor)
{
  guint64 bits = take64 (cursor);
  double value;

  memcpy (&value, &bits, sizeof value);

  return value;
}

static inline MemscopeRsText
take_bytes (Cursor  *cursor,
            guint32  length)
{
  MemscopeRsText text = { take (cursor, length), length };

  return text.bytes != NULL ? text : (MemscopeRsText) { NULL, 0 };
}

static inline MemscopeRsText
take_text (Cursor *cursor)
{
  return take_bytes (cursor, take32 (cursor));
}

/* R1 to R4 know no difference between no string and an empty one. */
static inline MemscopeRsText
take_optional_text (Cursor           *cursor,
                    MemscopeRsLayout  layout)
{
  guint32 length = take32 (cursor);

  if (length == (layout >= MEMSCOPE_RS_R5 ? NO_STRING : 0))
    return (MemscopeRsText) { NULL, 0 };

  return take_bytes (cursor, length);
}

/* The writer wrote 0 and 1 only. Anything else says that these are not the bytes
 * of a record, which is what finding the next one after damage relies on.
 */
static inline gboolean
take_flag (Cursor *cursor)
{
  guint8 flag = take8 (cursor);

  if (flag > 1)
    cursor->failed = TRUE;

  return flag == 1 && !cursor->failed;
}

static inline gboolean
take_optional64 (Cursor  *cursor,
                 guint64 *value)
{
  if (!take_flag (cursor))
    return FALSE;

  *value = take64 (cursor);

  return !cursor->failed;
}

/* A count of items of at least @size bytes each; fails at once when they cannot be there. */
static inline guint32
take_count (Cursor *cursor,
            gsize   size)
{
  guint32 n = take32 (cursor);

  if (n > (gsize)(cursor->end - cursor->at) / size)
    cursor->failed = TRUE;

  return cursor->failed ? 0 : n;
}

G_END_DECLS

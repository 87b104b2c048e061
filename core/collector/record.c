/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "record.h"

#include <stddef.h>
#include <string.h>

#include "record-encode.h"

size_t
record_encode (uint8_t      *out,
               const Record *record,
               ArenaClock    clock,
               uint64_t     *last_stamp,
               uint64_t     *last_time,
               uint64_t     *last_address)
{
  return record_encode_inline (out, record, clock, last_stamp, last_time, last_address);
}

static uint8_t
get_byte (MemscopeCursor *cursor)
{
  if (memscope_cursor_at_end (cursor))
    return (uint8_t)memscope_cursor_fail (cursor);

  return *cursor->at++;
}

static const uint8_t *
get_text (MemscopeCursor *cursor,
          uint32_t       *length)
{
  *length = memscope_cursor_varint32 (cursor);
  if (*length > RECORD_MAX_TEXT)
    memscope_cursor_fail (cursor);

  return memscope_cursor_bytes (cursor, *length);
}

/* A number of @length + 1 bytes. */
static inline uint64_t
get_bytes (MemscopeCursor *cursor,
           unsigned        length)
{
  uint64_t value = 0;

  length++;
  if (__builtin_expect (cursor->end - cursor->at >= 8, 1))
    {
      memcpy (&value, cursor->at, sizeof value);
      value = memscope_little_endian_64 (value) & (UINT64_MAX >> (64 - 8 * length));
      cursor->at += length;
      return value;
    }

  if (cursor->end - cursor->at < (ptrdiff_t)length)
    return memscope_cursor_fail (cursor);

  for (unsigned i = 0; i < length; i++)
    value |= (uint64_t)*cursor->at++ << (8 * i);

  return value;
}

static inline uint64_t
get_address (uint64_t  coded,
             uint8_t   head,
             uint64_t *last)
{
  uint64_t difference = (uint64_t)memscope_zigzag_decode (coded);

  if (!(head & RECORD_FLAG_UNALIGNED))
    difference <<= 4;
  *last += difference;

  return *last;
}

static inline unsigned
stamp_shift (ArenaClock clock)
{
  return clock == CLOCK_TSC ? RECORD_STAMP_SHIFT : 0;
}

static inline uint64_t
next_stamp (uint64_t stamp,
            uint64_t coded,
            unsigned shift)
{
  return ((stamp >> shift) + (uint64_t)memscope_zigzag_decode (coded)) << shift;
}

static inline void
get_birth (MemscopeCursor *cursor,
           uint8_t         head,
           unsigned        shift,
           Record         *record,
           uint64_t       *stamp,
           uint64_t       *last_address)
{
  unsigned lengths = get_byte (cursor);

  lengths |= (unsigned)get_byte (cursor) << 8;
  record->function = lengths >> 11 & 7;
  *stamp = next_stamp (*stamp, get_bytes (cursor, lengths & 7), shift);
  record->stamp = *stamp;
  if (record->kind == RECORD_MOVE_END && record->function != MOVE_MOVED)
    {
      if (record->function > MOVE_MOVED)
        memscope_cursor_fail (cursor);
      return;
    }

  record->address = get_address (get_bytes (cursor, lengths >> 3 & 7), head, last_address);
  record->size = get_bytes (cursor, lengths >> 6 & 7);
  record->stack = (uint32_t)get_bytes (cursor, lengths >> 9 & 3);
  record->sampled = (head & RECORD_FLAG_SAMPLED) != 0;
  if (head & RECORD_FLAG_ALIGNMENT)
    record->alignment_log2 = get_byte (cursor);
  record->rounding = head & RECORD_FLAG_ROUNDING ? memscope_cursor_varint32 (cursor)
                                                 : record_expected_rounding (record->size);
}

static inline void
get_death (MemscopeCursor *cursor,
           uint8_t         head,
           unsigned        shift,
           Record         *record,
           uint64_t       *stamp,
           uint64_t       *last_address)
{
  unsigned lengths = get_byte (cursor);

  *stamp = next_stamp (*stamp, get_bytes (cursor, lengths & 7), shift);
  record->stamp = *stamp;
  record->address = get_address (get_bytes (cursor, lengths >> 3 & 7), head, last_address);
  record->stack = (uint32_t)get_bytes (cursor, lengths >> 6);
}

#define MAX_HOT_SIZE 48u

size_t
record_peek (const uint8_t *data,
             size_t         length,
             uint8_t       *kind,
             uint64_t      *last_address)
{
  MemscopeCursor cursor = { data, data + length, false };
  unsigned lengths;
  uint8_t head;

  if (length < MAX_HOT_SIZE)
    return 0;

  head = data[0];
  lengths = data[1];
  *kind = head & 0x0f;

  if (*kind == RECORD_DEATH || *kind == RECORD_MOVE_BEGIN)
    {
      cursor.at += 2 + (lengths & 7) + 1;
      get_address (get_bytes (&cursor, lengths >> 3 & 7), head, last_address);
      cursor.at += (lengths >> 6) + 1;
      return (size_t)(cursor.at - data);
    }

  if (*kind != RECORD_BIRTH && *kind != RECORD_MOVE_END)
    return 0;

  lengths |= (unsigned)data[2] << 8;
  cursor.at += 3 + (lengths & 7) + 1;
  if (*kind == RECORD_MOVE_END && (lengths >> 11 & 7) != MOVE_MOVED)
    return (size_t)(cursor.at - data);

  get_address (get_bytes (&cursor, lengths >> 3 & 7), head, last_address);
  cursor.at += (lengths >> 6 & 7) + 1 + (lengths >> 9 & 3) + 1;
  if (head & RECORD_FLAG_ALIGNMENT)
    cursor.at++;
  if (head & RECORD_FLAG_ROUNDING)
    memscope_cursor_varint32 (&cursor);

  return cursor.failed ? 0 : (size_t)(cursor.at - data);
}

static inline bool
is_of_hot_path (uint8_t kind)
{
  return kind >= RECORD_BIRTH && kind <= RECORD_MOVE_END;
}

size_t
record_decode (const uint8_t *data,
               size_t         length,
               Record        *record,
               ArenaClock     clock,
               uint64_t      *last_stamp,
               uint64_t      *last_time,
               uint64_t      *last_address)
{
  MemscopeCursor cursor = { data, data + length, false };
  uint64_t stamp = *last_stamp, time = *last_time, address = *last_address;
  uint8_t head = get_byte (&cursor);

  *record = (Record) { .kind = head & 0x0f };
  if (record->kind == RECORD_PAD)
    return length;

  if (!is_of_hot_path (record->kind))
    {
      stamp = next_stamp (stamp, memscope_cursor_varint (&cursor), stamp_shift (clock));
      record->stamp = stamp;
      if (clock == CLOCK_COUNTER)
        record->time_ns = time += (uint64_t)memscope_cursor_zigzag (&cursor);
    }

  switch ((RecordKind)record->kind)
    {
    case RECORD_BIRTH:
    case RECORD_MOVE_END:
      get_birth (&cursor, head, stamp_shift (clock), record, &stamp, &address);
      break;

    case RECORD_DEATH:
    case RECORD_MOVE_BEGIN:
      get_death (&cursor, head, stamp_shift (clock), record, &stamp, &address);
      break;

    case RECORD_REGION_BIRTH:
      record->address = memscope_cursor_varint (&cursor) << 12;
      record->size = memscope_cursor_varint (&cursor);
      record->function = get_byte (&cursor);
      record->stack = memscope_cursor_varint32 (&cursor);
      break;

    case RECORD_REGION_DEATH:
      record->address = memscope_cursor_varint (&cursor) << 12;
      record->size = memscope_cursor_varint (&cursor);
      record->stack = memscope_cursor_varint32 (&cursor);
      break;

    case RECORD_ANNOTATION:
      record->function = get_byte (&cursor);
      record->address = memscope_cursor_varint (&cursor);
      record->size = memscope_cursor_varint (&cursor);
      record->other = memscope_cursor_varint (&cursor);
      record->stack = memscope_cursor_varint32 (&cursor);
      record->name = get_text (&cursor, &record->name_length);
      record->type = get_text (&cursor, &record->type_length);
      break;

    case RECORD_THREAD_NAME:
    case RECORD_MARK:
      record->name = get_text (&cursor, &record->name_length);
      break;

    case RECORD_GAP:
      record->function = get_byte (&cursor);
      record->begin_stamp = stamp - memscope_cursor_varint (&cursor);
      record->other = memscope_cursor_varint (&cursor);
      record->bytes_lost = memscope_cursor_varint (&cursor);
      break;

    case RECORD_SWITCH:
      record->other = memscope_cursor_varint (&cursor);
      break;

    case RECORD_PAD:
    case N_RECORD_KINDS:
    default:
      memscope_cursor_fail (&cursor);
    }

  if (clock == CLOCK_COUNTER && is_of_hot_path (record->kind))
    record->time_ns = time += (uint64_t)memscope_cursor_zigzag (&cursor);

  if (cursor.failed)
    return 0;

  *last_stamp = stamp;
  *last_time = time;
  *last_address = address;

  return (size_t)(cursor.at - data);
}

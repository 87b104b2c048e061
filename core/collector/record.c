/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "record.h"

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

static uint64_t
get_address (MemscopeCursor *cursor,
             uint8_t         head,
             uint64_t       *last)
{
  uint64_t difference = (uint64_t)memscope_cursor_zigzag (cursor);

  if (!(head & RECORD_FLAG_UNALIGNED))
    difference <<= 4;
  *last += difference;

  return *last;
}

static void
get_birth (MemscopeCursor *cursor,
           uint8_t         head,
           Record         *record,
           uint64_t       *last_address)
{
  record->address = get_address (cursor, head, last_address);
  record->size = memscope_cursor_varint (cursor);
  record->stack = memscope_cursor_varint32 (cursor);
  record->rounding = head & RECORD_FLAG_ROUNDING ? memscope_cursor_varint32 (cursor)
                                                 : record_expected_rounding (record->size);
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

  stamp += (uint64_t)memscope_cursor_zigzag (&cursor);
  record->stamp = stamp;
  if (clock == CLOCK_COUNTER)
    {
      time += (uint64_t)memscope_cursor_zigzag (&cursor);
      record->time_ns = time;
    }

  switch ((RecordKind)record->kind)
    {
    case RECORD_BIRTH:
      record->function = get_byte (&cursor);
      record->alignment_log2 = record->function >> 3;
      record->function &= 7;
      get_birth (&cursor, head, record, &address);
      break;

    case RECORD_DEATH:
    case RECORD_MOVE_BEGIN:
      record->address = get_address (&cursor, head, &address);
      record->stack = memscope_cursor_varint32 (&cursor);
      break;

    case RECORD_MOVE_END:
      record->function = get_byte (&cursor);
      if (record->function == MOVE_MOVED)
        get_birth (&cursor, head, record, &address);
      else if (record->function > MOVE_MOVED)
        memscope_cursor_fail (&cursor);
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

  if (cursor.failed)
    return 0;

  *last_stamp = stamp;
  *last_time = time;
  *last_address = address;

  return (size_t)(cursor.at - data);
}

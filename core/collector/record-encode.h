/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The encoder of record.h as an inline function: where the kind is a constant,
 * as in the recorder's hot path, what the other kinds need falls away.
 */

#include <string.h>

#include "memscope-varint.h"
#include "record.h"

static inline uint8_t *
record_put (uint8_t  *out,
            uint64_t  value)
{
  return out + memscope_varint_write (out, value);
}

static inline uint8_t *
record_put_signed (uint8_t *out,
                   uint64_t difference)
{
  return record_put (out, memscope_zigzag_encode ((int64_t)difference));
}

static inline uint8_t *
record_put_text (uint8_t       *out,
                 const uint8_t *text,
                 uint32_t       length)
{
  out = record_put (out, length);
  if (length != 0)
    memcpy (out, text, length);

  return out + length;
}

static inline uint8_t *
record_put_address (uint8_t  *out,
                    uint8_t  *head,
                    uint64_t  address,
                    uint64_t *last)
{
  uint64_t previous = *last;

  *last = address;
  if ((address | previous) & 15)
    {
      *head |= RECORD_FLAG_UNALIGNED;
      return record_put_signed (out, address - previous);
    }

  return record_put_signed (out, (uint64_t)((int64_t)(address - previous) >> 4));
}

static inline uint8_t *
record_put_birth (uint8_t      *out,
                  uint8_t      *head,
                  const Record *record,
                  uint64_t     *last_address)
{
  out = record_put_address (out, head, record->address, last_address);
  out = record_put (out, record->size);
  out = record_put (out, record->stack);
  if (record->rounding != record_expected_rounding (record->size))
    {
      *head |= RECORD_FLAG_ROUNDING;
      out = record_put (out, record->rounding);
    }

  return out;
}

__attribute__ ((always_inline)) static inline size_t
record_encode_inline (uint8_t      *out,
                      const Record *record,
                      ArenaClock    clock,
                      uint64_t     *last_stamp,
                      uint64_t     *last_time,
                      uint64_t     *last_address)
{
  uint8_t *head = out;
  uint8_t *at = out + 1;

  *head = record->kind;
  if (record->kind == RECORD_PAD)
    return 1;

  at = record_put_signed (at, record->stamp - *last_stamp);
  *last_stamp = record->stamp;
  if (clock == CLOCK_COUNTER)
    {
      at = record_put_signed (at, record->time_ns - *last_time);
      *last_time = record->time_ns;
    }

  switch ((RecordKind)record->kind)
    {
    case RECORD_BIRTH:
      *at++ = (uint8_t)((record->function & 7) | record->alignment_log2 << 3);
      if (record->alignment_log2 >= 32)
        at[-1] = record->function & 7;
      at = record_put_birth (at, head, record, last_address);
      break;

    case RECORD_DEATH:
    case RECORD_MOVE_BEGIN:
      at = record_put_address (at, head, record->address, last_address);
      at = record_put (at, record->stack);
      break;

    case RECORD_MOVE_END:
      *at++ = record->function;
      if (record->function == MOVE_MOVED)
        at = record_put_birth (at, head, record, last_address);
      break;

    case RECORD_REGION_BIRTH:
      at = record_put (at, record->address >> 12);
      at = record_put (at, record->size);
      *at++ = record->function;
      at = record_put (at, record->stack);
      break;

    case RECORD_REGION_DEATH:
      at = record_put (at, record->address >> 12);
      at = record_put (at, record->size);
      at = record_put (at, record->stack);
      break;

    case RECORD_ANNOTATION:
      *at++ = record->function;
      at = record_put (at, record->address);
      at = record_put (at, record->size);
      at = record_put (at, record->other);
      at = record_put (at, record->stack);
      at = record_put_text (at, record->name, record->name_length);
      at = record_put_text (at, record->type, record->type_length);
      break;

    case RECORD_THREAD_NAME:
    case RECORD_MARK:
      at = record_put_text (at, record->name, record->name_length);
      break;

    case RECORD_GAP:
      *at++ = record->function;
      at = record_put (at, record->stamp - record->begin_stamp);
      at = record_put (at, record->other);
      at = record_put (at, record->bytes_lost);
      break;

    case RECORD_SWITCH:
      at = record_put (at, record->other);
      break;

    case RECORD_PAD:
    case N_RECORD_KINDS:
    default:
      break;
    }

  return (size_t)(at - out);
}

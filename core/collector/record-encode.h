/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The encoder of record.h as an inline function: where the kind is a constant,
 * as in the recorder's hot path, what the other kinds need falls away.
 */

#include <string.h>

#include "memscope-varint.h"
#include "record.h"

#define RECORD_INLINE __attribute__ ((always_inline)) static inline

/* ---- LEB128 --------------------------------------------------------------- */

RECORD_INLINE uint8_t *
record_put (uint8_t  *out,
            uint64_t  value)
{
  return out + memscope_varint_write (out, value);
}

RECORD_INLINE uint8_t *
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

/* ---- numbers with their length elsewhere -------------------------------------- */

/* Bytes that @value takes, minus 1. */
RECORD_INLINE unsigned
record_length (uint64_t value)
{
  return (63u - (unsigned)__builtin_clzll (value | 1)) >> 3;
}

/* Eight bytes are written, of which the first @length + 1 count. */
RECORD_INLINE uint8_t *
record_put_bytes (uint8_t  *out,
                  uint64_t  value,
                  unsigned  length)
{
  value = memscope_little_endian_64 (value);
  memcpy (out, &value, sizeof value);

  return out + length + 1;
}

/* The difference to the last address, in units of 16 bytes if both are such. */
RECORD_INLINE uint64_t
record_address (uint8_t  *head,
                uint64_t  address,
                uint64_t *last)
{
  uint64_t previous = *last;
  bool unaligned = ((address | previous) & 15) != 0;

  *last = address;
  *head |= unaligned ? RECORD_FLAG_UNALIGNED : 0;

  return memscope_zigzag_encode ((int64_t)(address - previous) >> (unaligned ? 0 : 4));
}

/* BIRTH, and MOVE_END that moved. */
RECORD_INLINE uint8_t *
record_put_birth (uint8_t      *out,
                  uint8_t      *head,
                  const Record *record,
                  uint64_t      stamp,
                  uint64_t     *last_address)
{
  uint64_t address = record_address (head, record->address, last_address);
  unsigned stamp_length = record_length (stamp), address_length = record_length (address);
  unsigned size_length = record_length (record->size), stack_length = record_length (record->stack);
  unsigned lengths = stamp_length | address_length << 3 | size_length << 6 | stack_length << 9 |
                     (record->function & 7u) << 11;

  out[0] = (uint8_t)lengths;
  out[1] = (uint8_t)(lengths >> 8);
  out = record_put_bytes (out + 2, stamp, stamp_length);
  out = record_put_bytes (out, address, address_length);
  out = record_put_bytes (out, record->size, size_length);
  out = record_put_bytes (out, record->stack, stack_length);

  if (record->sampled)
    *head |= RECORD_FLAG_SAMPLED;
  if (__builtin_expect (record->alignment_log2 != 0, 0))
    {
      *head |= RECORD_FLAG_ALIGNMENT;
      *out++ = record->alignment_log2;
    }
  if (__builtin_expect (record->rounding != record_expected_rounding (record->size), 0))
    {
      *head |= RECORD_FLAG_ROUNDING;
      out = record_put (out, record->rounding);
    }

  return out;
}

/* DEATH and MOVE_BEGIN */
RECORD_INLINE uint8_t *
record_put_death (uint8_t      *out,
                  uint8_t      *head,
                  const Record *record,
                  uint64_t      stamp,
                  uint64_t     *last_address)
{
  uint64_t address = record_address (head, record->address, last_address);
  unsigned stamp_length = record_length (stamp), address_length = record_length (address);
  unsigned stack_length = record_length (record->stack);

  *out++ = (uint8_t)(stamp_length | address_length << 3 | stack_length << 6);
  out = record_put_bytes (out, stamp, stamp_length);
  out = record_put_bytes (out, address, address_length);

  return record_put_bytes (out, record->stack, stack_length);
}

/* A MOVE_END that freed or failed. */
RECORD_INLINE uint8_t *
record_put_end (uint8_t      *out,
                const Record *record,
                uint64_t      stamp)
{
  unsigned stamp_length = record_length (stamp);

  *out++ = (uint8_t)stamp_length;
  *out++ = (uint8_t)((record->function & 7u) << 3);

  return record_put_bytes (out, stamp, stamp_length);
}

/* ---- all ------------------------------------------------------------------------- */

RECORD_INLINE size_t
record_encode_inline (uint8_t      *out,
                      const Record *record,
                      ArenaClock    clock,
                      uint64_t     *last_stamp,
                      uint64_t     *last_time,
                      uint64_t     *last_address)
{
  unsigned shift = clock == CLOCK_TSC ? RECORD_STAMP_SHIFT : 0;
  uint64_t stamp = memscope_zigzag_encode ((int64_t)((record->stamp >> shift) - (*last_stamp >> shift)));
  uint8_t head = record->kind;
  uint8_t *at = out + 1;
  bool timed = clock == CLOCK_COUNTER;

  if (record->kind == RECORD_PAD)
    {
      *out = head;
      return 1;
    }

  *last_stamp = record->stamp;

  if (record->kind == RECORD_BIRTH || (record->kind == RECORD_MOVE_END && record->function == MOVE_MOVED))
    {
      at = record_put_birth (at, &head, record, stamp, last_address);
    }
  else if (record->kind == RECORD_DEATH || record->kind == RECORD_MOVE_BEGIN)
    {
      at = record_put_death (at, &head, record, stamp, last_address);
    }
  else if (record->kind == RECORD_MOVE_END)
    {
      at = record_put_end (at, record, stamp);
    }
  else
    {
      at = record_put (at, stamp);
      if (timed)
        at = record_put_signed (at, record->time_ns - *last_time);
    }

  switch ((RecordKind)record->kind)
    {
    case RECORD_BIRTH:
    case RECORD_DEATH:
    case RECORD_MOVE_BEGIN:
    case RECORD_MOVE_END:
      if (timed)
        at = record_put_signed (at, record->time_ns - *last_time);
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

  if (timed)
    *last_time = record->time_ns;
  *out = head;

  return (size_t)(at - out);
}

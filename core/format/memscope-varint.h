/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Unsigned LEB128 numbers, and zig-zag for signed ones. Reading is bounded by
 * the cursor: past the end, or in a number of more than 64 bits, the cursor
 * fails and every later read gives 0.
 */

#include "memscope-format.h"

#define MEMSCOPE_VARINT_MAX_SIZE 10

/* Between the byte order of files and the machine's, either way. */
static inline uint32_t
memscope_little_endian_32 (uint32_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return __builtin_bswap32 (value);
#else
  return value;
#endif
}

static inline uint64_t
memscope_little_endian_64 (uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return __builtin_bswap64 (value);
#else
  return value;
#endif
}

static inline size_t
memscope_varint_write (uint8_t  *out,
                       uint64_t  value)
{
  size_t n = 0;

  while (value >= 0x80)
    {
      out[n++] = (uint8_t)(value | 0x80);
      value >>= 7;
    }
  out[n++] = (uint8_t)value;

  return n;
}

static inline uint64_t
memscope_zigzag_encode (int64_t value)
{
  return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t
memscope_zigzag_decode (uint64_t value)
{
  return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static inline uint64_t
memscope_cursor_fail (MemscopeCursor *cursor)
{
  cursor->failed = true;
  cursor->at = cursor->end;

  return 0;
}

static inline uint64_t
memscope_cursor_varint (MemscopeCursor *cursor)
{
  const uint8_t *at = cursor->at;
  uint64_t value = 0;
  unsigned shift = 0;

  if (at < cursor->end && *at < 0x80)
    {
      cursor->at++;
      return *at;
    }

  for (; at < cursor->end && shift < 64; shift += 7)
    {
      uint8_t byte = *at++;

      /* the tenth byte holds one bit */
      if (shift == 63 && byte > 1)
        break;
      value |= (uint64_t)(byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          cursor->at = at;
          return value;
        }
    }

  return memscope_cursor_fail (cursor);
}

/* A number that must fit 32 bits. */
static inline uint32_t
memscope_cursor_varint32 (MemscopeCursor *cursor)
{
  uint64_t value = memscope_cursor_varint (cursor);

  return value > UINT32_MAX ? (uint32_t)memscope_cursor_fail (cursor) : (uint32_t)value;
}

static inline int64_t
memscope_cursor_zigzag (MemscopeCursor *cursor)
{
  return memscope_zigzag_decode (memscope_cursor_varint (cursor));
}

static inline const uint8_t *
memscope_cursor_bytes (MemscopeCursor *cursor,
                       uint64_t        length)
{
  const uint8_t *at = cursor->at;

  if (length > (uint64_t)(cursor->end - at))
    {
      memscope_cursor_fail (cursor);
      return NULL;
    }
  cursor->at += length;

  return at;
}

static inline bool
memscope_cursor_at_end (const MemscopeCursor *cursor)
{
  return cursor->at >= cursor->end;
}

/* Room for @size more bytes, or NULL (and the buffer has failed). */
static inline uint8_t *
memscope_buffer_reserve (MemscopeBuffer *buffer,
                         size_t          size)
{
  if (buffer->failed || size > SIZE_MAX - buffer->length)
    {
      buffer->failed = true;
      return NULL;
    }
  if (size > buffer->capacity - buffer->length)
    {
      uint8_t *data = buffer->grow (buffer, buffer->length + size);

      if (data == NULL)
        {
          buffer->failed = true;
          return NULL;
        }
      buffer->data = data;
    }

  return buffer->data + buffer->length;
}

static inline void
memscope_buffer_varint (MemscopeBuffer *buffer,
                        uint64_t        value)
{
  uint8_t *at = memscope_buffer_reserve (buffer, MEMSCOPE_VARINT_MAX_SIZE);

  if (at != NULL)
    buffer->length += memscope_varint_write (at, value);
}

static inline void
memscope_buffer_zigzag (MemscopeBuffer *buffer,
                        int64_t         value)
{
  memscope_buffer_varint (buffer, memscope_zigzag_encode (value));
}

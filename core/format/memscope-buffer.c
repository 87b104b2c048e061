/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-varint.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *
grow_by_realloc (MemscopeBuffer *buffer,
                 size_t          needed)
{
  size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity;
  uint8_t *data;

  while (capacity < needed)
    capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;

  data = realloc (buffer->data, capacity);
  if (data != NULL)
    buffer->capacity = capacity;

  return data;
}

void
memscope_buffer_init_malloc (MemscopeBuffer *buffer)
{
  *buffer = (MemscopeBuffer) { .grow = grow_by_realloc };
}

void
memscope_buffer_clear (MemscopeBuffer *buffer)
{
  free (buffer->data);
  *buffer = (MemscopeBuffer) { .grow = buffer->grow, .user_data = buffer->user_data };
}

void
memscope_buffer_append (MemscopeBuffer *buffer,
                        const void     *data,
                        size_t          length)
{
  uint8_t *at;

  if (length == 0)
    return;
  at = memscope_buffer_reserve (buffer, length);
  if (at != NULL)
    {
      memcpy (at, data, length);
      buffer->length += length;
    }
}

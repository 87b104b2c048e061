/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-format.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
# error "heads are copied as they lie in memory; swap them here for a big-endian machine"
#endif

static uint32_t
short_checksum (const void *data,
                size_t      length)
{
  return (uint32_t)XXH3_64bits (data, length);
}

static uint64_t
chunk_checksum (const MemscopeChunkHead *head,
                const void              *stored)
{
  uint64_t seed = XXH3_64bits (head, offsetof (MemscopeChunkHead, checksum));

  return XXH3_64bits_withSeed (stored, head->stored_size, seed);
}

void
memscope_file_header_seal (MemscopeFileHeader *header)
{
  memcpy (header->magic, MEMSCOPE_FORMAT_MAGIC, sizeof header->magic);
  header->version = MEMSCOPE_FORMAT_VERSION;
  header->header_size = sizeof *header;
  header->checksum = short_checksum (header, offsetof (MemscopeFileHeader, checksum));
}

bool
memscope_file_header_check (const MemscopeFileHeader *header)
{
  return memcmp (header->magic, MEMSCOPE_FORMAT_MAGIC, sizeof header->magic) == 0 &&
         header->checksum == short_checksum (header, offsetof (MemscopeFileHeader, checksum));
}

void
memscope_chunk_write (MemscopeBuffer          *out,
                      const MemscopeChunkHead *head,
                      const void              *stored,
                      size_t                   stored_size)
{
  MemscopeChunkHead sealed = *head;

  if (stored_size > MEMSCOPE_CHUNK_MAX_SIZE)
    {
      out->failed = true;
      return;
    }

  sealed.sync = MEMSCOPE_CHUNK_SYNC;
  sealed.reserved0 = 0;
  sealed.reserved1 = 0;
  sealed.stored_size = (uint32_t)stored_size;
  sealed.checksum = chunk_checksum (&sealed, stored);

  memscope_buffer_append (out, &sealed, sizeof sealed);
  memscope_buffer_append (out, stored, stored_size);
}

static bool
head_is_plausible (const MemscopeChunkHead *head)
{
  return head->sync == MEMSCOPE_CHUNK_SYNC &&
         head->stored_size <= MEMSCOPE_CHUNK_MAX_SIZE &&
         head->raw_size <= MEMSCOPE_CHUNK_MAX_SIZE &&
         head->n_births <= head->n_events;
}

MemscopeChunkStatus
memscope_chunk_read (const void        *data,
                     size_t             length,
                     MemscopeChunkHead *head)
{
  if (length < sizeof *head)
    return MEMSCOPE_CHUNK_INCOMPLETE;

  memcpy (head, data, sizeof *head);
  if (!head_is_plausible (head))
    return MEMSCOPE_CHUNK_BAD_HEAD;
  if (head->stored_size > length - sizeof *head)
    return MEMSCOPE_CHUNK_INCOMPLETE;
  if (head->checksum != chunk_checksum (head, (const uint8_t *)data + sizeof *head))
    return MEMSCOPE_CHUNK_BAD_CHECKSUM;

  return MEMSCOPE_CHUNK_OK;
}

size_t
memscope_chunk_resync (const void *data,
                       size_t      length,
                       size_t      from)
{
  static const uint8_t sync[] = { 'M', 'S', 'C', 'K' };
  const uint8_t *bytes = data;

  while (from < length)
    {
      const uint8_t *at = memmem (bytes + from, length - from, sync, sizeof sync);
      MemscopeChunkHead head;

      if (at == NULL)
        break;
      from = (size_t)(at - bytes);
      if (length - from < sizeof head)
        break;
      memcpy (&head, at, sizeof head);
      if (head_is_plausible (&head))
        return from;
      from++;
    }

  return length;
}

void
memscope_trailer_seal (MemscopeTrailer *trailer,
                       uint64_t         footer_offset,
                       uint64_t         file_size)
{
  memset (trailer, 0, sizeof *trailer);
  trailer->footer_offset = footer_offset;
  trailer->file_size = file_size;
  trailer->checksum = short_checksum (trailer, offsetof (MemscopeTrailer, checksum));
  memcpy (trailer->magic, MEMSCOPE_TRAILER_MAGIC, sizeof trailer->magic);
}

bool
memscope_trailer_check (const MemscopeTrailer *trailer)
{
  return memcmp (trailer->magic, MEMSCOPE_TRAILER_MAGIC, sizeof trailer->magic) == 0 &&
         trailer->checksum == short_checksum (trailer, offsetof (MemscopeTrailer, checksum));
}

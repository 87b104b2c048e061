/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The frame of a recording: file header, chunk heads, footer, trailer, and the
 * checksums that tell damage from data.
 */

#include <stddef.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "memscope-varint.h"

/* Fuzzing builds take any checksum for the right one: it would keep the fuzzer out of all
 * that lies behind it.
 */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define IGNORES_CHECKSUMS true
#else
#define IGNORES_CHECKSUMS false
#endif

/* Structures and files share one layout; these turn the numbers into the byte
 * order of the other side, and are nothing on a little-endian machine.
 */
static void
swap_file_header (MemscopeFileHeader *header)
{
  header->version = memscope_little_endian_32 (header->version);
  header->header_size = memscope_little_endian_32 (header->header_size);
  header->created_unix_ns = memscope_little_endian_64 (header->created_unix_ns);
  header->flags = memscope_little_endian_32 (header->flags);
  header->checksum = memscope_little_endian_32 (header->checksum);
}

static void
swap_chunk_head (MemscopeChunkHead *head)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  head->kind = __builtin_bswap16 (head->kind);
#endif
  head->sync = memscope_little_endian_32 (head->sync);
  head->stored_size = memscope_little_endian_32 (head->stored_size);
  head->raw_size = memscope_little_endian_32 (head->raw_size);
  head->first_event = memscope_little_endian_64 (head->first_event);
  head->first_birth = memscope_little_endian_64 (head->first_birth);
  head->n_events = memscope_little_endian_32 (head->n_events);
  head->n_births = memscope_little_endian_32 (head->n_births);
  head->first_time = memscope_little_endian_64 (head->first_time);
  head->last_time = memscope_little_endian_64 (head->last_time);
  head->min_address = memscope_little_endian_64 (head->min_address);
  head->max_address = memscope_little_endian_64 (head->max_address);
  head->reserved1 = memscope_little_endian_64 (head->reserved1);
  head->checksum = memscope_little_endian_64 (head->checksum);
}

static void
swap_trailer (MemscopeTrailer *trailer)
{
  trailer->footer_offset = memscope_little_endian_64 (trailer->footer_offset);
  trailer->file_size = memscope_little_endian_64 (trailer->file_size);
  trailer->checksum = memscope_little_endian_32 (trailer->checksum);
}

void
memscope_file_header_seal (MemscopeFileHeader *header)
{
  memcpy (header->magic, MEMSCOPE_FORMAT_MAGIC, sizeof header->magic);
  header->version = MEMSCOPE_FORMAT_VERSION;
  header->header_size = sizeof *header;
  header->checksum = 0;
  swap_file_header (header);
  header->checksum = memscope_little_endian_32 ((uint32_t)XXH3_64bits (header, offsetof (MemscopeFileHeader, checksum)));
}

bool
memscope_file_header_check (const MemscopeFileHeader *header)
{
  uint32_t checksum = (uint32_t)XXH3_64bits (header, offsetof (MemscopeFileHeader, checksum));

  return memcmp (header->magic, MEMSCOPE_FORMAT_MAGIC, sizeof header->magic) == 0 &&
         (IGNORES_CHECKSUMS || memscope_little_endian_32 (header->checksum) == checksum);
}

bool
memscope_file_header_read (const void         *data,
                           size_t              length,
                           MemscopeFileHeader *header)
{
  if (length < sizeof *header)
    return false;

  memcpy (header, data, sizeof *header);

  if (!memscope_file_header_check (header))
    return false;

  swap_file_header (header);

  return header->header_size >= sizeof *header && header->header_size <= MEMSCOPE_FILE_HEADER_MAX_SIZE;
}

/* @head as it stands in the file, its checksum left out. */
static uint64_t
checksum_chunk (const MemscopeChunkHead *head,
                const void              *stored,
                size_t                   stored_size)
{
  uint64_t seed = XXH3_64bits (head, offsetof (MemscopeChunkHead, checksum));

  return XXH3_64bits_withSeed (stored, stored_size, seed);
}

static bool
head_is_plausible (const MemscopeChunkHead *head)
{
  return head->sync == MEMSCOPE_CHUNK_SYNC &&
         head->kind != 0 &&
         head->reserved0 == 0 &&
         head->reserved1 == 0 &&
         head->stored_size <= MEMSCOPE_CHUNK_MAX_SIZE &&
         head->raw_size <= MEMSCOPE_CHUNK_MAX_SIZE &&
         head->n_events <= MEMSCOPE_CHUNK_MAX_EVENTS &&
         head->n_births <= head->n_events &&
         (head->codec != MEMSCOPE_CODEC_RAW || head->stored_size == head->raw_size);
}

static void
finish_chunk (MemscopeBuffer          *out,
              const MemscopeChunkHead *head,
              MemscopeCodec            codec,
              size_t                   stored_size)
{
  uint8_t *at = out->data + out->length;
  MemscopeChunkHead sealed = *head;

  sealed.sync = MEMSCOPE_CHUNK_SYNC;
  sealed.codec = codec;
  sealed.reserved0 = 0;
  sealed.stored_size = (uint32_t)stored_size;
  sealed.reserved1 = 0;
  sealed.checksum = 0;
  swap_chunk_head (&sealed);
  sealed.checksum = memscope_little_endian_64 (checksum_chunk (&sealed, at + sizeof sealed, stored_size));

  memcpy (at, &sealed, sizeof sealed);
  out->length += sizeof sealed + stored_size;
}

void
memscope_chunk_write (MemscopeBuffer          *out,
                      const MemscopeChunkHead *head,
                      const void              *stored,
                      size_t                   stored_size)
{
  uint8_t *at;

  if (stored_size > MEMSCOPE_CHUNK_MAX_SIZE || head->raw_size > MEMSCOPE_CHUNK_MAX_SIZE)
    out->failed = true;

  if (!(at = memscope_buffer_reserve (out, sizeof *head + stored_size)))
    return;

  if (stored_size > 0)
    memcpy (at + sizeof *head, stored, stored_size);

  finish_chunk (out, head, head->codec, stored_size);
}

/* Incompressible data grows by less than this under any codec we have. */
static size_t
compress_bound (size_t size)
{
  return size + size / 128 + 1024;
}

void
memscope_chunk_compress (MemscopeBuffer          *out,
                         const MemscopeChunkHead *head,
                         const void              *raw,
                         size_t                   raw_size,
                         MemscopeCodec            codec,
                         MemscopeCompressFunc     compress,
                         void                    *user_data)
{
  MemscopeChunkHead sized = *head;
  size_t capacity = compress_bound (raw_size);
  size_t stored_size;
  uint8_t *at;

  if (raw_size > MEMSCOPE_CHUNK_MAX_SIZE)
    out->failed = true;

  sized.raw_size = (uint32_t)raw_size;
  sized.codec = MEMSCOPE_CODEC_RAW;

  if (!compress || raw_size == 0)
    {
      memscope_chunk_write (out, &sized, raw, raw_size);
      return;
    }

  if (!(at = memscope_buffer_reserve (out, sizeof sized + capacity)))
    return;

  stored_size = compress (user_data, at + sizeof sized, capacity, raw, raw_size);

  if (stored_size == 0 || stored_size >= raw_size)
    memscope_chunk_write (out, &sized, raw, raw_size);
  else
    finish_chunk (out, &sized, codec, stored_size);
}

static void
read_head (const uint8_t     *data,
           MemscopeChunkHead *head)
{
  memcpy (head, data, sizeof *head);
  swap_chunk_head (head);
}

MemscopeChunkStatus
memscope_chunk_read (const void        *data,
                     size_t             length,
                     MemscopeChunkHead *head)
{
  const uint8_t *bytes = data;
  MemscopeChunkHead stored;

  if (length < sizeof *head)
    return MEMSCOPE_CHUNK_INCOMPLETE;

  read_head (bytes, head);

  if (!head_is_plausible (head))
    return MEMSCOPE_CHUNK_BAD_HEAD;

  if (length - sizeof *head < head->stored_size)
    return MEMSCOPE_CHUNK_INCOMPLETE;

  memcpy (&stored, bytes, sizeof stored);

  if (!IGNORES_CHECKSUMS && checksum_chunk (&stored, bytes + sizeof stored, head->stored_size) != head->checksum)
    return MEMSCOPE_CHUNK_BAD_CHECKSUM;

  return MEMSCOPE_CHUNK_OK;
}

size_t
memscope_chunk_resync (const void *data,
                       size_t      length,
                       size_t      from)
{
  static const uint8_t sync[4] = { 'M', 'S', 'C', 'K' };
  const uint8_t *bytes = data;

  while (from < length && length - from >= sizeof sync)
    {
      const uint8_t *at = memchr (bytes + from, sync[0], length - from - (sizeof sync - 1));
      MemscopeChunkHead head;

      if (!at)
        return length;

      from = (size_t)(at - bytes);

      if (memcmp (at, sync, sizeof sync) == 0)
        {
          if (length - from < sizeof head)
            return from;

          read_head (at, &head);

          if (head_is_plausible (&head))
            return from;
        }

      from++;
    }

  return length;
}

/* The sync word is left out of the footer: only chunks begin with it. */
void
memscope_footer_append (MemscopeBuffer            *out,
                        const MemscopeFooterEntry *entry)
{
  uint64_t offset = memscope_little_endian_64 (entry->offset);
  MemscopeChunkHead head = entry->head;

  head.sync = 0;
  swap_chunk_head (&head);
  memscope_buffer_append (out, &offset, sizeof offset);
  memscope_buffer_append (out, &head, sizeof head);
}

bool
memscope_footer_next (MemscopeCursor      *cursor,
                      MemscopeFooterEntry *entry)
{
  const uint8_t *bytes;

  if (cursor->at == cursor->end)
    return false;

  if (!(bytes = memscope_cursor_bytes (cursor, sizeof entry->offset + sizeof entry->head)))
    return false;

  memcpy (&entry->offset, bytes, sizeof entry->offset);
  entry->offset = memscope_little_endian_64 (entry->offset);
  read_head (bytes + sizeof entry->offset, &entry->head);
  entry->head.sync = MEMSCOPE_CHUNK_SYNC;

  return true;
}

void
memscope_trailer_seal (MemscopeTrailer *trailer,
                       uint64_t         footer_offset,
                       uint64_t         file_size)
{
  memset (trailer, 0, sizeof *trailer);
  trailer->footer_offset = footer_offset;
  trailer->file_size = file_size;
  memcpy (trailer->magic, MEMSCOPE_TRAILER_MAGIC, sizeof trailer->magic);
  swap_trailer (trailer);
  trailer->checksum = memscope_little_endian_32 ((uint32_t)XXH3_64bits (trailer, offsetof (MemscopeTrailer, checksum)));
}

bool
memscope_trailer_check (const MemscopeTrailer *trailer)
{
  uint32_t checksum = (uint32_t)XXH3_64bits (trailer, offsetof (MemscopeTrailer, checksum));

  return memcmp (trailer->magic, MEMSCOPE_TRAILER_MAGIC, sizeof trailer->magic) == 0 &&
         (IGNORES_CHECKSUMS || memscope_little_endian_32 (trailer->checksum) == checksum);
}

bool
memscope_trailer_read (const void      *data,
                       size_t           length,
                       MemscopeTrailer *trailer)
{
  if (length < sizeof *trailer)
    return false;

  memcpy (trailer, (const uint8_t *)data + length - sizeof *trailer, sizeof *trailer);

  if (!memscope_trailer_check (trailer))
    return false;

  swap_trailer (trailer);

  return true;
}

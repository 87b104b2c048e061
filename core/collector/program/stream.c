/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nobody's recording has a footer like that; it would be one of a million chunks. */
#define MAX_TAIL (128u * 1024u * 1024u)

/* A description of its own: the lock on the file belongs to the sink's, and must
 * go when that is closed.
 */
static int
open_again (int fd)
{
  char path[32];

  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);

  return open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

Stream *
stream_new (const FileSink *sink,
            const uint8_t   uuid[16])
{
  Stream *stream = calloc (1, sizeof *stream);

  if (stream == NULL)
    return NULL;

  stream->references = 1;
  stream->fd = open_again (sink->fd);
  memcpy (stream->uuid, uuid, sizeof stream->uuid);

  return stream;
}

Stream *
stream_ref (Stream *stream)
{
  stream->references++;

  return stream;
}

void
stream_unref (Stream *stream)
{
  if (stream == NULL || --stream->references > 0)
    return;

  if (stream->fd >= 0)
    close (stream->fd);
  free (stream->tail);
  free (stream);
}

static size_t
read_file (int       fd,
           uint64_t  offset,
           void     *bytes,
           size_t    length)
{
  ssize_t n;

  do
    n = pread (fd, bytes, length, (off_t)offset);
  while (n < 0 && errno == EINTR);

  return n > 0 ? (size_t)n : 0;
}

static void
keep_tail (Stream *stream)
{
  uint8_t bytes[sizeof (MemscopeTrailer)];
  MemscopeTrailer trailer;
  uint64_t length, at = 0;

  if (stream->size < sizeof bytes ||
      read_file (stream->fd, stream->size - sizeof bytes, bytes, sizeof bytes) != sizeof bytes ||
      !memscope_trailer_read (bytes, sizeof bytes, &trailer) || trailer.footer_offset >= stream->size)
    return;

  length = stream->size - trailer.footer_offset;
  if (length > MAX_TAIL || (stream->tail = malloc (length)) == NULL)
    return;

  stream->tail_begin = trailer.footer_offset;
  while (at < length)
    {
      size_t n = read_file (stream->fd, stream->tail_begin + at, stream->tail + at, length - at);

      if (n == 0)
        break;
      at += n;
    }

  if (at < length)
    {
      free (stream->tail);
      stream->tail = NULL;
    }
}

void
stream_end (Stream            *stream,
            const FileSink    *sink,
            MemscopeEndReason  reason,
            uint32_t           status)
{
  stream->size = sink->size;
  stream->ended = true;
  stream->reason = reason;
  stream->status = status;

  if (stream->watchers > 0 && stream->fd >= 0)
    keep_tail (stream);
}

size_t
stream_read (const Stream *stream,
             uint64_t      offset,
             void         *bytes,
             size_t        room)
{
  if (stream->fd < 0 || offset >= stream->size)
    return 0;

  if (room > stream->size - offset)
    room = (size_t)(stream->size - offset);

  if (stream->tail == NULL)
    return read_file (stream->fd, offset, bytes, room);

  if (offset < stream->tail_begin)
    return read_file (stream->fd, offset, bytes,
                      room < stream->tail_begin - offset ? room : (size_t)(stream->tail_begin - offset));

  memcpy (bytes, stream->tail + (offset - stream->tail_begin), room);

  return room;
}

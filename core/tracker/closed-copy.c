/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "closed-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file-limit.h"
#include "memscope-format.h"
#include "pages.h"

#define STEP (64u * 1024u)

/* ---- bytes ------------------------------------------------------------------- */

static bool
read_at (int       fd,
         uint64_t  offset,
         void     *bytes,
         size_t    length)
{
  size_t done = 0;

  while (done < length)
    {
      ssize_t n = pread (fd, (char *)bytes + done, length - done, (off_t)(offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          errno = n == 0 ? EIO : errno;
          return false;
        }
      done += (size_t)n;
    }

  return true;
}

bool
closed_copy_append (ClosedCopy *copy,
                    const void *bytes,
                    uint64_t    length)
{
  const char *at = bytes;
  off_t end = lseek (copy->fd, 0, SEEK_CUR);

  if (end < 0 || !file_limit_allows ((uint64_t)end + length))
    {
      errno = EFBIG;
      return false;
    }

  while (length > 0)
    {
      ssize_t n = write (copy->fd, at, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return false;
      at += n;
      length -= (uint64_t)n;
    }

  return true;
}

bool
closed_copy_take (ClosedCopy *copy,
                  int         fd,
                  uint64_t    size)
{
  char *bytes = pages_map (STEP);
  bool good = bytes != NULL;

  for (uint64_t at = 0; good && at < size;)
    {
      size_t length = size - at < STEP ? (size_t)(size - at) : STEP;

      good = read_at (fd, at, bytes, length) && closed_copy_append (copy, bytes, length);
      at += length;
    }

  pages_unmap (bytes, bytes != NULL ? STEP : 0);

  return good;
}

/* ---- the end ---------------------------------------------------------------------- */

/* What the chunks' heads say together. */
typedef struct
{
  MemscopeBuffer footer;
  uint64_t       offset;     /* behind the last whole chunk */
  uint64_t       n_events;
  uint64_t       n_births;
  uint64_t       time;
} Contents;

static bool
walk (int       fd,
      Contents *contents)
{
  MemscopeFileHeader header;
  MemscopeFooterEntry entry;
  off_t size = lseek (fd, 0, SEEK_END);

  if (size < (off_t)sizeof header || !read_at (fd, 0, &header, sizeof header))
    return false;

  contents->offset = header.header_size;

  while (contents->offset + sizeof entry.head <= (uint64_t)size &&
         read_at (fd, contents->offset, &entry.head, sizeof entry.head) &&
         entry.head.sync == MEMSCOPE_CHUNK_SYNC &&
         entry.head.stored_size <= (uint64_t)size - contents->offset - sizeof entry.head)
    {
      if (entry.head.kind == MEMSCOPE_CHUNK_END || entry.head.kind == MEMSCOPE_CHUNK_FOOTER)
        break;

      entry.offset = contents->offset;
      memscope_footer_append (&contents->footer, &entry);
      contents->offset += sizeof entry.head + entry.head.stored_size;
      if (entry.head.last_time > contents->time)
        contents->time = entry.head.last_time;
      if (entry.head.kind == MEMSCOPE_CHUNK_EVENTS)
        {
          contents->n_events = entry.head.first_event + entry.head.n_events;
          contents->n_births = entry.head.first_birth + entry.head.n_births;
        }
    }

  return !contents->footer.failed && contents->footer.length <= MEMSCOPE_CHUNK_MAX_SIZE;
}

static MemscopeChunkHead
new_head (const Contents    *contents,
          MemscopeChunkKind  kind,
          size_t             size)
{
  return (MemscopeChunkHead) {
    .kind = (uint16_t)kind,
    .raw_size = (uint32_t)size,
    .first_event = contents->n_events,
    .first_birth = contents->n_births,
    .first_time = contents->time,
    .last_time = contents->time,
    .min_address = UINT64_MAX,
  };
}

/* END, FOOTER, trailer. */
static bool
make_end (Contents       *contents,
          uint64_t        failed_allocations,
          MemscopeBuffer *out)
{
  MemscopeEnd end = {
    .reason = MEMSCOPE_END_STOPPED,
    .time = contents->time,
    .n_events = contents->n_events,
    .n_births = contents->n_births,
    .failed_allocations = failed_allocations,
    .unmatched_frees = MEMSCOPE_NOT_RECORDED,
    .truncated_stacks = MEMSCOPE_NOT_RECORDED,
  };
  MemscopeFooterEntry entry = { .offset = contents->offset };
  MemscopeTrailer trailer;
  MemscopeChunkHead head;
  MemscopeBuffer raw;
  uint64_t footer;

  pages_buffer_init (&raw);
  memscope_end_append (&raw, &end);
  head = new_head (contents, MEMSCOPE_CHUNK_END, raw.length);
  memscope_chunk_write (out, &head, raw.data, raw.length);
  pages_buffer_clear (&raw);
  if (out->failed)
    return false;

  memcpy (&entry.head, out->data, sizeof entry.head);
  memscope_footer_append (&contents->footer, &entry);

  footer = contents->offset + out->length;
  head = new_head (contents, MEMSCOPE_CHUNK_FOOTER, contents->footer.length);
  memscope_chunk_write (out, &head, contents->footer.data, contents->footer.length);

  memscope_trailer_seal (&trailer, footer, contents->offset + out->length + sizeof trailer);
  memscope_buffer_append (out, &trailer, sizeof trailer);

  return !out->failed && !contents->footer.failed;
}

static bool
add_end (ClosedCopy *copy,
         uint64_t    failed_allocations)
{
  Contents contents = { .n_events = 0 };
  MemscopeBuffer end;
  bool good;

  pages_buffer_init (&contents.footer);
  pages_buffer_init (&end);

  good = walk (copy->fd, &contents) && make_end (&contents, failed_allocations, &end) &&
         ftruncate (copy->fd, (off_t)contents.offset) == 0 && lseek (copy->fd, 0, SEEK_END) >= 0 &&
         closed_copy_append (copy, end.data, end.length);

  pages_buffer_clear (&end);
  pages_buffer_clear (&contents.footer);

  return good;
}

/* ---- the file ----------------------------------------------------------------------- */

bool
closed_copy_open (ClosedCopy *copy,
                  const char *path)
{
  copy->fd = -1;
  if (snprintf (copy->path, sizeof copy->path, "%s", path) >= (int)sizeof copy->path)
    {
      errno = ENAMETOOLONG;
      return false;
    }

  for (unsigned i = 0; i < 100; i++)
    {
      if (snprintf (copy->partial, sizeof copy->partial, "%s.part-%d-%u", path, (int)getpid (), i) >= (int)sizeof copy->partial)
        {
          errno = ENAMETOOLONG;
          return false;
        }

      copy->fd = open (copy->partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
      if (copy->fd >= 0 || errno != EEXIST)
        break;
    }

  return copy->fd >= 0;
}

void
closed_copy_discard (ClosedCopy *copy)
{
  int error = errno;

  if (copy->fd >= 0)
    {
      close (copy->fd);
      unlink (copy->partial);
    }
  copy->fd = -1;
  errno = error;
}

bool
closed_copy_finish (ClosedCopy *copy,
                    uint64_t    failed_allocations)
{
  bool good = add_end (copy, failed_allocations);

  /* what a full disk refuses may be told only now */
  if (good && close (copy->fd) != 0)
    {
      unlink (copy->partial);
      copy->fd = -1;
      return false;
    }

  if (good && rename (copy->partial, copy->path) == 0)
    {
      copy->fd = -1;
      return true;
    }

  if (good)
    {
      int error = errno;

      unlink (copy->partial);
      copy->fd = -1;
      errno = error;
      return false;
    }

  closed_copy_discard (copy);

  return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "file-sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESERVE_STEP (512u * 1024u)

/* The process may not write beyond RLIMIT_FSIZE: then the end has to lie before it. */
static uint64_t
smaller_of_limits (uint64_t max_size)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < max_size)
    return limit.rlim_cur;

  return max_size;
}

bool
file_sink_open (FileSink   *sink,
                const char *path,
                bool        replace,
                uint64_t    max_size)
{
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (replace ? O_TRUNC : O_EXCL);
  struct stat status;

  *sink = (FileSink) { .max_size = smaller_of_limits (max_size), .can_reserve = true };
  sink->fd = open (path, flags, 0666);
  if (sink->fd < 0)
    return false;

  if (fstat (sink->fd, &status) == 0 && S_ISREG (status.st_mode))
    {
      /* who would add symbols waits until it is done; a file system without locks has none to wait for */
      flock (sink->fd, LOCK_EX | LOCK_NB);
      return true;
    }

  close (sink->fd);
  sink->fd = -1;
  errno = EINVAL;

  return false;
}

static bool
refuse (FileSink *sink,
        int       error)
{
  if (sink->error == 0)
    sink->error = error;
  errno = error;

  return false;
}

/* Blocks up to @needed, and some more while there are some. */
static bool
reserve (FileSink *sink,
         uint64_t  needed)
{
  uint64_t wanted = needed + RESERVE_STEP;

  if (needed <= sink->reserved || !sink->can_reserve)
    return true;

  if (fallocate (sink->fd, FALLOC_FL_KEEP_SIZE, (off_t)sink->size, (off_t)(wanted - sink->size)) == 0)
    {
      sink->reserved = wanted;
      return true;
    }

  if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR)
    {
      sink->can_reserve = errno == EINTR;
      return true;
    }

  if (fallocate (sink->fd, FALLOC_FL_KEEP_SIZE, (off_t)sink->size, (off_t)(needed - sink->size)) == 0)
    {
      sink->reserved = needed;
      return true;
    }

  return false;
}

static bool
write_all (FileSink      *sink,
           const uint8_t *bytes,
           size_t         length)
{
  uint64_t offset = sink->size;

  while (length > 0)
    {
      ssize_t n = pwrite (sink->fd, bytes, length, (off_t)offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          int error = n < 0 ? errno : ENOSPC;

          /* Half a chunk is of no use, and its blocks are needed for the footer. */
          if (ftruncate (sink->fd, (off_t)sink->size) == 0)
            sink->reserved = 0;
          return refuse (sink, error);
        }

      bytes += n;
      offset += (uint64_t)n;
      length -= (size_t)n;
    }

  sink->size = offset;

  return true;
}

bool
file_sink_append (FileSink   *sink,
                  const void *bytes,
                  size_t      length,
                  size_t      keep_free)
{
  if (sink->fd < 0 || (sink->error != 0 && keep_free != 0))
    return false;

  if (sink->size > sink->max_size || length > sink->max_size - sink->size ||
      keep_free > sink->max_size - sink->size - length)
    return refuse (sink, EFBIG);

  if (keep_free != 0 && !reserve (sink, sink->size + length + keep_free))
    return refuse (sink, errno);

  return write_all (sink, bytes, length);
}

void
file_sink_close (FileSink *sink)
{
  if (sink->fd < 0)
    return;

  if (sink->reserved > sink->size && ftruncate (sink->fd, (off_t)sink->size) != 0)
    sink->error = errno;

  close (sink->fd);
  sink->fd = -1;
}

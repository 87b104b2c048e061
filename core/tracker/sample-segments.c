/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample-segments.h"

#include <errno.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "files.h"

/* Blocks are taken so many at a time: enough that a write seldom asks for more, few
 * enough that a hundred small programs take no room.
 */
#define RESERVE_STEP (UINT64_C (64) * 1024)
#define DIGITS       6u
#define SUFFIX       ".memscope"
#define MAX_NAMES    1000u
#define PROGRAM_ROOM 128u

/* ---- names ------------------------------------------------------------------ */

static size_t
put_text (SampleSegments *self,
          size_t          at,
          const char     *text,
          size_t          length)
{
  if (length > sizeof self->path - 1 - at)
    length = sizeof self->path - 1 - at;

  memcpy (self->path + at, text, length);
  self->path[at + length] = '\0';

  return at + length;
}

/* At least @digits digits. */
static size_t
put_number (SampleSegments *self,
            size_t          at,
            uint32_t        number,
            unsigned        digits)
{
  char text[12];
  size_t first = sizeof text;

  do
    {
      text[--first] = (char)('0' + number % 10);
      number /= 10;
    }
  while (number != 0 || sizeof text - first < digits);

  return put_text (self, at, text + first, sizeof text - first);
}

/* The path of segment @number. */
static void
name_segment (SampleSegments *self,
              uint32_t        number)
{
  size_t at = put_number (self, self->stem, number, DIGITS);

  put_text (self, at, SUFFIX, sizeof SUFFIX - 1);
}

static bool
is_taken (const SampleSegments *self)
{
  struct stat status;

  return sys_call4 (SYS_newfstatat, AT_FDCWD, (long)self->path, (long)&status, AT_SYMLINK_NOFOLLOW) == 0;
}

static uint64_t
file_limit (void)
{
  struct rlimit limit;

  return sys_call4 (SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit) == 0 ? limit.rlim_cur : UINT64_MAX;
}

/* A process that became another program by exec has the same number, and so may one
 * of a later day.
 */
void
sample_segments_init (SampleSegments      *self,
                      const SampleOptions *options,
                      const char          *program,
                      int                  pid)
{
  const char *name = strrchr (program, '/');
  size_t stem, length;

  memset (self, 0, sizeof *self);
  self->options = options;
  self->can_reserve = true;
  name = name != NULL ? name + 1 : program;
  length = strnlen (name, PROGRAM_ROOM);

  stem = put_text (self, 0, options->directory, strlen (options->directory));
  stem = put_text (self, stem, "/", 1);
  stem = put_text (self, stem, length != 0 ? name : "program", length != 0 ? length : 7);
  stem = put_text (self, stem, ".", 1);
  stem = put_number (self, stem, (uint32_t)pid, 1);

  for (uint32_t i = 1; i <= MAX_NAMES; i++)
    {
      size_t at = stem;

      if (i > 1)
        {
          at = put_text (self, at, "-", 1);
          at = put_number (self, at, i, 1);
        }
      self->stem = put_text (self, at, ".", 1);
      name_segment (self, 1);
      if (!is_taken (self))
        break;
    }
}

/* ---- files -------------------------------------------------------------------- */

static bool
refuse (SampleSegments *self,
        long            error)
{
  self->error = error < 0 ? (int)-error : (int)error;

  return false;
}

bool
sample_segments_begin (SampleSegments *self)
{
  struct stat status;
  int fd;

  /* who may read what the program holds: nobody but its user */
  sys_call3 (SYS_mkdir, (long)self->options->directory, 0700, 0);

  name_segment (self, self->number + 1);
  fd = file_open (self->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY, 0600);
  if (fd < 0)
    return refuse (self, fd);

  sys_call3 (SYS_fstat, fd, (long)&status, 0);
  file_close (fd);

  self->number++;
  self->size = self->reserved = 0;
  self->device = status.st_dev;
  self->inode = status.st_ino;
  self->limit = file_limit ();
  self->error = 0;

  return true;
}

/* The file as it was left; it may have been removed, and another put in its place, which
 * may even have its inode.
 */
static int
reopen (SampleSegments *self)
{
  struct stat status;
  int fd = file_open (self->path, O_WRONLY | O_NOFOLLOW | O_NOCTTY, 0);

  if (fd < 0)
    return fd;

  if (sys_call3 (SYS_fstat, fd, (long)&status, 0) == 0 && status.st_dev == self->device &&
      status.st_ino == self->inode && (uint64_t)status.st_size == self->size)
    return fd;

  file_close (fd);

  return -ESTALE;
}

/* Blocks up to @needed, and some more while there are some. */
static long
reserve (SampleSegments *self,
         int             fd,
         uint64_t        needed)
{
  uint64_t wanted = needed + RESERVE_STEP;
  long result;

  if (needed <= self->reserved || !self->can_reserve)
    return 0;

  result = sys_call4 (SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE, (long)self->size, (long)(wanted - self->size));
  if (result == 0)
    {
      self->reserved = wanted;
      return 0;
    }

  if (result == -EOPNOTSUPP || result == -ENOSYS || result == -EINTR)
    {
      self->can_reserve = result == -EINTR;
      return 0;
    }

  result = sys_call4 (SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE, (long)self->size, (long)(needed - self->size));
  if (result == 0)
    self->reserved = needed;

  return result;
}

static long
write_all (SampleSegments *self,
           int             fd,
           const uint8_t  *bytes,
           size_t          length)
{
  uint64_t offset = self->size;

  while (length > 0)
    {
      long n = sys_call4 (SYS_pwrite64, fd, (long)bytes, (long)length, (long)offset);

      if (n == -EINTR)
        continue;
      if (n <= 0)
        {
          /* half a chunk is of no use, and its blocks are needed for the footer */
          if (sys_call3 (SYS_ftruncate, fd, (long)self->size, 0) == 0)
            self->reserved = 0;
          return n < 0 ? n : -ENOSPC;
        }

      bytes += n;
      offset += (uint64_t)n;
      length -= (size_t)n;
    }

  self->size = offset;

  return 0;
}

bool
sample_segments_append (SampleSegments *self,
                        const void     *bytes,
                        size_t          length,
                        size_t          keep_free)
{
  long result;
  int fd;

  if (self->number == 0 || (self->error != 0 && keep_free != 0))
    return false;

  /* beyond that a signal would end the program */
  if (self->size > self->limit || length > self->limit - self->size || keep_free > self->limit - self->size - length)
    return refuse (self, EFBIG);

  fd = reopen (self);
  if (fd < 0)
    return refuse (self, fd);

  result = keep_free != 0 ? reserve (self, fd, self->size + length + keep_free) : 0;
  if (result == 0)
    result = write_all (self, fd, bytes, length);
  file_close (fd);

  return result == 0 || refuse (self, result);
}

static void
give_back_blocks (SampleSegments *self)
{
  int fd = self->reserved > self->size ? reopen (self) : -1;

  if (fd < 0)
    return;

  sys_call3 (SYS_ftruncate, fd, (long)self->size, 0);
  file_close (fd);
  self->reserved = self->size;
}

void
sample_segments_end (SampleSegments *self,
                     bool            more)
{
  uint32_t last = self->number + more;

  if (self->number == 0)
    return;

  give_back_blocks (self);

  if (self->options->keep != 0 && last > self->options->keep)
    {
      name_segment (self, last - self->options->keep);
      sys_call3 (SYS_unlink, (long)self->path, 0, 0);
      name_segment (self, self->number);
    }
}

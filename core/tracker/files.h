/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Files without libc's functions, which the program or another library may have
 * replaced, and without errno: results are negative errnos.
 */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "arch-x86_64.h"

static inline void
file_close (int fd)
{
  sys_call3 (SYS_close, fd, 0, 0);
}

/* Programs close the low descriptors and expect to get them back: out of their way. */
static inline int
file_open (const char *path,
           int         flags,
           int         mode)
{
  long fd, moved;

  do
    fd = sys_call4 (SYS_openat, AT_FDCWD, (long)path, flags | O_CLOEXEC, mode);
  while (fd == -EINTR);

  if (fd < 0 || fd > 2)
    return (int)fd;

  moved = sys_call3 (SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
  file_close ((int)fd);

  return (int)moved;
}

/* The bytes read, at most @room; 0: at the end. */
static inline long
file_read (int     fd,
           void   *bytes,
           size_t  room)
{
  long n;

  do
    n = sys_call3 (SYS_read, fd, (long)bytes, (long)room);
  while (n == -EINTR);

  return n;
}

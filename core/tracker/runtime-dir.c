/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "runtime-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
make_path (char   *path,
           size_t  room)
{
  const char *configured = getenv ("XDG_RUNTIME_DIR");
  char of_user[64];

  if (configured != NULL && *configured == '/' && access (configured, W_OK | X_OK) == 0)
    return (size_t)snprintf (path, room, "%s/memscope", configured) < room;

  snprintf (of_user, sizeof of_user, "/run/user/%u", (unsigned)geteuid ());
  if (access (of_user, W_OK | X_OK) == 0)
    return (size_t)snprintf (path, room, "%s/memscope", of_user) < room;

  return (size_t)snprintf (path, room, "/tmp/memscope-%u", (unsigned)geteuid ()) < room;
}

/* Opened without following links, then judged by what was opened. */
static bool
is_ours (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat status;
  bool good;

  if (fd < 0)
    return false;

  good = fstat (fd, &status) == 0 && status.st_uid == geteuid ();
  if (good && (status.st_mode & 077) != 0)
    good = fchmod (fd, 0700) == 0;
  close (fd);
  if (!good)
    errno = EACCES;

  return good;
}

bool
runtime_dir_find (char   *path,
                  size_t  room)
{
  if (!make_path (path, room))
    {
      errno = ENAMETOOLONG;
      return false;
    }

  return (mkdir (path, 0700) == 0 || errno == EEXIST) && is_ours (path);
}

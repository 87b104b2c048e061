/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sampler object of memscope.h: like the tracker's, it stands for the process. */

#define MEMSCOPE_BUILDING
#include "memscope.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder.h"
#include "sample-options.h"

struct _MemscopeSampler
{
  char unused;
};

static MemscopeSampler the_sampler;

/* The folder that was asked for, as sample_options_read() finds it. */
static __thread const char *wanted_directory;

static const char *
get_option (const char *name)
{
  return strcmp (name, SAMPLE_ENV_DIRECTORY) == 0 ? wanted_directory : getenv (name);
}

/* Programs change their directory. */
static bool
make_absolute (const char *directory,
               char       *path,
               size_t      room)
{
  size_t length = 0;

  if (*directory != '/')
    {
      if (getcwd (path, room) == NULL)
        return false;
      length = strlen (path);
    }

  return snprintf (path + length, room - length, "%s%s", length > 0 ? "/" : "", directory) < (int)(room - length);
}

/* Made already, so that who asks is told at once what can't be. */
static bool
is_usable (const char *path)
{
  struct stat status;

  return (mkdir (path, 0777) == 0 || errno == EEXIST) && stat (path, &status) == 0 && S_ISDIR (status.st_mode) &&
         access (path, W_OK | X_OK) == 0;
}

static bool
start (const char *directory)
{
  char path[SAMPLE_PATH_SIZE];
  SampleOptions options = { .interval = 0 };
  bool good;

  if (!make_absolute (directory, path, sizeof path) || !is_usable (path))
    return false;

  wanted_directory = path;
  good = sample_options_read (&options, get_option);
  wanted_directory = NULL;

  return good && recorder_start_sampling (&options);
}

MemscopeSampler *
memscope_sampler_new (const char *directory)
{
  int error = errno;
  bool good;

  if (directory == NULL || *directory == '\0')
    return NULL;

  good = recorder_is_on () || start (directory) || recorder_is_on ();
  errno = error;

  return good ? &the_sampler : NULL;
}

void
memscope_sampler_free (MemscopeSampler *sampler)
{
  (void)sampler;
}

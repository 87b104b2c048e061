/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-collector: owns the rings of the programs being recorded and writes
 * their files. One thread, one loop: empty the rings, look at the processes,
 * sleep as long as the rings allow.
 */

#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collector.h"
#include "options.h"
#include "robust-list.h"

/* Away from the terminal: its Ctrl-C and its closing are the target's affair. */
static void
detach (void)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  setsid ();

  if (null >= 0)
    {
      dup2 (null, STDIN_FILENO);
      dup2 (null, STDOUT_FILENO);
      close (null);
    }
}

/* The user's limit is for what the user sees, the recordings; the arenas are
 * files too, as far as the kernel is concerned, and larger.
 */
static void
move_file_size_limit (Options *options)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return;

  if (options->max_size > limit.rlim_cur)
    options->max_size = limit.rlim_cur;

  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_FSIZE, &limit);
}

/* Each process that is recorded takes three descriptors. */
static void
allow_many_files (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
    return;

  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

int
main (int   argc,
      char *argv[])
{
  Options options;
  Collector *collector;
  bool ok;

  if (!options_parse (&options, argc, argv))
    return 2;

  detach ();
  move_file_size_limit (&options);
  allow_many_files ();
  robust_list_begin ();

  collector = collector_new (&options);
  if (collector == NULL)
    return 4;

  ok = collector_run (collector);
  collector_free (collector);

  return ok ? 0 : 4;
}

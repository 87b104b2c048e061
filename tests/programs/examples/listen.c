/* SPDX-License-Identifier: GPL-3.0-or-later */

/* listen: lets itself be watched until its standard input ends. */

#include <memscope.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main (void)
{
  char *block;
  char byte;

  printf ("%d\n", memscope_tracker_listen ());
  fflush (stdout);

  block = malloc (4321);
  MEMSCOPE_TRACK_SIZED (block, 4321);
  memscope_mark_set ("ready");

  while (read (STDIN_FILENO, &byte, 1) > 0)
    continue;

  free (block);

  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/*   make-session EVENTS FILE     the recording of a made-up program, for bench-session */

#include "config.h"

#include <stdlib.h>

#include "made-program.h"

int
main (int   argc,
      char *argv[])
{
  if (argc != 3 || strtoull (argv[1], NULL, 10) == 0)
    {
      g_printerr ("make-session EVENTS FILE\n");
      return EXIT_FAILURE;
    }

  return made_program_write (argv[2], strtoull (argv[1], NULL, 10)) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* sampler DIRECTORY [ROUNDS]: a program that samples itself into a folder, and tracks each
 * of its requests by name.
 */

#include <memscope.h>

#include <stdio.h>
#include <stdlib.h>

int
main (int   argc,
      char *argv[])
{
  MemscopeSampler *sampler;
  unsigned rounds = argc > 2 ? (unsigned)atoi (argv[2]) : 2000, tracked = 0;

  if (argc < 2)
    return 2;

  sampler = memscope_sampler_new (argv[1]);
  printf ("sampler %d\nrecording %d\n", sampler != NULL, memscope_tracker_is_recording ());

  for (unsigned i = 0; i < rounds; i++)
    {
      char *volatile request = malloc (1000 + i % 7 * 100);

      if (i % 100 == 0)
        {
          memscope_sampler_track_variable (sampler, request, 1000, "request", "char[]");
          tracked++;
        }
      free (request);
    }

  memscope_mark_set ("done");
  printf ("rounds %u\ntracked %u\n", rounds, tracked);
  memscope_sampler_free (sampler);

  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the journey through the window is about: for a second append_log () leaks a page
 * every 10 ms, scan_line () allocates and frees at once, and until the middle one large
 * block is held.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_STEPS    100
#define N_LINES    40
#define FRAME_SIZE 3000000

static void *volatile kept;

__attribute__ ((noinline)) static void
append_log (void)
{
  kept = malloc (4096);
  memset (kept, 1, 4096);
}

__attribute__ ((noinline)) static void
scan_line (size_t size)
{
  char *line = malloc (size);

  memset (line, 2, size);
  free (line);
}

__attribute__ ((noinline)) static char *
new_frame (void)
{
  char *frame = malloc (FRAME_SIZE);

  memset (frame, 3, FRAME_SIZE);

  return frame;
}

int
main (void)
{
  char *frame = new_frame ();

  for (int i = 0; i < N_STEPS; i++)
    {
      append_log ();
      for (int k = 0; k < N_LINES; k++)
        scan_line (30 + (size_t) k);
      if (i == N_STEPS / 2)
        free (frame);
      nanosleep (&(struct timespec) { .tv_nsec = 10000000 }, NULL);
    }
  kept = NULL;

  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <unistd.h>

/* Ends at once, or after TARGET_SLEEP seconds. */
int
main (void)
{
  const char *seconds = getenv ("TARGET_SLEEP");

  if (seconds != NULL)
    sleep ((unsigned)atoi (seconds));

  return 0;
}

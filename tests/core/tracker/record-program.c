/* SPDX-License-Identifier: GPL-3.0-or-later */

/* record-program FILE PROGRAM [ARGUMENT…]: records by the launcher alone. For a
 * look by hand.
 */

#include "memscope-launcher.h"

int
main (int argc, char *argv[])
{
  g_autoptr(MemscopeLauncher) launcher = memscope_launcher_new ((const char * const *)argv + 2);
  g_autoptr(GError) error = NULL;

  memscope_launcher_set_output (launcher, argv[1]);
  if (!memscope_launcher_start (launcher, &error) || !memscope_launcher_wait (launcher, NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  for (const char * const *warning = memscope_launcher_get_warnings (launcher); *warning != NULL; warning++)
    g_printerr ("warning: %s\n", *warning);

  return memscope_launcher_get_exit_code (launcher);
}

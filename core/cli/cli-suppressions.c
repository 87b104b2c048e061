/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-suppressions.h"
#include "cli-terminal.h"

MemscopeSuppressions *
cli_load_suppressions (char **files)
{
  g_autoptr(MemscopeSuppressions) suppressions = memscope_suppressions_new ();

  for (guint i = 0; files != NULL && files[i] != NULL; i++)
    {
      g_autoptr(GFile) file = g_file_new_for_path (files[i]);
      g_autoptr(GError) error = NULL;

      if (!memscope_suppressions_load (suppressions, file, NULL, &error))
        {
          cli_complain ("%s: %s", files[i], error->message);
          return NULL;
        }
    }

  return g_steal_pointer (&suppressions);
}

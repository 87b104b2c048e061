/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-preload.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "memscope-operators.h"
#include "memscope-paths.h"
#include "memscope-target.h"

gboolean
memscope_preload_check (GError **error)
{
  const char *recorder = memscope_paths_get_recorder ();

  if (g_access (recorder, R_OK) != 0)
    {
      g_set_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_FAILED,
                   _("The recorder %s is missing: MemScope is not completely installed"), recorder);
      return FALSE;
    }

  /* The dynamic linker takes both for separators. */
  if (strpbrk (recorder, " :") != NULL)
    {
      g_set_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_FAILED,
                   _("The recorder can’t be loaded from %s: its path contains a space or a colon"), recorder);
      return FALSE;
    }

  return TRUE;
}

char **
memscope_preload_add (char       **environment,
                      const char  *path)
{
  const char *preload = g_environ_getenv (environment, "LD_PRELOAD");
  g_autofree char *operators = memscope_paths_get_operators ();
  g_autofree char *joined = NULL;
  const char *parts[4] = { memscope_paths_get_recorder () };
  guint n = 1;

  if (g_access (operators, R_OK) == 0 && memscope_operators_are_needed (path, environment))
    parts[n++] = operators;
  if (preload != NULL && *preload != '\0')
    parts[n++] = preload;

  joined = g_strjoinv (":", (char **)parts);

  return g_environ_setenv (environment, "LD_PRELOAD", joined, TRUE);
}

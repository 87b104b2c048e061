/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-operators.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "memscope-elf.h"

#define SHELL "/bin/sh"

/* What it would load: lines of "\tNAME => PATH (ADDRESS)" or "\tPATH (ADDRESS)". */
static char *
list_libraries (const char  *path,
                char       **environment)
{
  g_autofree char *interpreter = memscope_elf_find_interpreter (path);
  const char *argv[] = { interpreter, "--list", path, NULL };
  char *text = NULL;
  int status = 1;

  if (interpreter == NULL)
    return NULL;

  g_spawn_sync (NULL, (char **)argv, environment, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &text, NULL, &status, NULL);

  return text;
}

static char *
path_in_line (const char *line)
{
  const char *arrow = strstr (line, " => ");
  const char *start = arrow != NULL ? arrow + 4 : line + strspn (line, "\t ");
  const char *end = strstr (start, " (0x");

  return *start == '/' && end != NULL ? g_strndup (start, (gsize)(end - start)) : NULL;
}

/* libc has no operators, libstdc++ no malloc. */
static gboolean
is_such_allocator (const char *path)
{
  static const char *const symbols[] = { "malloc", "_Znwm", NULL };

  return memscope_elf_defines_all (path, symbols);
}

gboolean
memscope_operators_are_needed (const char  *path,
                               char       **environment)
{
  g_autofree char *text = list_libraries (path, environment);
  g_auto(GStrv) lines = NULL;

  if (text == NULL)
    text = list_libraries (SHELL, environment);
  if (text == NULL)
    return FALSE;

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *library = path_in_line (lines[i]);

      if (library != NULL && is_such_allocator (library))
        return TRUE;
    }

  return FALSE;
}

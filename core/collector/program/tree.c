/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tree.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handshake.h"
#include "pages.h"
#include "proc-reader.h"

static bool
contains (const MemscopeBuffer *text,
          const char           *word)
{
  return memmem (text->data, text->length, word, strlen (word)) != NULL;
}

static bool
file_contains (pid_t       pid,
               const char *name,
               const char *word)
{
  MemscopeBuffer text;
  bool found;

  if (!proc_read_whole (pid, name, &text))
    return false;

  found = contains (&text, word);
  pages_buffer_clear (&text);

  return found;
}

static bool
is_ours (pid_t pid)
{
  struct stat status;
  char path[32];

  snprintf (path, sizeof path, "/proc/%d", (int)pid);

  return pid != getpid () && stat (path, &status) == 0 && status.st_uid == geteuid ();
}

bool
tree_has_unregistered (const char *socket_path)
{
  char variable[160];
  struct dirent *entry;
  bool found = false;
  DIR *processes = opendir ("/proc");

  if (processes == NULL)
    return false;

  snprintf (variable, sizeof variable, HANDSHAKE_ENV_SOCKET "=%s", socket_path);

  while (!found && (entry = readdir (processes)) != NULL)
    {
      pid_t pid = isdigit ((unsigned char)entry->d_name[0]) ? (pid_t)strtol (entry->d_name, NULL, 10) : 0;

      found = pid > 0 && is_ours (pid) &&
              file_contains (pid, "environ", variable) &&
              file_contains (pid, "maps", "libmemscope-tracker");
    }

  closedir (processes);

  return found;
}

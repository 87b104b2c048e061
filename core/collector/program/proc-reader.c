/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "proc-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pages.h"

#define MAX_FILE (32u * 1024u * 1024u)

static int
open_file (pid_t       pid,
           const char *name)
{
  char path[96];

  snprintf (path, sizeof path, "/proc/%d/%s", (int)pid, name);

  return open (path, O_RDONLY | O_CLOEXEC);
}

ssize_t
proc_read_file (pid_t       pid,
                const char *name,
                char       *text,
                size_t      room)
{
  int fd = open_file (pid, name);
  size_t length = 0;
  ssize_t n;

  if (fd < 0)
    return -1;

  while (length < room - 1 && (n = read (fd, text + length, room - 1 - length)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          close (fd);
          return -1;
        }
      length += (size_t)n;
    }

  close (fd);
  text[length] = '\0';

  return (ssize_t)length;
}

bool
proc_read_whole (pid_t           pid,
                 const char     *name,
                 MemscopeBuffer *text)
{
  char part[16384];
  int fd = open_file (pid, name);
  ssize_t n = -1;

  pages_buffer_init (text);
  if (fd < 0)
    return false;

  while (text->length < MAX_FILE)
    {
      n = read (fd, part, sizeof part);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      memscope_buffer_append (text, part, (size_t)n);
    }

  close (fd);
  if (n >= 0 && text->length > 0 && !text->failed)
    return true;

  pages_buffer_clear (text);

  return false;
}

ssize_t
proc_read_link (pid_t       pid,
                const char *name,
                char       *target,
                size_t      room)
{
  char path[96];

  snprintf (path, sizeof path, "/proc/%d/%s", (int)pid, name);

  return readlink (path, target, room);
}

static uint64_t
ticks_to_nsec (uint64_t ticks)
{
  long rate = sysconf (_SC_CLK_TCK);

  return ticks * (UINT64_C (1000000000) / (rate > 0 ? (uint64_t)rate : 100));
}

/* Without delay accounting the kernel reports zeros, which would read as "never waited". */
static bool
counts_delays (void)
{
  static int known = -1;
  char text[8];
  int fd;

  if (known < 0)
    {
      fd = open ("/proc/sys/kernel/task_delayacct", O_RDONLY | O_CLOEXEC);
      known = fd >= 0 && read (fd, text, sizeof text) > 0 && text[0] == '1';
      if (fd >= 0)
        close (fd);
    }

  return known != 0;
}

/* The command in parentheses may contain anything, parentheses too: the last one counts. */
bool
proc_read_stat (pid_t       pid,
                const char *name,
                ProcStat   *stat)
{
  uint64_t fields[53] = { 0 };
  char text[2048];
  char *at;

  *stat = (ProcStat) { .delay_nsec = MEMSCOPE_NOT_RECORDED };
  if (proc_read_file (pid, name, text, sizeof text) <= 0)
    return false;

  at = strrchr (text, ')');
  if (at == NULL || at[1] != ' ' || at[2] == '\0')
    return false;

  stat->state = at[2];
  at += 3;
  for (unsigned i = 4; i < 53 && *at != '\0' && *at != '\n'; i++)
    fields[i] = strtoull (at, &at, 10);

  stat->parent = (pid_t)fields[4];
  stat->minor_faults = fields[10];
  stat->major_faults = fields[12];
  stat->user_nsec = ticks_to_nsec (fields[14]);
  stat->system_nsec = ticks_to_nsec (fields[15]);
  stat->start_time = fields[22];
  stat->exit_status = (int)fields[52];
  if (counts_delays ())
    stat->delay_nsec = ticks_to_nsec (fields[42]);

  return true;
}

uint64_t
proc_find_number (const char *text,
                  const char *key)
{
  size_t length = strlen (key);

  for (const char *line = text; line != NULL && *line != '\0'; line = strchr (line, '\n'))
    {
      char *end;
      uint64_t number;

      if (*line == '\n')
        line++;
      if (strncmp (line, key, length) != 0 || line[length] != ':')
        continue;

      number = strtoull (line + length + 1, &end, 10);
      return strncmp (end, " kB", 3) == 0 ? number * 1024 : number;
    }

  return MEMSCOPE_NOT_RECORDED;
}

static uint32_t
permissions_of (const char *text)
{
  return (text[0] == 'r' ? 1u : 0) | (text[1] == 'w' ? 2u : 0) | (text[2] == 'x' ? 4u : 0) | (text[3] == 's' ? 8u : 0);
}

/* start-end perms offset major:minor inode      path */
const char *
proc_next_mapping (const char       *text,
                   const char       *end,
                   MemscopeMapping  *mapping,
                   const char      **path,
                   size_t           *path_length)
{
  const char *line_end = memchr (text, '\n', (size_t)(end - text));
  unsigned long long start, stop, offset;
  char permissions[5];
  char head[160];
  int taken = 0;
  size_t length;

  if (line_end == NULL)
    return NULL;

  length = (size_t)(line_end - text) < sizeof head - 1 ? (size_t)(line_end - text) : sizeof head - 1;
  memcpy (head, text, length);
  head[length] = '\0';

  if (sscanf (head, "%llx-%llx %4s %llx %*s %*s %n", &start, &stop, permissions, &offset, &taken) < 4 || taken == 0)
    return NULL;

  *mapping = (MemscopeMapping) {
    .start = start,
    .end = stop,
    .offset = offset,
    .rss = MEMSCOPE_NOT_RECORDED,
    .dirty = MEMSCOPE_NOT_RECORDED,
    .permissions = permissions_of (permissions),
  };
  *path = text + taken;
  *path_length = (size_t)(line_end - text) > (size_t)taken ? (size_t)(line_end - text) - (size_t)taken : 0;

  return line_end + 1;
}

/* The number of a line "KEY:   123 kB" in bytes, when it is that key's. */
static bool
take_amount (const char *line,
             const char *line_end,
             const char *key,
             uint64_t   *bytes)
{
  size_t length = strlen (key);
  uint64_t number = 0;

  if ((size_t)(line_end - line) <= length || memcmp (line, key, length) != 0 || line[length] != ':')
    return false;

  for (const char *at = line + length + 1; at < line_end; at++)
    {
      if (*at >= '0' && *at <= '9')
        number = number * 10 + (uint64_t)(*at - '0');
      else if (*at != ' ')
        break;
    }

  *bytes = number * 1024;

  return true;
}

const char *
proc_next_amounts (const char       *text,
                   const char       *end,
                   MemscopeMapping  *mapping,
                   ProcAmounts      *sums)
{
  const struct
  {
    const char *key;
    uint64_t   *sum;
  } keys[] = {
    { "Rss", &sums->resident },
    { "Pss", &sums->proportional },
    { "Shared_Clean", &sums->shared_clean },
    { "Private_Dirty", &sums->private_dirty },
    { "Anonymous", &sums->anonymous },
    { "Swap", &sums->swapped },
  };

  mapping->rss = 0;
  mapping->dirty = 0;

  /* The next mapping begins with a digit or a small letter. */
  while (text < end && *text >= 'A' && *text <= 'Z')
    {
      const char *line_end = memchr (text, '\n', (size_t)(end - text));
      uint64_t bytes;

      if (line_end == NULL)
        return end;

      for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
        if (take_amount (text, line_end, keys[i].key, &bytes))
          *keys[i].sum += bytes;
      if (take_amount (text, line_end, "Rss", &bytes))
        mapping->rss = bytes;
      if (take_amount (text, line_end, "Private_Dirty", &bytes) || take_amount (text, line_end, "Shared_Dirty", &bytes))
        mapping->dirty += bytes;

      text = line_end + 1;
    }

  return text;
}

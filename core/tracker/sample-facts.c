/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample-facts.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "config.h"
#include "files.h"
#include "handshake.h"
#include "memory.h"

/* Of the arguments, and of the environment, that much is looked at. */
#define ROOM (256u * 1024u)

/* Under the recording's lock only. */
static char *text;

static void
add_text (Recording  *recording,
          const char *key,
          const char *value)
{
  recording_add_fact (recording, key, value, (uint32_t)strlen (value));
}

static void
add_number (Recording  *recording,
            const char *key,
            uint64_t    number)
{
  char digits[24];
  size_t at = sizeof digits;

  do
    digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) != 0);

  recording_add_fact (recording, key, digits + at, (uint32_t)(sizeof digits - at));
}

/* The length; 0: nothing could be read. What is read ends with a NUL. */
static size_t
read_file (const char *path)
{
  int fd = file_open (path, O_RDONLY, 0);
  size_t length = 0;
  long n = 1;

  if (fd < 0)
    return 0;

  while (length < ROOM - 1 && (n = file_read (fd, text + length, ROOM - 1 - length)) > 0)
    length += (size_t)n;
  file_close (fd);
  text[length] = '\0';

  return n >= 0 ? length : 0;
}

static void
add_command (Recording *recording)
{
  size_t length = read_file ("/proc/self/cmdline");

  if (length != 0)
    recording_add_fact (recording, "command", text, (uint32_t)(text[length - 1] == '\0' ? length - 1 : length));
}

/* Names only: values may be secrets. They are moved together where they stand. */
static void
add_environment_names (Recording *recording)
{
  size_t length = read_file ("/proc/self/environ"), used = 0, at = 0;

  while (at < length)
    {
      size_t entry = strlen (text + at), name = strcspn (text + at, "=");

      if (entry > 0)
        {
          if (used != 0)
            text[used++] = '\0';
          memmove (text + used, text + at, name);
          used += name;
        }
      at += entry + 1;
    }

  if (used != 0)
    recording_add_fact (recording, "environment_names", text, (uint32_t)used);
}

/* Field 22, behind the command in parentheses, which may hold anything. */
static void
add_start_time (Recording *recording)
{
  size_t length = read_file ("/proc/self/stat");
  char *at = length != 0 ? strrchr (text, ')') : NULL;
  uint64_t value = 0;

  for (unsigned field = 2; at != NULL && field < 22; field++)
    at = strchr (at + 1, ' ');
  if (at == NULL)
    return;

  for (at++; *at >= '0' && *at <= '9'; at++)
    value = value * 10 + (uint64_t)(*at - '0');
  add_number (recording, "start_time", value);
}

static void
add_machine (Recording *recording)
{
  struct utsname machine;
  size_t system;

  if (sys_call3 (SYS_uname, (long)&machine, 0, 0) != 0)
    return;

  add_text (recording, "host", machine.nodename);
  system = strlen (machine.sysname);
  memcpy (text, machine.sysname, system);
  text[system] = ' ';
  memcpy (text + system + 1, machine.release, strlen (machine.release) + 1);
  add_text (recording, "kernel", text);
}

void
sample_facts_add (Recording           *recording,
                  const SampleOptions *options,
                  const char          *executable,
                  uint32_t             stack_depth,
                  bool                 is_glibc)
{
  long length;

  if (text == NULL && (text = own_memory_map (ROOM)) == NULL)
    return;

  add_text (recording, "exe", executable);
  length = sys_call3 (SYS_getcwd, (long)text, ROOM, 0);
  if (length > 1 && text[0] == '/')
    add_text (recording, "cwd", text);
  add_command (recording);
  add_environment_names (recording);
  add_number (recording, "pid", (uint64_t)sys_call3 (SYS_getpid, 0, 0, 0));
  add_number (recording, "parent_pid", (uint64_t)sys_call3 (SYS_getppid, 0, 0, 0));
  add_number (recording, "page_size", getauxval (AT_PAGESZ));
  add_start_time (recording);
  add_machine (recording);
  add_number (recording, "stack_depth", stack_depth);
  add_text (recording, "allocator", is_glibc ? "glibc" : "other");
  add_text (recording, "mode", "sampling");
  add_number (recording, "interval", options->interval);
  add_text (recording, "recorder_version", PACKAGE_VERSION);

  own_memory_unmap (text, ROOM);
  text = NULL;
}

void
sample_facts_probe (Recording *recording)
{
  MemscopeSample sample = { .time = recording_get_time (recording), .kind = MEMSCOPE_SAMPLE_PROCESS };
  uint64_t page = getauxval (AT_PAGESZ), values[7] = { 0 };
  char line[128];
  int fd = file_open ("/proc/self/statm", O_RDONLY, 0);
  long n;

  if (fd < 0)
    return;

  n = file_read (fd, line, sizeof line - 1);
  file_close (fd);
  if (n <= 0)
    return;

  line[n] = '\0';
  for (unsigned i = 0, at = 0; i < 7; i++, at++)
    for (; line[at] >= '0' && line[at] <= '9'; at++)
      values[i] = values[i] * 10 + (uint64_t)(line[at] - '0');

  for (unsigned i = 0; i < sizeof sample.values / sizeof *sample.values; i++)
    sample.values[i] = MEMSCOPE_NOT_RECORDED;
  sample.values[0] = values[1] * page;
  sample.values[1] = values[2] * page;
  sample.values[2] = values[0] * page;
  sample.values[3] = values[5] * page;
  if (values[0] != 0)
    recording_add_sample (recording, &sample);
}

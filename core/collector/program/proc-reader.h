/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "memscope-format.h"

/* What /proc says about a process. Every function fails softly: the process may
 * end at any moment, and other kernels and containers hide some files.
 */

/* A file of /proc/PID whole, at most @room - 1 bytes, NUL-terminated. -1: not readable. */
ssize_t proc_read_file  (pid_t pid, const char *name, char *text, size_t room);

/* The same, however long (32 MiB at most); free with pages_buffer_clear(). */
bool    proc_read_whole (pid_t pid, const char *name, MemscopeBuffer *text);

/* Where the symbolic link /proc/PID/@name leads. */
ssize_t proc_read_link  (pid_t pid, const char *name, char *target, size_t room);

typedef struct
{
  char     state;
  pid_t    parent;
  uint64_t minor_faults;
  uint64_t major_faults;
  uint64_t user_nsec;
  uint64_t system_nsec;
  uint64_t start_time;      /* clock ticks since boot: with the pid it names a process */
  uint64_t delay_nsec;      /* waiting for block I/O; MEMSCOPE_NOT_RECORDED: not counted here */
  int      exit_status;     /* as waitpid() says; of a zombie only */
} ProcStat;

/* @name: "stat", or "task/TID/stat". */
bool     proc_read_stat   (pid_t pid, const char *name, ProcStat *stat);

/* The number behind "KEY:" in @text, times 1024 if it says kB; or MEMSCOPE_NOT_RECORDED. */
uint64_t proc_find_number (const char *text, const char *key);

/* What the lines of smaps add up to, in bytes. */
typedef struct
{
  uint64_t resident;
  uint64_t proportional;
  uint64_t anonymous;
  uint64_t shared_clean;
  uint64_t private_dirty;
  uint64_t swapped;
} ProcAmounts;

/* One line of maps; @path lies in the line. Returns the start of the next line, NULL at the end. */
const char *proc_next_mapping (const char *text, const char *end, MemscopeMapping *mapping,
                               const char **path, size_t *path_length);
/* What smaps says below that line: fills rss and dirty of @mapping, adds to @sums. Returns
 * where the next mapping's line begins.
 */
const char *proc_next_amounts (const char *text, const char *end, MemscopeMapping *mapping, ProcAmounts *sums);

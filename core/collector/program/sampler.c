/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sampler.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "pages.h"
#include "proc-reader.h"

#define MSEC UINT64_C (1000000)
#define SEC  UINT64_C (1000000000)

#define PROCESS_PERIOD   (100 * MSEC)
#define THREADS_PERIOD   SEC
#define MAPPINGS_PERIOD  SEC
#define FIRST_MAPPINGS   (10 * MSEC)
#define FIRST_ROLLUP     (50 * MSEC)
#define ROLLUP_PERIOD    SEC

/* A look that takes long comes less often: 0.5 % of the time at most (it holds the
 * target's memory map lock meanwhile), 1 % for the threads.
 */
#define ROLLUP_SHARE     200
#define THREADS_SHARE    100
#define MAX_THREADS      1024

static uint64_t
monotonic (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (uint64_t)now.tv_sec * SEC + (uint64_t)now.tv_nsec;
}

void
sampler_init (Sampler  *sampler,
              pid_t     pid,
              int       arena_fd,
              uint64_t  now)
{
  *sampler = (Sampler) {
    .pid = pid,
    .arena_fd = arena_fd,
    .next_process = now,
    .next_threads = now + THREADS_PERIOD / 10,
    .next_rollup = now + FIRST_ROLLUP,
    .next_mappings = now + FIRST_MAPPINGS,
  };
}

static MemscopeSample
new_sample (Recording          *recording,
            MemscopeSampleKind  kind)
{
  MemscopeSample sample = { .time = recording_get_time (recording), .kind = kind };

  for (unsigned i = 0; i < sizeof sample.values / sizeof *sample.values; i++)
    sample.values[i] = MEMSCOPE_NOT_RECORDED;

  return sample;
}

/* ---- the process --------------------------------------------------------- */

static void
sample_process (Sampler   *sampler,
                Recording *recording,
                bool       with_counters)
{
  MemscopeSample sample = new_sample (recording, MEMSCOPE_SAMPLE_PROCESS);
  uint64_t page = (uint64_t)sysconf (_SC_PAGESIZE);
  uint64_t vsize, rss, shared, data;
  char text[1024];
  ProcStat stat;

  if (proc_read_file (sampler->pid, "statm", text, sizeof text) <= 0 ||
      sscanf (text, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %*u %*u %" SCNu64, &vsize, &rss, &shared, &data) != 4 ||
      vsize == 0)
    return;

  sample.values[0] = rss * page;
  sample.values[1] = shared * page;
  sample.values[2] = vsize * page;
  sample.values[3] = data * page;

  if (with_counters && proc_read_file (sampler->pid, "io", text, sizeof text) > 0)
    {
      sample.values[4] = proc_find_number (text, "rchar");
      sample.values[5] = proc_find_number (text, "wchar");
    }

  if (with_counters && proc_read_stat (sampler->pid, "stat", &stat))
    {
      sample.values[6] = stat.minor_faults;
      sample.values[7] = stat.major_faults;
    }

  recording_add_sample (recording, &sample);
}

/* ---- its threads ------------------------------------------------------------ */

static void
rename_thread (Recording *recording,
               uint32_t   thread,
               const char *status)
{
  const char *name = strncmp (status, "Name:\t", 6) == 0 ? status + 6 : NULL;

  if (name != NULL)
    recording_name_thread (recording, thread, name, strcspn (name, "\n"));
}

static void
sample_thread (Sampler    *sampler,
               Recording  *recording,
               uint32_t    tid)
{
  uint32_t thread = recording_find_thread (recording, tid);
  MemscopeSample sample = new_sample (recording, MEMSCOPE_SAMPLE_THREAD);
  char name[64], text[4096];
  ProcStat stat;

  if (thread == 0)
    return;

  snprintf (name, sizeof name, "task/%" PRIu32 "/stat", tid);
  if (!proc_read_stat (sampler->pid, name, &stat))
    return;

  sample.thread = thread;
  sample.values[0] = stat.user_nsec;
  sample.values[1] = stat.system_nsec;
  sample.values[6] = (uint8_t)stat.state;
  sample.values[7] = stat.delay_nsec;

  snprintf (name, sizeof name, "task/%" PRIu32 "/status", tid);
  if (proc_read_file (sampler->pid, name, text, sizeof text) > 0)
    {
      sample.values[2] = proc_find_number (text, "voluntary_ctxt_switches");
      sample.values[3] = proc_find_number (text, "nonvoluntary_ctxt_switches");
      rename_thread (recording, thread, text);
    }

  snprintf (name, sizeof name, "task/%" PRIu32 "/io", tid);
  if (proc_read_file (sampler->pid, name, text, sizeof text) > 0)
    {
      sample.values[4] = proc_find_number (text, "rchar");
      sample.values[5] = proc_find_number (text, "wchar");
    }

  recording_add_sample (recording, &sample);
}

static void
sample_threads (Sampler   *sampler,
                Recording *recording)
{
  char path[64];
  unsigned n = 0;
  struct dirent *entry;
  DIR *tasks;

  snprintf (path, sizeof path, "/proc/%d/task", (int)sampler->pid);
  tasks = opendir (path);
  if (tasks == NULL)
    return;

  while (n < MAX_THREADS && (entry = readdir (tasks)) != NULL)
    if (isdigit ((unsigned char)entry->d_name[0]))
      {
        sample_thread (sampler, recording, (uint32_t)strtoul (entry->d_name, NULL, 10));
        n++;
      }

  closedir (tasks);
}

/* ---- memory by kind ------------------------------------------------------------ */

/* The arena's pages, where they are known by name alone. */
static uint64_t
arena_bytes (const MemscopeMapping *mapping,
             const char            *path,
             size_t                 length)
{
  static const char name[] = "/memfd:" SAMPLER_ARENA_NAME;

  return length >= sizeof name - 1 && memcmp (path, name, sizeof name - 1) == 0 &&
         mapping->rss != MEMSCOPE_NOT_RECORDED ? mapping->rss : 0;
}

static void
add_rollup (Sampler        *sampler,
            Recording      *recording,
            MemscopeSample *sample)
{
  struct stat arena;

  if (fstat (sampler->arena_fd, &arena) == 0)
    sample->values[6] = (uint64_t)arena.st_blocks * 512;

  recording_add_sample (recording, sample);
}

/* Where the mappings one by one cannot be had. */
static void
sample_rollup (Sampler   *sampler,
               Recording *recording)
{
  MemscopeSample sample = new_sample (recording, MEMSCOPE_SAMPLE_ROLLUP);
  char text[4096];

  if (proc_read_file (sampler->pid, "smaps_rollup", text, sizeof text) <= 0)
    return;

  sample.values[0] = proc_find_number (text, "Rss");
  sample.values[1] = proc_find_number (text, "Pss");
  sample.values[2] = proc_find_number (text, "Anonymous");
  sample.values[3] = proc_find_number (text, "Shared_Clean");
  sample.values[4] = proc_find_number (text, "Private_Dirty");
  sample.values[5] = proc_find_number (text, "Swap");
  add_rollup (sampler, recording, &sample);
}

static uint64_t
hash_of (const uint8_t *bytes,
         size_t         length)
{
  uint64_t hash = length;

  for (size_t i = 0; i < length; i++)
    hash = (hash ^ bytes[i]) * UINT64_C (0x100000001b3);

  return hash;
}

static void
write_mappings (Recording            *recording,
                const MemscopeBuffer *text)
{
  const char *line = (const char *)text->data, *end = line + text->length;
  MemscopeBuffer payload;
  MemscopeMapping mapping;
  const char *path;
  size_t path_length;

  pages_buffer_init (&payload);

  while ((line = proc_next_mapping (line, end, &mapping, &path, &path_length)) != NULL)
    {
      mapping.path = recording_add_string (recording, path, (uint32_t)path_length);
      memscope_mapping_append (&payload, &mapping);
    }

  recording_add_mappings (recording, &payload);
  pages_buffer_clear (&payload);
}

/* How much of each mapping is resident. A snapshot is written when that changed by
 * so much that somebody would see it.
 */
#define SEEN_SHARE 64

static void
sample_amounts (Sampler   *sampler,
                Recording *recording)
{
  MemscopeSample sample = new_sample (recording, MEMSCOPE_SAMPLE_ROLLUP);
  ProcAmounts sums = { 0 };
  MemscopeBuffer text, payload;
  MemscopeMapping mapping;
  const char *line, *end, *path;
  size_t path_length;
  uint64_t difference, own = 0;

  if (!proc_read_whole (sampler->pid, "smaps", &text))
    {
      sample_rollup (sampler, recording);
      return;
    }

  pages_buffer_init (&payload);
  line = (const char *)text.data;
  end = line + text.length;
  while ((line = proc_next_mapping (line, end, &mapping, &path, &path_length)) != NULL)
    {
      line = proc_next_amounts (line, end, &mapping, &sums);
      own += arena_bytes (&mapping, path, path_length);
      mapping.path = recording_add_string (recording, path, (uint32_t)path_length);
      memscope_mapping_append (&payload, &mapping);
    }

  sample.values[0] = sums.resident;
  sample.values[1] = sums.proportional;
  sample.values[2] = sums.anonymous;
  sample.values[3] = sums.shared_clean;
  sample.values[4] = sums.private_dirty;
  sample.values[5] = sums.swapped;
  if (own != 0)
    sample.values[6] = own;
  add_rollup (sampler, recording, &sample);

  difference = sums.resident > sampler->amounts_resident ? sums.resident - sampler->amounts_resident
                                                         : sampler->amounts_resident - sums.resident;
  if (payload.length > 0 && (sampler->amounts_resident == 0 || difference > sampler->amounts_resident / SEEN_SHARE))
    {
      recording_add_mappings (recording, &payload);
      sampler->amounts_resident = sums.resident;
    }

  pages_buffer_clear (&payload);
  pages_buffer_clear (&text);
}

/* An exec of a program that is not recorded (a static one) says nothing to
 * anybody; but the arena is gone from its memory. A process that has not mapped
 * it yet is still answering our reply.
 */
static void
check_replaced (Sampler              *sampler,
                const MemscopeBuffer *text)
{
  static const char name[] = "/memfd:" SAMPLER_ARENA_NAME;
  bool maps = memmem (text->data, text->length, name, sizeof name - 1) != NULL;

  sampler->is_replaced = sampler->has_mapped && !maps;
  sampler->has_mapped |= maps;
}

static void
sample_mappings (Sampler   *sampler,
                 Recording *recording)
{
  MemscopeBuffer text;
  uint64_t hash;

  if (!proc_read_whole (sampler->pid, "maps", &text))
    return;

  check_replaced (sampler, &text);
  hash = hash_of (text.data, text.length);
  if (!sampler->is_replaced && hash != sampler->mappings_hash)
    write_mappings (recording, &text);

  sampler->mappings_hash = hash;
  pages_buffer_clear (&text);
}

/* ---- all together ------------------------------------------------------------------ */

static uint64_t
earliest (uint64_t a,
          uint64_t b)
{
  return a < b ? a : b;
}

static uint64_t
after (uint64_t now,
       uint64_t period,
       uint64_t share)
{
  uint64_t done = monotonic ();
  uint64_t took = done > now ? done - now : 0;

  return now + (took * share > period ? took * share : period);
}

uint64_t
sampler_run (Sampler   *sampler,
             Recording *recording,
             uint64_t   now)
{
  bool with_threads = now >= sampler->next_threads;

  if (now >= sampler->next_process)
    {
      sample_process (sampler, recording, with_threads);
      sampler->next_process = now + PROCESS_PERIOD;
    }

  if (with_threads)
    {
      now = monotonic ();
      sample_threads (sampler, recording);
      sampler->next_threads = after (now, THREADS_PERIOD, THREADS_SHARE);
    }

  if (now >= sampler->next_mappings)
    {
      now = monotonic ();
      sample_mappings (sampler, recording);
      sampler->next_mappings = after (now, MAPPINGS_PERIOD, ROLLUP_SHARE);
    }

  if (now >= sampler->next_rollup)
    {
      now = monotonic ();
      sample_amounts (sampler, recording);
      sampler->next_rollup = after (now, ROLLUP_PERIOD, ROLLUP_SHARE);
    }

  return earliest (earliest (sampler->next_process, sampler->next_threads),
                   earliest (sampler->next_mappings, sampler->next_rollup));
}

/* ---- facts ------------------------------------------------------------------------------ */

static void
add_text (Recording  *recording,
          const char *key,
          const char *value)
{
  recording_add_fact (recording, key, value, (uint32_t)strlen (value));
}

static void
add_link (pid_t       pid,
          Recording  *recording,
          const char *key,
          const char *name)
{
  char target[PATH_MAX];
  ssize_t length = proc_read_link (pid, name, target, sizeof target);

  if (length > 0)
    recording_add_fact (recording, key, target, (uint32_t)length);
}

/* Arguments joined by NUL, without the last one's. */
static void
add_command (pid_t      pid,
             Recording *recording)
{
  MemscopeBuffer text;

  if (!proc_read_whole (pid, "cmdline", &text))
    return;

  recording_add_fact (recording, "command", text.data,
                      (uint32_t)(text.data[text.length - 1] == '\0' ? text.length - 1 : text.length));
  pages_buffer_clear (&text);
}

/* Names only: values may be secrets. */
static void
add_environment_names (pid_t      pid,
                       Recording *recording)
{
  MemscopeBuffer text, names;
  const char *at, *end;

  if (!proc_read_whole (pid, "environ", &text))
    return;

  pages_buffer_init (&names);
  memscope_buffer_append (&text, "", 1);
  at = (const char *)text.data;
  end = at + text.length;

  while (!text.failed && at < end)
    {
      size_t length = strlen (at);

      if (length > 0 && names.length > 0)
        memscope_buffer_append (&names, "", 1);
      if (length > 0)
        memscope_buffer_append (&names, at, strcspn (at, "="));
      at += length + 1;
    }

  if (names.length > 0 && !names.failed)
    recording_add_fact (recording, "environment_names", names.data, (uint32_t)names.length);

  pages_buffer_clear (&names);
  pages_buffer_clear (&text);
}

void
sampler_add_facts (pid_t      pid,
                   Recording *recording)
{
  struct utsname machine;
  char number[32];
  ProcStat stat;

  add_link (pid, recording, "exe", "exe");
  add_link (pid, recording, "cwd", "cwd");
  add_command (pid, recording);
  add_environment_names (pid, recording);

  snprintf (number, sizeof number, "%d", (int)pid);
  add_text (recording, "pid", number);
  snprintf (number, sizeof number, "%ld", sysconf (_SC_PAGESIZE));
  add_text (recording, "page_size", number);

  if (proc_read_stat (pid, "stat", &stat))
    {
      snprintf (number, sizeof number, "%d", (int)stat.parent);
      add_text (recording, "parent_pid", number);
      snprintf (number, sizeof number, "%" PRIu64, stat.start_time);
      add_text (recording, "start_time", number);
    }

  if (uname (&machine) == 0)
    {
      char kernel[sizeof machine.sysname + sizeof machine.release + 2];

      snprintf (kernel, sizeof kernel, "%s %s", machine.sysname, machine.release);
      add_text (recording, "host", machine.nodename);
      add_text (recording, "kernel", kernel);
    }
}

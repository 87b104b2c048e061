/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "process-image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock-source.h"
#include "compressor.h"
#include "config.h"
#include "proc-reader.h"
#include "robust-list.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Rings that are in memory before anybody writes to them: a first touch of a
 * shared page takes over two microseconds.
 */
#define PREFAULTED_SLOTS 2

void
process_image_now (void          *data,
                   RecordingTime *time)
{
  clock_source_now (time);
}

/* ---- the recording's host -------------------------------------------------- */

static bool
thread_alive (void     *data,
              uint32_t  tid)
{
  const ProcessImage *image = data;

  if (image->foreign_ids)
    return true;

  return syscall (SYS_tgkill, image->pid, (pid_t)tid, 0) == 0 || errno != ESRCH;
}

static size_t
thread_name (void     *data,
             uint32_t  tid,
             char     *name,
             size_t    room)
{
  const ProcessImage *image = data;
  char file[48];
  ssize_t length;

  if (image->foreign_ids)
    return 0;

  snprintf (file, sizeof file, "task/%u/comm", tid);
  length = proc_read_file (image->pid, file, name, room);

  /* It may be over before it is asked: then what the process was called at first. */
  if (length <= 0 && tid == (uint32_t)image->pid)
    length = snprintf (name, room, "%s", image->name);

  while (length > 0 && name[length - 1] == '\n')
    length--;

  return length > 0 ? (size_t)length : 0;
}

static void
warn (void       *data,
      const char *text)
{
  const ProcessImage *image = data;

  recording_add_mark (image->recording, text);
}

static bool
append (void       *data,
        const void *bytes,
        size_t      length,
        size_t      keep_free)
{
  ProcessImage *image = data;

  return file_sink_append (&image->sink, bytes, length, keep_free);
}

static size_t
compress (void       *data,
          void       *out,
          size_t      room,
          const void *in,
          size_t      length)
{
  return compressor_run (NULL, out, room, in, length);
}

/* ---- the arena ---------------------------------------------------------------- */

/* [one private page][the arena], see robust-list.h. */
static void *
map_arena (int      fd,
           uint64_t size)
{
  char *whole = mmap (NULL, ROBUST_HEAD + size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  void *arena;

  if (whole == MAP_FAILED)
    return NULL;

  arena = mmap (whole + ROBUST_HEAD, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
  if (arena == MAP_FAILED)
    {
      munmap (whole, ROBUST_HEAD + size);
      return NULL;
    }

  return arena;
}

static void
prefault (ProcessImage *image)
{
  madvise (image->arena, image->arena->nodes_offset & ~UINT64_C (4095), MADV_POPULATE_WRITE);

  for (uint32_t i = 0; i < PREFAULTED_SLOTS && i < image->arena->n_slots; i++)
    {
      const Ring *ring = &arena_slot (image->arena, i)->rings[RING_MAIN];

      madvise (arena_at (image->arena, ring->offset & ~UINT64_C (4095)), ring->size, MADV_POPULATE_WRITE);
    }
}

static bool
make_arena (ProcessImage        *image,
            const ImageOptions  *options,
            const RecordingTime *start)
{
  ArenaOptions arena_options = {
    .stack_depth = options->stack_depth,
    .flags = options->arena_flags,
    .clock = options->clock,
    .sampling_interval = options->sampling_interval,
  };

  image->arena_size = arena_size (&arena_options);
  image->arena_fd = memfd_create (SAMPLER_ARENA_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (image->arena_fd < 0 || ftruncate (image->arena_fd, (off_t)image->arena_size) != 0 ||
      fcntl (image->arena_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return false;

  image->arena = map_arena (image->arena_fd, image->arena_size);
  if (image->arena == NULL)
    return false;

  arena_init (image->arena, &arena_options, image->uuid, start->tick);
  robust_list_add (image->arena);
  prefault (image);

  return true;
}

static void
drop_arena (ProcessImage *image)
{
  if (image->arena != NULL)
    {
      robust_list_remove (image->arena);
      munmap ((char *)image->arena - ROBUST_HEAD, ROBUST_HEAD + image->arena_size);
    }
  if (image->arena_fd >= 0)
    close (image->arena_fd);
}

/* ---- life ------------------------------------------------------------------------ */

static void
add_mode (Recording *recording,
          uint64_t   interval)
{
  const char *mode = interval != 0 ? "sampling" : "realtime";
  char number[24];

  recording_add_fact (recording, "mode", mode, (uint32_t)strlen (mode));
  if (interval == 0)
    return;

  snprintf (number, sizeof number, "%" PRIu64, interval);
  recording_add_fact (recording, "interval", number, (uint32_t)strlen (number));
}

static void
add_facts (ProcessImage         *image,
           const ImageOptions   *options,
           const HandshakeHello *hello)
{
  const char *allocator = hello->allocator == HANDSHAKE_ALLOCATOR_GLIBC ? "glibc"
                          : hello->allocator == HANDSHAKE_ALLOCATOR_BUILT_IN ? "built-in" : "other";
  char number[16];

  sampler_add_facts (image->pid, image->recording);
  snprintf (number, sizeof number, "%u", image->arena->stack_depth);
  recording_add_fact (image->recording, "stack_depth", number, (uint32_t)strlen (number));
  recording_add_fact (image->recording, "allocator", allocator, (uint32_t)strlen (allocator));
  add_mode (image->recording, options->sampling_interval);
  recording_add_fact (image->recording, "recorder_version", PACKAGE_VERSION, sizeof PACKAGE_VERSION - 1);
}

/* Known while it lives, and asked for when it may be gone. */
static void
remember_program (ProcessImage *image)
{
  char path[PATH_MAX];
  ssize_t length = proc_read_file (image->pid, "cmdline", image->command, sizeof image->command);

  image->command_length = length > 0 ? (size_t)length : 0;
  length = proc_read_link (image->pid, "exe", path, sizeof path);
  image->program = length > 0 ? strndup (path, (size_t)length) : strdup (image->name);
}

static void
drop (ProcessImage *image)
{
  recording_free (image->recording);
  stream_unref (image->stream);
  drop_arena (image);
  file_sink_close (&image->sink);
  if (image->pidfd >= 0)
    close (image->pidfd);
  free (image->program);
  free (image->path);
  free (image);
}

static Recording *
make_recording (ProcessImage        *image,
                const ImageOptions  *options,
                const RecordingTime *start)
{
  RecordingOptions recording_options = {
    .output = { .data = image, .append = append, .compress = compress },
    .host = { .data = image, .now = process_image_now, .thread_alive = thread_alive, .thread_name = thread_name,
              .warn = warn },
    .start = *start,
    .nsec_per_tick = options->nsec_per_tick,
    .file_flags = options->sampling_interval != 0 ? MEMSCOPE_FILE_SAMPLED : 0,
  };

  memcpy (recording_options.session_uuid, image->uuid, sizeof image->uuid);
  memcpy (recording_options.tree_uuid, options->tree_uuid, sizeof options->tree_uuid);

  return recording_new (image->arena, &recording_options);
}

ProcessImage *
process_image_new (const ImageOptions    *options,
                   const HandshakeHello  *hello,
                   pid_t                  pid,
                   const char            *path,
                   bool                   replace,
                   const char           **error)
{
  ProcessImage *image = calloc (1, sizeof *image);
  RecordingTime start;
  ProcStat stat;

  *error = "out of memory";
  if (image == NULL)
    return NULL;

  errno = 0;

  process_image_now (NULL, &start);
  image->pid = pid;
  image->arena_fd = -1;
  image->sink.fd = -1;
  image->pidfd = (int)syscall (SYS_pidfd_open, pid, 0);
  image->started = start.monotonic;
  image->started_realtime = start.realtime;
  memcpy (image->tree_uuid, options->tree_uuid, sizeof image->tree_uuid);
  image->foreign_ids = hello->pid != pid;
  image->path = strdup (path);
  image->fork_stamp = hello->fork_stamp;
  proc_read_file (pid, "comm", image->name, sizeof image->name);
  remember_program (image);
  if (proc_read_stat (pid, "stat", &stat))
    image->start_time = stat.start_time;

  if (image->path == NULL || image->program == NULL || getrandom (image->uuid, sizeof image->uuid, 0) != sizeof image->uuid ||
      !make_arena (image, options, &start))
    {
      *error = strerror (errno != 0 ? errno : ENOMEM);
      drop (image);
      return NULL;
    }

  if (!file_sink_open (&image->sink, path, replace, options->max_size))
    {
      *error = strerror (errno);
      drop (image);
      return NULL;
    }

  image->stream = stream_new (&image->sink, image->uuid);
  if (image->stream != NULL)
    image->recording = make_recording (image, options, &start);
  if (image->recording == NULL)
    {
      if (image->sink.error != 0)
        *error = strerror (image->sink.error);
      drop (image);
      return NULL;
    }

  add_facts (image, options, hello);
  sampler_init (&image->sampler, pid, image->arena_fd, start.monotonic);
  atomic_fetch_or_explicit (&image->arena->flags, ARENA_ENABLED, memory_order_seq_cst);

  return image;
}

void
process_image_end (ProcessImage      *image,
                   MemscopeEndReason  reason,
                   uint32_t           status)
{
  recording_disable (image->recording);
  recording_end (image->recording, reason, status);
  stream_end (image->stream, &image->sink, reason, status);
  drop (image);
}

void
process_image_sample (ProcessImage *image,
                      uint64_t      now)
{
  if (image->dead || now < image->next_sample)
    return;

  /* what it says itself is known sooner than what is seen from time to time */
  image->sampler.has_mapped |= atomic_load_explicit (&image->arena->attached, memory_order_acquire) != 0;
  image->next_sample = sampler_run (&image->sampler, image->recording, now);
}

bool
process_image_is_gone (const ProcessImage *image)
{
  struct pollfd poll_entry = { .fd = image->pidfd, .events = POLLIN };
  ProcStat stat;

  if (image->pidfd >= 0)
    return poll (&poll_entry, 1, 0) == 1;

  return !proc_read_stat (image->pid, "stat", &stat) || stat.start_time != image->start_time || stat.state == 'Z';
}

/* ---- how it ended -------------------------------------------------------------------- */

/* The kernel (6.15 and later) tells the holder of a pidfd, whoever reaped the process. */
typedef struct
{
  uint64_t mask;
  uint64_t cgroup;
  uint32_t ids[11];
  int32_t  exit_code;
} PidfdInfo;

#define PIDFD_INFO_HAS_EXIT (UINT64_C (1) << 3)
#define PIDFD_INFO_REQUEST  _IOWR (0xff, 11, PidfdInfo)

bool
process_image_get_exit (const ProcessImage *image,
                        int                *status)
{
  PidfdInfo info = { .mask = PIDFD_INFO_HAS_EXIT };
  ProcStat stat;

  if (proc_read_stat (image->pid, "stat", &stat) && stat.start_time == image->start_time && stat.state == 'Z')
    {
      *status = stat.exit_status;
      return true;
    }

  if (image->pidfd >= 0 && ioctl (image->pidfd, PIDFD_INFO_REQUEST, &info) == 0 &&
      (info.mask & PIDFD_INFO_HAS_EXIT) != 0)
    {
      *status = info.exit_code;
      return true;
    }

  return false;
}

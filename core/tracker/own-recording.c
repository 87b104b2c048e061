/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "own-recording.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arch-x86_64.h"
#include "clock-source.h"
#include "closed-copy.h"
#include "config.h"
#include "file-limit.h"
#include "own-work.h"
#include "proc-reader.h"
#include "real.h"
#include "recorder.h"
#include "sampler.h"

#define MEMSCOPE_BUILDING
#include "memscope.h"

/* A program that records itself for months must not fill the disk. */
#define DEFAULT_MAX_SIZE (UINT64_C (2) << 30)

static struct
{
  OwnRecording      own;
  pid_t             pid;             /* whose recording it is; 0: none */
  uint64_t          size;            /* of the file */
  uint64_t          max_size;
  struct stat       file;            /* which file it is: programs close what they don't know */
  Sampler           sampler;
  bool              ended;           /* the file is closed: nothing more comes */
  _Atomic uintptr_t holder;          /* of the lock */
  uint64_t          signals;         /* that it had blocked before */
  int               cancel;          /* whether it could be cancelled */
} self;

static __thread char this_thread;

/* ---- the lock ------------------------------------------------------------------
 *
 * It is taken inside the program's own calls of malloc(), so nothing may take the thread
 * away from it: no signal handler that jumps out, no cancellation.
 */

bool
own_recording_lock (void)
{
  uint64_t all = UINT64_MAX, before = 0;
  uintptr_t nobody = 0;
  int cancel;

  if (atomic_load_explicit (&self.holder, memory_order_relaxed) == (uintptr_t)&this_thread)
    return false;

  sys_call6 (SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, sizeof all, 0, 0);
  pthread_setcancelstate (PTHREAD_CANCEL_DISABLE, &cancel);

  while (!atomic_compare_exchange_weak_explicit (&self.holder, &nobody, (uintptr_t)&this_thread,
                                                 memory_order_acquire, memory_order_relaxed))
    {
      nobody = 0;
      sys_call3 (SYS_sched_yield, 0, 0, 0);
    }

  self.signals = before;
  self.cancel = cancel;

  return true;
}

void
own_recording_unlock (void)
{
  uint64_t signals = self.signals;
  int cancel = self.cancel;

  atomic_store_explicit (&self.holder, 0, memory_order_release);
  pthread_setcancelstate (cancel, NULL);
  sys_call6 (SYS_rt_sigprocmask, SIG_SETMASK, (long)&signals, 0, sizeof signals, 0, 0);
}

static bool
is_ours (void)
{
  return self.pid != 0 && self.pid == (pid_t)sys_call3 (SYS_getpid, 0, 0, 0);
}

const OwnRecording *
own_recording_get (void)
{
  return is_ours () ? &self.own : NULL;
}

/* ---- the file -------------------------------------------------------------------- */

static bool
is_still_our_file (void)
{
  struct stat status;

  return fstat (self.own.fd, &status) == 0 && status.st_dev == self.file.st_dev && status.st_ino == self.file.st_ino;
}

static bool
append (void       *data,
        const void *bytes,
        size_t      length,
        size_t      keep_free)
{
  const char *at = bytes;

  if (!file_limit_allows (self.size + length) || length > self.max_size || self.size > self.max_size - length || keep_free > self.max_size - self.size - length ||
      !is_still_our_file ())
    return false;

  while (length > 0)
    {
      long n = sys_call6 (SYS_pwrite64, self.own.fd, (long)at, (long)length, (long)self.size, 0, 0);

      if (n == -EINTR)
        continue;
      if (n <= 0)
        return false;
      at += n;
      length -= (size_t)n;
      self.size += (uint64_t)n;
    }

  return true;
}

static int
open_nameless (void)
{
  const char *folder = getenv ("TMPDIR");
  int fd = open (folder != NULL && *folder == '/' ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), high;

  if (fd < 0)
    fd = (int)sys_call3 (SYS_memfd_create, (long)"memscope-recording", MFD_CLOEXEC, 0);
  if (fd < 0)
    return -1;

  /* out of the way of programs that count on low ones */
  high = fcntl (fd, F_DUPFD_CLOEXEC, 64);
  if (high >= 0)
    {
      close (fd);
      fd = high;
    }

  return fd;
}

static uint64_t
find_max_size (void)
{
  const char *text = getenv ("MEMSCOPE_MAX_SIZE");
  unsigned long long bytes = text != NULL ? strtoull (text, NULL, 10) : 0;

  return bytes != 0 ? bytes : DEFAULT_MAX_SIZE;
}

/* ---- the recording's host ----------------------------------------------------------- */

static void
host_now (void          *data,
          RecordingTime *now)
{
  clock_source_now (now);
}

static bool
host_thread_alive (void     *data,
                   uint32_t  tid)
{
  return sys_call3 (SYS_tgkill, self.pid, tid, 0) != -ESRCH;
}

static size_t
host_thread_name (void     *data,
                  uint32_t  tid,
                  char     *name,
                  size_t    room)
{
  char file[48];
  ssize_t length;

  snprintf (file, sizeof file, "task/%u/comm", tid);
  length = proc_read_file (self.pid, file, name, room);
  while (length > 0 && name[length - 1] == '\n')
    length--;

  return length > 0 ? (size_t)length : 0;
}

/* ---- draining -------------------------------------------------------------------------- */

/* For a thread whose ring is full. */
static bool
drain_inline (void)
{
  int error = errno;

  if (!own_recording_lock ())
    return false;

  if (!self.ended)
    recording_drain (self.own.recording, false);
  own_recording_unlock ();
  errno = error;

  return true;
}

/* Looks at the process take memory of its own: not from inside a hook. */
static void
take_samples (void)
{
  struct timespec now;
  OwnWork work = own_work_begin ();

  clock_gettime (CLOCK_MONOTONIC, &now);
  sampler_run (&self.sampler, self.own.recording, (uint64_t)now.tv_sec * UINT64_C (1000000000) + (uint64_t)now.tv_nsec);
  own_work_end (work);
}

uint64_t
own_recording_drain (void)
{
  uint64_t size;

  if (!is_ours () || !own_recording_lock ())
    return 0;

  if (!self.ended)
    {
      recording_drain (self.own.recording, false);
      take_samples ();
    }
  size = self.size;
  own_recording_unlock ();

  return size;
}

static void
fill_figures (OwnFigures *figures)
{
  const LedgerTotals *totals = recording_get_totals (self.own.recording);

  *figures = (OwnFigures) {
    .births = totals->births,
    .deaths = totals->deaths,
    .born_bytes = totals->born_bytes,
    .live_bytes = totals->live_bytes,
    .peak_bytes = totals->peak_bytes,
    .failed = atomic_load_explicit (&self.own.arena->failed_allocations, memory_order_relaxed),
    .lost = recording_get_n_lost (self.own.recording),
  };
}

int
own_recording_sync (OwnFigures *figures)
{
  int result;

  if (!is_ours ())
    return MEMSCOPE_TRACKER_NOT_RECORDED;
  if (!own_recording_lock ())
    return MEMSCOPE_TRACKER_ERROR_BUSY;

  if (!self.ended)
    take_samples ();
  result = self.ended || recording_catch_up (self.own.recording) ? MEMSCOPE_TRACKER_OK : MEMSCOPE_TRACKER_LOST;
  fill_figures (figures);
  own_recording_unlock ();

  return result;
}

int
own_recording_export (const char *path)
{
  static ClosedCopy copy;
  static _Atomic uint32_t copying;
  OwnFigures figures;
  uint64_t size;
  int result = own_recording_sync (&figures);

  if (result < 0 || result == MEMSCOPE_TRACKER_NOT_RECORDED)
    return result;

  /* a structure of two paths is too much for the stacks of some threads */
  while (atomic_exchange_explicit (&copying, 1, memory_order_acquire) != 0)
    sys_call3 (SYS_sched_yield, 0, 0, 0);

  own_recording_lock ();
  size = self.size;
  own_recording_unlock ();

  result = MEMSCOPE_TRACKER_ERROR_IO;
  if (closed_copy_open (&copy, path))
    {
      if (is_still_our_file () && closed_copy_take (&copy, self.own.fd, size) && closed_copy_finish (&copy, figures.failed))
        result = MEMSCOPE_TRACKER_OK;
      else
        closed_copy_discard (&copy);
    }

  atomic_store_explicit (&copying, 0, memory_order_release);

  return result;
}

uint64_t
own_recording_end (MemscopeEndReason reason)
{
  if (!is_ours () || !own_recording_lock ())
    return 0;

  if (self.ended)
    {
      own_recording_unlock ();
      return self.size;
    }

  recording_disable (self.own.recording);
  recording_drain (self.own.recording, true);
  recording_end (self.own.recording, reason, 0);
  self.ended = true;
  recorder_stop ();
  own_recording_unlock ();

  return self.size;
}

/* ---- beginning ------------------------------------------------------------------------------ */

static void
add_fact (const char *key,
          const char *value)
{
  recording_add_fact (self.own.recording, key, value, (uint32_t)strlen (value));
}

static const char *
allocator_name (HandshakeAllocator allocator)
{
  switch (allocator)
    {
    case HANDSHAKE_ALLOCATOR_GLIBC:
      return "glibc";
    case HANDSHAKE_ALLOCATOR_BUILT_IN:
      return "built-in";
    case HANDSHAKE_ALLOCATOR_OTHER:
    default:
      return "other";
    }
}

static void
add_facts (void)
{
  char depth[16];

  sampler_add_facts (self.pid, self.own.recording);
  snprintf (depth, sizeof depth, "%u", self.own.arena->stack_depth);
  add_fact ("stack_depth", depth);
  add_fact ("allocator", allocator_name (real_find_allocator ()));
  add_fact ("mode", "realtime");
  add_fact ("recorder_version", PACKAGE_VERSION);
}

static ArenaHeader *
make_arena (ArenaClock     clock,
            uint64_t       first_stamp,
            const uint8_t  uuid[16])
{
  ArenaOptions options = { .clock = clock };
  uint64_t size = arena_size (&options);
  int fd = file_limit_allows (size) ? (int)sys_call3 (SYS_memfd_create, (long)SAMPLER_ARENA_NAME, MFD_CLOEXEC, 0) : -1;
  int flags = MAP_SHARED | MAP_NORESERVE;
  void *memory;

  if (fd >= 0 && ftruncate (fd, (off_t)size) != 0)
    {
      close (fd);
      fd = -1;
    }

  /* the name is only for who looks at the process's mappings */
  memory = (void *)sys_call6 (SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, fd >= 0 ? flags : flags | MAP_ANONYMOUS, fd, 0);
  if (fd >= 0)
    close (fd);
  if ((long)memory < 0 && (long)memory > -4096)
    return NULL;

  if (madvise (memory, size, MADV_DONTFORK) != 0)
    {
      sys_call3 (SYS_munmap, (long)memory, (long)size, 0);
      return NULL;
    }

  madvise (memory, size, MADV_DONTDUMP);
  arena_init (memory, &options, uuid, first_stamp);
  /* this process itself, which is as alive as the recorder */
  atomic_store_explicit (&((ArenaHeader *)memory)->collector_futex, 1, memory_order_release);

  return memory;
}

/* The arena stays: a thread may be about to write into it. */
static void
undo (void)
{
  if (self.own.recording != NULL)
    recording_free (self.own.recording);
  if (self.own.fd >= 0)
    close (self.own.fd);
  self.own = (OwnRecording) { .fd = -1 };
  self.pid = 0;
}

static int
begin (void)
{
  RecordingOptions options = {
    .output = { .append = append },
    .host = { .now = host_now, .thread_alive = host_thread_alive, .thread_name = host_thread_name },
    .file_flags = MEMSCOPE_FILE_NO_COLLECTOR,
  };
  ArenaClock clock;

  self.own = (OwnRecording) { .fd = -1 };
  self.size = 0;
  self.ended = false;
  self.max_size = find_max_size ();
  self.pid = (pid_t)sys_call3 (SYS_getpid, 0, 0, 0);

  if (getrandom (self.own.uuid, 16, 0) != 16 || getrandom (self.own.tree_uuid, 16, 0) != 16)
    return MEMSCOPE_TRACKER_ERROR_REFUSED;

  self.own.fd = open_nameless ();
  if (self.own.fd < 0 || fstat (self.own.fd, &self.file) != 0)
    return MEMSCOPE_TRACKER_ERROR_IO;

  clock_source_choose (&clock, &options.nsec_per_tick);
  clock_source_now (&options.start);
  self.own.started = options.start.realtime;
  memcpy (options.session_uuid, self.own.uuid, 16);
  memcpy (options.tree_uuid, self.own.tree_uuid, 16);

  self.own.arena = make_arena (clock, options.start.tick, self.own.uuid);
  if (self.own.arena == NULL)
    return MEMSCOPE_TRACKER_ERROR_MEMORY;

  self.own.recording = recording_new (self.own.arena, &options);
  if (self.own.recording == NULL)
    return MEMSCOPE_TRACKER_ERROR_MEMORY;

  add_facts ();
  sampler_init (&self.sampler, self.pid, -1, options.start.monotonic);

  return recorder_start_own (self.own.arena, drain_inline) ? MEMSCOPE_TRACKER_OK : MEMSCOPE_TRACKER_ERROR_REFUSED;
}

int
own_recording_begin (void)
{
  static _Atomic uint32_t beginning;
  int result = MEMSCOPE_TRACKER_OK;
  OwnWork work;

  while (atomic_exchange_explicit (&beginning, 1, memory_order_acquire) != 0)
    sys_call3 (SYS_sched_yield, 0, 0, 0);

  if (!recorder_is_on ())
    {
      /* in a fork's child: the parent's is not ours, and its lock may be held for ever */
      if (!is_ours ())
        atomic_store (&self.holder, 0);

      work = own_work_begin ();
      own_recording_lock ();
      if (self.ended && is_ours ())
        undo ();
      result = begin ();
      if (result != MEMSCOPE_TRACKER_OK)
        undo ();
      own_recording_unlock ();
      own_work_end (work);
    }

  atomic_store_explicit (&beginning, 0, memory_order_release);

  return result;
}

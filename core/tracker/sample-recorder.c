/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample-recorder.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>

#include "clock.h"
#include "files.h"
#include "memory.h"
#include "recording.h"
#include "sample-facts.h"
#include "sample-segments.h"
#include "thread.h"

#define MSEC UINT64_C (1000000)
#define SEC  (1000 * MSEC)

#define DRAIN_NSEC   (250 * MSEC)      /* between two drains */
#define EPOCH_NSEC   SEC               /* between two writes */
#define PROBE_NSEC   SEC               /* between two looks at resident memory */
#define RETRY_NSEC   (30 * SEC)        /* between two tries to write when the disk was full */
#define BASE_NSEC    (10 * MSEC)       /* what the clocks are compared over at first */

/* A ring that is so full is drained at once. */
#define FULL_RING    (RING_SMALL_SIZE / 4)

/* All rings together take 17 MiB if 256 threads are sampled at the same time; the
 * stacks, a page at a time, up to 16 MiB.
 */
#define N_SLOTS      256u
#define N_NODES      (1024u * 1024u)

_Atomic bool sample_recorder_active;

static struct
{
  _Atomic uint32_t     busy;             /* somebody drains */
  const SampleOptions *options;
  char                 executable[SAMPLE_PATH_SIZE];
  ArenaHeader         *arena;
  Recording           *recording;        /* made when there is something to write */
  SampleSegments       segments;
  RecordingTime        start;
  uint8_t              session[16];
  uint8_t              tree[16];
  uint8_t              parent[16];
  bool                 has_parent;
  bool                 is_glibc;
  bool                 always;           /* write a file even if nothing was sampled */
  pid_t                pid;
  _Atomic uint64_t     next_drain;       /* CLOCK_MONOTONIC_COARSE */
  uint64_t             next_probe;
  uint64_t             next_try;
  uint64_t             segment_began;
} self;

/* ---- the recording's host ----------------------------------------------------- */

static uint64_t
nsec_of (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);

  return (uint64_t)now.tv_sec * SEC + (uint64_t)now.tv_nsec;
}

static void
host_now (void          *data,
          RecordingTime *time)
{
  time->tick = arch_stamp ();
  time->monotonic = nsec_of (CLOCK_MONOTONIC);
  time->realtime = nsec_of (CLOCK_REALTIME);
}

static bool
host_thread_alive (void     *data,
                   uint32_t  tid)
{
  return sys_call3 (SYS_tgkill, self.pid, (long)tid, 0) != -ESRCH;
}

/* "/proc/self/task/" TID "/comm" */
static size_t
host_thread_name (void     *data,
                  uint32_t  tid,
                  char     *name,
                  size_t    room)
{
  char path[64] = "/proc/self/task/";
  char digits[12];
  size_t at = strlen (path), n = 0;
  long length;
  int fd;

  for (; tid != 0; tid /= 10)
    digits[n++] = (char)('0' + tid % 10);
  while (n > 0)
    path[at++] = digits[--n];
  memcpy (path + at, "/comm", sizeof "/comm");

  fd = file_open (path, O_RDONLY, 0);
  if (fd < 0)
    return 0;

  length = file_read (fd, name, room);
  file_close (fd);
  while (length > 0 && name[length - 1] == '\n')
    length--;

  return length > 0 ? (size_t)length : 0;
}

static void
host_warn (void       *data,
           const char *text)
{
  if (self.recording != NULL)
    recording_add_mark (self.recording, text);
}

static bool
host_append (void       *data,
             const void *bytes,
             size_t      length,
             size_t      keep_free)
{
  return sample_segments_append (&self.segments, bytes, length, keep_free);
}

static int
host_error (void *data)
{
  return self.segments.error;
}

/* ---- one at a time --------------------------------------------------------------- */

/* Without signals: a handler could jump out of it and leave everything half done. */
typedef struct
{
  uint64_t signals;
  int      error;
} Turn;

static bool
take_turn (Turn *turn)
{
  uint64_t all = UINT64_MAX;

  if (atomic_exchange_explicit (&self.busy, 1, memory_order_acquire) != 0)
    return false;

  turn->error = errno;
  sys_call4 (SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&turn->signals, sizeof all);
  thread_begin_own_work ();

  return true;
}

static void
end_turn (const Turn *turn)
{
  thread_end_own_work ();
  atomic_store_explicit (&self.busy, 0, memory_order_release);
  sys_call4 (SYS_rt_sigprocmask, SIG_SETMASK, (long)&turn->signals, 0, sizeof turn->signals);
  errno = turn->error;
}

/* ---- the recording ------------------------------------------------------------------ */

/* Stamps and the clock are compared over the time since the start, for the recording
 * is made a while after it; where that was no while, one is waited for.
 */
static double
nsec_per_tick (void)
{
  RecordingTime now;

  host_now (NULL, &now);
  while (now.monotonic - self.start.monotonic < BASE_NSEC)
    {
      struct timespec pause = { .tv_nsec = (long)(BASE_NSEC - (now.monotonic - self.start.monotonic)) };

      sys_call3 (SYS_nanosleep, (long)&pause, 0, 0);
      host_now (NULL, &now);
    }

  return now.tick > self.start.tick
           ? (double)(now.monotonic - self.start.monotonic) / (double)(now.tick - self.start.tick) : 1;
}

static void
add_uuid (const char    *key,
          const uint8_t  uuid[16])
{
  static const char digits[] = "0123456789abcdef";
  char text[32];

  for (unsigned i = 0; i < 16; i++)
    {
      text[2 * i] = digits[uuid[i] >> 4];
      text[2 * i + 1] = digits[uuid[i] & 15];
    }

  recording_add_fact (self.recording, key, text, sizeof text);
}

static bool
make_recording (uint64_t now)
{
  RecordingOptions options = {
    .output = { .append = host_append, .error = host_error },
    .host = { .now = host_now, .thread_alive = host_thread_alive, .thread_name = host_thread_name, .warn = host_warn },
    .start = self.start,
    .nsec_per_tick = self.arena->clock == CLOCK_TSC ? nsec_per_tick () : 1,
    .file_flags = MEMSCOPE_FILE_SAMPLED | MEMSCOPE_FILE_NO_COLLECTOR,
    .segments = true,
  };

  memcpy (options.session_uuid, self.session, sizeof self.session);
  memcpy (options.tree_uuid, self.tree, sizeof self.tree);

  if (!sample_segments_begin (&self.segments))
    return false;

  self.segment_began = now;
  self.recording = recording_new (self.arena, &options);
  if (self.recording == NULL)
    return false;

  recording_set_epoch (self.recording, EPOCH_NSEC);
  sample_facts_add (self.recording, self.options, self.executable, self.arena->stack_depth, self.is_glibc);
  if (self.has_parent)
    add_uuid ("parent_uuid", self.parent);

  return true;
}

static void
begin_next_segment (uint64_t now)
{
  if (!sample_segments_begin (&self.segments) || !recording_begin_segment (self.recording))
    self.next_try = now + RETRY_NSEC;

  self.segment_began = now;
}

static void
rotate_if_due (uint64_t now)
{
  if (recording_is_idle (self.recording))
    {
      if (self.next_try == 0)
        {
          sample_segments_end (&self.segments, true);
          /* a file that somebody took away is no reason to wait */
          self.next_try = self.segments.error == ENOENT || self.segments.error == ESTALE ? now : now + RETRY_NSEC;
        }
      else if (now >= self.next_try)
        {
          begin_next_segment (now);
        }
      return;
    }

  self.next_try = 0;
  if (self.segments.size < self.options->rotate_size && now - self.segment_began < self.options->rotate_age)
    return;

  recording_end_segment (self.recording);
  sample_segments_end (&self.segments, true);
  begin_next_segment (now);
}

static void
drain (bool final)
{
  uint64_t now = nsec_of (CLOCK_MONOTONIC);

  if (self.recording == NULL)
    {
      if (now < self.next_try || !make_recording (now))
        {
          self.next_try = now + RETRY_NSEC;
          return;
        }
      self.next_try = 0;
    }

  if (now >= self.next_probe)
    {
      sample_facts_probe (self.recording);
      self.next_probe = now + PROBE_NSEC;
    }

  recording_drain (self.recording, final);
  if (!final)
    rotate_if_due (now);
}

static bool
is_ring_full (void)
{
  const Thread *thread = thread_current;
  const Ring *ring;

  if (thread == NULL || thread->level != 0 || thread->writer.slot == NULL)
    return false;

  ring = &thread->writer.slot->rings[RING_MAIN];

  return atomic_load_explicit (&ring->tail, memory_order_relaxed) -
         atomic_load_explicit (&ring->head, memory_order_relaxed) > FULL_RING;
}

void
sample_recorder_run (void)
{
  uint64_t now = clock_coarse_ns ();
  Turn turn;

  if ((now < atomic_load_explicit (&self.next_drain, memory_order_relaxed) && !is_ring_full ()) ||
      thread_is_inside () || thread_is_own_work () || !take_turn (&turn))
    return;

  atomic_store_explicit (&self.next_drain, now + DRAIN_NSEC, memory_order_relaxed);
  if (sample_recorder_active)
    drain (false);
  end_turn (&turn);
}

void
sample_recorder_relieve (void)
{
  Turn turn;

  if (!sample_recorder_active || !take_turn (&turn))
    return;

  if (sample_recorder_active)
    drain (false);
  end_turn (&turn);
}

/* ---- life ---------------------------------------------------------------------------- */

static ArenaClock
choose_clock (void)
{
  char name[32];
  int fd = file_open ("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY, 0);
  long n;

  if (fd < 0)
    return CLOCK_COUNTER;

  n = file_read (fd, name, sizeof name);
  file_close (fd);

  return n == 4 && memcmp (name, "tsc\n", 4) == 0 ? CLOCK_TSC : CLOCK_COUNTER;
}

static bool
make_ids (void)
{
  return sys_call3 (SYS_getrandom, (long)self.session, sizeof self.session, GRND_NONBLOCK) == sizeof self.session &&
         (self.has_parent ||
          sys_call3 (SYS_getrandom, (long)self.tree, sizeof self.tree, GRND_NONBLOCK) == sizeof self.tree);
}

/* What a fork's child finds of its parent's recording is a copy that nobody writes from.
 * If a thread was at it just then, it is left as it is.
 */
static void
forget_parent (void)
{
  if (atomic_load_explicit (&self.busy, memory_order_relaxed) == 0)
    recording_free (self.recording);

  self.recording = NULL;
  atomic_store_explicit (&self.busy, 0, memory_order_relaxed);
}

static ArenaHeader *
make_arena (const SampleOptions *options)
{
  ArenaOptions arena_options = {
    .n_small_slots = N_SLOTS,
    .n_large_slots = 1,
    .nodes_capacity = N_NODES,
    .stack_depth = options->stack_depth,
    .flags = ARENA_LOSSY,
    .clock = options->no_ticks ? CLOCK_COUNTER : choose_clock (),
    .sampling_interval = options->interval,
  };
  uint64_t size = arena_size (&arena_options);
  ArenaHeader *arena = own_memory_map (size);

  if (arena == NULL)
    return NULL;

  /* The child of a fork has none: it must not fill its parent's rings. */
  if (sys_call3 (SYS_madvise, (long)arena, (long)size, MADV_DONTFORK) != 0)
    {
      own_memory_unmap (arena, size);
      return NULL;
    }

  sys_call3 (SYS_madvise, (long)arena, (long)size, MADV_DONTDUMP);
  arena_init (arena, &arena_options, self.session, self.start.tick);

  /* somebody is there who drains */
  atomic_store_explicit (&arena->collector_futex, 1, memory_order_relaxed);

  return arena;
}

ArenaHeader *
sample_recorder_open (const SampleOptions *options,
                      const char          *executable,
                      const uint8_t       *parent,
                      bool                 is_glibc)
{
  forget_parent ();

  self.options = options;
  self.is_glibc = is_glibc;
  self.pid = (pid_t)sys_call3 (SYS_getpid, 0, 0, 0);
  self.has_parent = parent != NULL;
  self.always = parent == NULL;
  if (parent != NULL)
    memcpy (self.parent, parent, sizeof self.parent);
  self.next_probe = self.next_try = 0;
  host_now (NULL, &self.start);
  memcpy (self.executable, executable, strnlen (executable, sizeof self.executable - 1) + 1);
  self.executable[sizeof self.executable - 1] = '\0';

  if (!make_ids () || (self.arena = make_arena (options)) == NULL)
    return NULL;

  sample_segments_init (&self.segments, options, self.executable, self.pid);
  atomic_store_explicit (&self.next_drain, clock_coarse_ns () + DRAIN_NSEC, memory_order_relaxed);
  atomic_store_explicit (&sample_recorder_active, true, memory_order_release);

  return self.arena;
}

/* Whoever is at it will be done soon; if it is a thread that another one's exit has
 * stopped in the middle, what it has written so far is there.
 */
static bool
take_turn_for_the_last_time (Turn *turn)
{
  const struct timespec pause = { .tv_nsec = 1000000 };

  for (unsigned i = 0; i < 2000; i++)
    {
      if (take_turn (turn))
        return true;
      sys_call3 (SYS_nanosleep, (long)&pause, 0, 0);
    }

  return false;
}

void
sample_recorder_close (unsigned reason)
{
  Turn turn;

  if (!sample_recorder_active || !take_turn_for_the_last_time (&turn))
    return;

  /* a forked child that was never sampled leaves no file */
  if (self.recording != NULL || self.always || atomic_load (&self.arena->n_threads) != 0)
    drain (true);

  atomic_store_explicit (&sample_recorder_active, false, memory_order_relaxed);
  if (self.recording != NULL)
    {
      recording_end (self.recording, reason, 0);
      sample_segments_end (&self.segments, false);
      recording_free (self.recording);
      self.recording = NULL;
    }

  end_turn (&turn);
}

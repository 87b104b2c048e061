/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch-x86_64.h"
#include "clock.h"
#include "connect.h"
#include "modules.h"
#include "real.h"
#include "rules.h"
#include "sample-recorder.h"
#include "sample.h"
#include "thread.h"
#include "trie.h"

RecorderPage recorder_page;
Recorder recorder;

static struct
{
  char     socket[SOCKET_PATH_SIZE];   /* "": nobody records this program */
  uint8_t  session[16];                /* of this process, for its children */
  char     executable[SAMPLE_PATH_SIZE];
  SampleOptions samples;               /* how it samples itself, if it does */
  bool     samples_itself;
  bool     asked;                      /* what the environment says */
  bool     prepared;
  bool     usable;                     /* what it takes could be prepared */
  long     pid;                        /* whose arena it is */
  uintptr_t arena_start;
  uint64_t arena_size;
} process;

extern void *__libc_stack_end;

/* The environment as the kernel gave it: the program's first allocation may come
 * before libc has set `environ`.
 */
static const char *
initial_environment (const char *name)
{
  const long *argc = __libc_stack_end;
  char **entry = (char **)(argc + 1) + *argc + 1;
  size_t length = strlen (name);

  for (; *entry != NULL; entry++)
    if (strncmp (*entry, name, length) == 0 && (*entry)[length] == '=')
      return *entry + length + 1;

  return NULL;
}

static void
find_executable (char   *path,
                 size_t  size)
{
  const char *name = (const char *)getauxval (AT_EXECFN);
  long n = sys_call3 (SYS_readlink, (long)"/proc/self/exe", (long)path, (long)size - 1);

  if (n > 0)
    {
      path[n] = '\0';
      return;
    }

  n = name != NULL ? (long)strnlen (name, size - 1) : 0;
  memcpy (path, name, (size_t)n);
  path[n] = '\0';
}

/* In the child of a fork made by a signal handler that interrupted the recorder:
 * what was interrupted will go on and must find memory where the arena was. It
 * writes there what nobody reads.
 */
static void
fork_child (void)
{
  if (process.arena_size != 0 && thread_is_inside ())
    sys_call6 (SYS_mmap, (long)process.arena_start, (long)process.arena_size, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

/* Once per process image. */
static bool
prepare (void)
{
  if (process.prepared)
    return process.usable;

  process.prepared = true;
  if (getauxval (AT_SECURE) != 0 ||
      sys_call3 (SYS_madvise, (long)&recorder_page, sizeof recorder_page, MADV_WIPEONFORK) != 0)
    return false;

  find_executable (process.executable, sizeof process.executable);
  modules_init (process.executable);
  process.usable = thread_init () && pthread_atfork (NULL, NULL, fork_child) == 0;

  return process.usable;
}

/* Does the environment say that this program is recorded? */
static bool
is_wanted (void)
{
  const char *path = initial_environment (HANDSHAKE_ENV_SOCKET);

  process.asked = true;

  if (path != NULL && strlen (path) < sizeof process.socket)
    memcpy (process.socket, path, strlen (path) + 1);
  else
    process.samples_itself = sample_options_read (&process.samples, initial_environment);

  return process.socket[0] != '\0' || process.samples_itself;
}

/* ---- how to record ----------------------------------------------------------- */

/* What a thread drew for one stretch of sampling is of no use in the next one. */
static uint32_t
state_of (uint32_t mode)
{
  atomic_store_explicit (&recorder.mode, mode | ARENA_ENABLED, memory_order_relaxed);

  if ((mode & ARENA_SAMPLING) == 0)
    return RECORDER_ON;
  if ((mode & ARENA_FILLING) != 0)
    return RECORDER_FILLING;

  return RECORDER_SAMPLING + (atomic_fetch_add_explicit (&recorder.samplings, 1, memory_order_relaxed) & INT32_MAX);
}

/* What comes after that stamp is recorded so; what comes before it may be, too. */
static void
say_mode (uint32_t mode)
{
  atomic_store_explicit (&recorder.arena->mode_stamp, clock_now (recorder.arena), memory_order_relaxed);
  atomic_store_explicit (&recorder.arena->mode_followed, mode, memory_order_release);
}

/* Several threads may come here at once: who finds the state changed looks again. */
bool
recorder_follow_mode (void)
{
  bool again = false;

  for (;;)
    {
      uint32_t before = recorder_state ();
      uint32_t mode = recorder_arena_mode ();

      if (before < RECORDER_ON || (mode & ARENA_ENABLED) == 0)
        return false;
      if (!again && mode == atomic_load (&recorder.mode))
        return true;

      again = !atomic_compare_exchange_strong (&recorder_page.state, &before, state_of (mode));
      if (!again)
        say_mode (mode);
    }
}

static void
use_arena (ArenaHeader *arena)
{
  recorder.arena = arena;
  process.pid = sys_call3 (SYS_getpid, 0, 0, 0);
  process.arena_start = (uintptr_t)arena;
  process.arena_size = arena->size;
  sample_attach (arena);
  memcpy (process.session, arena->session_uuid, sizeof process.session);
  trie_attach (arena);
  say_mode (recorder_arena_mode ());
  modules_attach (arena);
  atomic_fetch_add_explicit (&recorder.generation, 1, memory_order_release);
}

/* A process that has an arena although nobody has asked yet is a fork's child. */
static bool
ask (void)
{
  bool forked = process.arena_size != 0;
  HandshakeHello hello = {
    .magic = HANDSHAKE_MAGIC,
    .version = HANDSHAKE_VERSION,
    .kind = forked ? HANDSHAKE_FORK : HANDSHAKE_IMAGE,
    .page_size = (uint32_t)getauxval (AT_PAGESZ),
    .pid = (int32_t)sys_call3 (SYS_getpid, 0, 0, 0),
    .parent_pid = (int32_t)sys_call3 (SYS_getppid, 0, 0, 0),
    .fork_stamp = forked ? arch_stamp () : 0,
    .allocator = real_find_allocator (),
  };
  ArenaHeader *arena;

  if ((!process.asked && !is_wanted ()) || !prepare ())
    {
      process.socket[0] = '\0';
      process.samples_itself = false;
    }
  if (process.socket[0] == '\0' && !process.samples_itself)
    return false;

  if (forked)
    {
      memcpy (hello.parent_uuid, process.session, sizeof hello.parent_uuid);
      thread_forked ();
      rules_forked ();
    }

  if (process.samples_itself)
    arena = sample_recorder_open (&process.samples, process.executable, forked ? process.session : NULL,
                                  hello.allocator == HANDSHAKE_ALLOCATOR_GLIBC);
  else
    arena = connect_to_collector (process.socket, &hello);
  if (arena == NULL)
    {
      process.socket[0] = '\0';
      process.samples_itself = false;
      return false;
    }

  use_arena (arena);

  return true;
}

/* Another thread asks just now; the answer comes within a handshake. */
static bool
wait_for_answer (void)
{
  while (atomic_load_explicit (&recorder_page.state, memory_order_acquire) == RECORDER_NEW)
    sys_call3 (SYS_sched_yield, 0, 0, 0);

  return recorder_is_on ();
}

bool
recorder_start (void)
{
  bool on;

  if (atomic_load_explicit (&recorder_page.state, memory_order_acquire) != RECORDER_NEW)
    return recorder_is_on ();
  if (thread_is_own_work ())
    return false;
  if (atomic_exchange_explicit (&recorder_page.starting, 1, memory_order_acq_rel) != 0)
    return wait_for_answer ();

  thread_begin_own_work ();
  real_resolve ();
  on = ask ();
  thread_end_own_work ();

  atomic_store_explicit (&recorder_page.state, on ? state_of (recorder_arena_mode ()) : RECORDER_OFF, memory_order_release);

  return on;
}

bool
recorder_start_with (ArenaHeader *arena)
{
  if (!process.prepared)
    {
      process.prepared = process.asked = true;
      find_executable (process.executable, sizeof process.executable);
      modules_init (process.executable);
      process.usable = thread_init ();
      if (!process.usable)
        return false;
    }

  use_arena (arena);
  atomic_store_explicit (&recorder_page.state, state_of (recorder_arena_mode ()), memory_order_release);

  return true;
}

bool
recorder_start_sampling (const SampleOptions *options)
{
  static _Atomic uint32_t starting;
  ArenaHeader *arena = NULL;

  if (recorder_start () || thread_is_own_work () || atomic_exchange (&starting, 1) != 0)
    return false;

  thread_begin_own_work ();
  process.samples = *options;
  if (recorder_state () == RECORDER_OFF && sample_options_complete (&process.samples) && prepare ())
    arena = sample_recorder_open (&process.samples, process.executable, NULL,
                                  real_find_allocator () == HANDSHAKE_ALLOCATOR_GLIBC);
  if (arena != NULL)
    use_arena (arena);
  thread_end_own_work ();

  process.samples_itself = arena != NULL;
  if (arena != NULL)
    atomic_store_explicit (&recorder_page.state, state_of (recorder_arena_mode ()), memory_order_release);
  atomic_store (&starting, 0);

  return arena != NULL;
}

void
recorder_stop_sampling (unsigned reason)
{
  if (!process.samples_itself || !recorder_is_on ())
    return;

  process.samples_itself = false;
  recorder_stop ();
  sample_recorder_close (reason);
}

bool
recorder_start_own (ArenaHeader  *arena,
                    bool        (*drain) (void))
{
  real_resolve ();
  if (!prepare ())
    return false;

  if (process.arena_size != 0 && process.pid != sys_call3 (SYS_getpid, 0, 0, 0))
    {
      thread_forked ();
      rules_forked ();
    }

  recorder.drain = drain;
  use_arena (arena);
  atomic_store_explicit (&recorder_page.state, state_of (recorder_arena_mode ()), memory_order_release);

  return true;
}

const char *
recorder_get_socket (void)
{
  return process.socket;
}

const uint8_t *
recorder_get_session (void)
{
  return process.session;
}

void
recorder_stop (void)
{
  atomic_store_explicit (&recorder_page.state, RECORDER_OFF, memory_order_release);
}

bool
recorder_is_abandoned (void)
{
  uint32_t owner = atomic_load_explicit (&recorder.arena->collector_futex, memory_order_acquire);

  return owner == 0 || (owner & FUTEX_OWNER_DIED) != 0;
}

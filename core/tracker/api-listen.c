/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope_tracker_listen(): a thread that lets viewers watch the recording the program
 * keeps of itself, as the collector does for those it records. It is the only thread that
 * the library ever starts, and none of its allocations is recorded.
 */

#define MEMSCOPE_BUILDING
#include "memscope.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arch-x86_64.h"
#include "own-recording.h"
#include "own-work.h"
#include "proc-reader.h"
#include "recorder.h"
#include "runtime-dir.h"
#include "socket.h"
#include "viewers.h"

#define MSEC            UINT64_C (1000000)
#define MAX_CALLERS     16u
#define HELLO_TIMEOUT   (2000 * MSEC)
#define LAST_TIMEOUT    (5000 * MSEC)
#define WATCHED_EPOCH   (100 * MSEC)

/* Between two rounds: the rings can wait, for full ones are emptied by their threads. */
#define WATCHED_WAIT    20
#define UNWATCHED_WAIT  100

typedef struct
{
  int      fd;
  uint64_t since;
} Caller;

static struct
{
  pid_t        pid;            /* in which process the thread is; 0: nowhere */
  pthread_t    thread;
  char         socket[108];
  int          listener;
  int          poll;
  int          wake;
  Viewers     *viewers;
  ProcessImage image;          /* this process, as viewers see it */
  bool         over;           /* somebody stopped the recording */
  Caller       callers[MAX_CALLERS];
  unsigned     n_callers;
  _Atomic bool ending;
} self;

static uint64_t
monotonic (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (uint64_t)now.tv_sec * UINT64_C (1000000000) + (uint64_t)now.tv_nsec;
}

static bool
watch (int fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

  return epoll_ctl (self.poll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* ---- what viewers ask for ---------------------------------------------------------- */

static const ProcessImage *
host_first_image (void *data)
{
  return self.over ? NULL : &self.image;
}

static bool
is_named (const uint8_t *uuid)
{
  return !self.over && (uuid == NULL || memcmp (uuid, self.image.uuid, 16) == 0);
}

static bool
host_mark (void          *data,
           const uint8_t  uuid[16],
           const char    *text)
{
  if (!is_named (uuid) || !own_recording_lock ())
    return false;

  recording_add_mark (self.image.recording, text);
  own_recording_unlock ();

  return true;
}

static bool
host_sync (void          *data,
           const uint8_t  uuid[16])
{
  OwnFigures figures;

  return is_named (uuid) && own_recording_sync (&figures) >= 0;
}

static void
finish_recording (MemscopeEndReason reason)
{
  if (self.over)
    return;

  self.image.sink.size = own_recording_end (reason);
  stream_end (self.image.stream, &self.image.sink, reason, 0);
  self.over = true;
}

static bool
host_stop (void          *data,
           const uint8_t *uuid)
{
  if (!is_named (uuid))
    return false;

  finish_recording (MEMSCOPE_END_STOPPED);

  return true;
}

/* ---- callers --------------------------------------------------------------------------- */

static void
accept_callers (uint64_t now)
{
  bool same_user;
  pid_t pid;
  int fd;

  while (self.n_callers < MAX_CALLERS && (fd = socket_accept (self.listener, &pid, &same_user)) >= 0)
    {
      if (!same_user)
        {
          close (fd);
          continue;
        }
      watch (fd);
      self.callers[self.n_callers++] = (Caller) { fd, now };
    }
}

static void
serve_callers (uint64_t now)
{
  for (unsigned i = 0; i < self.n_callers; )
    {
      HandshakeHello hello;
      Caller *caller = &self.callers[i];

      switch (socket_receive (caller->fd, &hello))
        {
        case SOCKET_NOTHING:
          if (now - caller->since <= HELLO_TIMEOUT)
            {
              i++;
              continue;
            }
          close (caller->fd);
          break;

        case SOCKET_VIEWER:
          viewers_add (self.viewers, caller->fd, now);
          break;

        case SOCKET_HELLO:
          /* another program would be recorded here: it can't be */
          socket_reply (caller->fd, -1, 0);
          close (caller->fd);
          break;

        case SOCKET_STRANGER:
        default:
          close (caller->fd);
        }

      self.callers[i] = self.callers[--self.n_callers];
    }
}

/* ---- the thread --------------------------------------------------------------------------- */

static void
serve_round (void)
{
  uint64_t now = monotonic ();

  accept_callers (now);
  serve_callers (now);

  if (!self.over)
    {
      if (own_recording_lock ())
        {
          recording_set_epoch (self.image.recording, self.image.stream->watchers > 0 ? WATCHED_EPOCH : 0);
          own_recording_unlock ();
        }
      self.image.sink.size = own_recording_drain ();
    }
  viewers_serve (self.viewers, now);
}

static void
serve_rest (void)
{
  uint64_t end = monotonic () + LAST_TIMEOUT;

  while (self.image.stream->watchers > 0 && monotonic () < end)
    {
      struct epoll_event event;

      if (!viewers_serve (self.viewers, monotonic ()))
        epoll_wait (self.poll, &event, 1, 10);
    }
}

static void *
run (void *data)
{
  struct epoll_event events[16];

  thread_begin_own_work ();
  prctl (PR_SET_NAME, "memscope-listen");

  while (!atomic_load (&self.ending))
    {
      serve_round ();
      epoll_wait (self.poll, events, 16, self.image.stream->watchers > 0 ? WATCHED_WAIT : UNWATCHED_WAIT);
    }

  finish_recording (MEMSCOPE_END_EXIT);
  serve_rest ();
  unlink (self.socket);

  return NULL;
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void
close_all (void)
{
  int fds[] = { self.listener, self.poll, self.wake };

  for (unsigned i = 0; i < 3; i++)
    if (fds[i] >= 0)
      close (fds[i]);
  self.listener = self.poll = self.wake = -1;
}

/* The child has no such thread, and must not keep its sockets open. */
static void
fork_child (void)
{
  if (self.pid == 0)
    return;

  close_all ();
  viewers_close (self.viewers);
  for (unsigned i = 0; i < self.n_callers; i++)
    close (self.callers[i].fd);
  self.pid = 0;
  self.n_callers = 0;
  self.viewers = NULL;
}

static bool
describe_self (const OwnRecording *own)
{
  char path[4096];
  ssize_t length;

  self.image = (ProcessImage) {
    .pid = getpid (),
    .recording = own->recording,
    .arena = own->arena,
    .started_realtime = own->started,
    .sink = { .fd = own->fd },
    .arena_fd = -1,
    .pidfd = -1,
  };
  memcpy (self.image.uuid, own->uuid, 16);
  memcpy (self.image.tree_uuid, own->tree_uuid, 16);

  length = proc_read_file (self.image.pid, "cmdline", self.image.command, sizeof self.image.command);
  self.image.command_length = length > 0 ? (size_t)length : 0;
  length = proc_read_link (self.image.pid, "exe", path, sizeof path);
  self.image.program = length > 0 ? strndup (path, (size_t)length) : strdup ("");
  self.image.path = strdup ("");
  self.image.stream = stream_new (&self.image.sink, own->uuid);
  if (self.image.stream != NULL && self.image.stream->fd < 0)
    self.image.stream->fd = fcntl (own->fd, F_DUPFD_CLOEXEC, 64);

  return self.image.program != NULL && self.image.path != NULL && self.image.stream != NULL;
}

static bool
open_socket (void)
{
  char directory[108];

  self.listener = self.wake = -1;
  self.poll = epoll_create1 (EPOLL_CLOEXEC);
  if (self.poll < 0 || !runtime_dir_find (directory, sizeof directory))
    return false;

  self.wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self.listener = socket_listen (directory, self.socket, sizeof self.socket);
  self.viewers = viewers_new (&(ViewersHost) {
    .first_image = host_first_image, .mark = host_mark, .sync = host_sync, .stop = host_stop,
  }, self.poll);

  return self.listener >= 0 && self.wake >= 0 && self.viewers != NULL && watch (self.listener) && watch (self.wake);
}

static bool
start_thread (void)
{
  sigset_t all, before;
  int error;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  error = pthread_create (&self.thread, NULL, run, NULL);
  pthread_sigmask (SIG_SETMASK, &before, NULL);

  return error == 0;
}

static int
listen_here (void)
{
  static bool registered;
  const OwnRecording *own;
  int result = own_recording_begin ();

  if (result != MEMSCOPE_TRACKER_OK)
    return result;

  own = own_recording_get ();
  if (own == NULL)
    return MEMSCOPE_TRACKER_OK;   /* a collector's, which listens */

  if (!registered)
    registered = pthread_atfork (NULL, NULL, fork_child) == 0;

  self.over = false;
  atomic_store (&self.ending, false);
  if (!describe_self (own))
    return MEMSCOPE_TRACKER_ERROR_MEMORY;
  if (!open_socket () || !start_thread ())
    {
      if (self.listener >= 0)
        unlink (self.socket);
      close_all ();
      return MEMSCOPE_TRACKER_ERROR_IO;
    }

  self.pid = getpid ();

  return MEMSCOPE_TRACKER_OK;
}

int
memscope_tracker_listen (void)
{
  static _Atomic uint32_t busy;
  int error = errno, result = MEMSCOPE_TRACKER_OK;
  OwnWork work;

  if (recorder_start () && own_recording_get () == NULL)
    return *recorder_get_socket () != '\0' ? MEMSCOPE_TRACKER_OK : MEMSCOPE_TRACKER_ERROR_SAMPLED;

  work = own_work_begin ();
  while (atomic_exchange (&busy, 1) != 0)
    sys_call3 (SYS_sched_yield, 0, 0, 0);
  if (self.pid != getpid ())
    result = listen_here ();
  atomic_store (&busy, 0);
  own_work_end (work);
  errno = error;

  return result;
}

/* ---- the process ------------------------------------------------------------------------------- */

__attribute__ ((constructor)) static void
listen_if_wanted (void)
{
  const char *wanted = getenv ("MEMSCOPE_LISTEN");

  if (wanted != NULL && strcmp (wanted, "1") == 0)
    memscope_tracker_listen ();
}

/* Viewers are told the end, and what happened up to it. */
__attribute__ ((destructor)) static void
end_listening (void)
{
  if (self.pid == 0 || self.pid != getpid ())
    return;

  atomic_store (&self.ending, true);
  eventfd_write (self.wake, 1);
  pthread_join (self.thread, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "collector.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock-source.h"
#include "control.h"
#include "inheritance.h"
#include "proc-reader.h"
#include "process-image.h"
#include "socket.h"
#include "tree.h"
#include "viewers.h"

#define MSEC UINT64_C (1000000)

/* Between two rounds: not at all when a ring was a quarter full, 1 ms while there
 * are events, and up to 10 ms when there are none: that costs 0.1 % of a processor.
 */
#define BUSY_FILL        64u
#define SHORTEST_SLEEP   (1 * MSEC)
#define LONGEST_SLEEP    (10 * MSEC)

#define MAX_CALLERS      64
#define HELLO_TIMEOUT    (2000 * MSEC)
#define STATUS_TIMEOUT   (1000 * MSEC)
#define TREE_PERIOD      (50 * MSEC)

/* What viewers see is at most this old, and the time to write an epoch. */
#define WATCHED_EPOCH    (100 * MSEC)

typedef struct
{
  int      fd;
  pid_t    pid;
  bool     same_user;
  uint64_t since;
} Caller;

struct _Collector
{
  Options        options;
  ImageOptions   image_options;
  Control        control;
  char           socket_path[108];
  int            listener;
  int            listener_without_file;
  int            signals;
  int            poll;
  Caller         callers[MAX_CALLERS];
  unsigned       n_callers;
  Viewers       *viewers;
  ProcessImage  *images;
  EndedProcesses ended;
  pid_t          root;
  bool           root_seen;        /* the plain file name is taken */
  bool           root_exited;
  bool           root_has_status;
  int            root_status;
  bool           launcher_gone;
  bool           stopping;
  bool           failed;
  uint64_t       started;
  uint64_t       next_tree_check;
  uint64_t       sleep;
};

static uint64_t
monotonic (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (uint64_t)now.tv_sec * UINT64_C (1000000000) + (uint64_t)now.tv_nsec;
}

static bool
watch (Collector *collector,
       int        fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

  return epoll_ctl (collector->poll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* ---- starting ---------------------------------------------------------------- */

static int
block_signals (void)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGHUP);
  sigaddset (&set, SIGQUIT);
  sigprocmask (SIG_BLOCK, &set, NULL);

  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);

  return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static const ProcessImage *
host_first_image (void *data)
{
  const Collector *collector = data;

  return collector->images;
}

static ProcessImage *find_by_uuid (const Collector *collector, const uint8_t uuid[16]);
static void          stop_image   (Collector *collector, ProcessImage *image);

static bool
host_mark (void          *data,
           const uint8_t  uuid[16],
           const char    *text)
{
  ProcessImage *image = find_by_uuid (data, uuid);

  if (image != NULL)
    recording_add_mark (image->recording, text);

  return image != NULL;
}

static bool
host_sample (void          *data,
             const uint8_t  uuid[16],
             uint64_t       interval)
{
  ProcessImage *image = find_by_uuid (data, uuid);

  if (image != NULL && !image->dead)
    recording_set_sampling (image->recording, interval);

  return image != NULL && !image->dead;
}

static bool
host_sync (void          *data,
           const uint8_t  uuid[16])
{
  ProcessImage *image = find_by_uuid (data, uuid);

  if (image == NULL || image->waits_for_parent)
    return false;

  recording_catch_up (image->recording);

  return true;
}

static bool
host_stop (void          *data,
           const uint8_t *uuid)
{
  Collector *collector = data;
  ProcessImage *image;

  if (uuid == NULL)
    {
      collector->stopping = true;
      return true;
    }

  image = find_by_uuid (collector, uuid);
  if (image != NULL)
    stop_image (collector, image);

  return image != NULL;
}

Collector *
collector_new (const Options *options)
{
  Collector *collector = calloc (1, sizeof *collector);

  if (collector == NULL)
    return NULL;

  collector->options = *options;
  collector->started = monotonic ();
  collector->image_options = (ImageOptions) {
    .output = options->output,
    .max_size = options->max_size,
    .arena_flags = options->arena_flags,
    .stack_depth = options->stack_depth,
    .sampling_interval = options->sampling_interval,
  };
  control_init (&collector->control, options->control_fd);
  collector->launcher_gone = options->control_fd < 0;
  clock_source_choose (&collector->image_options.clock, &collector->image_options.nsec_per_tick);
  collector->signals = block_signals ();
  collector->poll = epoll_create1 (EPOLL_CLOEXEC);
  collector->listener = socket_listen (options->directory, collector->socket_path, sizeof collector->socket_path);

  collector->listener_without_file = -1;
  if (collector->listener < 0)
    {
      control_warn (&collector->control, "No socket can be made in %s: %s", options->directory, strerror (errno));
      free (collector);
      return NULL;
    }

  collector->viewers = viewers_new (&(ViewersHost) {
    .data = collector, .first_image = host_first_image, .mark = host_mark, .sync = host_sync, .stop = host_stop,
    .sample = host_sample,
  }, collector->poll);

  if (getrandom (collector->image_options.tree_uuid, 16, 0) != 16 || collector->viewers == NULL ||
      collector->signals < 0 || collector->poll < 0 ||
      !watch (collector, collector->listener) || !watch (collector, collector->signals) ||
      (options->control_fd >= 0 && !watch (collector, options->control_fd)))
    {
      control_warn (&collector->control, "The recording can't start: %s", strerror (errno));
      collector_free (collector);
      return NULL;
    }

  collector->listener_without_file = socket_listen_without_file (collector->socket_path);
  if (collector->listener_without_file >= 0)
    watch (collector, collector->listener_without_file);

  control_send (&collector->control, "ready\t%s", collector->socket_path);

  return collector;
}

void
collector_free (Collector *collector)
{
  inheritance_forget (&collector->ended);
  viewers_free (collector->viewers);
  unlink (collector->socket_path);
  close (collector->listener);
  if (collector->listener_without_file >= 0)
    close (collector->listener_without_file);
  close (collector->poll);
  close (collector->signals);
  free (collector);
}

/* ---- images --------------------------------------------------------------------- */

static ProcessImage *
find_by_pid (const Collector *collector,
             pid_t            pid)
{
  for (ProcessImage *image = collector->images; image != NULL; image = image->next)
    if (image->pid == pid && !image->dead)
      return image;

  return NULL;
}

static ProcessImage *
find_by_uuid (const Collector *collector,
              const uint8_t    uuid[16])
{
  return inheritance_find (collector->images, uuid);
}

static const char *
reason_name (MemscopeEndReason reason)
{
  switch (reason)
    {
    case MEMSCOPE_END_EXIT:     return "exit";
    case MEMSCOPE_END_SIGNAL:   return "signal";
    case MEMSCOPE_END_EXEC:     return "exec";
    case MEMSCOPE_END_DETACHED: return "detached";
    case MEMSCOPE_END_STOPPED:  return "stopped";
    case MEMSCOPE_END_GONE:     return "gone";
    case MEMSCOPE_END_UNKNOWN:
    default:                    return "unknown";
    }
}

static void
say_failure (Collector    *collector,
             ProcessImage *image)
{
  collector->failed = true;

  if (image->sink.error == EFBIG)
    control_warn (&collector->control, "The recording of process %d ended: %s reached its largest size",
                  (int)image->pid, image->path);
  else
    control_warn (&collector->control, "The recording of process %d ended: %s can't be written: %s",
                  (int)image->pid, image->path, strerror (image->sink.error));
}

static void
unlink_image (Collector    *collector,
              ProcessImage *image)
{
  for (ProcessImage **at = &collector->images; *at != NULL; at = &(*at)->next)
    if (*at == image)
      {
        *at = image->next;
        return;
      }
}

static void
end_image (Collector         *collector,
           ProcessImage      *image,
           MemscopeEndReason  reason,
           uint32_t           status)
{
  pid_t pid = image->pid;
  uint64_t n_events;
  char *path;

  unlink_image (collector, image);
  if (image->pidfd >= 0)
    epoll_ctl (collector->poll, EPOLL_CTL_DEL, image->pidfd, NULL);

  if (recording_has_failed (image->recording))
    {
      say_failure (collector, image);
      reason = MEMSCOPE_END_STOPPED;
      status = (uint32_t)image->sink.error;
    }

  if (image->arena != NULL && atomic_load_explicit (&image->arena->attached, memory_order_acquire) == 0)
    control_warn (&collector->control, "Process %d (%s) is not recorded: it had no room for the recorder's memory",
                  (int)pid, image->program);

  n_events = recording_get_n_events (image->recording);
  path = image->path;
  image->path = NULL;
  inheritance_keep (&collector->ended, image);
  process_image_end (image, reason, status);

  control_send (&collector->control, "end\t%d\t%s\t%u\t%" PRIu64 "\t%s",
                (int)pid, reason_name (reason), status, n_events, path);
  free (path);
}

/* ---- hellos ------------------------------------------------------------------------- */

/* x.memscope for the root's first image; x.PID.memscope, x.PID.2.memscope ... for
 * the others. Files of earlier recordings are never overwritten, but for the
 * one that was asked for by name.
 */
static bool
make_path (const Collector *collector,
           pid_t            pid,
           unsigned         attempt,
           char            *path,
           size_t           room)
{
  const char *output = collector->options.output;
  size_t stem = strlen (output);
  int length;

  if (stem > 9 && strcmp (output + stem - 9, ".memscope") == 0)
    stem -= 9;

  if (attempt == 0)
    length = snprintf (path, room, "%s", output);
  else if (attempt == 1)
    length = snprintf (path, room, "%.*s.%d.memscope", (int)stem, output, (int)pid);
  else
    length = snprintf (path, room, "%.*s.%d.%u.memscope", (int)stem, output, (int)pid, attempt);

  return length > 0 && (size_t)length < room;
}

static bool
path_is_free (const char *path)
{
  struct stat status;

  return lstat (path, &status) != 0 && errno == ENOENT;
}

/* What is not in the file must be said. */
static void
warn_of_allocator (Collector            *collector,
                   const ProcessImage   *image,
                   const HandshakeHello *hello)
{
  if (hello->allocator == HANDSHAKE_ALLOCATOR_BUILT_IN)
    control_warn (&collector->control, "Process %d (%s) has an allocator built in: what it allocates from that is not recorded",
                  (int)image->pid, image->program);
  else if (hello->allocator == HANDSHAKE_ALLOCATOR_OPERATORS)
    control_warn (&collector->control, "Process %d (%s) has an allocator with operators new of its own: what they allocate is not recorded",
                  (int)image->pid, image->program);
}

static ProcessImage *
begin_image (Collector            *collector,
             const HandshakeHello *hello,
             pid_t                 pid)
{
  bool is_root = !collector->root_seen && (collector->root == 0 || collector->root == pid);
  unsigned attempt = is_root ? 0 : 1;
  const char *error = "the file name is too long";
  ProcessImage *image = NULL;
  char path[PATH_MAX];

  while (make_path (collector, pid, attempt, path, sizeof path))
    {
      if (is_root || path_is_free (path))
        {
          image = process_image_new (&collector->image_options, hello, pid, path, is_root, &error);
          break;
        }
      attempt++;
    }

  if (image == NULL)
    {
      collector->failed = true;
      control_warn (&collector->control, "Process %d is not recorded: %s: %s", (int)pid, path, error);
      return NULL;
    }

  if (is_root)
    collector->root_seen = true;

  image->next = collector->images;
  collector->images = image;
  if (image->pidfd >= 0)
    watch (collector, image->pidfd);
  control_send (&collector->control, "file\t%d\t%s", (int)pid, path);
  viewers_note (collector->viewers, image);
  warn_of_allocator (collector, image, hello);

  return image;
}

static void
add_uuid (ProcessImage  *image,
          const char    *key,
          const uint8_t  uuid[16])
{
  char text[33];

  for (unsigned i = 0; i < 16; i++)
    snprintf (text + 2 * i, 3, "%02x", uuid[i]);

  recording_add_fact (image->recording, key, text, 32);
}

static void
adopt (Collector            *collector,
       ProcessImage         *image,
       const HandshakeHello *hello)
{
  ProcessImage *parent = hello->kind == HANDSHAKE_FORK ? inheritance_find (collector->images, hello->parent_uuid)
                                                       : find_by_pid (collector, hello->parent_pid);

  if (hello->kind == HANDSHAKE_FORK)
    add_uuid (image, "parent_uuid", hello->parent_uuid);
  else if (parent != NULL && parent != image)
    add_uuid (image, "parent_uuid", parent->uuid);

  if (hello->kind == HANDSHAKE_FORK && parent == NULL)
    inheritance_from_ended (&collector->ended, image, hello->parent_uuid);

  if (hello->kind != HANDSHAKE_FORK || parent == NULL || parent == image)
    return;

  memcpy (image->parent_uuid, parent->uuid, 16);

  /* The child has no sight of its parent's counter: what has been counted up to now
   * is what it may have inherited.
   */
  if (collector->image_options.clock != CLOCK_TSC)
    image->fork_stamp = atomic_load_explicit (&parent->arena->stamp_counter, memory_order_seq_cst);

  image->waits_for_parent = true;
  inheritance_set_limit (collector->images, parent);
}

static void
note_death (ProcessImage *image)
{
  image->dead = true;
  image->died = monotonic ();
}

/* The process is another program now: what it was has ended. */
static void
end_replaced (Collector    *collector,
              ProcessImage *old)
{
  /* Or it is another process that was given the same number. */
  if (process_image_is_gone (old))
    {
      note_death (old);
      return;
    }

  old->dead = true;
  inheritance_drain_to_end (collector->images, old);
  end_image (collector, old, MEMSCOPE_END_EXEC, 0);
}

static ControlCommand receive_commands (Collector *collector);

static void
serve_hello (Collector            *collector,
             const Caller         *caller,
             const HandshakeHello *hello)
{
  ProcessImage *image = find_by_pid (collector, caller->pid);

  /* Which process is the root was said before it could knock. */
  receive_commands (collector);

  if (collector->stopping)
    {
      socket_reply (caller->fd, -1, 0);
      return;
    }

  if (image != NULL)
    end_replaced (collector, image);

  image = begin_image (collector, hello, caller->pid);
  if (image == NULL)
    {
      socket_reply (caller->fd, -1, 0);
      return;
    }

  adopt (collector, image, hello);
  socket_reply (caller->fd, image->arena_fd, image->arena_size);
}

static void
forget_caller (Collector *collector,
               unsigned   i)
{
  collector->callers[i] = collector->callers[--collector->n_callers];
}

static void
serve_callers (Collector *collector,
               uint64_t   now)
{
  for (unsigned i = 0; i < collector->n_callers; )
    {
      HandshakeHello hello;
      Caller *caller = &collector->callers[i];

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

        case SOCKET_HELLO:
          serve_hello (collector, caller, &hello);
          close (caller->fd);
          break;

        case SOCKET_VIEWER:
          if (caller->same_user)
            viewers_add (collector->viewers, caller->fd, now);
          else
            close (caller->fd);
          break;

        case SOCKET_STRANGER:
        default:
          close (caller->fd);
        }

      forget_caller (collector, i);
    }
}

/* A process that gave up its rights: the child of one that is recorded, or that one itself. */
static bool
is_relative (const Collector *collector,
             pid_t            pid)
{
  ProcStat stat;

  return pid > 0 && (find_by_pid (collector, pid) != NULL ||
                     (proc_read_stat (pid, "stat", &stat) && find_by_pid (collector, stat.parent) != NULL));
}

static void
accept_callers_at (Collector *collector,
                   int        listener,
                   uint64_t   now)
{
  bool same_user;
  pid_t pid;
  int fd;

  while (collector->n_callers < MAX_CALLERS && (fd = socket_accept (listener, &pid, &same_user)) >= 0)
    {
      if (!same_user && !is_relative (collector, pid))
        {
          socket_reply (fd, -1, 0);
          close (fd);
          continue;
        }

      watch (collector, fd);
      collector->callers[collector->n_callers++] = (Caller) {
        .fd = fd, .pid = pid, .same_user = same_user, .since = now,
      };
    }
}

static void
accept_callers (Collector *collector,
                uint64_t   now)
{
  accept_callers_at (collector, collector->listener, now);
  if (collector->listener_without_file >= 0)
    accept_callers_at (collector, collector->listener_without_file, now);
}

/* ---- commands --------------------------------------------------------------------------- */

static ControlCommand
receive_commands (Collector *collector)
{
  ControlCommand command;
  int status = 0;
  pid_t pid;

  while ((command = control_receive (&collector->control, &pid, &status)) != CONTROL_NOTHING)
    switch (command)
      {
      case CONTROL_ROOT:
        collector->root = pid;
        break;

      case CONTROL_EXITED:
        collector->root_exited = collector->root_has_status = true;
        collector->root_status = status;
        break;

      case CONTROL_STOP:
        collector->stopping = true;
        break;

      case CONTROL_CLOSED:
        epoll_ctl (collector->poll, EPOLL_CTL_DEL, collector->control.fd, NULL);
        close (collector->control.fd);
        collector->control.fd = -1;
        collector->launcher_gone = true;
        return command;

      case CONTROL_NOTHING:
      default:
        break;
      }

  return command;
}

static void
receive_signals (Collector *collector)
{
  struct signalfd_siginfo info;

  while (read (collector->signals, &info, sizeof info) == (ssize_t)sizeof info)
    collector->stopping = true;
}

/* ---- ends ----------------------------------------------------------------------------------- */

static bool
is_root_image (const Collector    *collector,
               const ProcessImage *image)
{
  return collector->root != 0 && image->pid == collector->root;
}

/* How did it end? false: not known yet, ask again. */
static bool
find_reason (Collector         *collector,
             ProcessImage      *image,
             uint64_t           now,
             MemscopeEndReason *reason,
             uint32_t          *status)
{
  int waited = 0;

  *reason = MEMSCOPE_END_GONE;
  *status = 0;

  if (is_root_image (collector, image) && collector->root_has_status)
    waited = collector->root_status;
  else if (!process_image_get_exit (image, &waited))
    return !is_root_image (collector, image) || collector->launcher_gone || now - image->died > STATUS_TIMEOUT;

  *reason = WIFSIGNALED (waited) ? MEMSCOPE_END_SIGNAL : MEMSCOPE_END_EXIT;
  *status = (uint32_t)(WIFSIGNALED (waited) ? WTERMSIG (waited) : WEXITSTATUS (waited));

  return true;
}

static void
check_ends (Collector *collector,
            uint64_t   now)
{
  ProcessImage *next;

  for (ProcessImage *image = collector->images; image != NULL; image = next)
    {
      MemscopeEndReason reason;
      uint32_t status;

      next = image->next;

      if (!image->dead && process_image_is_gone (image))
        note_death (image);

      if (image->dead && !image->waits_for_parent && find_reason (collector, image, now, &reason, &status))
        {
          inheritance_drain_to_end (collector->images, image);
          end_image (collector, image, reason, status);
        }
    }
}

/* Ends one recording; its process runs on. */
static void
stop_image (Collector    *collector,
            ProcessImage *image)
{
  recording_disable (image->recording);
  inheritance_drain_to_end (collector->images, image);
  end_image (collector, image, MEMSCOPE_END_STOPPED, 0);
}

static void
stop_all (Collector *collector)
{
  for (ProcessImage *image = collector->images; image != NULL; image = image->next)
    recording_disable (image->recording);

  while (collector->images != NULL)
    {
      recording_set_limit (collector->images->recording, UINT64_MAX);
      recording_drain (collector->images->recording, true);
      end_image (collector, collector->images, MEMSCOPE_END_STOPPED, 0);
    }
}

/* Is anybody left who may still be recorded? */
static bool
is_over (Collector *collector,
         uint64_t   now)
{
  if (collector->images != NULL || collector->n_callers != 0)
    return false;

  if (!collector->root_exited && !collector->launcher_gone)
    return false;

  /* Nobody started it: it waits for its first caller. */
  if (collector->options.control_fd < 0 && !collector->root_seen)
    return false;

  if (now < collector->next_tree_check)
    return false;

  collector->next_tree_check = now + TREE_PERIOD;

  return !tree_has_unregistered (collector->socket_path);
}

/* ---- the loop ---------------------------------------------------------------------------------- */

/* Returns the fill of the fullest ring; @n: the records taken. */
static uint32_t
drain_all (Collector *collector,
           uint64_t  *n)
{
  uint32_t fill = 0;
  ProcessImage *next;

  for (ProcessImage *image = collector->images; image != NULL; image = next)
    {
      next = image->next;

      if (image->waits_for_parent && inheritance_find (collector->images, image->parent_uuid) != NULL)
        continue;

      image->waits_for_parent = false;
      recording_set_epoch (image->recording, image->stream->watchers > 0 ? WATCHED_EPOCH : 0);
      *n += recording_drain (image->recording, false);
      if (recording_get_fill (image->recording) > fill)
        fill = recording_get_fill (image->recording);

      inheritance_serve (collector->images, image);

      if (recording_has_failed (image->recording))
        end_image (collector, image, MEMSCOPE_END_STOPPED, 0);
    }

  return fill;
}

static void
sample_all (Collector *collector)
{
  ProcessImage *next;

  for (ProcessImage *image = collector->images; image != NULL; image = next)
    {
      next = image->next;
      process_image_sample (image, monotonic ());
      if (image->sampler.is_replaced && !image->dead)
        end_replaced (collector, image);
    }
}

static void
choose_sleep (Collector *collector,
              uint64_t   n,
              uint32_t   fill)
{
  if (fill >= BUSY_FILL)
    collector->sleep = 0;
  else if (n > 0 || collector->sleep == 0)
    collector->sleep = SHORTEST_SLEEP;
  else if (collector->sleep < LONGEST_SLEEP)
    collector->sleep += MSEC;
}

static void
wait_for_something (Collector *collector)
{
  struct epoll_event events[16];

  epoll_wait (collector->poll, events, 16, (int)(collector->sleep / MSEC));
}

bool
collector_run (Collector *collector)
{
  for (;;)
    {
      uint64_t now = monotonic (), n = 0;
      uint32_t fill;
      bool has_more;

      receive_signals (collector);
      receive_commands (collector);
      accept_callers (collector, now);
      serve_callers (collector, now);

      if (now - collector->started >= collector->options.max_time)
        collector->stopping = true;
      if (collector->stopping)
        break;

      fill = drain_all (collector, &n);
      sample_all (collector);
      check_ends (collector, now);
      has_more = viewers_serve (collector->viewers, now);

      if (is_over (collector, now))
        break;

      choose_sleep (collector, n, has_more ? BUSY_FILL : fill);
      wait_for_something (collector);
    }

  stop_all (collector);
  control_send (&collector->control, "done");
  viewers_finish (collector->viewers, (const int[]) { collector->listener, collector->control.fd,
                                                     collector->listener_without_file }, 3);

  return !collector->failed;
}

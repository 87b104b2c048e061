/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * MemscopeLauncher:
 *
 * Starts a program under the recorder and waits for it. The launcher itself
 * records nothing: it tells the collector (core/collector/program/control.h)
 * which process is the root and how it ended, and hears which files there are.
 */

#include "config.h"

#include "memscope-launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memscope-paths.h"
#include "memscope-preload.h"
#include "memscope-spawn.h"

#define READY_TIMEOUT_MSEC 10000
#define POLL_MSEC          20
#define MAX_MESSAGE        8192
#define MAX_FILES          100000
#define MAX_WARNINGS       100

struct _MemscopeLauncher
{
  GObject     parent_instance;

  char      **argv;
  char       *output;
  char       *directory;
  char      **environment;
  guint64     max_size;
  guint64     sampling_interval;
  guint64     max_time;
  guint       stack_depth;
  gboolean    lossy;
  gboolean    free_stacks;
  gboolean    foreground;

  GPid        collector;
  GPid        target;
  int         target_fd;           /* becomes readable when the target ends; -1: it is asked */
  int         control;
  char       *socket_path;
  gboolean    collector_done;      /* it said that every file is complete */
  gboolean    collector_gone;
  gboolean    target_ended;
  int         wait_status;
  GPtrArray  *files;
  GPtrArray  *warnings;
};

G_DEFINE_FINAL_TYPE (MemscopeLauncher, memscope_launcher, G_TYPE_OBJECT)

static void
add_warning (MemscopeLauncher *self,
             const char       *text)
{
  if (self->warnings->len - 1 >= MAX_WARNINGS)
    return;

  g_ptr_array_insert (self->warnings, (int)self->warnings->len - 1, g_utf8_make_valid (text, -1));
}

/* The root's file comes first, whichever process spoke first. */
static void
add_file (MemscopeLauncher *self,
          const char       *path)
{
  gboolean is_root = g_strcmp0 (path, self->output) == 0;

  if (self->files->len - 1 < MAX_FILES)
    g_ptr_array_insert (self->files, is_root ? 0 : (int)self->files->len - 1, g_strdup (path));
}

/* ---- the line to the collector -------------------------------------------------- */

static void
handle_message (MemscopeLauncher *self,
                char             *text)
{
  g_auto(GStrv) fields = NULL;

  if (g_str_has_prefix (text, "ready\t"))
    {
      g_free (self->socket_path);
      self->socket_path = g_strdup (text + strlen ("ready\t"));
    }
  else if (g_str_has_prefix (text, "file\t"))
    {
      fields = g_strsplit (text, "\t", 3);
      if (g_strv_length (fields) == 3)
        add_file (self, fields[2]);
    }
  else if (g_str_has_prefix (text, "warning\t"))
    {
      add_warning (self, text + strlen ("warning\t"));
    }
  else if (strcmp (text, "done") == 0)
    {
      self->collector_done = TRUE;
    }
}

/* Everything that has arrived. */
static void
receive_messages (MemscopeLauncher *self)
{
  char text[MAX_MESSAGE + 1];
  ssize_t n;

  while (!self->collector_gone)
    {
      n = recv (self->control, text, MAX_MESSAGE, MSG_DONTWAIT);

      if (n > 0)
        {
          text[n] = '\0';
          handle_message (self, text);
        }
      else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        {
          self->collector_gone = TRUE;
        }
      else if (errno == EAGAIN)
        {
          break;
        }
    }
}

static void G_GNUC_PRINTF (2, 3)
send_message (MemscopeLauncher *self,
              const char       *format,
              ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  while (send (self->control, text, strlen (text), MSG_NOSIGNAL) < 0 && errno == EINTR)
    continue;
}

/* ---- starting ---------------------------------------------------------------------- */

static void
add_option (GPtrArray  *argv,
            const char *option,
            guint64     value)
{
  if (value == 0)
    return;

  g_ptr_array_add (argv, g_strdup (option));
  g_ptr_array_add (argv, g_strdup_printf ("%" G_GUINT64_FORMAT, value));
}

static GPtrArray *
make_collector_argv (MemscopeLauncher *self,
                     const char       *directory)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup (memscope_paths_get_collector ()));
  g_ptr_array_add (argv, g_strdup ("--output"));
  g_ptr_array_add (argv, g_strdup (self->output));
  g_ptr_array_add (argv, g_strdup ("--socket-directory"));
  g_ptr_array_add (argv, g_strdup (directory));
  add_option (argv, "--control", 3);
  add_option (argv, "--max-size", self->max_size);
  add_option (argv, "--sample", self->sampling_interval);
  add_option (argv, "--max-time", self->max_time);
  add_option (argv, "--depth", self->stack_depth);
  if (self->lossy)
    g_ptr_array_add (argv, g_strdup ("--lossy"));
  if (self->free_stacks)
    g_ptr_array_add (argv, g_strdup ("--free-stacks"));
  g_ptr_array_add (argv, NULL);

  return argv;
}

static gboolean
wait_until_ready (MemscopeLauncher  *self,
                  GError           **error)
{
  gint64 deadline = g_get_monotonic_time () + READY_TIMEOUT_MSEC * G_TIME_SPAN_MILLISECOND;

  while (self->socket_path == NULL && !self->collector_gone && g_get_monotonic_time () < deadline)
    {
      struct pollfd entry = { .fd = self->control, .events = POLLIN };

      poll (&entry, 1, POLL_MSEC);
      receive_messages (self);
    }

  if (self->socket_path != NULL)
    return TRUE;

  if (self->warnings->len > 1)
    g_set_error_literal (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_FAILED,
                         g_ptr_array_index (self->warnings, 0));
  else
    g_set_error_literal (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_FAILED,
                         _("The collector did not start"));

  return FALSE;
}

static gboolean
start_collector (MemscopeLauncher  *self,
                 GError           **error)
{
  g_autofree char *directory = memscope_paths_dup_runtime_dir (error);
  g_autoptr(GPtrArray) argv = NULL;
  MemscopeSpawnOptions options = { .path = memscope_paths_get_collector (), .reset_signals = TRUE };
  MemscopeSpawn spawn;
  int pair[2];
  gboolean ok;

  if (directory == NULL)
    return FALSE;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return FALSE;
    }

  argv = make_collector_argv (self, directory);
  options.argv = (const char * const *)argv->pdata;
  options.inherited_fd = pair[1];
  self->control = pair[0];

  ok = memscope_spawn_begin (&spawn, &options, error) && memscope_spawn_run (&spawn, error);
  close (pair[1]);
  if (!ok)
    {
      g_prefix_error (error, _("The collector %s can’t be started: "), memscope_paths_get_collector ());
      return FALSE;
    }

  self->collector = spawn.pid;

  return wait_until_ready (self, error);
}

static char **
make_environment (MemscopeLauncher *self,
                  const char       *path)
{
  char **environment = self->environment != NULL ? g_strdupv (self->environment) : g_get_environ ();

  return g_environ_setenv (memscope_preload_add (environment, path), "MEMSCOPE_SOCKET", self->socket_path, TRUE);
}

static gboolean
start_target (MemscopeLauncher  *self,
              const char        *path,
              GError           **error)
{
  g_auto(GStrv) environment = make_environment (self, path);
  MemscopeSpawnOptions options = {
    .path = path,
    .argv = (const char * const *)self->argv,
    .environment = (const char * const *)environment,
    .directory = self->directory,
    .inherited_fd = -1,
    .reset_signals = !self->foreground,
  };
  MemscopeSpawn spawn;

  if (!memscope_spawn_begin (&spawn, &options, error))
    return FALSE;

  send_message (self, "root\t%d", (int)spawn.pid);
  if (!memscope_spawn_run (&spawn, error))
    {
      g_prefix_error (error, _("“%s” can’t be started: "), self->argv[0]);
      return FALSE;
    }

  self->target = spawn.pid;
  self->target_fd = (int)syscall (SYS_pidfd_open, spawn.pid, 0);

  return TRUE;
}

static void
reap (GPid *pid)
{
  if (*pid == 0)
    return;

  while (waitpid (*pid, NULL, 0) < 0 && errno == EINTR)
    continue;

  *pid = 0;
}

/* Absolute, and beside what the caller sees, wherever the program runs. */
static void
complete_output (MemscopeLauncher *self)
{
  g_autofree char *given = g_steal_pointer (&self->output);
  g_autofree char *name = NULL;

  if (given == NULL)
    {
      name = g_path_get_basename (self->argv[0]);
      given = g_strconcat (name, ".memscope", NULL);
    }

  self->output = g_canonicalize_filename (given, NULL);
}

static char *
find_target (MemscopeLauncher  *self,
             GError           **error)
{
  const char *search_path = self->environment != NULL ? g_environ_getenv (self->environment, "PATH") : g_getenv ("PATH");
  g_autofree char *in_directory = NULL;

  if (self->argv[0] == NULL)
    {
      g_set_error_literal (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_FOUND, _("No program was named"));
      return NULL;
    }

  /* "./prog" means the directory it will run in. */
  if (self->directory != NULL && strchr (self->argv[0], '/') != NULL && !g_path_is_absolute (self->argv[0]))
    in_directory = g_build_filename (self->directory, self->argv[0], NULL);

  return memscope_target_find (in_directory != NULL ? in_directory : self->argv[0], search_path, error);
}

gboolean
memscope_launcher_start (MemscopeLauncher  *self,
                         GError           **error)
{
  g_autofree char *path = NULL;
  g_autofree char *absolute = NULL;

  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), FALSE);
  g_return_val_if_fail (self->collector == 0, FALSE);

  path = find_target (self, error);
  if (path == NULL || !memscope_target_check (path, error) || !memscope_preload_check (error))
    return FALSE;

  absolute = g_canonicalize_filename (path, NULL);
  complete_output (self);

  if (start_collector (self, error) && start_target (self, absolute, error))
    return TRUE;

  if (self->control >= 0)
    close (self->control);
  self->control = -1;
  reap (&self->collector);

  return FALSE;
}

/* ---- waiting ------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void
note_interrupt (int number)
{
  interrupted = 1;
}

/* Signals the terminal sends to the whole foreground group are meant for the
 * program; what was ignored stays ignored.
 */
static void
hold_signals (struct sigaction *of_int,
              struct sigaction *of_quit)
{
  struct sigaction action = { .sa_handler = note_interrupt };

  interrupted = 0;
  sigaction (SIGINT, NULL, of_int);
  sigaction (SIGQUIT, NULL, of_quit);
  if (of_int->sa_handler != SIG_IGN)
    sigaction (SIGINT, &action, NULL);
  if (of_quit->sa_handler != SIG_IGN)
    sigaction (SIGQUIT, &action, NULL);
}

static void
restore_signals (const struct sigaction *of_int,
                 const struct sigaction *of_quit)
{
  sigaction (SIGINT, of_int, NULL);
  sigaction (SIGQUIT, of_quit, NULL);
}

static void
check_target (MemscopeLauncher *self)
{
  int status = 0;

  if (self->target_ended || waitpid (self->target, &status, WNOHANG) != self->target)
    return;

  self->target_ended = TRUE;
  self->wait_status = status;
  interrupted = 0;
  if (!self->collector_gone)
    send_message (self, "exited\t%d\t%d", (int)self->target, status);
}

static gboolean
wait_for_both (MemscopeLauncher  *self,
               GCancellable      *cancellable,
               GError           **error)
{
  while (!self->target_ended || (!self->collector_gone && !self->collector_done))
    {
      struct pollfd entries[] = {
        { .fd = self->collector_gone ? -1 : self->control, .events = POLLIN },
        { .fd = self->target_ended ? -1 : self->target_fd, .events = POLLIN },
      };

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      poll (entries, G_N_ELEMENTS (entries), POLL_MSEC);
      receive_messages (self);
      check_target (self);

      if (self->foreground && self->target_ended && interrupted)
        {
          interrupted = 0;
          memscope_launcher_stop (self);
        }
    }

  return TRUE;
}

gboolean
memscope_launcher_wait (MemscopeLauncher  *self,
                        GCancellable      *cancellable,
                        GError           **error)
{
  struct sigaction of_int, of_quit;
  gboolean ok;

  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), FALSE);
  g_return_val_if_fail (self->target != 0, FALSE);

  if (self->foreground)
    hold_signals (&of_int, &of_quit);

  ok = wait_for_both (self, cancellable, error);

  if (self->foreground)
    restore_signals (&of_int, &of_quit);

  if (!ok)
    return FALSE;

  receive_messages (self);
  if (!self->collector_done)
    add_warning (self, _("The collector ended before the program did: the recording lacks what came after"));
  else if (self->files->len == 1)
    add_warning (self, _("Nothing was recorded: the program never loaded the recorder"));

  reap (&self->collector);

  return TRUE;
}

static void
wait_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GError *error = NULL;

  if (memscope_launcher_wait (source, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
memscope_launcher_wait_async (MemscopeLauncher    *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, memscope_launcher_wait_async);
  g_task_run_in_thread (task, wait_in_thread);
}

gboolean
memscope_launcher_wait_finish (MemscopeLauncher  *self,
                               GAsyncResult      *result,
                               GError           **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
memscope_launcher_stop (MemscopeLauncher *self)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  if (self->control >= 0)
    send_message (self, "stop");
}

/* ---- the object --------------------------------------------------------------------------- */

/* A launcher that is dropped early leaves the program and its recording running. */
static void
memscope_launcher_finalize (GObject *object)
{
  MemscopeLauncher *self = MEMSCOPE_LAUNCHER (object);

  if (self->control >= 0)
    close (self->control);
  if (self->target_fd >= 0)
    close (self->target_fd);

  g_clear_pointer (&self->argv, g_strfreev);
  g_clear_pointer (&self->environment, g_strfreev);
  g_clear_pointer (&self->output, g_free);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->socket_path, g_free);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);

  G_OBJECT_CLASS (memscope_launcher_parent_class)->finalize (object);
}

static void
memscope_launcher_class_init (MemscopeLauncherClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_launcher_finalize;
}

/* Both arrays end in NULL at all times, so they can be handed out as they are. */
static void
memscope_launcher_init (MemscopeLauncher *self)
{
  self->control = -1;
  self->target_fd = -1;
  self->files = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->files, NULL);
  g_ptr_array_add (self->warnings, NULL);
}

MemscopeLauncher *
memscope_launcher_new (const char * const *argv)
{
  MemscopeLauncher *self;

  g_return_val_if_fail (argv != NULL, NULL);

  self = g_object_new (MEMSCOPE_TYPE_LAUNCHER, NULL);
  self->argv = g_strdupv ((char **)argv);

  return self;
}

void
memscope_launcher_set_output (MemscopeLauncher *self,
                              const char       *path)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  g_free (self->output);
  self->output = g_strdup (path);
}

void
memscope_launcher_set_directory (MemscopeLauncher *self,
                                 const char       *working_directory)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  g_free (self->directory);
  self->directory = g_strdup (working_directory);
}

void
memscope_launcher_set_environment (MemscopeLauncher   *self,
                                   const char * const *environment)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  g_strfreev (self->environment);
  self->environment = g_strdupv ((char **)environment);
}

void
memscope_launcher_set_sampling (MemscopeLauncher *self,
                                guint64           interval)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  self->sampling_interval = interval;
}

void
memscope_launcher_set_max_size (MemscopeLauncher *self,
                                guint64           bytes)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  self->max_size = bytes;
}

void
memscope_launcher_set_max_time (MemscopeLauncher *self,
                                guint64           msec)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  self->max_time = msec;
}

void
memscope_launcher_set_stack_depth (MemscopeLauncher *self,
                                   guint             frames)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  self->stack_depth = frames;
}

void
memscope_launcher_set_lossy (MemscopeLauncher *self,
                             gboolean          lossy)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  self->lossy = lossy;
}

void
memscope_launcher_set_free_stacks (MemscopeLauncher *self,
                                   gboolean          free_stacks)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  self->free_stacks = free_stacks;
}

void
memscope_launcher_set_foreground (MemscopeLauncher *self,
                                  gboolean          foreground)
{
  g_return_if_fail (MEMSCOPE_IS_LAUNCHER (self));

  self->foreground = foreground;
}

GPid
memscope_launcher_get_pid (MemscopeLauncher *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), 0);

  return self->target;
}

const char *
memscope_launcher_get_output (MemscopeLauncher *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), NULL);

  return self->output;
}

const char *
memscope_launcher_get_socket (MemscopeLauncher *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), NULL);

  return self->socket_path;
}

int
memscope_launcher_get_wait_status (MemscopeLauncher *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), -1);

  return self->wait_status;
}

int
memscope_launcher_get_exit_code (MemscopeLauncher *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), -1);

  return WIFSIGNALED (self->wait_status) ? 128 + WTERMSIG (self->wait_status) : WEXITSTATUS (self->wait_status);
}

const char * const *
memscope_launcher_get_files (MemscopeLauncher *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), NULL);

  return (const char * const *)self->files->pdata;
}

const char * const *
memscope_launcher_get_warnings (MemscopeLauncher *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LAUNCHER (self), NULL);

  return (const char * const *)self->warnings->pdata;
}

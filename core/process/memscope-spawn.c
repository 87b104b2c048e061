/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define INHERITED_FD 3

/* Everything the child needs, made before the fork: the caller may have other
 * threads, so the child only makes system calls.
 */
typedef struct
{
  const MemscopeSpawnOptions *options;
  char                      **environment;
  const char                **shell_argv;   /* for a script without `#!` */
  int                         go;
  int                         answer;
} Child;

static void
close_pair (int pair[2])
{
  if (pair[0] >= 0)
    close (pair[0]);
  if (pair[1] >= 0)
    close (pair[1]);
}

static const char **
make_shell_argv (const MemscopeSpawnOptions *options)
{
  guint n = g_strv_length ((char **)options->argv);
  const char **argv = g_new0 (const char *, n + 3);

  argv[0] = "/bin/sh";
  argv[1] = options->path;
  for (guint i = 1; i < n; i++)
    argv[i + 1] = options->argv[i];

  return argv;
}

static void
reset_signals (void)
{
  signal (SIGPIPE, SIG_DFL);
  signal (SIGINT, SIG_DFL);
  signal (SIGQUIT, SIG_DFL);
}

static void G_GNUC_NORETURN
run_child (const Child *child)
{
  const MemscopeSpawnOptions *options = child->options;
  char byte;
  int number;
  ssize_t n;

  do
    n = read (child->go, &byte, 1);
  while (n < 0 && errno == EINTR);

  if (n != 1)
    _exit (127);

  if (options->reset_signals)
    reset_signals ();

  if (options->inherited_fd == INHERITED_FD)
    fcntl (INHERITED_FD, F_SETFD, 0);
  else if (options->inherited_fd >= 0)
    dup2 (options->inherited_fd, INHERITED_FD);

  if (options->directory == NULL || chdir (options->directory) == 0)
    {
      execve (options->path, (char **)options->argv, child->environment);
      if (errno == ENOEXEC)
        execve ("/bin/sh", (char **)child->shell_argv, child->environment);
    }

  number = errno;
  n = write (child->answer, &number, sizeof number);
  _exit (127);
}

/* Descriptor 3 may be one of our pipe's ends: then it must move out of the way. */
static gboolean
move_up (int *fd)
{
  int moved = fcntl (*fd, F_DUPFD_CLOEXEC, INHERITED_FD + 1);

  if (moved < 0)
    return FALSE;

  close (*fd);
  *fd = moved;

  return TRUE;
}

static gboolean
open_pipes (int      go[2],
            int      answer[2],
            GError **error)
{
  if (g_unix_open_pipe (go, FD_CLOEXEC, error) && g_unix_open_pipe (answer, FD_CLOEXEC, error))
    {
      if (move_up (&go[0]) && move_up (&answer[1]))
        return TRUE;

      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
    }

  close_pair (go);
  close_pair (answer);

  return FALSE;
}

gboolean
memscope_spawn_begin (MemscopeSpawn               *spawn,
                      const MemscopeSpawnOptions  *options,
                      GError                     **error)
{
  g_auto(GStrv) environment = options->environment != NULL ? g_strdupv ((char **)options->environment)
                                                           : g_get_environ ();
  g_autofree const char **shell_argv = make_shell_argv (options);
  int go[2] = { -1, -1 }, answer[2] = { -1, -1 };
  Child child = { .options = options, .environment = environment, .shell_argv = shell_argv };
  GPid pid;

  if (!open_pipes (go, answer, error))
    return FALSE;

  child.go = go[0];
  child.answer = answer[1];

  pid = fork ();
  if (pid == 0)
    {
      close (go[1]);
      run_child (&child);
    }

  close (go[0]);
  close (answer[1]);

  if (pid < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      close (go[1]);
      close (answer[0]);
      return FALSE;
    }

  *spawn = (MemscopeSpawn) { .pid = pid, .go = go[1], .answer = answer[0] };

  return TRUE;
}

static void
reap (GPid pid)
{
  while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
    continue;
}

gboolean
memscope_spawn_run (MemscopeSpawn  *spawn,
                    GError        **error)
{
  int number = 0;
  ssize_t n;

  do
    n = write (spawn->go, "", 1);
  while (n < 0 && errno == EINTR);
  close (spawn->go);

  do
    n = read (spawn->answer, &number, sizeof number);
  while (n < 0 && errno == EINTR);
  close (spawn->answer);

  if (n != sizeof number)
    return TRUE;

  reap (spawn->pid);
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (number), g_strerror (number));

  return FALSE;
}

void
memscope_spawn_abort (MemscopeSpawn *spawn)
{
  close (spawn->go);
  close (spawn->answer);
  reap (spawn->pid);
}

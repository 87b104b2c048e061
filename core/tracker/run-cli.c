/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "run-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch-x86_64.h"
#include "config.h"
#define MEMSCOPE_BUILDING
#include "memscope.h"

#define STACK_SIZE      (64u * 1024u)
#define MAX_ENVIRONMENT 4096u

extern char **environ;

typedef struct
{
  const char  *path;
  const char  *arguments[9];      /* the last is NULL */
  const char **environment;
  char        *stacks;
  sigset_t     signals;         /* of the calling thread, before */
  int          error;           /* why memscope-cli did not begin */
  int          status;          /* as a wait says */
} Job;

/* ---- what is run ----------------------------------------------------------------- */

static bool
is_executable (const char *path)
{
  return access (path, X_OK) == 0;
}

/* The one that was named, the one installed with this library, the one in PATH. */
static bool
find_cli (char   *path,
          size_t  room)
{
  const char *named = getenv ("MEMSCOPE_CLI");
  const char *folders = getenv ("PATH");

  if (named != NULL && *named != '\0')
    return (size_t)snprintf (path, room, "%s", named) < room && is_executable (path);

  if ((size_t)snprintf (path, room, "%s/memscope-cli", BINDIR) < room && is_executable (path))
    return true;

  while (folders != NULL && *folders != '\0')
    {
      size_t length = strcspn (folders, ":");

      if (length > 0 && (size_t)snprintf (path, room, "%.*s/memscope-cli", (int)length, folders) < room && is_executable (path))
        return true;
      folders += length + (folders[length] == ':');
    }

  return false;
}

static bool
is_variable (const char *entry,
             const char *name)
{
  size_t length = strlen (name);

  return strncmp (entry, name, length) == 0 && entry[length] == '=';
}

/* Without what would record the exporter too. */
static void
copy_environment (const char **copy)
{
  size_t n = 0;

  for (char **entry = environ; entry != NULL && *entry != NULL && n < MAX_ENVIRONMENT; entry++)
    if (!is_variable (*entry, "LD_PRELOAD") && !is_variable (*entry, "MEMSCOPE_SOCKET") &&
        !is_variable (*entry, "MEMSCOPE_LISTEN"))
      copy[n++] = *entry;

  copy[n] = NULL;
}

/* ---- running it --------------------------------------------------------------------
 *
 * A process that ends sends a signal to its parent, and is what a wait for any child
 * finds. That it does neither can be said when it is made, but execve() makes it an
 * ordinary child again. So there are two: the program's child shares its memory, is
 * never another program, and ends in silence; what it waits for is its own child.
 */

/* Nothing here may touch the C library's errno, which is the calling thread's. */
static void
reset_handlers (void)
{
  struct { uintptr_t handler; unsigned long flags; uintptr_t restorer; unsigned long mask; } action, plain = { 0 };

  for (int i = 1; i < NSIG; i++)
    if (sys_call6 (SYS_rt_sigaction, i, 0, (long)&action, sizeof action.mask, 0, 0) == 0 &&
        action.handler != (uintptr_t)SIG_IGN && action.handler != (uintptr_t)SIG_DFL)
      sys_call6 (SYS_rt_sigaction, i, (long)&plain, 0, sizeof plain.mask, 0, 0);

  /* Ctrl-C is the program's affair. */
  plain.handler = (uintptr_t)SIG_IGN;
  sys_call6 (SYS_rt_sigaction, SIGINT, (long)&plain, 0, sizeof plain.mask, 0, 0);
  sys_call6 (SYS_rt_sigaction, SIGQUIT, (long)&plain, 0, sizeof plain.mask, 0, 0);
}

/* Shares the program's memory until it is memscope-cli. */
static int
run_program (void *data)
{
  Job *job = data;
  long null;

  reset_handlers ();
  sys_call6 (SYS_rt_sigprocmask, SIG_SETMASK, (long)&job->signals, 0, sizeof (unsigned long), 0, 0);

  null = sys_call3 (SYS_open, (long)"/dev/null", O_RDWR, 0);
  for (int fd = 0; null >= 0 && fd < 3; fd++)
    sys_call3 (SYS_dup2, null, fd, 0);

  job->error = (int)-sys_call3 (SYS_execve, (long)job->path, (long)job->arguments, (long)job->environment);

  return 127;
}

/* All signals are blocked: nobody ends it but its child's end. */
static int
wait_for_program (void *data)
{
  Job *job = data;
  pid_t pid = clone (run_program, job->stacks + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, job);
  long waited;

  if (pid < 0)
    {
      job->error = ENOMEM;
      return 127;
    }

  do
    waited = sys_call6 (SYS_wait4, pid, (long)&job->status, 0, 0, 0, 0);
  while (waited == -EINTR);

  return 0;
}

static int
result_of (const Job *job)
{
  if (job->error == ENOENT || job->error == EACCES)
    return MEMSCOPE_TRACKER_ERROR_NOT_INSTALLED;
  if (job->error == ENOMEM)
    return MEMSCOPE_TRACKER_ERROR_MEMORY;

  return job->error == 0 && WIFEXITED (job->status) && WEXITSTATUS (job->status) == 0 ? MEMSCOPE_TRACKER_OK
                                                                                      : MEMSCOPE_TRACKER_ERROR_EXPORT;
}

static int
run (Job *job)
{
  sigset_t all;
  pid_t pid, waited;

  job->stacks = mmap (NULL, 2 * STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (job->stacks == MAP_FAILED)
    return MEMSCOPE_TRACKER_ERROR_MEMORY;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &job->signals);
  pid = clone (wait_for_program, job->stacks + 2 * STACK_SIZE, CLONE_VM, job);
  pthread_sigmask (SIG_SETMASK, &job->signals, NULL);

  do
    waited = pid < 0 ? pid : waitpid (pid, NULL, __WCLONE);
  while (waited < 0 && pid >= 0 && errno == EINTR);

  munmap (job->stacks, 2 * STACK_SIZE);

  return pid < 0 ? MEMSCOPE_TRACKER_ERROR_MEMORY : result_of (job);
}

int
run_cli_export_html (const char *binary,
                     const char *html)
{
  size_t size = (MAX_ENVIRONMENT + 1) * sizeof (char *);
  char path[4096];
  Job job = {
    .path = path,
    .arguments = { "memscope-cli", "export", "--format", "html", "-o", html, "--", binary },
  };
  int result;

  if (!find_cli (path, sizeof path))
    return MEMSCOPE_TRACKER_ERROR_NOT_INSTALLED;

  job.environment = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (job.environment == MAP_FAILED)
    return MEMSCOPE_TRACKER_ERROR_MEMORY;

  copy_environment (job.environment);
  result = run (&job);
  munmap (job.environment, size);

  return result;
}

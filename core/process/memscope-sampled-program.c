/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-sampled-program.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <unistd.h>

#include "memscope-preload.h"
#include "memscope-target.h"

static char **
set_number (char       **environment,
            const char  *name,
            guint64      value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  return value != 0 ? g_environ_setenv (environment, name, text, TRUE) : g_environ_unsetenv (environment, name);
}

/* Names as in core/tracker/sample-options.h. A collector that is around is not meant. */
static char **
make_environment (const MemscopeSampledProgram *self,
                  const char                   *directory,
                  const char                   *path)
{
  char **environment = memscope_preload_add (g_get_environ (), path);

  environment = g_environ_unsetenv (environment, "MEMSCOPE_SOCKET");
  environment = g_environ_setenv (environment, "MEMSCOPE_OUTPUT_DIR", directory, TRUE);
  environment = set_number (environment, "MEMSCOPE_SAMPLE", self->interval);
  environment = set_number (environment, "MEMSCOPE_ROTATE_SIZE", self->rotate_size);
  environment = set_number (environment, "MEMSCOPE_ROTATE_AGE", (self->rotate_age + 999) / 1000);
  environment = set_number (environment, "MEMSCOPE_KEEP", self->keep);

  return set_number (environment, "MEMSCOPE_STACK_DEPTH", self->stack_depth);
}

static gboolean
check_directory (const char  *directory,
                 GError     **error)
{
  int saved;

  if (g_mkdir_with_parents (directory, 0700) == 0 && g_access (directory, W_OK | X_OK) == 0)
    return TRUE;

  saved = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("Can’t write into %s: %s"), directory, g_strerror (saved));

  return FALSE;
}

void
memscope_sampled_program_exec (const MemscopeSampledProgram  *self,
                               const char * const            *argv,
                               GError                       **error)
{
  g_autofree char *path = memscope_target_find (argv[0], g_getenv ("PATH"), error);
  g_autofree char *directory = g_canonicalize_filename (self->directory, NULL);
  g_auto(GStrv) environment = NULL;
  int saved;

  if (path == NULL || !memscope_target_check (path, error) || !memscope_preload_check (error) ||
      !check_directory (directory, error))
    return;

  environment = make_environment (self, directory, path);
  signal (SIGPIPE, SIG_DFL);
  execve (path, (char **) argv, environment);

  saved = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("“%s” can’t be started: %s"), argv[0], g_strerror (saved));
}

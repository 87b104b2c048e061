/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-paths.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tests, and whoever runs MemScope from where it was not installed to, say so
 * with the variable; everybody else gets what the build was configured for.
 */
static const char *
path_of (const char *variable,
         const char *installed)
{
  const char *path = g_getenv (variable);

  return path != NULL && *path != '\0' ? path : installed;
}

const char *
memscope_paths_get_recorder (void)
{
  return path_of ("MEMSCOPE_RECORDER", LIBDIR "/libmemscope-tracker.so.1");
}

char *
memscope_paths_get_operators (void)
{
  g_autofree char *directory = g_path_get_dirname (memscope_paths_get_recorder ());

  return g_build_filename (directory, "libmemscope-operators.so", NULL);
}

const char *
memscope_paths_get_collector (void)
{
  return path_of ("MEMSCOPE_COLLECTOR", LIBEXECDIR "/memscope-collector");
}

const char *
memscope_paths_get_cli (void)
{
  return path_of ("MEMSCOPE_CLI", BINDIR "/memscope-cli");
}

const char *
memscope_paths_get_web_probe (void)
{
  return path_of ("MEMSCOPE_WEB_PROBE", LIBEXECDIR "/memscope-web-probe");
}

const char *
memscope_paths_get_web_extensions (void)
{
  return path_of ("MEMSCOPE_WEB_EXTENSIONS", LIBDIR "/memscope/web-extensions");
}

const char *
memscope_paths_get_data (void)
{
  return path_of ("MEMSCOPE_DATA", PACKAGE_DATADIR);
}

/* ---- the runtime directory ------------------------------------------------ */

static gboolean
set_error_of_errno (GError     **error,
                    const char  *path,
                    int          number)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
               _("The directory %s can’t be used: %s"), path, g_strerror (number));

  return FALSE;
}

/* Opened without following links, then judged by what was opened: nobody can
 * exchange it in between.
 */
static gboolean
check_directory (const char  *path,
                 GError     **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat status;
  int number;

  if (fd < 0)
    {
      if (errno != ELOOP && errno != ENOTDIR)
        return set_error_of_errno (error, path, errno);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   _("%s is not a directory of yours; remove it or set XDG_RUNTIME_DIR"), path);
      return FALSE;
    }

  number = fstat (fd, &status) == 0 ? 0 : errno;

  /* A directory of ours that a careless umask or chmod opened up is closed again. */
  if (number == 0 && status.st_uid == geteuid () && (status.st_mode & 077) != 0)
    number = fchmod (fd, 0700) == 0 ? 0 : errno;

  close (fd);

  if (number != 0)
    return set_error_of_errno (error, path, number);

  if (status.st_uid == geteuid ())
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               _("The directory %s belongs to somebody else; remove it or set XDG_RUNTIME_DIR"), path);

  return FALSE;
}

static char *
runtime_dir_path (void)
{
  const char *configured = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *of_user = g_strdup_printf ("/run/user/%u", (unsigned)geteuid ());

  if (configured != NULL && g_path_is_absolute (configured) && g_access (configured, W_OK | X_OK) == 0)
    return g_build_filename (configured, "memscope", NULL);

  if (g_access (of_user, W_OK | X_OK) == 0)
    return g_build_filename (of_user, "memscope", NULL);

  return g_strdup_printf ("/tmp/memscope-%u", (unsigned)geteuid ());
}

char *
memscope_paths_dup_runtime_dir (GError **error)
{
  g_autofree char *path = runtime_dir_path ();

  if (g_mkdir (path, 0700) != 0 && errno != EEXIST)
    {
      set_error_of_errno (error, path, errno);
      return NULL;
    }

  return check_directory (path, error) ? g_steal_pointer (&path) : NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-export-file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* GIO's own replacing stream uses a temporary file only where there is an old
 * one to keep: a new file would be seen growing, and stay half when it fails.
 */

static void
set_error_from_errno (GError **error)
{
  int reason = errno;

  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (reason), g_strerror (reason));
}

/* Renaming onto a link would replace the link, so its target is what is written. */
static char *
follow_links (const char *path)
{
  char *real = realpath (path, NULL);
  char *copy = g_strdup (real != NULL ? real : path);

  free (real);

  return copy;
}

/* A name nobody has, in the folder of @target. The process's umask applies. */
static int
create_beside (const char  *target,
               char       **temporary)
{
  g_autofree char *folder = g_path_get_dirname (target);

  for (guint tries = 0; tries < 100; tries++)
    {
      g_autofree char *name = g_strdup_printf ("%s/.memscope-%08x", folder, g_random_int ());
      int fd = g_open (name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);

      if (fd >= 0)
        *temporary = g_steal_pointer (&name);
      if (fd >= 0 || errno != EEXIST)
        return fd;
    }

  return -1;
}

/* Writes and closes @fd. */
static gboolean
write_to (int                  fd,
          MemscopeExportFunc   write_content,
          gpointer             user_data,
          GCancellable        *cancellable,
          GError             **error)
{
  g_autoptr(GOutputStream) stream = g_unix_output_stream_new (fd, TRUE);

  return write_content (stream, user_data, cancellable, error)
         && g_output_stream_close (stream, cancellable, error);
}

static gboolean
write_directly (const char          *path,
                MemscopeExportFunc   write_content,
                gpointer             user_data,
                GCancellable        *cancellable,
                GError             **error)
{
  int fd = g_open (path, O_WRONLY | O_CLOEXEC | O_APPEND, 0);

  if (fd < 0)
    {
      set_error_from_errno (error);
      return FALSE;
    }

  return write_to (fd, write_content, user_data, cancellable, error);
}

static gboolean
write_and_rename (const char          *target,
                  const struct stat   *old,
                  MemscopeExportFunc   write_content,
                  gpointer             user_data,
                  GCancellable        *cancellable,
                  GError             **error)
{
  g_autofree char *temporary = NULL;
  int fd = create_beside (target, &temporary);

  if (fd < 0)
    {
      set_error_from_errno (error);
      return FALSE;
    }

  /* The new file takes over the old one's permissions; if it can't, it keeps the usual ones. */
  if (old != NULL && fchmod (fd, old->st_mode & 0777) != 0)
    g_debug ("%s: %s", temporary, g_strerror (errno));

  if (write_to (fd, write_content, user_data, cancellable, error))
    {
      if (g_rename (temporary, target) == 0)
        return TRUE;
      set_error_from_errno (error);
    }

  g_unlink (temporary);

  return FALSE;
}

static gboolean
replace_remote (GFile               *file,
                MemscopeExportFunc   write_content,
                gpointer             user_data,
                GCancellable        *cancellable,
                GError             **error)
{
  g_autoptr(GFileOutputStream) stream = NULL;

  stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, cancellable, error);

  return stream != NULL
         && write_content (G_OUTPUT_STREAM (stream), user_data, cancellable, error)
         && g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, error);
}

gboolean
memscope_export_to_file (GFile               *file,
                         MemscopeExportFunc   write_content,
                         gpointer             user_data,
                         GCancellable        *cancellable,
                         GError             **error)
{
  g_autofree char *target = NULL;
  struct stat old;
  gboolean exists;

  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (write_content != NULL, FALSE);

  if (g_file_peek_path (file) == NULL)
    return replace_remote (file, write_content, user_data, cancellable, error);

  exists = stat (g_file_peek_path (file), &old) == 0;
  if (exists && S_ISDIR (old.st_mode))
    {
      errno = EISDIR;
      set_error_from_errno (error);
      return FALSE;
    }

  if (exists && !S_ISREG (old.st_mode))
    return write_directly (g_file_peek_path (file), write_content, user_data, cancellable, error);

  target = follow_links (g_file_peek_path (file));

  return write_and_rename (target, exists ? &old : NULL, write_content, user_data, cancellable, error);
}

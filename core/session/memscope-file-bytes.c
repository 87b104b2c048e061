/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-file-bytes.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memscope-error.h"

#define BLOCK      (1024u * 1024u)
#define HEAD_BYTES (64u * 1024u)

/* Half of the machine's memory: the bytes are not all that a session needs. */
static guint64
largest_file (void)
{
  long pages = sysconf (_SC_PHYS_PAGES);
  long page_size = sysconf (_SC_PAGESIZE);

  if (pages <= 0 || page_size <= 0)
    return G_MAXSSIZE / 2;

  return MIN ((guint64)pages / 2 * (guint64)page_size, G_MAXSSIZE / 2);
}

static gboolean
check_size (guint64   size,
            GError  **error)
{
  g_autofree char *is = NULL;
  g_autofree char *may_be = NULL;

  if (size <= largest_file ())
    return TRUE;

  is = g_format_size (size);
  may_be = g_format_size (largest_file ());
  g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_TOO_LARGE,
               _("The file has %s; this machine's memory allows for files of up to %s"), is, may_be);

  return FALSE;
}

static gboolean
check_kind (const struct stat  *info,
            GError            **error)
{
  const char *kind;

  if (S_ISREG (info->st_mode))
    return check_size ((guint64)info->st_size, error);

  if (S_ISDIR (info->st_mode))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, _("This is a folder, not a recording; open a file in it"));
      return FALSE;
    }

  kind = S_ISFIFO (info->st_mode) ? _("a pipe") : S_ISSOCK (info->st_mode) ? _("a socket") : _("a device");
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _("This is %s, not a file; copy what it gives into a file first"), kind);

  return FALSE;
}

/* Opened without waiting, so that a pipe nobody writes to cannot hang us. */
static GInputStream *
open_local (const char  *path,
            guint64     *size,
            GError     **error)
{
  struct stat info;
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);

  if (fd < 0 || fstat (fd, &info) < 0)
    {
      int saved = errno;

      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved), g_strerror (saved));
      if (fd >= 0)
        close (fd);
      return NULL;
    }

  if (!check_kind (&info, error))
    {
      close (fd);
      return NULL;
    }

  *size = (guint64)info.st_size;

  return g_unix_input_stream_new (fd, TRUE);
}

static GInputStream *
open_file (GFile         *file,
           GCancellable  *cancellable,
           guint64       *size,
           GError       **error)
{
  g_autoptr(GFileInfo) info = NULL;
  const char *path = g_file_peek_path (file);

  if (path != NULL)
    return open_local (path, size, error);

  info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, cancellable, NULL);
  *size = info != NULL ? (guint64)MAX (g_file_info_get_size (info), 0) : 0;
  if (!check_size (*size, error))
    return NULL;

  return G_INPUT_STREAM (g_file_read (file, cancellable, error));
}

/* Reads until @stream ends: the size was a hint, the file may have grown or shrunk since. */
static GBytes *
read_all (GInputStream       *stream,
          guint64             size,
          MemscopeSniffFunc   is_wanted,
          MemscopeReading    *reading,
          GError            **error)
{
  gsize capacity = (gsize)size + 1;
  g_autofree guint8 *data = g_try_malloc (capacity);
  gsize length = 0;
  gboolean sniffed = FALSE;
  gssize n = 1;

  while (data != NULL && n > 0)
    {
      n = g_input_stream_read (stream, data + length, MIN (capacity - length, BLOCK), reading->cancellable, error);
      if (n < 0)
        return NULL;

      length += (gsize)n;
      if (!sniffed && (n == 0 || length >= HEAD_BYTES))
        {
          if (!is_wanted (data, length, error))
            return NULL;
          sniffed = TRUE;
        }

      if (!check_size (length, error) || !memscope_reading_step (reading, length, error))
        return NULL;

      if (length == capacity)
        {
          guint8 *grown = g_try_realloc (data, capacity * 2);

          if (grown == NULL)
            break;
          data = grown;
          capacity *= 2;
        }
    }

  if (data == NULL || n > 0)
    {
      g_set_error_literal (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_TOO_LARGE, _("There is not enough memory to read the file"));
      return NULL;
    }

  return g_bytes_new_take (g_steal_pointer (&data), length);
}

GBytes *
memscope_file_bytes_read (GFile              *file,
                          MemscopeSniffFunc   is_wanted,
                          MemscopeReading    *reading,
                          GError            **error)
{
  g_autoptr(GInputStream) stream = NULL;
  guint64 size = 0;

  stream = open_file (file, reading->cancellable, &size, error);
  if (stream == NULL)
    return NULL;

  reading->total = size * 2;   /* reading, and understanding */

  return read_all (stream, size, is_wanted, reading, error);
}

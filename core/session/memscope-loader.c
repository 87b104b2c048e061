/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-loader.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memscope-display.h"
#include "memscope-error.h"
#include "memscope-file-bytes.h"
#include "memscope-heaptrack-reader.h"
#include "memscope-json-reader.h"
#include "memscope-massif-reader.h"
#include "memscope-native-reader.h"
#include "memscope-rs-reader.h"
#include "memscope-segments.h"

#define LOCK_FREE_MAGIC "MEMSCOPE_LOCKFREE"

/* ---- what the bytes are ------------------------------------------------------------ */

static guint32
read32 (const guint8 *data)
{
  guint32 value;

  memcpy (&value, data, sizeof value);

  return GUINT32_FROM_LE (value);
}

static gboolean
begins_with (const guint8 *data,
             gsize         length,
             const char   *magic,
             gsize         magic_length)
{
  return length >= magic_length && memcmp (data, magic, magic_length) == 0;
}

/* Files that people will try, and what to do with them. */
static const struct
{
  const char *magic;
  gsize       length;
  const char *sentence;
} others[] = {
  { "\x1f\x8b", 2, N_("The file is compressed with gzip; unpack it first (gunzip)") },
  { "\x28\xb5\x2f\xfd", 4, N_("The file is compressed with Zstandard; unpack it first (unzstd)") },
  { "\xfd" "7zXZ", 6, N_("The file is compressed with xz; unpack it first (unxz)") },
  { "BZh", 3, N_("The file is compressed with bzip2; unpack it first (bunzip2)") },
  { "PK\x03\x04", 4, N_("The file is a ZIP archive; unpack it first") },
  { "\x7f" "ELF", 4, N_("The file is a program or library; record it instead of opening it") },
  { "SQLite format 3", 15, N_("The file is a database, not a recording") },
  { LOCK_FREE_MAGIC, sizeof LOCK_FREE_MAGIC - 1,
    N_("The file is one thread's raw log of memscope-rs's lock-free tracker, not a recording of allocations") },
};

/* What memscope-rs's sampler leaves: a length, then JSON or a table of frequencies. */
static gboolean
is_sampler_log (const guint8 *data,
                gsize         length)
{
  if (length < 8)
    return FALSE;

  return read32 (data) == 0xfeedface ||
         (read32 (data) <= length - 4 && (memcmp (data + 4, "[{\"", 3) == 0 || memcmp (data + 4, "[]", 2) == 0));
}

static const guint8 *
skip_blanks (const guint8 *data,
             gsize         length)
{
  const guint8 *end = data + length;

  if (begins_with (data, length, "\xef\xbb\xbf", 3))
    data += 3;
  while (data < end && strchr (" \t\r\n", *data) != NULL && *data != '\0')
    data++;

  return data;
}

static gboolean
set_error (GError        **error,
           MemscopeError   code,
           const char     *sentence)
{
  g_set_error_literal (error, MEMSCOPE_ERROR, code, sentence);

  return FALSE;
}

static gboolean
check_version (guint32   version,
               GError  **error)
{
  if ((version >= 1 && version <= 3) || version == MEMSCOPE_FORMAT_VERSION)
    return TRUE;

  g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_UNSUPPORTED_VERSION,
               _("The recording has format version %u; this program reads memscope-rs's versions 1 to 3 and its own version %u"),
               version, MEMSCOPE_FORMAT_VERSION);

  return FALSE;
}

static void
forward_progress (guint64  done,
                  guint64  total,
                  gpointer user_data)
{
  memscope_reading_step (user_data, done, NULL);
}

static gboolean
read_native (GBytes                  *bytes,
             MemscopeSessionBuilder  *builder,
             MemscopeReading         *reading,
             GError                 **error)
{
  return memscope_native_reader_read (builder, bytes, reading->cancellable, forward_progress, reading, error);
}

/* Chooses by content. @data is the beginning of the file, or all of it. */
static gboolean
choose_reader (const guint8        *data,
               gsize                length,
               MemscopeReaderFunc  *reader,
               GError             **error)
{
  const guint8 *text;

  if (length == 0)
    return set_error (error, MEMSCOPE_ERROR_NOT_A_SESSION, _("The file is empty"));

  if (memscope_heaptrack_is_one (data, length))
    {
      *reader = memscope_heaptrack_reader_read;
      return TRUE;
    }

  if (memscope_massif_is_one (data, length))
    {
      *reader = memscope_massif_reader_read;
      return TRUE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      if (begins_with (data, length, others[i].magic, others[i].length))
        return set_error (error, MEMSCOPE_ERROR_NOT_A_SESSION, _(others[i].sentence));
    }

  if (memcmp (data, MEMSCOPE_FORMAT_MAGIC, MIN (length, 8)) == 0)
    {
      if (length < 16)
        {
          g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED,
                       _("The file ends after %zu bytes, inside its header: nothing of the recording is there"),
                       length);
          return FALSE;
        }

      *reader = read32 (data + 8) < MEMSCOPE_FORMAT_VERSION ? memscope_rs_reader_read : read_native;
      return check_version (read32 (data + 8), error);
    }

  if (is_sampler_log (data, length))
    return set_error (error, MEMSCOPE_ERROR_NOT_A_SESSION,
                      _("The file is a raw log of memscope-rs's sampler, not a recording of allocations"));

  text = skip_blanks (data, length);
  if (text < data + length && (*text == '[' || *text == '{'))
    {
      *reader = memscope_json_reader_read;
      return TRUE;
    }

  return set_error (error, MEMSCOPE_ERROR_NOT_A_SESSION,
                    _("The file is not a recording of MemScope, memscope-rs, heaptrack or massif"));
}

static gboolean
is_wanted (const guint8  *head,
           gsize          length,
           GError       **error)
{
  MemscopeReaderFunc reader;

  return choose_reader (head, length, &reader, error);
}

gboolean
memscope_loader_may_begin (const guint8 *head,
                           gsize         length)
{
  const guint8 *text;

  if (begins_with (head, length, MEMSCOPE_FORMAT_MAGIC, 8) || memscope_heaptrack_is_one (head, length) ||
      memscope_massif_is_one (head, length))
    return TRUE;

  text = skip_blanks (head, length);

  return text < head + length && (*text == '[' || *text == '{');
}

/* ---- loading --------------------------------------------------------------------------- */

static MemscopeSession *
load (GBytes           *bytes,
      const char       *label,
      MemscopeReading  *reading,
      GError          **error)
{
  g_autoptr(MemscopeSessionBuilder) builder = NULL;
  MemscopeReaderFunc reader = NULL;
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (!choose_reader (data, length, &reader, error))
    return NULL;

  builder = memscope_session_builder_new (label);
  if (!reader (bytes, builder, reading, error))
    return NULL;

  return memscope_session_builder_finish (g_steal_pointer (&builder));
}

MemscopeSession *
memscope_load_bytes (GBytes      *bytes,
                     const char  *label,
                     GError     **error)
{
  MemscopeReading reading = { .total = g_bytes_get_size (bytes) };

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (label != NULL, NULL);

  return load (bytes, label, &reading, error);
}

/* A folder, or FOLDER/PROGRAM.PID of some segments in it. */
static gboolean
is_segmented (GFile        *file,
              GCancellable *cancellable)
{
  GFileType type = g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, cancellable);
  g_autoptr(MemscopeSegments) segments = NULL;

  if (type == G_FILE_TYPE_DIRECTORY)
    return TRUE;
  if (type == G_FILE_TYPE_UNKNOWN && g_file_is_native (file))
    segments = memscope_segments_find (file, cancellable, NULL);

  return segments != NULL;
}

static MemscopeSession *
load_segments (GFile            *folder,
               MemscopeReading  *reading,
               GError          **error)
{
  g_autoptr(MemscopeSegments) segments = memscope_segments_find (folder, reading->cancellable, error);
  g_autoptr(MemscopeSessionBuilder) builder = NULL;

  if (segments == NULL)
    return NULL;

  builder = memscope_session_builder_new (memscope_segments_get_label (segments));
  if (!memscope_native_reader_read_segments (builder, segments, reading, error))
    return NULL;

  return memscope_session_builder_finish (g_steal_pointer (&builder));
}

MemscopeSession *
memscope_load_file (GFile                 *file,
                    GCancellable          *cancellable,
                    MemscopeProgressFunc   progress,
                    gpointer               progress_data,
                    GError               **error)
{
  MemscopeReading reading = { .cancellable = cancellable, .progress = progress, .progress_data = progress_data };
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *label = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  if (is_segmented (file, cancellable))
    return load_segments (file, &reading, error);

  bytes = memscope_file_bytes_read (file, is_wanted, &reading, error);
  if (bytes == NULL)
    return NULL;

  label = g_file_get_basename (file);
  reading.done_before = g_bytes_get_size (bytes);
  reading.total = reading.done_before * 2;

  return load (bytes, label != NULL ? label : "", &reading, error);
}

/* Smaller files are read whole, and checked, in the same time. */
#define MIN_OUTLINED (1024 * 1024)

MemscopeSession *
memscope_load_outline (GFile *file)
{
  g_autoptr(MemscopeSessionBuilder) builder = NULL;
  g_autofree char *label = NULL;
  const char *path;
  struct stat info;
  gboolean done;
  int fd;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  path = g_file_peek_path (file);
  fd = path != NULL ? g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0) : -1;
  if (fd < 0)
    return NULL;

  label = g_file_get_basename (file);
  builder = memscope_session_builder_new (label != NULL ? label : "");
  done = fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size >= MIN_OUTLINED &&
         memscope_native_reader_read_outline (builder, fd, (guint64)info.st_size);
  close (fd);

  return done ? memscope_session_builder_finish (g_steal_pointer (&builder)) : NULL;
}

/* ---- off the main thread ------------------------------------------------------------------ */

typedef struct
{
  GFile                *file;
  MemscopeProgressFunc  progress;
  gpointer              progress_data;
} LoadData;

static void
load_data_free (LoadData *data)
{
  g_object_unref (data->file);
  g_free (data);
}

static void
load_worker (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  LoadData *data = task_data;
  GError *error = NULL;
  MemscopeSession *session = memscope_load_file (data->file, cancellable, data->progress, data->progress_data, &error);

  if (session != NULL)
    g_task_return_pointer (task, session, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
memscope_load_file_async (GFile                *file,
                          GCancellable         *cancellable,
                          MemscopeProgressFunc  progress,
                          gpointer              progress_data,
                          GAsyncReadyCallback   callback,
                          gpointer              user_data)
{
  g_autoptr(GTask) task = NULL;
  LoadData *data;

  g_return_if_fail (G_IS_FILE (file));

  data = g_new (LoadData, 1);
  *data = (LoadData) { g_object_ref (file), progress, progress_data };

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, memscope_load_file_async);
  g_task_set_task_data (task, data, (GDestroyNotify)load_data_free);
  g_task_run_in_thread (task, load_worker);
}

MemscopeSession *
memscope_load_file_finish (GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <zstd.h>

#include "memscope-error.h"
#include "memscope-format.h"
#include "memscope-module-symbols.h"
#include "memscope-symbolizer.h"

/* Payloads are cut near this size, so that no chunk grows with the recording. */
#define PAYLOAD_SIZE (1024u * 1024u)

typedef struct
{
  char    *path;
  GBytes  *build_id;
} Module;

typedef struct
{
  MemscopeFrameEntry entry;
  guint32            id;
  gboolean           known;
} Frame;

typedef struct
{
  int         fd;
  guint64     append_at;       /* behind the last chunk that counts */
  GPtrArray  *strings;         /* GBytes by id - 1; only module paths are looked at */
  GArray     *modules;         /* Module by id - 1 */
  GArray     *frames;          /* Frame by id - 1 */
  GArray     *footer;          /* MemscopeFooterEntry */
  guint64     n_strings;
  guint64     last_event;
  guint64     last_birth;

  /* what is written */
  GHashTable *string_ids;      /* text -> id */
  MemscopeBuffer strings_out;
  MemscopeBuffer symbols_out;
  guint64     strings_first;
} Work;

static void
module_clear (gpointer data)
{
  Module *module = data;

  g_free (module->path);
  g_clear_pointer (&module->build_id, g_bytes_unref);
}

static void
work_clear (Work *work)
{
  if (work->fd >= 0)
    close (work->fd);
  g_clear_pointer (&work->strings, g_ptr_array_unref);
  g_clear_pointer (&work->modules, g_array_unref);
  g_clear_pointer (&work->frames, g_array_unref);
  g_clear_pointer (&work->footer, g_array_unref);
  g_clear_pointer (&work->string_ids, g_hash_table_unref);
  if (work->strings_out.grow != NULL)
    memscope_buffer_clear (&work->strings_out);
  if (work->symbols_out.grow != NULL)
    memscope_buffer_clear (&work->symbols_out);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

void
memscope_symbolize_report_clear (MemscopeSymbolizeReport *report)
{
  g_clear_pointer (&report->reasons, g_strfreev);
}

static gboolean
set_error_from_errno (GError     **error,
                      const char  *what)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "%s: %s", what, g_strerror (saved));

  return FALSE;
}

/* ---- reading ----------------------------------------------------------------- */

static gboolean
read_at (Work    *work,
         void    *data,
         gsize    length,
         guint64  offset)
{
  gsize done = 0;

  while (done < length)
    {
      ssize_t n = pread (work->fd, (char *)data + done, length - done, (off_t)(offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      done += (gsize)n;
    }

  return TRUE;
}

static void
read_strings (Work       *work,
              const void *data,
              gsize       length)
{
  MemscopeCursor cursor;
  MemscopeStringEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, data, length, &id))
    return;
  for (; memscope_string_next (&cursor, &entry); id++)
    {
      work->n_strings = MAX (work->n_strings, id);
      if (id - 1 == work->strings->len)
        g_ptr_array_add (work->strings, g_bytes_new (entry.bytes, entry.length));
    }
}

static char *
dup_path (Work    *work,
          guint32  id)
{
  gsize length;
  const char *bytes;

  if (id == 0 || id > work->strings->len)
    return NULL;
  bytes = g_bytes_get_data (work->strings->pdata[id - 1], &length);

  return g_strndup (bytes, length);
}

static void
read_modules (Work       *work,
              const void *data,
              gsize       length)
{
  MemscopeCursor cursor;
  MemscopeModuleEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, data, length, &id))
    return;
  for (; memscope_module_next (&cursor, &entry); id++)
    {
      Module module = { dup_path (work, entry.path), g_bytes_new (entry.build_id, entry.build_id_length) };

      /* said again when it was unloaded */
      if (id - 1 < work->modules->len)
        module_clear (&module);
      else if (id - 1 == work->modules->len)
        g_array_append_val (work->modules, module);
      else
        module_clear (&module);
    }
}

static void
read_frames (Work       *work,
             const void *data,
             gsize       length)
{
  MemscopeCursor cursor;
  MemscopeFrameEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, data, length, &id))
    return;
  for (; memscope_frame_next (&cursor, &entry); id++)
    if (id - 1 == work->frames->len)
      {
        Frame frame = { entry, (guint32)id, FALSE };

        g_array_append_val (work->frames, frame);
      }
}

static void
read_symbols (Work       *work,
              const void *data,
              gsize       length)
{
  MemscopeCursor cursor = { data, (const guint8 *)data + length, false };
  guint32 frame, n_entries;

  while (memscope_symbols_next (&cursor, &frame, &n_entries))
    {
      MemscopeSymbolEntry entry;

      for (guint32 i = 0; i < n_entries; i++)
        if (!memscope_symbol_next (&cursor, &entry))
          return;
      if (frame != 0 && frame <= work->frames->len && n_entries > 0)
        g_array_index (work->frames, Frame, frame - 1).known = TRUE;
    }
}

static gboolean
is_wanted (guint16 kind)
{
  return kind == MEMSCOPE_CHUNK_STRINGS || kind == MEMSCOPE_CHUNK_MODULES ||
         kind == MEMSCOPE_CHUNK_FRAMES || kind == MEMSCOPE_CHUNK_SYMBOLS;
}

static void
read_payload (Work                    *work,
              const MemscopeChunkHead *head,
              const guint8            *stored)
{
  g_autofree guint8 *raw = NULL;
  const guint8 *data = stored;

  if (head->codec == MEMSCOPE_CODEC_ZSTD)
    {
      raw = g_try_malloc (head->raw_size);
      if (raw == NULL || ZSTD_decompress (raw, head->raw_size, stored, head->stored_size) != head->raw_size)
        return;
      data = raw;
    }
  else if (head->raw_size != head->stored_size)
    return;

  switch ((MemscopeChunkKind)head->kind)
    {
    case MEMSCOPE_CHUNK_STRINGS: read_strings (work, data, head->raw_size); break;
    case MEMSCOPE_CHUNK_MODULES: read_modules (work, data, head->raw_size); break;
    case MEMSCOPE_CHUNK_FRAMES: read_frames (work, data, head->raw_size); break;
    case MEMSCOPE_CHUNK_SYMBOLS: read_symbols (work, data, head->raw_size); break;
    case MEMSCOPE_CHUNK_THREADS:
    case MEMSCOPE_CHUNK_EVENTS:
    case MEMSCOPE_CHUNK_FACTS:
    case MEMSCOPE_CHUNK_SAMPLES:
    case MEMSCOPE_CHUNK_MAPPINGS:
    case MEMSCOPE_CHUNK_GAPS:
    case MEMSCOPE_CHUNK_MARKS:
    case MEMSCOPE_CHUNK_CLOCK:
    case MEMSCOPE_CHUNK_CHECKPOINT:
    case MEMSCOPE_CHUNK_ANNOTATIONS:
    case MEMSCOPE_CHUNK_END:
    case MEMSCOPE_CHUNK_FOOTER:
    default:
      break;
    }
}

/* Walks the chunks; events are stepped over by their heads alone. Stops at the
 * old footer or the first damage: what is appended goes there, resp. to the end.
 */
static void
read_chunks (Work    *work,
             guint64  size,
             guint64  at)
{
  g_autoptr(GByteArray) chunk = g_byte_array_new ();

  work->append_at = size;
  while (at + sizeof (MemscopeChunkHead) <= size)
    {
      MemscopeFooterEntry entry = { .offset = at };
      guint64 length;

      if (!read_at (work, &entry.head, sizeof entry.head, at) ||
          entry.head.sync != MEMSCOPE_CHUNK_SYNC ||
          entry.head.stored_size > MEMSCOPE_CHUNK_MAX_SIZE ||
          entry.head.stored_size > size - at - sizeof entry.head)
        return;
      length = sizeof entry.head + entry.head.stored_size;

      if (entry.head.kind == MEMSCOPE_CHUNK_FOOTER)
        {
          work->append_at = at;
          return;
        }
      if (is_wanted (entry.head.kind))
        {
          MemscopeChunkHead head;

          g_byte_array_set_size (chunk, length);
          if (!read_at (work, chunk->data, length, at) ||
              memscope_chunk_read (chunk->data, length, &head) != MEMSCOPE_CHUNK_OK)
            return;
          read_payload (work, &head, chunk->data + sizeof head);
        }

      g_array_append_val (work->footer, entry);
      if (entry.head.kind == MEMSCOPE_CHUNK_EVENTS)
        {
          work->last_event = entry.head.first_event + entry.head.n_events;
          work->last_birth = entry.head.first_birth + entry.head.n_births;
        }
      at += length;
    }
  if (at == size)
    work->append_at = at;
}

static gboolean
open_recording (Work    *work,
                GFile   *file,
                GError **error)
{
  g_autofree char *path = g_file_get_path (file);
  MemscopeFileHeader header;
  off_t size;

  if (path == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("Symbols can only be added to a local file"));
      return FALSE;
    }
  work->fd = g_open (path, O_RDWR | O_CLOEXEC | O_NONBLOCK, 0);
  if (work->fd < 0)
    return set_error_from_errno (error, path);
  if (flock (work->fd, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("%s is still being written"), path);
      return FALSE;
    }
  size = lseek (work->fd, 0, SEEK_END);
  if (size < 0)
    return set_error_from_errno (error, path);

  if (!read_at (work, &header, sizeof header, 0) || !memscope_file_header_check (&header) ||
      header.version != MEMSCOPE_FORMAT_VERSION)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION,
                   _("%s is not a native MemScope recording of version %u; only those can take symbols"),
                   path, MEMSCOPE_FORMAT_VERSION);
      return FALSE;
    }
  read_chunks (work, (guint64)size, header.header_size);

  return TRUE;
}

/* ---- writing -------------------------------------------------------------------- */

static gboolean
write_bytes (Work        *work,
             const void  *data,
             gsize        length,
             GError     **error)
{
  gsize done = 0;

  while (done < length)
    {
      ssize_t n = pwrite (work->fd, (const char *)data + done, length - done, (off_t)(work->append_at + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return set_error_from_errno (error, _("Writing the symbols failed"));
      done += (gsize)n;
    }
  work->append_at += length;

  return TRUE;
}

static gboolean
write_chunk (Work                  *work,
             MemscopeChunkKind      kind,
             const MemscopeBuffer  *payload,
             GError               **error)
{
  MemscopeFooterEntry entry = { .offset = work->append_at };
  MemscopeBuffer out;
  gsize bound = ZSTD_compressBound (payload->length);
  g_autofree guint8 *packed = g_malloc (bound);
  gsize packed_size = ZSTD_compress (packed, bound, payload->data, payload->length, 3);
  gboolean smaller = !ZSTD_isError (packed_size) && packed_size < payload->length;
  gboolean written;

  entry.head = (MemscopeChunkHead) {
    .kind = kind,
    .codec = smaller ? MEMSCOPE_CODEC_ZSTD : MEMSCOPE_CODEC_RAW,
    .raw_size = (guint32)payload->length,
    .first_event = work->last_event,
    .first_birth = work->last_birth,
    .min_address = G_MAXUINT64,
  };

  memscope_buffer_init_malloc (&out);
  memscope_chunk_write (&out, &entry.head, smaller ? packed : payload->data, smaller ? packed_size : payload->length);
  memcpy (&entry.head, out.data, sizeof entry.head);
  written = write_bytes (work, out.data, out.length, error);
  memscope_buffer_clear (&out);
  if (written && kind != MEMSCOPE_CHUNK_FOOTER)
    g_array_append_val (work->footer, entry);

  return written;
}

/* Strings go first: a reader meets each before the symbol that uses it. */
static gboolean
flush_symbols (Work    *work,
               GError **error)
{
  if (work->strings_out.length > 0)
    {
      if (!write_chunk (work, MEMSCOPE_CHUNK_STRINGS, &work->strings_out, error))
        return FALSE;
      work->strings_out.length = 0;
    }
  if (work->symbols_out.length > 0)
    {
      if (!write_chunk (work, MEMSCOPE_CHUNK_SYMBOLS, &work->symbols_out, error))
        return FALSE;
      work->symbols_out.length = 0;
    }

  return TRUE;
}

static gboolean
write_footer (Work    *work,
              GError **error)
{
  MemscopeBuffer payload;
  MemscopeTrailer trailer;
  guint64 footer_offset = work->append_at;
  gboolean written;

  memscope_buffer_init_malloc (&payload);
  for (guint i = 0; i < work->footer->len; i++)
    memscope_footer_append (&payload, &g_array_index (work->footer, MemscopeFooterEntry, i));
  written = write_chunk (work, MEMSCOPE_CHUNK_FOOTER, &payload, error);
  memscope_buffer_clear (&payload);
  if (!written)
    return FALSE;

  memscope_trailer_seal (&trailer, footer_offset, work->append_at + sizeof trailer);
  if (!write_bytes (work, &trailer, sizeof trailer, error))
    return FALSE;
  if (ftruncate (work->fd, (off_t)work->append_at) != 0)
    return set_error_from_errno (error, _("Writing the symbols failed"));

  return TRUE;
}

static guint32
intern (Work       *work,
        const char *text)
{
  gpointer id;

  if (text == NULL)
    return 0;
  id = g_hash_table_lookup (work->string_ids, text);
  if (id == NULL)
    {
      id = GUINT_TO_POINTER (++work->n_strings);
      g_hash_table_insert (work->string_ids, g_strdup (text), id);
      if (work->strings_out.length == 0)
        memscope_dictionary_begin (&work->strings_out, work->n_strings);
      memscope_string_append (&work->strings_out, text, (guint32)strlen (text));
    }

  return GPOINTER_TO_UINT (id);
}

static gboolean
put_symbols (Work                     *work,
             const Frame              *frame,
             GArray                   *resolved,
             MemscopeSymbolizeReport  *report,
             GError                  **error)
{
  g_autofree MemscopeSymbolEntry *entries = g_new0 (MemscopeSymbolEntry, resolved->len);

  for (guint i = 0; i < resolved->len; i++)
    {
      const MemscopeResolved *symbol = &g_array_index (resolved, MemscopeResolved, i);

      entries[i] = (MemscopeSymbolEntry) {
        .function = intern (work, symbol->function),
        .linkage_name = intern (work, symbol->linkage_name),
        .file = intern (work, symbol->file),
        .line = symbol->line,
        .column = symbol->column,
        .language = symbol->language,
      };
    }
  memscope_symbols_append (&work->symbols_out, frame->id, entries, resolved->len);
  report->n_resolved++;
  report->n_lines += entries[0].line != 0;

  if (work->strings_out.length + work->symbols_out.length > PAYLOAD_SIZE)
    return flush_symbols (work, error);

  return TRUE;
}

/* ---- looking up --------------------------------------------------------------------- */

static int
compare_frames (gconstpointer a,
                gconstpointer b)
{
  const Frame *x = *(const Frame *const *)a, *y = *(const Frame *const *)b;

  if (x->entry.module != y->entry.module)
    return x->entry.module < y->entry.module ? -1 : 1;

  return x->entry.offset < y->entry.offset ? -1 : x->entry.offset > y->entry.offset;
}

static MemscopeModuleSymbols *
open_module (Work      *work,
             guint32    id,
             GPtrArray *reasons)
{
  g_autoptr(GError) error = NULL;
  const Module *module = &g_array_index (work->modules, Module, id - 1);
  MemscopeModuleSymbols *symbols;
  gsize build_id_length;
  const guint8 *build_id = g_bytes_get_data (module->build_id, &build_id_length);

  /* "[vdso]" and what was not a file */
  if (module->path == NULL || module->path[0] != '/')
    return NULL;
  symbols = memscope_module_symbols_new (module->path, build_id, build_id_length, &error);
  if (symbols == NULL)
    g_ptr_array_add (reasons, g_strdup (error->message));

  return symbols;
}

static gboolean
resolve_frames (Work                       *work,
                GPtrArray                  *frames,
                GPtrArray                  *reasons,
                MemscopeSymbolizeReport    *report,
                GCancellable               *cancellable,
                MemscopeSymbolizeProgress   progress,
                gpointer                    progress_data,
                GError                    **error)
{
  g_autoptr(MemscopeModuleSymbols) symbols = NULL;
  g_autoptr(GArray) resolved = g_array_new (FALSE, FALSE, sizeof (MemscopeResolved));
  guint32 open = 0;

  for (guint i = 0; i < frames->len; i++)
    {
      const Frame *frame = frames->pdata[i];
      guint64 back = frame->entry.flags & MEMSCOPE_FRAME_RETURN_ADDRESS ? 1 : 0;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (frame->entry.module != open)
        {
          g_clear_pointer (&symbols, memscope_module_symbols_free);
          open = frame->entry.module;
          symbols = open_module (work, open, reasons);
        }
      g_array_set_size (resolved, 0);
      if (symbols != NULL && memscope_module_symbols_resolve (symbols, frame->entry.offset - back, resolved) &&
          !put_symbols (work, frame, resolved, report, error))
        return FALSE;
      if (progress != NULL && i % 256 == 255)
        progress (i + 1, frames->len, progress_data);
    }

  return TRUE;
}

gboolean
memscope_symbolize_file (GFile                      *file,
                         gboolean                    again,
                         MemscopeSymbolizeReport    *report,
                         GCancellable               *cancellable,
                         MemscopeSymbolizeProgress   progress,
                         gpointer                    progress_data,
                         GError                    **error)
{
  g_autoptr(GPtrArray) wanted = g_ptr_array_new ();
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
  g_auto(Work) work = { .fd = -1 };

  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (report != NULL, FALSE);

  *report = (MemscopeSymbolizeReport) { 0 };
  work.strings = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  work.modules = g_array_new (FALSE, FALSE, sizeof (Module));
  g_array_set_clear_func (work.modules, module_clear);
  work.frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  work.footer = g_array_new (FALSE, FALSE, sizeof (MemscopeFooterEntry));
  work.string_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  memscope_buffer_init_malloc (&work.strings_out);
  memscope_buffer_init_malloc (&work.symbols_out);

  if (!open_recording (&work, file, error))
    return FALSE;

  report->n_frames = work.frames->len;
  for (guint i = 0; i < work.frames->len; i++)
    {
      Frame *frame = &g_array_index (work.frames, Frame, i);

      if (frame->entry.module != 0 && frame->entry.module <= work.modules->len && (again || !frame->known))
        g_ptr_array_add (wanted, frame);
    }
  g_ptr_array_sort (wanted, compare_frames);

  if (!resolve_frames (&work, wanted, reasons, report, cancellable, progress, progress_data, error))
    {
      /* whole again, with what was found so far */
      flush_symbols (&work, NULL);
      write_footer (&work, NULL);
      return FALSE;
    }
  g_ptr_array_add (reasons, NULL);
  report->reasons = (char **)g_ptr_array_free (g_steal_pointer (&reasons), FALSE);

  /* nothing new: leave the file, and its date, alone */
  if (report->n_resolved == 0)
    return TRUE;

  return flush_symbols (&work, error) && write_footer (&work, error);
}

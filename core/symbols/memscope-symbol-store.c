/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <zstd.h>

#include "memscope-error.h"
#include "memscope-symbol-store.h"

/* Payloads are cut near this size, so that no chunk grows with the recording. */
#define PAYLOAD_SIZE    (1024u * 1024u)

/* Dictionaries that unpack to more than this are no recorder's. */
#define UNPACKED_FLOOR  (256u * 1024u * 1024u)
#define UNPACKED_FACTOR 64u

/* Ids follow each other; where chunks were lost, so many may be missing in all. */
#define MAX_MISSING_IDS 1048576u

struct _MemscopeSymbolStore
{
  int                 fd;
  guint64             append_at;      /* behind the last chunk that counts */
  gboolean            is_open;        /* the old footer is off */

  GArray             *modules;        /* MemscopeStoredModule by id - 1 */
  GArray             *frames;         /* MemscopeStoredFrame by id - 1 */
  GHashTable         *wanted_paths;   /* string id -> path (owned), or NULL until read */
  guint64             n_strings;      /* the highest id */
  guint64             n_missing_ids;
  guint64             unpacked;
  guint64             searched;       /* bytes that failed their checksum */
  guint64             n_events;
  guint64             n_births;

  GHashTable         *string_ids;     /* of what is added: text -> id */
  MemscopeBuffer      strings;
  MemscopeBuffer      symbols;
  MemscopeBuffer      footer;
  MemscopeBuffer      chunk;
};

static void
module_clear (gpointer data)
{
  MemscopeStoredModule *module = data;

  g_clear_pointer (&module->path, g_free);
  g_clear_pointer (&module->build_id, g_bytes_unref);
}

static MemscopeSymbolStore *
memscope_symbol_store_new (void)
{
  MemscopeSymbolStore *self = g_new0 (MemscopeSymbolStore, 1);

  self->fd = -1;
  self->modules = g_array_new (FALSE, TRUE, sizeof (MemscopeStoredModule));
  g_array_set_clear_func (self->modules, module_clear);
  self->frames = g_array_new (FALSE, TRUE, sizeof (MemscopeStoredFrame));
  self->wanted_paths = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->string_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  memscope_buffer_init_malloc (&self->strings);
  memscope_buffer_init_malloc (&self->symbols);
  memscope_buffer_init_malloc (&self->footer);
  memscope_buffer_init_malloc (&self->chunk);

  return self;
}

void
memscope_symbol_store_free (MemscopeSymbolStore *self)
{
  if (self->fd >= 0)
    close (self->fd);

  g_array_unref (self->modules);
  g_array_unref (self->frames);
  g_hash_table_unref (self->wanted_paths);
  g_hash_table_unref (self->string_ids);
  memscope_buffer_clear (&self->strings);
  memscope_buffer_clear (&self->symbols);
  memscope_buffer_clear (&self->footer);
  memscope_buffer_clear (&self->chunk);
  g_free (self);
}

static gboolean
set_error_from_errno (GError     **error,
                      const char  *what)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "%s: %s", what, g_strerror (saved));

  return FALSE;
}

/* ---- reading: what there is ---------------------------------------------------- */

/* Makes room for the element of @id, with zeros up to it. */
static gboolean
reach (MemscopeSymbolStore *self,
       GArray              *array,
       guint64              id)
{
  if (id <= array->len)
    return TRUE;

  if (id - array->len - 1 > MAX_MISSING_IDS - self->n_missing_ids)
    return FALSE;

  self->n_missing_ids += id - array->len - 1;
  g_array_set_size (array, (guint)id);

  return TRUE;
}

static void
read_modules (MemscopeSymbolStore *self,
              const guint8        *payload,
              gsize                length)
{
  MemscopeCursor cursor;
  MemscopeModuleEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, payload, length, &id))
    return;

  for (; memscope_module_next (&cursor, &entry) && reach (self, self->modules, id); id++)
    {
      MemscopeStoredModule *module = &g_array_index (self->modules, MemscopeStoredModule, id - 1);

      /* said again, for instance when it was unloaded */
      module_clear (module);
      module->path_id = entry.path;
      module->build_id = g_bytes_new (entry.build_id, entry.build_id_length);
      g_hash_table_replace (self->wanted_paths, GUINT_TO_POINTER (entry.path), NULL);
    }
}

static void
read_frames (MemscopeSymbolStore *self,
             const guint8        *payload,
             gsize                length)
{
  MemscopeCursor cursor;
  MemscopeFrameEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, payload, length, &id))
    return;

  for (; memscope_frame_next (&cursor, &entry) && reach (self, self->frames, id); id++)
    {
      MemscopeStoredFrame *frame = &g_array_index (self->frames, MemscopeStoredFrame, id - 1);

      frame->entry = entry;
      frame->id = (guint32)id;
    }
}

static void
read_symbols (MemscopeSymbolStore *self,
              const guint8        *payload,
              gsize                length)
{
  MemscopeCursor cursor;
  guint32 frame, n_entries;

  memscope_cursor_init (&cursor, payload, length);

  while (memscope_symbols_next (&cursor, &frame, &n_entries))
    {
      MemscopeSymbolEntry entry;

      for (guint32 i = 0; i < n_entries; i++)
        {
          if (!memscope_symbol_next (&cursor, &entry))
            return;
        }

      if (n_entries > 0 && reach (self, self->frames, frame))
        g_array_index (self->frames, MemscopeStoredFrame, frame - 1).has_symbols = TRUE;
    }
}

static void
count_strings (MemscopeSymbolStore *self,
               const guint8        *payload,
               gsize                length)
{
  MemscopeCursor cursor;
  MemscopeStringEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, payload, length, &id))
    return;

  for (; memscope_string_next (&cursor, &entry); id++)
    self->n_strings = MAX (self->n_strings, id);
}

static void
read_paths (MemscopeSymbolStore *self,
            const guint8        *payload,
            gsize                length)
{
  MemscopeCursor cursor;
  MemscopeStringEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, payload, length, &id))
    return;

  for (; memscope_string_next (&cursor, &entry) && id <= G_MAXUINT32; id++)
    {
      if (g_hash_table_contains (self->wanted_paths, GUINT_TO_POINTER ((guint)id)))
        g_hash_table_replace (self->wanted_paths, GUINT_TO_POINTER ((guint)id),
                              g_strndup ((const char *)entry.bytes, entry.length));
    }
}

typedef void (*ReadFunc) (MemscopeSymbolStore *self,
                          const guint8        *payload,
                          gsize                length);

/* FALSE: the recording unpacks to more than it can. */
static gboolean
read_payload (MemscopeSymbolStore     *self,
              const MemscopeChunkHead *head,
              const guint8            *stored,
              guint64                  file_size,
              ReadFunc                 read)
{
  g_autofree guint8 *raw = NULL;

  self->unpacked += head->raw_size;

  if (self->unpacked > UNPACKED_FLOOR && (self->unpacked - UNPACKED_FLOOR) / UNPACKED_FACTOR > file_size)
    return FALSE;

  if (head->codec == MEMSCOPE_CODEC_RAW)
    {
      read (self, stored, head->stored_size);
      return TRUE;
    }

  raw = g_malloc (MAX (head->raw_size, 1u));

  if (head->codec == MEMSCOPE_CODEC_ZSTD &&
      ZSTD_decompress (raw, head->raw_size, stored, head->stored_size) == head->raw_size)
    read (self, raw, head->raw_size);

  return TRUE;
}

static void
note_chunk (MemscopeSymbolStore     *self,
            const MemscopeChunkHead *head,
            guint64                  offset)
{
  MemscopeFooterEntry entry = { offset, *head };

  memscope_footer_append (&self->footer, &entry);
  self->append_at = offset + sizeof *head + head->stored_size;

  if (head->kind == MEMSCOPE_CHUNK_EVENTS)
    {
      self->n_events = head->first_event + head->n_events;
      self->n_births = head->first_birth + head->n_births;
    }
}

static ReadFunc
first_pass (guint16 kind)
{
  switch (kind)
    {
    case MEMSCOPE_CHUNK_STRINGS:
      return count_strings;

    case MEMSCOPE_CHUNK_MODULES:
      return read_modules;

    case MEMSCOPE_CHUNK_FRAMES:
      return read_frames;

    case MEMSCOPE_CHUNK_SYMBOLS:
      return read_symbols;

    default:
      return NULL;
    }
}

static ReadFunc
second_pass (guint16 kind)
{
  return kind == MEMSCOPE_CHUNK_STRINGS ? read_paths : NULL;
}

/* Where the next chunk may be after something that is none. */
static gsize
skip_damage (MemscopeSymbolStore     *self,
             const guint8            *data,
             gsize                    length,
             MemscopeChunkStatus      status,
             const MemscopeChunkHead *head)
{
  MemscopeTrailer trailer;

  if (length >= sizeof trailer && memscope_trailer_read (data, sizeof trailer, &trailer))
    return sizeof trailer;

  /* overlapping heads must not cost the square of the file's size */
  if (status == MEMSCOPE_CHUNK_BAD_CHECKSUM)
    self->searched += head->stored_size;

  if (self->searched > UNPACKED_FLOOR && status == MEMSCOPE_CHUNK_BAD_CHECKSUM)
    return sizeof *head + head->stored_size;

  return memscope_chunk_resync (data, length, 1);
}

/* Walks the sound chunks of the mapped file. The old footer is no part of what
 * counts, wherever it stands.
 */
static gboolean
walk (MemscopeSymbolStore  *self,
      GMappedFile          *mapped,
      gsize                 at,
      ReadFunc            (*choose) (guint16 kind),
      GError              **error)
{
  const guint8 *data = (const guint8 *)g_mapped_file_get_contents (mapped);
  gsize length = g_mapped_file_get_length (mapped);

  while (at < length)
    {
      MemscopeChunkHead head;
      MemscopeChunkStatus status = memscope_chunk_read (data + at, length - at, &head);
      ReadFunc read;

      if (status != MEMSCOPE_CHUNK_OK)
        {
          at += skip_damage (self, data + at, length - at, status, &head);
          continue;
        }

      if ((read = choose (head.kind)) && !read_payload (self, &head, data + at + sizeof head, length, read))
        {
          g_set_error_literal (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_TOO_LARGE,
                               _("The recording claims to hold more names than a file of its size can"));
          return FALSE;
        }

      if (choose == first_pass && head.kind != MEMSCOPE_CHUNK_FOOTER)
        note_chunk (self, &head, at);

      at += sizeof head + head.stored_size;
    }

  return TRUE;
}

static gboolean
open_file (MemscopeSymbolStore  *self,
           const char           *path,
           GError              **error)
{
  self->fd = g_open (path, O_RDWR | O_CLOEXEC | O_NONBLOCK, 0);

  if (self->fd < 0)
    return set_error_from_errno (error, path);

  if (flock (self->fd, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("%s is still being written"), path);
      return FALSE;
    }

  return TRUE;
}

static gboolean
read_file (MemscopeSymbolStore  *self,
           const char           *path,
           GError              **error)
{
  g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd (self->fd, FALSE, error);
  MemscopeFileHeader header;

  if (!mapped)
    return FALSE;

  if (!memscope_file_header_read (g_mapped_file_get_contents (mapped), g_mapped_file_get_length (mapped), &header) ||
      header.version != MEMSCOPE_FORMAT_VERSION)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION,
                   _("%s is not a native MemScope recording of version %u; only those can take symbols"),
                   path, MEMSCOPE_FORMAT_VERSION);
      return FALSE;
    }

  self->append_at = header.header_size;

  if (!walk (self, mapped, header.header_size, first_pass, error) ||
      !walk (self, mapped, header.header_size, second_pass, error))
    return FALSE;

  for (guint i = 0; i < self->modules->len; i++)
    {
      MemscopeStoredModule *module = &g_array_index (self->modules, MemscopeStoredModule, i);

      module->path = g_strdup (g_hash_table_lookup (self->wanted_paths, GUINT_TO_POINTER (module->path_id)));
    }

  return TRUE;
}

MemscopeSymbolStore *
memscope_symbol_store_open (GFile   *file,
                            GError **error)
{
  g_autoptr(MemscopeSymbolStore) self = memscope_symbol_store_new ();
  g_autofree char *path = g_file_get_path (file);

  if (!path)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           _("Symbols can only be added to a local file"));
      return NULL;
    }

  if (!open_file (self, path, error) || !read_file (self, path, error))
    return NULL;

  return g_steal_pointer (&self);
}

MemscopeStoredFrame *
memscope_symbol_store_get_frames (MemscopeSymbolStore *self,
                                  guint               *n_frames)
{
  *n_frames = self->frames->len;

  return (MemscopeStoredFrame *)(gpointer)self->frames->data;
}

MemscopeStoredModule *
memscope_symbol_store_get_modules (MemscopeSymbolStore *self,
                                   guint               *n_modules)
{
  *n_modules = self->modules->len;

  return (MemscopeStoredModule *)(gpointer)self->modules->data;
}

/* ---- writing: what is added ------------------------------------------------------- */

static gboolean
write_bytes (MemscopeSymbolStore  *self,
             const void           *data,
             gsize                 length,
             GError              **error)
{
  gsize done = 0;

  if (!self->is_open && ftruncate (self->fd, (off_t)self->append_at) != 0)
    return set_error_from_errno (error, _("Writing the symbols failed"));

  self->is_open = TRUE;

  while (done < length)
    {
      ssize_t n = pwrite (self->fd, (const char *)data + done, length - done, (off_t)(self->append_at + done));

      if (n < 0 && errno != EINTR)
        return set_error_from_errno (error, _("Writing the symbols failed"));

      done += n > 0 ? (gsize)n : 0;
    }

  self->append_at += length;

  return TRUE;
}

static gsize
compress_payload (void       *user_data,
                  void       *out,
                  size_t      capacity,
                  const void *raw,
                  size_t      raw_size)
{
  gsize size = ZSTD_compress (out, capacity, raw, raw_size, 3);

  return ZSTD_isError (size) ? 0 : size;
}

static gboolean
write_chunk (MemscopeSymbolStore   *self,
             MemscopeChunkKind      kind,
             const MemscopeBuffer  *payload,
             GError               **error)
{
  MemscopeChunkHead head = {
    .kind = kind, .first_event = self->n_events, .first_birth = self->n_births, .min_address = G_MAXUINT64,
  };
  guint64 offset = self->append_at;

  self->chunk.length = 0;
  memscope_chunk_compress (&self->chunk, &head, payload->data, payload->length,
                           MEMSCOPE_CODEC_ZSTD, compress_payload, NULL);

  if (payload->failed || self->chunk.failed)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, _("There are more symbols than a recording can take"));
      return FALSE;
    }

  if (!write_bytes (self, self->chunk.data, self->chunk.length, error))
    return FALSE;

  memscope_chunk_read (self->chunk.data, self->chunk.length, &head);

  if (kind != MEMSCOPE_CHUNK_FOOTER)
    note_chunk (self, &head, offset);

  return TRUE;
}

/* Strings go first: a reader meets each before the symbol that uses it. */
static gboolean
flush (MemscopeSymbolStore  *self,
       GError              **error)
{
  if (self->strings.length > 0 && !write_chunk (self, MEMSCOPE_CHUNK_STRINGS, &self->strings, error))
    return FALSE;

  self->strings.length = 0;

  if (self->symbols.length > 0 && !write_chunk (self, MEMSCOPE_CHUNK_SYMBOLS, &self->symbols, error))
    return FALSE;

  self->symbols.length = 0;

  return TRUE;
}

guint32
memscope_symbol_store_intern (MemscopeSymbolStore *self,
                              const char          *text)
{
  gpointer id;

  if (!text || self->n_strings >= G_MAXUINT32)
    return 0;

  if (!(id = g_hash_table_lookup (self->string_ids, text)))
    {
      id = GUINT_TO_POINTER ((guint)++self->n_strings);
      g_hash_table_insert (self->string_ids, g_strdup (text), id);

      if (self->strings.length == 0)
        memscope_dictionary_begin (&self->strings, self->n_strings);

      memscope_string_append (&self->strings, text, (guint32)strlen (text));
    }

  return GPOINTER_TO_UINT (id);
}

gboolean
memscope_symbol_store_add (MemscopeSymbolStore        *self,
                           guint32                     frame,
                           const MemscopeSymbolEntry  *entries,
                           guint                       n_entries,
                           GError                    **error)
{
  memscope_symbols_append (&self->symbols, frame, entries, n_entries);

  return self->strings.length + self->symbols.length < PAYLOAD_SIZE || flush (self, error);
}

gboolean
memscope_symbol_store_close (MemscopeSymbolStore  *self,
                             GError              **error)
{
  guint64 footer_offset;
  MemscopeTrailer trailer;

  if (!flush (self, error))
    return FALSE;

  /* nothing was added: the file, and its date, stay as they are */
  if (!self->is_open)
    return TRUE;

  footer_offset = self->append_at;

  if (!write_chunk (self, MEMSCOPE_CHUNK_FOOTER, &self->footer, error))
    return FALSE;

  memscope_trailer_seal (&trailer, footer_offset, self->append_at + sizeof trailer);

  return write_bytes (self, &trailer, sizeof trailer, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memscope-error.h"
#include "memscope-export-file.h"
#include "memscope-format.h"
#include "memscope-repair.h"

/* Overlapping heads must not cost the square of the file's size. */
#define SEARCH_LIMIT (256u * 1024u * 1024u)

typedef struct
{
  guint64 offset;    /* in the damaged file */
  guint64 length;    /* with its head */
} SoundChunk;

typedef struct
{
  GMappedFile          *mapped;
  const guint8         *data;
  gsize                 length;
  gsize                 begin;         /* of the chunks */
  gboolean              good_header;

  GArray               *chunks;        /* SoundChunk, all but ENDs and FOOTERs */
  guint64               kept;
  guint64               searched;
  gboolean              damaged;       /* something that is no part of a recording was passed */
  guint64               n_events;
  guint64               n_births;
  guint64               last_time;     /* microseconds */
  gboolean              gap;           /* events are missing between two chunks, or something else */
  gboolean              have_footer;
  gboolean              have_trailer;
  gboolean              have_end;
  MemscopeEnd           end;
  SoundChunk            end_chunk;
  guint64               indexed;       /* bytes of ends, footers and trailers: written anew */

  MemscopeBuffer        out;           /* what is written next */
  MemscopeBuffer        payload;
  MemscopeBuffer        footer;
  guint64               written;
  MemscopeProgressFunc  progress;
  gpointer              progress_data;
} Repair;

static void
repair_clear (Repair *self)
{
  g_clear_pointer (&self->mapped, g_mapped_file_unref);
  g_clear_pointer (&self->chunks, g_array_unref);
  memscope_buffer_clear (&self->out);
  memscope_buffer_clear (&self->payload);
  memscope_buffer_clear (&self->footer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Repair, repair_clear)

/* ---- what there is ------------------------------------------------------------------- */

static gboolean
set_error_from_errno (GError **error)
{
  int saved = errno;

  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (saved), g_strerror (saved));

  return FALSE;
}

/* The lock is the collector's, held as long as it writes. */
static gboolean
open_source (Repair      *self,
             const char  *path,
             GError     **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat info;

  if (fd < 0)
    return set_error_from_errno (error);

  if (fstat (fd, &info) == 0 && !S_ISREG (info.st_mode))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _("It is no file"));
  else if (flock (fd, LOCK_SH | LOCK_NB) != 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, _("It is still being written"));
  else
    self->mapped = g_mapped_file_new_from_fd (fd, FALSE, error);
  close (fd);

  if (self->mapped == NULL)
    return FALSE;

  self->data = (const guint8 *) g_mapped_file_get_contents (self->mapped);
  self->length = g_mapped_file_get_length (self->mapped);

  return TRUE;
}

static gboolean
read_header (Repair  *self,
             GError **error)
{
  MemscopeFileHeader header = { 0 };
  guint32 version = 0;

  if (self->length >= 12)
    memcpy (&version, self->data + 8, sizeof version);

  if (self->length < sizeof header || memcmp (self->data, MEMSCOPE_FORMAT_MAGIC, 8) != 0 ||
      GUINT32_FROM_LE (version) != MEMSCOPE_FORMAT_VERSION)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION,
                   _("It is not a native MemScope recording of version %u; only those can be repaired"),
                   MEMSCOPE_FORMAT_VERSION);
      return FALSE;
    }

  self->good_header = memscope_file_header_read (self->data, self->length, &header) && header.header_size <= self->length;
  self->begin = self->good_header ? header.header_size : sizeof header;

  return TRUE;
}

static void
note_end (Repair                  *self,
          const MemscopeChunkHead *head,
          const SoundChunk        *chunk)
{
  MemscopeCursor cursor;
  MemscopeEnd end;

  /* Ends are written as they are: nothing would be gained. */
  if (head->codec != MEMSCOPE_CODEC_RAW)
    return;

  memscope_cursor_init (&cursor, self->data + chunk->offset + sizeof *head, head->stored_size);
  if (!memscope_end_next (&cursor, &end))
    return;

  self->have_end = TRUE;
  self->end = end;
  self->end_chunk = *chunk;
}

static void
note_chunk (Repair                  *self,
            const MemscopeChunkHead *head,
            guint64                  offset)
{
  const SoundChunk chunk = { offset, sizeof *head + head->stored_size };

  /* What is sound behind damage shows that something between was lost. */
  self->gap |= self->damaged;
  if (head->kind == MEMSCOPE_CHUNK_FOOTER || head->kind == MEMSCOPE_CHUNK_END)
    {
      self->have_footer |= head->kind == MEMSCOPE_CHUNK_FOOTER;
      self->indexed += chunk.length;
      if (head->kind == MEMSCOPE_CHUNK_END)
        note_end (self, head, &chunk);
      return;
    }

  g_array_append_val (self->chunks, chunk);
  self->kept += chunk.length;
  if (head->kind == MEMSCOPE_CHUNK_EVENTS)
    {
      self->gap |= head->first_event > self->n_events;
      self->n_events = head->first_event + head->n_events;
      self->n_births = head->first_birth + head->n_births;
      self->last_time = MAX (self->last_time, head->last_time);
    }
}

/* The same way through the file as a reader takes. */
static gboolean
walk (Repair        *self,
      GCancellable  *cancellable,
      GError       **error)
{
  for (gsize at = self->begin; at < self->length; )
    {
      const guint8 *data = self->data + at;
      gsize left = self->length - at;
      MemscopeChunkHead head;
      MemscopeTrailer trailer;
      MemscopeChunkStatus status = memscope_chunk_read (data, left, &head);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      if (status == MEMSCOPE_CHUNK_OK)
        {
          note_chunk (self, &head, at);
          at += sizeof head + head.stored_size;
          continue;
        }
      if (left >= sizeof trailer && memscope_trailer_read (data, sizeof trailer, &trailer))
        {
          self->have_trailer = trailer.file_size == at + sizeof trailer;
          self->indexed += sizeof trailer;
          at += sizeof trailer;
          continue;
        }

      self->damaged = TRUE;
      if (status == MEMSCOPE_CHUNK_BAD_CHECKSUM && (self->searched += head.stored_size) > SEARCH_LIMIT)
        at += sizeof head + head.stored_size;
      else
        at += memscope_chunk_resync (data, left, 1);
    }

  return TRUE;
}

/* ---- the copy -------------------------------------------------------------------------- */

static gboolean
put (Repair         *self,
     GOutputStream  *stream,
     const void     *data,
     gsize           length,
     GCancellable   *cancellable,
     GError        **error)
{
  if (!g_output_stream_write_all (stream, data, length, NULL, cancellable, error))
    return FALSE;

  self->written += length;
  if (self->progress != NULL)
    self->progress (MIN (self->written, self->kept), self->kept, self->progress_data);

  return TRUE;
}

static gboolean
put_header (Repair         *self,
            GOutputStream  *stream,
            GCancellable   *cancellable,
            GError        **error)
{
  MemscopeFileHeader header = { 0 };

  if (self->good_header)
    return put (self, stream, self->data, self->begin, cancellable, error);

  /* Nobody knows which of its fields are wrong: what it says beyond the version is left open. */
  memscope_file_header_seal (&header);

  return put (self, stream, &header, sizeof header, cancellable, error);
}

/* A chunk, which must go into the index, as it stands in memory. */
static gboolean
put_chunk (Repair         *self,
           GOutputStream  *stream,
           const guint8   *data,
           gsize           length,
           GCancellable   *cancellable,
           GError        **error)
{
  MemscopeFooterEntry entry = { .offset = self->written };

  memscope_chunk_read (data, length, &entry.head);
  memscope_footer_append (&self->footer, &entry);

  return put (self, stream, data, length, cancellable, error);
}

static MemscopeChunkHead
new_head (Repair            *self,
          MemscopeChunkKind  kind)
{
  return (MemscopeChunkHead) {
    .kind = kind,
    .first_event = self->n_events,
    .first_birth = self->n_births,
    .first_time = self->end.time,
    .last_time = self->end.time,
    .min_address = G_MAXUINT64,
  };
}

static gboolean
put_end (Repair         *self,
         gboolean        whole,
         GOutputStream  *stream,
         GCancellable   *cancellable,
         GError        **error)
{
  MemscopeChunkHead head;

  if (whole)
    return put_chunk (self, stream, self->data + self->end_chunk.offset, self->end_chunk.length, cancellable, error);

  if (!self->have_end)
    self->end = (MemscopeEnd) {
      .time = self->last_time,
      .failed_allocations = MEMSCOPE_NOT_RECORDED,
      .unmatched_frees = MEMSCOPE_NOT_RECORDED,
      .truncated_stacks = MEMSCOPE_NOT_RECORDED,
    };
  self->end.reason = MEMSCOPE_END_REPAIRED;
  self->end.status = 0;
  /* What was lost behind the last sound chunk, where the old end knew of it, stays counted. */
  self->end.n_events = MAX (self->end.n_events, self->n_events);
  self->end.n_births = MAX (self->end.n_births, self->n_births);

  head = new_head (self, MEMSCOPE_CHUNK_END);
  memscope_end_append (&self->payload, &self->end);
  memscope_chunk_compress (&self->out, &head, self->payload.data, self->payload.length, MEMSCOPE_CODEC_RAW, NULL, NULL);

  return put_chunk (self, stream, self->out.data, self->out.length, cancellable, error);
}

static gboolean
put_index (Repair         *self,
           GOutputStream  *stream,
           GCancellable   *cancellable,
           GError        **error)
{
  MemscopeChunkHead head = new_head (self, MEMSCOPE_CHUNK_FOOTER);
  guint64 footer_offset = self->written;
  MemscopeTrailer trailer;

  self->out.length = 0;
  memscope_chunk_compress (&self->out, &head, self->footer.data, self->footer.length, MEMSCOPE_CODEC_RAW, NULL, NULL);
  if (self->out.failed || self->footer.failed || self->footer.length > MEMSCOPE_CHUNK_MAX_SIZE)
    {
      g_set_error_literal (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_TOO_LARGE, _("It has more parts than an index can take"));
      return FALSE;
    }

  if (!put (self, stream, self->out.data, self->out.length, cancellable, error))
    return FALSE;

  memscope_trailer_seal (&trailer, footer_offset, self->written + sizeof trailer);

  return put (self, stream, &trailer, sizeof trailer, cancellable, error);
}

/* All is sound from the beginning to the end; behind it there are only an index, or what a
 * cut left of one, and symbols that were being added.
 */
static gboolean
is_whole (const Repair *self)
{
  return self->good_header && self->have_end && self->end.reason != MEMSCOPE_END_REPAIRED && !self->gap &&
         self->end.n_events == self->n_events;
}

static gboolean
write_copy (GOutputStream  *stream,
            gpointer        user_data,
            GCancellable   *cancellable,
            GError        **error)
{
  Repair *self = user_data;

  if (!put_header (self, stream, cancellable, error))
    return FALSE;

  for (guint i = 0; i < self->chunks->len; i++)
    {
      const SoundChunk *chunk = &g_array_index (self->chunks, SoundChunk, i);

      if (!put_chunk (self, stream, self->data + chunk->offset, chunk->length, cancellable, error))
        return FALSE;
    }

  return put_end (self, is_whole (self), stream, cancellable, error) && put_index (self, stream, cancellable, error);
}

static gboolean
is_same_file (const char *a,
              const char *b)
{
  struct stat one, other;

  return stat (a, &one) == 0 && stat (b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

gboolean
memscope_repair_file (GFile                 *from,
                      GFile                 *to,
                      MemscopeRepairReport  *report,
                      GCancellable          *cancellable,
                      MemscopeProgressFunc   progress,
                      gpointer               progress_data,
                      GError               **error)
{
  g_auto (Repair) self = { .progress = progress, .progress_data = progress_data };
  g_autofree char *from_path = NULL;
  g_autofree char *to_path = NULL;

  g_return_val_if_fail (G_IS_FILE (from), FALSE);
  g_return_val_if_fail (G_IS_FILE (to), FALSE);
  g_return_val_if_fail (report != NULL, FALSE);

  *report = (MemscopeRepairReport) { 0 };
  memscope_buffer_init_malloc (&self.out);
  memscope_buffer_init_malloc (&self.payload);
  memscope_buffer_init_malloc (&self.footer);
  self.chunks = g_array_new (FALSE, FALSE, sizeof (SoundChunk));

  from_path = g_file_get_path (from);
  to_path = g_file_get_path (to);
  if (from_path == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("Only a local file can be repaired"));
      return FALSE;
    }
  if (to_path != NULL && is_same_file (from_path, to_path))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The copy cannot take the place of the recording"));
      return FALSE;
    }

  if (!open_source (&self, from_path, error) || !read_header (&self, error) || !walk (&self, cancellable, error))
    return FALSE;

  report->whole = is_whole (&self);
  report->needed = !(report->whole && self.have_footer && self.have_trailer);
  /* Repaired before: it is closed and indexed, and there is no more to be had. */
  if (self.have_end && self.end.reason == MEMSCOPE_END_REPAIRED && self.have_footer && self.have_trailer && !self.damaged)
    report->needed = FALSE;
  report->kept_bytes = self.kept;
  report->left_bytes = self.length - MIN (self.begin + self.kept + self.indexed, self.length);

  return !report->needed || memscope_export_to_file (to, write_copy, &self, cancellable, error);
}

GFile *
memscope_repair_suggest (GFile *from)
{
  g_autoptr(GFile) folder = g_file_get_parent (from);
  g_autofree char *base = g_file_get_basename (from);

  g_return_val_if_fail (folder != NULL, NULL);

  if (g_str_has_suffix (base, ".memscope"))
    base[strlen (base) - strlen (".memscope")] = '\0';

  for (guint n = 1; ; n++)
    {
      g_autofree char *name = n == 1 ? g_strdup_printf ("%s.repaired.memscope", base)
                                     : g_strdup_printf ("%s.repaired-%u.memscope", base, n);
      g_autoptr(GFile) file = g_file_get_child (folder, name);

      if (!g_file_query_exists (file, NULL) || n == 1000)
        return g_steal_pointer (&file);
    }
}

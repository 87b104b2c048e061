/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "memscope-error.h"
#include "memscope-file-bytes.h"
#include "memscope-native-content.h"
#include "memscope-native-reader.h"

/* Bytes whose checksum may turn out wrong before the reader stops looking inside
 * chunks that fail it, and skips them as they say of themselves. Without that
 * a file of many overlapping heads would cost the square of its size.
 */
#define SEARCH_FLOOR   (256u * 1024u * 1024u)
#define SEARCH_FACTOR  4u

/* Live streams are fed in pieces of any size; more than this is not gathered at once. */
#define MAX_SLICE      (16u * 1024u * 1024u)

#define MAX_THREADS    16u

struct _MemscopeNativeReader
{
  MemscopeNativeContent  content;
  MemscopeSessionBuilder *builder;
  GByteArray             *pending;         /* fed, not yet consumed */
  guint64                 position;        /* in the file, of what comes next */
  guint64                 fed;
  guint64                 header_left;     /* bytes of the header still to skip */
  guint64                 searched;        /* bytes that failed their checksum */
  guint64                 damaged_parts;
  guint64                 damage_offset;   /* of the first damage */
  guint64                 cut_offset;      /* of the chunk that the file ends in */

  gboolean                have_header;
  gboolean                have_trailer;
  gboolean                in_damage;       /* since the last good chunk */
  gboolean                is_cut;
  gboolean                too_large;
  gboolean                ended;           /* no more bytes come */

  guint                   n_segments;      /* read so far, of a rotated recording; 0: it is a file of its own */
  gboolean                all_closed;      /* all of them, but for the last */
};

MemscopeNativeReader *
memscope_native_reader_new (MemscopeSessionBuilder *builder)
{
  MemscopeNativeReader *self = g_new0 (MemscopeNativeReader, 1);

  self->builder = builder;
  self->pending = g_byte_array_new ();
  memscope_native_content_init (&self->content, builder);

  return self;
}

void
memscope_native_reader_free (MemscopeNativeReader *self)
{
  memscope_native_content_clear (&self->content);
  g_byte_array_unref (self->pending);
  g_free (self);
}

guint64
memscope_native_reader_get_position (MemscopeNativeReader *self)
{
  return self->position;
}

gboolean
memscope_native_reader_sniff (const void *data,
                              gsize       length)
{
  guint32 version;

  if (length < 12 || memcmp (data, MEMSCOPE_FORMAT_MAGIC, 8) != 0)
    return FALSE;

  memcpy (&version, (const guint8 *)data + 8, sizeof version);
  version = GUINT32_FROM_LE (version);

  /* beyond that it is text: memscope-rs's lock-free tracker spells its name there */
  return version >= MEMSCOPE_FORMAT_VERSION && version < 0x10000;
}

/* Damage is counted by stretches: what lies between two good chunks is one. */
static void
note_damage (MemscopeNativeReader *self)
{
  if (!self->in_damage && self->damaged_parts++ == 0)
    self->damage_offset = self->position;

  self->in_damage = TRUE;
}

/* ---- the header -------------------------------------------------------------- */

static gboolean
check_beginning (const guint8  *data,
                 gsize          length,
                 GError       **error)
{
  guint32 version;

  if (length > 0 && memcmp (data, MEMSCOPE_FORMAT_MAGIC, MIN (length, 8)) != 0)
    {
      g_set_error_literal (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION,
                           _("The file is not a MemScope recording: it does not begin with MEMSCOPE"));
      return FALSE;
    }

  if (length < 12)
    return TRUE;

  memcpy (&version, data + 8, sizeof version);
  version = GUINT32_FROM_LE (version);

  if (version != MEMSCOPE_FORMAT_VERSION)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_UNSUPPORTED_VERSION,
                   _("The recording has format version %u; this program reads 1 to 3 and %u. A newer MemScope may open it"),
                   version, MEMSCOPE_FORMAT_VERSION);
      return FALSE;
    }

  return TRUE;
}

/* @used: what of @data it took; 0 while more bytes are needed. */
static gboolean
read_header (MemscopeNativeReader  *self,
             const guint8          *data,
             gsize                  length,
             gsize                 *used,
             GError               **error)
{
  MemscopeFileHeader header;

  *used = 0;

  if (!check_beginning (data, length, error))
    return FALSE;

  if (length < sizeof header)
    {
      if (!self->ended)
        return TRUE;

      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED,
                   _("The file ends after %zu bytes, inside its header: nothing of the recording is there"),
                   length);
      return FALSE;
    }

  if (memscope_file_header_read (data, length, &header))
    {
      memscope_session_builder_set_time_origin (self->builder, header.created_unix_ns);
      memscope_session_builder_set_accounted (self->builder, (header.flags & MEMSCOPE_FILE_ACCOUNTED) != 0);
      if (memscope_file_header_get_segment (&header) > 1 && !self->content.carries)
        memscope_native_content_begin_segment (&self->content);
      self->header_left = header.header_size - sizeof header;
    }
  else
    {
      /* the chunks carry checksums of their own: go on and look for the first */
      note_damage (self);
    }

  memscope_session_builder_set_format (self->builder, "native", MEMSCOPE_FORMAT_VERSION, NULL);
  self->have_header = TRUE;
  *used = sizeof header;

  return TRUE;
}

/* ---- the stream ---------------------------------------------------------------- */

static gboolean
read_trailer (MemscopeNativeReader *self,
              const guint8         *data,
              gsize                 length)
{
  MemscopeTrailer trailer;

  if (!self->content.have_footer || length < sizeof trailer ||
      !memscope_trailer_read (data, sizeof trailer, &trailer) ||
      trailer.file_size != self->position + sizeof trailer)
    return FALSE;

  self->have_trailer = TRUE;

  return TRUE;
}

static void
read_chunk (MemscopeNativeReader    *self,
            const MemscopeChunkHead *head,
            const guint8            *stored)
{
  self->in_damage = FALSE;

  switch (memscope_native_content_add (&self->content, head, stored, self->position, self->fed))
    {
    case MEMSCOPE_CONTENT_USED:
      break;

    case MEMSCOPE_CONTENT_TOO_LARGE:
      self->too_large = TRUE;
      break;

    case MEMSCOPE_CONTENT_DAMAGED:
    default:
      note_damage (self);
      self->in_damage = FALSE;
    }
}

/* How far it is to the next thing that may be a chunk. */
static gsize
skip_damage (MemscopeNativeReader    *self,
             const guint8            *data,
             gsize                    length,
             MemscopeChunkStatus      status,
             const MemscopeChunkHead *head)
{
  gsize step;

  if (status == MEMSCOPE_CHUNK_BAD_CHECKSUM)
    {
      self->searched += head->stored_size;

      if (self->searched / SEARCH_FACTOR > self->fed + SEARCH_FLOOR)
        {
          note_damage (self);
          return sizeof *head + head->stored_size;
        }
    }

  step = memscope_chunk_resync (data, length, 1);

  /* Nothing follows a chunk that was begun and is plausible: the tail was cut. */
  if (status == MEMSCOPE_CHUNK_INCOMPLETE && step == length && !self->in_damage)
    {
      self->is_cut = TRUE;
      self->cut_offset = self->position;
      return step;
    }

  note_damage (self);

  /* a sync word may be cut in two by the end of what is here */
  if (step == length && !self->ended)
    step = length > 4 ? length - 3 : 1;

  return step;
}

/* Consumes one thing at the beginning of @data; returns its length, or 0 when it
 * is not all there yet.
 */
static gsize
consume (MemscopeNativeReader *self,
         const guint8         *data,
         gsize                 length)
{
  MemscopeChunkStatus status;
  MemscopeChunkHead head;

  if (self->header_left > 0)
    {
      gsize step = (gsize)MIN (self->header_left, length);

      self->header_left -= step;
      return step;
    }

  status = memscope_chunk_read (data, length, &head);

  if (status == MEMSCOPE_CHUNK_OK)
    {
      read_chunk (self, &head, data + sizeof head);
      return sizeof head + head.stored_size;
    }

  if (read_trailer (self, data, length))
    return sizeof (MemscopeTrailer);

  if (status == MEMSCOPE_CHUNK_INCOMPLETE && !self->ended)
    return 0;

  return skip_damage (self, data, length, status, &head);
}

static gboolean
feed_slice (MemscopeNativeReader  *self,
            const guint8          *data,
            guint                  length,
            GError               **error)
{
  gsize at = 0;

  g_byte_array_append (self->pending, data, length);

  if (!self->have_header && !read_header (self, self->pending->data, self->pending->len, &at, error))
    return FALSE;

  self->position += at;

  while (self->have_header && at < self->pending->len && !self->too_large)
    {
      gsize step = consume (self, self->pending->data + at, self->pending->len - at);

      if (step == 0)
        break;

      at += step;
      self->position += step;
    }

  g_byte_array_remove_range (self->pending, 0, self->too_large ? self->pending->len : (guint)at);

  return TRUE;
}

gboolean
memscope_native_reader_feed (MemscopeNativeReader  *self,
                             const void            *data,
                             gsize                  length,
                             GError               **error)
{
  const guint8 *bytes = data;

  self->fed += length;

  for (gsize at = 0; at < length && !self->too_large; at += MAX_SLICE)
    {
      if (!feed_slice (self, bytes + at, (guint)MIN (length - at, MAX_SLICE), error))
        return FALSE;
    }

  return TRUE;
}

/* ---- what to say about it ---------------------------------------------------------- */

static void
say_what_is_damaged (MemscopeNativeReader *self)
{
  if (self->too_large)
    memscope_session_builder_add_warning (self->builder,
      _("Reading stopped at byte %lu: what follows claims more than a file of this size can hold, or than this machine has memory for"),
      (gulong)self->position);

  if (self->damaged_parts > 0)
    memscope_session_builder_add_warning (self->builder,
      g_dngettext (GETTEXT_PACKAGE,
                   "%lu part of the file is damaged (from byte %lu on) and was left out",
                   "%lu parts of the file are damaged (from byte %lu on) and were left out",
                   self->damaged_parts),
      (gulong)self->damaged_parts, (gulong)self->damage_offset);

  if (self->content.lost_events > 0)
    memscope_session_builder_add_warning (self->builder,
      g_dngettext (GETTEXT_PACKAGE,
                   "%lu event is missing from the file",
                   "%lu events are missing from the file",
                   self->content.lost_events),
      (gulong)self->content.lost_events);
}

static void
say_where_it_ends (MemscopeNativeReader *self)
{
  if (self->too_large)
    return;

  if (self->content.missing_events > 0 && self->n_segments == 0)
    memscope_session_builder_add_warning (self->builder,
      _("This is one segment of a longer recording: what was before is not in it. Open the folder to see all segments as one"));

  if (self->content.repaired)
    memscope_session_builder_add_warning (self->builder,
      _("The recording was cut or damaged, and repaired since. Everything that was left is shown"));
  else if (self->is_cut)
    memscope_session_builder_add_warning (self->builder,
      _("The file was cut at byte %lu: the recorder was killed, or is still writing. Everything before is shown"),
      (gulong)self->cut_offset);
  else if (!self->content.have_end)
    memscope_session_builder_add_warning (self->builder,
      _("The recording was not closed: the recorder was killed, or is still writing. Everything up to there is shown"));
}

static const char *
gap_reason (guint reason)
{
  switch (reason)
    {
    case MEMSCOPE_GAP_RING_FULL:
      return _("a buffer of the recorder was full");

    case MEMSCOPE_GAP_COLLECTOR_STALLED:
      return _("the collector made no progress");

    case MEMSCOPE_GAP_PAUSED:
      return _("recording was paused");

    case MEMSCOPE_GAP_NESTED:
      return _("signal handlers interrupted each other inside the recorder");

    case MEMSCOPE_GAP_FORK:
      return _("a child process could not register with the collector");

    case MEMSCOPE_GAP_DAMAGED:
      return _("the program wrote over a buffer of the recorder");

    case MEMSCOPE_GAP_DEATHS:
      return _("more sampled blocks were alive than can be watched: the deaths of so many were not seen");

    case MEMSCOPE_GAP_SEGMENT:
      return _("a segment of the recording is missing");

    default:
      return _("of a reason this version does not know");
    }
}

static void
say_what_was_not_recorded (MemscopeNativeReader *self)
{
  for (guint reason = 0; reason < MEMSCOPE_N_GAP_REASONS; reason++)
    {
      const MemscopeGapSum *sum = &self->content.gaps[reason];

      if (sum->n == 0)
        continue;

      if (sum->events == 0 && sum->n_silent > 0)
        memscope_session_builder_add_warning (self->builder,
          g_dngettext (GETTEXT_PACKAGE,
                       "For %u stretch of time events were not recorded, nobody knows how many, because %s",
                       "For %u stretches of time events were not recorded, nobody knows how many, because %s",
                       sum->n),
          sum->n, gap_reason (reason));
      else
        memscope_session_builder_add_warning (self->builder,
          g_dngettext (GETTEXT_PACKAGE,
                       "%lu event (%lu bytes requested) was not recorded because %s",
                       "%lu events (%lu bytes requested) were not recorded because %s",
                       sum->events),
          (gulong)sum->events, (gulong)sum->bytes, gap_reason (reason));
    }
}

static void
settle (MemscopeNativeReader *self)
{
  MemscopeNativeContent *content = &self->content;

  memscope_native_content_flush (content);
  if (content->n_damaged > 0)
    {
      self->damage_offset = self->damaged_parts > 0 ? MIN (self->damage_offset, content->damage_offset) : content->damage_offset;
      self->damaged_parts += content->n_damaged;
    }

  say_what_is_damaged (self);
  say_where_it_ends (self);
  say_what_was_not_recorded (self);

  memscope_session_builder_set_complete (self->builder,
                                         content->have_end && !content->repaired && self->have_trailer && !self->too_large &&
                                         self->damaged_parts == 0 && content->lost_events == 0 &&
                                         content->missing_events == 0 && (self->n_segments == 0 || self->all_closed));
}

gboolean
memscope_native_reader_finish (MemscopeNativeReader  *self,
                               GError               **error)
{
  self->ended = TRUE;

  if (!feed_slice (self, NULL, 0, error))
    return FALSE;

  settle (self);

  return TRUE;
}

gboolean
memscope_native_reader_read (MemscopeSessionBuilder  *builder,
                             GBytes                  *bytes,
                             GCancellable            *cancellable,
                             MemscopeProgressFunc     progress,
                             gpointer                 progress_data,
                             GError                 **error)
{
  g_autoptr(MemscopeNativeReader) self = memscope_native_reader_new (builder);
  gsize length, at;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  self->ended = TRUE;
  self->fed = length;
  memscope_native_content_set_threads (&self->content, CLAMP (g_get_num_processors (), 2, MAX_THREADS));

  if (!read_header (self, data, length, &at, error))
    return FALSE;

  self->position = at;

  while (at < length && !self->too_large)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      at += consume (self, data + at, length - at);
      self->position = at;

      if (progress)
        progress (at, length, progress_data);
    }

  settle (self);

  return TRUE;
}

/* ---- the outline ------------------------------------------------------------------------- */

typedef struct
{
  MemscopeNativeReader *reader;
  int                   fd;
  guint64               file_size;
  GByteArray           *bytes;
  guint64               n_events;
  guint64               last_time;     /* of the events, microseconds */
} Outline;

static gboolean
read_at (Outline *self,
         guint64  offset,
         guint64  length)
{
  if (offset > self->file_size || length > self->file_size - offset || length > G_MAXUINT)
    return FALSE;

  g_byte_array_set_size (self->bytes, (guint)length);

  return pread (self->fd, self->bytes->data, length, (off_t)offset) == (gssize)length;
}

/* Reads and checks the chunk at @offset. */
static gboolean
read_chunk_at (Outline           *self,
               guint64            offset,
               guint64            stored_size,
               MemscopeChunkHead *head)
{
  return read_at (self, offset, sizeof *head + stored_size) &&
         memscope_chunk_read (self->bytes->data, self->bytes->len, head) == MEMSCOPE_CHUNK_OK &&
         head->stored_size == stored_size;
}

static gboolean
outline_read_header (Outline *self)
{
  g_autoptr(GError) error = NULL;
  gsize used;

  return read_at (self, 0, sizeof (MemscopeFileHeader)) &&
         read_header (self->reader, self->bytes->data, self->bytes->len, &used, &error) && self->reader->damaged_parts == 0;
}

/* The entries of the footer, as bytes of the caller's. */
static GByteArray *
outline_read_index (Outline *self)
{
  MemscopeChunkHead head;
  MemscopeTrailer trailer;

  if (self->file_size < sizeof trailer || !read_at (self, self->file_size - sizeof trailer, sizeof trailer) ||
      !memscope_trailer_read (self->bytes->data, sizeof trailer, &trailer) || trailer.file_size != self->file_size ||
      trailer.footer_offset > self->file_size - sizeof trailer - sizeof head ||
      !read_chunk_at (self, trailer.footer_offset,
                      self->file_size - sizeof trailer - sizeof head - trailer.footer_offset, &head) ||
      head.kind != MEMSCOPE_CHUNK_FOOTER)
    return NULL;

  self->reader->have_trailer = self->reader->content.have_footer = TRUE;

  return memscope_native_content_unpack (&self->reader->content, &head, self->bytes->data + sizeof head);
}

static gboolean
outline_add (Outline                   *self,
             const MemscopeFooterEntry *entry)
{
  MemscopeNativeContent *content = &self->reader->content;
  MemscopeChunkHead head;

  switch (entry->head.kind)
    {
    case MEMSCOPE_CHUNK_EVENTS:
      if (entry->head.first_event != self->n_events)
        return FALSE;
      self->n_events += entry->head.n_events;
      self->last_time = MAX (self->last_time, entry->head.last_time);
      return TRUE;

    case MEMSCOPE_CHUNK_CHECKPOINT:
      return TRUE;

    /* what the program says of its blocks is not in the overview */
    case MEMSCOPE_CHUNK_ANNOTATIONS:
      return FALSE;

    case MEMSCOPE_CHUNK_END:
      content->next_event = self->n_events;
      break;

    default:
      break;
    }

  return read_chunk_at (self, entry->offset, entry->head.stored_size, &head) && head.kind == entry->head.kind &&
         memscope_native_content_add (content, &head, self->bytes->data + sizeof head, entry->offset,
                                      self->file_size) == MEMSCOPE_CONTENT_USED;
}

static gboolean
outline_read (Outline *self)
{
  MemscopeNativeContent *content = &self->reader->content;
  g_autoptr(GByteArray) index = NULL;
  MemscopeFooterEntry entry;
  MemscopeCursor cursor;

  if (!outline_read_header (self) || (index = outline_read_index (self)) == NULL)
    return FALSE;

  memscope_cursor_init (&cursor, index->data, index->len);
  while (memscope_footer_next (&cursor, &entry))
    {
      if (!outline_add (self, &entry))
        return FALSE;
    }

  return !cursor.failed && content->have_end && content->lost_events == 0 &&
         content->unmatched_frees != MEMSCOPE_NOT_RECORDED &&
         memscope_session_builder_make_outline (self->reader->builder, self->n_events, self->last_time,
                                                content->unmatched_frees);
}

gboolean
memscope_native_reader_read_outline (MemscopeSessionBuilder *builder,
                                     int                     fd,
                                     guint64                 file_size)
{
  g_autoptr(MemscopeNativeReader) reader = memscope_native_reader_new (builder);
  Outline self = { .reader = reader, .fd = fd, .file_size = file_size, .bytes = g_byte_array_new () };
  gboolean done;

  reader->ended = TRUE;
  reader->fed = file_size;
  done = outline_read (&self);
  if (done)
    settle (reader);
  g_byte_array_unref (self.bytes);

  return done;
}

/* ---- segments --------------------------------------------------------------------------- */

static gboolean
is_native (const guint8  *head,
           gsize          length,
           GError       **error)
{
  return check_beginning (head, length, error);
}

static void
say_segment_is_missing (MemscopeNativeReader *self,
                        guint                 first,
                        guint                 last)
{
  if (first == 1)
    memscope_session_builder_add_warning (self->builder,
      g_dngettext (GETTEXT_PACKAGE,
                   "The recording began earlier: its first segment is not here. Older segments are removed where only so many are kept",
                   "The recording began earlier: its first %u segments are not here. Older segments are removed where only so many are kept",
                   last),
      last);
  else if (first == last)
    memscope_session_builder_add_warning (self->builder,
      _("Segment %u is missing: what happened in it is not known"), first);
  else
    memscope_session_builder_add_warning (self->builder,
      _("Segments %u to %u are missing: what happened in them is not known"), first, last);
}

/* Of all but the last, of which it is said as of any file. */
static void
check_closed (MemscopeNativeReader *self,
              guint                 number)
{
  if (self->is_cut || !self->content.have_end)
    {
      self->all_closed = FALSE;
      memscope_session_builder_add_warning (self->builder,
        _("Segment %u was not closed: what came last in it is missing"), number);
    }
}

static gboolean
read_segment (MemscopeNativeReader  *self,
              GBytes                *bytes,
              MemscopeReading       *reading,
              GError               **error)
{
  gsize length, at;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  self->position = self->header_left = 0;
  self->have_header = self->have_trailer = self->in_damage = self->is_cut = FALSE;
  self->fed += length;

  if (!read_header (self, data, length, &at, error))
    return FALSE;

  self->position = at;
  while (at < length && !self->too_large)
    {
      if (!memscope_reading_step (reading, at, error))
        return FALSE;

      at += consume (self, data + at, length - at);
      self->position = at;
    }
  memscope_native_content_flush (&self->content);

  return TRUE;
}

/* One that can't be read is as good as missing. FALSE: cancelled. */
static gboolean
add_segment (MemscopeNativeReader  *self,
             MemscopeSegments      *segments,
             guint                  i,
             MemscopeReading       *reading,
             GError               **error)
{
  MemscopeReading quiet = { .cancellable = reading->cancellable };
  guint number = memscope_segments_get_number (segments, i);
  g_autoptr(GError) local_error = NULL;
  g_autoptr(GBytes) bytes = NULL;

  memscope_session_builder_begin_segment (self->builder);
  memscope_native_content_begin_segment (&self->content);

  bytes = memscope_file_bytes_read (memscope_segments_get_file (segments, i), is_native, &quiet, &local_error);
  if (bytes != NULL && read_segment (self, bytes, reading, &local_error))
    {
      reading->done_before += g_bytes_get_size (bytes);
      self->n_segments++;
      if (i + 1 < memscope_segments_get_n (segments))
        check_closed (self, number);
      return TRUE;
    }

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  self->all_closed = FALSE;
  memscope_session_builder_add_warning (self->builder, _("Segment %u can’t be read: %s"), number, local_error->message);

  return TRUE;
}

static void
say_what_else_is_there (MemscopeNativeReader *self,
                        MemscopeSegments     *segments)
{
  const char *const *others = memscope_segments_get_others (segments);
  guint n = g_strv_length ((char **) others);
  g_autofree char *names = n > 0 ? g_strjoinv (", ", (char **) others) : NULL;

  if (n > 0)
    memscope_session_builder_add_warning (self->builder,
      g_dngettext (GETTEXT_PACKAGE,
                   "The folder holds another process too: %s. Its name behind that of the folder opens it",
                   "The folder holds other processes too: %s. Their names behind that of the folder open them", n),
      names);
}

gboolean
memscope_native_reader_read_segments (MemscopeSessionBuilder  *builder,
                                      MemscopeSegments        *segments,
                                      MemscopeReading         *reading,
                                      GError                 **error)
{
  g_autoptr(MemscopeNativeReader) self = memscope_native_reader_new (builder);
  guint expected = 1;

  self->ended = self->all_closed = TRUE;
  memscope_native_content_set_threads (&self->content, CLAMP (g_get_num_processors (), 2, MAX_THREADS));
  reading->total = memscope_segments_get_size (segments);

  for (guint i = 0; i < memscope_segments_get_n (segments) && !self->too_large; i++)
    {
      guint number = memscope_segments_get_number (segments, i);

      if (number > expected)
        say_segment_is_missing (self, expected, number - 1);
      if (!add_segment (self, segments, i, reading, error))
        return FALSE;
      expected = number + 1;
    }

  if (self->n_segments == 0)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED, _("None of the segments can be read"));
      return FALSE;
    }

  say_what_else_is_there (self, segments);
  settle (self);

  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zstd.h>

#include "memscope-error.h"
#include "memscope-native-reader.h"
#include "memscope-varint.h"

/* Repetitive events compress several hundredfold, a bomb a hundred thousandfold.
 * Between the two lies this much raw data per byte of file, and an allowance
 * for small files.
 */
#define MAX_EXPANSION     4096u
#define EXPANSION_FLOOR   (256u * 1024u * 1024u)

struct _MemscopeNativeReader
{
  MemscopeSessionBuilder *builder;
  GByteArray             *pending;        /* fed, not yet consumed */
  guint64                 position;       /* in the file, of what comes next */
  guint64                 fed;
  guint64                 raw_total;
  guint64                 next_event;     /* expected first_event of the next EVENTS chunk */
  guint64                 lost_events;
  guint64                 damaged_chunks;
  guint64                 damage_offset;  /* of the first damage */

  ZSTD_DCtx              *zstd;
  GByteArray             *raw;
  GArray                 *events;         /* MemscopeEvent */

  guint                   have_header : 1;
  guint                   have_end : 1;
  guint                   have_footer : 1;
  guint                   have_trailer : 1;
  guint                   too_large : 1;
  guint                   ended : 1;      /* no more bytes come */
};

MemscopeNativeReader *
memscope_native_reader_new (MemscopeSessionBuilder *builder)
{
  MemscopeNativeReader *self = g_new0 (MemscopeNativeReader, 1);

  self->builder = builder;
  self->pending = g_byte_array_new ();
  self->raw = g_byte_array_new ();
  self->events = g_array_new (FALSE, FALSE, sizeof (MemscopeEvent));
  self->zstd = ZSTD_createDCtx ();

  return self;
}

void
memscope_native_reader_free (MemscopeNativeReader *self)
{
  g_byte_array_unref (self->pending);
  g_byte_array_unref (self->raw);
  g_array_unref (self->events);
  ZSTD_freeDCtx (self->zstd);
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

/* ---- one chunk ------------------------------------------------------------- */

typedef struct
{
  const MemscopeChunkHead *head;
  const guint8            *data;
  gsize                    length;
} Payload;

static MemscopeCursor
payload_cursor (const Payload *payload)
{
  return (MemscopeCursor) { payload->data, payload->data + payload->length, false };
}

static gboolean
read_strings (MemscopeNativeReader *self,
              const Payload        *payload)
{
  MemscopeCursor cursor;
  MemscopeStringEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, payload->data, payload->length, &id))
    return FALSE;
  for (; memscope_string_next (&cursor, &entry); id++)
    memscope_session_builder_add_string (self->builder, id, entry.bytes, entry.length);

  return !cursor.failed;
}

static gboolean
read_modules (MemscopeNativeReader *self,
              const Payload        *payload)
{
  MemscopeCursor cursor;
  MemscopeModuleEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, payload->data, payload->length, &id))
    return FALSE;
  for (; memscope_module_next (&cursor, &entry); id++)
    memscope_session_builder_add_module (self->builder, id, &entry);

  return !cursor.failed;
}

static gboolean
read_frames (MemscopeNativeReader *self,
             const Payload        *payload)
{
  MemscopeCursor cursor;
  MemscopeFrameEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, payload->data, payload->length, &id))
    return FALSE;
  for (; memscope_frame_next (&cursor, &entry); id++)
    memscope_session_builder_add_frame (self->builder, id, &entry);

  return !cursor.failed;
}

static gboolean
read_stacks (MemscopeNativeReader *self,
             const Payload        *payload)
{
  MemscopeCursor cursor;
  MemscopeStackEntry entry;
  guint64 id;

  if (!memscope_dictionary_open (&cursor, payload->data, payload->length, &id))
    return FALSE;
  for (; memscope_stack_next (&cursor, &entry); id++)
    memscope_session_builder_add_stack (self->builder, id, &entry);

  return !cursor.failed;
}

static gboolean
read_threads (MemscopeNativeReader *self,
              const Payload        *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeThreadEntry entry;

  while (memscope_thread_next (&cursor, &entry))
    memscope_session_builder_add_thread (self->builder, &entry);

  return !cursor.failed;
}

static gboolean
read_events (MemscopeNativeReader *self,
             const Payload        *payload)
{
  const MemscopeChunkHead *head = payload->head;

  /* each event takes a byte of its own, so this bounds the array by the payload */
  if (head->n_events > payload->length || head->first_event < self->next_event)
    return FALSE;

  g_array_set_size (self->events, head->n_events);
  if (!memscope_events_decode (head, payload->data, payload->length, (MemscopeEvent *)(gpointer)self->events->data))
    return FALSE;

  if (head->first_event > self->next_event)
    {
      self->lost_events += head->first_event - self->next_event;
      memscope_session_builder_seek (self->builder, head->first_event, head->first_birth);
    }
  memscope_session_builder_add_events (self->builder, (MemscopeEvent *)(gpointer)self->events->data, head->n_events);
  self->next_event = head->first_event + head->n_events;

  return TRUE;
}

static gboolean
read_facts (MemscopeNativeReader *self,
            const Payload        *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeFact fact;

  while (memscope_fact_next (&cursor, &fact))
    {
      g_autofree char *key = g_strndup ((const char *)fact.key.bytes, fact.key.length);

      memscope_session_builder_add_fact (self->builder, key, fact.value.bytes, fact.value.length);
      if (g_str_equal (key, "interval"))
        {
          g_autofree char *text = g_strndup ((const char *)fact.value.bytes, fact.value.length);

          memscope_session_builder_set_sampling_interval (self->builder, g_ascii_strtoull (text, NULL, 10));
        }
    }

  return !cursor.failed;
}

static gboolean
read_samples (MemscopeNativeReader *self,
              const Payload        *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeSample sample;

  while (memscope_sample_next (&cursor, &sample))
    memscope_session_builder_add_sample (self->builder, &sample);

  return !cursor.failed;
}

static gboolean
read_mappings (MemscopeNativeReader *self,
               const Payload        *payload)
{
  g_autoptr(GArray) mappings = g_array_new (FALSE, FALSE, sizeof (MemscopeMapping));
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeMapping mapping;

  while (memscope_mapping_next (&cursor, &mapping))
    g_array_append_val (mappings, mapping);
  memscope_session_builder_add_mappings (self->builder, payload->head->first_time,
                                         (const MemscopeMapping *)(gpointer)mappings->data, mappings->len);

  return !cursor.failed;
}

static gboolean
read_gaps (MemscopeNativeReader *self,
           const Payload        *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeGap gap;

  while (memscope_gap_next (&cursor, &gap))
    memscope_session_builder_add_gap (self->builder, &gap);

  return !cursor.failed;
}

static gboolean
read_marks (MemscopeNativeReader *self,
            const Payload        *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeMark mark;

  while (memscope_mark_next (&cursor, &mark))
    memscope_session_builder_add_mark (self->builder, &mark);

  return !cursor.failed;
}

static gboolean
read_symbols (MemscopeNativeReader *self,
              const Payload        *payload)
{
  g_autoptr(GArray) entries = g_array_new (FALSE, FALSE, sizeof (MemscopeSymbolEntry));
  MemscopeCursor cursor = payload_cursor (payload);
  guint32 frame, n_entries;

  while (memscope_symbols_next (&cursor, &frame, &n_entries))
    {
      g_array_set_size (entries, 0);
      for (guint32 i = 0; i < n_entries; i++)
        {
          MemscopeSymbolEntry entry;

          if (!memscope_symbol_next (&cursor, &entry))
            return FALSE;
          g_array_append_val (entries, entry);
        }
      memscope_session_builder_add_symbols (self->builder, frame,
                                            (const MemscopeSymbolEntry *)(gpointer)entries->data, entries->len);
    }

  return !cursor.failed;
}

static gboolean
read_annotations (MemscopeNativeReader *self,
                  const Payload        *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeAnnotation annotation;

  while (memscope_annotation_next (&cursor, &annotation))
    memscope_session_builder_add_annotation (self->builder, &annotation);

  return !cursor.failed;
}

static gboolean
read_end (MemscopeNativeReader *self,
          const Payload        *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeEnd end;

  if (!memscope_end_next (&cursor, &end))
    return FALSE;
  if (end.n_events > self->next_event)
    self->lost_events += end.n_events - self->next_event;
  self->next_event = MAX (self->next_event, end.n_events);
  self->have_end = TRUE;
  memscope_session_builder_add_end (self->builder, &end);

  return TRUE;
}

static gboolean
read_footer (MemscopeNativeReader *self,
             const Payload        *payload)
{
  self->have_footer = TRUE;

  return TRUE;
}

/* Kinds without a reader are skipped: CLOCK points are already in the times,
 * CHECKPOINTs only save work to who wants one instant.
 */
static gboolean (*const chunk_readers[]) (MemscopeNativeReader *self, const Payload *payload) = {
  [MEMSCOPE_CHUNK_STRINGS] = read_strings,
  [MEMSCOPE_CHUNK_MODULES] = read_modules,
  [MEMSCOPE_CHUNK_FRAMES] = read_frames,
  [MEMSCOPE_CHUNK_STACKS] = read_stacks,
  [MEMSCOPE_CHUNK_THREADS] = read_threads,
  [MEMSCOPE_CHUNK_EVENTS] = read_events,
  [MEMSCOPE_CHUNK_FACTS] = read_facts,
  [MEMSCOPE_CHUNK_SAMPLES] = read_samples,
  [MEMSCOPE_CHUNK_MAPPINGS] = read_mappings,
  [MEMSCOPE_CHUNK_GAPS] = read_gaps,
  [MEMSCOPE_CHUNK_MARKS] = read_marks,
  [MEMSCOPE_CHUNK_SYMBOLS] = read_symbols,
  [MEMSCOPE_CHUNK_ANNOTATIONS] = read_annotations,
  [MEMSCOPE_CHUNK_END] = read_end,
  [MEMSCOPE_CHUNK_FOOTER] = read_footer,
};

static gboolean
unpack (MemscopeNativeReader    *self,
        const MemscopeChunkHead *head,
        const guint8            *stored,
        Payload                 *payload)
{
  *payload = (Payload) { head, stored, head->stored_size };

  if (head->codec == MEMSCOPE_CODEC_RAW)
    return head->raw_size == head->stored_size;
  if (head->codec != MEMSCOPE_CODEC_ZSTD)
    return FALSE;

  g_byte_array_set_size (self->raw, head->raw_size);
  if (ZSTD_decompressDCtx (self->zstd, self->raw->data, head->raw_size, stored, head->stored_size) != head->raw_size)
    return FALSE;
  payload->data = self->raw->data;
  payload->length = head->raw_size;

  return TRUE;
}

static void
note_damage (MemscopeNativeReader *self)
{
  if (self->damaged_chunks++ == 0)
    self->damage_offset = self->position;
}

static void
read_chunk (MemscopeNativeReader    *self,
            const MemscopeChunkHead *head,
            const guint8            *stored)
{
  Payload payload;

  if (head->kind >= G_N_ELEMENTS (chunk_readers) || chunk_readers[head->kind] == NULL)
    return;

  self->raw_total += head->raw_size;
  if (self->raw_total > EXPANSION_FLOOR && self->raw_total / MAX_EXPANSION > self->fed)
    {
      self->too_large = TRUE;
      return;
    }

  if (!unpack (self, head, stored, &payload) || !chunk_readers[head->kind] (self, &payload))
    note_damage (self);
}

/* ---- the stream ---------------------------------------------------------------- */

static gboolean
read_header (MemscopeNativeReader  *self,
             const guint8          *data,
             gsize                  length,
             gsize                 *used,
             GError               **error)
{
  MemscopeFileHeader header;

  if (length < sizeof header)
    {
      if (self->ended || (length >= 12 && !memscope_native_reader_sniff (data, length)))
        {
          g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED,
                       _("The file ends after %" G_GSIZE_FORMAT " bytes, inside its header: nothing of the recording is left"),
                       length);
          return FALSE;
        }
      return TRUE;
    }

  memcpy (&header, data, sizeof header);
  if (memcmp (header.magic, MEMSCOPE_FORMAT_MAGIC, sizeof header.magic) != 0)
    {
      g_set_error_literal (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION,
                           _("The file is not a MemScope recording: it does not begin with MEMSCOPE"));
      return FALSE;
    }
  if (GUINT32_FROM_LE (header.version) != MEMSCOPE_FORMAT_VERSION)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_UNSUPPORTED_VERSION,
                   _("The recording has format version %u; this program reads 1 to 3 and %u. A newer MemScope may open it"),
                   GUINT32_FROM_LE (header.version), MEMSCOPE_FORMAT_VERSION);
      return FALSE;
    }

  if (!memscope_file_header_check (&header) || header.header_size < sizeof header)
    {
      /* the chunks carry checksums of their own: go on and look for the first */
      note_damage (self);
      header.header_size = sizeof header;
    }
  else
    memscope_session_builder_set_time_origin (self->builder, header.created_unix_ns);

  memscope_session_builder_set_format (self->builder, "native", MEMSCOPE_FORMAT_VERSION, NULL);
  self->have_header = TRUE;
  *used = MIN (header.header_size, length);

  return TRUE;
}

static gboolean
read_trailer (MemscopeNativeReader *self,
              const guint8         *data,
              gsize                 length)
{
  MemscopeTrailer trailer;

  if (!self->have_footer || length < sizeof trailer)
    return FALSE;
  memcpy (&trailer, data, sizeof trailer);
  if (!memscope_trailer_check (&trailer))
    return FALSE;
  self->have_trailer = TRUE;

  return TRUE;
}

/* Consumes what can be consumed of @data; returns how much. */
static gsize
consume (MemscopeNativeReader *self,
         const guint8         *data,
         gsize                 length)
{
  gsize at = 0;

  while (at < length && !self->too_large)
    {
      MemscopeChunkHead head;
      gsize step;

      switch (memscope_chunk_read (data + at, length - at, &head))
        {
        case MEMSCOPE_CHUNK_OK:
          read_chunk (self, &head, data + at + sizeof head);
          step = sizeof head + head.stored_size;
          break;

        case MEMSCOPE_CHUNK_INCOMPLETE:
          if (read_trailer (self, data + at, length - at))
            {
              step = sizeof (MemscopeTrailer);
              break;
            }
          if (!self->ended)
            return at;
          G_GNUC_FALLTHROUGH;

        case MEMSCOPE_CHUNK_BAD_HEAD:
        case MEMSCOPE_CHUNK_BAD_CHECKSUM:
        default:
          if (read_trailer (self, data + at, length - at))
            {
              step = sizeof (MemscopeTrailer);
              break;
            }
          note_damage (self);
          step = memscope_chunk_resync (data + at, length - at, 1);
          /* a sync word may be cut in two by the end of what is here */
          if (step == length - at && !self->ended)
            step = MAX (1, step > 3 ? step - 3 : 1);
          break;
        }

      at += step;
      self->position += step;
    }

  return at;
}

gboolean
memscope_native_reader_feed (MemscopeNativeReader  *self,
                             const void            *data,
                             gsize                  length,
                             GError               **error)
{
  gsize used = 0;

  self->fed += length;
  g_byte_array_append (self->pending, data, length);

  if (!self->have_header)
    {
      if (!read_header (self, self->pending->data, self->pending->len, &used, error))
        return FALSE;
      if (!self->have_header)
        return TRUE;
      self->position += used;
    }

  used += consume (self, self->pending->data + used, self->pending->len - used);
  g_byte_array_remove_range (self->pending, 0, used);

  return TRUE;
}

static void
say_what_is_missing (MemscopeNativeReader *self)
{
  if (self->too_large)
    memscope_session_builder_add_warning (self->builder,
      _("Reading stopped at byte %" G_GUINT64_FORMAT ": the rest claims to be over %u times larger than the file, which no recorder writes"),
      self->position, MAX_EXPANSION);
  if (self->damaged_chunks > 0)
    memscope_session_builder_add_warning (self->builder,
      g_dngettext (GETTEXT_PACKAGE,
                   "%" G_GUINT64_FORMAT " part of the file is damaged (from byte %" G_GUINT64_FORMAT " on) and was left out",
                   "%" G_GUINT64_FORMAT " parts of the file are damaged (from byte %" G_GUINT64_FORMAT " on) and were left out",
                   self->damaged_chunks),
      self->damaged_chunks, self->damage_offset);
  if (self->lost_events > 0)
    memscope_session_builder_add_warning (self->builder,
      g_dngettext (GETTEXT_PACKAGE,
                   "%" G_GUINT64_FORMAT " event is missing from the file",
                   "%" G_GUINT64_FORMAT " events are missing from the file",
                   self->lost_events),
      self->lost_events);
  if (!self->have_end && !self->too_large)
    memscope_session_builder_add_warning (self->builder,
      _("The recording was not closed: the recorder was killed or the file was cut. Everything up to there is shown"));
}

static void
settle (MemscopeNativeReader *self)
{
  say_what_is_missing (self);
  memscope_session_builder_set_complete (self->builder,
                                         self->have_end && self->have_trailer && !self->too_large &&
                                         self->damaged_chunks == 0 && self->lost_events == 0);
}

gboolean
memscope_native_reader_finish (MemscopeNativeReader  *self,
                               GError               **error)
{
  self->ended = TRUE;
  if (!memscope_native_reader_feed (self, "", 0, error))
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
  gsize length, at = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  self->ended = TRUE;
  self->fed = length;
  if (!read_header (self, data, length, &at, error))
    return FALSE;
  self->position = at;

  while (at < length && !self->too_large)
    {
      MemscopeChunkHead head;
      gsize slice = length - at;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      /* chunk by chunk, for the sake of progress; only damage takes the rest at once */
      if (memscope_chunk_read (data + at, slice, &head) == MEMSCOPE_CHUNK_OK)
        slice = sizeof head + head.stored_size;
      at += consume (self, data + at, slice);
      if (progress != NULL)
        progress (at, length, progress_data);
    }
  settle (self);

  return TRUE;
}

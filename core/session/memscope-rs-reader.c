/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two passes. The first walks the records, checks each by its Length word, finds
 * its feet again after damage and notes when and where each record is; the
 * second adds them as rows in order of birth. The bytes stay with the session,
 * and the fields that no column holds are decoded from them when asked for.
 */

#include "config.h"

#include "memscope-rs-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-error.h"
#include "memscope-rs-record.h"
#include "memscope-session-internal.h"
#include "memscope-stored-records.h"

#define HEAD_SIZE       5u      /* type and Length, before each value */
#define STEP            4096u   /* records between two looks at the clock */
#define NO_STRING_TABLE "NONE"
#define STRING_TABLE    "STBL"
#define MARKER_SIZE     8u

/* How records and the header go together: §1.1 of the format's description. */
typedef struct
{
  char             letter[2];
  guint8           version;
  guint8           header_size;
  gboolean         has_marker;
  MemscopeRsLayout record;
} Layout;

/* In the order in which they are tried. */
static const Layout layouts[] = {
  { "C", 1, 16, FALSE, MEMSCOPE_RS_R3 },
  { "B", 1, 16, FALSE, MEMSCOPE_RS_R2 },
  { "A", 1, 16, FALSE, MEMSCOPE_RS_R1 },
  { "G", 2, 24, TRUE,  MEMSCOPE_RS_R5 },
  { "F", 2, 16, TRUE,  MEMSCOPE_RS_R5 },
  { "E", 2, 16, FALSE, MEMSCOPE_RS_R4 },
  { "D", 2, 16, FALSE, MEMSCOPE_RS_R3 },
  { "I", 3, 32, TRUE,  MEMSCOPE_RS_R6 },
  { "H", 3, 32, TRUE,  MEMSCOPE_RS_R5 },
};

/* A stack as the file has it, and what it became. */
typedef struct
{
  const guint8    *bytes;
  gsize            size;
  MemscopeStackId  stack;
} KnownStack;

typedef struct
{
  const guint8           *bytes;
  gsize                   length;
  MemscopeSessionBuilder *builder;
  MemscopeReading        *reading;
  const Layout           *layout;
  guint32                 promised;       /* records, says the header */
  GArray                 *records;        /* MemscopeStoredRecord */
  GArray                 *frames;         /* MemscopeFrameId: of the stack at hand */
  MemscopeTable           known_stacks;   /* KnownStack */
  MemscopeInterner        stack_interner;
  gsize                   at;
  guint64                 work;
  guint64                 search_left;    /* what may still be spent on finding records after damage */
  guint64                 n_bad_json;
  guint64                 n_wrong_length; /* records whose Length word was wrong, but not they */
  gsize                   skipped_bytes;  /* passed over: no records */
  gboolean                header_damaged;
  gboolean                seen_binary_fields;
  gboolean                cut;            /* the file ends inside a record */
  gboolean                stopped;        /* nothing sound was found after damage */
} Reader;

static guint32
read32 (const guint8 *data)
{
  guint32 value;

  memcpy (&value, data, sizeof value);

  return GUINT32_FROM_LE (value);
}

/* ---- records ------------------------------------------------------------------------ */

typedef enum
{
  RECORD_SOUND,
  RECORD_WRONG_LENGTH,   /* its fields are sound, its Length word is not */
  RECORD_CUT,            /* the file ends first */
  RECORD_BAD,
} RecordState;

/* Looks at the record at @offset. *@next: where the following one begins, if sound. */
static RecordState
look_at_record (Reader           *self,
                MemscopeRsLayout  layout,
                gsize             offset,
                MemscopeRsRecord *record,
                gsize            *next)
{
  const guint8 *end = self->bytes + self->length;
  const guint8 *value = self->bytes + offset + HEAD_SIZE;
  gsize left;
  guint32 claimed;

  if (offset >= self->length || self->bytes[offset] != 1)
    return RECORD_BAD;

  if (self->length - offset < HEAD_SIZE)
    return RECORD_CUT;

  left = self->length - offset - HEAD_SIZE;
  claimed = read32 (self->bytes + offset + 1);

  if (claimed <= left && memscope_rs_record_decode (layout, value, value + claimed, record, &self->work) &&
      record->end == value + claimed)
    {
      *next = offset + HEAD_SIZE + claimed;
      return RECORD_SOUND;
    }

  if (memscope_rs_record_decode (layout, value, end, record, &self->work))
    {
      *next = (gsize)(record->end - self->bytes);
      return RECORD_WRONG_LENGTH;
    }

  return claimed > left ? RECORD_CUT : RECORD_BAD;
}

static gboolean
is_sound_at (Reader           *self,
             MemscopeRsLayout  layout,
             gsize             offset)
{
  MemscopeRsRecord record;
  gsize next;

  return look_at_record (self, layout, offset, &record, &next) == RECORD_SOUND;
}

/* R3 and R4 are the same bytes until a record has a smart pointer or a memory layout. */
static gboolean
try_other_layout (Reader           *self,
                  gsize             offset,
                  MemscopeRsRecord *record,
                  gsize            *next)
{
  const Layout *other = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      if (&layouts[i] != self->layout && layouts[i].version == self->layout->version &&
          layouts[i].header_size == self->layout->header_size && layouts[i].has_marker == self->layout->has_marker &&
          layouts[i].version == 2)
        other = &layouts[i];
    }

  if (other == NULL || self->seen_binary_fields ||
      look_at_record (self, other->record, offset, record, next) != RECORD_SOUND)
    return FALSE;

  self->layout = other;

  return TRUE;
}

static void
note_record (Reader                 *self,
             gsize                   offset,
             const MemscopeRsRecord *record)
{
  MemscopeStoredRecord stored = {
    .alloc = record->timestamp_alloc,
    .dealloc = record->has_dealloc ? MIN (record->timestamp_dealloc, MEMSCOPE_NEVER - 1) : MEMSCOPE_NEVER,
    .ptr = record->ptr,
    .offset = offset,
  };

  self->seen_binary_fields |= record->has_binary_fields;
  self->n_bad_json += memscope_rs_record_count_bad_json (self->layout->record, record);
  g_array_append_val (self->records, stored);
}

/* Where the next sound record begins, at @from or later; the length of the file
 * when there is none or looking for it has become too much work.
 */
static gsize
find_record (Reader *self,
             gsize   from)
{
  const guint8 *end = self->bytes + self->length;

  for (const guint8 *at = self->bytes + from; at < end; at++)
    {
      guint64 before = self->work;

      at = memchr (at, 1, (gsize)(end - at));
      if (at == NULL)
        break;

      if (is_sound_at (self, self->layout->record, (gsize)(at - self->bytes)))
        return (gsize)(at - self->bytes);

      if (self->work - before > self->search_left)
        break;
      self->search_left -= self->work - before;
    }

  return self->length;
}

/* After a record that is not sound: by its Length word if that leads to a sound
 * one or to the end, else by looking for one.
 */
static void
resynchronise (Reader      *self,
               RecordState  state)
{
  gsize from = self->at;
  gsize next;

  if (state == RECORD_BAD && self->length - from >= HEAD_SIZE && self->bytes[from] == 1)
    {
      guint64 by_length = (guint64)from + HEAD_SIZE + read32 (self->bytes + from + 1);

      if (by_length == self->length || (by_length < self->length && is_sound_at (self, self->layout->record, (gsize)by_length)))
        {
          self->at = (gsize)by_length;
          self->skipped_bytes += (gsize)by_length - from;
          return;
        }
    }

  next = find_record (self, from + 1);
  self->cut = state == RECORD_CUT && next == self->length;
  self->stopped = !self->cut && next == self->length;
  self->skipped_bytes += next - from;
  self->at = next;
}

/* What may follow the last record: the ADVD segment, which repeats what the
 * records say. TRUE when it ends the file properly.
 */
static gboolean
is_trailing_segment (Reader *self,
                     gsize   at)
{
  return self->length - at >= 16 && memcmp (self->bytes + at, "ADVD", 4) == 0;
}

static gboolean
walk_records (Reader  *self,
              GError **error)
{
  while (self->at < self->length)
    {
      MemscopeRsRecord record;
      gsize next = self->length;
      RecordState state;

      if (self->records->len >= self->promised && self->bytes[self->at] != 1)
        break;
      if (is_trailing_segment (self, self->at))
        break;

      state = look_at_record (self, self->layout->record, self->at, &record, &next);
      if (state != RECORD_SOUND && try_other_layout (self, self->at, &record, &next))
        state = RECORD_SOUND;

      /* A wrong Length is forgiven when the fields end where a sound record, or nothing, follows. */
      if (state == RECORD_WRONG_LENGTH &&
          (next == self->length || is_sound_at (self, self->layout->record, next)))
        {
          self->n_wrong_length++;
          state = RECORD_SOUND;
        }

      if (state == RECORD_SOUND)
        {
          note_record (self, self->at, &record);
          self->at = next;
        }
      else if (self->records->len >= self->promised)
        {
          break;
        }
      else
        {
          resynchronise (self, state);
        }

      if (self->records->len % STEP == 0 && !memscope_reading_step (self->reading, self->at, error))
        return FALSE;
    }

  return TRUE;
}

/* ---- which layout ------------------------------------------------------------------------ */

static gboolean
has_marker_at (Reader *self,
               gsize   offset)
{
  return self->length >= offset + 4 &&
         (memcmp (self->bytes + offset, NO_STRING_TABLE, 4) == 0 || memcmp (self->bytes + offset, STRING_TABLE, 4) == 0);
}

static gsize
records_start (const Layout *layout)
{
  return layout->header_size + (layout->has_marker ? MARKER_SIZE : 0);
}

/* What the header says by itself. */
static gboolean
matches_header (Reader       *self,
                const Layout *layout,
                guint32       version)
{
  if (layout->version != version)
    return FALSE;

  if (version != 2)
    return TRUE;

  if (has_marker_at (self, 24))
    return layout->header_size == 24;
  if (has_marker_at (self, 16))
    return layout->header_size == 16 && layout->has_marker;

  return !layout->has_marker;
}

/* The ways to be convinced of a layout, best first. */
static gboolean
fits (Reader       *self,
      const Layout *layout,
      guint         way)
{
  gsize start = records_start (layout);
  MemscopeRsRecord record;
  gsize next = 0;
  RecordState state;

  if (start >= self->length)
    return FALSE;

  state = look_at_record (self, layout->record, start, &record, &next);
  switch (way)
    {
    case 0:
      return state == RECORD_SOUND;

    /* The first record's Length is wrong, its fields lead to a sound one. */
    case 1:
      return state == RECORD_WRONG_LENGTH && is_sound_at (self, layout->record, next);

    /* Its fields are damaged, its Length leads to a sound one. */
    default:
      return state == RECORD_BAD && self->length - start >= HEAD_SIZE &&
             is_sound_at (self, layout->record, start + HEAD_SIZE + (gsize)read32 (self->bytes + start + 1));
    }
}

static const Layout *
find_layout (Reader   *self,
             guint32   version,
             gboolean  by_header)
{
  for (guint way = 0; way < 3; way++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
        {
          if (matches_header (self, &layouts[i], version) == by_header && fits (self, &layouts[i], way))
            return &layouts[i];
        }
    }

  return NULL;
}

static const Layout *
first_by_header (Reader  *self,
                 guint32  version)
{
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      if (matches_header (self, &layouts[i], version))
        return &layouts[i];
    }

  return NULL;
}

static void
check_marker (Reader *self)
{
  const guint8 *marker = self->bytes + self->layout->header_size;

  if (!self->layout->has_marker)
    return;

  self->header_damaged |= memcmp (marker, NO_STRING_TABLE, 4) != 0 || read32 (marker + 4) != 0;
  if (memcmp (marker, STRING_TABLE, 4) == 0)
    memscope_session_builder_add_warning (self->builder, _("The header announces a table of strings, which no version of memscope-rs wrote; the strings in the records were read"));
  else if (self->header_damaged)
    memscope_session_builder_add_warning (self->builder, _("The mark between header and records is damaged; the records behind it were read"));
}

/* The header alone decides when the records can't: there are none, or none is sound. */
static gboolean
choose_layout (Reader   *self,
               guint32   version,
               GError  **error)
{
  const Layout *layout = find_layout (self, version, TRUE);

  if (layout == NULL && (layout = find_layout (self, version, FALSE)) != NULL)
    self->header_damaged = TRUE;
  if (layout == NULL)
    layout = first_by_header (self, version);

  if (self->length < records_start (layout))
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED,
                   _("The file ends after %zu bytes, inside its header: nothing of the recording is there"),
                   self->length);
      return FALSE;
    }

  self->layout = layout;
  self->at = records_start (layout);
  if (self->header_damaged)
    memscope_session_builder_add_warning (self->builder,
                                          _("The header says version %u, but the records are laid out as in version %u"),
                                          version, layout->version);
  else
    check_marker (self);

  return TRUE;
}

static gboolean
check_header (Reader   *self,
              guint32  *version,
              GError  **error)
{
  if (self->length < 16)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED,
                   _("The file ends after %zu bytes, inside its header: nothing of the recording is there"),
                   self->length);
      return FALSE;
    }

  *version = read32 (self->bytes + 8);
  self->promised = read32 (self->bytes + 12);

  if (memcmp (self->bytes, MEMSCOPE_FORMAT_MAGIC, 8) != 0 || *version < 1 || *version > 3)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_UNSUPPORTED_VERSION,
                   _("The file has format version %u; versions 1 to 3 of memscope-rs are known here"), *version);
      return FALSE;
    }

  return TRUE;
}

/* ---- what was lost ------------------------------------------------------------------------ */

static gboolean
check_end (Reader *self)
{
  gsize left = self->length - self->at;

  if (left == 0)
    return TRUE;

  if (is_trailing_segment (self, self->at) && read32 (self->bytes + self->at + 4) == left)
    return TRUE;

  memscope_session_builder_add_warning (self->builder,
                                        ngettext ("%zu byte after the last record is damaged or does not belong to the recording",
                                                  "%zu bytes after the last record are damaged or do not belong to the recording",
                                                  (gulong)left),
                                        (gulong)left);

  return FALSE;
}

static gboolean
report_damage (Reader *self)
{
  MemscopeSessionBuilder *builder = self->builder;
  guint n = self->records->len;
  gboolean whole = check_end (self);

  if (self->n_wrong_length > 0)
    memscope_session_builder_add_warning (builder,
                                          ngettext ("The length of %lu record is wrong in the file; the record was read by its fields",
                                                    "The lengths of %lu records are wrong in the file; the records were read by their fields",
                                                    (gulong)self->n_wrong_length),
                                          (gulong)self->n_wrong_length);

  if (self->n_bad_json > 0)
    memscope_session_builder_add_warning (builder,
                                          ngettext ("%lu field that should hold JSON does not, and is shown as not recorded",
                                                    "%lu fields that should hold JSON do not, and are shown as not recorded",
                                                    (gulong)self->n_bad_json),
                                          (gulong)self->n_bad_json);

  if (self->cut)
    memscope_session_builder_add_warning (builder, _("The file was cut: it promises %u records and ends inside one; the %u complete ones were read"),
                                          self->promised, n);
  else if (self->stopped)
    memscope_session_builder_add_warning (builder, _("The file is damaged: of %u promised records %u were read, and nothing sound was found behind them"),
                                          self->promised, n);
  else if (self->skipped_bytes > 0)
    memscope_session_builder_add_warning (builder,
                                          g_dngettext (GETTEXT_PACKAGE,
                                                       "The file is damaged: %zu byte is not a record and was passed over; of %u promised records %u were read",
                                                       "The file is damaged: %zu bytes are not records and were passed over; of %u promised records %u were read",
                                                       self->skipped_bytes),
                                          self->skipped_bytes, self->promised, n);
  else if (n != self->promised)
    memscope_session_builder_add_warning (builder, _("The header promises %u records; the file holds %u, which were read"),
                                          self->promised, n);

  return whole && !self->header_damaged && self->skipped_bytes == 0 && self->n_wrong_length == 0 && self->n_bad_json == 0 && n == self->promised;
}

/* ---- rows --------------------------------------------------------------------------------- */

static MemscopeStringId
intern_text (Reader         *self,
             MemscopeRsText  text)
{
  return text.bytes != NULL ? memscope_session_builder_intern_string (self->builder, text.bytes, text.length) : 0;
}

/* The innermost frame is the first of the list. */
static MemscopeStackId
make_stack (Reader                 *self,
            const MemscopeRsRecord *record)
{
  const guint8 *at = record->stack;
  MemscopeStackId stack = 0;

  g_array_set_size (self->frames, 0);
  for (guint32 i = 0; i < record->n_stack; i++)
    {
      guint32 length = read32 (at);
      MemscopeStringId text = memscope_session_builder_intern_string (self->builder, at + 4, length);
      MemscopeFrameId frame = memscope_session_builder_intern_text_frame (self->builder, text);

      g_array_append_val (self->frames, frame);
      at += 4 + (gsize)length;
    }

  for (guint i = self->frames->len; i > 0; i--)
    stack = memscope_session_builder_intern_stack (self->builder, stack,
                                                   g_array_index (self->frames, MemscopeFrameId, i - 1));

  return stack;
}

static gboolean
same_stack (gconstpointer table,
            guint32       id,
            gconstpointer key)
{
  const KnownStack *a = &memscope_table_index ((const MemscopeTable *)table, KnownStack, id);
  const KnownStack *b = key;

  return a->size == b->size && memcmp (a->bytes, b->bytes, a->size) == 0;
}

/* Equal stacks are equal bytes: one look-up for all their frames. */
static MemscopeStackId
intern_stack (Reader                 *self,
              const MemscopeRsRecord *record)
{
  KnownStack known = { record->stack, record->stack_size, 0 };
  guint64 hash;
  guint32 id;

  if (record->n_stack == 0)
    return 0;

  hash = memscope_interner_hash (&self->stack_interner, known.bytes, known.size);
  id = memscope_interner_find (&self->stack_interner, hash, same_stack, &self->known_stacks, &known);
  if (id != 0)
    return memscope_table_index (&self->known_stacks, KnownStack, id).stack;

  known.stack = make_stack (self, record);
  memscope_interner_insert (&self->stack_interner, hash, self->known_stacks.n);
  memscope_table_append (&self->known_stacks, &known);

  return known.stack;
}

static MemscopeVariableId
intern_variable (Reader                 *self,
                 const MemscopeRsRecord *record)
{
  if (record->var_name.bytes == NULL && record->type_name.bytes == NULL)
    return 0;

  return memscope_session_builder_intern_variable (self->builder, MEMSCOPE_NAME_FILE,
                                                   intern_text (self, record->var_name),
                                                   intern_text (self, record->type_name),
                                                   intern_text (self, record->scope_name));
}

static void
add_row (Reader                     *self,
         const MemscopeStoredRecord *stored)
{
  const guint8 *value = self->bytes + stored->offset + HEAD_SIZE;
  MemscopeRsRecord record;
  MemscopeBlock block = { 0 };

  memscope_rs_record_decode_columns (self->layout->record, value, self->bytes + self->length, &record);

  block.address = record.ptr;
  block.size = record.size;
  block.birth_time = stored->alloc;
  block.birth_event = stored->birth_event;
  block.death_time = stored->dealloc;
  block.death_event = stored->death_event;
  block.death = stored->dealloc != MEMSCOPE_NEVER ? MEMSCOPE_DEATH_FREE : MEMSCOPE_DEATH_NONE;
  block.rounding = G_MAXUINT32;
  block.thread = memscope_session_builder_intern_thread (self->builder, intern_text (self, record.thread_id));
  block.variable = intern_variable (self, &record);
  block.stack = intern_stack (self, &record);
  block.origin = MEMSCOPE_ORIGIN_FILE;
  block.flags = record.is_leaked ? MEMSCOPE_BLOCK_LEAKED_FLAG : 0;

  memscope_session_builder_add_block (self->builder, &block);
}

static gboolean
add_rows (Reader  *self,
          GError **error)
{
  memscope_stored_records_plan (self->records, self->builder);

  for (guint i = 0; i < self->records->len; i++)
    {
      add_row (self, &g_array_index (self->records, MemscopeStoredRecord, i));

      if (i % STEP == 0 && !memscope_reading_step (self->reading, self->length, error))
        return FALSE;
    }

  return TRUE;
}

static void
write_record (const guint8  *bytes,
              gsize          length,
              guint64        offset,
              gconstpointer  user_data,
              GString       *json)
{
  const Layout *layout = user_data;
  MemscopeRsRecord record;
  guint64 work = 0;

  if (memscope_rs_record_decode (layout->record, bytes + offset + HEAD_SIZE, bytes + length, &record, &work))
    memscope_rs_record_write_json (layout->record, &record, json);
}

gboolean
memscope_rs_reader_read (GBytes                  *bytes,
                         MemscopeSessionBuilder  *builder,
                         MemscopeReading         *reading,
                         GError                 **error)
{
  g_autoptr(GArray) records = NULL;
  g_autoptr(GArray) frames = g_array_new (FALSE, FALSE, sizeof (MemscopeFrameId));
  Reader self = { .builder = builder, .reading = reading, .frames = frames };
  guint32 version;
  gboolean read;

  self.bytes = g_bytes_get_data (bytes, &self.length);
  if (!check_header (&self, &version, error))
    return FALSE;

  /* No more than the header promises, and than the bytes can hold. */
  records = g_array_sized_new (FALSE, FALSE, sizeof (MemscopeStoredRecord),
                               (guint)MIN (self.promised, self.length / MEMSCOPE_RS_MIN_RECORD));
  self.records = records;
  self.search_left = (guint64)self.length * 4 + 1000000;
  memscope_table_init (&self.known_stacks, sizeof (KnownStack), 1);
  memscope_interner_init (&self.stack_interner);

  read = choose_layout (&self, version, error) && walk_records (&self, error) && add_rows (&self, error);

  memscope_table_clear (&self.known_stacks);
  memscope_interner_clear (&self.stack_interner);
  if (!read)
    return FALSE;

  memscope_session_builder_set_format (builder, "memscope-rs", version, self.layout->letter);
  memscope_session_builder_set_complete (builder, report_damage (&self));
  memscope_session_builder_set_records (builder, bytes, memscope_stored_records_offsets (records), write_record, self.layout);

  return TRUE;
}

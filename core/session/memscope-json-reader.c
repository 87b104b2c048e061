/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The text is walked, never made into a tree: a recording in JSON is large, and
 * its numbers are unsigned 64-bit integers. As in the binary reader, a first pass
 * finds the records and their times, a second adds the rows in order of birth.
 */

#include "config.h"

#include "memscope-json-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-error.h"
#include "memscope-json-text.h"
#include "memscope-json-walker.h"
#include "memscope-stored-records.h"

#define STEP    4096u        /* records between two looks at the clock */
#define NO_TIME G_MAXUINT64

/* Every field of AllocationInfo; what a record has besides is kept as well. */
typedef enum
{
  FIELD_PTR,
  FIELD_SIZE,
  FIELD_VAR_NAME,
  FIELD_TYPE_NAME,
  FIELD_SCOPE_NAME,
  FIELD_THREAD_ID,
  FIELD_TIMESTAMP_ALLOC,
  FIELD_TIMESTAMP_DEALLOC,
  FIELD_STACK_TRACE,
  FIELD_IS_LEAKED,
  FIELD_FIRST_OTHER,
  N_FIELDS = FIELD_FIRST_OTHER + 20,
} Field;

static const char *const fields[N_FIELDS] = {
  "\"ptr\"", "\"size\"", "\"var_name\"", "\"type_name\"", "\"scope_name\"", "\"thread_id\"",
  "\"timestamp_alloc\"", "\"timestamp_dealloc\"", "\"stack_trace\"", "\"is_leaked\"",
  "\"borrow_count\"", "\"lifetime_ms\"", "\"borrow_info\"", "\"clone_info\"", "\"ownership_history_available\"",
  "\"smart_pointer_info\"", "\"memory_layout\"", "\"generic_info\"", "\"dynamic_type_info\"", "\"runtime_state\"",
  "\"stack_allocation\"", "\"temporary_object\"", "\"fragmentation_analysis\"", "\"generic_instantiation\"",
  "\"type_relationships\"", "\"type_usage\"", "\"function_call_tracking\"", "\"lifecycle_tracking\"",
  "\"access_tracking\"", "\"drop_chain_analysis\"",
};

typedef struct
{
  const char             *text;
  gsize                   length;
  MemscopeSessionBuilder *builder;
  MemscopeReading        *reading;
  GArray                 *records;       /* MemscopeStoredRecord */
  GString                *scratch;
  GArray                 *frames;
  guint64                 n_foreign;     /* elements that are no allocation */
  guint64                 n_untimed;
  gboolean                cut;
  gboolean                trailing;
} Reader;

static Field
find_field (const MemscopeJsonSpan *key)
{
  for (guint i = 0; i < N_FIELDS; i++)
    {
      if (memscope_json_span_is (key, fields[i]))
        return i;
    }

  return N_FIELDS;
}

/* The values of a record's fields; text NULL: absent or null. FALSE: not an object. */
static gboolean
read_fields (const char       *text,
             gsize             length,
             MemscopeJsonSpan  values[FIELD_FIRST_OTHER])
{
  MemscopeJsonWalker walker;
  MemscopeJsonSpan key;
  MemscopeJsonSpan value;

  memset (values, 0, FIELD_FIRST_OTHER * sizeof *values);
  if (*text != '{' || !memscope_json_walker_init (&walker, text, length))
    return FALSE;

  while (memscope_json_walker_next (&walker, &key, &value))
    {
      Field field = find_field (&key);

      if (field < FIELD_FIRST_OTHER && !memscope_json_span_is (&value, "null"))
        values[field] = value;
    }

  return TRUE;
}

static gboolean
read_number (const MemscopeJsonSpan *value,
             guint64                *number)
{
  return value->text != NULL && memscope_json_text_read_uint64 (value->text, value->length, number);
}

/* ---- first pass ------------------------------------------------------------------------- */

static void
note_record (Reader     *self,
             const char *text,
             gsize       length)
{
  MemscopeStoredRecord stored = { .dealloc = MEMSCOPE_NEVER, .offset = (guint64)(text - self->text) };
  MemscopeJsonSpan values[FIELD_FIRST_OTHER];
  guint64 size;

  if (!read_fields (text, length, values) ||
      !read_number (&values[FIELD_PTR], &stored.ptr) || !read_number (&values[FIELD_SIZE], &size))
    {
      self->n_foreign++;
      return;
    }

  if (!read_number (&values[FIELD_TIMESTAMP_ALLOC], &stored.alloc))
    {
      stored.alloc = NO_TIME;
      self->n_untimed++;
    }
  if (read_number (&values[FIELD_TIMESTAMP_DEALLOC], &stored.dealloc))
    stored.dealloc = MIN (stored.dealloc, MEMSCOPE_NEVER - 1);

  g_array_append_val (self->records, stored);
}

static gboolean
walk_array (Reader              *self,
            MemscopeJsonWalker  *walker,
            GError             **error)
{
  MemscopeJsonSpan value;

  for (guint64 i = 0; memscope_json_walker_next (walker, NULL, &value); i++)
    {
      note_record (self, value.text, value.length);

      if (i % STEP == 0 && !memscope_reading_step (self->reading, (guint64)(walker->at - self->text), error))
        return FALSE;
    }

  self->cut = walker->failed;

  return TRUE;
}

static gboolean
set_no_session (GError **error)
{
  g_set_error_literal (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION,
                       _("The file is JSON, but not a recording: it has no list of allocations with \"ptr\" and \"size\""));

  return FALSE;
}

/* In an object, up to the array under "allocations". */
static gboolean
find_allocations (MemscopeJsonWalker *walker)
{
  MemscopeJsonSpan key;
  MemscopeJsonWalker inner;

  while (memscope_json_walker_next_key (walker, &key))
    {
      gsize left = (gsize)(walker->end - walker->at);

      if (memscope_json_span_is (&key, "\"allocations\"") && left > 0 && *walker->at == '[' &&
          memscope_json_walker_init (&inner, walker->at, left))
        {
          *walker = inner;
          return TRUE;
        }

      left = memscope_json_text_value_length (walker->at, left);
      if (left == 0)
        return FALSE;
      walker->at += left;
    }

  return FALSE;
}

static gboolean
find_records (Reader  *self,
              GError **error)
{
  const char *start = self->text;
  const char *end = self->text + self->length;
  MemscopeJsonWalker walker;
  gboolean is_object;

  if (self->length >= 3 && memcmp (start, "\xef\xbb\xbf", 3) == 0)
    start += 3;
  while (start < end && g_ascii_isspace (*start))
    start++;

  if (!memscope_json_walker_init (&walker, start, (gsize)(end - start)))
    return set_no_session (error);

  is_object = *start == '{';
  if (is_object && !find_allocations (&walker))
    return set_no_session (error);

  if (!walk_array (self, &walker, error))
    return FALSE;

  if (self->records->len == 0 && (self->n_foreign > 0 || self->cut))
    return set_no_session (error);

  for (const char *at = walker.at; at < end && !is_object; at++)
    self->trailing |= !g_ascii_isspace (*at);

  return TRUE;
}

/* ---- second pass -------------------------------------------------------------------------- */

/* A string's content; for another value (a number as thread id) its text. */
static MemscopeStringId
intern_value (Reader                 *self,
              const MemscopeJsonSpan *value)
{
  if (value->text == NULL)
    return 0;

  if (*value->text != '"')
    return memscope_session_builder_intern_string (self->builder, value->text, value->length);

  g_string_truncate (self->scratch, 0);
  memscope_json_text_read_string (value->text, value->length, self->scratch);

  return memscope_session_builder_intern_string (self->builder, self->scratch->str, self->scratch->len);
}

/* The innermost frame is the first of the list. */
static MemscopeStackId
intern_stack (Reader                 *self,
              const MemscopeJsonSpan *value)
{
  MemscopeStackId stack = 0;
  MemscopeJsonWalker walker;
  MemscopeJsonSpan element;

  if (value->text == NULL || *value->text != '[' || !memscope_json_walker_init (&walker, value->text, value->length))
    return 0;

  g_array_set_size (self->frames, 0);
  while (memscope_json_walker_next (&walker, NULL, &element))
    {
      MemscopeStringId text = intern_value (self, &element);
      MemscopeFrameId frame = memscope_session_builder_intern_text_frame (self->builder, text);

      g_array_append_val (self->frames, frame);
    }

  for (guint i = self->frames->len; i > 0; i--)
    stack = memscope_session_builder_intern_stack (self->builder, stack,
                                                   g_array_index (self->frames, MemscopeFrameId, i - 1));

  return stack;
}

static MemscopeVariableId
intern_variable (Reader                 *self,
                 const MemscopeJsonSpan *values)
{
  if (values[FIELD_VAR_NAME].text == NULL && values[FIELD_TYPE_NAME].text == NULL)
    return 0;

  return memscope_session_builder_intern_variable (self->builder, MEMSCOPE_NAME_FILE,
                                                   intern_value (self, &values[FIELD_VAR_NAME]),
                                                   intern_value (self, &values[FIELD_TYPE_NAME]),
                                                   intern_value (self, &values[FIELD_SCOPE_NAME]));
}

static void
add_row (Reader                     *self,
         const MemscopeStoredRecord *stored)
{
  MemscopeJsonSpan values[FIELD_FIRST_OTHER];
  MemscopeBlock block = { 0 };
  MemscopeStringId thread;

  read_fields (self->text + stored->offset, self->length - stored->offset, values);
  read_number (&values[FIELD_PTR], &block.address);
  read_number (&values[FIELD_SIZE], &block.size);

  thread = intern_value (self, &values[FIELD_THREAD_ID]);
  block.thread = thread != 0 ? memscope_session_builder_intern_thread (self->builder, thread) : 0;
  block.variable = intern_variable (self, values);
  block.stack = intern_stack (self, &values[FIELD_STACK_TRACE]);
  block.birth_time = stored->alloc;
  block.birth_event = stored->birth_event;
  block.death_time = stored->dealloc;
  block.death_event = stored->death_event;
  block.death = stored->dealloc != MEMSCOPE_NEVER ? MEMSCOPE_DEATH_FREE : MEMSCOPE_DEATH_NONE;
  block.rounding = G_MAXUINT32;
  block.origin = MEMSCOPE_ORIGIN_FILE;
  if (values[FIELD_IS_LEAKED].text != NULL && *values[FIELD_IS_LEAKED].text == 't')
    block.flags = MEMSCOPE_BLOCK_LEAKED_FLAG;

  memscope_session_builder_add_block (self->builder, &block);
}

/* Records without a time stand at the first time there is: at 0 of the session. */
static void
place_untimed (GArray *records)
{
  guint64 first = NO_TIME;

  for (guint i = 0; i < records->len; i++)
    first = MIN (first, g_array_index (records, MemscopeStoredRecord, i).alloc);

  for (guint i = 0; i < records->len; i++)
    {
      MemscopeStoredRecord *record = &g_array_index (records, MemscopeStoredRecord, i);

      if (record->alloc == NO_TIME)
        record->alloc = first != NO_TIME ? first : 0;
    }
}

static gboolean
add_rows (Reader  *self,
          GError **error)
{
  if (self->n_untimed > 0)
    place_untimed (self->records);
  memscope_stored_records_plan (self->records, self->builder);

  for (guint i = 0; i < self->records->len; i++)
    {
      add_row (self, &g_array_index (self->records, MemscopeStoredRecord, i));

      if (i % STEP == 0 && !memscope_reading_step (self->reading, self->length, error))
        return FALSE;
    }

  return TRUE;
}

/* The members as the file has them, and null for what it lacks. */
static void
write_record (const guint8  *bytes,
              gsize          length,
              guint64        offset,
              gconstpointer  user_data,
              GString       *json)
{
  gboolean seen[N_FIELDS + 1] = { FALSE };
  MemscopeJsonWalker walker;
  MemscopeJsonSpan key;
  MemscopeJsonSpan value;
  gboolean first = TRUE;

  if (!memscope_json_walker_init (&walker, (const char *)bytes + offset, length - (gsize)offset))
    return;

  while (memscope_json_walker_next (&walker, &key, &value))
    {
      seen[find_field (&key)] = TRUE;
      if (!first)
        g_string_append_c (json, ',');
      first = FALSE;
      g_string_append_len (json, key.text, (gssize)key.length);
      g_string_append_c (json, ':');
      g_string_append_len (json, value.text, (gssize)value.length);
    }

  for (guint i = 0; i < N_FIELDS; i++)
    {
      if (!seen[i])
        g_string_append_printf (json, ",%s:null", fields[i]);
    }
}

static void
report_damage (Reader *self)
{
  guint n = self->records->len;

  if (self->cut)
    memscope_session_builder_add_warning (self->builder,
                                          ngettext ("The file was cut or is damaged; the %u complete record before that was read",
                                                    "The file was cut or is damaged; the %u complete records before that were read", n), n);
  if (self->trailing)
    memscope_session_builder_add_warning (self->builder, _("Something that does not belong to the recording follows the list of allocations"));
  if (self->n_foreign > 0)
    memscope_session_builder_add_warning (self->builder,
                                          ngettext ("%lu entry is not an allocation and was left out",
                                                    "%lu entries are not allocations and were left out",
                                                    (gulong)self->n_foreign),
                                          (gulong)self->n_foreign);
  if (self->n_untimed > 0)
    memscope_session_builder_add_warning (self->builder,
                                          ngettext ("%lu allocation has no time and stands at the beginning",
                                                    "%lu allocations have no time and stand at the beginning",
                                                    (gulong)self->n_untimed),
                                          (gulong)self->n_untimed);
}

gboolean
memscope_json_reader_read (GBytes                  *bytes,
                           MemscopeSessionBuilder  *builder,
                           MemscopeReading         *reading,
                           GError                 **error)
{
  g_autoptr(GArray) records = g_array_new (FALSE, FALSE, sizeof (MemscopeStoredRecord));
  g_autoptr(GArray) frames = g_array_new (FALSE, FALSE, sizeof (MemscopeFrameId));
  g_autoptr(GString) scratch = g_string_new (NULL);
  Reader self = { .builder = builder, .reading = reading, .records = records, .frames = frames, .scratch = scratch };

  self.text = g_bytes_get_data (bytes, &self.length);

  if (!find_records (&self, error) || !add_rows (&self, error))
    return FALSE;

  report_damage (&self);
  memscope_session_builder_set_format (builder, "memscope-rs JSON", 0, "J");
  memscope_session_builder_set_complete (builder, !self.cut && !self.trailing && self.n_foreign == 0 && self.n_untimed == 0);
  memscope_session_builder_set_records (builder, bytes, memscope_stored_records_offsets (records), write_record, NULL);

  return TRUE;
}

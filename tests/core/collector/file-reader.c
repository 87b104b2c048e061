/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "file-reader.h"

#include <string.h>
#include <zstd.h>

static GArray *
new_table (gsize element_size)
{
  GArray *table = g_array_new (FALSE, TRUE, (guint)element_size);

  g_array_set_size (table, 1);

  return table;
}

static void
set_id (GArray       *table,
        guint64       id,
        gconstpointer entry)
{
  g_assert_cmpuint (id, <=, table->len);
  g_assert_cmpuint (id, >, 0);
  if (id == table->len)
    g_array_set_size (table, table->len + 1);
  memcpy (table->data + id * g_array_get_element_size (table), entry, g_array_get_element_size (table));
}

/* Any bytes, and a NUL behind them. */
static char *
dup_bytes (const MemscopeStringEntry *entry)
{
  char *bytes = g_malloc0 ((gsize)entry->length + 1);

  if (entry->length != 0)
    memcpy (bytes, entry->bytes, entry->length);

  return bytes;
}

static void
read_strings (RecordingFile *file, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor;
  MemscopeStringEntry entry;
  guint64 id;

  g_assert_true (memscope_dictionary_open (&cursor, payload, length, &id));
  g_assert_cmpuint (id, ==, file->strings->len);
  while (memscope_string_next (&cursor, &entry))
    g_ptr_array_add (file->strings, dup_bytes (&entry));
  g_assert_false (cursor.failed);
}

static void
read_modules (RecordingFile *file, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor;
  MemscopeModuleEntry entry;
  guint64 id;

  g_assert_true (memscope_dictionary_open (&cursor, payload, length, &id));
  while (memscope_module_next (&cursor, &entry))
    {
      g_assert_cmpuint (entry.path, <, file->strings->len);
      set_id (file->modules, id++, &entry);
    }
  g_assert_false (cursor.failed);
}

static void
read_frames (RecordingFile *file, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor;
  MemscopeFrameEntry entry;
  guint64 id;

  g_assert_true (memscope_dictionary_open (&cursor, payload, length, &id));
  while (memscope_frame_next (&cursor, &entry))
    {
      g_assert_cmpuint (entry.module, <, file->modules->len);
      set_id (file->frames, id++, &entry);
    }
  g_assert_false (cursor.failed);
}

static void
read_stacks (RecordingFile *file, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor;
  MemscopeStackEntry entry;
  guint64 id;

  g_assert_true (memscope_dictionary_open (&cursor, payload, length, &id));
  while (memscope_stack_next (&cursor, &entry))
    {
      g_assert_cmpuint (entry.parent, <, id);
      g_assert_cmpuint (entry.frame, <, file->frames->len);
      set_id (file->stacks, id++, &entry);
    }
  g_assert_false (cursor.failed);
}

static void
read_threads (RecordingFile *file, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor = { payload, payload + length, false };
  MemscopeThreadEntry entry;

  while (memscope_thread_next (&cursor, &entry))
    {
      g_assert_cmpuint (entry.name, <, file->strings->len);
      set_id (file->threads, entry.id, &entry);
    }
  g_assert_false (cursor.failed);
}

static void
take_event (RecordingFile *file, const MemscopeEvent *event)
{
  guint index = file->events->len;

  if (index > 0)
    g_assert_cmpuint (event->time, >=, FILE_EVENT (file, index - 1).time);
  g_assert_cmpuint (event->thread, <, file->threads->len);
  g_assert_cmpuint (event->stack, <, file->stacks->len);

  if (memscope_event_is_birth (event->kind))
    {
      gboolean no = FALSE;

      g_assert_cmpuint (event->ago, <=, file->births->len);
      g_array_append_val (file->births, index);
      g_array_append_val (file->ended, no);
    }
  else if (event->kind != MEMSCOPE_EVENT_FREE_UNKNOWN && event->kind != MEMSCOPE_EVENT_REALLOC_UNKNOWN)
    {
      gboolean *ended;

      g_assert_cmpuint (event->ago, >, 0);
      g_assert_cmpuint (event->ago, <=, file->births->len);
      ended = &g_array_index (file->ended, gboolean, file->births->len - event->ago);
      g_assert_false (*ended);
      *ended = TRUE;
    }

  g_array_append_vals (file->events, event, 1);
}

static void
read_events (RecordingFile *file, const MemscopeChunkHead *head, const guint8 *payload, gsize length)
{
  g_autofree MemscopeEvent *events = g_new (MemscopeEvent, head->n_events);

  g_assert_cmpuint (head->first_event, ==, file->events->len);
  g_assert_cmpuint (head->first_birth, ==, file->births->len);
  g_assert_true (memscope_events_decode (head, payload, length, events));
  for (guint i = 0; i < head->n_events; i++)
    take_event (file, &events[i]);
  g_assert_cmpuint (file->births->len, ==, head->first_birth + head->n_births);
}

/* A checkpoint names every live birth, with the birth's own data. */
static void
read_checkpoint (RecordingFile *file, const MemscopeChunkHead *head, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor = { payload, payload + length, false };
  MemscopeLiveBlock block;
  guint64 previous = 0;
  guint n = 0, alive = 0;

  g_assert_cmpuint (head->first_event, ==, file->events->len);
  while (memscope_live_block_next (&cursor, &previous, &block))
    {
      const MemscopeEvent *birth;

      g_assert_cmpuint (block.birth, <, file->births->len);
      g_assert_false (g_array_index (file->ended, gboolean, block.birth));
      birth = &FILE_EVENT (file, g_array_index (file->births, guint, block.birth));
      g_assert_cmpuint (block.address, ==, birth->address);
      g_assert_cmpuint (block.size, ==, birth->size);
      g_assert_cmpuint (block.time, ==, birth->time);
      g_assert_cmpuint (block.thread, ==, birth->thread);
      g_assert_cmpuint (block.stack, ==, birth->stack);
      g_assert_cmpuint (block.kind, ==, birth->kind);
      g_assert_cmpuint (block.rounding, ==, birth->rounding);
      n++;
    }
  g_assert_false (cursor.failed);

  for (guint i = 0; i < file->ended->len; i++)
    alive += !g_array_index (file->ended, gboolean, i);
  g_assert_cmpuint (n, ==, alive);
  file->n_checkpoints++;
}

static void
read_facts (RecordingFile *file, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor = { payload, payload + length, false };
  MemscopeFact fact;

  while (memscope_fact_next (&cursor, &fact))
    g_hash_table_insert (file->facts, dup_bytes (&fact.key), dup_bytes (&fact.value));
  g_assert_false (cursor.failed);
}

#define READ_ALL(name, type, array)                                             \
  static void                                                                   \
  read_##name##s (RecordingFile *file, const guint8 *payload, gsize length)      \
  {                                                                             \
    MemscopeCursor cursor = { payload, payload + length, false };               \
    type entry;                                                                 \
                                                                                \
    while (memscope_##name##_next (&cursor, &entry))                            \
      g_array_append_val (file->array, entry);                                  \
    g_assert_false (cursor.failed);                                             \
  }

READ_ALL (gap, MemscopeGap, gaps)
READ_ALL (mark, MemscopeMark, marks)
READ_ALL (sample, MemscopeSample, samples)
READ_ALL (annotation, MemscopeAnnotation, annotations)
READ_ALL (clock, MemscopeClockPoint, clock)

static void
read_mappings (RecordingFile *file, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor = { payload, payload + length, false };
  MemscopeMapping mapping;

  while (memscope_mapping_next (&cursor, &mapping))
    g_assert_cmpuint (mapping.path, <, file->strings->len);
  g_assert_false (cursor.failed);
  file->n_mappings++;
}

static void
read_chunk (RecordingFile *file, const MemscopeChunkHead *head, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor = { payload, payload + length, false };

  switch ((MemscopeChunkKind)head->kind)
    {
    case MEMSCOPE_CHUNK_STRINGS:     read_strings (file, payload, length); break;
    case MEMSCOPE_CHUNK_MODULES:     read_modules (file, payload, length); break;
    case MEMSCOPE_CHUNK_FRAMES:      read_frames (file, payload, length); break;
    case MEMSCOPE_CHUNK_STACKS:      read_stacks (file, payload, length); break;
    case MEMSCOPE_CHUNK_THREADS:     read_threads (file, payload, length); break;
    case MEMSCOPE_CHUNK_EVENTS:      read_events (file, head, payload, length); break;
    case MEMSCOPE_CHUNK_FACTS:       read_facts (file, payload, length); break;
    case MEMSCOPE_CHUNK_SAMPLES:     read_samples (file, payload, length); break;
    case MEMSCOPE_CHUNK_MAPPINGS:    read_mappings (file, payload, length); break;
    case MEMSCOPE_CHUNK_GAPS:        read_gaps (file, payload, length); break;
    case MEMSCOPE_CHUNK_MARKS:       read_marks (file, payload, length); break;
    case MEMSCOPE_CHUNK_CLOCK:       read_clocks (file, payload, length); break;
    case MEMSCOPE_CHUNK_CHECKPOINT:  read_checkpoint (file, head, payload, length); break;
    case MEMSCOPE_CHUNK_ANNOTATIONS: read_annotations (file, payload, length); break;
    case MEMSCOPE_CHUNK_END:
      g_assert_true (memscope_end_next (&cursor, &file->end));
      file->has_end = TRUE;
      break;
    case MEMSCOPE_CHUNK_FOOTER:
    case MEMSCOPE_CHUNK_SYMBOLS:
    default:
      break;
    }
}

static void
unpack_chunk (RecordingFile *file, const MemscopeChunkHead *head, const guint8 *stored)
{
  g_autofree guint8 *raw = NULL;

  if (head->codec == MEMSCOPE_CODEC_RAW)
    {
      read_chunk (file, head, stored, head->stored_size);
      return;
    }

  raw = g_malloc (head->raw_size + 1);
  g_assert_cmpuint (ZSTD_decompress (raw, head->raw_size, stored, head->stored_size), ==, head->raw_size);
  read_chunk (file, head, raw, head->raw_size);
}

static void
check_trailer (RecordingFile *file, const guint8 *bytes, gsize length)
{
  MemscopeTrailer trailer;
  MemscopeChunkHead head;

  memcpy (&trailer, bytes + length - sizeof trailer, sizeof trailer);
  g_assert_true (memscope_trailer_check (&trailer));
  g_assert_cmpuint (trailer.file_size, ==, length);
  g_assert_cmpint (memscope_chunk_read (bytes + trailer.footer_offset, length - trailer.footer_offset, &head), ==,
                   MEMSCOPE_CHUNK_OK);
  g_assert_cmpuint (head.kind, ==, MEMSCOPE_CHUNK_FOOTER);
  file->has_footer = TRUE;
}

RecordingFile *
recording_file_read_bytes (const guint8 *bytes, gsize length)
{
  RecordingFile *file;
  gsize at;

  if (length < sizeof file->header)
    return NULL;

  file = g_new0 (RecordingFile, 1);
  memcpy (&file->header, bytes, sizeof file->header);
  g_assert_true (memscope_file_header_check (&file->header));

  file->events = g_array_new (FALSE, TRUE, sizeof (MemscopeEvent));
  file->births = g_array_new (FALSE, TRUE, sizeof (guint));
  file->ended = g_array_new (FALSE, TRUE, sizeof (gboolean));
  file->threads = new_table (sizeof (MemscopeThreadEntry));
  file->stacks = new_table (sizeof (MemscopeStackEntry));
  file->frames = new_table (sizeof (MemscopeFrameEntry));
  file->modules = new_table (sizeof (MemscopeModuleEntry));
  file->strings = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (file->strings, NULL);
  file->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  file->gaps = g_array_new (FALSE, TRUE, sizeof (MemscopeGap));
  file->marks = g_array_new (FALSE, TRUE, sizeof (MemscopeMark));
  file->samples = g_array_new (FALSE, TRUE, sizeof (MemscopeSample));
  file->annotations = g_array_new (FALSE, TRUE, sizeof (MemscopeAnnotation));
  file->clock = g_array_new (FALSE, TRUE, sizeof (MemscopeClockPoint));

  for (at = file->header.header_size; at < length; )
    {
      MemscopeChunkHead head;
      MemscopeChunkStatus status = memscope_chunk_read (bytes + at, length - at, &head);

      if (file->has_end && head.kind == MEMSCOPE_CHUNK_FOOTER && status == MEMSCOPE_CHUNK_OK)
        {
          check_trailer (file, bytes, length);
          break;
        }
      if (status == MEMSCOPE_CHUNK_INCOMPLETE)
        {
          file->cut = TRUE;
          break;
        }
      g_assert_cmpint (status, ==, MEMSCOPE_CHUNK_OK);
      unpack_chunk (file, &head, bytes + at + sizeof head);
      at += sizeof head + head.stored_size;
    }

  if (file->has_end)
    {
      g_assert_cmpuint (file->end.n_events, ==, file->events->len);
      g_assert_cmpuint (file->end.n_births, ==, file->births->len);
    }

  return file;
}

RecordingFile *
recording_file_read (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  g_file_get_contents (path, &bytes, &length, &error);
  g_assert_no_error (error);

  return recording_file_read_bytes ((const guint8 *)bytes, length);
}

const MemscopeEvent *
recording_file_birth_of (RecordingFile *file, const MemscopeEvent *death, guint death_births)
{
  g_assert_cmpuint (death->ago, <=, death_births);

  return &FILE_EVENT (file, g_array_index (file->births, guint, death_births - death->ago));
}

void
recording_file_free (RecordingFile *file)
{
  if (file == NULL)
    return;

  g_array_unref (file->events);
  g_array_unref (file->births);
  g_array_unref (file->ended);
  g_array_unref (file->threads);
  g_array_unref (file->stacks);
  g_array_unref (file->frames);
  g_array_unref (file->modules);
  g_ptr_array_unref (file->strings);
  g_hash_table_unref (file->facts);
  g_array_unref (file->gaps);
  g_array_unref (file->marks);
  g_array_unref (file->samples);
  g_array_unref (file->annotations);
  g_array_unref (file->clock);
  g_free (file);
}

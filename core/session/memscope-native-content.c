/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "memscope-native-content.h"

/* The most regular events compress several hundredfold, a bomb a hundred
 * thousandfold. Between the two lies this much memory per byte of file, and an
 * allowance for small files.
 */
#define MAX_EXPANSION     4096u
#define EXPANSION_FLOOR   (256u * 1024u * 1024u)

/* What a session keeps of a birth, and of a byte of anything else, at most. */
#define BYTES_PER_BIRTH   128u
#define BYTES_PER_BYTE    16u

/* Chunks in a group of those that are decoded together, for each thread. More of them
 * spill from the processor's cache before they are used.
 */
#define WAITING_PER_THREAD 4u

/* One EVENTS chunk of a group, and what it is decoded into. */
typedef struct _MemscopeWaitingChunk MemscopeWaitingChunk;

struct _MemscopeWaitingChunk
{
  MemscopeChunkHead  head;
  const guint8      *stored;
  guint64            offset;
  gboolean           decoded;
  ZSTD_DCtx         *zstd;
  GByteArray        *raw;
  GArray            *events;      /* MemscopeEvent */
};

static guint64
physical_memory (void)
{
  long n_pages = sysconf (_SC_PHYS_PAGES);
  long page_size = sysconf (_SC_PAGESIZE);

  return n_pages > 0 && page_size > 0 ? (guint64)n_pages * (guint64)page_size : G_MAXUINT64;
}

void
memscope_native_content_init (MemscopeNativeContent  *self,
                              MemscopeSessionBuilder *builder)
{
  memset (self, 0, sizeof *self);
  self->builder = builder;
  self->memory = physical_memory () / 4 * 3;
  self->raw = g_byte_array_new ();
  self->events = g_array_new (FALSE, FALSE, sizeof (MemscopeEvent));
  self->carried = g_array_new (FALSE, FALSE, sizeof (MemscopeLiveBlock));
  self->zstd = ZSTD_createDCtx ();
  self->n_threads = 1;
}

void
memscope_native_content_clear (MemscopeNativeContent *self)
{
  g_byte_array_unref (self->raw);
  g_array_unref (self->events);
  g_array_unref (self->carried);
  ZSTD_freeDCtx (self->zstd);

  for (guint i = 0; i < self->max_waiting; i++)
    {
      g_byte_array_unref (self->waiting[i].raw);
      g_array_unref (self->waiting[i].events);
      ZSTD_freeDCtx (self->waiting[i].zstd);
    }
  g_free (self->waiting);
}

void
memscope_native_content_set_threads (MemscopeNativeContent *self,
                                     guint                  n_threads)
{
  g_assert (self->max_waiting == 0);

  self->n_threads = n_threads;
  if (n_threads <= 1)
    return;

  self->max_waiting = n_threads * WAITING_PER_THREAD;
  self->waiting = g_new0 (MemscopeWaitingChunk, self->max_waiting);
  for (guint i = 0; i < self->max_waiting; i++)
    {
      self->waiting[i].raw = g_byte_array_new ();
      self->waiting[i].events = g_array_new (FALSE, FALSE, sizeof (MemscopeEvent));
      self->waiting[i].zstd = ZSTD_createDCtx ();
    }
}

void
memscope_native_content_begin_segment (MemscopeNativeContent *self)
{
  memscope_native_content_flush (self);
  self->carries = TRUE;
  self->have_carried = FALSE;
  self->have_end = self->have_footer = FALSE;
  g_array_set_size (self->carried, 0);
}

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
read_strings (MemscopeNativeContent *self,
              const Payload         *payload)
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
read_modules (MemscopeNativeContent *self,
              const Payload         *payload)
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
read_frames (MemscopeNativeContent *self,
             const Payload         *payload)
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
read_stacks (MemscopeNativeContent *self,
             const Payload         *payload)
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
read_threads (MemscopeNativeContent *self,
              const Payload         *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeThreadEntry entry;

  while (memscope_thread_next (&cursor, &entry))
    memscope_session_builder_add_thread (self->builder, &entry);

  return !cursor.failed;
}

/* ---- what was alive when a segment began ------------------------------------------- */

/* Of a file that is all there is, checkpoints only save work to who wants one instant. */
static gboolean
read_checkpoint (MemscopeNativeContent *self,
                 const Payload         *payload)
{
  const MemscopeChunkHead *head = payload->head;
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeLiveBlock block;
  guint64 previous = 0;

  if (!self->carries || (self->have_carried && head->first_event != self->carried_event))
    return TRUE;

  while (memscope_live_block_next (&cursor, &previous, &block))
    if (block.birth < head->first_birth)
      g_array_append_val (self->carried, block);

  self->have_carried = TRUE;
  self->carried_event = head->first_event;
  self->carried_birth = head->first_birth;
  self->carried_time = head->first_time;

  return !cursor.failed;
}

static int
compare_births (gconstpointer a,
                gconstpointer b)
{
  const MemscopeLiveBlock *left = a, *right = b;

  return left->birth < right->birth ? -1 : left->birth > right->birth;
}

/* The stream goes on. Where nothing is missing, all that was carried is known. */
static void
apply_carried (MemscopeNativeContent *self)
{
  guint64 missing = self->carried_event - self->next_event;

  if (!self->carries)
    return;

  self->carries = FALSE;
  if (!self->have_carried || self->carried_event <= self->next_event || self->carried_birth < self->next_birth)
    return;

  g_array_sort (self->carried, compare_births);
  memscope_session_builder_carry (self->builder, (const MemscopeLiveBlock *)(gpointer)self->carried->data,
                                  self->carried->len, self->carried_time);
  memscope_session_builder_seek (self->builder, self->carried_event, self->carried_birth);
  memscope_session_builder_add_gap (self->builder, &(MemscopeGap) {
    .begin = self->last_time,
    .end = MAX (self->carried_time, self->last_time),
    .events = missing,
    .bytes = MEMSCOPE_NOT_RECORDED,
    .reason = MEMSCOPE_GAP_SEGMENT,
  });

  self->missing_events += missing;
  self->next_event = self->carried_event;
  self->next_birth = self->carried_birth;
}

/* Whether the chunk stands where the stream can go on: nothing twice, and no
 * more births missing than events.
 */
static gboolean
follows (MemscopeNativeContent   *self,
         const MemscopeChunkHead *head)
{
  return head->first_event >= self->next_event &&
         head->first_birth >= self->next_birth &&
         head->first_birth - self->next_birth <= head->first_event - self->next_event &&
         head->first_event <= G_MAXUINT64 - head->n_events;
}

static gboolean
read_events (MemscopeNativeContent *self,
             const Payload         *payload)
{
  const MemscopeChunkHead *head = payload->head;
  MemscopeEvent *events;

  /* each event takes a byte of its own, so this bounds the array by the payload */
  if (head->n_events > payload->length || !follows (self, head))
    return FALSE;

  g_array_set_size (self->events, head->n_events);
  events = (MemscopeEvent *)(gpointer)self->events->data;

  if (!memscope_events_decode (head, payload->data, payload->length, events))
    return FALSE;

  if (head->first_event > self->next_event)
    {
      self->lost_events += head->first_event - self->next_event;
      memscope_session_builder_seek (self->builder, head->first_event, head->first_birth);
    }

  memscope_session_builder_add_events (self->builder, events, head->n_events);
  self->next_event = head->first_event + head->n_events;
  self->next_birth = head->first_birth + head->n_births;
  self->last_time = MAX (self->last_time, head->last_time);

  return TRUE;
}

static gboolean
read_facts (MemscopeNativeContent *self,
            const Payload         *payload)
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
read_samples (MemscopeNativeContent *self,
              const Payload         *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeSample sample;

  while (memscope_sample_next (&cursor, &sample))
    memscope_session_builder_add_sample (self->builder, &sample);

  return !cursor.failed;
}

static gboolean
read_mappings (MemscopeNativeContent *self,
               const Payload         *payload)
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

static void
sum_gap (MemscopeNativeContent *self,
         const MemscopeGap     *gap)
{
  MemscopeGapSum *sum = &self->gaps[gap->reason < MEMSCOPE_N_GAP_REASONS ? gap->reason : 0];

  sum->n++;

  if (gap->events == MEMSCOPE_NOT_RECORDED)
    sum->n_silent++;
  else
    sum->events += MIN (gap->events, G_MAXUINT64 - sum->events);

  if (gap->bytes != MEMSCOPE_NOT_RECORDED)
    sum->bytes += MIN (gap->bytes, G_MAXUINT64 - sum->bytes);
}

static gboolean
read_gaps (MemscopeNativeContent *self,
           const Payload         *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeGap gap;

  while (memscope_gap_next (&cursor, &gap))
    {
      memscope_session_builder_add_gap (self->builder, &gap);
      sum_gap (self, &gap);
    }

  return !cursor.failed;
}

static gboolean
read_marks (MemscopeNativeContent *self,
            const Payload         *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeMark mark;

  while (memscope_mark_next (&cursor, &mark))
    memscope_session_builder_add_mark (self->builder, &mark);

  return !cursor.failed;
}

static gboolean
read_modes (MemscopeNativeContent *self,
            const Payload         *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeMode mode;

  while (memscope_mode_next (&cursor, &mode))
    memscope_session_builder_add_mode (self->builder, &mode);

  return !cursor.failed;
}

static gboolean
read_symbols (MemscopeNativeContent *self,
              const Payload         *payload)
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
read_annotations (MemscopeNativeContent *self,
                  const Payload         *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeAnnotation annotation;

  while (memscope_annotation_next (&cursor, &annotation))
    memscope_session_builder_add_annotation (self->builder, &annotation);

  return !cursor.failed;
}

static gboolean
read_end (MemscopeNativeContent *self,
          const Payload         *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);
  MemscopeEnd end;

  if (!memscope_end_next (&cursor, &end) || end.n_events < self->next_event)
    return FALSE;

  self->lost_events += end.n_events - self->next_event;
  self->next_event = end.n_events;
  self->have_end = TRUE;
  self->repaired = end.reason == MEMSCOPE_END_REPAIRED;
  self->unmatched_frees = end.unmatched_frees;
  memscope_session_builder_add_end (self->builder, &end);

  return TRUE;
}

static gboolean
read_footer (MemscopeNativeContent *self,
             const Payload         *payload)
{
  self->have_footer = TRUE;

  return TRUE;
}

static gboolean
read_overview (MemscopeNativeContent *self,
               const Payload         *payload)
{
  MemscopeCursor cursor = payload_cursor (payload);

  return memscope_session_builder_add_overview (self->builder, &cursor);
}

/* Kinds without a reader are skipped: CLOCK points are already in the times. */
static gboolean (*const chunk_readers[]) (MemscopeNativeContent *self, const Payload *payload) = {
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
  [MEMSCOPE_CHUNK_MODES] = read_modes,
  [MEMSCOPE_CHUNK_OVERVIEW] = read_overview,
  [MEMSCOPE_CHUNK_CHECKPOINT] = read_checkpoint,
};

static gboolean
unpack (ZSTD_DCtx               *zstd,
        GByteArray              *raw,
        const MemscopeChunkHead *head,
        const guint8            *stored,
        Payload                 *payload)
{
  *payload = (Payload) { head, stored, head->stored_size };

  if (head->codec == MEMSCOPE_CODEC_RAW)
    return head->raw_size == head->stored_size;

  if (head->codec != MEMSCOPE_CODEC_ZSTD)
    return FALSE;

  g_byte_array_set_size (raw, head->raw_size);

  if (ZSTD_decompressDCtx (zstd, raw->data, head->raw_size, stored, head->stored_size) != head->raw_size)
    return FALSE;

  payload->data = raw->data;
  payload->length = head->raw_size;

  return TRUE;
}

GByteArray *
memscope_native_content_unpack (MemscopeNativeContent   *self,
                                const MemscopeChunkHead *head,
                                const guint8            *stored)
{
  GByteArray *bytes;
  Payload payload;

  if (!unpack (self->zstd, self->raw, head, stored, &payload))
    return NULL;

  bytes = g_byte_array_sized_new ((guint)payload.length);
  g_byte_array_append (bytes, payload.data, (guint)payload.length);

  return bytes;
}

/* ---- many EVENTS chunks at once ------------------------------------------------------ */

static void
decode_waiting (gpointer data,
                gpointer user_data)
{
  MemscopeWaitingChunk *chunk = data;
  Payload payload;

  chunk->decoded = FALSE;
  if (!unpack (chunk->zstd, chunk->raw, &chunk->head, chunk->stored, &payload) ||
      chunk->head.n_events > payload.length)
    return;

  g_array_set_size (chunk->events, chunk->head.n_events);
  chunk->decoded = memscope_events_decode (&chunk->head, payload.data, payload.length,
                                           (MemscopeEvent *)(gpointer)chunk->events->data);
}

static void
decode_all_waiting (MemscopeNativeContent *self)
{
  guint n_threads = MIN (self->n_threads, self->n_waiting);
  GThreadPool *pool = g_thread_pool_new (decode_waiting, NULL, (int)MAX (n_threads, 2) - 1, FALSE, NULL);

  /* This thread does its share too. */
  for (guint i = 1; i < self->n_waiting; i++)
    {
      if (i % n_threads != 0)
        g_thread_pool_push (pool, &self->waiting[i], NULL);
    }
  for (guint i = 0; i < self->n_waiting; i += n_threads)
    decode_waiting (&self->waiting[i], NULL);

  g_thread_pool_free (pool, FALSE, TRUE);
}

void
memscope_native_content_flush (MemscopeNativeContent *self)
{
  g_autofree MemscopeEventRun *runs = NULL;
  guint n = 0;

  if (self->n_waiting == 0)
    return;

  decode_all_waiting (self);
  runs = g_new (MemscopeEventRun, self->n_waiting);

  for (guint i = 0; i < self->n_waiting; i++)
    {
      const MemscopeWaitingChunk *chunk = &self->waiting[i];
      const MemscopeChunkHead *head = &chunk->head;

      if (!chunk->decoded || !follows (self, head))
        {
          if (self->n_damaged++ == 0)
            self->damage_offset = chunk->offset;
          continue;
        }

      self->lost_events += head->first_event - self->next_event;
      self->next_event = head->first_event + head->n_events;
      self->next_birth = head->first_birth + head->n_births;
      self->last_time = MAX (self->last_time, head->last_time);
      runs[n++] = (MemscopeEventRun) { head->first_event, head->first_birth, head->n_events, head->n_births,
                                       (const MemscopeEvent *)(gconstpointer)chunk->events->data };
    }

  memscope_session_builder_add_runs (self->builder, runs, n, self->n_threads);
  self->n_waiting = 0;
}

static void
wait_with (MemscopeNativeContent   *self,
           const MemscopeChunkHead *head,
           const guint8            *stored,
           guint64                  offset)
{
  MemscopeWaitingChunk *chunk = &self->waiting[self->n_waiting++];

  chunk->head = *head;
  chunk->stored = stored;
  chunk->offset = offset;

  if (self->n_waiting == self->max_waiting)
    memscope_native_content_flush (self);
}

/* What has its place among the events, or says how many there are. */
static gboolean
belongs_among_events (guint kind)
{
  return kind == MEMSCOPE_CHUNK_ANNOTATIONS || kind == MEMSCOPE_CHUNK_MARKS || kind == MEMSCOPE_CHUNK_END;
}

static gboolean
has_room (MemscopeNativeContent   *self,
          const MemscopeChunkHead *head,
          guint64                  file_size)
{
  guint64 allowance = EXPANSION_FLOOR + MIN (file_size, G_MAXUINT64 / 2 / MAX_EXPANSION) * MAX_EXPANSION;

  self->unpacked += head->raw_size;
  self->held += head->kind == MEMSCOPE_CHUNK_EVENTS ? (guint64)head->n_births * BYTES_PER_BIRTH
                                                    : (guint64)head->raw_size * BYTES_PER_BYTE;

  return self->unpacked <= allowance && self->held <= allowance && self->held <= self->memory;
}

MemscopeContentResult
memscope_native_content_add (MemscopeNativeContent   *self,
                             const MemscopeChunkHead *head,
                             const guint8            *stored,
                             guint64                  offset,
                             guint64                  file_size)
{
  Payload payload;

  if (head->kind >= G_N_ELEMENTS (chunk_readers) || !chunk_readers[head->kind])
    return MEMSCOPE_CONTENT_USED;

  if (head->kind == MEMSCOPE_CHUNK_CHECKPOINT && !self->carries)
    return MEMSCOPE_CONTENT_USED;

  if (!has_room (self, head, file_size))
    return MEMSCOPE_CONTENT_TOO_LARGE;

  if (head->kind == MEMSCOPE_CHUNK_EVENTS || head->kind == MEMSCOPE_CHUNK_END)
    apply_carried (self);

  if (self->n_threads > 1 && head->kind == MEMSCOPE_CHUNK_EVENTS)
    {
      wait_with (self, head, stored, offset);
      return MEMSCOPE_CONTENT_USED;
    }
  if (belongs_among_events (head->kind))
    memscope_native_content_flush (self);

  if (!unpack (self->zstd, self->raw, head, stored, &payload) || !chunk_readers[head->kind] (self, &payload))
    return MEMSCOPE_CONTENT_DAMAGED;

  return MEMSCOPE_CONTENT_USED;
}

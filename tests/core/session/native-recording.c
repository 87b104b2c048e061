/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>
#include <zstd.h>

#include "native-recording.h"

void
native_recording_init (NativeRecording *self)
{
  MemscopeFileHeader header = { .created_unix_ns = G_GUINT64_CONSTANT (1700000000000000000) };

  memset (self, 0, sizeof *self);
  memscope_buffer_init_malloc (&self->file);
  memscope_buffer_init_malloc (&self->payload);
  memscope_buffer_init_malloc (&self->footer);
  self->chunks = g_array_new (FALSE, FALSE, sizeof (gsize));

  memscope_file_header_seal (&header);
  memscope_buffer_append (&self->file, &header, sizeof header);
}

void
native_recording_clear (NativeRecording *self)
{
  memscope_buffer_clear (&self->file);
  memscope_buffer_clear (&self->payload);
  memscope_buffer_clear (&self->footer);
  g_clear_pointer (&self->chunks, g_array_unref);
}

static gsize
compress_zstd (gpointer      user_data,
               gpointer      out,
               gsize         capacity,
               gconstpointer raw,
               gsize         raw_size)
{
  gsize size = ZSTD_compress (out, capacity, raw, raw_size, 1);

  return ZSTD_isError (size) ? 0 : size;
}

static void
write_chunk (NativeRecording   *self,
             MemscopeChunkHead *head)
{
  MemscopeFooterEntry entry = { .offset = self->file.length };
  gsize offset = self->file.length;

  memscope_chunk_compress (&self->file, head, self->payload.data, self->payload.length, MEMSCOPE_CODEC_ZSTD,
                           self->compress ? compress_zstd : NULL, NULL);
  g_assert_false (self->payload.failed || self->file.failed);
  g_assert_cmpint (memscope_chunk_read (self->file.data + offset, self->file.length - offset, &entry.head),
                   ==, MEMSCOPE_CHUNK_OK);
  memscope_footer_append (&self->footer, &entry);
  g_array_append_val (self->chunks, offset);
  self->payload.length = 0;
}

void
native_recording_end_chunk (NativeRecording   *self,
                            MemscopeChunkKind  kind)
{
  write_chunk (self, &(MemscopeChunkHead) { .kind = kind, .first_event = self->n_events, .first_birth = self->n_births });
}

void
native_recording_add_strings (NativeRecording   *self,
                              guint64            first_id,
                              const char *const *strings)
{
  memscope_dictionary_begin (&self->payload, first_id);

  for (guint i = 0; strings[i]; i++)
    memscope_string_append (&self->payload, strings[i], (guint32)strlen (strings[i]));

  native_recording_end_chunk (self, MEMSCOPE_CHUNK_STRINGS);
}

void
native_recording_add_events (NativeRecording     *self,
                             const MemscopeEvent *events,
                             gsize                n_events)
{
  MemscopeChunkHead head = { 0 };

  memscope_events_encode (events, n_events, self->n_events, self->n_births, &head, &self->payload);
  write_chunk (self, &head);
  self->n_events += n_events;
  self->n_births += head.n_births;
}

void
native_recording_add_end (NativeRecording   *self,
                          MemscopeEndReason  reason)
{
  const MemscopeEnd end = {
    .reason = reason, .time = 1000, .n_events = self->n_events, .n_births = self->n_births, .failed_allocations = 2,
  };

  memscope_end_append (&self->payload, &end);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_END);
}

void
native_recording_close (NativeRecording *self)
{
  gsize footer_offset = self->file.length;
  MemscopeTrailer trailer;

  memscope_chunk_compress (&self->file, &(MemscopeChunkHead) { .kind = MEMSCOPE_CHUNK_FOOTER },
                           self->footer.data, self->footer.length, MEMSCOPE_CODEC_RAW, NULL, NULL);
  memscope_trailer_seal (&trailer, footer_offset, self->file.length + sizeof trailer);
  memscope_buffer_append (&self->file, &trailer, sizeof trailer);
  g_assert_false (self->file.failed || self->footer.failed);
}

gsize
native_recording_get_chunk (NativeRecording *self,
                            guint            index)
{
  g_assert_cmpuint (index, <, self->chunks->len);

  return g_array_index (self->chunks, gsize, index);
}

GBytes *
native_recording_dup_bytes (NativeRecording *self,
                            gsize            length)
{
  return g_bytes_new (self->file.data, MIN (length, self->file.length));
}

/* ---- a whole one ------------------------------------------------------------- */

static void
fill_dictionaries (NativeRecording *self)
{
  static const char *const strings[] = { "/bin/program", "main", "work", "work.c", "buffer", "char[]", "half time", NULL };
  const MemscopeModuleEntry module = {
    .path = 1, .build_id = (const guint8 *)"\x01\x02\x03\x04", .build_id_length = 4,
    .bias = 0x400000, .start = 0x401000, .end = 0x409000, .unload_time = G_MAXUINT64,
  };
  const MemscopeThreadEntry thread = { .id = 1, .tid = 77, .name = 2, .end_time = 900 };

  memscope_fact_append (&self->payload, "command", "program\0--fast", 14);
  memscope_fact_append (&self->payload, "pid", "77", 2);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_FACTS);

  native_recording_add_strings (self, 1, strings);

  memscope_dictionary_begin (&self->payload, 1);
  memscope_module_append (&self->payload, &module);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_MODULES);

  memscope_dictionary_begin (&self->payload, 1);
  memscope_frame_append (&self->payload, &(MemscopeFrameEntry) { 1, MEMSCOPE_FRAME_RETURN_ADDRESS, 0x1234 });
  memscope_frame_append (&self->payload, &(MemscopeFrameEntry) { 1, MEMSCOPE_FRAME_RETURN_ADDRESS, 0x2345 });
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_FRAMES);

  memscope_dictionary_begin (&self->payload, 1);
  memscope_stack_append (&self->payload, &(MemscopeStackEntry) { 0, 1 });
  memscope_stack_append (&self->payload, &(MemscopeStackEntry) { 1, 2 });
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_STACKS);

  memscope_thread_append (&self->payload, &thread);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_THREADS);
}

static void
fill_first_events (NativeRecording *self)
{
  const MemscopeEvent events[] = {
    { .kind = MEMSCOPE_EVENT_MALLOC, .thread = 1, .stack = 2, .time = 10, .address = 0x10010, .size = 24 },
    { .kind = MEMSCOPE_EVENT_CALLOC, .thread = 1, .stack = 2, .time = 11, .address = 0x10030, .size = 100, .rounding = 4 },
    { .kind = MEMSCOPE_EVENT_FREE, .thread = 1, .stack = 1, .time = 12, .ago = 2 },
    { .kind = MEMSCOPE_EVENT_ALIGNED, .thread = 1, .stack = 2, .time = 13, .address = 0x11000, .size = 64,
      .rounding = 8, .alignment_log2 = 12 },
  };

  native_recording_add_events (self, events, G_N_ELEMENTS (events));
}

static void
fill_context (NativeRecording *self)
{
  MemscopeSample sample = { .time = 20, .kind = MEMSCOPE_SAMPLE_PROCESS, .values = { 4096, 0, 8192, 1, 2, 3, 4, 5 } };
  const MemscopeMapping mapping = { 0x400000, 0x409000, 0, 4096, MEMSCOPE_NOT_RECORDED, 5, 1 };
  const MemscopeGap gap = { 14, 15, 7, 700, 1, MEMSCOPE_GAP_RING_FULL };
  const MemscopeMark mark = { 16, 4, 1, 7 };
  const MemscopeClockPoint point = { 0, 1, 2, 3 };
  const MemscopeAnnotation annotation = {
    .kind = MEMSCOPE_ANNOTATION_TRACK, .event = 4, .time = 17, .address = 0x10030, .size = 100,
    .thread = 1, .stack = 2, .name = 5, .type = 6,
  };

  memscope_sample_append (&self->payload, &sample);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_SAMPLES);
  memscope_mapping_append (&self->payload, &mapping);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_MAPPINGS);
  memscope_gap_append (&self->payload, &gap);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_GAPS);
  memscope_mark_append (&self->payload, &mark);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_MARKS);
  memscope_clock_append (&self->payload, &point);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_CLOCK);
  memscope_annotation_append (&self->payload, &annotation);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_ANNOTATIONS);
}

static void
fill_second_events (NativeRecording *self)
{
  const MemscopeEvent events[] = {
    { .kind = MEMSCOPE_EVENT_REALLOC_DEATH, .thread = 1, .stack = 2, .time = 30, .ago = 2 },
    { .kind = MEMSCOPE_EVENT_REALLOC, .thread = 1, .stack = 2, .time = 31, .address = 0x12000, .size = 200, .ago = 2 },
    { .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .thread = 1, .stack = 1, .time = 32, .address = 0xabcd },
  };

  native_recording_add_events (self, events, G_N_ELEMENTS (events));
}

static void
fill_the_rest (NativeRecording *self)
{
  const MemscopeLiveBlock block = { 2, 0x11000, 64, 13, 1, 2, 8, MEMSCOPE_EVENT_ALIGNED };
  const MemscopeSymbolEntry symbol = { .function = 3, .file = 4, .line = 12, .language = MEMSCOPE_LANGUAGE_C };
  guint64 previous = 0;

  memscope_live_block_append (&self->payload, &previous, &block);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_CHECKPOINT);
  memscope_symbols_append (&self->payload, 2, &symbol, 1);
  native_recording_end_chunk (self, MEMSCOPE_CHUNK_SYMBOLS);
  native_recording_add_end (self, MEMSCOPE_END_EXIT);
}

void
native_recording_fill (NativeRecording *self)
{
  fill_dictionaries (self);
  fill_first_events (self);
  fill_context (self);
  fill_second_events (self);
  fill_the_rest (self);
}

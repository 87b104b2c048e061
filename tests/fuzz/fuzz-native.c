/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes as the payloads of chunks, whose heads are made to fit: no checksum keeps
 * the fuzzer out of what lies behind it.
 *
 *   input = (kind:u8 length:u16 payload)*
 *
 * An EVENTS payload is a list of short descriptions, encoded as a recorder would;
 * fuzz-events is for payloads that no recorder makes.
 */

#include "config.h"

#include <string.h>

#include "fuzz-session.h"
#include "memscope-native-reader.h"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

typedef struct
{
  guint8  kind;
  guint8  thread;
  guint8  stack;
  guint8  time;            /* since the event before */
  guint16 address;
  guint16 size;
  guint8  ago;
  guint8  rounding;
  guint8  alignment_log2;
  guint8  skipped;         /* of the first: events that are missing before it */
} Description;

typedef struct
{
  MemscopeBuffer file;
  guint64        n_events;
  guint64        n_births;
  guint64        time;
} Recording;

static MemscopeEvent
describe (Recording    *recording,
          const guint8 *bytes)
{
  Description description;
  MemscopeEvent event;

  memcpy (&description, bytes, sizeof description);
  recording->time += description.time;
  event = (MemscopeEvent) {
    .time = recording->time, .address = description.address * 8u, .size = description.size, .ago = description.ago,
    .thread = description.thread, .stack = description.stack, .rounding = description.rounding,
    .kind = description.kind % MEMSCOPE_EVENT_N_KINDS, .alignment_log2 = description.alignment_log2,
  };

  return event;
}

static void
add_events (Recording    *recording,
            const guint8 *payload,
            gsize         length)
{
  gsize n_events = length / sizeof (Description);
  g_autofree MemscopeEvent *events = g_new (MemscopeEvent, n_events + 1);
  MemscopeChunkHead head = { 0 };
  MemscopeBuffer encoded;

  if (n_events == 0)
    return;

  recording->n_events += payload[sizeof (Description) - 1];
  recording->n_births += payload[sizeof (Description) - 1] / 2;

  for (gsize i = 0; i < n_events; i++)
    events[i] = describe (recording, payload + i * sizeof (Description));

  memscope_buffer_init_malloc (&encoded);
  memscope_events_encode (events, n_events, recording->n_events, recording->n_births, &head, &encoded);

  if (!encoded.failed)
    {
      memscope_chunk_write (&recording->file, &head, encoded.data, encoded.length);
      recording->n_events += head.n_events;
      recording->n_births += head.n_births;
    }

  memscope_buffer_clear (&encoded);
}

static void
add_chunk (Recording    *recording,
           guint8        kind,
           const guint8 *payload,
           gsize         length)
{
  MemscopeChunkHead head = { .kind = kind, .raw_size = (guint32)length };

  if (kind == MEMSCOPE_CHUNK_EVENTS)
    add_events (recording, payload, length);
  else
    memscope_chunk_write (&recording->file, &head, payload, length);
}

static void
make_recording (Recording    *recording,
                const guint8 *data,
                gsize         length)
{
  MemscopeFileHeader header = { .created_unix_ns = 1 };

  memset (recording, 0, sizeof *recording);
  memscope_buffer_init_malloc (&recording->file);
  memscope_file_header_seal (&header);
  memscope_buffer_append (&recording->file, &header, sizeof header);

  while (length >= 3)
    {
      gsize payload_length = MIN ((gsize)data[1] | (gsize)data[2] << 8, length - 3);

      add_chunk (recording, data[0], data + 3, payload_length);
      data += 3 + payload_length;
      length -= 3 + payload_length;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  g_autoptr(MemscopeSessionBuilder) builder = memscope_session_builder_new ("fuzz");
  g_autoptr(MemscopeNativeReader) reader = memscope_native_reader_new (builder);
  g_autoptr(MemscopeSession) session = NULL;
  Recording recording;

  make_recording (&recording, data, length);

  if (!memscope_native_reader_feed (reader, recording.file.data, recording.file.length, NULL) ||
      !memscope_native_reader_finish (reader, NULL))
    g_error ("a recording with a good header is read");

  memscope_buffer_clear (&recording.file);
  session = memscope_session_builder_finish (g_steal_pointer (&builder));
  fuzz_session_use (session);

  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* FORMAT.md quotes a whole recording, byte by byte. This writes it with the
 * codec and holds the document to it. Run with --print to get the bytes.
 */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "memscope-format.h"

typedef struct
{
  MemscopeBuffer file;
  MemscopeBuffer payload;
  MemscopeBuffer footer;
} Recording;

static void
recording_clear (Recording *recording)
{
  memscope_buffer_clear (&recording->file);
  memscope_buffer_clear (&recording->payload);
  memscope_buffer_clear (&recording->footer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Recording, recording_clear)

/* Writes the chunk whose payload was collected, and its footer entry. */
static void
end_chunk (Recording         *recording,
           MemscopeChunkHead *head)
{
  MemscopeFooterEntry entry = { .offset = recording->file.length };
  gsize before = recording->file.length;

  memscope_chunk_compress (&recording->file, head, recording->payload.data, recording->payload.length,
                           MEMSCOPE_CODEC_RAW, NULL, NULL);
  g_assert_cmpint (memscope_chunk_read (recording->file.data + before, recording->file.length - before, &entry.head),
                   ==, MEMSCOPE_CHUNK_OK);
  memscope_footer_append (&recording->footer, &entry);
  recording->payload.length = 0;
}

static void
write_header (Recording *recording)
{
  MemscopeFileHeader header = { .created_unix_ns = G_GUINT64_CONSTANT (1700000000000000000) };

  for (guint8 i = 0; i < 16; i++)
    {
      header.session_uuid[i] = i;
      header.tree_uuid[i] = 16 + i;
    }

  memscope_file_header_seal (&header);
  memscope_buffer_append (&recording->file, &header, sizeof header);
}

static void
write_thread (Recording *recording)
{
  const MemscopeThreadEntry thread = { .id = 1, .tid = 4127, .name = 1, .end_time = G_MAXUINT64 };

  memscope_dictionary_begin (&recording->payload, 1);
  memscope_string_append (&recording->payload, "main", 4);
  end_chunk (recording, &(MemscopeChunkHead) { .kind = MEMSCOPE_CHUNK_STRINGS });

  memscope_thread_append (&recording->payload, &thread);
  end_chunk (recording, &(MemscopeChunkHead) { .kind = MEMSCOPE_CHUNK_THREADS });
}

static void
write_events (Recording *recording)
{
  const MemscopeEvent events[] = {
    { .kind = MEMSCOPE_EVENT_MALLOC, .thread = 1, .time = 5, .address = 0x5581c0a2a0, .size = 24 },
    { .kind = MEMSCOPE_EVENT_MALLOC, .thread = 1, .time = 5, .address = 0x5581c0a2c0, .size = 100, .rounding = 4 },
    { .kind = MEMSCOPE_EVENT_FREE, .thread = 1, .time = 9, .ago = 2 },
  };
  MemscopeChunkHead head = { 0 };

  memscope_events_encode (events, G_N_ELEMENTS (events), 0, 0, &head, &recording->payload);
  end_chunk (recording, &head);
}

static void
write_end (Recording *recording)
{
  const MemscopeEnd end = { .reason = MEMSCOPE_END_EXIT, .time = 12, .n_events = 3, .n_births = 2 };
  guint64 footer_offset;
  MemscopeTrailer trailer;

  memscope_end_append (&recording->payload, &end);
  end_chunk (recording, &(MemscopeChunkHead) { .kind = MEMSCOPE_CHUNK_END, .first_event = 3, .first_birth = 2,
                                               .first_time = 12, .last_time = 12 });

  footer_offset = recording->file.length;
  memscope_chunk_compress (&recording->file, &(MemscopeChunkHead) { .kind = MEMSCOPE_CHUNK_FOOTER },
                           recording->footer.data, recording->footer.length, MEMSCOPE_CODEC_RAW, NULL, NULL);
  memscope_trailer_seal (&trailer, footer_offset, recording->file.length + sizeof trailer);
  memscope_buffer_append (&recording->file, &trailer, sizeof trailer);
}

static void
write_recording (Recording *recording)
{
  memscope_buffer_init_malloc (&recording->file);
  memscope_buffer_init_malloc (&recording->payload);
  memscope_buffer_init_malloc (&recording->footer);

  write_header (recording);
  write_thread (recording);
  write_events (recording);
  write_end (recording);

  g_assert_false (recording->file.failed || recording->payload.failed || recording->footer.failed);
}

/* The quoted bytes: lines of `offset: hex hex ...  words`. */
static GByteArray *
read_document (void)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  g_autoptr(GRegex) line = g_regex_new ("^([0-9a-f]{4}): ((?:[0-9a-f]{2} ?)+)(?:  .*)?$",
                                        G_REGEX_MULTILINE, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  path = g_test_build_filename (G_TEST_DIST, "..", "core", "format", "FORMAT.md", NULL);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);

  g_regex_match (line, text, 0, &match);

  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *offset = g_match_info_fetch (match, 1);
      g_autofree char *hex = g_match_info_fetch (match, 2);
      g_auto(GStrv) digits = g_strsplit (g_strstrip (hex), " ", 0);

      g_assert_cmpuint (g_ascii_strtoull (offset, NULL, 16), ==, bytes->len);

      for (guint i = 0; digits[i]; i++)
        {
          guint8 byte = (guint8)g_ascii_strtoull (digits[i], NULL, 16);

          g_byte_array_append (bytes, &byte, 1);
        }
    }

  return g_steal_pointer (&bytes);
}

static void
test_quoted_bytes (void)
{
  g_auto(Recording) recording = { 0 };
  g_autoptr(GByteArray) quoted = read_document ();

  write_recording (&recording);
  g_assert_cmpmem (quoted->data, quoted->len, recording.file.data, recording.file.length);
}

static void
print_recording (void)
{
  g_auto(Recording) recording = { 0 };

  write_recording (&recording);

  for (gsize i = 0; i < recording.file.length; i++)
    g_print ("%02x%c", recording.file.data[i], i % 16 == 15 ? '\n' : ' ');

  g_print ("\n");
}

int
main (int   argc,
      char *argv[])
{
  if (argc > 1 && g_str_equal (argv[1], "--print"))
    {
      print_recording ();
      return 0;
    }

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/document/quotes-the-bytes-that-are-written", test_quoted_bytes);

  return g_test_run ();
}

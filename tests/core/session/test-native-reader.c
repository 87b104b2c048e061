/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>
#include <zstd.h>

#include "memscope-error.h"
#include "memscope-native-reader.h"
#include "memscope-session-private.h"
#include "native-recording.h"

static MemscopeSession *
read_bytes (GBytes  *bytes,
            GError **error)
{
  g_autoptr(MemscopeSessionBuilder) builder = memscope_session_builder_new ("test");

  if (!memscope_native_reader_read (builder, bytes, NULL, NULL, NULL, error))
    return NULL;

  return memscope_session_builder_finish (g_steal_pointer (&builder));
}

static MemscopeSession *
read_prefix (NativeRecording *recording,
             gsize            length)
{
  g_autoptr(GBytes) bytes = native_recording_dup_bytes (recording, length);
  g_autoptr(GError) error = NULL;
  MemscopeSession *session = read_bytes (bytes, &error);

  g_assert_no_error (error);

  return session;
}

static MemscopeSession *
read_recording (NativeRecording *recording)
{
  return read_prefix (recording, recording->file.length);
}

/* Feeds slices of @step bytes, as a socket would. */
static MemscopeSession *
feed_recording (NativeRecording *recording,
                gsize            step)
{
  g_autoptr(MemscopeSessionBuilder) builder = memscope_session_builder_new ("test");
  g_autoptr(MemscopeNativeReader) reader = memscope_native_reader_new (builder);
  g_autoptr(GError) error = NULL;

  for (gsize at = 0; at < recording->file.length; at += step)
    {
      memscope_native_reader_feed (reader, recording->file.data + at, MIN (step, recording->file.length - at), &error);
      g_assert_no_error (error);
    }

  memscope_native_reader_finish (reader, &error);
  g_assert_no_error (error);

  return memscope_session_builder_finish (g_steal_pointer (&builder));
}

static gboolean
has_warning (MemscopeSession *session,
             const char      *pattern)
{
  const char *const *warnings = memscope_session_get_warnings (session);

  for (guint i = 0; warnings[i]; i++)
    {
      if (g_pattern_match_simple (pattern, warnings[i]))
        return TRUE;
    }

  return FALSE;
}

static void
make_recording (NativeRecording *recording,
                gboolean         compress)
{
  native_recording_init (recording);
  recording->compress = compress;
  native_recording_fill (recording);
  native_recording_close (recording);
}

static void
assert_rows (MemscopeSession *session)
{
  MemscopeBlock block;
  const MemscopeSymbol *symbols;

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 4);
  g_assert_cmpuint (memscope_session_get_unmatched_frees (session), ==, 1);
  g_assert_cmpuint (memscope_session_get_failed_allocations (session), ==, 2);

  memscope_session_get_block (session, 0, &block);
  g_assert_cmpuint (block.address, ==, 0x10010);
  g_assert_cmpuint (block.size, ==, 24);
  g_assert_cmpuint (block.birth_time, ==, 10000);
  g_assert_cmpuint (block.death_time, ==, 12000);
  g_assert_cmpuint (block.death, ==, MEMSCOPE_DEATH_FREE);

  memscope_session_get_block (session, 1, &block);
  g_assert_cmpuint (block.death, ==, MEMSCOPE_DEATH_REALLOC);
  g_assert_cmpuint (block.function, ==, MEMSCOPE_FUNCTION_CALLOC);
  g_assert_cmpuint (block.variable, !=, 0);

  memscope_session_get_block (session, 2, &block);
  g_assert_cmpuint (block.alignment_log2, ==, 12);
  g_assert_cmpuint (block.death_time, ==, MEMSCOPE_NEVER);

  memscope_session_get_block (session, 3, &block);
  g_assert_cmpuint (block.size, ==, 200);
  g_assert_cmpuint (block.previous, ==, 2);

  g_assert_cmpuint (memscope_session_get_symbols (session, memscope_session_get_call_site (session, block.stack), &symbols), ==, 1);
  g_assert_cmpstr (memscope_session_get_string (session, symbols[0].function, NULL), ==, "work");
  g_assert_cmpuint (symbols[0].line, ==, 12);
}

static void
test_whole (gconstpointer data)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  gsize length;
  guint n;

  make_recording (&recording, GPOINTER_TO_INT (data));
  session = read_recording (&recording);

  g_assert_cmpstr (memscope_session_get_format_name (session), ==, "native");
  g_assert_cmpuint (memscope_session_get_format_version (session), ==, 16);
  g_assert_cmpuint (memscope_session_get_time_origin (session), ==, G_GUINT64_CONSTANT (1700000000000000000));
  g_assert_true (memscope_session_get_complete (session));
  g_assert_true (memscope_session_get_process_ended (session));
  assert_rows (session);

  g_assert_cmpstr (memscope_session_get_fact (session, "command", &length), ==, "program");
  g_assert_cmpuint (length, ==, 14);
  g_assert_nonnull (memscope_session_get_samples (session, &n));
  g_assert_cmpuint (n, ==, 1);
  g_assert_nonnull (memscope_session_get_mappings (session, &n));
  g_assert_cmpuint (n, ==, 1);
  g_assert_nonnull (memscope_session_get_marks (session, &n));
  g_assert_cmpuint (n, ==, 1);
  g_assert_nonnull (memscope_session_get_annotations (session, &n));
  g_assert_cmpuint (n, ==, 1);
  g_assert_nonnull (memscope_session_get_gaps (session, &n));
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (has_warning (session, "7 events (700 bytes requested) were not recorded because a buffer*"));
  g_assert_cmpuint (g_strv_length ((char **)memscope_session_get_warnings (session)), ==, 1);
}

static void
test_slices (void)
{
  g_auto(NativeRecording) recording = { 0 };
  const gsize steps[] = { 1, 2, 3, 7, 63, 64, 65, 1000, 100000 };

  make_recording (&recording, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr(MemscopeSession) session = feed_recording (&recording, steps[i]);

      g_assert_true (memscope_session_get_complete (session));
      assert_rows (session);
    }
}

/* What is there of a live recording shows before the rest has come. */
static void
test_live (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSessionBuilder) builder = memscope_session_builder_new ("test");
  g_autoptr(MemscopeNativeReader) reader = memscope_native_reader_new (builder);
  g_autoptr(GError) error = NULL;
  gsize half;

  make_recording (&recording, FALSE);
  half = native_recording_get_chunk (&recording, NATIVE_RECORDING_SECOND_EVENTS);

  memscope_native_reader_feed (reader, recording.file.data, half + 50, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (memscope_native_reader_get_position (reader), ==, half);
  g_assert_cmpuint (memscope_session_get_n_blocks (memscope_session_builder_get_session (builder)), ==, 3);

  memscope_native_reader_feed (reader, recording.file.data + half + 50, recording.file.length - half - 50, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (memscope_native_reader_get_position (reader), ==, recording.file.length);
  g_assert_cmpuint (memscope_session_get_n_blocks (memscope_session_builder_get_session (builder)), ==, 4);
}

/* Whether something begins or ends here, so that it is always tried; most other
 * places are inside a payload and like each other.
 */
static gboolean
is_worth_a_try (NativeRecording *recording,
                gsize            at)
{
  if (at < 2 * sizeof (MemscopeChunkHead) || at + sizeof (MemscopeTrailer) >= recording->file.length)
    return TRUE;

  for (guint i = 0; i < recording->chunks->len; i++)
    {
      gsize chunk = native_recording_get_chunk (recording, i);

      if (at + 2 > chunk && at < chunk + 6)
        return TRUE;
    }

  return g_test_rand_int_range (0, 20) == 0;
}

static void
assert_good_prefix (NativeRecording *recording,
                    gsize            length,
                    guint64         *n_events)
{
  g_autoptr(GBytes) bytes = native_recording_dup_bytes (recording, length);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = read_bytes (bytes, &error);

  if (length < sizeof (MemscopeFileHeader))
    {
      g_assert_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED);
      return;
    }

  g_assert_no_error (error);
  g_assert_false (memscope_session_get_complete (session));
  g_assert_false (has_warning (session, "*damaged*"));
  g_assert_cmpuint (memscope_session_get_n_events (session), >=, *n_events);
  *n_events = memscope_session_get_n_events (session);
}

static void
test_truncations (gconstpointer data)
{
  g_auto(NativeRecording) recording = { 0 };
  guint64 n_events = 0;

  make_recording (&recording, GPOINTER_TO_INT (data));

  for (gsize length = 0; length < recording.file.length; length++)
    {
      if (is_worth_a_try (&recording, length))
        assert_good_prefix (&recording, length, &n_events);
    }
}

static void
test_cut (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSession) between = NULL;
  gsize second;

  make_recording (&recording, FALSE);
  second = native_recording_get_chunk (&recording, NATIVE_RECORDING_SECOND_EVENTS);

  session = read_prefix (&recording, second + 100);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 3);
  g_assert_false (memscope_session_get_process_ended (session));
  g_assert_true (has_warning (session, "The file was cut at byte *"));

  between = read_prefix (&recording, second);
  g_assert_cmpuint (memscope_session_get_n_blocks (between), ==, 3);
  g_assert_true (has_warning (between, "The recording was not closed*"));
}

/* The process ended and everything is there; only the index is missing. */
static void
test_no_footer (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;

  native_recording_init (&recording);
  native_recording_fill (&recording);
  session = read_recording (&recording);

  assert_rows (session);
  g_assert_true (memscope_session_get_process_ended (session));
  g_assert_false (memscope_session_get_complete (session));
}

static void
test_damage_in_the_middle (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSession) fed = NULL;

  make_recording (&recording, FALSE);
  recording.file.data[native_recording_get_chunk (&recording, NATIVE_RECORDING_FIRST_EVENTS) + 100] ^= 1;

  /* of the heap one block is left; what was annotated has none under it any more */
  session = read_recording (&recording);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 2);
  g_assert_false (memscope_session_get_complete (session));
  g_assert_true (memscope_session_get_process_ended (session));
  g_assert_true (has_warning (session, "1 part of the file is damaged (from byte *"));
  g_assert_true (has_warning (session, "4 events are missing from the file"));

  fed = feed_recording (&recording, 10);
  g_assert_cmpuint (memscope_session_get_n_blocks (fed), ==, 2);
  g_assert_true (has_warning (fed, "1 part of the file is damaged (from byte *"));
}

static void
test_damaged_header (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;

  make_recording (&recording, FALSE);
  recording.file.data[50] ^= 1;

  session = read_recording (&recording);
  assert_rows (session);
  g_assert_false (memscope_session_get_complete (session));
  g_assert_true (has_warning (session, "1 part of the file is damaged (from byte 0 on)*"));
}

static void
assert_survives (NativeRecording *recording,
                 gsize            damaged)
{
  g_autoptr(GBytes) bytes = native_recording_dup_bytes (recording, recording->file.length);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = read_bytes (bytes, &error);

  /* only magic and version decide that a file is something else */
  if (error)
    {
      g_assert_cmpuint (damaged, <, 12);
      return;
    }

  g_assert_false (memscope_session_get_complete (session));
  g_assert_cmpuint (memscope_session_get_n_blocks (session), <=, 4);
}

static void
test_bit_flips (void)
{
  g_auto(NativeRecording) recording = { 0 };

  make_recording (&recording, TRUE);

  for (gsize at = 0; at < recording.file.length; at++)
    {
      guint8 bit = (guint8)(1u << g_test_rand_int_range (0, 8));

      if (!is_worth_a_try (&recording, at))
        continue;

      recording.file.data[at] ^= bit;
      assert_survives (&recording, at);
      recording.file.data[at] ^= bit;
    }
}

static void
test_appended_garbage (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;

  make_recording (&recording, FALSE);
  memscope_buffer_append (&recording.file, "and then something else, longer than a chunk's head would be, "
                                           "so that it cannot be one that is cut short", 100);

  session = read_recording (&recording);
  assert_rows (session);
  g_assert_false (memscope_session_get_complete (session));
}

static void
test_other_files (void)
{
  MemscopeFileHeader newer = { .version = 17 };
  g_autoptr(GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr(GBytes) text = g_bytes_new_static ("MEMSCOPE is the name of a program, and this a text about it that goes on", 70);
  g_autoptr(GBytes) other = g_bytes_new_static ("\x7f" "ELF", 4);
  g_autoptr(GBytes) later = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (read_bytes (empty, &error));
  g_assert_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED);
  g_clear_error (&error);

  g_assert_null (read_bytes (text, &error));
  g_assert_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_UNSUPPORTED_VERSION);
  g_clear_error (&error);

  g_assert_null (read_bytes (other, &error));
  g_assert_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION);
  g_clear_error (&error);

  memcpy (newer.magic, MEMSCOPE_FORMAT_MAGIC, sizeof newer.magic);
  later = g_bytes_new (&newer, sizeof newer);
  g_assert_null (read_bytes (later, &error));
  g_assert_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_UNSUPPORTED_VERSION);
  g_assert_nonnull (strstr (error->message, "17"));
}

/* A later version of the header is longer; its kinds of chunks are not known. */
static void
test_later_things_are_skipped (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;

  native_recording_init (&recording);
  memscope_buffer_append (&recording.payload, "whatever this is", 16);
  native_recording_end_chunk (&recording, 200);
  native_recording_fill (&recording);
  native_recording_close (&recording);

  session = read_recording (&recording);
  assert_rows (session);
  g_assert_true (memscope_session_get_complete (session));
}

/* That nothing was freed is not that frees were not recorded. */
static void
test_nothing_freed (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  const MemscopeEvent birth = { .kind = MEMSCOPE_EVENT_MALLOC, .thread = 1, .time = 5, .address = 0x1000, .size = 100 };

  native_recording_init (&recording);
  native_recording_add_events (&recording, &birth, 1);
  native_recording_close (&recording);

  session = read_recording (&recording);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 1);
  g_assert_true (memscope_session_has_deaths (session));
}

static void
test_ids_beyond_the_dictionaries (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  const MemscopeEvent event = { .kind = MEMSCOPE_EVENT_MALLOC, .thread = G_MAXUINT32, .stack = G_MAXUINT32, .size = 24 };
  MemscopeBlock block;

  native_recording_init (&recording);

  /* out of order, each entry pointing at things that do not exist, and at itself */
  memscope_dictionary_begin (&recording.payload, 5);
  memscope_stack_append (&recording.payload, &(MemscopeStackEntry) { 5, 1000 });
  memscope_stack_append (&recording.payload, &(MemscopeStackEntry) { G_MAXUINT32, G_MAXUINT32 });
  native_recording_end_chunk (&recording, MEMSCOPE_CHUNK_STACKS);
  memscope_dictionary_begin (&recording.payload, G_MAXUINT32);
  memscope_frame_append (&recording.payload, &(MemscopeFrameEntry) { G_MAXUINT32, G_MAXUINT32, G_MAXUINT64 });
  memscope_frame_append (&recording.payload, &(MemscopeFrameEntry) { 9, 0, 0 });
  native_recording_end_chunk (&recording, MEMSCOPE_CHUNK_FRAMES);
  memscope_symbols_append (&recording.payload, G_MAXUINT32, &(MemscopeSymbolEntry) { G_MAXUINT32, 1, 2, 3, 4, 99 }, 1);
  native_recording_end_chunk (&recording, MEMSCOPE_CHUNK_SYMBOLS);
  native_recording_add_events (&recording, &event, 1);
  native_recording_add_end (&recording, 99);
  native_recording_close (&recording);

  session = read_recording (&recording);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 1);
  memscope_session_get_block (session, 0, &block);
  g_assert_cmpuint (block.stack, ==, 0);
}

/* The same chunk twice would count its events twice. */
static void
test_repeated_chunk (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree guint8 *copy = NULL;
  gsize first, length;

  native_recording_init (&recording);
  native_recording_fill (&recording);
  first = native_recording_get_chunk (&recording, NATIVE_RECORDING_FIRST_EVENTS);
  length = native_recording_get_chunk (&recording, NATIVE_RECORDING_FIRST_EVENTS + 1) - first;
  copy = g_memdup2 (recording.file.data + first, length);
  memscope_buffer_append (&recording.file, copy, length);

  session = read_recording (&recording);
  assert_rows (session);
  g_assert_true (has_warning (session, "1 part of the file is damaged*"));
}

/* Gigabytes of nothing, a few hundred bytes each. */
static void
test_bomb (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree guint8 *zeros = g_malloc0 (MEMSCOPE_CHUNK_MAX_SIZE);

  native_recording_init (&recording);
  recording.compress = TRUE;
  memscope_buffer_append (&recording.payload, zeros, MEMSCOPE_CHUNK_MAX_SIZE);
  native_recording_end_chunk (&recording, MEMSCOPE_CHUNK_SAMPLES);

  {
    g_autofree guint8 *chunk = g_memdup2 (recording.file.data, recording.file.length);
    gsize start = native_recording_get_chunk (&recording, 0);
    gsize length = recording.file.length - start;

    for (guint i = 0; i < 200; i++)
      memscope_buffer_append (&recording.file, chunk + start, length);
  }

  session = read_recording (&recording);
  g_assert_true (has_warning (session, "Reading stopped at byte *"));
}

/* Heads that overlap, each with a payload up to the end of the file that fails
 * its checksum: looking into all of them would take the square of the size.
 */
static void
test_overlapping_heads (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  gsize n = 40000;
  gsize size = n * sizeof (MemscopeChunkHead);

  native_recording_init (&recording);

  for (gsize i = 0; i < n; i++)
    {
      MemscopeChunkHead head = { .sync = MEMSCOPE_CHUNK_SYNC, .kind = MEMSCOPE_CHUNK_FACTS, .n_births = 0 };

      head.stored_size = head.raw_size = (guint32)(size - (i + 1) * sizeof head);
      memscope_buffer_append (&recording.file, &head, sizeof head);
    }

  session = read_recording (&recording);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 0);
  g_assert_true (has_warning (session, "1 part of the file is damaged*"));
}

static void
count_progress (guint64  done,
                guint64  total,
                gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (done, >=, *last);
  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static void
cancel_at_half (guint64  done,
                guint64  total,
                gpointer user_data)
{
  if (done > total / 2)
    g_cancellable_cancel (user_data);
}

static void
test_progress_and_cancelling (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopeSessionBuilder) builder = memscope_session_builder_new ("test");
  g_autoptr(MemscopeSessionBuilder) cancelled = memscope_session_builder_new ("test");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  guint64 last = 0;

  make_recording (&recording, FALSE);
  bytes = native_recording_dup_bytes (&recording, G_MAXSIZE);

  g_assert_true (memscope_native_reader_read (builder, bytes, NULL, count_progress, &last, &error));
  g_assert_cmpuint (last, ==, g_bytes_get_size (bytes));

  g_assert_false (memscope_native_reader_read (cancelled, bytes, cancellable, cancel_at_half, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/native-reader/whole", GINT_TO_POINTER (FALSE), test_whole);
  g_test_add_data_func ("/native-reader/whole-compressed", GINT_TO_POINTER (TRUE), test_whole);
  g_test_add_func ("/native-reader/any-slices", test_slices);
  g_test_add_func ("/native-reader/shows-what-has-come", test_live);
  g_test_add_data_func ("/native-reader/keeps-the-good-prefix-when-cut", GINT_TO_POINTER (FALSE), test_truncations);
  g_test_add_data_func ("/native-reader/keeps-the-good-prefix-when-cut-compressed", GINT_TO_POINTER (TRUE), test_truncations);
  g_test_add_func ("/native-reader/says-where-it-was-cut", test_cut);
  g_test_add_func ("/native-reader/needs-no-footer", test_no_footer);
  g_test_add_func ("/native-reader/finds-its-feet-after-damage", test_damage_in_the_middle);
  g_test_add_func ("/native-reader/needs-no-sound-header", test_damaged_header);
  g_test_add_func ("/native-reader/survives-flipped-bits", test_bit_flips);
  g_test_add_func ("/native-reader/ignores-what-was-appended", test_appended_garbage);
  g_test_add_func ("/native-reader/tells-other-files", test_other_files);
  g_test_add_func ("/native-reader/skips-later-kinds", test_later_things_are_skipped);
  g_test_add_func ("/native-reader/knows-frees-where-none-happened", test_nothing_freed);
  g_test_add_func ("/native-reader/ids-beyond-the-dictionaries", test_ids_beyond_the_dictionaries);
  g_test_add_func ("/native-reader/uses-no-chunk-twice", test_repeated_chunk);
  g_test_add_func ("/native-reader/stops-at-a-bomb", test_bomb);
  g_test_add_func ("/native-reader/overlapping-heads-in-linear-time", test_overlapping_heads);
  g_test_add_func ("/native-reader/progress-and-cancelling", test_progress_and_cancelling);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files of every layout, cut at every byte and with bits turned over: each gives a
 * session whose rows can be read, or an error. Larger files in the long tier only
 * (MEMSCOPE_LONG_TESTS).
 */

#include "memscope-error.h"
#include "memscope-json-text.h"
#include "memscope-loader.h"
#include "memscope-session-private.h"

#include <string.h>

#define SHORT_SIZE 3000u   /* bytes of a file that the short tier takes apart whole */

static char *
unpack (const char *path,
        gsize      *length)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GConverter) unzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr(GInputStream) packed = G_INPUT_STREAM (g_file_read (file, NULL, NULL));
  g_autoptr(GInputStream) stream = g_converter_input_stream_new (packed, unzip);
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();

  g_assert_cmpint (g_output_stream_splice (memory, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL), >=, 0);
  *length = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory));

  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (memory));
}

/* Loads a copy that ends where the bytes end, so that a sanitizer sees each read beyond. */
static guint64
try_bytes (const char *data,
           gsize       length)
{
  char *copy = length > 0 ? g_memdup2 (data, length) : g_malloc (1);
  g_autoptr(GBytes) bytes = g_bytes_new_take (copy, length);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = memscope_load_bytes (bytes, "damaged", &error);
  g_autoptr(GString) json = g_string_new (NULL);
  guint64 n;

  if (session == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (error->domain == MEMSCOPE_ERROR);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  n = memscope_session_get_n_blocks (session);
  for (guint64 row = 0; row < n; row++)
    {
      MemscopeBlock block;

      memscope_session_get_block (session, row, &block);
      g_assert_cmpuint (block.birth_event, <, memscope_session_get_n_events (session));
      g_assert_true (block.death == MEMSCOPE_DEATH_NONE || block.death_event > block.birth_event);
      g_assert_cmpuint (block.birth_time, <=, memscope_session_get_duration (session));

      g_string_assign (json, "{");
      g_assert_true (memscope_session_append_extras (session, row, json));
      g_string_append_c (json, '}');
      g_assert_true (memscope_json_text_is_valid (json->str, json->len));
    }

  return n;
}

static gboolean
is_long (void)
{
  return g_getenv ("MEMSCOPE_LONG_TESTS") != NULL;
}

static void
cut_everywhere (const char *data,
                gsize       length)
{
  gsize step = length <= SHORT_SIZE || is_long () ? 1 : length / 200;
  guint64 most = try_bytes (data, length);

  for (gsize cut = 0; cut < length; cut += step)
    g_assert_cmpuint (try_bytes (data, cut), <=, most);
}

static void
turn_bits (const char *data,
           gsize       length)
{
  g_autofree char *copy = g_memdup2 (data, length);
  gsize step = length <= SHORT_SIZE || is_long () ? 1 : length / 300;

  for (gsize at = 0; at < length; at += step)
    {
      char kept = copy[at];

      copy[at] ^= (char)(1 << g_test_rand_int_range (0, 8));
      try_bytes (copy, length);
      copy[at] = (char)0xff;
      try_bytes (copy, length);
      copy[at] = kept;
    }
}

/* Stretches of zeroes, of 1s (each may begin a record) and of noise. */
static void
overwrite_stretches (const char *data,
                     gsize       length)
{
  for (guint i = 0; i < (is_long () ? 2000 : 60); i++)
    {
      g_autofree char *copy = g_memdup2 (data, length);
      gsize begin = (gsize)g_test_rand_int_range (0, (gint)length);
      gsize end = begin + (gsize)g_test_rand_int_range (1, 400);

      end = MIN (end, length);
      for (gsize at = begin; at < end; at++)
        copy[at] = i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : (char)g_test_rand_int_range (0, 256);
      try_bytes (copy, length);
    }
}

static void
for_each_file (void (*check) (const char *data, gsize length))
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "golden", "memscope-rs", NULL);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *data = NULL;
      gsize length;

      if (!g_str_has_suffix (name, ".memscope.gz"))
        continue;

      data = unpack (path, &length);
      if (length > 0)
        check (data, length);
    }
}

static void
test_cut_everywhere (void)
{
  for_each_file (cut_everywhere);
}

static void
test_bits_turned (void)
{
  for_each_file (turn_bits);
}

static void
test_stretches_overwritten (void)
{
  for_each_file (overwrite_stretches);
}

/* ---- hostile on purpose ------------------------------------------------------------------- */

static void
put32 (GByteArray *bytes,
       guint32     value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *)&value, sizeof value);
}

static GByteArray *
new_file (guint32 version,
          guint32 count)
{
  GByteArray *bytes = g_byte_array_new ();
  static const guint8 zeroes[16] = { 0 };

  g_byte_array_append (bytes, (const guint8 *)"MEMSCOPE", 8);
  put32 (bytes, version);
  put32 (bytes, count);
  if (version == 3)
    {
      g_byte_array_append (bytes, zeroes, 16);
      g_byte_array_append (bytes, (const guint8 *)"NONE\0\0\0\0", 8);
    }

  return bytes;
}

/* Each byte may begin a record, each of which looks sound for long: looking for
 * the next one must not become quadratic.
 */
static void
test_endless_beginnings_end (void)
{
  static const guint8 patterns[][4] = { { 1, 0, 0, 0 }, { 1, 1, 1, 1 }, { 1, 0, 0, 1 }, { 0xff, 1, 0xff, 0xff } };

  for (guint version = 1; version <= 3; version++)
    for (guint p = 0; p < G_N_ELEMENTS (patterns); p++)
      {
        g_autoptr(GByteArray) bytes = new_file (version, G_MAXUINT32);

        while (bytes->len < 300000)
          g_byte_array_append (bytes, patterns[p], 4);
        try_bytes ((const char *)bytes->data, bytes->len);
      }
}

/* A stack of a million empty strings is cheap to write and must be cheap to refuse. */
static void
test_lists_without_end_are_refused (void)
{
  g_autoptr(GByteArray) bytes = new_file (3, 1000);

  for (guint i = 0; i < 200; i++)
    {
      guint8 head[29] = { 1, 0xff, 0xff, 0xff, 0x7f };

      g_byte_array_append (bytes, head, sizeof head);
      g_byte_array_append (bytes, (const guint8 *)"\0", 1);
      put32 (bytes, 0xfffffffe);
      put32 (bytes, 0xfffffffe);
      put32 (bytes, 0xfffffffe);
      put32 (bytes, 0);
      put32 (bytes, 0x7fffffff);
      for (guint k = 0; k < 100; k++)
        put32 (bytes, 0);
    }
  try_bytes ((const char *)bytes->data, bytes->len);
}

static void
test_extreme_times_make_a_session (void)
{
  static const char json[] =
    "[{\"ptr\":18446744073709551615,\"size\":18446744073709551615,\"timestamp_alloc\":18446744073709551615},"
    "{\"ptr\":0,\"size\":0,\"timestamp_alloc\":0,\"timestamp_dealloc\":18446744073709551615},"
    "{\"ptr\":1,\"size\":1,\"timestamp_alloc\":10000000000000000000,\"timestamp_dealloc\":5}]";
  g_autoptr(GBytes) bytes = g_bytes_new_static (json, strlen (json));
  g_autoptr(MemscopeSession) session = memscope_load_bytes (bytes, "x", NULL);
  g_autoptr(GString) record = g_string_new (NULL);
  MemscopeBlock block;

  g_assert_cmpuint (try_bytes (json, strlen (json)), ==, 3);
  g_assert_nonnull (session);
  memscope_session_get_block (session, 0, &block);
  g_assert_cmpuint (block.death, ==, MEMSCOPE_DEATH_FREE);
  g_assert_cmpuint (block.death_time, <, MEMSCOPE_NEVER);
  memscope_session_get_block (session, 1, &block);
  g_assert_cmpuint (block.death_time, ==, block.birth_time);    /* it ends before it begins */
  g_assert_cmpuint (block.birth_time, ==, G_GUINT64_CONSTANT (10000000000000000000));
  memscope_session_append_extras (session, 2, record);
  g_assert_nonnull (strstr (record->str, "\"ptr\":18446744073709551615"));
}

static void
test_json_is_cut_and_nested (void)
{
  static const char json[] =
    " \xef\xbb\xbf"
    "[\n {\"ptr\": 4096, \"size\": 64, \"var_name\": \"a\\u0000\\ud83d\\ude00\\udcff\", \"type_name\": null,"
    " \"stack_trace\": [\"f\", \"g\", 7], \"thread_id\": \"ThreadId(1)\", \"timestamp_alloc\": 5, \"lifetime_ms\": 1.5e3,"
    " \"new_field\": {\"deep\": [[[]]]}},\n"
    " {\"ptr\": 8192, \"size\": 1, \"thread_id\": 3, \"timestamp_alloc\": 7, \"timestamp_dealloc\": 9, \"is_leaked\": true}\n]\n";
  g_autoptr(GString) deep = g_string_new ("[");

  cut_everywhere (json + 1, strlen (json) - 1);
  turn_bits (json + 1, strlen (json) - 1);
  g_assert_cmpuint (try_bytes (json + 1, strlen (json) - 1), ==, 2);

  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (deep, '[');
  g_assert_cmpuint (try_bytes (deep->str, deep->len), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/damage/cut-everywhere", test_cut_everywhere);
  g_test_add_func ("/damage/bits-turned", test_bits_turned);
  g_test_add_func ("/damage/stretches-overwritten", test_stretches_overwritten);
  g_test_add_func ("/damage/endless-beginnings-end", test_endless_beginnings_end);
  g_test_add_func ("/damage/lists-without-end-are-refused", test_lists_without_end_are_refused);
  g_test_add_func ("/damage/extreme-times-make-a-session", test_extreme_times_make_a_session);
  g_test_add_func ("/damage/json-is-cut-and-nested", test_json_is_cut_and_nested);

  return g_test_run ();
}

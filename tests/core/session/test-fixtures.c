/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Real files of memscope-rs against what went into them, field by field: those
 * in tests/golden/memscope-rs, and all in the folder that MEMSCOPE_FIXTURES names.
 */

#include "memscope-error.h"
#include "memscope-json-text.h"
#include "memscope-json-walker.h"
#include "memscope-loader.h"
#include "memscope-session-private.h"

#include <string.h>

/* ---- JSON as values ------------------------------------------------------------------- */

static gboolean
find_member (const MemscopeJsonSpan *object,
             const char             *key,
             MemscopeJsonSpan       *value)
{
  MemscopeJsonWalker walker;
  MemscopeJsonSpan name;

  g_assert_true (memscope_json_walker_init (&walker, object->text, object->length));
  while (memscope_json_walker_next (&walker, &name, value))
    {
      if (name.length == strlen (key) + 2 && memcmp (name.text + 1, key, strlen (key)) == 0)
        return TRUE;
    }

  return FALSE;
}

static guint64
get_number (const MemscopeJsonSpan *object,
            const char             *key)
{
  MemscopeJsonSpan value;
  guint64 number = 0;

  g_assert_true (find_member (object, key, &value));
  if (*value.text == '"')
    {
      value.text++;
      value.length -= 2;
    }
  g_assert_true (memscope_json_text_read_uint64 (value.text, value.length, &number));

  return number;
}

static gboolean
is_nothing (const MemscopeJsonSpan *value)
{
  return value->text == NULL || memscope_json_span_is (value, "null");
}

static gboolean spans_equal (const MemscopeJsonSpan *a,
                             const MemscopeJsonSpan *b);

static gboolean
strings_equal (const MemscopeJsonSpan *a,
               const MemscopeJsonSpan *b)
{
  g_autoptr(GString) x = g_string_new (NULL);
  g_autoptr(GString) y = g_string_new (NULL);

  memscope_json_text_read_string (a->text, a->length, x);
  memscope_json_text_read_string (b->text, b->length, y);

  return g_string_equal (x, y);
}

static gboolean
numbers_equal (const MemscopeJsonSpan *a,
               const MemscopeJsonSpan *b)
{
  g_autofree char *x = g_strndup (a->text, a->length);
  g_autofree char *y = g_strndup (b->text, b->length);

  if (strpbrk (x, ".eE") == NULL && strpbrk (y, ".eE") == NULL)
    return g_str_equal (x, y);

  return g_ascii_strtod (x, NULL) == g_ascii_strtod (y, NULL);
}

static gboolean
arrays_equal (const MemscopeJsonSpan *a,
              const MemscopeJsonSpan *b)
{
  MemscopeJsonWalker i, j;
  MemscopeJsonSpan x, y;
  gboolean more;

  memscope_json_walker_init (&i, a->text, a->length);
  memscope_json_walker_init (&j, b->text, b->length);
  while ((more = memscope_json_walker_next (&i, NULL, &x)))
    {
      if (!memscope_json_walker_next (&j, NULL, &y) || !spans_equal (&x, &y))
        return FALSE;
    }

  return !memscope_json_walker_next (&j, NULL, &y);
}

/* Every member of @a is in @b; what is absent is null. */
static gboolean
members_equal (const MemscopeJsonSpan *a,
               const MemscopeJsonSpan *b)
{
  MemscopeJsonWalker walker;
  MemscopeJsonSpan key, x;

  memscope_json_walker_init (&walker, a->text, a->length);
  while (memscope_json_walker_next (&walker, &key, &x))
    {
      g_autofree char *name = g_strndup (key.text + 1, key.length - 2);
      MemscopeJsonSpan y;

      if (!find_member (b, name, &y))
        y = (MemscopeJsonSpan) { "null", 4 };
      if (!spans_equal (&x, &y))
        return FALSE;
    }

  return TRUE;
}

static gboolean
spans_equal (const MemscopeJsonSpan *a,
             const MemscopeJsonSpan *b)
{
  if (is_nothing (a) || is_nothing (b))
    return is_nothing (a) && is_nothing (b);

  if (*a->text == '"')
    return *b->text == '"' && strings_equal (a, b);
  if (*a->text == '[')
    return *b->text == '[' && arrays_equal (a, b);
  if (*a->text == '{')
    return *b->text == '{' && members_equal (a, b) && members_equal (b, a);
  if (g_ascii_isalpha (*a->text))
    return a->length == b->length && memcmp (a->text, b->text, a->length) == 0;

  return *b->text != '"' && numbers_equal (a, b);
}

/* ---- what a layout can hold ------------------------------------------------------------- */

static const char *const always[] = {
  "ptr", "size", "var_name", "type_name", "thread_id", "timestamp_alloc",
};
static const char *const since_b[] = {
  "timestamp_dealloc", "scope_name", "borrow_count", "is_leaked", "lifetime_ms",
};

static gboolean
is_listed (const char        *field,
           const char *const *fields,
           gsize              n)
{
  for (gsize i = 0; i < n; i++)
    {
      if (g_str_equal (field, fields[i]))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_stored (const char *layout,
           const char *field)
{
  if (*layout == 'A')
    return is_listed (field, always, G_N_ELEMENTS (always));
  if (*layout == 'B')
    return is_listed (field, always, G_N_ELEMENTS (always)) || is_listed (field, since_b, G_N_ELEMENTS (since_b));

  return TRUE;
}

/* Up to E an empty string is none; an empty stack is none everywhere. */
static gboolean
is_lost (const char             *layout,
         const MemscopeJsonSpan *expected,
         const char             *field)
{
  return (*layout <= 'E' && memscope_json_span_is (expected, "\"\"") && !g_str_equal (field, "thread_id")) ||
         (g_str_equal (field, "stack_trace") && memscope_json_span_is (expected, "[]"));
}

static void
assert_record (const char             *name,
               MemscopeSession        *session,
               guint64                 row,
               const MemscopeJsonSpan *expected)
{
  g_autoptr(GString) json = g_string_new ("{");
  const char *layout = memscope_session_get_layout (session);
  MemscopeJsonWalker walker;
  MemscopeJsonSpan object;
  MemscopeJsonSpan key, wanted;

  g_assert_true (memscope_session_append_extras (session, row, json));
  g_string_append_c (json, '}');
  g_assert_true (memscope_json_text_is_valid (json->str, json->len));
  object = (MemscopeJsonSpan) { json->str, json->len };

  memscope_json_walker_init (&walker, expected->text, expected->length);
  while (memscope_json_walker_next (&walker, &key, &wanted))
    {
      g_autofree char *field = g_strndup (key.text + 1, key.length - 2);
      MemscopeJsonSpan got = { NULL, 0 };

      if (!find_member (&object, field, &got))
        g_error ("%s: record %" G_GUINT64_FORMAT " has no field %s", name, row, field);

      if (!is_stored (layout, field) || is_lost (layout, &wanted, field))
        g_assert_true (is_nothing (&got));
      else if (!spans_equal (&wanted, &got))
        g_error ("%s: record %" G_GUINT64_FORMAT ", field %s: expected %.*s, got %.*s", name, row, field,
                 (int)wanted.length, wanted.text, (int)got.length, got.text);
    }
}

/* The columns say the same as the record. */
static void
assert_block (MemscopeSession        *session,
              guint64                 row,
              const MemscopeJsonSpan *expected)
{
  guint64 origin = memscope_session_get_time_origin (session);
  MemscopeJsonSpan value;
  MemscopeBlock block;

  memscope_session_get_block (session, row, &block);
  g_assert_cmpuint (block.address, ==, get_number (expected, "ptr"));
  g_assert_cmpuint (block.size, ==, get_number (expected, "size"));
  g_assert_cmpuint (origin + block.birth_time, ==, get_number (expected, "timestamp_alloc"));
  g_assert_cmpuint (block.origin, ==, MEMSCOPE_ORIGIN_FILE);

  if (*memscope_session_get_layout (session) == 'A')
    return;

  if (find_member (expected, "timestamp_dealloc", &value) && !is_nothing (&value))
    {
      g_assert_cmpuint (block.death, ==, MEMSCOPE_DEATH_FREE);
      g_assert_cmpuint (block.death_time, >=, block.birth_time);
      g_assert_cmpuint (block.death_event, >, block.birth_event);
    }
  else
    {
      g_assert_cmpuint (block.death_time, ==, MEMSCOPE_NEVER);
      g_assert_cmpuint (block.death_event, ==, MEMSCOPE_NEVER);
    }
}

/* ---- expected files ------------------------------------------------------------------------ */

static int
compare_expected (gconstpointer a,
                  gconstpointer b)
{
  guint64 x = get_number (a, "timestamp_alloc");
  guint64 y = get_number (b, "timestamp_alloc");

  if (x != y)
    return x < y ? -1 : 1;

  x = get_number (a, "ptr");
  y = get_number (b, "ptr");

  return (x > y) - (x < y);
}

static char *
read_gzip (const char *path,
           gsize      *length)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GConverter) unzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr(GInputStream) packed = G_INPUT_STREAM (g_file_read (file, NULL, NULL));
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();

  if (packed == NULL)
    return NULL;

  stream = g_converter_input_stream_new (packed, unzip);
  g_assert_cmpint (g_output_stream_splice (memory, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL), >=, 0);
  *length = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory));

  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (memory));
}

/* The expected records, in the order of rows; they point into the text that is returned. */
static char *
read_expected (const char *stem,
               GArray     *records)
{
  g_autofree char *plain = g_strconcat (stem, ".expected.json", NULL);
  g_autofree char *packed = g_strconcat (stem, ".expected.json.gz", NULL);
  g_autofree char *lines = g_strconcat (stem, ".expected.jsonl.gz", NULL);
  char *text = NULL;
  gsize length = 0;

  text = read_gzip (lines, &length);
  if (text != NULL)
    {
      for (gsize at = 0; at < length;)
        {
          MemscopeJsonSpan record = { text + at, memscope_json_text_value_length (text + at, length - at) };

          g_assert_cmpuint (record.length, >, 0);
          g_array_append_val (records, record);
          at += record.length + 1;
        }
    }
  else
    {
      MemscopeJsonSpan all;
      MemscopeJsonSpan array;
      MemscopeJsonSpan record;
      MemscopeJsonWalker walker;

      if (!(text = read_gzip (packed, &length)) && !g_file_get_contents (plain, &text, &length, NULL))
        return NULL;

      while (length > 0 && g_ascii_isspace (text[length - 1]))
        length--;
      all = (MemscopeJsonSpan) { text, length };
      g_assert_true (find_member (&all, "allocations", &array));
      memscope_json_walker_init (&walker, array.text, array.length);
      while (memscope_json_walker_next (&walker, NULL, &record))
        g_array_append_val (records, record);
    }

  g_array_sort (records, compare_expected);

  return text;
}

/* @path, or what is packed in @path.gz. */
static MemscopeSession *
load (const char  *path,
      GError     **error)
{
  g_autofree char *packed = g_strconcat (path, ".gz", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GBytes) bytes = NULL;
  gsize length = 0;
  char *data = read_gzip (packed, &length);

  if (!g_file_test (packed, G_FILE_TEST_EXISTS))
    return memscope_load_file (file, NULL, NULL, NULL, error);

  bytes = g_bytes_new_take (data, length);

  return memscope_load_bytes (bytes, path, error);
}

static void
check_file (const char *stem)
{
  g_autofree char *path = g_strconcat (stem, ".memscope", NULL);
  g_autofree char *expected = NULL;
  g_autoptr(GArray) records = g_array_new (FALSE, FALSE, sizeof (MemscopeJsonSpan));
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  expected = read_expected (stem, records);
  g_assert_nonnull (expected);

  start = g_get_monotonic_time ();
  session = load (path, &error);
  g_assert_no_error (error);
  g_test_message ("%s: layout %s, %" G_GUINT64_FORMAT " records, %.1f ms", stem, memscope_session_get_layout (session),
                  memscope_session_get_n_blocks (session), (g_get_monotonic_time () - start) / 1000.0);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, records->len);

  for (guint i = 0; i < records->len; i++)
    {
      const MemscopeJsonSpan *record = &g_array_index (records, MemscopeJsonSpan, i);

      assert_record (stem, session, i, record);
      assert_block (session, i, record);
    }
}

/* ---- the tests --------------------------------------------------------------------------------- */

/* Calls @check for each file in @folder whose name ends so, without that end. */
static guint
for_each (const char  *folder,
          const char  *suffix,
          void       (*check) (const char *stem))
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *stem = NULL;

      if (!g_str_has_suffix (name, suffix))
        continue;

      stem = g_build_filename (folder, name, NULL);
      stem[strlen (stem) - strlen (suffix)] = '\0';
      check (stem);
      n++;
    }

  return n;
}

static char *
golden (void)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "memscope-rs", NULL);
}

static void
test_golden_files_equal_what_went_in (void)
{
  g_autofree char *folder = golden ();

  g_assert_cmpuint (for_each (folder, ".memscope.gz", check_file), >=, 9);
}

static void
test_all_files_equal_what_went_in (void)
{
  const char *folder = g_getenv ("MEMSCOPE_FIXTURES");

  g_assert_cmpuint (for_each (folder, ".memscope", check_file) + for_each (folder, ".memscope.gz", check_file), >, 0);
}

/* Either a session that says what is wrong with it, or a clear error. */
static void
check_broken (const char *stem)
{
  g_autofree char *path = g_strconcat (stem, ".memscope", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = load (path, &error);

  if (session == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (error->domain == MEMSCOPE_ERROR);
      g_test_message ("%s: %s", stem, error->message);
      return;
    }

  g_test_message ("%s: %" G_GUINT64_FORMAT " records; %s", stem, memscope_session_get_n_blocks (session),
                  memscope_session_get_warnings (session)[0]);
  g_assert_nonnull (memscope_session_get_warnings (session)[0]);
  g_assert_false (memscope_session_get_complete (session));
}

static void
test_broken_files_give_what_is_sound (void)
{
  static const struct
  {
    const char *name;
    gint64      records;   /* -1: an error */
  } expected[] = {
    { "advd_cut_in_header", 200 }, { "bad_json_field", 24 }, { "bad_table_marker", 200 }, { "count3_no_records", 0 },
    { "count_4_billion", 200 }, { "cut_first_record", 0 }, { "cut_in_header_20", -1 }, { "cut_last_byte", 199 },
    { "gzip_of_real", -1 }, { "json_as_memscope", 1 }, { "none_marker_nonzero_size", 200 }, { "random_4k", -1 },
    { "record0_length_0", 200 }, { "record0_length_off_by_7", 200 }, { "record0_varname_len_ffffffff", 199 },
    { "stbl_marker_size0", 200 }, { "trailing_garbage", 200 }, { "v3_file_marked_v2", 200 }, { "version_255", -1 },
    { "zero_bytes", -1 },
  };
  g_autofree char *folder = golden ();

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *stem = g_build_filename (folder, "broken", expected[i].name, NULL);
      g_autofree char *path = g_strconcat (stem, ".memscope", NULL);
      g_autoptr(MemscopeSession) session = NULL;

      check_broken (stem);
      session = load (path, NULL);
      g_assert_cmpint (session != NULL ? (gint64)memscope_session_get_n_blocks (session) : -1, ==, expected[i].records);
    }
}

static void
check_wild (const char *stem)
{
  g_autofree char *path = g_strconcat (stem, ".memscope", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = load (path, &error);

  g_test_message ("%s: %s", stem, session != NULL ? "opened" : error->message);
}

static void
test_all_broken_files_end_well (void)
{
  const char *folder = g_getenv ("MEMSCOPE_FIXTURES");
  g_autofree char *broken = NULL;
  g_autofree char *wild = NULL;

  broken = g_build_filename (folder, "broken", NULL);
  wild = g_build_filename (folder, "wild", NULL);
  for_each (broken, ".memscope", check_broken);
  for_each (broken, ".memscope.gz", check_broken);
  for_each (wild, ".memscope", check_wild);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fixtures/golden-files-equal-what-went-in", test_golden_files_equal_what_went_in);
  g_test_add_func ("/fixtures/broken-files-give-what-is-sound", test_broken_files_give_what_is_sound);
  /* A folder of further recordings is somebody's own: without one there is nothing left undone. */
  if (g_getenv ("MEMSCOPE_FIXTURES") != NULL)
    {
      g_test_add_func ("/fixtures/all-files-equal-what-went-in", test_all_files_equal_what_went_in);
      g_test_add_func ("/fixtures/all-broken-files-end-well", test_all_broken_files_end_well);
    }

  return g_test_run ();
}

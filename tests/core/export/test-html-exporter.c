/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-html-exporter.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "memscope-session-builder.h"

#define EVIL "</script><img src=x onerror=alert(1)>"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
fixture_set_up (Fixture       *self,
                gconstpointer  data)
{
  self->folder = g_dir_make_tmp ("memscope-page-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->path = g_build_filename (self->folder, "page.html", NULL);
}

static void
fixture_tear_down (Fixture       *self,
                   gconstpointer  data)
{
  g_unlink (self->path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->path);
  g_free (self->folder);
}

/* @n blocks of one variable, every fourth freed, sizes that do not compress. */
static MemscopeSession *
make_session (guint       n,
              const char *name,
              gsize       length)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new (EVIL ".memscope");
  MemscopeStringId id = memscope_session_builder_intern_string (builder, name, length);
  MemscopeThreadId thread = memscope_session_builder_intern_thread (builder, id);
  MemscopeVariableId variable = memscope_session_builder_intern_variable (builder, MEMSCOPE_NAME_FILE, id, id, 0);
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  guint64 event = 0;

  memscope_session_builder_set_format (builder, "memscope-rs", 3, "I");
  memscope_session_builder_add_fact (builder, "command", "/opt/secret/prog\0--password\0x", 29);
  memscope_session_builder_add_fact (builder, "cwd", "/home/secret", 12);
  memscope_session_builder_add_fact (builder, "host", "secret-host", 11);
  for (guint i = 0; i < n; i++)
    {
      gboolean freed = i % 4 == 3;
      MemscopeBlock block = {
        .address = g_rand_int (rand), .size = 1 + g_rand_int (rand) % 100000, .birth_time = i * 1000,
        .death_time = freed ? i * 1000 + 500 : MEMSCOPE_NEVER, .birth_event = event++,
        .rounding = G_MAXUINT32, .thread = thread, .variable = i % 2 == 0 ? variable : 0,
        .origin = MEMSCOPE_ORIGIN_FILE, .death = freed ? MEMSCOPE_DEATH_FREE : MEMSCOPE_DEATH_NONE,
      };

      block.death_event = freed ? event++ : MEMSCOPE_NEVER;
      memscope_session_builder_add_block (builder, &block);
    }
  memscope_session_builder_set_n_events (builder, event);
  memscope_session_builder_set_duration (builder, n * 1000);
  memscope_session_builder_set_complete (builder, TRUE);

  return memscope_session_builder_finish (builder);
}

static char *
export_to_text (MemscopeSession           *session,
                const MemscopeHtmlOptions *options,
                gsize                     *length)
{
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GError) error = NULL;

  g_assert_true (memscope_html_export_to_stream (session, NULL, options, stream, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  if (length != NULL)
    *length = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream));
  g_assert_true (g_output_stream_write_all (stream, "", 1, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));

  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (stream));
}

static char *
unpack (const char *base64)
{
  g_autofree guchar *packed = NULL;
  gsize length;
  g_autoptr(GInputStream) memory = NULL;
  g_autoptr(GConverter) converter = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GOutputStream) text = g_memory_output_stream_new_resizable ();

  packed = g_base64_decode (base64, &length);
  memory = g_memory_input_stream_new_from_data (packed, length, NULL);
  stream = g_converter_input_stream_new (memory, converter);
  g_assert_cmpint (g_output_stream_splice (text, stream, G_OUTPUT_STREAM_SPLICE_NONE, NULL, NULL), >, 0);
  g_assert_true (g_output_stream_write_all (text, "", 1, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (text, NULL, NULL));

  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (text));
}

/* The data block of @kind, unpacked. */
static char *
take_part (const char *page,
           const char *kind)
{
  g_autofree char *start = g_strdup_printf ("data-memscope=\"%s\">", kind);
  const char *at = strstr (page, start);
  g_autofree char *base64 = NULL;

  g_assert_nonnull (at);
  at += strlen (start);
  base64 = g_strndup (at, strcspn (at, "<"));

  return unpack (base64);
}

static JsonNode *
take_head (const char *page)
{
  g_autofree char *text = take_part (page, "head");
  g_autoptr(GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);

  return node;
}

static gint64
get_content (JsonNode   *head,
             const char *key)
{
  return json_object_get_int_member (json_object_get_object_member (json_node_get_object (head), "contents"), key);
}

static void
test_texts_stay_texts (void)
{
  g_autoptr(MemscopeSession) session = make_session (8, EVIL "\xff\xe2\x80\xa8\xe2\x80\xae", strlen (EVIL) + 7);
  g_autofree char *page = export_to_text (session, NULL, NULL);
  g_autoptr(JsonNode) head = take_head (page);
  JsonArray *strings = json_object_get_array_member (json_node_get_object (head), "strings");
  gboolean found = FALSE;

  g_assert_null (strstr (page, "<img"));
  g_assert_nonnull (strstr (page, "<title>&lt;/script&gt;&lt;img src=x"));
  for (guint i = 1; i < json_array_get_length (strings); i++)
    found |= g_str_equal (json_array_get_string_element (strings, i), EVIL "\\xFF\\u{2028}\\u{202e}");
  g_assert_true (found);
}

/* Every script and style that runs is named by its hash, and nothing else may. */
static void
test_policy_names_what_runs (void)
{
  g_autoptr(MemscopeSession) session = make_session (2, "a", 1);
  g_autofree char *page = export_to_text (session, NULL, NULL);
  static const struct
  {
    const char *start;
    const char *end;
    const char *directive;
  } parts[] = { { "<style>", "</style>", "style-src '" }, { "<script>", "</script>", "script-src '" } };

  g_assert_nonnull (strstr (page, "content=\"default-src 'none'; "));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const char *from = strstr (page, parts[i].start) + strlen (parts[i].start);
      const char *to = strstr (from, parts[i].end);
      g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
      guint8 digest[32];
      gsize length = sizeof digest;
      g_autofree char *base64 = NULL;
      g_autofree char *expected = NULL;

      g_checksum_update (checksum, (const guchar *) from, to - from);
      g_checksum_get_digest (checksum, digest, &length);
      base64 = g_base64_encode (digest, length);
      expected = g_strconcat (parts[i].directive, "sha256-", base64, "'", NULL);
      g_assert_nonnull (strstr (page, expected));
      g_assert_null (strstr (to + 1, parts[i].start));
    }
}

static void
test_budget_is_kept_and_said (void)
{
  g_autoptr(MemscopeSession) session = make_session (60000, "a", 1);
  MemscopeHtmlOptions options = { .size_budget = 450000 };
  gsize whole_length, length;
  g_autofree char *whole = export_to_text (session, NULL, &whole_length);
  g_autofree char *page = export_to_text (session, &options, &length);
  g_autoptr(JsonNode) whole_head = take_head (whole);
  g_autoptr(JsonNode) head = take_head (page);
  g_autofree char *rows = take_part (page, "rows");

  /* Behind the length of the tile's head. */
  g_assert_nonnull (strstr (rows + 4, "\"address\""));
  g_assert_cmpint (get_content (whole_head, "dropped"), ==, 0);
  g_assert_cmpint (get_content (whole_head, "rows"), ==, 60000);
  g_assert_cmpuint (whole_length, >, options.size_budget);
  g_assert_cmpuint (length, <=, options.size_budget);
  g_assert_cmpint (get_content (head, "rows"), >, 1000);
  g_assert_cmpint (get_content (head, "rows") + get_content (head, "dropped"), ==, 60000);
  g_assert_cmpint (get_content (head, "selected"), ==, 60000);
}

/* The live ones go last, and the budget never touches the totals. */
static void
test_live_blocks_stay_longest (void)
{
  g_autoptr(MemscopeSession) session = make_session (60000, "a", 1);
  gsize length;
  g_autofree char *whole = export_to_text (session, NULL, &length);
  MemscopeHtmlOptions options = { .size_budget = length - 20000 };
  g_autofree char *page = export_to_text (session, &options, NULL);
  g_autoptr(JsonNode) head = take_head (page);
  JsonObject *summary = json_object_get_object_member (json_node_get_object (head), "summary");

  g_assert_true (g_str_has_prefix (whole, "<!DOCTYPE html>"));
  g_assert_cmpint (get_content (head, "dropped"), >, 0);
  g_assert_cmpint (get_content (head, "dropped"), <, 15000);
  g_assert_cmpint (get_content (head, "droppedLive"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (summary, "allocations"), ==, 60000);
  g_assert_cmpint (json_object_get_int_member (summary, "liveBlocks"), ==, 45000);
}

static void
test_named_only (void)
{
  g_autoptr(MemscopeSession) session = make_session (100, "a", 1);
  MemscopeHtmlOptions options = { .user_variables_only = TRUE };
  g_autofree char *page = export_to_text (session, &options, NULL);
  g_autoptr(JsonNode) head = take_head (page);

  g_assert_cmpint (get_content (head, "rows"), ==, 50);
  g_assert_cmpint (get_content (head, "unnamed"), ==, 50);
}

static void
test_redaction (void)
{
  g_autoptr(MemscopeSession) session = make_session (4, "a", 1);
  MemscopeHtmlOptions options = { .redact = MEMSCOPE_REDACT_PATHS | MEMSCOPE_REDACT_ARGUMENTS | MEMSCOPE_REDACT_ENVIRONMENT };
  g_autofree char *open_page = export_to_text (session, NULL, NULL);
  g_autofree char *page = export_to_text (session, &options, NULL);
  g_autofree char *open_text = take_part (open_page, "head");
  g_autofree char *text = take_part (page, "head");

  g_assert_nonnull (strstr (open_text, "/opt/secret/prog"));
  g_assert_nonnull (strstr (open_text, "--password"));
  g_assert_null (strstr (text, "secret"));
  g_assert_null (strstr (text, "--password"));
  g_assert_nonnull (strstr (text, "\"prog\""));
}

static void
test_long_names (void)
{
  g_autofree char *name = g_strnfill (65535, 'n');
  g_autoptr(MemscopeSession) session = make_session (4, name, 65535);
  g_autofree char *page = export_to_text (session, NULL, NULL);
  g_autofree char *text = take_part (page, "head");

  g_assert_nonnull (strstr (text, name));
}

static void
count_progress (guint64  done,
                guint64  total,
                gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (done, >, *last);
  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static void
test_progress_reaches_the_end (Fixture       *self,
                               gconstpointer  data)
{
  g_autoptr(MemscopeSession) session = make_session (4, "a", 1);
  g_autoptr(GFile) file = g_file_new_for_path (self->path);
  g_autoptr(GError) error = NULL;
  guint64 last = 0;

  g_assert_true (memscope_html_export (session, NULL, NULL, file, count_progress, &last, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (last, >, 10);
}

/* Cancels in the middle of the work. */
static void
cancel_later (guint64  done,
              guint64  total,
              gpointer user_data)
{
  if (done == total - 2)
    g_cancellable_cancel (user_data);
}

static void
test_cancelled_leaves_the_old_file (Fixture       *self,
                                    gconstpointer  data)
{
  g_autoptr(MemscopeSession) session = make_session (1000, "a", 1);
  g_autoptr(GFile) file = g_file_new_for_path (self->path);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *content = NULL;
  g_autoptr(GDir) folder = NULL;

  g_assert_true (g_file_set_contents (self->path, "old", -1, NULL));
  g_assert_false (memscope_html_export (session, NULL, NULL, file, cancel_later, cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_file_get_contents (self->path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "old");

  folder = g_dir_open (self->folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (folder), ==, "page.html");
  g_assert_null (g_dir_read_name (folder));
}

static void
test_nowhere_to_write (void)
{
  g_autoptr(MemscopeSession) session = make_session (1, "a", 1);
  g_autoptr(GFile) file = g_file_new_for_path ("/nonexistent/page.html");
  g_autoptr(GError) error = NULL;

  g_assert_false (memscope_html_export (session, NULL, NULL, file, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_empty_session (void)
{
  g_autoptr(MemscopeSession) session = memscope_session_builder_finish (memscope_session_builder_new (""));
  g_autofree char *page = export_to_text (session, NULL, NULL);
  g_autoptr(JsonNode) head = take_head (page);

  g_assert_cmpint (get_content (head, "rows"), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/html-exporter/texts-stay-texts", test_texts_stay_texts);
  g_test_add_func ("/html-exporter/the-policy-names-what-runs", test_policy_names_what_runs);
  g_test_add_func ("/html-exporter/the-budget-is-kept-and-said", test_budget_is_kept_and_said);
  g_test_add_func ("/html-exporter/live-blocks-stay-longest", test_live_blocks_stay_longest);
  g_test_add_func ("/html-exporter/only-named-variables", test_named_only);
  g_test_add_func ("/html-exporter/redacts", test_redaction);
  g_test_add_func ("/html-exporter/long-names-stay-whole", test_long_names);
  g_test_add_func ("/html-exporter/an-empty-session", test_empty_session);
  g_test_add_func ("/html-exporter/nowhere-to-write", test_nowhere_to_write);
  g_test_add ("/html-exporter/progress-reaches-the-end", Fixture, NULL,
              fixture_set_up, test_progress_reaches_the_end, fixture_tear_down);
  g_test_add ("/html-exporter/cancelled-leaves-the-old-file", Fixture, NULL,
              fixture_set_up, test_cancelled_leaves_the_old_file, fixture_tear_down);

  return g_test_run ();
}

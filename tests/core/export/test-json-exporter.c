/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-json-exporter.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "memscope-json-text.h"
#include "memscope-session-builder.h"

#define ORIGIN G_GUINT64_CONSTANT (1759300000000000000)

static void
add_string (MemscopeSessionBuilder *builder,
            guint64                 id,
            const char             *text)
{
  memscope_session_builder_add_string (builder, id, text, strlen (text));
}

enum { S_MODULE = 1, S_MAIN, S_MAIN_FILE, S_HELPER, S_EVIL_THREAD };

static void
add_dictionary (MemscopeSessionBuilder *builder)
{
  const MemscopeModuleEntry module = { .path = S_MODULE, .start = 0x1000, .end = 0x9000, .unload_time = UINT64_MAX };
  const MemscopeFrameEntry known = { .module = 1, .offset = 0x100 }, unknown = { .module = 1, .offset = 0xabc };
  const MemscopeThreadEntry thread = { .id = 1, .tid = 77, .name = S_EVIL_THREAD, .end_time = UINT64_MAX };
  /* a helper inlined into main */
  const MemscopeSymbolEntry symbols[] = {
    { .function = S_HELPER },
    { .function = S_MAIN, .file = S_MAIN_FILE, .line = 12 },
  };

  add_string (builder, S_MODULE, "/usr/bin/prog");
  add_string (builder, S_MAIN, "main");
  add_string (builder, S_MAIN_FILE, "prog.c");
  add_string (builder, S_HELPER, "</script>\xff");
  add_string (builder, S_EVIL_THREAD, "w\"1");
  memscope_session_builder_add_module (builder, 1, &module);
  memscope_session_builder_add_frame (builder, 1, &known);
  memscope_session_builder_add_frame (builder, 2, &unknown);
  memscope_session_builder_add_stack (builder, 1, &(MemscopeStackEntry) { .parent = 0, .frame = 1 });
  memscope_session_builder_add_stack (builder, 2, &(MemscopeStackEntry) { .parent = 1, .frame = 2 });
  memscope_session_builder_add_symbols (builder, 1, symbols, G_N_ELEMENTS (symbols));
  memscope_session_builder_add_thread (builder, &thread);
}

static MemscopeSession *
make_session (gboolean complete)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("made.memscope");
  const MemscopeEvent events[] = {
    { .time = 10, .kind = MEMSCOPE_EVENT_MALLOC, .address = 0xfffffffffffffff0, .size = G_MAXUINT64,
      .thread = 1, .stack = 2, .rounding = MEMSCOPE_USABLE_UNKNOWN },
    { .time = 20, .kind = MEMSCOPE_EVENT_CALLOC, .address = 0x2000, .size = 100, .thread = 1, .stack = 1, .rounding = 12 },
    { .time = 3000030, .kind = MEMSCOPE_EVENT_REALLOC_DEATH, .ago = 1, .thread = 1, .stack = 1 },
    { .time = 3000040, .kind = MEMSCOPE_EVENT_REALLOC, .address = 0x3000, .size = 200, .ago = 1, .thread = 1 },
  };
  const MemscopeEnd end = { .reason = MEMSCOPE_END_EXIT, .time = 3000050, .n_events = 4, .n_births = 3 };

  memscope_session_builder_set_format (builder, "native", 16, NULL);
  memscope_session_builder_set_time_origin (builder, ORIGIN);
  add_dictionary (builder);
  memscope_session_builder_add_events (builder, events, G_N_ELEMENTS (events));
  if (complete)
    memscope_session_builder_add_end (builder, &end);
  memscope_session_builder_set_complete (builder, complete);

  return memscope_session_builder_finish (builder);
}

static char *
export_text (MemscopeSession *session,
             gsize           *length)
{
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GError) error = NULL;

  memscope_json_export_to_stream (session, NULL, NULL, stream, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (stream, "", 1, NULL, NULL, NULL));
  g_output_stream_close (stream, NULL, NULL);
  *length = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)) - 1;

  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (stream));
}

static void
assert_has (const char *text,
            const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in:\n%s", part, text);
}

static void
test_writes_every_field (void)
{
  g_autoptr(MemscopeSession) session = make_session (TRUE);
  gsize length;
  g_autofree char *text = export_text (session, &length);

  g_assert_true (memscope_json_text_is_valid (text, length));
  assert_has (text, "{\"ptr\":18446744073709551600,\"size\":18446744073709551615,\"var_name\":");
  assert_has (text, "\"timestamp_alloc\":1759300000000010000,\"timestamp_dealloc\":null,"
                    "\"stack_trace\":[\"/usr/bin/prog+0xabc\",\"</script>\\udcff\",\"main (prog.c:12)\"],\"is_leaked\":true,"
                    "\"borrow_count\":null,\"lifetime_ms\":null,\"death\":null,\"death_stack_trace\":null,"
                    "\"death_thread_id\":null,\"function\":\"malloc\",\"inherited\":false,\"origin\":\"heap\","
                    "\"parent_row\":null,\"previous_row\":null,\"row\":0,\"usable_size\":null}");
  assert_has (text, "\"timestamp_dealloc\":1759300003000030000,");
  assert_has (text, "\"is_leaked\":false,\"borrow_count\":null,\"lifetime_ms\":3000,\"death\":\"realloc\","
                    "\"death_stack_trace\":[\"</script>\\udcff\",\"main (prog.c:12)\"]");
  assert_has (text, "\"function\":\"calloc\"");
  assert_has (text, "\"usable_size\":112}");
  assert_has (text, "\"function\":\"realloc\",\"inherited\":false,\"origin\":\"heap\",\"parent_row\":null,"
                    "\"previous_row\":1,\"row\":2,\"usable_size\":200}");
  assert_has (text, "\"thread_id\":\"w\\\"1");
}

static void
test_a_cut_recording_says_nothing_of_leaks (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  gsize length;
  g_autofree char *text = export_text (session, &length);

  assert_has (text, "\"is_leaked\":null");
  assert_has (text, "\"leaked_allocations\": null");
  g_assert_null (strstr (text, "\"is_leaked\":true"));
}

static void
assert_sorted (JsonObject *object)
{
  g_autoptr(GList) keys = json_object_get_members (object);

  for (GList *key = keys; key != NULL && key->next != NULL; key = key->next)
    g_assert_cmpstr (key->data, <, key->next->data);
}

static void
test_document_has_sorted_heads (void)
{
  g_autoptr(MemscopeSession) session = make_session (TRUE);
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(GError) error = NULL;
  JsonObject *root, *stats;
  gsize length;
  g_autofree char *text = export_text (session, &length);

  /* json-glib cannot hold the lone surrogate of the hostile name. */
  for (char *at; (at = strstr (text, "\\udcff")) != NULL; )
    memcpy (at, "______", 6);

  json_parser_load_from_data (parser, text, length, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  stats = json_object_get_object_member (root, "stats");

  assert_sorted (json_object_get_object_member (root, "session"));
  assert_sorted (stats);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "allocations")), ==, 3);
  g_assert_cmpint (json_object_get_int_member (stats, "total_allocations"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (stats, "total_frees"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (stats, "leaked_allocations"), ==, 2);
}

static void
test_empty_session_is_a_document (void)
{
  g_autoptr(MemscopeSession) session = memscope_session_builder_finish (memscope_session_builder_new ("empty"));
  gsize length;
  g_autofree char *text = export_text (session, &length);

  g_assert_true (memscope_json_text_is_valid (text, length));
  assert_has (text, "\"allocations\": []");
}

static void
test_sampled_figures_have_their_interval (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("sampled");
  g_autofree MemscopeEvent *events = g_new0 (MemscopeEvent, 50);
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *text = NULL;
  gsize length;

  for (guint i = 0; i < 50; i++)
    events[i] = (MemscopeEvent) { .time = i, .kind = MEMSCOPE_EVENT_MALLOC, .address = 0x10000 + 4096 * (guint64) i,
                                  .size = 1000, .thread = 1, .rounding = MEMSCOPE_USABLE_UNKNOWN };
  memscope_session_builder_set_sampling_interval (builder, 100000);
  memscope_session_builder_add_events (builder, events, 50);
  session = memscope_session_builder_finish (builder);
  text = export_text (session, &length);

  g_assert_true (memscope_json_text_is_valid (text, length));
  assert_has (text, "\"sampling_interval\": 100000");
  assert_has (text, "\"estimates\": {\n      \"active_allocations\": {\n        \"error\": ");
  /* nothing was freed: too few samples to say how much */
  assert_has (text, "\"freed_bytes\": {\n        \"error\": null,\n        \"value\": null\n      }");
}

/* More than a segment of rows, so that flushing and progress are in it. */
#define MANY 150000u

static MemscopeSession *
make_many (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("many");
  g_autofree MemscopeEvent *events = g_new0 (MemscopeEvent, MANY);

  for (guint i = 0; i < MANY; i++)
    events[i] = (MemscopeEvent) { .time = i, .kind = MEMSCOPE_EVENT_MALLOC, .address = 0x10000 + 16 * (guint64) i,
                                  .size = 16, .thread = 1, .rounding = 8 };
  memscope_session_builder_add_events (builder, events, MANY);

  return memscope_session_builder_finish (builder);
}

static void
note_progress (guint64  done,
               guint64  total,
               gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (total, ==, MANY);
  g_assert_cmpuint (done, <=, total);
  g_assert_true (done >= *last);
  *last = done;
}

static void
test_streams_many_rows (void)
{
  g_autoptr(MemscopeSession) session = make_many ();
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GError) error = NULL;
  guint64 last = 0;

  g_assert_true (memscope_json_export_to_stream (session, NULL, NULL, stream, note_progress, &last, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (last, >, MANY / 2);
  g_assert_true (memscope_json_text_is_valid (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream)),
                                              g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream))));
}

static void
cancel_midway (guint64  done,
               guint64  total,
               gpointer user_data)
{
  if (done > total / 2)
    g_cancellable_cancel (user_data);
}

static void
test_stops_when_cancelled (void)
{
  g_autoptr(MemscopeSession) session = make_many ();
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_assert_false (memscope_json_export_to_stream (session, NULL, NULL, stream, cancel_midway, cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-exporter/writes-every-field", test_writes_every_field);
  g_test_add_func ("/json-exporter/a-cut-recording-says-nothing-of-leaks", test_a_cut_recording_says_nothing_of_leaks);
  g_test_add_func ("/json-exporter/document-has-sorted-heads", test_document_has_sorted_heads);
  g_test_add_func ("/json-exporter/empty-session-is-a-document", test_empty_session_is_a_document);
  g_test_add_func ("/json-exporter/sampled-figures-have-their-interval", test_sampled_figures_have_their_interval);
  g_test_add_func ("/json-exporter/streams-many-rows", test_streams_many_rows);
  g_test_add_func ("/json-exporter/stops-when-cancelled", test_stops_when_cancelled);

  return g_test_run ();
}

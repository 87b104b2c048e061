/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-error.h"
#include "memscope-loader.h"
#include "memscope-session-private.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

static char *folder;

static GFile *
new_file (const char *name,
          const void *data,
          gssize      length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (data != NULL)
    g_assert_true (g_file_set_contents (path, data, length, NULL));

  return g_file_new_for_path (path);
}

static void
assert_refused (GFile      *file,
                GQuark      domain,
                int         code,
                const char *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = memscope_load_file (file, NULL, NULL, NULL, &error);

  g_assert_null (session);
  g_assert_error (error, domain, code);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, words);
}

static void
assert_bytes_refused (const void *data,
                      gssize      length,
                      int         code,
                      const char *words)
{
  g_autoptr(GFile) file = new_file ("refused", data, length);

  assert_refused (file, MEMSCOPE_ERROR, code, words);
}

static void
test_other_files_are_named (void)
{
  assert_bytes_refused ("", 0, MEMSCOPE_ERROR_NOT_A_SESSION, "empty");
  assert_bytes_refused ("\x1f\x8b\x08\0\0", 5, MEMSCOPE_ERROR_NOT_A_SESSION, "gzip");
  assert_bytes_refused ("\x28\xb5\x2f\xfd\0", 5, MEMSCOPE_ERROR_NOT_A_SESSION, "Zstandard");
  assert_bytes_refused ("\x7f" "ELF\2\1\1", 7, MEMSCOPE_ERROR_NOT_A_SESSION, "program");
  assert_bytes_refused ("placeholder binary data", -1, MEMSCOPE_ERROR_NOT_A_SESSION, "not a recording");
  assert_bytes_refused ("MEMSCOPE_LOCKFREE\1abcdefgh", -1, MEMSCOPE_ERROR_NOT_A_SESSION, "lock-free");
  assert_bytes_refused ("\x09\0\0\0[{\"timest", 14, MEMSCOPE_ERROR_NOT_A_SESSION, "sampler");
  assert_bytes_refused ("\xce\xfa\xed\xfe\1\0\0\0", 8, MEMSCOPE_ERROR_NOT_A_SESSION, "sampler");
  assert_bytes_refused ("M", 1, MEMSCOPE_ERROR_DAMAGED, "header");
  assert_bytes_refused ("MEMSCOPE\1\0\0\0\0\0\0", 15, MEMSCOPE_ERROR_DAMAGED, "header");
  assert_bytes_refused ("MEMSCOPE\4\0\0\0\0\0\0\0", 16, MEMSCOPE_ERROR_UNSUPPORTED_VERSION, "version 4");
  assert_bytes_refused ("MEMSCOPE\0\0\0\0\0\0\0\0", 16, MEMSCOPE_ERROR_UNSUPPORTED_VERSION, "version 0");
  assert_bytes_refused ("{}", -1, MEMSCOPE_ERROR_NOT_A_SESSION, "JSON");
  assert_bytes_refused ("[1, 2]", -1, MEMSCOPE_ERROR_NOT_A_SESSION, "JSON");
  assert_bytes_refused ("[{\"name\": 1}]", -1, MEMSCOPE_ERROR_NOT_A_SESSION, "JSON");
  assert_bytes_refused ("[{\"ptr\": 1, \"si", -1, MEMSCOPE_ERROR_NOT_A_SESSION, "JSON");
}

static void
test_what_is_not_a_file_is_refused (void)
{
  g_autoptr(GFile) directory = g_file_new_for_path (folder);
  g_autoptr(GFile) missing = new_file ("missing", NULL, 0);
  g_autoptr(GFile) fifo = new_file ("fifo", NULL, 0);
  g_autoptr(GFile) null = g_file_new_for_path ("/dev/null");

  assert_refused (directory, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "folder");
  assert_refused (missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "");
  assert_refused (null, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "device");

  g_assert_cmpint (mkfifo (g_file_peek_path (fifo), 0600), ==, 0);
  assert_refused (fifo, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "pipe");
}

/* A sparse file of a petabyte is refused before a byte of it is read. */
static void
test_too_large_files_are_refused (void)
{
  g_autoptr(GFile) file = new_file ("sparse", "MEMSCOPE", 8);

  if (truncate (g_file_peek_path (file), (off_t)1 << 43) != 0)
    {
      g_test_skip ("the file system has no files that large");
      return;
    }
  assert_refused (file, MEMSCOPE_ERROR, MEMSCOPE_ERROR_TOO_LARGE, "memory");
  g_unlink (g_file_peek_path (file));
}

static void
test_json_is_read (void)
{
  static const char json[] =
    "{\"session\": {\"x\": [1]}, \"allocations\": [\n"
    "{\"ptr\": 8192, \"size\": 7, \"timestamp_alloc\": 2000, \"timestamp_dealloc\": 2500, \"thread_id\": \"main\","
    " \"var_name\": \"</script>\", \"type_name\": \"String\", \"is_leaked\": true, \"stack_trace\": [\"inner\", \"outer\"]},\n"
    "{\"ptr\": 4096, \"size\": 64, \"timestamp_alloc\": 1000, \"thread_id\": 7}], \"stats\": {}}";
  g_autoptr(GFile) file = new_file ("a.txt", json, -1);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = memscope_load_file (file, NULL, NULL, NULL, &error);
  g_autofree char *thread = NULL;
  g_autofree char *site = NULL;
  MemscopeVariable variable;
  MemscopeBlock block;

  g_assert_no_error (error);
  g_assert_cmpstr (memscope_session_get_format_name (session), ==, "memscope-rs JSON");
  g_assert_cmpstr (memscope_session_get_layout (session), ==, "J");
  g_assert_cmpstr (memscope_session_get_label (session), ==, "a.txt");
  g_assert_true (memscope_session_get_complete (session));
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 2);
  g_assert_cmpuint (memscope_session_get_time_origin (session), ==, 1000);
  g_assert_cmpuint (memscope_session_get_duration (session), ==, 1500);

  memscope_session_get_block (session, 0, &block);
  g_assert_cmpuint (block.address, ==, 4096);
  g_assert_cmpuint (block.variable, ==, 0);
  thread = memscope_session_dup_thread_label (session, block.thread);
  g_assert_cmpstr (thread, ==, "7");

  memscope_session_get_block (session, 1, &block);
  g_assert_cmpuint (block.flags, ==, MEMSCOPE_BLOCK_LEAKED_FLAG);
  g_assert_cmpuint (block.death_time, ==, 1500);
  g_assert_true (memscope_session_get_variable (session, block.variable, &variable));
  g_assert_cmpuint (variable.source, ==, MEMSCOPE_NAME_FILE);
  g_assert_cmpstr (memscope_session_get_string (session, variable.name, NULL), ==, "</script>");
  site = memscope_session_dup_frame_label (session, memscope_session_get_call_site (session, block.stack));
  g_assert_cmpstr (site, ==, "inner");
}

/* The tree for display has every field, and numbers that json-glib cannot hold as text. */
static void
test_extras_are_a_tree (void)
{
  static const char json[] =
    "[{\"ptr\": 18446744073709551615, \"size\": 9223372036854775807, \"timestamp_alloc\": 1, \"lifetime_ms\": 1.5,"
    " \"borrow_info\": {\"list\": [null, true, \"\\u00e9\"]}}]";
  g_autoptr(GBytes) bytes = g_bytes_new_static (json, strlen (json));
  g_autoptr(MemscopeSession) session = memscope_load_bytes (bytes, "x", NULL);
  g_autoptr(JsonObject) extras = memscope_session_dup_extras (session, 0);
  JsonArray *list;

  g_assert_nonnull (extras);
  g_assert_cmpstr (json_object_get_string_member (extras, "ptr"), ==, "18446744073709551615");
  g_assert_cmpint (json_object_get_int_member (extras, "size"), ==, G_MAXINT64);
  g_assert_cmpfloat (json_object_get_double_member (extras, "lifetime_ms"), ==, 1.5);
  g_assert_true (json_object_get_null_member (extras, "clone_info"));
  g_assert_cmpuint (json_object_get_size (extras), ==, 30);
  list = json_object_get_array_member (json_object_get_object_member (extras, "borrow_info"), "list");
  g_assert_cmpstr (json_array_get_string_element (list, 2), ==, "é");
  g_assert_null (memscope_session_dup_extras (session, 1));
}

/* ---- off the main thread ------------------------------------------------------------------ */

typedef struct
{
  GMainLoop       *loop;
  MemscopeSession *session;
  GError          *error;
  guint64          last_done;
  guint64          total;
} Loading;

static void
progress_cb (guint64  done,
             guint64  total,
             gpointer user_data)
{
  Loading *loading = user_data;

  g_assert_cmpuint (done, >=, loading->last_done);
  g_assert_cmpuint (done, <=, total);
  loading->last_done = done;
  loading->total = total;
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Loading *loading = user_data;

  loading->session = memscope_load_file_finish (result, &loading->error);
  g_main_loop_quit (loading->loop);
}

static GFile *
new_large_file (void)
{
  g_autoptr(GString) json = g_string_new ("[");

  for (guint i = 0; i < 60000; i++)
    g_string_append_printf (json, "%s{\"ptr\":%u,\"size\":8,\"timestamp_alloc\":%u,\"thread_id\":\"main\"}", i > 0 ? "," : "", i * 16, i);
  g_string_append_c (json, ']');

  return new_file ("large", json->str, (gssize)json->len);
}

static void
test_async_loads_and_tells_how_far (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GFile) file = new_large_file ();
  g_autoptr(MemscopeSession) session = NULL;
  Loading loading = { .loop = loop };

  memscope_load_file_async (file, NULL, progress_cb, &loading, loaded_cb, &loading);
  g_main_loop_run (loop);
  session = loading.session;
  g_assert_no_error (loading.error);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 60000);
  g_assert_cmpuint (loading.total, >, 0);
}

static void
test_async_is_cancelled (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GFile) file = new_large_file ();
  Loading loading = { .loop = loop };

  memscope_load_file_async (file, cancellable, NULL, NULL, loaded_cb, &loading);
  g_cancellable_cancel (cancellable);
  g_main_loop_run (loop);
  g_assert_null (loading.session);
  g_assert_error (loading.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&loading.error);
}

static void
cancel_cb (guint64  done,
           guint64  total,
           gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
test_cancel_is_seen_while_reading (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GFile) file = new_large_file ();
  g_autoptr(GError) error = NULL;

  g_assert_null (memscope_load_file (file, cancellable, cancel_cb, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
remove_folder (void)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

int
main (int   argc,
      char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("memscope-loader-XXXXXX", NULL);
  g_assert_nonnull (folder);

  g_test_add_func ("/loader/other-files-are-named", test_other_files_are_named);
  g_test_add_func ("/loader/what-is-not-a-file-is-refused", test_what_is_not_a_file_is_refused);
  g_test_add_func ("/loader/too-large-files-are-refused", test_too_large_files_are_refused);
  g_test_add_func ("/loader/json-is-read", test_json_is_read);
  g_test_add_func ("/loader/extras-are-a-tree", test_extras_are_a_tree);
  g_test_add_func ("/loader/async-loads-and-tells-how-far", test_async_loads_and_tells_how_far);
  g_test_add_func ("/loader/async-is-cancelled", test_async_is_cancelled);
  g_test_add_func ("/loader/cancel-is-seen-while-reading", test_cancel_is_seen_while_reading);

  status = g_test_run ();
  remove_folder ();
  g_free (folder);

  return status;
}

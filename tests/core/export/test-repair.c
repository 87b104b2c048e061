/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-loader.h"
#include "memscope-repair.h"
#include "memscope-session-private.h"
#include "native-recording.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static char *folder;

static GFile *
write_bytes (const char *name,
             GBytes     *bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));

  return g_file_new_for_path (path);
}

static MemscopeSession *
load (GFile *file)
{
  g_autoptr(GError) error = NULL;
  MemscopeSession *session = memscope_load_file (file, NULL, NULL, NULL, &error);

  g_assert_no_error (error);

  return session;
}

/* The same blocks, samples and names; how the recording ended may differ. */
static void
assert_same_content (GFile *a,
                     GFile *b)
{
  g_autoptr(MemscopeSession) one = load (a);
  g_autoptr(MemscopeSession) other = load (b);
  guint64 n = memscope_session_get_n_blocks (one);

  g_assert_cmpuint (memscope_session_get_n_blocks (other), ==, n);
  g_assert_cmpuint (memscope_session_get_n_events (other), ==, memscope_session_get_n_events (one));
  g_assert_cmpuint (memscope_session_get_time_origin (other), ==, memscope_session_get_time_origin (one));
  for (guint64 row = 0; row < n; row++)
    {
      MemscopeBlock block, same;
      g_autofree char *thread = NULL;
      g_autofree char *same_thread = NULL;

      memset (&block, 0, sizeof block);
      memset (&same, 0, sizeof same);
      memscope_session_get_block (one, row, &block);
      memscope_session_get_block (other, row, &same);
      g_assert_cmpmem (&same, sizeof same, &block, sizeof block);
      thread = memscope_session_dup_thread_label (one, block.thread);
      same_thread = memscope_session_dup_thread_label (other, same.thread);
      g_assert_cmpstr (thread, ==, same_thread);
    }
}

static MemscopeRepairReport
repair (GFile *from,
        GFile *to)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize length, length_after;
  MemscopeRepairReport report;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_load_contents (from, NULL, &before, &length, NULL, NULL));
  memscope_repair_file (from, to, &report, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_load_contents (from, NULL, &after, &length_after, NULL, NULL));
  g_assert_cmpmem (after, length_after, before, length);

  return report;
}

static void
fill (NativeRecording *recording)
{
  native_recording_init (recording);
  native_recording_fill (recording);
  native_recording_close (recording);
}

/* Wherever it was cut, the copy is closed, opens, and shows what the cut file shows. */
static void
test_a_cut_file_is_closed_with_all_that_is_good (void)
{
  g_auto (NativeRecording) recording = { 0 };
  g_autofree char *path = g_build_filename (folder, "out.memscope", NULL);
  g_autoptr(GFile) out = g_file_new_for_path (path);
  gsize end;

  fill (&recording);
  end = native_recording_get_chunk (&recording, NATIVE_RECORDING_N_CHUNKS - 1);
  for (gsize length = sizeof (MemscopeFileHeader); length < end; length += 13)
    {
      g_autoptr(GBytes) bytes = native_recording_dup_bytes (&recording, length);
      g_autoptr(GFile) cut = write_bytes ("cut.memscope", bytes);
      MemscopeRepairReport report = repair (cut, out);
      g_autoptr(MemscopeSession) session = load (out);
      const char *const *warnings = memscope_session_get_warnings (session);
      guint64 status, time;

      g_assert_true (report.needed);
      g_assert_false (report.whole);
      g_assert_cmpuint (sizeof (MemscopeFileHeader) + report.kept_bytes + report.left_bytes, ==, length);
      assert_same_content (cut, out);

      /* Closed, but nobody saw the end: leaks can't be told. */
      g_assert_false (memscope_session_get_complete (session));
      g_assert_false (memscope_session_get_process_ended (session));
      g_assert_cmpint (memscope_session_get_ending (session, &status, &time), ==, MEMSCOPE_ENDING_UNKNOWN);
      g_assert_nonnull (strstr (warnings[0], "repaired since"));

      /* Once is enough. */
      report = repair (out, cut);
      g_assert_false (report.needed);
    }
}

static void
test_a_file_without_its_index_is_whole_again (void)
{
  g_auto (NativeRecording) recording = { 0 };
  g_autofree char *path = g_build_filename (folder, "indexed.memscope", NULL);
  g_autoptr(GFile) out = g_file_new_for_path (path);
  g_autoptr(GBytes) all = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GFile) file = NULL;
  g_autoptr(GFile) whole = NULL;
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSession) original = NULL;
  g_autofree char *content = NULL;
  const char *data;
  MemscopeTrailer trailer;
  gsize size, length, index;

  fill (&recording);
  all = native_recording_dup_bytes (&recording, G_MAXSIZE);
  whole = write_bytes ("whole.memscope", all);
  original = load (whole);
  g_assert_true (memscope_session_get_complete (original));
  g_assert_false (repair (whole, out).needed);
  g_assert_false (g_file_query_exists (out, NULL));

  size = g_bytes_get_size (all) - sizeof (MemscopeTrailer) - 100;
  bytes = g_bytes_new_from_bytes (all, 0, size);
  file = write_bytes ("open.memscope", bytes);
  g_assert_true (repair (file, out).whole);
  session = load (out);
  g_assert_true (memscope_session_get_complete (session));
  g_assert_true (g_strv_equal (memscope_session_get_warnings (session), memscope_session_get_warnings (original)));

  /* Byte for byte what it was before the index was lost, but for the head of the index. */
  g_assert_true (g_file_load_contents (out, NULL, &content, &length, NULL, NULL));
  g_assert_cmpuint (length, ==, g_bytes_get_size (all));
  g_assert_true (memscope_trailer_read (content, length, &trailer));
  data = g_bytes_get_data (all, NULL);
  index = trailer.footer_offset + sizeof (MemscopeChunkHead);
  g_assert_cmpmem (content, trailer.footer_offset, data, trailer.footer_offset);
  g_assert_cmpmem (content + index, length - index, data + index, length - index);
}

/* A bit turned over in any chunk: the copy shows what the damaged file shows, and does not
 * pass for complete.
 */
static void
test_a_damaged_part_is_left_out (void)
{
  g_auto (NativeRecording) recording = { 0 };
  g_autofree char *path = g_build_filename (folder, "mended.memscope", NULL);
  g_autoptr(GFile) out = g_file_new_for_path (path);

  fill (&recording);
  for (guint i = 0; i < NATIVE_RECORDING_N_CHUNKS; i++)
    {
      g_autoptr(GBytes) bytes = native_recording_dup_bytes (&recording, G_MAXSIZE);
      gsize length;
      g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (bytes, &length), g_bytes_get_size (bytes));
      g_autoptr(GBytes) damaged = NULL;
      g_autoptr(GFile) file = NULL;
      g_autoptr(MemscopeSession) session = NULL;
      MemscopeRepairReport report;

      data[native_recording_get_chunk (&recording, i) + sizeof (MemscopeChunkHead)] ^= 4;
      damaged = g_bytes_new (data, length);
      file = write_bytes ("damaged.memscope", damaged);
      report = repair (file, out);
      g_assert_true (report.needed);
      g_assert_false (report.whole);
      g_assert_cmpuint (report.left_bytes, >, 0);
      assert_same_content (file, out);
      session = load (out);
      g_assert_false (memscope_session_get_complete (session));
    }
}

static void
test_says_why_not (void)
{
  g_auto (NativeRecording) recording = { 0 };
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GBytes) nothing = g_bytes_new_static ("MEMSCOPE", 8);
  g_autoptr(GFile) file = NULL;
  g_autoptr(GFile) other = write_bytes ("other.memscope", nothing);
  g_autoptr(GFile) missing = g_file_get_child (other, "missing");
  g_autoptr(GError) error = NULL;
  MemscopeRepairReport report;
  int fd;

  fill (&recording);
  bytes = native_recording_dup_bytes (&recording, 300);
  file = write_bytes ("busy.memscope", bytes);

  g_assert_false (memscope_repair_file (file, file, &report, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_assert_false (memscope_repair_file (other, missing, &report, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "native"));
  g_clear_error (&error);

  g_assert_false (memscope_repair_file (missing, other, &report, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  /* The collector holds it. */
  fd = g_open (g_file_peek_path (file), O_RDWR, 0);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  g_assert_false (memscope_repair_file (file, other, &report, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  close (fd);
}

static void
test_suggests_a_free_name_beside_it (void)
{
  g_autoptr(GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr(GFile) file = write_bytes ("run.memscope", nothing);
  g_autoptr(GFile) first = memscope_repair_suggest (file);
  g_autofree char *name = g_file_get_basename (first);
  g_autoptr(GFile) taken = NULL;
  g_autoptr(GFile) second = NULL;
  g_autofree char *other = NULL;

  g_assert_cmpstr (name, ==, "run.repaired.memscope");
  taken = write_bytes ("run.repaired.memscope", nothing);
  second = memscope_repair_suggest (file);
  other = g_file_get_basename (second);
  g_assert_cmpstr (other, ==, "run.repaired-2.memscope");
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GDir) dir = NULL;
  const char *name;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("memscope-repair-XXXXXX", NULL);

  g_test_add_func ("/repair/a-cut-file-is-closed-with-all-that-is-good", test_a_cut_file_is_closed_with_all_that_is_good);
  g_test_add_func ("/repair/a-file-without-its-index-is-whole-again", test_a_file_without_its_index_is_whole_again);
  g_test_add_func ("/repair/a-damaged-part-is-left-out", test_a_damaged_part_is_left_out);
  g_test_add_func ("/repair/says-why-not", test_says_why_not);
  g_test_add_func ("/repair/suggests-a-free-name-beside-it", test_suggests_a_free_name_beside_it);
  status = g_test_run ();

  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_free (folder);

  return status;
}

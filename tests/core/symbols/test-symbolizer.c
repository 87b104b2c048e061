/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <dlfcn.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "memscope-error.h"
#include "memscope-native-reader.h"
#include "memscope-symbolizer.h"
#include "native-recording.h"
#include "target.h"

/* A recording of one call in the target, on disk. */
typedef struct
{
  NativeRecording  recording;
  TargetCall       call;
  char            *directory;
  GFile           *file;
} Recorded;

static void
recorded_clear (Recorded *recorded)
{
  g_autofree char *path = g_file_get_path (recorded->file);

  g_remove (path);
  g_rmdir (recorded->directory);
  g_free (recorded->directory);
  g_object_unref (recorded->file);
  native_recording_clear (&recorded->recording);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Recorded, recorded_clear)

static const char *
target_path (void)
{
  const char *path = g_getenv ("MEMSCOPE_TEST_TARGET");

  g_assert_nonnull (path);

  return path;
}

static GBytes *
target_build_id (void)
{
  int fd = open (target_path (), O_RDONLY | O_CLOEXEC);
  const void *bits;
  ssize_t length;
  GBytes *bytes;
  Elf *elf;

  elf_version (EV_CURRENT);
  elf = elf_begin (fd, ELF_C_READ_MMAP, NULL);
  length = dwelf_elf_gnu_build_id (elf, &bits);
  g_assert_cmpint (length, >, 0);
  bytes = g_bytes_new (bits, (gsize)length);
  elf_end (elf);
  close (fd);

  return bytes;
}

static guint64
call_target (TargetCall *call)
{
  void *library = dlopen (target_path (), RTLD_NOW | RTLD_LOCAL);
  void (*callee) (TargetCall *call);
  Dl_info info;

  g_assert_nonnull (library);
  *(void **)&callee = dlsym (library, "target_inlined");
  callee (call);
  g_assert_cmpint (dladdr (call->address, &info), !=, 0);

  return (gsize)call->address - (gsize)info.dli_fbase;
}

static void
add_dictionaries (Recorded *recorded,
                  GBytes   *build_id)
{
  MemscopeBuffer *payload = &recorded->recording.payload;
  const char *const strings[] = { target_path (), "[vdso]", "/nowhere/at/all.so", NULL };
  gsize length;
  const guint8 *bytes = g_bytes_get_data (build_id, &length);
  guint64 address = call_target (&recorded->call);

  native_recording_add_strings (&recorded->recording, 1, strings);

  memscope_dictionary_begin (payload, 1);
  memscope_module_append (payload, &(MemscopeModuleEntry) { .path = 1, .build_id = bytes, .build_id_length = (guint32)length });
  memscope_module_append (payload, &(MemscopeModuleEntry) { .path = 2 });
  memscope_module_append (payload, &(MemscopeModuleEntry) { .path = 3 });
  native_recording_end_chunk (&recorded->recording, MEMSCOPE_CHUNK_MODULES);

  memscope_dictionary_begin (payload, 1);
  memscope_frame_append (payload, &(MemscopeFrameEntry) { 1, MEMSCOPE_FRAME_RETURN_ADDRESS, address });
  memscope_frame_append (payload, &(MemscopeFrameEntry) { 2, 0, 0x123 });
  memscope_frame_append (payload, &(MemscopeFrameEntry) { 3, 0, 0x123 });
  memscope_frame_append (payload, &(MemscopeFrameEntry) { 0, 0, 0xffffffff12345678 });
  memscope_frame_append (payload, &(MemscopeFrameEntry) { 77, 0, 0x123 });
  native_recording_end_chunk (&recorded->recording, MEMSCOPE_CHUNK_FRAMES);

  memscope_dictionary_begin (payload, 1);
  memscope_stack_append (payload, &(MemscopeStackEntry) { 0, 1 });
  native_recording_end_chunk (&recorded->recording, MEMSCOPE_CHUNK_STACKS);
}

static void
save (Recorded *recorded,
      gsize     length)
{
  g_autofree char *path = g_file_get_path (recorded->file);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, (const char *)recorded->recording.file.data,
                       (gssize)MIN (length, recorded->recording.file.length), &error);
  g_assert_no_error (error);
}

static void
record (Recorded *recorded,
        GBytes   *build_id,
        gboolean  is_closed)
{
  const MemscopeEvent event = { .kind = MEMSCOPE_EVENT_MALLOC, .thread = 1, .stack = 1, .address = 0x1000, .size = 24 };
  g_autofree char *path = NULL;

  recorded->directory = g_dir_make_tmp ("memscope-symbolizer-XXXXXX", NULL);
  path = g_build_filename (recorded->directory, "test.memscope", NULL);
  recorded->file = g_file_new_for_path (path);

  native_recording_init (&recorded->recording);
  add_dictionaries (recorded, build_id);
  native_recording_add_events (&recorded->recording, &event, 1);

  if (is_closed)
    {
      native_recording_add_end (&recorded->recording, MEMSCOPE_END_EXIT);
      native_recording_close (&recorded->recording);
    }

  save (recorded, G_MAXSIZE);
}

static GBytes *
load (Recorded *recorded)
{
  g_autoptr(GError) error = NULL;
  GBytes *bytes = g_file_load_bytes (recorded->file, NULL, NULL, &error);

  g_assert_no_error (error);

  return bytes;
}

static MemscopeSession *
read_bytes (GBytes *bytes)
{
  g_autoptr(MemscopeSessionBuilder) builder = memscope_session_builder_new ("test");
  g_autoptr(GError) error = NULL;

  memscope_native_reader_read (builder, bytes, NULL, NULL, NULL, &error);
  g_assert_no_error (error);

  return memscope_session_builder_finish (g_steal_pointer (&builder));
}

static void
symbolize (Recorded                *recorded,
           gboolean                 again,
           MemscopeSymbolizeReport *report)
{
  g_autoptr(GError) error = NULL;

  memscope_symbolize_file (recorded->file, again, report, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_resolved (Recorded        *recorded,
                 MemscopeSession *session)
{
  const MemscopeSymbol *symbols;

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 1);
  g_assert_cmpuint (memscope_session_get_symbols (session, 1, &symbols), ==, 3);
  g_assert_cmpstr (memscope_session_get_string (session, symbols[0].function, NULL), ==, "innermost");
  g_assert_cmpuint (symbols[0].line, ==, (guint)recorded->call.line);
  g_assert_true (g_str_has_suffix (memscope_session_get_string (session, symbols[0].file, NULL), "target.c"));
  g_assert_cmpstr (memscope_session_get_string (session, symbols[2].function, NULL), ==, "target_inlined");
  g_assert_cmpuint (symbols[2].line, ==, (guint)recorded->call.outer_line);
  g_assert_cmpuint (memscope_session_get_symbols (session, 2, &symbols), ==, 0);
}

static void
test_adds_names (void)
{
  g_autoptr(GBytes) build_id = target_build_id ();
  g_auto(Recorded) recorded = { 0 };
  g_autoptr(GBytes) first = NULL;
  g_autoptr(GBytes) second = NULL;
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeSymbolizeReport report;

  record (&recorded, build_id, TRUE);
  symbolize (&recorded, FALSE, &report);
  g_assert_cmpuint (report.n_frames, ==, 5);
  g_assert_cmpuint (report.n_resolved, ==, 1);
  g_assert_cmpuint (report.n_lines, ==, 1);
  g_assert_cmpuint (g_strv_length (report.reasons), ==, 1);
  g_assert_nonnull (strstr (report.reasons[0], "/nowhere/at/all.so"));
  memscope_symbolize_report_clear (&report);

  first = load (&recorded);
  session = read_bytes (first);
  assert_resolved (&recorded, session);
  g_assert_true (memscope_session_get_complete (session));

  /* nothing is left to look up */
  symbolize (&recorded, FALSE, &report);
  g_assert_cmpuint (report.n_resolved, ==, 0);
  memscope_symbolize_report_clear (&report);
  second = load (&recorded);
  g_assert_true (g_bytes_equal (first, second));
}

static void
test_again (void)
{
  g_autoptr(GBytes) build_id = target_build_id ();
  g_auto(Recorded) recorded = { 0 };
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeSymbolizeReport report;

  record (&recorded, build_id, TRUE);

  for (guint i = 0; i < 3; i++)
    {
      symbolize (&recorded, TRUE, &report);
      g_assert_cmpuint (report.n_resolved, ==, 1);
      memscope_symbolize_report_clear (&report);
    }

  bytes = load (&recorded);
  session = read_bytes (bytes);
  assert_resolved (&recorded, session);
  g_assert_true (memscope_session_get_complete (session));
}

/* The collector was killed: no END, no footer, half a chunk at the end. */
static void
test_killed (void)
{
  g_autoptr(GBytes) build_id = target_build_id ();
  g_auto(Recorded) recorded = { 0 };
  gsize whole;

  record (&recorded, build_id, FALSE);
  whole = recorded.recording.file.length;
  memscope_fact_append (&recorded.recording.payload, "cwd", "/tmp", 4);
  native_recording_end_chunk (&recorded.recording, MEMSCOPE_CHUNK_FACTS);

  for (gsize length = whole; length < recorded.recording.file.length; length += 13)
    {
      g_autoptr(GBytes) bytes = NULL;
      g_autoptr(MemscopeSession) session = NULL;
      MemscopeSymbolizeReport report;

      save (&recorded, length);
      symbolize (&recorded, FALSE, &report);
      g_assert_cmpuint (report.n_resolved, ==, 1);
      memscope_symbolize_report_clear (&report);

      bytes = load (&recorded);
      session = read_bytes (bytes);
      assert_resolved (&recorded, session);
      g_assert_false (memscope_session_get_complete (session));
      g_assert_false (memscope_session_get_process_ended (session));
    }
}

/* Whenever it is cut short, what was recorded is there, and it can be done again. */
static void
test_interrupted (void)
{
  g_autoptr(GBytes) build_id = target_build_id ();
  g_auto(Recorded) recorded = { 0 };
  g_autoptr(GBytes) done = NULL;
  g_autofree char *path = NULL;
  MemscopeSymbolizeReport report;
  const char *data;
  gsize length, footer;

  record (&recorded, build_id, TRUE);
  footer = native_recording_get_chunk (&recorded.recording, recorded.recording.chunks->len - 1);
  symbolize (&recorded, FALSE, &report);
  memscope_symbolize_report_clear (&report);
  done = load (&recorded);
  data = g_bytes_get_data (done, &length);
  path = g_file_get_path (recorded.file);

  for (gsize cut = footer + 200; cut < length; cut += 37)
    {
      g_autoptr(GBytes) bytes = NULL;
      g_autoptr(MemscopeSession) session = NULL;

      g_assert_true (g_file_set_contents (path, data, (gssize)cut, NULL));
      symbolize (&recorded, FALSE, &report);
      memscope_symbolize_report_clear (&report);

      bytes = load (&recorded);
      session = read_bytes (bytes);
      assert_resolved (&recorded, session);
      g_assert_true (memscope_session_get_process_ended (session));
    }
}

static void
test_another_build (void)
{
  g_autoptr(GBytes) build_id = g_bytes_new_static ("another one, surely!", 20);
  g_auto(Recorded) recorded = { 0 };
  g_autoptr(GBytes) before = NULL;
  g_autoptr(GBytes) after = NULL;
  MemscopeSymbolizeReport report;

  record (&recorded, build_id, TRUE);
  before = load (&recorded);
  symbolize (&recorded, FALSE, &report);
  g_assert_cmpuint (report.n_resolved, ==, 0);
  g_assert_cmpuint (g_strv_length (report.reasons), ==, 2);
  g_assert_nonnull (strstr (report.reasons[0], "another build"));
  memscope_symbolize_report_clear (&report);

  after = load (&recorded);
  g_assert_true (g_bytes_equal (before, after));
}

static void
test_cancelled (void)
{
  g_autoptr(GBytes) build_id = target_build_id ();
  g_auto(Recorded) recorded = { 0 };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) before = NULL;
  g_autoptr(GBytes) after = NULL;
  MemscopeSymbolizeReport report;

  record (&recorded, build_id, TRUE);
  before = load (&recorded);
  g_cancellable_cancel (cancellable);
  g_assert_false (memscope_symbolize_file (recorded.file, FALSE, &report, cancellable, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  after = load (&recorded);
  g_assert_true (g_bytes_equal (before, after));
}

static void
test_being_written (void)
{
  g_autoptr(GBytes) build_id = target_build_id ();
  g_auto(Recorded) recorded = { 0 };
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  MemscopeSymbolizeReport report;
  int fd;

  record (&recorded, build_id, TRUE);
  path = g_file_get_path (recorded.file);
  fd = open (path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);

  g_assert_false (memscope_symbolize_file (recorded.file, FALSE, &report, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  close (fd);
}

static void
test_other_files (void)
{
  g_autoptr(GFile) missing = g_file_new_for_path ("/does/not/exist");
  g_autoptr(GFile) device = g_file_new_for_path ("/dev/null");
  g_autoptr(GFile) module = g_file_new_for_path (target_path ());
  g_autoptr(GError) error = NULL;
  MemscopeSymbolizeReport report;

  g_assert_false (memscope_symbolize_file (missing, FALSE, &report, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_false (memscope_symbolize_file (device, FALSE, &report, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  g_assert_false (memscope_symbolize_file (module, FALSE, &report, NULL, NULL, NULL, &error));
  g_assert_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION);
}

/* Whatever bit is wrong, the recording's own chunks stay as they are. */
static void
test_damaged (void)
{
  g_autoptr(GBytes) build_id = target_build_id ();
  g_auto(Recorded) recorded = { 0 };
  MemscopeBuffer *file = &recorded.recording.file;

  record (&recorded, build_id, TRUE);

  for (guint i = 0; i < 60; i++)
    {
      gsize at = (gsize)g_test_rand_int_range (64, (gint)file->length);
      g_autoptr(GBytes) bytes = NULL;
      g_autoptr(MemscopeSession) session = NULL;
      MemscopeSymbolizeReport report;

      file->data[at] ^= 0x10;
      save (&recorded, G_MAXSIZE);
      file->data[at] ^= 0x10;

      symbolize (&recorded, FALSE, &report);
      memscope_symbolize_report_clear (&report);
      bytes = load (&recorded);
      session = read_bytes (bytes);
      g_assert_cmpuint (memscope_session_get_n_blocks (session), <=, 1);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/symbolizer/adds-names-once", test_adds_names);
  g_test_add_func ("/symbolizer/again-replaces-them", test_again);
  g_test_add_func ("/symbolizer/recordings-of-killed-collectors", test_killed);
  g_test_add_func ("/symbolizer/interrupted-anywhere", test_interrupted);
  g_test_add_func ("/symbolizer/leaves-changed-modules-alone", test_another_build);
  g_test_add_func ("/symbolizer/cancelled", test_cancelled);
  g_test_add_func ("/symbolizer/refuses-what-is-being-written", test_being_written);
  g_test_add_func ("/symbolizer/refuses-other-files", test_other_files);
  g_test_add_func ("/symbolizer/survives-damage", test_damaged);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-folded-exporter.h"

#include <string.h>

#include "random-session.h"
#include "session-maker.h"

static char *
export_text (MemscopeSession   *session,
             MemscopeSelection *selection,
             MemscopeMeasure    measure,
             gboolean           by_thread)
{
  MemscopeFoldedOptions options = { measure, by_thread };
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GError) error = NULL;

  g_assert_true (memscope_folded_export_to_stream (session, selection, &options, stream, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_output_stream_write_all (stream, "", 1, NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);

  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (stream));
}

static void
test_lines_are_paths_and_numbers (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *by_thread = NULL;

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 1, 1, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 10, 1, 4);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 3, 20, 2, 4);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 4, 5, 2, 0);
  session = session_maker_finish (builder, 5);

  plain = export_text (session, NULL, MEMSCOPE_MEASURE_BORN_BYTES, FALSE);
  g_assert_cmpstr (plain, ==, "[not recorded] 5\nalpha 1\nalpha;gamma;delta 30\n");
  by_thread = export_text (session, NULL, MEMSCOPE_MEASURE_BIRTHS, TRUE);
  g_assert_cmpstr (by_thread, ==,
                   "main (100);alpha 1\nmain (100);alpha;gamma;delta 1\n"
                   "worker (101);[not recorded] 1\nworker (101);alpha;gamma;delta 1\n");
}

/* Neither a semicolon nor a new line in a name can make another path of it. */
static void
test_names_cannot_break_lines (void)
{
  static const char evil[] = "a;b\nc 99";
  MemscopeSessionBuilder *builder = session_maker_new ();
  MemscopeFrameEntry frame = { .module = 1, .offset = 0x999 };
  MemscopeSymbolEntry symbol = { .function = 100 };
  MemscopeStackEntry stack = { 1, 5 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *text = NULL;

  memscope_session_builder_add_string (builder, 100, evil, strlen (evil));
  memscope_session_builder_add_frame (builder, 5, &frame);
  memscope_session_builder_add_symbols (builder, 5, &symbol, 1);
  memscope_session_builder_add_stack (builder, 6, &stack);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 7, 1, 6);
  session = session_maker_finish (builder, 2);

  text = export_text (session, NULL, MEMSCOPE_MEASURE_LIVE_BYTES, FALSE);
  g_assert_cmpstr (text, ==, "alpha;a:b\\nc 99 7\n");
}

static void
test_numbers_add_up (void)
{
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr(MemscopeSession) session = random_session_new_recorded (300);
      g_autoptr(MemscopeSelection) selection = random_selection_new (session);
      g_autoptr(MemscopeFlameTree) tree = memscope_flame_tree_new (session, selection, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);

      for (MemscopeMeasure measure = 0; measure < MEMSCOPE_N_MEASURES; measure++)
        {
          g_autofree char *text = export_text (session, selection, measure, i % 2);
          g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
          guint64 sum = 0;

          for (guint k = 0; lines[k] != NULL && *lines[k] != '\0'; k++)
            {
              g_assert_true (k == 0 || strcmp (lines[k - 1], lines[k]) < 0);
              sum += g_ascii_strtoull (strrchr (lines[k], ' ') + 1, NULL, 10);
            }
          g_assert_cmpuint (sum, ==, tree->nodes[0].total[measure]);
        }
    }
}

static void
test_can_be_cancelled (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_recorded (100);
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  MemscopeFoldedOptions options = { MEMSCOPE_MEASURE_BIRTHS, FALSE };

  g_cancellable_cancel (cancellable);
  g_assert_false (memscope_folded_export_to_stream (session, NULL, &options, stream, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_measures_have_names (void)
{
  MemscopeMeasure measure;

  g_assert_true (memscope_measure_parse ("peak-bytes", &measure));
  g_assert_cmpint (measure, ==, MEMSCOPE_MEASURE_PEAK_BYTES);
  g_assert_true (memscope_measure_parse ("Allocations", &measure));
  g_assert_cmpint (measure, ==, MEMSCOPE_MEASURE_BIRTHS);
  g_assert_false (memscope_measure_parse ("bytes", &measure));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/folded-exporter/lines-are-paths-and-numbers", test_lines_are_paths_and_numbers);
  g_test_add_func ("/folded-exporter/names-cannot-break-lines", test_names_cannot_break_lines);
  g_test_add_func ("/folded-exporter/numbers-add-up", test_numbers_add_up);
  g_test_add_func ("/folded-exporter/can-be-cancelled", test_can_be_cancelled);
  g_test_add_func ("/folded-exporter/measures-have-names", test_measures_have_names);

  return g_test_run ();
}

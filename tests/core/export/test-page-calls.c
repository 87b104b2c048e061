/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-page-calls.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "random-session.h"

/* The page's own way to read a tile: the sum of a column, and how many rows there are. */
static guint64
sum_column (const char *packed,
            const char *name,
            guint      *n_rows)
{
  gsize length;
  g_autofree guchar *bytes = g_base64_decode (packed, &length);
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data (bytes, (gssize)length, NULL);
  g_autoptr(GConverter) gzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr(GInputStream) plain = g_converter_input_stream_new (stream, gzip);
  g_autoptr(GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr(JsonNode) head = NULL;
  g_autofree char *text = NULL;
  const guint8 *data;
  guint32 head_length;
  JsonArray *columns;
  gsize at;
  guint64 sum = 0;

  g_output_stream_splice (output, plain, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL);
  data = g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (output));
  memcpy (&head_length, data, sizeof head_length);
  head_length = GUINT32_FROM_LE (head_length);
  text = g_strndup ((const char *)data + 4, head_length);
  head = json_from_string (text, NULL);
  *n_rows = (guint)json_object_get_int_member (json_node_get_object (head), "rows");
  columns = json_object_get_array_member (json_node_get_object (head), "columns");

  at = 4 + head_length;
  for (guint k = 0; k < json_array_get_length (columns); k++)
    {
      JsonArray *column = json_array_get_array_element (columns, k);
      guint width = (guint)json_array_get_int_element (column, 1);

      for (guint byte = 0; byte < width; byte++)
        {
          for (guint i = 0; i < *n_rows && g_str_equal (json_array_get_string_element (column, 0), name); i++)
            sum += (guint64)data[at + (gsize)byte * *n_rows + i] << 8 * byte;
        }
      at += (gsize)width * *n_rows;
    }

  return sum;
}

static char *
pack (MemscopeSession   *session,
      MemscopePageCalls *calls,
      guint              max,
      guint             *left_out)
{
  MemscopePageStrings strings;
  MemscopePagePlaces places;
  char *packed;

  memscope_page_strings_init (&strings, session, FALSE, 1 << 20);
  memscope_page_places_init (&places, &strings);
  packed = memscope_page_calls_pack (calls, max, &places, left_out);
  memscope_page_places_clear (&places);
  memscope_page_strings_clear (&strings);

  return packed;
}

/* However few are told apart, nothing of the whole is lost. */
static void
test_nothing_is_lost (void)
{
  static const guint maxima[] = { G_MAXUINT, 3, 1, 0 };

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(MemscopeSession) session = random_session_new_recorded (300);
      g_autoptr(MemscopeSelection) selection = random_selection_new (session);
      g_autoptr(MemscopeFlameTree) tree = memscope_flame_tree_new (session, selection, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);
      g_autoptr(MemscopePageCalls) calls = memscope_page_calls_new (session, selection, NULL, NULL);

      for (guint k = 0; k < G_N_ELEMENTS (maxima); k++)
        {
          guint left_out, n_rows;
          g_autofree char *packed = pack (session, calls, maxima[k], &left_out);

          g_assert_cmpuint (left_out, ==, calls->n_calls - MIN (calls->n_calls, maxima[k]));
          g_assert_cmpuint (sum_column (packed, "bornBytes", &n_rows), ==, tree->nodes[0].total[MEMSCOPE_MEASURE_BORN_BYTES]);
          g_assert_cmpuint (sum_column (packed, "temporary", &n_rows), ==, tree->nodes[0].total[MEMSCOPE_MEASURE_TEMPORARY]);
          g_assert_cmpuint (sum_column (packed, "peakBytes", &n_rows), ==, tree->nodes[0].total[MEMSCOPE_MEASURE_PEAK_BYTES]);
          g_assert_cmpuint (sum_column (packed, "peakBlocks", &n_rows), ==, tree->nodes[0].total[MEMSCOPE_MEASURE_PEAK_BLOCKS]);
          g_assert_cmpuint (n_rows, <=, MIN (calls->n_calls, maxima[k]) + 4);
        }
    }
}

static void
test_the_heaviest_come_first (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_recorded (2000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopePageCalls) calls = memscope_page_calls_new (session, all, NULL, NULL);
  guint64 totals[MEMSCOPE_N_MEASURES] = { 0 };
  double before = 1;

  for (guint i = 0; i < calls->n_calls; i++)
    {
      for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
        totals[m] += calls->calls[i].sums[m];
    }

  for (guint i = 0; i < calls->n_calls; i++)
    {
      double weight = 0;

      for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
        weight = MAX (weight, totals[m] > 0 ? (double)calls->calls[i].sums[m] / (double)totals[m] : 0);
      g_assert_cmpfloat (weight, <=, before);
      before = weight;
    }
}

static void
test_can_be_cancelled (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_recorded (100);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (memscope_page_calls_new (session, all, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/page-calls/nothing-is-lost", test_nothing_is_lost);
  g_test_add_func ("/page-calls/the-heaviest-come-first", test_the_heaviest_come_first);
  g_test_add_func ("/page-calls/can-be-cancelled", test_can_be_cancelled);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the analyses are made of: parts of time, spreads of values, estimates, text. */

#include "memscope-axis.h"
#include "memscope-estimate.h"
#include "memscope-histograms.h"
#include "memscope-spread.h"
#include "memscope-text-filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "session-maker.h"

static void
test_axis (void)
{
  for (guint round = 0; round < 200; round++)
    {
      guint64 begin = (guint64)(guint32)g_test_rand_int () << g_test_rand_int_range (0, 32);
      guint64 span = (guint64)g_test_rand_int_range (0, 1000) << g_test_rand_int_range (0, 50);
      guint n = (guint)g_test_rand_int_range (1, 300);
      MemscopeAxis axis;

      memscope_axis_init (&axis, begin, begin + span, n);
      g_assert_cmpuint (axis.edges[0], ==, begin);
      g_assert_cmpuint (axis.edges[n], ==, begin + span);

      for (guint k = 0; k < n; k++)
        {
          g_assert_cmpuint (axis.edges[k], <=, axis.edges[k + 1]);
          if (axis.edges[k] == axis.edges[k + 1])
            continue;

          g_assert_cmpuint (memscope_axis_find (&axis, axis.edges[k]), ==, k);
          g_assert_cmpuint (memscope_axis_find (&axis, axis.edges[k + 1] - 1), ==, k);
        }
      memscope_axis_clear (&axis);
    }
}

static void
test_axis_of_all_time (void)
{
  MemscopeAxis axis;

  memscope_axis_init (&axis, 0, G_MAXUINT64, 100);
  g_assert_cmpuint (memscope_axis_find (&axis, 0), ==, 0);
  g_assert_cmpuint (memscope_axis_find (&axis, G_MAXUINT64 - 1), ==, 99);
  g_assert_cmpuint (memscope_axis_find (&axis, G_MAXUINT64 / 2 - 1), ==, 49);
  g_assert_cmpuint (memscope_axis_find (&axis, G_MAXUINT64 / 2), ==, 50);
  memscope_axis_clear (&axis);
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  guint64 left = *(const guint64 *)a;
  guint64 right = *(const guint64 *)b;

  return left < right ? -1 : left > right;
}

static void
test_spread (void)
{
  g_autofree MemscopeSpread *spread = g_new (MemscopeSpread, 1);
  g_autofree MemscopeSpread *other = g_new (MemscopeSpread, 1);

  for (guint round = 0; round < 100; round++)
    {
      guint64 values[99];
      guint n = (guint)g_test_rand_int_range (1, G_N_ELEMENTS (values));

      memscope_spread_init (spread);
      memscope_spread_init (other);
      for (guint i = 0; i < n; i++)
        {
          values[i] = ((guint64)(guint32)g_test_rand_int () << 32 | (guint32)g_test_rand_int ()) >> g_test_rand_int_range (0, 64);
          memscope_spread_add (i % 2 ? spread : other, values[i], 1);
        }
      memscope_spread_merge (spread, other);
      qsort (values, n, sizeof *values, compare_numbers);

      for (guint percent = 1; percent <= 100; percent++)
        {
          guint64 exact = values[(n * percent + 99) / 100 - 1];
          guint64 got = memscope_spread_quantile (spread, percent / 100.0);

          /* 0.07 * 100 is a little more than 7 */
          if (n * percent % 100 == 0)
            continue;

          g_assert_cmpuint (got, <=, exact);
          g_assert_cmpfloat ((double)got, >=, (double)exact * (1 - 1.0 / 256));
          if (exact < 512)
            g_assert_cmpuint (got, ==, exact);
        }
    }
}

static void
test_spread_of_nothing (void)
{
  g_autofree MemscopeSpread *spread = g_new (MemscopeSpread, 1);

  memscope_spread_init (spread);
  g_assert_cmpuint (memscope_spread_quantile (spread, 0.5), ==, G_MAXUINT64);
  memscope_spread_add (spread, G_MAXUINT64, 1);
  g_assert_cmpuint (memscope_spread_quantile (spread, 0.5), ==, G_MAXUINT64);
  memscope_spread_add (spread, 0, 2);
  g_assert_cmpuint (memscope_spread_quantile (spread, 0.5), ==, 0);
}

static void
test_lifetime_bins_are_half_decades (void)
{
  g_assert_cmpuint (memscope_lifetime_bin_get_begin (0), ==, 0);
  for (guint bin = 1; bin < MEMSCOPE_LIFETIME_BINS; bin++)
    g_assert_cmpuint (memscope_lifetime_bin_get_begin (bin), ==, (guint64)llround (pow (10, 3 + (bin - 1) / 2.0)));
}

/* A population of known size is sampled a few hundred times: the estimates are right
 * on average, and the interval holds the truth about 95 times in 100.
 */
static void
test_estimates_hold_the_truth (void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (7);
  const guint64 interval = 4096;
  const guint n_runs = 400;
  const guint n_blocks = 2000;
  double truth = 0;
  double mean = 0;
  guint n_held = 0;

  for (guint i = 0; i < n_blocks; i++)
    truth += 64 + i * 4;

  for (guint run = 0; run < n_runs; run++)
    {
      MemscopeEstimator estimator = { 0 };
      MemscopeEstimate estimate;

      for (guint i = 0; i < n_blocks; i++)
        {
          guint64 size = 64 + i * 4;
          double probability = memscope_sampling_probability (size, interval);

          if (g_rand_double (random) < probability)
            memscope_estimator_add (&estimator, (double)size, probability);
        }

      estimate = memscope_estimator_finish (&estimator);
      g_assert_false (estimate.too_few);
      mean += estimate.value / n_runs;
      n_held += fabs (estimate.value - truth) <= estimate.error;
    }

  g_assert_cmpfloat (fabs (mean - truth) / truth, <, 0.01);
  g_assert_cmpfloat ((double)n_held / n_runs, >, 0.92);
  g_assert_cmpfloat ((double)n_held / n_runs, <, 0.98);
}

static void
test_probability_is_one_without_sampling (void)
{
  g_assert_cmpfloat (memscope_sampling_probability (1, 0), ==, 1);
  g_assert_cmpfloat (memscope_sampling_probability (G_MAXUINT64, 1), ==, 1);
  g_assert_cmpfloat (memscope_sampling_probability (0, 4096), >, 0);
}

static void
test_text (void)
{
  static const char hostile[] = "\xff\xfe" "</script>\0hidden";
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeTextFilter) ascii = NULL;
  g_autoptr(MemscopeTextFilter) behind_nul = NULL;
  g_autoptr(MemscopeTextFilter) unicode = NULL;
  g_autoptr(MemscopeTextFilter) invalid = NULL;
  MemscopeVariableId bytes, name;
  MemscopeStringId id;

  id = memscope_session_builder_intern_string (builder, hostile, sizeof hostile - 1);
  bytes = memscope_session_builder_intern_variable (builder, MEMSCOPE_NAME_API, id, 0, 0);
  id = memscope_session_builder_intern_string (builder, "Größe_ÄNDERN", strlen ("Größe_ÄNDERN"));
  name = memscope_session_builder_intern_variable (builder, MEMSCOPE_NAME_API, id, 0, 0);
  session = session_maker_finish (builder, 1);

  ascii = memscope_text_filter_new (session, "</SCRIPT");
  behind_nul = memscope_text_filter_new (session, "Hidden");
  unicode = memscope_text_filter_new (session, "gRÖSSE_än");
  invalid = memscope_text_filter_new (session, "\xff\xfe");

  g_assert_true (memscope_text_filter_match_variable (ascii, bytes));
  g_assert_false (memscope_text_filter_match_variable (ascii, name));
  g_assert_false (memscope_text_filter_match_variable (ascii, 0));
  g_assert_false (memscope_text_filter_match_variable (ascii, 12345));
  g_assert_true (memscope_text_filter_match_variable (behind_nul, bytes));
  g_assert_true (memscope_text_filter_match_variable (unicode, name));
  g_assert_false (memscope_text_filter_match_variable (unicode, bytes));
  g_assert_false (memscope_text_filter_match_variable (invalid, name));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/axis/finds-its-parts", test_axis);
  g_test_add_func ("/axis/of-all-time", test_axis_of_all_time);
  g_test_add_func ("/spread/quantiles-are-close-from-below", test_spread);
  g_test_add_func ("/spread/of-nothing-and-of-extremes", test_spread_of_nothing);
  g_test_add_func ("/histograms/lifetime-bins-are-half-decades", test_lifetime_bins_are_half_decades);
  g_test_add_func ("/estimate/holds-the-truth", test_estimates_hold_the_truth);
  g_test_add_func ("/estimate/probability-is-one-without-sampling", test_probability_is_one_without_sampling);
  g_test_add_func ("/text-filter/any-bytes-any-case", test_text);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-text.h"

static void
assert_text (char       *text,
             const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_sizes_have_three_digits_and_a_unit (void)
{
  assert_text (memscope_text_size (0), "0\302\240B");
  assert_text (memscope_text_size (1023), "1023\302\240B");
  assert_text (memscope_text_size (1024), "1.00\302\240KiB");
  assert_text (memscope_text_size (1024 * 1024 - 1), "1.00\302\240MiB");
  assert_text (memscope_text_size (327575142), "312.4\302\240MiB");
  assert_text (memscope_text_size (G_MAXUINT64 - 1), "16.0\302\240EiB");
}

static void
test_unknown_reads_not_recorded (void)
{
  assert_text (memscope_text_size (MEMSCOPE_UNKNOWN), "not recorded");
  assert_text (memscope_text_count (MEMSCOPE_UNKNOWN), "not recorded");
  assert_text (memscope_text_duration (MEMSCOPE_UNKNOWN), "not recorded");
  assert_text (memscope_text_time (MEMSCOPE_UNKNOWN, 5), "not recorded");
}

static void
test_counts_are_grouped (void)
{
  assert_text (memscope_text_count (0), "0");
  assert_text (memscope_text_count (999), "999");
  assert_text (memscope_text_count (214806), "214,806");
  assert_text (memscope_text_count (18187311), "18,187,311");
  assert_text (memscope_text_short_count (18187311), "18.2\302\240M");
}

static void
test_one_is_counted_in_the_singular (void)
{
  assert_text (memscope_text_n_allocations (0), "0 allocations");
  assert_text (memscope_text_n_allocations (1), "1 allocation");
  assert_text (memscope_text_n_allocations (1611), "1,611 allocations");
  assert_text (memscope_text_n_blocks (1), "1 block");
  assert_text (memscope_text_n_blocks (12), "12 blocks");
  assert_text (memscope_text_n_events (1), "1 event");
  assert_text (memscope_text_n_events (18187311), "18.2\302\240M events");
}

static void
test_times_fit_the_span (void)
{
  guint64 second = G_GUINT64_CONSTANT (1000000000);

  assert_text (memscope_text_time (72400 * second / 1000, 134 * second), "01:12.4");
  assert_text (memscope_text_time (2560 * second / 1000, 3 * second), "2.560 s");
  assert_text (memscope_text_time (4000, 5000), "4.000 µs");
  assert_text (memscope_text_time (3 * 3600 * second, 4 * 3600 * second), "3:00:00");
}

static void
test_long_names_are_cut_between_characters (void)
{
  g_autoptr(GString) name = g_string_new (NULL);
  g_autofree char *clipped = NULL;

  for (int i = 0; i < 30000; i++)
    g_string_append (name, "池");
  clipped = memscope_text_clip (name->str, 10);
  g_assert_true (g_utf8_validate (clipped, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (clipped, -1), ==, 11);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/sizes-have-three-digits-and-a-unit", test_sizes_have_three_digits_and_a_unit);
  g_test_add_func ("/text/unknown-reads-not-recorded", test_unknown_reads_not_recorded);
  g_test_add_func ("/text/counts-are-grouped", test_counts_are_grouped);
  g_test_add_func ("/text/one-is-counted-in-the-singular", test_one_is_counted_in_the_singular);
  g_test_add_func ("/text/times-fit-the-span", test_times_fit_the_span);
  g_test_add_func ("/text/long-names-are-cut-between-characters", test_long_names_are_cut_between_characters);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-parse.h"

#define MS G_GUINT64_CONSTANT (1000000)
#define S  G_GUINT64_CONSTANT (1000000000)

static void
test_sizes_have_binary_units (void)
{
  static const struct { const char *text; guint64 bytes; } good[] = {
    { "0", 0 }, { "4096", 4096 }, { " 64 K ", 65536 }, { "64KiB", 65536 }, { "1.5m", 1572864 },
    { "1,5 MB", 1572864 }, { "2 GiB", G_GUINT64_CONSTANT (2147483648) }, { "0.1", 1 },
  };
  static const char *const bad[] = { "", "K", "-1", "1e9", "0x10", "nan", "inf", "5 bananas", "9999999999999999999999999", "1 2", "1..2" };
  guint64 bytes;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (memscope_parse_size (good[i].text, &bytes));
      g_assert_cmpuint (bytes, ==, good[i].bytes);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      bytes = 77;
      g_assert_false (memscope_parse_size (bad[i], &bytes));
      g_assert_cmpuint (bytes, ==, 77);
    }
}

static void
test_times_are_read_as_they_are_shown (void)
{
  static const struct { const char *text; guint64 nsec; } good[] = {
    { "1.2s", 1200 * MS }, { "1.2 s", 1200 * MS }, { "300ms", 300 * MS }, { "5 µs", 5000 }, { "5us", 5000 },
    { "7 ns", 7 }, { "90", 90 * S }, { "01:12.4", 72400 * MS }, { "1:02:03", 3723 * S }, { "2 min", 120 * S }, { "0", 0 },
  };
  static const char *const bad[] = { "", "s", "-3s", "1:99", "1.5:00", "1:2:3:4", "1:", ":3", "3 parsecs", "99999999999999999999 h" };
  guint64 nsec;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (memscope_parse_time (good[i].text, &nsec));
      g_assert_cmpuint (nsec, ==, good[i].nsec);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (memscope_parse_time (bad[i], &nsec));
}

static void
test_a_range_is_two_times_within_the_recording (void)
{
  static const struct { const char *text; guint64 begin; guint64 end; } good[] = {
    { "1.2s–3.4s", 1200 * MS, 3400 * MS }, { "1.2-3.4 s", 1200 * MS, 3400 * MS }, { "200..500ms", 200 * MS, 500 * MS },
    { "1s to 2s", S, 2 * S }, { "2s–", 2 * S, 10 * S }, { "..3s", 0, 3 * S }, { "0:01 - 0:02.5", S, 2500 * MS },
    { "1s–99s", S, 10 * S },
  };
  static const char *const bad[] = { "", "1s", "–", "3s–2s", "2s–2s", "12s–14s", "a–b", "1s–2s–3s" };
  guint64 begin, end;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (memscope_parse_range (good[i].text, 10 * S, &begin, &end));
      g_assert_cmpuint (begin, ==, good[i].begin);
      g_assert_cmpuint (end, ==, good[i].end);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (memscope_parse_range (bad[i], 10 * S, &begin, &end));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/parse/sizes-have-binary-units", test_sizes_have_binary_units);
  g_test_add_func ("/parse/times-are-read-as-they-are-shown", test_times_are_read_as_they_are_shown);
  g_test_add_func ("/parse/a-range-is-two-times-within-the-recording", test_a_range_is_two_times_within_the_recording);

  return g_test_run ();
}

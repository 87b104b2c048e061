/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-units.h"

static void
test_size_takes_binary_units (void)
{
  static const struct { const char *text; guint64 bytes; } good[] = {
    { "1", 1 }, { "500", 500 }, { "1k", 1024 }, { "2GiB", G_GUINT64_CONSTANT (2147483648) }, { "1.5M", 1572864 },
    { "4b", 4 }, { "1T", G_GUINT64_CONSTANT (1099511627776) },
  };
  static const char *const bad[] = { "", "x", "-1", "+1", " 1", "0", "1 G", "1X", "0x10", "nan", "inf", "1e300", "1GG", ".5G" };
  guint64 bytes;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (cli_parse_size (good[i].text, &bytes));
      g_assert_cmpuint (bytes, ==, good[i].bytes);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (cli_parse_size (bad[i], &bytes));
}

static void
test_time_is_seconds_without_a_unit (void)
{
  static const struct { const char *text; guint64 milliseconds; } good[] = {
    { "90", 90000 }, { "250ms", 250 }, { "90s", 90000 }, { "10m", 600000 }, { "2h", 7200000 }, { "0.5s", 500 },
  };
  guint64 milliseconds;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (cli_parse_time (good[i].text, &milliseconds));
      g_assert_cmpuint (milliseconds, ==, good[i].milliseconds);
    }

  g_assert_false (cli_parse_time ("soon", &milliseconds));
  g_assert_false (cli_parse_time ("-5s", &milliseconds));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli-units/size/takes-binary-units", test_size_takes_binary_units);
  g_test_add_func ("/cli-units/time/is-seconds-without-a-unit", test_time_is_seconds_without_a_unit);

  return g_test_run ();
}

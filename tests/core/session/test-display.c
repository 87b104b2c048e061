/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-display.h"

#include <string.h>

static void
assert_text (const char *bytes,
             gssize      length,
             const char *expected)
{
  g_autofree char *text = memscope_display_text (bytes, length < 0 ? strlen (bytes) : (gsize)length);

  g_assert_cmpstr (text, ==, expected);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

static void
test_keeps_what_is_text (void)
{
  assert_text ("plain", -1, "plain");
  assert_text ("", 0, "");
  assert_text ("</script><img src=x onerror=alert(1)>", -1, "</script><img src=x onerror=alert(1)>");
  assert_text ("解析 é \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", -1, "解析 é \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb");
  assert_text ("C:\\dir", -1, "C:\\dir");
}

static void
test_shows_what_is_not (void)
{
  assert_text ("a\xff\xfe" "b", -1, "a\\xFF\\xFE" "b");
  assert_text ("\xe2\x82", -1, "\\xE2\\x82");
  assert_text ("a\0b", 3, "a\\0b");
  assert_text ("\0", 1, "\\0");
  assert_text ("line\nnext\ttab\r", -1, "line\\nnext\\ttab\\r");
  assert_text ("\x1b[31m\x7f", -1, "\\u{1b}[31m\\u{7f}");
  assert_text ("\xc2\x85", -1, "\\u{85}");
}

static void
test_disarms_direction_marks (void)
{
  assert_text ("user\xe2\x80\xaegpj.exe", -1, "user\\u{202e}gpj.exe");
  assert_text ("\xe2\x81\xa6x\xe2\x81\xa9", -1, "\\u{2066}x\\u{2069}");
  assert_text ("\xe2\x80\xa8", -1, "\\u{2028}");
  assert_text ("\xef\xbb\xbfx", -1, "\\u{feff}x");
  /* letters of a right-to-left script are text */
  assert_text ("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", -1, "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
}

static void
test_any_bytes_become_one_line (void)
{
  for (guint i = 0; i < 20000; i++)
    {
      char bytes[16];
      gsize length = (gsize)g_test_rand_int_range (0, sizeof bytes);
      g_autofree char *copy = NULL;
      g_autofree char *text = NULL;

      for (gsize k = 0; k < length; k++)
        bytes[k] = (char)(g_test_rand_bit () ? g_test_rand_int_range (0, 256) : "\xe2\x80\xae\xc2"[g_test_rand_int_range (0, 4)]);

      copy = g_memdup2 (bytes, length);
      text = memscope_display_text (copy != NULL ? copy : "", length);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      for (const char *at = text; *at != '\0'; at++)
        g_assert_true ((guint8)*at >= 0x20 && *at != 0x7f);
      g_assert_null (strstr (text, "\xe2\x80\xae"));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/display/keeps-what-is-text", test_keeps_what_is_text);
  g_test_add_func ("/display/shows-what-is-not", test_shows_what_is_not);
  g_test_add_func ("/display/disarms-direction-marks", test_disarms_direction_marks);
  g_test_add_func ("/display/any-bytes-become-one-line", test_any_bytes_become_one_line);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-redact.h"

#include <string.h>

static void
test_folders_go_names_stay (void)
{
  static const struct { const char *text; const char *left; } texts[] = {
    { "main (/home/me/src/main.rs:12)", "main (main.rs:12)" },
    { "src/main.c:3", "main.c:3" },
    { "/usr/lib/libc.so.6+0x10", "libc.so.6+0x10" },
    { "operator/ (a, b)", "operator/ (a, b)" },
    { "no folders here", "no folders here" },
    { "\"file:///home/me/a b/c\"", "\"file:a b/c\"" },
    { "{\"a\":\"x\\n/home/me\"}", "{\"a\":\"x\\nme\"}" },
    { "\\u002f/secret/x", "\\u002fx" },
    { "\\", "\\" },
    { "", "" },
    { "/", "/" },
    { "in /home/me/ or a/b/", "in me or b" },
    { "\xff/\xfe/\xfd", "\xfd" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GString) text = g_string_new (texts[i].text);

      memscope_redact_paths (text, 0);
      if (i == 5)
        g_assert_null (strstr (text->str, "home"));
      else
        g_assert_cmpstr (text->str, ==, texts[i].left);
    }
}

static void
test_only_from_where_it_is_told (void)
{
  g_autoptr(GString) text = g_string_new ("/a/b /c/d");

  memscope_redact_paths (text, 5);
  g_assert_cmpstr (text->str, ==, "/a/b d");
}

static void
test_words_are_read (void)
{
  g_autofree char *unknown = NULL;
  guint redact = 99;

  g_assert_true (memscope_redaction_parse ("paths, ARGUMENTS", &redact, &unknown));
  g_assert_cmpuint (redact, ==, MEMSCOPE_REDACT_PATHS | MEMSCOPE_REDACT_ARGUMENTS);
  g_assert_true (memscope_redaction_parse ("all", &redact, &unknown));
  g_assert_cmpuint (redact, ==, MEMSCOPE_REDACT_ALL);
  g_assert_false (memscope_redaction_parse ("paths,names", &redact, &unknown));
  g_assert_cmpstr (unknown, ==, "names");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/redact/folders-go-names-stay", test_folders_go_names_stay);
  g_test_add_func ("/redact/only-from-where-it-is-told", test_only_from_where_it_is_told);
  g_test_add_func ("/redact/words-are-read", test_words_are_read);

  return g_test_run ();
}

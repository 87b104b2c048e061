/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-json-text.h"

#include <math.h>
#include <string.h>

static void
assert_string (const char *bytes,
               gssize      length,
               const char *expected)
{
  g_autoptr(GString) json = g_string_new (NULL);

  memscope_json_append_string (json, bytes, length);
  g_assert_cmpstr (json->str, ==, expected);
  g_assert_true (memscope_json_text_is_valid (json->str, json->len));
}

static void
test_string_escapes_what_json_forbids (void)
{
  assert_string ("plain", -1, "\"plain\"");
  assert_string ("", 0, "\"\"");
  assert_string ("a\"b\\c", -1, "\"a\\\"b\\\\c\"");
  assert_string ("\n\r\t\b\x1f\x7f", -1, "\"\\n\\r\\t\\u0008\\u001f\\u007f\"");
  assert_string ("a\0b", 3, "\"a\\u0000b\"");
  assert_string ("解析 \xf0\x9f\x98\x80", -1, "\"解析 \xf0\x9f\x98\x80\"");
  assert_string ("</script><img src=x>", -1, "\"</script><img src=x>\"");
}

static void
test_string_escapes_invalid_bytes_reversibly (void)
{
  assert_string ("\xff", 1, "\"\\udcff\"");
  assert_string ("a\x80z", 3, "\"a\\udc80z\"");
  /* truncated, overlong, surrogate, beyond Unicode: each byte by itself */
  assert_string ("\xe2\x82", 2, "\"\\udce2\\udc82\"");
  assert_string ("\xe2\x82" "A", 3, "\"\\udce2\\udc82A\"");
  assert_string ("\xc0\x80", 2, "\"\\udcc0\\udc80\"");
  assert_string ("\xed\xa0\x80", 3, "\"\\udced\\udca0\\udc80\"");
  assert_string ("\xf4\x90\x80\x80", 4, "\"\\udcf4\\udc90\\udc80\\udc80\"");
  /* a good character follows a broken one at once */
  assert_string ("\xf0\x9f\xc3\xa9", 4, "\"\\udcf0\\udc9fé\"");
}

static void
test_numbers_are_exact (void)
{
  g_autoptr(GString) json = g_string_new (NULL);

  memscope_json_append_uint64 (json, G_MAXUINT64);
  g_string_append_c (json, ' ');
  memscope_json_append_uint64 (json, 0);
  g_string_append_c (json, ' ');
  memscope_json_append_int64 (json, G_MININT64);
  g_string_append_c (json, ' ');
  memscope_json_append_int64 (json, 42);

  g_assert_cmpstr (json->str, ==, "18446744073709551615 0 -9223372036854775808 42");
}

static void
assert_double (double      value,
               const char *expected)
{
  g_autoptr(GString) json = g_string_new (NULL);

  memscope_json_append_double (json, value);
  g_assert_cmpstr (json->str, ==, expected);
}

static void
test_double_is_shortest (void)
{
  assert_double (0.1, "0.1");
  assert_double (7.375, "7.375");
  assert_double (6, "6.0");
  assert_double (-0.0, "-0.0");
  assert_double (0.1 + 0.2, "0.30000000000000004");
  assert_double (1e300, "1e+300");
  assert_double (5e-324, "5e-324");
  assert_double (2.2250738585072014e-308, "2.2250738585072014e-308");
  assert_double (1.0 / 3, "0.3333333333333333");
  assert_double (NAN, "null");
  assert_double (-INFINITY, "null");
}

static void
test_valid_accepts_documents (void)
{
  static const char *const documents[] = {
    "null", " true ", "-0.5e+10", "0", "18446744073709551616", "\"\\u00e9\\n\\ud800\"", "[]", "{}", "[ ]",
    "[1,[2,{\"a\":[]}],\"\"]", "{\"a\":{\"b\":null},\"c\":[false]}", "{ \"a\" : 1 , \"b\" : [ 2 ] }",
  };

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    if (!memscope_json_text_is_valid (documents[i], strlen (documents[i])))
      g_error ("refused: %s", documents[i]);
}

static void
test_valid_refuses_everything_else (void)
{
  static const char *const documents[] = {
    "", " ", "nul", "nulll", "01", "+1", "1.", ".5", "1e", "-", "NaN", "'a'", "\"", "\"\\x\"", "\"\\u12g4\"",
    "\"\t\"", "\"\xff\"", "[", "]", "[1", "[1,", "[1,]", "[,]", "[1 2]", "{", "{1:2}", "{\"a\"}", "{\"a\":}",
    "{\"a\":1,}", "{\"a\":1", "[}", "{]", "[1]]", "[1]x", "1 2", "{\"a\":[1}}", "// c\n1", "/* c */ 1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    if (memscope_json_text_is_valid (documents[i], strlen (documents[i])))
      g_error ("accepted: %s", documents[i]);

  g_assert_false (memscope_json_text_is_valid ("1\0", 2));
  g_assert_false (memscope_json_text_is_valid ("\"\\", 2));
}

static void
test_valid_bounds_depth (void)
{
  g_autoptr(GString) nested = g_string_new (NULL);

  for (guint i = 0; i < MEMSCOPE_JSON_MAX_DEPTH; i++)
    g_string_append_c (nested, '[');
  g_string_append_c (nested, '1');
  for (guint i = 0; i < MEMSCOPE_JSON_MAX_DEPTH; i++)
    g_string_append_c (nested, ']');

  g_assert_true (memscope_json_text_is_valid (nested->str, nested->len));

  g_string_prepend_c (nested, '[');
  g_string_append_c (nested, ']');
  g_assert_false (memscope_json_text_is_valid (nested->str, nested->len));
}

/* No prefix of a document is a document, and none makes the scanner read past its end. */
static void
test_valid_refuses_every_truncation (void)
{
  static const char document[] = "{\"key\":[1.5e-3,true,false,null,\"\\u00e9\\\\ é\"],\"b\":{}}";

  for (gsize length = 0; length < strlen (document); length++)
    {
      g_autofree char *cut = g_memdup2 (document, MAX (length, 1));

      g_assert_false (memscope_json_text_is_valid (cut, length));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-text/string/escapes-what-json-forbids", test_string_escapes_what_json_forbids);
  g_test_add_func ("/json-text/string/escapes-invalid-bytes-reversibly", test_string_escapes_invalid_bytes_reversibly);
  g_test_add_func ("/json-text/numbers/are-exact", test_numbers_are_exact);
  g_test_add_func ("/json-text/double/is-shortest", test_double_is_shortest);
  g_test_add_func ("/json-text/valid/accepts-documents", test_valid_accepts_documents);
  g_test_add_func ("/json-text/valid/refuses-everything-else", test_valid_refuses_everything_else);
  g_test_add_func ("/json-text/valid/bounds-depth", test_valid_bounds_depth);
  g_test_add_func ("/json-text/valid/refuses-every-truncation", test_valid_refuses_every_truncation);

  return g_test_run ();
}

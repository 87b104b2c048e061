/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-expression-private.h"

#include <string.h>

static void
assert_good (const char *text)
{
  g_auto(MemscopeExpressionFault) fault = { 0 };
  g_autoptr(MemscopeExpression) expression = memscope_expression_parse (text, &fault);

  if (expression == NULL)
    g_error ("`%s`, column %u: %s", text, fault.column, fault.message);
  g_assert_cmpstr (memscope_expression_get_text (expression), ==, text);
}

/* The fault stands in @column, and its sentence holds @words. */
static void
assert_bad (const char *text,
            guint       column,
            gsize       length,
            const char *words)
{
  g_auto(MemscopeExpressionFault) fault = { 0 };
  g_autoptr(MemscopeExpression) expression = memscope_expression_parse (text, &fault);

  g_assert_null (expression);
  if (fault.column != column || fault.length != length || strstr (fault.message, words) == NULL)
    g_error ("`%s`: column %u, length %" G_GSIZE_FORMAT ": %s", text, fault.column, fault.length, fault.message);
}

static void
test_good (void)
{
  static const char *const texts[] = {
    "size > 64K and alive at 12s and stack ~ \"parse_\" and var == \"buf\"",
    "size>64K&&!leaked||temporary",
    "NOT (Size >= 1.5 MiB OR lifetime < 300 us)",
    "freed by != main", "freed  by ~ /^worker-\\d+$/", "module = /usr/lib/libc.so.6", "site !~ main.c:12",
    "address in 0x7f00..0x8000 or contains 0x7f0010", "kind in (heap, API) and function = calloc",
    "born in 1s..2s or died in (1, 2.5s, 01:10)", "alive", "live", "alive at 3", "variable ~ \"a b\"", "origin = heap",
    "words and \"more words\"", "stage in (shared,active)", "type ~ \"Vec<u8>\\x00\\u{1f600}\\n\"", "age > 1min",
    "thread = 4127", "size = 18446744073709551615B or size = 0", "变量 or var ~ 缓冲",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (strstr (texts[i], "18446744073709551615") == NULL)
        assert_good (texts[i]);
    }
}

static void
test_faults (void)
{
  assert_bad ("", 1, 0, "a field");
  assert_bad ("   ", 4, 0, "a field");
  assert_bad ("size", 5, 0, "one of =, !=, <");
  assert_bad ("size > ", 8, 0, "a size");
  assert_bad ("size > big", 8, 3, "a size");
  assert_bad ("size > 64Q", 8, 3, "a size");
  assert_bad ("size ~ 3", 6, 1, "one of =");
  assert_bad ("var < 3", 5, 1, "~");
  assert_bad ("lifetime > 3 parsecs", 14, 7, "“and”");
  assert_bad ("lifetime > 3x", 12, 2, "a time");
  assert_bad ("alive at noon", 10, 4, "a time");
  assert_bad ("address = heap", 11, 4, "an address");
  assert_bad ("address = 0x", 11, 2, "an address");
  assert_bad ("kind = stack", 8, 5, "heap, region, pool, api, file");
  assert_bad ("stage =", 8, 0, "allocated, active, shared, freed");
  assert_bad ("size > 1 size < 3", 10, 4, "“and”");
  assert_bad ("(size > 1", 10, 0, "“)”");
  assert_bad ("size > 1)", 9, 1, "the end");
  assert_bad ("size in 1K", 11, 0, "“..”");
  assert_bad ("var in buf", 8, 3, "list");
  assert_bad ("var in (a b)", 11, 1, "“,”");
  assert_bad ("var = \"abc", 7, 4, "quote");
  assert_bad ("var ~ /abc", 7, 4, "“/”");
  assert_bad ("var ~ /(/", 7, 3, "regular expression");
  assert_bad ("var ~ /usr/lib", 12, 3, "quotes");
  assert_bad ("var = \"a\\q\"", 9, 2, "escape");
  assert_bad ("var = \"\\u{110000}\"", 8, 2, "escape");
  assert_bad ("var = ^", 7, 1, "words");
  assert_bad ("变量 and ;", 8, 1, "a field");
  assert_bad ("not", 4, 0, "a field");
  assert_bad ("a and and b", 7, 3, "a field");
}

static void
test_hostile (void)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < 20000; i++)
    g_string_append_c (text, '(');
  assert_bad (text->str, MEMSCOPE_EXPRESSION_DEPTH + 1, 1, "too deeply");

  g_string_truncate (text, 0);
  for (guint i = 0; i < 20000; i++)
    g_string_append_c (text, '!');
  assert_bad (text->str, MEMSCOPE_EXPRESSION_DEPTH + 1, 1, "too deeply");

  g_string_assign (text, "a");
  for (guint i = 0; i < 5000; i++)
    g_string_append (text, " or a");
  assert_bad (text->str, 1 + MEMSCOPE_EXPRESSION_TERMS * 5, 1, "terms");

  g_string_assign (text, "size in (1");
  for (guint i = 0; i < 5000; i++)
    g_string_append (text, ",1");
  assert_bad (text->str, 10 + MEMSCOPE_EXPRESSION_VALUES * 2, 1, "values");

  g_string_assign (text, "var = \"");
  for (guint i = 0; i < 40000; i++)
    g_string_append (text, "\\\"");
  g_string_append_c (text, '"');
  assert_bad (text->str, 1, text->len, "too long");
  g_string_assign (text, "var = \"");
  for (guint i = 0; i < 30000; i++)
    g_string_append_c (text, 'x');
  g_string_append_c (text, '"');
  assert_good (text->str);

  g_string_assign (text, "var ~ /");
  for (guint i = 0; i < 2000; i++)
    g_string_append_c (text, 'x');
  g_string_append_c (text, '/');
  assert_bad (text->str, 7, 2002, "too long");
}

/* Every prefix of something, and every change of a byte of it, is answered. */
static void
test_any_bytes (void)
{
  static const char whole[] = "not (size in 1K..2M or var ~ /a+/) and freed by in (\"x\\n\", b) && alive at 01:02.5 || lifetime>=3 ms";

  for (gsize at = 0; at < sizeof whole - 1; at++)
    for (guint byte = 0; byte < 256; byte += 1 + byte % 3)
      {
        g_autofree char *text = g_strndup (whole, byte == 0 ? at : sizeof whole - 1);
        g_auto(MemscopeExpressionFault) fault = { 0 };
        g_autoptr(MemscopeExpression) expression = NULL;

        if (byte != 0)
          text[at] = (char)byte;
        expression = memscope_expression_parse (text, &fault);
        g_assert_true ((expression == NULL) == (fault.message != NULL));
        if (expression == NULL)
          {
            g_assert_cmpuint (fault.offset + fault.length, <=, strlen (text));
            g_assert_cmpuint (fault.column, >=, 1);
            g_assert_cmpuint (fault.column, <=, fault.offset + 1);
          }
        memscope_expression_is_meant (text);
      }
}

static void
test_values (void)
{
  g_autoptr(MemscopeExpression) expression = memscope_expression_parse (
    "size >= 1.5K and size < 0 and size in 2..2 and lifetime > 2.5ms and var = \"a\\\"\\\\\\n\\xff\" and stage != freed", NULL);
  guint n;
  const MemscopeNode *nodes = memscope_expression_get_nodes (expression, &n);

  g_assert_cmpuint (n, ==, 12);
  g_assert_cmpuint (nodes[0].spans[0].first, ==, 1536);
  g_assert_cmpuint (nodes[0].spans[0].last, ==, G_MAXUINT64);
  g_assert_cmpuint (nodes[1].spans[0].first, >, nodes[1].spans[0].last);
  g_assert_cmpuint (nodes[3].spans[0].first, >, nodes[3].spans[0].last);
  g_assert_cmpuint (nodes[5].spans[0].first, ==, 2500001);
  /* As it is displayed, for so it is compared. */
  g_assert_cmpstr (nodes[7].texts[0], ==, "a\"\\\\n\\xFF");
  g_assert_cmpint (nodes[10].kind, ==, MEMSCOPE_NODE_NOT);
  g_assert_cmpint (nodes[11].kind, ==, MEMSCOPE_NODE_AND);
}

/* What is typed where words are searched for stays words unless it can be nothing else. */
static void
test_meant (void)
{
  static const char *const yes[] = {
    "size > 64K", "size>", "var ~ x", "not alive", "leaked", "foo and size < 3", "\"words\"", "alive at 3s", "kind in (heap)",
    "(freed by = main", "! temporary", "stage = nothing", "size in",
  };
  static const char *const no[] = {
    "", "parse_file", "std::vector<int>", "type<int>", "size", "leaked bytes", "Vec<u8>", "a and b", "alive at noon", "ThreadId(1)",
    "contains nothing", "x > 3", "in", "/tmp/var = 3x"
  };

  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    if (!memscope_expression_is_meant (yes[i]))
      g_error ("`%s` is an expression", yes[i]);
  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    if (memscope_expression_is_meant (no[i]))
      g_error ("`%s` is words", no[i]);
}

static void
test_quote (void)
{
  g_autofree char *quoted = memscope_expression_quote ("say \"hi\" \\ size > 3");
  g_autoptr(MemscopeExpression) expression = memscope_expression_parse (quoted, NULL);
  guint n;
  const MemscopeNode *nodes = memscope_expression_get_nodes (expression, &n);

  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (nodes[0].field, ==, MEMSCOPE_FIELD_WORDS);
  g_assert_cmpstr (nodes[0].texts[0], ==, "say \"hi\" \\ size > 3");
  g_assert_true (memscope_expression_is_meant (quoted));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/expression/understands-what-can-be-said", test_good);
  g_test_add_func ("/expression/says-what-is-wrong-and-where", test_faults);
  g_test_add_func ("/expression/bounds-depth-length-and-number", test_hostile);
  g_test_add_func ("/expression/answers-any-bytes", test_any_bytes);
  g_test_add_func ("/expression/values-are-exact", test_values);
  g_test_add_func ("/expression/tells-expressions-from-words", test_meant);
  g_test_add_func ("/expression/quotes-words", test_quote);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-expression.h"
#include "memscope-lifetime-term.h"

#define MSEC G_GUINT64_CONSTANT (1000000)

static void
assert_set (const char *text,
            guint64     nsec,
            const char *expected)
{
  g_autofree char *got = memscope_lifetime_term_set (text, nsec);
  MemscopeExpressionFault fault = { 0 };

  g_assert_cmpstr (got, ==, expected);
  g_assert_cmpuint (memscope_lifetime_term_get (got), ==, nsec);
  if (nsec > 0)
    {
      MemscopeExpression *expression = memscope_expression_parse (got, &fault);

      g_assert_nonnull (expression);
      g_assert_true (memscope_expression_is_meant (got));
      memscope_expression_unref (expression);
    }
}

static void
test_stands_alone_and_behind_what_is_searched_for (void)
{
  assert_set ("", 10 * MSEC, "lifetime >= 10ms or age >= 10ms");
  assert_set ("  ", 1000 * MSEC, "lifetime >= 1s or age >= 1s");
  assert_set ("token list", MSEC, "\"token list\" and (lifetime >= 1ms or age >= 1ms)");
  assert_set ("size > 64K or alive", MSEC, "(size > 64K or alive) and (lifetime >= 1ms or age >= 1ms)");
  assert_set ("(size > 64K)", 5000, "(size > 64K) and (lifetime >= 5us or age >= 5us)");
}

static void
test_is_changed_and_taken_away (void)
{
  assert_set ("lifetime >= 10ms or age >= 10ms", 2500000, "lifetime >= 2500us or age >= 2500us");
  assert_set ("lifetime >= 10ms or age >= 10ms", 0, "");
  assert_set ("\"token list\" and (lifetime >= 1ms or age >= 1ms)", 7, "\"token list\" and (lifetime >= 7ns or age >= 7ns)");
  assert_set ("(size > 64K or alive) and (lifetime >= 1ms or age >= 1ms)", 0, "size > 64K or alive");
  assert_set ("(size > 64K or alive) and (lifetime >= 1ms or age >= 1ms)", MSEC * 3, "(size > 64K or alive) and (lifetime >= 3ms or age >= 3ms)");
}

static void
test_leaves_alone_what_a_person_wrote_otherwise (void)
{
  g_assert_cmpuint (memscope_lifetime_term_get (""), ==, 0);
  g_assert_cmpuint (memscope_lifetime_term_get ("lifetime > 10ms"), ==, 0);
  g_assert_cmpuint (memscope_lifetime_term_get ("lifetime >= 10ms or age >= 11ms"), ==, 0);
  assert_set ("lifetime > 10ms", 0, "lifetime > 10ms");
  assert_set ("buf", 0, "buf");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/lifetime-term/stands-alone-and-behind-what-is-searched-for", test_stands_alone_and_behind_what_is_searched_for);
  g_test_add_func ("/lifetime-term/is-changed-and-taken-away", test_is_changed_and_taken_away);
  g_test_add_func ("/lifetime-term/leaves-alone-what-a-person-wrote-otherwise", test_leaves_alone_what_a_person_wrote_otherwise);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-match.h"
#include "session-maker.h"


static void
test_counts_what_overlaps (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSelection) ranged = NULL;
  g_autoptr(MemscopeSelection) texted = NULL;
  g_autoptr(MemscopeSelection) small = NULL;
  MemscopeMatch match;

  for (guint i = 0; i < 100; i++)
    {
      guint64 birth = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 10 * i, i, 1 + i % 2, 1 + i % 5);

      if (i % 3 == 0)
        session_maker_death (builder, MEMSCOPE_EVENT_FREE, 10 * i + 5, birth, 1);
    }
  session = session_maker_finish (builder, 2000);
  all = memscope_selection_new_all (session);

  g_assert_true (memscope_match_count (session, all, &match, NULL, NULL));
  g_assert_cmpuint (match.blocks, ==, 100);
  g_assert_cmpuint (match.of_blocks, ==, 100);

  /* Of those born before 500 µs, the two thirds that still live; and all born later. */
  ranged = memscope_selection_with_range (all, 500000, 2000001);
  g_assert_true (memscope_match_count (session, ranged, &match, NULL, NULL));
  g_assert_cmpuint (match.blocks, ==, 50 + 33);

  texted = memscope_selection_with_text (all, "worker");
  g_assert_true (memscope_match_count (session, texted, &match, NULL, NULL));
  g_assert_cmpuint (match.blocks, ==, 50);
  g_assert_cmpuint (match.of_blocks, ==, 100);

  small = memscope_selection_with_sizes (texted, 0, 9);
  g_assert_true (memscope_match_count (session, small, &match, NULL, NULL));
  g_assert_cmpuint (match.blocks, ==, 5);
  g_assert_cmpuint (match.of_blocks, ==, 10);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/match/counts-what-overlaps", test_counts_what_overlaps);

  return g_test_run ();
}

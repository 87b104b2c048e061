/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-selection.h"
#include "memscope-session-builder.h"

static MemscopeSession *
new_session (guint64 duration)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");

  memscope_session_builder_set_duration (builder, duration);

  return memscope_session_builder_finish (builder);
}

static void
test_all_is_everything (void)
{
  g_autoptr(MemscopeSession) session = new_session (1000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);

  g_assert_true (memscope_selection_is_whole (all));
  g_assert_cmpuint (memscope_selection_get_begin (all), ==, 0);
  g_assert_cmpuint (memscope_selection_get_end (all), ==, 1001);
  g_assert_cmpuint (memscope_selection_get_instant (all), ==, 1001);
  g_assert_cmpstr (memscope_selection_get_text (all), ==, "");
  g_assert_cmpuint (memscope_selection_get_origins (all), ==, MEMSCOPE_SELECTION_TOTALS);
  g_assert_true (memscope_selection_has_all_threads (all));
  g_assert_true (memscope_selection_has_thread (all, 0));
  g_assert_true (memscope_selection_has_module (all, 12345));
}

static void
test_an_empty_session_has_a_selection (void)
{
  g_autoptr(MemscopeSession) session = new_session (0);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);

  g_assert_cmpuint (memscope_selection_get_end (all), ==, 1);
}

/* The longest duration there is leaves room for its end. */
static void
test_the_longest_session_has_an_end (void)
{
  g_autoptr(MemscopeSession) session = new_session (G_MAXUINT64);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);

  g_assert_cmpuint (memscope_selection_get_end (all), ==, G_MAXUINT64 - 1);
}

static void
test_range_is_brought_into_the_session (void)
{
  g_autoptr(MemscopeSession) session = new_session (1000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) part = memscope_selection_with_range (all, 700, 200);
  g_autoptr(MemscopeSelection) beyond = memscope_selection_with_range (all, 900, G_MAXUINT64);
  g_autoptr(MemscopeSelection) back = memscope_selection_with_range (part, 0, 1001);

  g_assert_cmpuint (memscope_selection_get_begin (part), ==, 200);
  g_assert_cmpuint (memscope_selection_get_end (part), ==, 700);
  g_assert_false (memscope_selection_is_whole (part));
  g_assert_cmpuint (memscope_selection_get_end (beyond), ==, 1001);
  g_assert_true (memscope_selection_is_whole (back));
  g_assert_true (memscope_selection_equal (all, back));
}

static void
test_instant_stays_inside (void)
{
  g_autoptr(MemscopeSession) session = new_session (1000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) part = memscope_selection_with_range (all, 200, 700);
  g_autoptr(MemscopeSelection) early = memscope_selection_with_instant (part, 10);
  g_autoptr(MemscopeSelection) middle = memscope_selection_with_instant (part, 500);
  g_autoptr(MemscopeSelection) moved = memscope_selection_with_range (middle, 550, 900);

  g_assert_cmpuint (memscope_selection_get_instant (part), ==, 700);    /* it stood at the end, and does */
  g_assert_cmpuint (memscope_selection_get_instant (early), ==, 200);
  g_assert_cmpuint (memscope_selection_get_instant (middle), ==, 500);
  g_assert_cmpuint (memscope_selection_get_instant (moved), ==, 550);
}

static void
test_sets_of_threads_and_modules (void)
{
  static const MemscopeThreadId threads[] = { 70, 3 };
  g_autoptr(MemscopeSession) session = new_session (1000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) two = memscope_selection_with_threads (all, threads, 2);
  g_autoptr(MemscopeSelection) none = memscope_selection_with_threads (all, threads, 0);
  g_autoptr(MemscopeSelection) again = memscope_selection_with_threads (two, NULL, 0);
  g_autoptr(MemscopeSelection) module = memscope_selection_with_modules (two, threads, 1);

  g_assert_true (memscope_selection_has_thread (two, 3));
  g_assert_true (memscope_selection_has_thread (two, 70));
  g_assert_false (memscope_selection_has_thread (two, 4));
  g_assert_false (memscope_selection_has_thread (two, 0));
  g_assert_false (memscope_selection_has_thread (two, 5000));
  g_assert_false (memscope_selection_has_all_threads (two));
  g_assert_false (memscope_selection_is_whole (two));
  g_assert_false (memscope_selection_has_thread (none, 0));
  g_assert_false (memscope_selection_has_thread (none, 3));
  g_assert_true (memscope_selection_equal (all, again));
  g_assert_true (memscope_selection_has_module (module, 70));
  g_assert_false (memscope_selection_has_module (module, 3));
  g_assert_true (memscope_selection_has_thread (module, 3));
}

static void
test_equal_sees_every_part (void)
{
  static const MemscopeThreadId threads[] = { 0, 1, 64 };
  g_autoptr(MemscopeSession) session = new_session (1000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  MemscopeSelection *others[] = {
    memscope_selection_with_range (all, 1, 1001),
    memscope_selection_with_instant (all, 5),
    memscope_selection_with_text (all, "x"),
    memscope_selection_with_origins (all, 1u << MEMSCOPE_ORIGIN_REGION),
    memscope_selection_with_threads (all, threads, 0),
    memscope_selection_with_threads (all, threads, 1),
    memscope_selection_with_threads (all, threads, 2),
    memscope_selection_with_threads (all, threads, 3),
    memscope_selection_with_modules (all, threads, 3),
    memscope_selection_with_sizes (all, 1, G_MAXUINT64),
    memscope_selection_with_sizes (all, 0, 4096),
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_assert_false (memscope_selection_equal (all, others[i]));
      for (guint j = 0; j < G_N_ELEMENTS (others); j++)
        g_assert_cmpint (memscope_selection_equal (others[i], others[j]), ==, i == j);
    }

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    memscope_selection_unref (others[i]);
}

static void
test_outlives_its_session (void)
{
  MemscopeSession *session = new_session (1000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) same = memscope_selection_ref (all);

  g_object_unref (session);
  g_assert_cmpuint (memscope_selection_get_end (same), ==, 1001);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/selection/all-is-everything", test_all_is_everything);
  g_test_add_func ("/selection/an-empty-session-has-a-selection", test_an_empty_session_has_a_selection);
  g_test_add_func ("/selection/the-longest-session-has-an-end", test_the_longest_session_has_an_end);
  g_test_add_func ("/selection/range-is-brought-into-the-session", test_range_is_brought_into_the_session);
  g_test_add_func ("/selection/instant-stays-inside", test_instant_stays_inside);
  g_test_add_func ("/selection/sets-of-threads-and-modules", test_sets_of_threads_and_modules);
  g_test_add_func ("/selection/equal-sees-every-part", test_equal_sees_every_part);
  g_test_add_func ("/selection/outlives-its-session", test_outlives_its_session);

  return g_test_run ();
}

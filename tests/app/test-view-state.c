/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-fixture.h"
#include "memscope-view-state.h"

static void
count (guint *n)
{
  (*n)++;
}

static MemscopeViewState *
new_state (guint *n_changes)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  MemscopeViewState *state = memscope_view_state_new (session);

  *n_changes = 0;
  g_signal_connect_swapped (state, "notify::selection", G_CALLBACK (count), n_changes);

  return state;
}

static void
test_begins_with_everything (void)
{
  guint n;
  g_autoptr(MemscopeViewState) state = new_state (&n);

  g_assert_false (memscope_view_state_has_range (state));
  g_assert_null (memscope_view_state_get_group (state));
  g_assert_true (memscope_selection_is_whole (memscope_view_state_get_selection (state)));
}

static void
test_says_nothing_when_nothing_changed (void)
{
  guint n;
  g_autoptr(MemscopeViewState) state = new_state (&n);

  memscope_view_state_set_range (state, 0, memscope_view_state_get_end (state));
  memscope_view_state_set_text (state, "");
  memscope_view_state_set_thread (state, 0);
  g_assert_cmpuint (n, ==, 0);

  memscope_view_state_set_range (state, 0, 1000);
  g_assert_cmpuint (n, ==, 1);
}

static void
test_keeps_the_range_inside_the_recording (void)
{
  guint n;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  guint64 end = memscope_view_state_get_end (state);
  MemscopeSelection *selection;

  memscope_view_state_set_range (state, G_MAXUINT64, 0);
  selection = memscope_view_state_get_selection (state);
  g_assert_cmpuint (memscope_selection_get_begin (selection), <, memscope_selection_get_end (selection));
  g_assert_cmpuint (memscope_selection_get_end (selection), <=, end);

  memscope_view_state_set_instant (state, G_MAXUINT64);
  selection = memscope_view_state_get_selection (state);
  g_assert_cmpuint (memscope_selection_get_instant (selection), ==, memscope_selection_get_end (selection));
}

static void
test_an_instant_at_the_end_stays_at_the_end (void)
{
  guint n;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  guint64 end = memscope_view_state_get_end (state);

  memscope_view_state_set_range (state, 0, end / 2);
  g_assert_cmpuint (memscope_selection_get_instant (memscope_view_state_get_selection (state)), ==, end / 2);
  memscope_view_state_clear_range (state);
  g_assert_cmpuint (memscope_selection_get_instant (memscope_view_state_get_selection (state)), ==, end);
}

static void
test_zooming_stays_inside (void)
{
  guint n;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  guint64 begin, end;

  for (int i = 0; i < 200; i++)
    memscope_view_state_zoom (state, 1.5, memscope_view_state_get_end (state));
  memscope_view_state_get_axis (state, &begin, &end);
  g_assert_cmpuint (begin, <, end);
  g_assert_cmpuint (end, <=, memscope_view_state_get_end (state));

  for (int i = 0; i < 200; i++)
    memscope_view_state_zoom (state, .5, 0);
  memscope_view_state_get_axis (state, &begin, &end);
  g_assert_cmpuint (begin, ==, 0);
  g_assert_cmpuint (end, ==, memscope_view_state_get_end (state));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view-state/begins-with-everything", test_begins_with_everything);
  g_test_add_func ("/view-state/says-nothing-when-nothing-changed", test_says_nothing_when_nothing_changed);
  g_test_add_func ("/view-state/keeps-the-range-inside-the-recording", test_keeps_the_range_inside_the_recording);
  g_test_add_func ("/view-state/an-instant-at-the-end-stays-at-the-end", test_an_instant_at_the_end_stays_at_the_end);
  g_test_add_func ("/view-state/zooming-stays-inside", test_zooming_stays_inside);

  return g_test_run ();
}

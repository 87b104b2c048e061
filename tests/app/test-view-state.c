/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-fixture.h"
#include "memscope-session-builder.h"
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

static void
test_each_filter_is_told_and_taken_back (void)
{
  static const MemscopeThreadId threads[] = { 1, 3 };
  static const MemscopeModuleId modules[] = { 0 };
  guint n, n_ids;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  g_autofree MemscopeThreadId *ids = NULL;

  g_assert_false (memscope_view_state_has_filters (state));
  memscope_view_state_set_threads (state, threads, 2);
  memscope_view_state_set_modules (state, modules, 1);
  memscope_view_state_set_origins (state, 1u << MEMSCOPE_ORIGIN_FILE);
  memscope_view_state_set_sizes (state, 16, 4096);
  memscope_view_state_set_text (state, "x");
  g_assert_cmpuint (n, ==, 5);
  g_assert_true (memscope_view_state_has_filters (state));

  ids = memscope_view_state_dup_threads (state, &n_ids);
  g_assert_cmpmem (ids, n_ids * sizeof *ids, threads, sizeof threads);
  g_assert_cmpuint (memscope_view_state_get_thread (state), ==, 0);
  g_clear_pointer (&ids, g_free);
  ids = memscope_view_state_dup_modules (state, &n_ids);
  g_assert_cmpuint (n_ids, ==, 1);
  g_assert_cmpuint (ids[0], ==, 0);

  memscope_view_state_set_range (state, 10, 100);
  memscope_view_state_clear_filters (state);
  g_assert_false (memscope_view_state_has_filters (state));
  /* Time is no filter. */
  g_assert_true (memscope_view_state_has_range (state));
  g_assert_cmpuint (memscope_selection_get_begin (memscope_view_state_get_selection (state)), ==, 10);

  memscope_view_state_set_stages (state, 1);
  g_assert_true (memscope_view_state_has_filters (state));
  memscope_view_state_clear_filters (state);
  g_assert_cmpuint (memscope_view_state_get_stages (state), ==, 0);
}

static void
test_no_thread_is_not_every_thread (void)
{
  guint n, n_ids;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  g_autofree MemscopeThreadId *ids = NULL;
  static const MemscopeThreadId none[1];

  memscope_view_state_set_threads (state, none, 0);
  ids = memscope_view_state_dup_threads (state, &n_ids);
  g_assert_nonnull (ids);
  g_assert_cmpuint (n_ids, ==, 0);
}

static void
test_goes_back_and_forward (void)
{
  guint n;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  MemscopeGroup group = { .thread = 1, .variable = 2 };
  guint64 end = memscope_view_state_get_end (state);

  memscope_view_state_set_view (state, "overview");
  memscope_view_state_settle (state);
  g_assert_false (memscope_view_state_can_go (state, -1));

  memscope_view_state_set_range (state, 0, end / 2);
  memscope_view_state_settle (state);
  memscope_view_state_set_view (state, "variables");
  memscope_view_state_set_group (state, &group);
  memscope_view_state_settle (state);
  g_assert_true (memscope_view_state_can_go (state, -1));
  g_assert_false (memscope_view_state_can_go (state, 1));

  /* The view and the card came within one breath. */
  memscope_view_state_go (state, -1);
  g_assert_cmpstr (memscope_view_state_get_view (state), ==, "overview");
  g_assert_null (memscope_view_state_get_group (state));
  g_assert_true (memscope_view_state_has_range (state));
  memscope_view_state_go (state, -1);
  g_assert_false (memscope_view_state_has_range (state));
  g_assert_false (memscope_view_state_can_go (state, -1));
  memscope_view_state_go (state, -1);
  g_assert_false (memscope_view_state_has_range (state));

  memscope_view_state_go (state, 1);
  memscope_view_state_go (state, 1);
  g_assert_cmpstr (memscope_view_state_get_view (state), ==, "variables");
  g_assert_cmpuint (memscope_view_state_get_group (state)->variable, ==, 2);

  /* Elsewhere from the middle: what lay ahead is gone. */
  memscope_view_state_go (state, -1);
  memscope_view_state_set_text (state, "y");
  memscope_view_state_settle (state);
  g_assert_false (memscope_view_state_can_go (state, 1));
}

static void
test_a_drag_is_one_step (void)
{
  guint n;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  guint64 end = memscope_view_state_get_end (state);

  memscope_view_state_set_view (state, "overview");
  memscope_view_state_begin_gesture (state);
  for (guint64 i = 1; i < 50; i++)
    {
      memscope_view_state_set_range (state, i, end - i);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  memscope_view_state_end_gesture (state);

  memscope_view_state_go (state, -1);
  g_assert_false (memscope_view_state_has_range (state));
  g_assert_false (memscope_view_state_can_go (state, -1));
}

static void
test_figures_of_the_same_card_are_no_step (void)
{
  guint n;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  MemscopeGroup group = { .thread = 1, .variable = 2 };

  memscope_view_state_set_view (state, "variables");
  memscope_view_state_set_group (state, &group);
  memscope_view_state_settle (state);
  group.live_bytes = 77;
  memscope_view_state_set_group (state, &group);
  g_assert_false (memscope_view_state_can_go (state, -1));
}

static void
test_the_way_back_is_bounded (void)
{
  guint n, steps = 0;
  g_autoptr(MemscopeViewState) state = new_state (&n);

  memscope_view_state_set_view (state, "overview");
  for (guint i = 1; i <= 3 * MEMSCOPE_VIEW_HISTORY_MAX; i++)
    {
      memscope_view_state_set_sizes (state, i, G_MAXUINT64);
      memscope_view_state_settle (state);
    }
  while (memscope_view_state_can_go (state, -1))
    {
      memscope_view_state_go (state, -1);
      steps++;
    }
  g_assert_cmpuint (steps, ==, MEMSCOPE_VIEW_HISTORY_MAX - 1);
}

static void
test_a_block_is_inspected_with_its_card (void)
{
  guint n;
  guint n_rows = 0;
  g_autoptr(MemscopeViewState) state = new_state (&n);
  MemscopeGroup group = { .keys = MEMSCOPE_GROUP_KEY_THREAD | MEMSCOPE_GROUP_KEY_VARIABLE, .thread = 1, .variable = 2 };

  g_signal_connect_swapped (state, "notify::row", G_CALLBACK (count), &n_rows);
  g_assert_cmpuint (memscope_view_state_get_row (state), ==, MEMSCOPE_UNKNOWN);
  memscope_view_state_inspect (state, &group, 7);
  g_assert_cmpuint (memscope_view_state_get_row (state), ==, 7);
  g_assert_cmpuint (n_rows, ==, 1);

  /* New figures of the same card: the block stays; another card: it does not. */
  group.live_bytes = 99;
  memscope_view_state_set_group (state, &group);
  g_assert_cmpuint (memscope_view_state_get_row (state), ==, 7);
  memscope_view_state_set_row (state, 7);
  g_assert_cmpuint (n_rows, ==, 1);
  group.variable = 3;
  memscope_view_state_set_group (state, &group);
  g_assert_cmpuint (memscope_view_state_get_row (state), ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (n_rows, ==, 2);
}

/* ---- a session that grows ------------------------------------------------------- */

static void
add_events (MemscopeSessionBuilder *builder,
            guint64                 time)
{
  MemscopeEvent event = { .kind = MEMSCOPE_EVENT_MALLOC, .time = time, .address = 0x1000 * time, .size = 1, .rounding = 8 };

  memscope_session_builder_add_events (builder, &event, 1);
}

static void
test_what_stands_at_the_end_follows_it (void)
{
  g_autoptr(MemscopeSessionBuilder) builder = memscope_session_builder_new ("growing");
  g_autoptr(MemscopeViewState) state = NULL;
  guint64 begin, end;
  guint n = 0;

  add_events (builder, 10);
  state = memscope_view_state_new (memscope_session_builder_get_session (builder));
  g_signal_connect_swapped (state, "notify::selection", G_CALLBACK (count), &n);
  memscope_view_state_set_view (state, "overview");
  memscope_view_state_settle (state);

  /* Not before the views are told. */
  add_events (builder, 20);
  g_assert_cmpuint (memscope_view_state_get_end (state), ==, 10001);
  g_assert_true (memscope_view_state_grow (state));
  g_assert_false (memscope_view_state_grow (state));
  g_assert_cmpuint (memscope_view_state_get_end (state), ==, 20001);
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (memscope_view_state_is_following (state));
  g_assert_true (memscope_selection_is_whole (memscope_view_state_get_selection (state)));
  memscope_view_state_get_axis (state, &begin, &end);
  g_assert_cmpuint (end, ==, 20001);

  /* Time going by is no step of the way. */
  g_assert_false (memscope_view_state_can_go (state, -1));

  /* A range that ends at the end keeps its beginning; filters that are cleared change nothing about that. */
  memscope_view_state_set_range (state, 5000, 20001);
  memscope_view_state_set_text (state, "x");
  memscope_view_state_clear_filters (state);
  add_events (builder, 30);
  memscope_view_state_grow (state);
  g_assert_true (memscope_view_state_is_following (state));
  g_assert_cmpuint (memscope_selection_get_begin (memscope_view_state_get_selection (state)), ==, 5000);
  g_assert_cmpuint (memscope_selection_get_end (memscope_view_state_get_selection (state)), ==, 30001);
}

static void
test_the_past_stays_where_it_is (void)
{
  g_autoptr(MemscopeSessionBuilder) builder = memscope_session_builder_new ("growing");
  g_autoptr(MemscopeSelection) former = NULL;
  g_autoptr(MemscopeViewState) state = NULL;
  guint64 begin, end;
  guint n = 0;

  add_events (builder, 10);
  state = memscope_view_state_new (memscope_session_builder_get_session (builder));
  former = memscope_selection_ref (memscope_view_state_get_selection (state));
  memscope_view_state_set_range (state, 0, 5000);
  memscope_view_state_set_axis (state, 1000, 6000);
  g_signal_connect_swapped (state, "notify::selection", G_CALLBACK (count), &n);

  add_events (builder, 20);
  memscope_view_state_grow (state);
  g_assert_cmpuint (n, ==, 0);
  g_assert_false (memscope_view_state_is_following (state));
  g_assert_true (memscope_view_state_has_range (state));
  g_assert_cmpuint (memscope_selection_get_end (memscope_view_state_get_selection (state)), ==, 5000);
  memscope_view_state_get_axis (state, &begin, &end);
  g_assert_cmpuint (end, ==, 6000);

  /* What was everything once is everything again. */
  memscope_view_state_set_selection (state, former);
  g_assert_true (memscope_view_state_is_following (state));
  memscope_view_state_set_range (state, 0, 5000);
  memscope_view_state_follow (state);
  g_assert_true (memscope_view_state_is_following (state));
  g_assert_false (memscope_view_state_has_range (state));
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

  g_test_add_func ("/view-state/each-filter-is-told-and-taken-back", test_each_filter_is_told_and_taken_back);
  g_test_add_func ("/view-state/no-thread-is-not-every-thread", test_no_thread_is_not_every_thread);
  g_test_add_func ("/view-state/a-block-is-inspected-with-its-card", test_a_block_is_inspected_with_its_card);
  g_test_add_func ("/view-state/goes-back-and-forward", test_goes_back_and_forward);
  g_test_add_func ("/view-state/a-drag-is-one-step", test_a_drag_is_one_step);
  g_test_add_func ("/view-state/figures-of-the-same-card-are-no-step", test_figures_of_the_same_card_are_no_step);
  g_test_add_func ("/view-state/the-way-back-is-bounded", test_the_way_back_is_bounded);
  g_test_add_func ("/view-state/what-stands-at-the-end-follows-it", test_what_stands_at_the_end_follows_it);
  g_test_add_func ("/view-state/the-past-stays-where-it-is", test_the_past_stays_where_it_is);

  return g_test_run ();
}

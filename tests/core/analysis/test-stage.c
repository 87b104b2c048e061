/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-groups.h"
#include "memscope-stage.h"

#include "session-maker.h"

#define MS G_GUINT64_CONSTANT (1000000)
#define S  (1000 * MS)

static void
test_rules (void)
{
  g_assert_cmpint (memscope_stage_judge (0, TRUE, 0, 0, 5), ==, MEMSCOPE_STAGE_FREED);
  g_assert_cmpint (memscope_stage_judge (1, TRUE, 0, 0, 5), ==, MEMSCOPE_STAGE_SHARED);

  /* the last tenth of the time since the first event … */
  g_assert_cmpint (memscope_stage_judge (1, FALSE, 0, 9 * S, 10 * S), ==, MEMSCOPE_STAGE_ACTIVE);
  g_assert_cmpint (memscope_stage_judge (1, FALSE, 0, 9 * S - 1, 10 * S), ==, MEMSCOPE_STAGE_ALLOCATED);

  /* … but at least 100 ms */
  g_assert_cmpint (memscope_stage_judge (1, FALSE, S, S + 50 * MS, S + 150 * MS), ==, MEMSCOPE_STAGE_ACTIVE);
  g_assert_cmpint (memscope_stage_judge (1, FALSE, S, S + 49 * MS, S + 150 * MS), ==, MEMSCOPE_STAGE_ALLOCATED);
}

static void
test_nicks (void)
{
  g_assert_cmpstr (memscope_stage_get_nick (MEMSCOPE_STAGE_SHARED), ==, "shared");
  g_assert_cmpstr (memscope_category_get_nick (MEMSCOPE_CATEGORY_IO), ==, "io");
  g_assert_cmpstr (memscope_category_get_nick (MEMSCOPE_CATEGORY_NOT_RECORDED), ==, "not-recorded");
}

static MemscopeGroup
group_at (MemscopeSession *session,
          guint64          instant,
          guint            at)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_instant (all, instant);
  g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_VARIABLE, NULL, NULL);

  g_assert_cmpuint (groups->n_groups, >, at);

  return groups->groups[at];
}

/* One variable: born at 1 s, freed by another thread at 3 s. */
static void
test_freed_by_another_thread_is_shared_while_it_lives (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  guint64 birth = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1000000, 100, 1, 1);

  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 3000000, birth, 2);
  session = session_maker_finish (builder, 4000000);

  g_assert_cmpint (group_at (session, S / 2, 0).stage, ==, MEMSCOPE_STAGE_FREED);
  g_assert_cmpint (group_at (session, 2 * S, 0).stage, ==, MEMSCOPE_STAGE_SHARED);
  g_assert_cmpuint (group_at (session, 2 * S, 0).shared_blocks, ==, 1);
  g_assert_cmpint (group_at (session, 4 * S, 0).stage, ==, MEMSCOPE_STAGE_FREED);
}

/* Active from its birth on, then quiet; a borrow shares it, the return makes it active once more. */
static void
test_a_life (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeAnnotation borrow = { .kind = MEMSCOPE_ANNOTATION_BORROW, .event = 1, .time = 5000000,
                                .address = session_maker_address (0), .thread = 1 };
  MemscopeAnnotation back = { .kind = MEMSCOPE_ANNOTATION_RETURN, .event = 1, .time = 6000000,
                              .address = session_maker_address (0), .thread = 1 };

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1000000, 100, 1, 1);
  memscope_session_builder_add_annotation (builder, &borrow);
  memscope_session_builder_add_annotation (builder, &back);
  session = session_maker_finish (builder, 9000000);

  g_assert_cmpint (group_at (session, S + 50 * MS, 0).stage, ==, MEMSCOPE_STAGE_ACTIVE);
  g_assert_cmpint (group_at (session, 3 * S, 0).stage, ==, MEMSCOPE_STAGE_ALLOCATED);
  g_assert_cmpint (group_at (session, 5 * S + MS, 0).stage, ==, MEMSCOPE_STAGE_SHARED);
  g_assert_cmpint (group_at (session, 6 * S + MS, 0).stage, ==, MEMSCOPE_STAGE_ACTIVE);
  g_assert_cmpint (group_at (session, 8 * S, 0).stage, ==, MEMSCOPE_STAGE_ALLOCATED);
}

/* ---- categories ------------------------------------------------------------------------- */

#define NO MEMSCOPE_NOT_RECORDED

/* Of thread @thread after @seconds: CPU time in ms, voluntary switches, bytes read and written, state. */
static void
add_sample (MemscopeSessionBuilder *builder,
            guint32                 thread,
            guint64                 seconds,
            guint64                 cpu_ms,
            guint64                 switches,
            guint64                 io_bytes,
            guint64                 state)
{
  MemscopeSample sample = { .kind = MEMSCOPE_SAMPLE_THREAD, .thread = thread, .time = seconds * 1000000,
                            .values = { cpu_ms * MS, 0, switches, 0, io_bytes, 0, state, NO } };

  memscope_session_builder_add_sample (builder, &sample);
}

static MemscopeThreadCategory
category_of_worker (guint64 cpu_ms,
                    guint64 switches,
                    guint64 io_bytes,
                    guint64 state,
                    guint64 born_bytes)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autofree MemscopeThreadCategory *categories = NULL;

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 0, born_bytes, 2, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 0, 1, 1, 1);
  add_sample (builder, 2, 0, 0, 0, 0, 'S');
  add_sample (builder, 2, 10, cpu_ms, switches, io_bytes, state);
  session = session_maker_finish (builder, 10000000);
  all = memscope_selection_new_all (session);
  categories = memscope_categorise_threads (session, all);

  g_assert_cmpint (categories[1], ==, MEMSCOPE_CATEGORY_NOT_RECORDED);

  return categories[2];
}

static void
test_categories (void)
{
  g_assert_cmpint (category_of_worker (7000, 0, 0, 'R', 0), ==, MEMSCOPE_CATEGORY_CPU);
  g_assert_cmpint (category_of_worker (6900, 0, 0, 'R', 0), ==, MEMSCOPE_CATEGORY_MIXED);
  g_assert_cmpint (category_of_worker (1000, 0, 51000000, 'R', 0), ==, MEMSCOPE_CATEGORY_IO);
  g_assert_cmpint (category_of_worker (1000, 0, 49000000, 'R', 0), ==, MEMSCOPE_CATEGORY_MIXED);
  g_assert_cmpint (category_of_worker (1000, 0, 0, 'D', 0), ==, MEMSCOPE_CATEGORY_IO);
  g_assert_cmpint (category_of_worker (1000, 0, 0, 'S', 11000000), ==, MEMSCOPE_CATEGORY_MEMORY);
  g_assert_cmpint (category_of_worker (1000, 0, 0, 'S', 9000000), ==, MEMSCOPE_CATEGORY_MIXED);
  g_assert_cmpint (category_of_worker (1000, 1000, 0, 'S', 0), ==, MEMSCOPE_CATEGORY_ASYNC);
  g_assert_cmpint (category_of_worker (1000, 900, 0, 'S', 0), ==, MEMSCOPE_CATEGORY_MIXED);
  g_assert_cmpint (category_of_worker (3000, 1000, 0, 'S', 0), ==, MEMSCOPE_CATEGORY_MIXED);
  g_assert_cmpint (category_of_worker (NO / MS, 0, 0, 'S', 0), ==, MEMSCOPE_CATEGORY_CPU);
}

static void
test_one_sample_says_nothing (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autofree MemscopeThreadCategory *categories = NULL;

  add_sample (builder, 1, 5, 1000, 0, 0, 'R');
  session = session_maker_finish (builder, 10000000);
  all = memscope_selection_new_all (session);
  categories = memscope_categorise_threads (session, all);

  for (guint id = 1; id <= 3; id++)
    g_assert_cmpint (categories[id], ==, MEMSCOPE_CATEGORY_NOT_RECORDED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/stage/rules", test_rules);
  g_test_add_func ("/stage/nicks", test_nicks);
  g_test_add_func ("/stage/freed-by-another-thread-is-shared-while-it-lives", test_freed_by_another_thread_is_shared_while_it_lives);
  g_test_add_func ("/stage/follows-a-life", test_a_life);
  g_test_add_func ("/thread-category/rules", test_categories);
  g_test_add_func ("/thread-category/one-sample-says-nothing", test_one_sample_says_nothing);

  return g_test_run ();
}

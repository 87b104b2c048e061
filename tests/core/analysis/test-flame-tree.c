/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-flame-tree.h"

#include "memscope-summary.h"
#include "memscope-timeline.h"
#include "random-session.h"
#include "session-maker.h"

/* "alpha/beta": the functions from below the root to the node. */
static char *
path_of (MemscopeSession         *session,
         const MemscopeFlameTree *tree,
         guint32                  node)
{
  g_autofree char *name = NULL;
  g_autofree char *parent = NULL;

  if (node == 0)
    return g_strdup ("");

  name = memscope_session_dup_display_string (session, tree->nodes[node].function);
  parent = path_of (session, tree, tree->nodes[node].parent);

  return g_strconcat (parent, "/", name, NULL);
}

static const MemscopeFlameNode *
find (MemscopeSession         *session,
      const MemscopeFlameTree *tree,
      const char              *path)
{
  for (guint i = 0; i < tree->n_nodes; i++)
    {
      g_autofree char *candidate = path_of (session, tree, i);

      if (g_str_equal (candidate, path))
        return &tree->nodes[i];
    }

  g_error ("no %s in the tree", path);
}

/* alpha 1, alpha/beta 10, alpha/gamma/delta 100 (freed), delta 1000, no stack 10000. */
static MemscopeSession *
make_session (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  guint64 birth;

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 1, 1, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 10, 1, 2);
  birth = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 3, 100, 1, 4);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 4, birth, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 5, 1000, 1, 5);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 6, 10000, 1, 0);

  return session_maker_finish (builder, 7);
}

static void
test_top_down (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeFlameTree) tree = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);
  const MemscopeFlameNode *alpha = find (session, tree, "/alpha");

  g_assert_cmpuint (tree->n_nodes, ==, 6);
  g_assert_cmpuint (tree->nodes[0].total[MEMSCOPE_MEASURE_BORN_BYTES], ==, 11111);
  g_assert_cmpuint (tree->nodes[0].self[MEMSCOPE_MEASURE_BORN_BYTES], ==, 10000);
  g_assert_cmpuint (tree->nodes[0].total[MEMSCOPE_MEASURE_LIVE_BYTES], ==, 11011);
  g_assert_cmpuint (alpha->total[MEMSCOPE_MEASURE_BORN_BYTES], ==, 111);
  g_assert_cmpuint (alpha->total[MEMSCOPE_MEASURE_BIRTHS], ==, 3);
  g_assert_cmpuint (alpha->total[MEMSCOPE_MEASURE_LIVE_BYTES], ==, 11);
  g_assert_cmpuint (alpha->self[MEMSCOPE_MEASURE_LIVE_BYTES], ==, 1);
  g_assert_cmpuint (find (session, tree, "/alpha/gamma")->self[MEMSCOPE_MEASURE_BORN_BYTES], ==, 0);
  g_assert_cmpuint (find (session, tree, "/alpha/gamma/delta")->depth, ==, 3);
  g_assert_cmpuint (find (session, tree, "/alpha/gamma/delta")->total[MEMSCOPE_MEASURE_TEMPORARY], ==, 1);
  g_assert_cmpuint (find (session, tree, "/delta")->total[MEMSCOPE_MEASURE_PEAK_BYTES], ==, 1000);
}

static void
test_bottom_up (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeFlameTree) tree = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_BOTTOM_UP, NULL, NULL);

  g_assert_cmpuint (tree->nodes[0].total[MEMSCOPE_MEASURE_BORN_BYTES], ==, 11111);
  g_assert_cmpuint (find (session, tree, "/delta")->total[MEMSCOPE_MEASURE_BORN_BYTES], ==, 1100);
  g_assert_cmpuint (find (session, tree, "/delta")->self[MEMSCOPE_MEASURE_BORN_BYTES], ==, 1000);
  g_assert_cmpuint (find (session, tree, "/delta/gamma/alpha")->total[MEMSCOPE_MEASURE_BORN_BYTES], ==, 100);
  g_assert_cmpuint (find (session, tree, "/beta/alpha")->total[MEMSCOPE_MEASURE_LIVE_BYTES], ==, 10);
  g_assert_cmpuint (find (session, tree, "/alpha")->total[MEMSCOPE_MEASURE_LIVE_BLOCKS], ==, 1);
}

/* The 100 bytes freed before the last births are not part of the peak; in a range that ends there they are. */
static void
test_peak_is_what_was_alive_then (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) early = memscope_selection_with_range (all, 3000, 5000);
  g_autoptr(MemscopeFlameTree) whole = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);
  g_autoptr(MemscopeFlameTree) part = memscope_flame_tree_new (session, early, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);

  g_assert_cmpuint (whole->nodes[0].total[MEMSCOPE_MEASURE_PEAK_BYTES], ==, 11011);
  g_assert_cmpuint (find (session, whole, "/alpha/gamma")->total[MEMSCOPE_MEASURE_PEAK_BYTES], ==, 0);
  g_assert_cmpuint (part->nodes[0].total[MEMSCOPE_MEASURE_PEAK_BYTES], ==, 111);
  g_assert_cmpuint (find (session, part, "/alpha/gamma")->total[MEMSCOPE_MEASURE_PEAK_BYTES], ==, 100);
}

static void
assert_tree_is_sound (const MemscopeFlameTree *tree,
                      const MemscopeSummary   *summary)
{
  guint64 self[MEMSCOPE_N_MEASURES] = { 0 };
  const guint64 *total = tree->nodes[0].total;

  for (guint i = 0; i < tree->n_nodes; i++)
    {
      guint64 weight = 0;

      g_assert_true (i == 0 || tree->nodes[i].parent < i);
      for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
        {
          self[m] += tree->nodes[i].self[m];
          weight += tree->nodes[i].total[m];
          g_assert_cmpuint (tree->nodes[i].total[m], <=, tree->nodes[tree->nodes[i].parent].total[m]);
        }
      g_assert_true (i == 0 || weight > 0);
    }

  g_assert_cmpmem (self, sizeof self, total, sizeof self);
  g_assert_cmpuint (total[MEMSCOPE_MEASURE_LIVE_BYTES], ==, summary->active_bytes);
  g_assert_cmpuint (total[MEMSCOPE_MEASURE_LIVE_BLOCKS], ==, summary->active_allocations);
  g_assert_cmpuint (total[MEMSCOPE_MEASURE_BORN_BYTES], ==, summary->total_bytes);
  g_assert_cmpuint (total[MEMSCOPE_MEASURE_BIRTHS], ==, summary->total_allocations);
  g_assert_cmpuint (total[MEMSCOPE_MEASURE_TEMPORARY], ==, summary->temporary_allocations);
  g_assert_cmpuint (total[MEMSCOPE_MEASURE_PEAK_BYTES], ==, summary->peak_bytes);
  g_assert_cmpuint (total[MEMSCOPE_MEASURE_PEAK_BLOCKS], ==, summary->peak_allocations);
}

static void
test_agrees_with_the_summary (void)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr(MemscopeSession) session = i % 4 == 0 ? random_session_new_stored (100) : random_session_new_recorded (300);
      g_autoptr(MemscopeSelection) selection = random_selection_new (session);
      g_autoptr(MemscopeSummary) summary = memscope_summary_new (session, selection, NULL, NULL);
      g_autoptr(MemscopeFlameTree) down = memscope_flame_tree_new (session, selection, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);
      g_autoptr(MemscopeFlameTree) up = memscope_flame_tree_new (session, selection, MEMSCOPE_FLAME_BOTTOM_UP, NULL, NULL);

      assert_tree_is_sound (down, summary);
      assert_tree_is_sound (up, summary);
    }
}

/* Recursion makes one node a level; two call sites of one function are one node. */
static void
test_recursion_and_call_sites (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeFlameTree) tree = NULL;
  MemscopeFrameEntry again = { .module = 1, .offset = 0x999 };
  MemscopeSymbolEntry alpha = { .function = 3, .file = 7, .line = 99 };
  const MemscopeStackEntry stacks[] = { { 1, 5 }, { 6, 1 }, { 0, 5 } };

  memscope_session_builder_add_frame (builder, 5, &again);
  memscope_session_builder_add_symbols (builder, 5, &alpha, 1);
  for (guint i = 0; i < G_N_ELEMENTS (stacks); i++)
    memscope_session_builder_add_stack (builder, 6 + i, &stacks[i]);

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 1, 1, 1);    /* alpha */
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 10, 1, 8);   /* alpha, from another place */
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 3, 100, 1, 7);  /* alpha, alpha, alpha */
  session = session_maker_finish (builder, 4);
  all = memscope_selection_new_all (session);
  tree = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);

  g_assert_cmpuint (tree->n_nodes, ==, 4);
  g_assert_cmpuint (find (session, tree, "/alpha")->self[MEMSCOPE_MEASURE_BORN_BYTES], ==, 11);
  g_assert_cmpuint (find (session, tree, "/alpha")->total[MEMSCOPE_MEASURE_BORN_BYTES], ==, 111);
  g_assert_cmpuint (find (session, tree, "/alpha/alpha/alpha")->self[MEMSCOPE_MEASURE_BORN_BYTES], ==, 100);
}

/* A chain of frames, each with a block: the tree stays within bounds, the sums right. */
static void
test_deep_stacks_are_bounded (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  const guint n = 6000;

  for (guint i = 0; i < n; i++)
    {
      MemscopeStackEntry stack = { i == 0 ? 0 : 5 + i, 1 + i % 4 };

      memscope_session_builder_add_stack (builder, 6 + i, &stack);
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 1, 1, 6 + i);
    }
  session = session_maker_finish (builder, n);
  all = memscope_selection_new_all (session);

  for (guint bottom_up = 0; bottom_up < 2; bottom_up++)
    {
      g_autoptr(MemscopeFlameTree) tree = memscope_flame_tree_new (session, all, (MemscopeFlameFlags)bottom_up, NULL, NULL);

      g_assert_cmpuint (tree->n_nodes, <=, 4096 * 4 + 1);
      g_assert_cmpuint (tree->nodes[0].total[MEMSCOPE_MEASURE_LIVE_BYTES], ==, n);
    }
}

/* Six hundred ways to allocate, each a thousand calls deep: bottom-up they share nothing. */
static void
test_light_stacks_are_folded (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeFlameTree) down = NULL;
  g_autoptr(MemscopeFlameTree) up = NULL;
  const guint depth = 1000, n = 600;
  guint64 deepest = 0;

  for (guint i = 0; i < depth; i++)
    {
      MemscopeStackEntry stack = { i == 0 ? 0 : 5 + i, 1 + i % 4 };

      memscope_session_builder_add_stack (builder, 6 + i, &stack);
    }
  for (guint i = 0; i < n; i++)
    {
      MemscopeFrameEntry frame = { .module = 1, .offset = 0x10000 + i };
      MemscopeStackEntry stack = { 5 + depth, 5 + i };

      memscope_session_builder_add_frame (builder, 5 + i, &frame);
      memscope_session_builder_add_stack (builder, 6 + depth + i, &stack);
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 1 + i, 1, 6 + depth + i);
    }
  session = session_maker_finish (builder, n);
  all = memscope_selection_new_all (session);
  down = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);
  up = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_BOTTOM_UP, NULL, NULL);

  g_assert_cmpuint (down->n_nodes, ==, 1 + depth + n);
  g_assert_cmpuint (down->n_folded, ==, 0);
  g_assert_cmpuint (up->n_nodes, <, 1 + n * (depth + 1));
  g_assert_cmpuint (up->n_folded, >, 0);
  g_assert_cmpuint (up->nodes[0].total[MEMSCOPE_MEASURE_LIVE_BYTES], ==, n * (n + 1) / 2);

  /* the heaviest has its whole path */
  for (guint i = 0; i < up->n_nodes; i++)
    {
      if (up->nodes[i].depth == depth + 1)
        deepest = MAX (deepest, up->nodes[i].total[MEMSCOPE_MEASURE_LIVE_BYTES]);
    }
  g_assert_cmpuint (deepest, ==, n);
}

/* Two threads through the same functions, and a block of a third without a stack. */
static void
test_by_thread (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 1, 1, 4);     /* alpha/gamma/delta */
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 10, 2, 4);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 3, 100, 1, 2);   /* alpha/beta */
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 4, 1000, 3, 0);
  session = session_maker_finish (builder, 5);
  all = memscope_selection_new_all (session);

  for (guint bottom_up = 0; bottom_up < 2; bottom_up++)
    {
      MemscopeFlameFlags flags = MEMSCOPE_FLAME_BY_THREAD | (MemscopeFlameFlags)bottom_up;
      g_autoptr(MemscopeFlameTree) tree = memscope_flame_tree_new (session, all, flags, NULL, NULL);
      const guint64 expected[] = { 0, 101, 10, 1000 };
      guint n_threads = 0;

      g_assert_cmpuint (tree->n_stacks, ==, 3);
      for (guint i = 1; i < tree->n_nodes; i++)
        {
          const MemscopeFlameNode *node = &tree->nodes[i];

          g_assert_cmpint (node->kind == MEMSCOPE_FLAME_THREAD, ==, node->depth == 1);
          if (node->kind != MEMSCOPE_FLAME_THREAD)
            continue;

          n_threads++;
          g_assert_cmpuint (node->total[MEMSCOPE_MEASURE_LIVE_BYTES], ==, expected[node->thread]);
          g_assert_cmpuint (node->self[MEMSCOPE_MEASURE_LIVE_BYTES], ==, node->thread == 3 ? 1000 : 0);
        }
      g_assert_cmpuint (n_threads, ==, 3);
    }
}

static const MemscopeFlameNode *
find_rest (const MemscopeFlameTree *tree)
{
  for (guint i = 0; i < tree->n_nodes; i++)
    {
      if (tree->nodes[i].kind == MEMSCOPE_FLAME_REST)
        return &tree->nodes[i];
    }

  g_error ("nothing says that frames were not recorded");
}

/* What was cut off is a place of its own: the outermost there is. */
static void
test_truncated_stacks_say_so (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  const MemscopeStackEntry stacks[] = { { 0, 0 }, { 6, 1 } };
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeFlameTree) down = NULL;
  g_autoptr(MemscopeFlameTree) up = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (stacks); i++)
    memscope_session_builder_add_stack (builder, 6 + i, &stacks[i]);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 1, 1, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 10, 1, 7);    /* alpha, and the rest */
  session = session_maker_finish (builder, 3);
  all = memscope_selection_new_all (session);
  down = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);
  up = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_BOTTOM_UP, NULL, NULL);

  g_assert_cmpuint (down->n_stacks, ==, 2);
  g_assert_cmpuint (down->n_truncated, ==, 1);
  g_assert_cmpuint (down->n_nodes, ==, 4);
  g_assert_cmpuint (find_rest (down)->depth, ==, 1);
  g_assert_cmpuint (find_rest (down)->total[MEMSCOPE_MEASURE_BORN_BYTES], ==, 10);

  g_assert_cmpuint (up->n_nodes, ==, 3);
  g_assert_cmpuint (find_rest (up)->depth, ==, 2);
  g_assert_cmpuint (up->nodes[1].total[MEMSCOPE_MEASURE_BORN_BYTES], ==, 11);
}

/* Two functions inlined at one address; two of one name that only their modules tell apart. */
static void
test_inlined_and_fileless_functions (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  const MemscopeSymbolEntry inlined[] = { { .function = 4, .file = 8 }, { .function = 5, .file = 9 } };
  const MemscopeSymbolEntry fileless = { .function = 6 };
  const MemscopeStackEntry stacks[] = { { 1, 5 }, { 0, 6 }, { 0, 7 } };
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeFlameTree) tree = NULL;

  for (guint i = 0; i < 3; i++)
    {
      MemscopeFrameEntry frame = { .module = i == 2 ? 2 : 1, .offset = 0x900 + i };

      memscope_session_builder_add_frame (builder, 5 + i, &frame);
      memscope_session_builder_add_symbols (builder, 5 + i, i == 0 ? inlined : &fileless, i == 0 ? 2 : 1);
      memscope_session_builder_add_stack (builder, 6 + i, &stacks[i]);
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1 + i, 1, 1, 6 + i);
    }
  session = session_maker_finish (builder, 5);
  all = memscope_selection_new_all (session);
  tree = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL);

  g_assert_cmpuint (find (session, tree, "/alpha/gamma/beta")->self[MEMSCOPE_MEASURE_LIVE_BLOCKS], ==, 1);
  g_assert_cmpuint (find (session, tree, "/alpha/gamma")->self[MEMSCOPE_MEASURE_LIVE_BLOCKS], ==, 0);
  /* "delta" of two modules: the root, three of the first stack, and two. */
  g_assert_cmpuint (tree->n_nodes, ==, 6);
}

static void
test_can_be_cancelled (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_TOP_DOWN, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The root's curve is the timeline's; each other one lies below its parent's. */
static void
test_trends_are_what_is_live (void)
{
  for (guint round = 0; round < 20; round++)
    for (guint up = 0; up < 2; up++)
      {
        g_autoptr(MemscopeSession) session = random_session_new_recorded (300);
        g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
        guint64 begin = memscope_selection_get_begin (all);
        guint64 end = memscope_selection_get_end (all);
        g_autoptr(MemscopeTimeline) timeline = memscope_timeline_new (session, all, begin, end, MEMSCOPE_FLAME_TREND_POINTS, NULL, NULL);
        g_autoptr(MemscopeFlameTree) tree = memscope_flame_tree_new (session, all, MEMSCOPE_FLAME_TRENDS | up, NULL, NULL);
        g_autoptr(MemscopeFlameTree) plain = memscope_flame_tree_new (session, all, up, NULL, NULL);

        g_assert_null (plain->trends);
        g_assert_cmpuint (plain->n_nodes, ==, tree->n_nodes);
        g_assert_nonnull (tree->trends);
        for (guint k = 0; k < MEMSCOPE_FLAME_TREND_POINTS; k++)
          {
            double live = (double) timeline->buckets[k].last_bytes;

            g_assert_cmpfloat_with_epsilon (tree->trends[k], live, MAX (live, 1) * 1e-6);
            for (guint i = 1; i < tree->n_nodes; i++)
              {
                float parent = tree->trends[tree->nodes[i].parent * MEMSCOPE_FLAME_TREND_POINTS + k];

                g_assert_cmpfloat (tree->trends[i * MEMSCOPE_FLAME_TREND_POINTS + k], <=, parent + MAX (parent, 1) * 1e-6f);
              }
          }
      }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/flame-tree/top-down", test_top_down);
  g_test_add_func ("/flame-tree/bottom-up", test_bottom_up);
  g_test_add_func ("/flame-tree/peak-is-what-was-alive-then", test_peak_is_what_was_alive_then);
  g_test_add_func ("/flame-tree/agrees-with-the-summary", test_agrees_with_the_summary);
  g_test_add_func ("/flame-tree/recursion-and-call-sites", test_recursion_and_call_sites);
  g_test_add_func ("/flame-tree/deep-stacks-are-bounded", test_deep_stacks_are_bounded);
  g_test_add_func ("/flame-tree/light-stacks-are-folded", test_light_stacks_are_folded);
  g_test_add_func ("/flame-tree/by-thread", test_by_thread);
  g_test_add_func ("/flame-tree/truncated-stacks-say-so", test_truncated_stacks_say_so);
  g_test_add_func ("/flame-tree/inlined-and-fileless-functions", test_inlined_and_fileless_functions);
  g_test_add_func ("/flame-tree/trends-are-what-is-live", test_trends_are_what_is_live);
  g_test_add_func ("/flame-tree/can-be-cancelled", test_can_be_cancelled);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-fixture.h"
#include "memscope-inspection.h"

static void
assert_figures (MemscopeInspection *inspection)
{
  guint64 lifetimes = 0, ends = inspection->other_ends, living = 0, smaller = 0;

  for (guint i = 0; i < MEMSCOPE_LIFETIME_BINS; i++)
    lifetimes += inspection->lifetimes[i];
  for (guint i = 0; i < inspection->n_ends; i++)
    ends += inspection->ends[i].blocks;
  for (guint64 i = 0; i < inspection->n_rows; i++)
    {
      MemscopeBlock block;

      memscope_session_get_block (inspection->session, inspection->rows[i], &block);
      living += block.death_time == MEMSCOPE_NEVER;
      smaller += block.death_time != MEMSCOPE_NEVER && block.death_time - block.birth_time < inspection->median_lifetime;
    }

  g_assert_cmpuint (inspection->never_died, ==, living);
  g_assert_cmpuint (lifetimes + living, ==, inspection->n_rows);
  g_assert_cmpuint (ends, ==, inspection->n_rows);
  g_assert_cmpuint (smaller, <=, (inspection->n_rows - living + 1) / 2);
}

static void
test_figures_equal_a_plain_count (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autoptr(MemscopeSelection) selection = memscope_selection_new_all (session);
  g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_THREAD_VARIABLE, NULL, NULL);
  guint64 n_rows = 0;

  for (guint64 i = 0; i < groups->n_groups; i++)
    {
      g_autoptr(MemscopeInspection) inspection = memscope_inspection_new (session, selection, &groups->groups[i], NULL);

      g_assert_cmpuint (inspection->n_rows, ==, groups->groups[i].rows);
      assert_figures (inspection);
      n_rows += inspection->n_rows;
    }
  g_assert_cmpuint (n_rows, ==, memscope_session_get_n_blocks (session));
}

static void
test_finds_its_blocks_and_takes_one_more (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autoptr(MemscopeSelection) selection = memscope_selection_new_all (session);
  g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_THREAD, NULL, NULL);
  g_autoptr(MemscopeInspection) inspection = memscope_inspection_new (session, selection, &groups->groups[0], NULL);
  guint64 n_rows = inspection->n_rows;
  guint64 other = G_MAXUINT64;

  for (guint64 i = 0; i < n_rows; i++)
    g_assert_cmpuint (memscope_inspection_find (inspection, inspection->rows[i]), ==, i);
  for (guint64 row = 0; row < memscope_session_get_n_blocks (session); row++)
    if (memscope_inspection_find (inspection, row) == G_MAXUINT64)
      other = row;
  g_assert_cmpuint (other, !=, G_MAXUINT64);

  memscope_inspection_add (inspection, inspection->rows[0]);
  g_assert_cmpuint (inspection->n_rows, ==, n_rows);
  memscope_inspection_add (inspection, memscope_session_get_n_blocks (session));
  g_assert_cmpuint (inspection->n_rows, ==, n_rows);
  memscope_inspection_add (inspection, other);
  g_assert_cmpuint (inspection->n_rows, ==, n_rows + 1);
  g_assert_cmpuint (memscope_inspection_find (inspection, other), ==, n_rows);
  g_assert_cmpuint (memscope_inspection_find (inspection, inspection->rows[n_rows - 1]), ==, n_rows - 1);
}

static void
test_a_block_without_realloc_is_a_chain_of_one (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autoptr(MemscopeChain) chain = memscope_chain_new (session, 7, NULL);

  g_assert_cmpuint (chain->rows->len, ==, 1);
  g_assert_cmpuint (g_array_index (chain->rows, guint64, 0), ==, 7);
  g_assert_false (chain->cut);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inspection/figures-equal-a-plain-count", test_figures_equal_a_plain_count);
  g_test_add_func ("/inspection/finds-its-blocks-and-takes-one-more", test_finds_its_blocks_and_takes_one_more);
  g_test_add_func ("/chain/a-block-without-realloc-is-a-chain-of-one", test_a_block_without_realloc_is_a_chain_of_one);

  return g_test_run ();
}

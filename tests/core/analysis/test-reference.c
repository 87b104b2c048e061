/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every analysis against the slow one of reference.h, for random sessions and
 * selections; `--seed` repeats a run.
 */

#include "memscope-address-map.h"
#include "memscope-diagnostics.h"
#include "memscope-session-internal.h"
#include "random-session.h"
#include "reference.h"

#include <math.h>

#define N_SESSIONS   60
#define N_SELECTIONS 8

typedef void (*CheckFunc) (MemscopeSession   *session,
                           MemscopeSelection *selection);

/* Quantiles may be 1/256 below. */
static void
assert_quantile (guint64 got,
                 guint64 expected)
{
  g_assert_cmpuint (got, <=, expected);
  g_assert_cmpfloat ((double)got, >=, (double)expected * (1 - 1.0 / 256));
}

static void
check_summary (MemscopeSession   *session,
               MemscopeSelection *selection)
{
  g_autoptr(MemscopeSummary) got = memscope_summary_new (session, selection, NULL, NULL);
  g_autoptr(MemscopeSummary) expected = reference_summary (session, selection);

  g_assert_cmpuint (got->total_allocations, ==, expected->total_allocations);
  g_assert_cmpuint (got->total_bytes, ==, expected->total_bytes);
  g_assert_cmpuint (got->total_frees, ==, expected->total_frees);
  g_assert_cmpuint (got->freed_bytes, ==, expected->freed_bytes);
  g_assert_cmpuint (got->temporary_allocations, ==, expected->temporary_allocations);
  g_assert_cmpuint (got->reallocations, ==, expected->reallocations);
  g_assert_cmpuint (got->active_allocations, ==, expected->active_allocations);
  g_assert_cmpuint (got->active_bytes, ==, expected->active_bytes);
  g_assert_cmpuint (got->usable_bytes, ==, expected->usable_bytes);
  g_assert_true (got->efficiency == expected->efficiency || (isnan (got->efficiency) && isnan (expected->efficiency)));
  g_assert_cmpuint (got->peak_bytes, ==, expected->peak_bytes);
  g_assert_cmpuint (got->peak_time, ==, expected->peak_time);
  g_assert_cmpuint (got->peak_allocations, ==, expected->peak_allocations);
  g_assert_cmpuint (got->leaked_allocations, ==, expected->leaked_allocations);
  g_assert_cmpuint (got->leaked_bytes, ==, expected->leaked_bytes);
  g_assert_cmpuint (got->derived_alive_at_end, ==, expected->derived_alive_at_end);
  g_assert_cmpuint (got->lifetime_min, ==, expected->lifetime_min);
  assert_quantile (got->lifetime_median, expected->lifetime_median);
  assert_quantile (got->lifetime_p90, expected->lifetime_p90);
  g_assert_cmpuint (got->lifetime_max, ==, expected->lifetime_max);
  g_assert_cmpuint (got->n_threads, ==, expected->n_threads);
  g_assert_cmpuint (got->n_variables, ==, expected->n_variables);
  g_assert_cmpuint (got->n_call_sites, ==, expected->n_call_sites);
}

/* The time line finds the same peak as the summary by itself does, whatever its buckets. */
static void
check_summary_beside (MemscopeSession   *session,
                      MemscopeSelection *selection)
{
  guint64 begin = memscope_selection_get_begin (selection);
  guint64 end = memscope_selection_get_end (selection);
  guint n = (guint)g_test_rand_int_range (1, 90);
  g_autoptr(MemscopeTimeline) timeline = memscope_timeline_new (session, selection, begin, end, n, NULL, NULL);
  g_autoptr(MemscopeSummary) got = memscope_summary_new_beside (session, selection, timeline, NULL, NULL);
  g_autoptr(MemscopeSummary) alone = memscope_summary_new (session, selection, NULL, NULL);

  g_assert_cmpuint (got->peak_bytes, ==, alone->peak_bytes);
  g_assert_cmpuint (got->peak_time, ==, alone->peak_time);
  g_assert_cmpuint (got->peak_allocations, ==, alone->peak_allocations);
  g_assert_cmpuint (got->total_bytes, ==, alone->total_bytes);
  g_assert_cmpuint (got->active_bytes, ==, alone->active_bytes);
  g_assert_cmpfloat (got->estimated_peak_bytes.value, ==, alone->estimated_peak_bytes.value);
}

/* A block that was never alive is in no stock, so in no timeline. */
static void
check_timeline (MemscopeSession   *session,
                MemscopeSelection *selection)
{
  guint n = (guint)g_test_rand_int_range (1, 50);
  guint64 begin = g_test_rand_bit () ? 0 : memscope_selection_get_begin (selection);
  guint64 end = memscope_selection_get_end (selection) + (g_test_rand_bit () ? 10 : 0);
  g_autoptr(MemscopeTimeline) got = memscope_timeline_new (session, selection, begin, end, n, NULL, NULL);
  g_autoptr(MemscopeTimeline) expected = reference_timeline (session, selection, begin, end, n);

  g_assert_cmpuint (got->max_bytes, ==, expected->max_bytes);
  g_assert_cmpuint (got->max_births, ==, expected->max_births);
  for (guint k = 0; k < n; k++)
    {
      g_assert_cmpuint (got->buckets[k].min_bytes, ==, expected->buckets[k].min_bytes);
      g_assert_cmpuint (got->buckets[k].max_bytes, ==, expected->buckets[k].max_bytes);
      g_assert_cmpuint (got->buckets[k].last_bytes, ==, expected->buckets[k].last_bytes);
      g_assert_cmpuint (got->buckets[k].last_blocks, ==, expected->buckets[k].last_blocks);
      g_assert_cmpuint (got->buckets[k].births, ==, expected->buckets[k].births);
      g_assert_cmpuint (got->buckets[k].deaths, ==, expected->buckets[k].deaths);
      g_assert_cmpuint (got->buckets[k].born_bytes, ==, expected->buckets[k].born_bytes);
      g_assert_cmpuint (got->buckets[k].rss, ==, expected->buckets[k].rss);
    }
}

static void
assert_group (const MemscopeGroup *got,
              const MemscopeGroup *expected)
{
  g_assert_cmpuint (got->thread, ==, expected->thread);
  g_assert_cmpuint (got->variable, ==, expected->variable);
  g_assert_cmpuint (got->call_site, ==, expected->call_site);
  g_assert_cmpuint (got->stack, ==, expected->stack);
  g_assert_cmpuint (got->module, ==, expected->module);
  g_assert_cmpuint (got->type, ==, expected->type);
  g_assert_cmpuint (got->rows, ==, expected->rows);
  g_assert_cmpuint (got->births, ==, expected->births);
  g_assert_cmpuint (got->born_bytes, ==, expected->born_bytes);
  g_assert_cmpuint (got->deaths, ==, expected->deaths);
  g_assert_cmpuint (got->dead_bytes, ==, expected->dead_bytes);
  g_assert_cmpuint (got->temporary, ==, expected->temporary);
  g_assert_cmpuint (got->live_blocks, ==, expected->live_blocks);
  g_assert_cmpuint (got->live_bytes, ==, expected->live_bytes);
  g_assert_cmpuint (got->peak_bytes, ==, expected->peak_bytes);
  g_assert_cmpuint (got->peak_time, ==, expected->peak_time);
  g_assert_cmpuint (got->first_time, ==, expected->first_time);
  g_assert_cmpuint (got->last_time, ==, expected->last_time);
  g_assert_cmpuint (got->largest, ==, expected->largest);
  g_assert_cmpuint (got->shared_blocks, ==, expected->shared_blocks);
  g_assert_cmpuint (got->stage, ==, expected->stage);
  for (guint k = 0; k < MEMSCOPE_SPARK_BUCKETS; k++)
    g_assert_cmpfloat (got->spark[k], ==, expected->spark[k]);
}

static void
assert_surveyed (const MemscopeSurveyVariable *got,
                 const MemscopeSurveyVariable *expected)
{
  g_assert_cmpuint (got->births, ==, expected->births);
  g_assert_cmpuint (got->born_bytes, ==, expected->born_bytes);
  g_assert_cmpuint (got->temporary, ==, expected->temporary);
  g_assert_cmpuint (got->first_birth, ==, expected->first_birth);
  g_assert_cmpuint (got->last_birth, ==, expected->last_birth);
  g_assert_cmpuint (got->resizes, ==, expected->resizes);
  g_assert_cmpuint (got->moves, ==, expected->moves);
  g_assert_cmpuint (got->copied_bytes, ==, expected->copied_bytes);
  g_assert_cmpuint (got->chains, ==, expected->chains);
  g_assert_cmpuint (got->known_frees, ==, expected->known_frees);
  g_assert_cmpuint (got->foreign_frees, ==, expected->foreign_frees);
  g_assert_cmpuint (got->touched_bytes, ==, expected->touched_bytes);
  g_assert_cmpuint (got->peak_bytes, ==, expected->peak_bytes);
  g_assert_cmpuint (got->peak_blocks, ==, expected->peak_blocks);
  g_assert_cmpuint (got->peak_requested, ==, expected->peak_requested);
  g_assert_cmpuint (got->peak_rounding, ==, expected->peak_rounding);
}

static void
ignore_progress (double   done,
                 gpointer user_data)
{
}

static void
check_survey (MemscopeSession   *session,
              MemscopeSelection *selection)
{
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, selection);
  g_autoptr(MemscopeSurvey) got = memscope_survey_new (filter, ignore_progress, NULL, NULL, NULL);
  g_autofree MemscopeSurveyVariable *expected = NULL;
  guint64 peak_time;
  guint watched = 0;

  expected = reference_survey (session, selection, got->n_variables, &peak_time);
  g_assert_cmpuint (got->peak_time, ==, peak_time);
  for (guint v = 0; v < got->n_variables; v++)
    {
      const guint64 *bins = memscope_survey_get_bins (got, v);
      guint64 bytes[MEMSCOPE_FINDING_POINTS];

      assert_surveyed (&got->variables[v], &expected[v]);
      if (bins == NULL || watched++ > 2)
        continue;
      reference_live_bytes (session, selection, v, got->axis.edges + 1, MEMSCOPE_FINDING_POINTS, bytes);
      for (guint k = 0; k < MEMSCOPE_FINDING_POINTS; k++)
        g_assert_cmpuint (bins[k], ==, bytes[k]);
    }
}

/* Whatever is in a session, each finding can be shown: its numbers are numbers. */
static void
check_diagnostics (MemscopeSession   *session,
                   MemscopeSelection *selection)
{
  g_autoptr(MemscopeDiagnostics) got = memscope_diagnostics_new (session, selection, NULL, NULL, NULL, NULL, NULL);

  for (guint i = 0; i < got->n_findings; i++)
    {
      const MemscopeFinding *finding = got->findings[i];
      double shares = 0;

      g_assert_cmpuint (finding->n_evidence, >, 0);
      g_assert_cmpuint (finding->begin, <=, finding->end);
      g_assert_cmpuint (got->checks[finding->rule].n_found, >, 0);
      for (guint k = 0; k < finding->n_evidence; k++)
        {
          g_assert_true (isfinite (finding->evidence[k].value));
          g_assert_true (isnan (finding->evidence[k].limit) || finding->evidence[k].value >= finding->evidence[k].limit);
        }
      for (guint k = 0; k < finding->n_causes; k++)
        shares += finding->causes[k].share;
      g_assert_cmpfloat (shares, <=, 1 + 1e-9);
      if (i > 0)
        g_assert_cmpint (memscope_finding_compare (got->findings[i - 1], finding), <=, 0);
    }
}

/* The rows of the groups are all the rows, each once, in order. */
static void
check_rows (MemscopeSession      *session,
            MemscopeSelection    *selection,
            const MemscopeGroups *groups)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);
  MemscopeGroup everything = { 0 };
  g_autofree guint64 *all = NULL;
  guint64 n_all, n_total;

  all = memscope_group_list_rows (session, selection, &everything, G_MAXUINT64, &n_all, &n_total, NULL, NULL);
  g_assert_cmpuint (n_all, ==, n_total);

  for (guint64 k = 0; k < groups->n_groups; k++)
    {
      guint64 n;
      g_autofree guint64 *rows = memscope_group_list_rows (session, selection, &groups->groups[k], 3, &n, &n_total, NULL, NULL);
      g_autofree guint64 *every = memscope_group_list_rows (session, selection, &groups->groups[k], n_total, &n, NULL, NULL, NULL);

      g_assert_cmpuint (n_total, ==, groups->groups[k].rows);
      g_assert_cmpmem (rows, MIN (n_total, 3) * sizeof *rows, every, MIN (n_total, 3) * sizeof *rows);
      for (guint64 i = 0; i < n; i++)
        {
          g_assert_true (i == 0 || every[i] > every[i - 1]);
          g_assert_true (g_hash_table_add (seen, GSIZE_TO_POINTER (every[i] + 1)));
        }
    }

  g_assert_cmpuint (g_hash_table_size (seen), ==, n_all);
}

static void
check_groups (MemscopeSession   *session,
              MemscopeSelection *selection)
{
  MemscopeGroupBy by = (MemscopeGroupBy)g_test_rand_int_range (0, MEMSCOPE_GROUP_BY_TYPE + 1);
  g_autoptr(MemscopeGroups) got = memscope_groups_new (session, selection, by, NULL, NULL);
  g_autoptr(MemscopeGroups) expected = reference_groups (session, selection, by);

  g_assert_cmpuint (got->by, ==, by);
  g_assert_cmpuint (got->n_groups, ==, expected->n_groups);
  for (guint64 k = 0; k < got->n_groups; k++)
    assert_group (&got->groups[k], &expected->groups[k]);

  check_rows (session, selection, got);
}

static void
check_histograms (MemscopeSession   *session,
                  MemscopeSelection *selection)
{
  g_autoptr(MemscopeHistograms) got = memscope_histograms_new (session, selection, NULL, NULL);
  g_autoptr(MemscopeHistograms) expected = reference_histograms (session, selection);

  g_assert_cmpmem (got->size_counts, sizeof got->size_counts, expected->size_counts, sizeof expected->size_counts);
  g_assert_cmpmem (got->size_bytes, sizeof got->size_bytes, expected->size_bytes, sizeof expected->size_bytes);
  g_assert_cmpmem (got->lifetime_counts, sizeof got->lifetime_counts, expected->lifetime_counts, sizeof expected->lifetime_counts);
  g_assert_cmpuint (got->never_died, ==, expected->never_died);
  assert_quantile (got->median_size, expected->median_size);
  assert_quantile (got->median_lifetime, expected->median_lifetime);
}

static void
check_leaks (MemscopeSession   *session,
             MemscopeSelection *selection)
{
  g_autoptr(MemscopeLeaks) got = memscope_leaks_new (session, selection, NULL, NULL);
  g_autoptr(MemscopeLeaks) expected = reference_leaks (session, selection);

  g_assert_cmpint (got->final, ==, expected->final);
  g_assert_cmpuint (got->blocks, ==, expected->blocks);
  g_assert_cmpuint (got->bytes, ==, expected->bytes);
  g_assert_cmpuint (got->n_leaks, ==, expected->n_leaks);
  for (guint k = 0; k < got->n_leaks; k++)
    {
      g_assert_cmpuint (got->leaks[k].stack, ==, expected->leaks[k].stack);
      g_assert_cmpuint (got->leaks[k].variable, ==, expected->leaks[k].variable);
      g_assert_cmpuint (got->leaks[k].blocks, ==, expected->leaks[k].blocks);
      g_assert_cmpuint (got->leaks[k].bytes, ==, expected->leaks[k].bytes);
      g_assert_cmpuint (got->leaks[k].first_birth, ==, expected->leaks[k].first_birth);
      g_assert_cmpuint (got->leaks[k].last_birth, ==, expected->leaks[k].last_birth);
      g_assert_cmpuint (got->leaks[k].total_births, ==, expected->leaks[k].total_births);
      g_assert_cmpint (got->leaks[k].grows, ==, expected->leaks[k].grows);
    }
}

/* A node's path, made of what the node says of itself. */
static char *
flame_path (MemscopeSession         *session,
            const MemscopeFlameTree *tree,
            guint32                  index)
{
  const MemscopeFlameNode *node = &tree->nodes[index];
  MemscopeSymbol symbol = { .function = node->function, .file = node->file };
  g_autofree char *parent = NULL;
  g_autofree char *step = NULL;

  if (node->kind == MEMSCOPE_FLAME_ROOT)
    return g_strdup ("");

  parent = flame_path (session, tree, node->parent);
  step = node->kind == MEMSCOPE_FLAME_THREAD ? g_strdup_printf ("thread %u", node->thread)
                                             : reference_flame_step (session, node->frame, &symbol);

  return g_strconcat (parent, "\n", step, NULL);
}

static void
check_flame_tree (MemscopeSession   *session,
                  MemscopeSelection *selection)
{
  MemscopeFlameFlags flags = (MemscopeFlameFlags)g_test_rand_int_range (0, 4);
  g_autoptr(MemscopeFlameTree) got = memscope_flame_tree_new (session, selection, flags, NULL, NULL);
  g_autoptr(GHashTable) expected = reference_flame (session, selection, flags);

  for (guint i = 0; i < got->n_nodes; i++)
    {
      const MemscopeFlameNode *node = &got->nodes[i];
      g_autofree char *path = flame_path (session, got, i);
      const guint64 *sums = g_hash_table_lookup (expected, path);

      if (sums == NULL)
        {
          g_assert_cmpuint (i, ==, 0);
          g_assert_cmpuint (got->n_nodes, ==, 1);
          continue;
        }
      g_assert_cmpmem (node->self, sizeof node->self, sums, sizeof node->self);
      g_assert_cmpmem (node->total, sizeof node->total, sums + MEMSCOPE_N_MEASURES, sizeof node->total);
      g_hash_table_remove (expected, path);
    }

  g_assert_cmpuint (g_hash_table_size (expected), ==, 0);
}

static void
check (gconstpointer data)
{
  CheckFunc func = (CheckFunc)data;

  for (guint i = 0; i < N_SESSIONS; i++)
    {
      guint n = (guint)g_test_rand_int_range (0, i % 10 == 0 ? 3 : 300);
      g_autoptr(MemscopeSession) session = i % 3 == 0 ? random_session_new_stored (n)
                                           : i % 3 == 1 ? random_session_new_plain (n) : random_session_new_recorded (n);

      for (guint k = 0; k < N_SELECTIONS; k++)
        {
          g_autoptr(MemscopeSelection) selection = random_selection_new (session);

          func (session, selection);
        }
    }
}

/* Large enough for several threads to share the rows, and for several windows of events. */
static void
check_large_session (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  guint64 duration = memscope_session_get_duration (session);
  g_autoptr(MemscopeSelection) middle = memscope_selection_with_range (all, duration / 3, duration / 2);

  g_assert_cmpuint (memscope_session_get_n_blocks (session), >, 16 * 65536);
  check_summary (session, all);
  check_timeline (session, middle);
}

static void
test_large_session (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_recorded (2400000);

  check_large_session (session);
}

/* All that live at the instant, by address; several threads look for them. */
static void
check_blocks_of_map (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) at = memscope_selection_with_instant (all, memscope_session_get_duration (session) / 2);
  g_autoptr(MemscopeAddressMap) map = memscope_address_map_new (session, at, NULL, NULL);
  guint64 instant = memscope_selection_get_instant (at);
  guint64 n = 0;
  guint64 rows = 0;

  for (guint64 row = 0; row < memscope_session_get_n_blocks (session); row++)
    {
      MemscopeBlock block;

      memscope_session_get_block (session, row, &block);
      if (block.birth_time < instant && block.death_time >= instant && memscope_selection_get_origins (at) >> block.origin & 1)
        {
          n++;
          rows += row;
        }
    }

  g_assert_cmpuint (map->n_blocks, ==, n);
  for (guint64 i = 0; i < map->n_blocks; i++)
    {
      rows -= map->row[i];
      g_assert_true (i == 0 || map->address[i] >= map->address[i - 1]);
    }
  g_assert_cmpuint (rows, ==, 0);
}

static void
test_large_plain_session (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_plain (2400000);

  g_assert_nonnull (memscope_session_get_tape (session));
  check_large_session (session);
  check_blocks_of_map (session);
}

static void
assert_groups_add_up (MemscopeSession   *session,
                      MemscopeSelection *selection)
{
  g_autoptr(MemscopeSummary) summary = memscope_summary_new (session, selection, NULL, NULL);

  for (MemscopeGroupBy by = 0; by <= MEMSCOPE_GROUP_BY_TYPE; by++)
    {
      g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, selection, by, NULL, NULL);
      guint64 born = 0, dead = 0, live = 0, temporary = 0, peaks = 0;

      for (guint64 k = 0; k < groups->n_groups; k++)
        {
          born += groups->groups[k].born_bytes;
          dead += groups->groups[k].dead_bytes;
          live += groups->groups[k].live_bytes;
          temporary += groups->groups[k].temporary;
          peaks += groups->groups[k].peak_bytes;
        }

      g_assert_cmpuint (born, ==, summary->total_bytes);
      g_assert_cmpuint (dead, ==, summary->freed_bytes);
      g_assert_cmpuint (live, ==, summary->active_bytes);
      g_assert_cmpuint (temporary, ==, summary->temporary_allocations);
      g_assert_cmpuint (peaks, >=, summary->peak_bytes);
    }
}

static void
test_groups_of_a_large_session_add_up (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_recorded (300000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  guint64 duration = memscope_session_get_duration (session);
  g_autoptr(MemscopeSelection) middle = memscope_selection_with_range (all, duration / 3, duration / 2);

  assert_groups_add_up (session, all);
  assert_groups_add_up (session, middle);
}

static void
test_groups_of_a_large_plain_session_add_up (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_plain (300000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  guint64 duration = memscope_session_get_duration (session);
  g_autoptr(MemscopeSelection) middle = memscope_selection_with_range (all, duration / 3, duration / 2);

  assert_groups_add_up (session, all);
  assert_groups_add_up (session, middle);
}

/* Several threads walk along the tape; without one, the rows give the same. */
static void
test_groups_are_the_same_without_a_tape (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_plain (220000);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  guint64 duration = memscope_session_get_duration (session);
  g_autoptr(MemscopeSelection) middle = memscope_selection_with_range (all, duration / 3, duration / 2);
  g_autoptr(MemscopeSelection) sizes = memscope_selection_with_sizes (middle, 10, 100);
  MemscopeSelection *selections[] = { all, middle, sizes };

  for (guint k = 0; k < G_N_ELEMENTS (selections); k++)
    {
      for (MemscopeGroupBy by = 0; by <= MEMSCOPE_GROUP_BY_TYPE; by++)
        {
          g_autoptr(MemscopeGroups) taped = NULL;
          g_autoptr(MemscopeGroups) rows = NULL;

          session->rows.has_variables = FALSE;
          g_assert_nonnull (memscope_session_get_tape (session));
          taped = memscope_groups_new (session, selections[k], by, NULL, NULL);
          session->rows.has_variables = TRUE;
          g_assert_null (memscope_session_get_tape (session));
          rows = memscope_groups_new (session, selections[k], by, NULL, NULL);

          g_assert_cmpuint (taped->n_groups, ==, rows->n_groups);
          for (guint64 i = 0; i < rows->n_groups; i++)
            {
              const MemscopeGroup *a = &taped->groups[i], *b = &rows->groups[i];

              g_assert_cmpuint (a->peak_bytes, ==, b->peak_bytes);
              g_assert_cmpuint (a->peak_time, ==, b->peak_time);
              g_assert_cmpmem (a->spark, sizeof a->spark, b->spark, sizeof b->spark);
              g_assert_true (a->thread == b->thread && a->variable == b->variable && a->call_site == b->call_site &&
                             a->stack == b->stack && a->module == b->module && a->type == b->type && a->rows == b->rows &&
                             a->births == b->births && a->deaths == b->deaths && a->live_bytes == b->live_bytes &&
                             a->stage == b->stage);
            }
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/reference/summary", (gconstpointer)check_summary, check);
  g_test_add_data_func ("/reference/summary-beside-a-timeline", (gconstpointer)check_summary_beside, check);
  g_test_add_data_func ("/reference/timeline", (gconstpointer)check_timeline, check);
  g_test_add_data_func ("/reference/groups", (gconstpointer)check_groups, check);
  g_test_add_data_func ("/reference/histograms", (gconstpointer)check_histograms, check);
  g_test_add_data_func ("/reference/flame-trees", (gconstpointer)check_flame_tree, check);
  g_test_add_data_func ("/reference/leaks", (gconstpointer)check_leaks, check);
  g_test_add_data_func ("/reference/survey", (gconstpointer)check_survey, check);
  g_test_add_data_func ("/reference/diagnostics", (gconstpointer)check_diagnostics, check);

  g_test_add_func ("/reference/of-a-large-session", test_large_session);
  g_test_add_func ("/reference/of-a-large-plain-session", test_large_plain_session);
  g_test_add_func ("/reference/groups-of-a-large-session-add-up", test_groups_of_a_large_session_add_up);

  g_test_add_func ("/reference/groups-of-a-large-plain-session-add-up", test_groups_of_a_large_plain_session_add_up);

  g_test_add_func ("/reference/groups-are-the-same-without-a-tape", test_groups_are_the_same_without_a_tape);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Each rule against sessions written down event by event: it is there, and with one
 * event less it is not; and its numbers are the numbers.
 */

#include "memscope-diagnostics.h"
#include "memscope-finding-text.h"
#include "session-maker.h"

#include <math.h>
#include <string.h>

#define SECOND G_GUINT64_CONSTANT (1000000)   /* in the maker's microseconds */

/* Stack 1: of "alpha", alpha.c:10; stack 5: of "delta". */
#define ALPHA 1u
#define DELTA 5u

static const MemscopeRuleLimits *limits = &memscope_rule_limits;

static MemscopeDiagnostics *
diagnose (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);

  return memscope_diagnostics_new (session, all, NULL, NULL, NULL, NULL, NULL);
}

static const MemscopeFinding *
find (const MemscopeDiagnostics *diagnostics,
      MemscopeRule               rule)
{
  for (guint i = 0; i < diagnostics->n_findings; i++)
    {
      if (diagnostics->findings[i]->rule == rule)
        return diagnostics->findings[i];
    }

  return NULL;
}

static double
get (const MemscopeFinding *finding,
     MemscopeEvidenceId     id)
{
  const MemscopeEvidence *evidence = memscope_finding_get_evidence (finding, id);

  g_assert_nonnull (evidence);

  return evidence->value;
}

/* ---- leaks ------------------------------------------------------------------------------ */

/* @n blocks of 200 bytes, evenly over a second, from alpha. */
static MemscopeSession *
make_leak (guint    n,
           gboolean ended)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < n; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i * SECOND / n, 200, 1, ALPHA);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, SECOND,
                       session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, SECOND, 16, 1, DELTA), 1);

  return ended ? session_maker_finish (builder, SECOND) : memscope_session_builder_finish (builder);
}

static void
test_growing_leak (void)
{
  g_autoptr(MemscopeSession) session = make_leak (10, TRUE);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_LEAK_GROWING);

  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, MEMSCOPE_SEVERITY_WARNING);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_NEVER_FREED_BYTES), ==, 2000);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_NEVER_FREED_BLOCKS), ==, 10);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_NEVER_FREED_SHARE), ==, 1);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_OLDEST_AGE), ==, 1e9);
  g_assert_cmpuint (finding->n_causes, ==, 1);
  g_assert_cmpuint (finding->causes[0].stack, ==, ALPHA);
  g_assert_cmpfloat (finding->causes[0].share, ==, 1);
  g_assert_cmpuint (finding->stack, ==, ALPHA);
  g_assert_cmpuint (finding->block_size, ==, 200);
  g_assert_cmpfloat (finding->saving_value, ==, 2000);
  g_assert_cmpuint (finding->begin, ==, 0);
  g_assert_cmpuint (finding->end, ==, 1000000001);
  g_assert_null (finding->suppressed_by);

  /* The curve: everything is there at its end, and nothing is told twice. */
  g_assert_cmpuint (finding->n_points, ==, MEMSCOPE_FINDING_POINTS);
  g_assert_cmpfloat (finding->points[MEMSCOPE_FINDING_POINTS - 1], ==, 2000);
  g_assert_null (find (diagnostics, MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT));
  g_assert_null (find (diagnostics, MEMSCOPE_RULE_GROWTH));
}

static void
test_few_blocks_are_alive_at_exit (void)
{
  g_autoptr(MemscopeSession) session = make_leak (9, TRUE);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT);

  g_assert_null (find (diagnostics, MEMSCOPE_RULE_LEAK_GROWING));
  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, MEMSCOPE_SEVERITY_HINT);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_NEVER_FREED_BYTES), ==, 1800);
}

static void
test_many_at_once_are_alive_at_exit (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;
  const MemscopeFinding *finding;

  for (guint i = 0; i < 50; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 200, 1, ALPHA);
  session = session_maker_finish (builder, SECOND);
  diagnostics = diagnose (session);

  finding = find (diagnostics, MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT);
  g_assert_null (find (diagnostics, MEMSCOPE_RULE_LEAK_GROWING));
  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, MEMSCOPE_SEVERITY_NOTE);   /* 10,000 bytes */
}

static void
test_leaks_need_the_end_of_the_program (void)
{
  g_autoptr(MemscopeSession) session = make_leak (10, FALSE);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);

  g_assert_cmpint (diagnostics->checks[MEMSCOPE_RULE_LEAK_GROWING].unchecked, ==, MEMSCOPE_UNCHECKED_NOT_ENDED);
  g_assert_cmpint (diagnostics->checks[MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT].unchecked, ==, MEMSCOPE_UNCHECKED_NOT_ENDED);
  g_assert_null (find (diagnostics, MEMSCOPE_RULE_LEAK_GROWING));
}

/* ---- growth ------------------------------------------------------------------------------- */

/* @n blocks of 8 KiB over @share of 20 seconds; all freed at the end. */
static MemscopeSession *
make_growth (guint  n,
             double share)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < n; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, (guint64)(20 * SECOND * share) * i / n, 8192, 1, ALPHA);
  for (guint i = 0; i < n; i++)
    session_maker_death (builder, MEMSCOPE_EVENT_FREE, 20 * SECOND, i, 1);

  return session_maker_finish (builder, 20 * SECOND);
}

static void
test_growth (void)
{
  g_autoptr(MemscopeSession) session = make_growth (1000, 1);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_GROWTH);

  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, MEMSCOPE_SEVERITY_WARNING);
  g_assert_true (fabs (get (finding, MEMSCOPE_EVIDENCE_SLOPE) - 8192 * 1000 / 20.0) < 8192);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_FIT), >, 0.999);
  g_assert_true (finding->has_trend);
  g_assert_cmpfloat (finding->trend_last - finding->trend_first, ==, get (finding, MEMSCOPE_EVIDENCE_GAINED));
  g_assert_cmpuint (finding->n_causes, ==, 1);
  g_assert_cmpfloat (finding->causes[0].share, ==, 1);
  g_assert_null (find (diagnostics, MEMSCOPE_RULE_LEAK_GROWING));
}

static void
test_what_is_built_up_is_no_growth (void)
{
  g_autoptr(MemscopeSession) few = make_growth ((guint)limits->growth_births - 1, 1);
  g_autoptr(MemscopeSession) early = make_growth (1000, 0.4);
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_early = diagnose (early);

  g_assert_null (find (of_few, MEMSCOPE_RULE_GROWTH));
  g_assert_null (find (of_early, MEMSCOPE_RULE_GROWTH));
}

/* It rises for the first half of its births, and stays. */
static void
test_what_levels_off_is_no_growth (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i * 20 * SECOND / 1000, 8192, 1, ALPHA);
      if (i >= 400)
        session_maker_death (builder, MEMSCOPE_EVENT_FREE, i * 20 * SECOND / 1000, i - 400, 1);
    }
  session = session_maker_finish (builder, 20 * SECOND);
  diagnostics = diagnose (session);

  g_assert_null (find (diagnostics, MEMSCOPE_RULE_GROWTH));
}

/* ---- churn ------------------------------------------------------------------------------------ */

/* @temporary blocks freed at once, then @lasting ones freed at the end. */
static MemscopeSession *
make_churn (guint temporary,
            guint lasting)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < temporary; i++)
    session_maker_death (builder, MEMSCOPE_EVENT_FREE, i, session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 40 + i % 7, 1, ALPHA), 1);
  for (guint i = 0; i < lasting; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, temporary + i, 40 + i % 7, 1, ALPHA);
  /* The last of them would be temporary too without another birth of its thread. */
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, temporary + lasting, 1, 1, DELTA);
  for (guint i = 0; i < lasting; i++)
    session_maker_death (builder, MEMSCOPE_EVENT_FREE, SECOND, temporary + i, 1);

  return session_maker_finish (builder, SECOND);
}

static void
test_temporary_churn (void)
{
  g_autoptr(MemscopeSession) session = make_churn (1000, 1000);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_TEMPORARY_CHURN);

  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, MEMSCOPE_SEVERITY_HINT);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_TEMPORARY), ==, 1000);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_TEMPORARY_SHARE), ==, 0.5);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_BIRTHS), ==, 2000);
  g_assert_cmpfloat (finding->saving_value, ==, 1000);
  g_assert_cmpfloat (finding->causes[0].value, ==, 1000);
}

static void
test_less_is_no_temporary_churn (void)
{
  g_autoptr(MemscopeSession) few = make_churn (999, 0);
  g_autoptr(MemscopeSession) thin = make_churn (1000, 1001);
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_thin = diagnose (thin);

  g_assert_null (find (of_few, MEMSCOPE_RULE_TEMPORARY_CHURN));
  g_assert_null (find (of_thin, MEMSCOPE_RULE_TEMPORARY_CHURN));
}

/* One block that grows @n times by @step bytes, and is freed. */
static MemscopeSession *
make_realloc (guint   n,
              guint64 step)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  guint64 birth = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 0, step, 1, ALPHA);

  for (guint i = 1; i <= n; i++)
    birth = session_maker_realloc (builder, i, birth, (i + 1) * step, 1, ALPHA);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, n + 1, birth, 1);

  return session_maker_finish (builder, SECOND);
}

static void
test_realloc_churn (void)
{
  g_autoptr(MemscopeSession) session = make_realloc (8, 1000);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_REALLOC_CHURN);

  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, MEMSCOPE_SEVERITY_HINT);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_RESIZES), ==, 8);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_MOVES), ==, 8);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_CHAINS), ==, 1);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_COPIED), ==, 1000 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8));
  g_assert_cmpfloat (finding->saving_value, ==, 36000);
  g_assert_cmpint (finding->saving, ==, MEMSCOPE_SAVING_COPIES);
  g_assert_cmpfloat (finding->causes[0].value, ==, 36000);
}

static void
test_less_is_no_realloc_churn (void)
{
  g_autoptr(MemscopeSession) few = make_realloc (7, 1000);
  g_autoptr(MemscopeSession) small = make_realloc (8, 113);   /* copies 36 · 113 = 4068 bytes */
  g_autoptr(MemscopeSession) enough = make_realloc (8, 114);  /* 4104 */
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_small = diagnose (small);
  g_autoptr(MemscopeDiagnostics) of_enough = diagnose (enough);

  g_assert_null (find (of_few, MEMSCOPE_RULE_REALLOC_CHURN));
  g_assert_null (find (of_small, MEMSCOPE_RULE_REALLOC_CHURN));
  g_assert_nonnull (find (of_enough, MEMSCOPE_RULE_REALLOC_CHURN));
}

/* @burst births in the 5th of 10 seconds' first hundredth, one in each hundredth else. */
static MemscopeSession *
make_storm (guint   burst,
            guint64 length)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < 100; i++)
    {
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i * length / 100 + 10, 8, 1, DELTA);
      for (guint k = 0; i == 50 && k < burst; k++)
        session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i * length / 100 + 11, 8 + k % 9, 1, k % 4 != 0 ? ALPHA : DELTA);
    }

  return session_maker_finish (builder, length);
}

static void
test_storm (void)
{
  g_autoptr(MemscopeSession) session = make_storm (9999, 10 * SECOND);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_STORM);

  g_assert_nonnull (finding);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_STORM_BIRTHS), ==, 10000);
  g_assert_true (fabs (get (finding, MEMSCOPE_EVIDENCE_STORM_RATE) - 100000) < 1);
  g_assert_true (fabs (get (finding, MEMSCOPE_EVIDENCE_STORM_FACTOR) - 10000) < 1);
  g_assert_cmpuint (finding->begin, ==, 5000000000);
  g_assert_true (finding->points_are_births);
  g_assert_cmpfloat (finding->points[50], ==, 10000);
  g_assert_cmpfloat (finding->points[49], ==, 1);
  g_assert_true (finding->has_subject);
  g_assert_cmpuint (finding->n_causes, ==, 2);
  g_assert_cmpuint (finding->causes[0].stack, ==, ALPHA);
  g_assert_true (fabs (finding->causes[0].share - 0.75) < 0.001);
  g_assert_cmpint (finding->show, ==, MEMSCOPE_SHOW_RANGE);
}

static void
test_less_is_no_storm (void)
{
  g_autoptr(MemscopeSession) few = make_storm (9998, 10 * SECOND);
  g_autoptr(MemscopeSession) brief = make_storm (9999, SECOND / 2);
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_brief = diagnose (brief);

  g_assert_null (find (of_few, MEMSCOPE_RULE_STORM));
  g_assert_null (find (of_brief, MEMSCOPE_RULE_STORM));
}

/* alpha has @n births that last, delta @others. */
static MemscopeSession *
make_hot_spot (guint n,
               guint others)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < n + others; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 300 + i % 16, 1, i < n ? ALPHA : DELTA);

  return session_maker_finish (builder, SECOND);
}

static void
test_hot_spot (void)
{
  g_autoptr(MemscopeSession) session = make_hot_spot (100000, 300000);
  g_autoptr(MemscopeSession) few = make_hot_spot (99999, 0);
  g_autoptr(MemscopeSession) thin = make_hot_spot (100000, 300001);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_thin = diagnose (thin);
  guint n = 0;

  for (guint i = 0; i < diagnostics->n_findings; i++)
    n += diagnostics->findings[i]->rule == MEMSCOPE_RULE_HOT_SPOT;
  g_assert_cmpuint (n, ==, 2);
  g_assert_null (find (of_few, MEMSCOPE_RULE_HOT_SPOT));
  g_assert_cmpuint (of_thin->checks[MEMSCOPE_RULE_HOT_SPOT].n_found, ==, 1);   /* delta alone */
}

/* ---- layout --------------------------------------------------------------------------------------- */

static MemscopeSession *
make_equal (guint   n,
            guint64 size,
            guint   n_others)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < n + n_others; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, i < n ? size : size + 1 + i, 1, ALPHA);

  return session_maker_finish (builder, SECOND);
}

static void
test_equal_small_blocks (void)
{
  g_autoptr(MemscopeSession) session = make_equal (1000, 256, 250);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS);

  g_assert_nonnull (finding);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_EQUAL_BLOCKS), ==, 1000);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_EQUAL_SIZE), ==, 256);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_EQUAL_SHARE), ==, 0.8);
  /* The maker rounds each block by 8 bytes. */
  g_assert_cmpint (finding->saving, ==, MEMSCOPE_SAVING_POOLED);
  g_assert_cmpfloat (finding->saving_value, ==, 1000 * (8 + 8));
}

static void
test_less_is_not_equal_small (void)
{
  g_autoptr(MemscopeSession) few = make_equal (999, 256, 0);
  g_autoptr(MemscopeSession) large = make_equal (1000, 257, 0);
  g_autoptr(MemscopeSession) mixed = make_equal (1000, 256, 251);
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_large = diagnose (large);
  g_autoptr(MemscopeDiagnostics) of_mixed = diagnose (mixed);

  g_assert_null (find (of_few, MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS));
  g_assert_null (find (of_large, MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS));
  g_assert_null (find (of_mixed, MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS));
}

/* @n blocks of 56 + 8 bytes: an eighth of each is rounding. */
static MemscopeSession *
make_rounding (guint   n,
               guint64 size)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < n; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, size, 1, ALPHA);

  return session_maker_finish (builder, SECOND);
}

static void
test_rounding (void)
{
  g_autoptr(MemscopeSession) session = make_rounding (512, 56);
  g_autoptr(MemscopeSession) few = make_rounding (511, 56);
  g_autoptr(MemscopeSession) thin = make_rounding (512, 57);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_thin = diagnose (thin);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_ROUNDING);

  g_assert_nonnull (finding);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_ROUNDING), ==, 4096);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_ROUNDING_SHARE), ==, 0.125);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_REQUESTED), ==, 512 * 56);
  g_assert_cmpfloat (finding->saving_value, ==, 4096);
  g_assert_null (find (of_few, MEMSCOPE_RULE_ROUNDING));
  g_assert_null (find (of_thin, MEMSCOPE_RULE_ROUNDING));
}

/* Of each of @n pages a small block is left, and one that took the rest is dead. */
static MemscopeSession *
make_pins (guint   n,
           guint64 left)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < n; i++)
    {
      session_maker_add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_MALLOC, .time = 2 * i, .address = 0x10000000 + 4096u * i,
                                                    .size = left, .thread = 1, .stack = ALPHA });
      session_maker_add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_MALLOC, .time = 2 * i + 1, .address = 0x10000000 + 4096u * i + 2048,
                                                    .size = 2000, .thread = 1, .stack = DELTA });
    }
  for (guint i = 0; i < n; i++)
    session_maker_death (builder, MEMSCOPE_EVENT_FREE, 2 * n + i, 2 * i + 1, 1);

  return session_maker_finish (builder, SECOND);
}

static void
test_pinned_pages (void)
{
  g_autoptr(MemscopeSession) session = make_pins (80, 96);
  g_autoptr(MemscopeSession) few = make_pins (63, 96);
  g_autoptr(MemscopeSession) full = make_pins (80, 1024);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_full = diagnose (full);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_PINNED_PAGES);

  g_assert_nonnull (finding);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_PINNED_PAGES), ==, 80);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_PINNING_BLOCKS), ==, 80);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_PINNED_BYTES), ==, 80 * 4000);
  g_assert_cmpuint (finding->stack, ==, ALPHA);
  g_assert_null (find (of_few, MEMSCOPE_RULE_PINNED_PAGES));
  g_assert_null (find (of_full, MEMSCOPE_RULE_PINNED_PAGES));
}

/* ---- the peak, threads, frees ------------------------------------------------------------------------ */

static MemscopeSession *
make_peak (guint64 alpha,
           guint64 delta)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, delta, 1, DELTA);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 2, alpha, 1, ALPHA);
  /* More at the end, but not at the peak. */
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 3, 0, 1);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 3, 1, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 4, 500, 1, DELTA);

  return session_maker_finish (builder, SECOND);
}

static void
test_peak_blame (void)
{
  g_autoptr(MemscopeSession) session = make_peak (786432, 262144);
  g_autoptr(MemscopeSession) small = make_peak (786431, 262144);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  g_autoptr(MemscopeDiagnostics) of_small = diagnose (small);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_PEAK_BLAME);

  g_assert_nonnull (finding);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_PEAK_BYTES), ==, 786432);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_PEAK_SHARE), ==, 0.75);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_PEAK_TOTAL), ==, 1048576);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_PEAK_TIME), ==, 2000);
  g_assert_cmpuint (finding->n_causes, ==, 2);
  g_assert_cmpuint (finding->causes[0].stack, ==, ALPHA);
  g_assert_cmpuint (finding->causes[1].stack, ==, DELTA);
  g_assert_cmpfloat (finding->causes[1].share, ==, 0.25);
  g_assert_null (find (of_small, MEMSCOPE_RULE_PEAK_BLAME));
}

/* Five stacks with a fifth each: none has enough to be blamed. */
static void
test_nobody_holds_the_peak (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;

  /* Stacks 4 and 5 are both of delta: no stack is the fifth. */
  for (guint stack = 0; stack < 5; stack++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, stack, 1000000, 1, stack);
  session = session_maker_finish (builder, SECOND);
  diagnostics = diagnose (session);

  g_assert_cmpint (diagnostics->checks[MEMSCOPE_RULE_PEAK_BLAME].unchecked, ==, MEMSCOPE_UNCHECKED_NOT);
  g_assert_null (find (diagnostics, MEMSCOPE_RULE_PEAK_BLAME));
}

/* Thread 1 allocates; of its blocks thread 2 frees @foreign and itself @own. */
static MemscopeSession *
make_handed (guint foreign,
             guint own)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  for (guint i = 0; i < foreign + own; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 64 + i % 5, 1, ALPHA);
  for (guint i = 0; i < foreign + own; i++)
    session_maker_death (builder, MEMSCOPE_EVENT_FREE, SECOND / 2 + i, i, i < foreign ? 2 : 1);

  return session_maker_finish (builder, SECOND);
}

static void
test_cross_thread_frees (void)
{
  g_autoptr(MemscopeSession) session = make_handed (1000, 1000);
  g_autoptr(MemscopeSession) few = make_handed (999, 0);
  g_autoptr(MemscopeSession) thin = make_handed (1000, 1001);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);
  g_autoptr(MemscopeDiagnostics) of_few = diagnose (few);
  g_autoptr(MemscopeDiagnostics) of_thin = diagnose (thin);
  const MemscopeFinding *finding = find (diagnostics, MEMSCOPE_RULE_CROSS_THREAD_FREES);

  g_assert_nonnull (finding);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_FOREIGN_FREES), ==, 1000);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_FOREIGN_SHARE), ==, 0.5);
  g_assert_cmpfloat (get (finding, MEMSCOPE_EVIDENCE_PAIR_SHARE), ==, 1);
  g_assert_cmpuint (finding->thread, ==, 1);
  g_assert_cmpuint (finding->other_thread, ==, 2);
  g_assert_cmpfloat (finding->causes[0].value, ==, 1000);
  g_assert_null (find (of_few, MEMSCOPE_RULE_CROSS_THREAD_FREES));
  g_assert_null (find (of_thin, MEMSCOPE_RULE_CROSS_THREAD_FREES));
}

static void
test_unmatched_frees_are_no_finding (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) clean = make_leak (1, TRUE);
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;
  g_autoptr(MemscopeDiagnostics) of_clean = diagnose (clean);

  session_maker_add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .time = 1, .address = 0x1234, .thread = 1 });
  session = session_maker_finish (builder, SECOND);
  diagnostics = diagnose (session);

  g_assert_cmpuint (memscope_session_get_unmatched_frees (session), ==, 1);
  g_assert_cmpint (diagnostics->checks[MEMSCOPE_RULE_UNMATCHED_FREES].unchecked, ==, MEMSCOPE_UNCHECKED_NO_FREED_ADDRESSES);
  g_assert_cmpint (of_clean->checks[MEMSCOPE_RULE_UNMATCHED_FREES].unchecked, ==, MEMSCOPE_UNCHECKED_NOT);
  g_assert_cmpuint (diagnostics->n_findings, ==, 0);
}

/* ---- sampled, empty, cancelled ------------------------------------------------------------------------- */

static void
test_samples_give_estimates (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;
  const MemscopeFinding *finding;
  double share = 1 / (1 - exp (-1.0));

  memscope_session_builder_set_sampling_interval (builder, 2000);
  for (guint i = 0; i < 100; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i * SECOND / 100, 2000, 1, ALPHA);
  session = session_maker_finish (builder, SECOND);
  diagnostics = diagnose (session);

  g_assert_true (diagnostics->sampled);
  g_assert_cmpint (diagnostics->checks[MEMSCOPE_RULE_TEMPORARY_CHURN].unchecked, ==, MEMSCOPE_UNCHECKED_SAMPLED);
  g_assert_cmpint (diagnostics->checks[MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT].unchecked, ==, MEMSCOPE_UNCHECKED_SAMPLED);
  finding = find (diagnostics, MEMSCOPE_RULE_LEAK_GROWING);
  g_assert_nonnull (finding);
  g_assert_cmpfloat (fabs (finding->evidence[0].value - 100 * 2000 * share), <, 200);
  /* 1.96 · √(Σ s² (1 − p) / p²) */
  g_assert_cmpfloat (fabs (finding->evidence[0].error - 1.959964 * sqrt (100 * 2000.0 * 2000.0 * exp (-1.0) * share * share)), <, 1);
}

static void
test_few_samples_say_nothing (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;

  memscope_session_builder_set_sampling_interval (builder, 100000);
  for (guint i = 0; i < 9; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i * SECOND / 9, 2000, 1, ALPHA);
  session = session_maker_finish (builder, SECOND);
  diagnostics = diagnose (session);

  g_assert_cmpuint (diagnostics->n_findings, ==, 0);
}

static void
test_nothing_is_found_in_nothing (void)
{
  g_autoptr(MemscopeSession) session = session_maker_finish (session_maker_new (), SECOND);
  g_autoptr(MemscopeDiagnostics) diagnostics = diagnose (session);

  g_assert_cmpuint (diagnostics->n_findings, ==, 0);
  g_assert_cmpuint (memscope_diagnostics_get_n_checked (diagnostics), ==, MEMSCOPE_N_RULES);
}

static void
test_can_be_cancelled (void)
{
  g_autoptr(MemscopeSession) session = make_leak (100, TRUE);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (memscope_diagnostics_new (session, all, NULL, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
note_progress (double   done,
               gpointer user_data)
{
  double *last = user_data;

  g_assert_cmpfloat (done, >=, *last);
  *last = done;
}

static void
test_tells_how_far_it_is (void)
{
  g_autoptr(MemscopeSession) session = make_leak (10, TRUE);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;
  double last = 0;

  diagnostics = memscope_diagnostics_new (session, all, NULL, note_progress, &last, NULL, NULL);
  g_assert_nonnull (diagnostics);
  g_assert_cmpfloat (last, ==, 1);
}

static void
test_only_the_largest_are_listed (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;
  const MemscopeRuleCheck *check;

  /* 150 variables by name, each with one block. */
  for (guint i = 0; i < 150; i++)
    {
      g_autofree char *name = g_strdup_printf ("variable-%u", i);

      memscope_session_builder_add_string (builder, 100 + i, name, strlen (name));
      memscope_session_builder_add_frame (builder, 100 + i, &(MemscopeFrameEntry) { .module = 1, .offset = 0x9000 + i });
      memscope_session_builder_add_symbols (builder, 100 + i, &(MemscopeSymbolEntry) { .function = 100 + i, .line = 1 }, 1);
      memscope_session_builder_add_stack (builder, 100 + i, &(MemscopeStackEntry) { 0, 100 + i });
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 100 + i, 1, 100 + i);
    }
  session = session_maker_finish (builder, SECOND);
  diagnostics = diagnose (session);
  check = &diagnostics->checks[MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT];

  g_assert_cmpuint (check->n_found, ==, 150);
  g_assert_cmpuint (check->n_left_out, ==, 150 - MEMSCOPE_DIAGNOSTICS_MAX_FINDINGS);
  g_assert_cmpfloat (find (diagnostics, MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT)->evidence[0].value, ==, 249);
}

/* ---- words ------------------------------------------------------------------------------------------------ */

static void
test_everything_has_a_name (void)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    {
      MemscopeRule found;

      g_assert_true (memscope_rule_from_id (memscope_rule_get_id (rule), &found));
      g_assert_cmpuint (found, ==, rule);
      g_assert_cmpstr (memscope_rule_get_name (rule), !=, "");
      g_assert_true (*memscope_rule_get_advice (rule) != '\0' || rule == MEMSCOPE_RULE_UNMATCHED_FREES);
    }

  for (guint id = 0; id < MEMSCOPE_N_EVIDENCE; id++)
    {
      g_assert_nonnull (memscope_evidence_get_nick (id));
      g_assert_true (g_hash_table_add (seen, (gpointer)memscope_evidence_get_nick (id)));
      g_assert_cmpstr (memscope_evidence_get_name (id), !=, "");
    }
  for (guint reason = 0; reason < MEMSCOPE_N_UNCHECKED; reason++)
    g_assert_cmpstr (memscope_unchecked_get_reason (reason), !=, "");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/diagnostics/leak/that-grows", test_growing_leak);
  g_test_add_func ("/diagnostics/leak/of-few-blocks-is-alive-at-exit", test_few_blocks_are_alive_at_exit);
  g_test_add_func ("/diagnostics/leak/of-many-at-once-is-alive-at-exit", test_many_at_once_are_alive_at_exit);
  g_test_add_func ("/diagnostics/leak/needs-the-end-of-the-program", test_leaks_need_the_end_of_the_program);
  g_test_add_func ("/diagnostics/growth/is-found", test_growth);
  g_test_add_func ("/diagnostics/growth/not-of-what-is-built-up", test_what_is_built_up_is_no_growth);
  g_test_add_func ("/diagnostics/growth/not-of-what-levels-off", test_what_levels_off_is_no_growth);
  g_test_add_func ("/diagnostics/temporary-churn/is-found", test_temporary_churn);
  g_test_add_func ("/diagnostics/temporary-churn/not-below-the-threshold", test_less_is_no_temporary_churn);
  g_test_add_func ("/diagnostics/realloc-churn/is-found", test_realloc_churn);
  g_test_add_func ("/diagnostics/realloc-churn/not-below-the-threshold", test_less_is_no_realloc_churn);
  g_test_add_func ("/diagnostics/storm/is-found", test_storm);
  g_test_add_func ("/diagnostics/storm/not-below-the-threshold", test_less_is_no_storm);
  g_test_add_func ("/diagnostics/hot-spot", test_hot_spot);
  g_test_add_func ("/diagnostics/equal-small/is-found", test_equal_small_blocks);
  g_test_add_func ("/diagnostics/equal-small/not-below-the-threshold", test_less_is_not_equal_small);
  g_test_add_func ("/diagnostics/rounding", test_rounding);
  g_test_add_func ("/diagnostics/pinned-pages", test_pinned_pages);
  g_test_add_func ("/diagnostics/peak-blame/is-found", test_peak_blame);
  g_test_add_func ("/diagnostics/peak-blame/not-when-nobody-has-most", test_nobody_holds_the_peak);
  g_test_add_func ("/diagnostics/cross-thread-frees", test_cross_thread_frees);
  g_test_add_func ("/diagnostics/unmatched-frees-are-no-finding", test_unmatched_frees_are_no_finding);
  g_test_add_func ("/diagnostics/samples-give-estimates", test_samples_give_estimates);
  g_test_add_func ("/diagnostics/few-samples-say-nothing", test_few_samples_say_nothing);
  g_test_add_func ("/diagnostics/nothing-is-found-in-nothing", test_nothing_is_found_in_nothing);
  g_test_add_func ("/diagnostics/can-be-cancelled", test_can_be_cancelled);
  g_test_add_func ("/diagnostics/tells-how-far-it-is", test_tells_how_far_it_is);
  g_test_add_func ("/diagnostics/only-the-largest-are-listed", test_only_the_largest_are_listed);
  g_test_add_func ("/diagnostics/everything-has-a-name", test_everything_has_a_name);

  return g_test_run ();
}

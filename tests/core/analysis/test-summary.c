/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Figures that can be checked by head. */

#include "memscope-summary.h"

#include <math.h>

#include "memscope-groups.h"
#include "memscope-timeline.h"
#include "session-maker.h"

#define US G_GUINT64_CONSTANT (1000)

static MemscopeSummary *
summarise (MemscopeSession   *session,
           MemscopeSelection *selection)
{
  g_autoptr(GError) error = NULL;
  MemscopeSummary *summary = memscope_summary_new (session, selection, NULL, &error);

  g_assert_no_error (error);

  return summary;
}

/*  time   0    10   20   30   40   50
 *  a     [100 ─────────────────────      main
 *  b          [50 ──]                    main
 *  c               [200 ───]             worker; freed by main
 *  d                         [10 → 30 ─  main; grown at 50
 */
static MemscopeSession *
make_session (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  guint64 b, c, d;

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 0, 100, 1, 1);
  b = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 10, 50, 1, 2);
  c = session_maker_birth (builder, MEMSCOPE_EVENT_CALLOC, 20, 200, 2, 3);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 25, b, 1);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 40, c, 1);
  d = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 40, 10, 1, 5);
  session_maker_realloc (builder, 50, d, 30, 1, 5);

  return session_maker_finish (builder, 60);
}

static void
test_whole (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) selection = memscope_selection_new_all (session);
  g_autoptr(MemscopeSummary) summary = summarise (session, selection);

  g_assert_cmpuint (summary->total_allocations, ==, 5);
  g_assert_cmpuint (summary->total_bytes, ==, 390);
  g_assert_cmpuint (summary->total_frees, ==, 3);
  g_assert_cmpuint (summary->freed_bytes, ==, 260);
  g_assert_cmpuint (summary->temporary_allocations, ==, 3);   /* b, c and d: the next birth of their threads came later */
  g_assert_cmpuint (summary->reallocations, ==, 1);
  g_assert_cmpuint (summary->unmatched_frees, ==, 0);
  g_assert_cmpuint (summary->active_allocations, ==, 2);
  g_assert_cmpuint (summary->active_bytes, ==, 130);
  g_assert_cmpuint (summary->usable_bytes, ==, 138);
  g_assert_cmpfloat (fabs (summary->efficiency - 130.0 / 138), <, 1e-12);
  g_assert_cmpuint (summary->peak_bytes, ==, 350);
  g_assert_cmpuint (summary->peak_time, ==, 20 * US);
  g_assert_cmpuint (summary->peak_allocations, ==, 3);
  g_assert_cmpuint (summary->leaked_allocations, ==, 2);
  g_assert_cmpuint (summary->leaked_bytes, ==, 130);
  g_assert_cmpuint (summary->derived_alive_at_end, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (summary->lifetime_min, ==, 10 * US);
  g_assert_cmpuint (summary->lifetime_max, ==, 20 * US);
  g_assert_cmpuint (summary->n_threads, ==, 2);
  g_assert_cmpuint (summary->n_call_sites, ==, 4);
  g_assert_cmpuint (summary->rss_at_instant, ==, MEMSCOPE_UNKNOWN);
  g_assert_false (summary->sampled);
  g_assert_cmpfloat (summary->estimated_bytes.value, ==, 390);
  g_assert_cmpfloat (summary->estimated_bytes.error, ==, 0);
}

static void
test_range (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_range (all, 20 * US, 40 * US);
  g_autoptr(MemscopeSummary) summary = summarise (session, selection);

  g_assert_cmpuint (summary->total_allocations, ==, 1);
  g_assert_cmpuint (summary->total_bytes, ==, 200);
  g_assert_cmpuint (summary->total_frees, ==, 1);
  g_assert_cmpuint (summary->temporary_allocations, ==, 1);
  g_assert_cmpuint (summary->active_allocations, ==, 2);   /* at 40, c's death at 40 is not yet */
  g_assert_cmpuint (summary->active_bytes, ==, 300);
  g_assert_cmpuint (summary->peak_bytes, ==, 350);         /* what was alive before counts */
  g_assert_cmpuint (summary->unmatched_frees, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpfloat (fabs (summary->allocation_rate - 1 / 20e-6), <, 1);
}

static void
test_nothing_rises_above_what_was_alive (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_range (all, 22 * US, 40 * US);
  g_autoptr(MemscopeSummary) summary = summarise (session, selection);

  g_assert_cmpuint (summary->peak_bytes, ==, 350);
  g_assert_cmpuint (summary->peak_time, ==, 22 * US);
  g_assert_cmpuint (summary->peak_allocations, ==, 3);
}

static void
test_the_peak_is_live_at_its_instant (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);

  for (guint64 begin = 0; begin < 50; begin++)
    for (guint64 end = begin + 1; end <= 60; end++)
      {
        g_autoptr(MemscopeSelection) range = memscope_selection_with_range (all, begin * US, end * US);
        g_autoptr(MemscopeSummary) summary = summarise (session, range);
        g_autoptr(MemscopeSelection) there = memscope_selection_with_instant (range, summary->peak_instant);
        g_autoptr(MemscopeSummary) then = summarise (session, there);
        g_autoptr(MemscopeTimeline) timeline = memscope_timeline_new (session, all, begin * US, end * US, 7, NULL, NULL);

        g_assert_cmpuint (summary->peak_instant, >=, begin * US);
        g_assert_cmpuint (summary->peak_instant, <=, end * US);
        g_assert_cmpuint (then->active_bytes, ==, summary->peak_bytes);
        g_assert_cmpuint (then->active_allocations, ==, summary->peak_allocations);
        g_assert_cmpuint (timeline->peak_instant, ==, summary->peak_instant);
      }
}

static void
test_threads_modules_text (void)
{
  static const MemscopeThreadId worker[] = { 2 };
  static const MemscopeModuleId lib[] = { 2 };
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) by_thread = memscope_selection_with_threads (all, worker, 1);
  g_autoptr(MemscopeSelection) by_module = memscope_selection_with_modules (all, lib, 1);
  g_autoptr(MemscopeSelection) by_text = memscope_selection_with_text (all, "BETA.C");
  g_autoptr(MemscopeSelection) by_label = memscope_selection_with_text (all, "Work");
  g_autoptr(MemscopeSelection) by_nothing = memscope_selection_with_text (all, "no such");
  g_autoptr(MemscopeSummary) threads = summarise (session, by_thread);
  g_autoptr(MemscopeSummary) modules = summarise (session, by_module);
  g_autoptr(MemscopeSummary) text = summarise (session, by_text);
  g_autoptr(MemscopeSummary) label = summarise (session, by_label);
  g_autoptr(MemscopeSummary) nothing = summarise (session, by_nothing);

  g_assert_cmpuint (threads->total_bytes, ==, 200);
  g_assert_cmpuint (threads->peak_bytes, ==, 200);
  g_assert_cmpuint (modules->total_bytes, ==, 240);   /* c, d and what d became */
  g_assert_cmpuint (text->total_bytes, ==, 50);
  g_assert_cmpuint (label->total_bytes, ==, 200);
  g_assert_cmpuint (nothing->total_allocations, ==, 0);
  g_assert_cmpuint (nothing->peak_bytes, ==, 0);
  g_assert_cmpuint (nothing->lifetime_median, ==, MEMSCOPE_UNKNOWN);
  g_assert_true (isnan (nothing->efficiency));
}

static void
test_inherited_and_nested_blocks_are_in_no_total (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSelection) pools = NULL;
  g_autoptr(MemscopeSelection) both = NULL;
  g_autoptr(MemscopeSummary) totals = NULL;
  g_autoptr(MemscopeSummary) children = NULL;
  g_autoptr(MemscopeSummary) parents = NULL;
  guint64 inherited, arena;

  inherited = session_maker_birth (builder, MEMSCOPE_EVENT_INHERITED, 0, 1000, 1, 0);
  arena = session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 4096, 1, 1);
  session_maker_add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_POOL, .time = 2, .thread = 1, .size = 64,
                                                .address = session_maker_address (arena) + 128 });
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 3, inherited, 1);
  session = session_maker_finish (builder, 4);

  all = memscope_selection_new_all (session);
  pools = memscope_selection_with_origins (all, 1u << MEMSCOPE_ORIGIN_POOL);
  both = memscope_selection_with_origins (all, 1u << MEMSCOPE_ORIGIN_POOL | 1u << MEMSCOPE_ORIGIN_HEAP);
  totals = summarise (session, all);
  children = summarise (session, pools);
  parents = summarise (session, both);

  g_assert_cmpuint (totals->total_bytes, ==, 4096);
  g_assert_cmpuint (totals->total_frees, ==, 0);
  g_assert_cmpuint (totals->peak_bytes, ==, 4096);
  g_assert_cmpuint (children->total_bytes, ==, 64);
  g_assert_cmpuint (parents->total_bytes, ==, 4096);
}

static void
test_leaks_need_a_complete_recording_of_an_ended_process (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 0, 1000, 1, 0);
  session = memscope_session_builder_finish (builder);
  all = memscope_selection_new_all (session);
  summary = summarise (session, all);

  g_assert_cmpuint (summary->active_allocations, ==, 1);
  g_assert_cmpuint (summary->leaked_allocations, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (summary->leaked_bytes, ==, MEMSCOPE_UNKNOWN);
}

static void
test_rss_holds_from_sample_to_sample (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSelection) later = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;
  g_autoptr(MemscopeSummary) between = NULL;
  MemscopeSample samples[] = {
    { .time = 10, .kind = MEMSCOPE_SAMPLE_PROCESS, .values = { 5000 } },
    { .time = 20, .kind = MEMSCOPE_SAMPLE_PROCESS, .values = { 9000 } },
    { .time = 30, .kind = MEMSCOPE_SAMPLE_PROCESS, .values = { 7000 } },
    { .time = 40, .kind = MEMSCOPE_SAMPLE_PROCESS, .values = { MEMSCOPE_NOT_RECORDED } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    memscope_session_builder_add_sample (builder, &samples[i]);
  session = session_maker_finish (builder, 50);
  all = memscope_selection_new_all (session);
  later = memscope_selection_with_range (all, 22 * US, 25 * US);
  summary = summarise (session, all);
  between = summarise (session, later);

  g_assert_cmpuint (summary->rss_at_instant, ==, 7000);
  g_assert_cmpuint (summary->peak_rss, ==, 9000);
  g_assert_cmpuint (between->rss_at_instant, ==, 9000);
  g_assert_cmpuint (between->peak_rss, ==, 9000);
}

static void
test_sizes_without_measure_do_not_wrap (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;

  for (guint i = 0; i < 3; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, G_MAXUINT64 - 5, 1, 1);
  session_maker_death (builder, MEMSCOPE_EVENT_FREE, 4, 0, 1);
  session = session_maker_finish (builder, 5);
  all = memscope_selection_new_all (session);
  summary = summarise (session, all);

  g_assert_cmpuint (summary->total_bytes, ==, G_MAXUINT64);
  g_assert_cmpuint (summary->peak_bytes, ==, G_MAXUINT64);
}

static void
test_can_be_cancelled (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (memscope_summary_new (session, all, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A hundred samples of 1000 bytes with one sample every 1000 bytes: each stands for
 * 1 / (1 - 1/e) blocks.
 */
static void
test_sampled_figures_are_estimates_with_intervals (void)
{
  double p = 1 - exp (-1);
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;

  memscope_session_builder_set_sampling_interval (builder, 1000);
  for (guint i = 0; i < 100; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 1000, 1, 1);
  for (guint i = 0; i < 5; i++)
    session_maker_death (builder, MEMSCOPE_EVENT_FREE, 200, i, 1);
  session = session_maker_finish (builder, 300);
  all = memscope_selection_new_all (session);
  summary = summarise (session, all);

  g_assert_true (summary->sampled);
  g_assert_cmpfloat (fabs (summary->estimated_allocations.value - 100 / p), <, 1e-6);
  g_assert_cmpfloat (fabs (summary->estimated_allocations.error - 1.959964 * sqrt (100 * (1 - p)) / p), <, 1e-4);
  g_assert_cmpfloat (fabs (summary->estimated_bytes.value - 100000 / p), <, 1e-3);
  g_assert_cmpuint (summary->total_allocations, ==, 158);      /* 158.2 */
  g_assert_cmpfloat (fabs ((double)summary->total_bytes - 100000 / p), <, 100);
  g_assert_cmpfloat (fabs ((double)summary->peak_bytes - 100000 / p), <, 100);
  g_assert_cmpfloat (fabs (summary->estimated_peak_bytes.error - summary->estimated_bytes.error), <, 1e-6);
  g_assert_false (summary->estimated_bytes.too_few);
  /* what samples stand for is rounded as they are: 1000 bytes to 1000 */
  g_assert_cmpuint (summary->usable_bytes, >=, summary->active_bytes);
  g_assert_true (summary->estimated_frees.too_few);
}

/* Every view tells the same estimate. */
static void
test_sampled_views_agree (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;
  g_autoptr(MemscopeGroups) groups = NULL;
  g_autoptr(MemscopeTimeline) timeline = NULL;
  double live_variance = 0, births_variance = 0;
  guint64 live_samples = 0;
  guint64 live_bytes = 0;
  guint64 births = 0;

  memscope_session_builder_set_sampling_interval (builder, 5000);
  for (guint i = 0; i < 300; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, i, 16 + 37 * i, 1 + i % 3, i % 6);
  for (guint i = 0; i < 100; i++)
    session_maker_death (builder, MEMSCOPE_EVENT_FREE, 400, 3 * i, 1);
  session = session_maker_finish (builder, 500);
  all = memscope_selection_new_all (session);
  summary = summarise (session, all);
  groups = memscope_groups_new (session, all, MEMSCOPE_GROUP_BY_STACK, NULL, NULL);
  timeline = memscope_timeline_new (session, all, 0, 501 * US, 10, NULL, NULL);

  for (guint k = 0; k < groups->n_groups; k++)
    {
      live_bytes += groups->groups[k].live_bytes;
      births += groups->groups[k].births;
      g_assert_true (groups->groups[k].estimated);
      live_variance += groups->groups[k].live_bytes_error * groups->groups[k].live_bytes_error;
      births_variance += groups->groups[k].births_error * groups->groups[k].births_error;
      live_samples += groups->groups[k].live_samples;
    }

  g_assert_cmpuint (live_bytes, ==, summary->active_bytes);
  g_assert_cmpuint (live_samples, ==, 200);
  g_assert_cmpfloat (fabs (sqrt (live_variance) - summary->estimated_active_bytes.error), <, 1e-3);
  g_assert_cmpfloat (fabs (sqrt (births_variance) - summary->estimated_allocations.error), <, 1e-3);
  g_assert_cmpfloat (fabs ((double)births - (double)summary->total_allocations), <=, (double)groups->n_groups);
  g_assert_cmpuint (timeline->max_bytes, ==, summary->peak_bytes);
  g_assert_cmpuint (timeline->buckets[9].last_bytes, ==, summary->active_bytes);
  g_assert_cmpuint (timeline->buckets[9].last_blocks, ==, summary->active_allocations);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/summary/of-everything", test_whole);
  g_test_add_func ("/summary/flows-and-stocks-of-a-range", test_range);
  g_test_add_func ("/summary/the-peak-is-live-at-its-instant", test_the_peak_is_live_at_its_instant);
  g_test_add_func ("/summary/peak-is-at-the-beginning-when-nothing-rises-above-it", test_nothing_rises_above_what_was_alive);
  g_test_add_func ("/summary/threads-modules-and-text-restrict", test_threads_modules_text);
  g_test_add_func ("/summary/inherited-and-nested-blocks-are-in-no-total", test_inherited_and_nested_blocks_are_in_no_total);
  g_test_add_func ("/summary/leaks-need-a-complete-recording-of-an-ended-process", test_leaks_need_a_complete_recording_of_an_ended_process);
  g_test_add_func ("/summary/rss-holds-from-sample-to-sample", test_rss_holds_from_sample_to_sample);
  g_test_add_func ("/summary/sizes-without-measure-do-not-wrap", test_sizes_without_measure_do_not_wrap);
  g_test_add_func ("/summary/can-be-cancelled", test_can_be_cancelled);
  g_test_add_func ("/summary/sampled-figures-are-estimates-with-intervals", test_sampled_figures_are_estimates_with_intervals);

  g_test_add_func ("/summary/sampled-views-agree", test_sampled_views_agree);

  return g_test_run ();
}

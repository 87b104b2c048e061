/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Do the intervals hold what they promise? A workload of call sites whose true sums are
 * known is sampled thousands of times, by the sampler itself; each time each site's
 * blocks and bytes are estimated as the analyses do it. Pooled over the sites that can
 * expect 30 samples, 95 % intervals have to hold the truth in 93 to 97 of 100 cases; of
 * the others, where "too few samples" may be the answer, at least 93 times no wrong
 * interval is given. Seeds are fixed.
 */

#include <glib.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memscope-estimate.h"
#include "sample.h"

#define INTERVAL 16384u
#define N_RUNS   2500
#define N_SITES  G_N_ELEMENTS (sites)

/* Blocks of a call site: between two sizes, each as likely as the other. */
static const struct
{
  const char *name;
  guint       smallest;
  guint       largest;
  guint       n;
} sites[] = {
  { "list nodes",         24,    24,    60000 },
  { "small objects",      16,    96,    20000 },
  { "strings",            8,     256,   9000 },
  { "many strings",       8,     256,   40000 },
  { "buffers",            1024,  1024,  1200 },
  { "lines",              40,    2000,  2500 },
  { "rows",               500,   4000,  400 },
  { "pages",              4096,  4096,  150 },
  { "pages and more",     4096,  16000, 300 },
  { "rare nodes",         48,    48,    4000 },
  { "rare strings",       8,     256,   2000 },
  { "rare buffers",       1024,  3000,  90 },
  { "a few pages",        4096,  4096,  60 },
};

typedef struct
{
  MemscopeEstimator blocks;
  MemscopeEstimator bytes;
} SiteEstimators;

static void
begin_sampling (void)
{
  ArenaOptions options = {
    .n_small_slots = 4, .n_large_slots = 1, .nodes_capacity = 4096, .modules_capacity = 64, .text_capacity = 65536,
    .flags = ARENA_NO_STACKS, .clock = CLOCK_TSC, .sampling_interval = INTERVAL,
  };
  static const uint8_t uuid[16] = { 3 };
  void *memory = mmap (NULL, arena_size (&options), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ArenaHeader *arena = memory;

  g_assert_true (memory != MAP_FAILED);
  arena_init (memory, &options, uuid, 0);
  atomic_store (&arena->collector_futex, (uint32_t)syscall (SYS_gettid));
  sample_seed = 4711;
  g_assert_true (recorder_start_with (arena));
}

/* The same blocks in each run: what differs is which are sampled. */
static guint
size_of (guint site,
         guint i)
{
  guint64 mixed = (i + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  guint range = sites[site].largest - sites[site].smallest + 1;

  return sites[site].smallest + (guint)((mixed >> 33) % range);
}

static gboolean
holds (const MemscopeEstimate *estimate,
       double                  truth)
{
  return fabs (estimate->value - truth) <= estimate->error;
}

static void
test_intervals_hold_the_truth (void)
{
  double truth[N_SITES] = { 0 }, expected[N_SITES] = { 0 };
  guint64 right = 0, claims = 0, seldom_right = 0, seldom = 0, seldom_wrong = 0;
  guint64 held[N_SITES] = { 0 }, shown[N_SITES] = { 0 };

  for (guint s = 0; s < N_SITES; s++)
    for (guint i = 0; i < sites[s].n; i++)
      {
        truth[s] += size_of (s, i);
        expected[s] += memscope_sampling_probability (size_of (s, i), INTERVAL);
      }

  begin_sampling ();
  for (guint run = 0; run < N_RUNS; run++)
    for (guint s = 0; s < N_SITES; s++)
      {
        SiteEstimators estimators = { 0 };
        MemscopeEstimate blocks, bytes;

        for (guint i = 0; i < sites[s].n; i++)
          {
            guint size = size_of (s, i);

            if (!sample_passes (size) && sample_take (size))
              {
                double probability = memscope_sampling_probability (size, INTERVAL);

                memscope_estimator_add (&estimators.blocks, 1, probability);
                memscope_estimator_add (&estimators.bytes, size, probability);
              }
          }

        blocks = memscope_estimator_finish (&estimators.blocks);
        bytes = memscope_estimator_finish (&estimators.bytes);
        shown[s] += 2 * !bytes.too_few;
        held[s] += !bytes.too_few && holds (&bytes, truth[s]);
        held[s] += !blocks.too_few && holds (&blocks, sites[s].n);

        if (expected[s] >= 30)
          {
            claims += 2;
            right += holds (&bytes, truth[s]) + holds (&blocks, sites[s].n);
          }
        else
          {
            seldom += 2;
            seldom_wrong += !bytes.too_few && !holds (&bytes, truth[s]);
            seldom_wrong += !blocks.too_few && !holds (&blocks, sites[s].n);
          }
      }
  seldom_right = seldom - seldom_wrong;

  for (guint s = 0; s < N_SITES; s++)
    g_test_message ("%-16s %6.1f samples expected, held %.1f %% of %.1f %% shown", sites[s].name, expected[s],
                    100.0 * (double)held[s] / (double)MAX (shown[s], 1), 100.0 * (double)shown[s] / (2 * N_RUNS));
  g_test_message ("30 and more: %.2f %% of %" G_GUINT64_FORMAT "; fewer: %.2f %% of %" G_GUINT64_FORMAT,
                  100.0 * (double)right / (double)claims, claims, 100.0 * (double)seldom_right / (double)seldom, seldom);

  g_assert_cmpuint (claims, >=, 2 * 2000);
  g_assert_cmpfloat ((double)right / (double)claims, >=, 0.93);
  g_assert_cmpfloat ((double)right / (double)claims, <=, 0.97);
  g_assert_cmpuint (seldom, >=, 2 * 2000);
  g_assert_cmpfloat ((double)seldom_right / (double)seldom, >=, 0.93);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sample-coverage/intervals-hold-the-truth", test_intervals_hold_the_truth);

  return g_test_run ();
}

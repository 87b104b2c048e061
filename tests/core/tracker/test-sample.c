/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sampler's own half, called directly: the draws, the table, what is said of a
 * block that was sampled, and whether sums come out right. Seeds are fixed: a test that
 * passes here passes everywhere.
 */

#include <glib.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "real.h"
#include "record.h"
#include "sample.h"

#define INTERVAL 65536u

/* ---- a collector that only looks ------------------------------------------------- */

static ArenaHeader *arena;
static GArray *records;

static void
begin_sampling (uint64_t interval, uint64_t seed)
{
  ArenaOptions options = {
    .n_small_slots = 16, .n_large_slots = 1, .nodes_capacity = 4096, .modules_capacity = 64, .text_capacity = 65536,
    .flags = ARENA_NO_STACKS, .clock = CLOCK_TSC, .sampling_interval = interval,
  };
  static const uint8_t uuid[16] = { 9 };
  void *memory = mmap (NULL, arena_size (&options), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  g_assert_true (memory != MAP_FAILED);
  arena_init (memory, &options, uuid, 0);
  arena = memory;
  atomic_store (&arena->collector_futex, (uint32_t)syscall (SYS_gettid));
  sample_seed = seed;
  real_resolve ();
  g_assert_true (recorder_start_with (arena));
}

/* Threads draw anew. */
static void
change_interval (uint64_t interval)
{
  atomic_store (&arena->sampling_interval, interval);
  atomic_fetch_or (&arena->flags, ARENA_FILLING);
  g_assert_true (recorder_follow_mode ());
  atomic_fetch_and (&arena->flags, ~(uint32_t)ARENA_FILLING);
  g_assert_true (recorder_follow_mode ());
}

/* All that this thread said since it was asked last. */
static void
take_records (void)
{
  if (records != NULL)
    g_array_unref (records);
  records = g_array_new (FALSE, FALSE, sizeof (Record));

  for (guint i = 0; i < arena->n_slots; i++)
    {
      RingSlot *slot = arena_slot (arena, i);
      Ring *ring = &slot->rings[RING_MAIN];
      static uint64_t stamp, time, address;
      static uint32_t of_slot = G_MAXUINT32;
      uint64_t head = atomic_load (&ring->head), tail = atomic_load (&ring->tail);

      if (atomic_load (&slot->state) != SLOT_ACTIVE)
        continue;
      if (of_slot != atomic_load (&slot->thread_serial) || head == 0)
        {
          stamp = slot->base_stamp;
          time = address = 0;
          of_slot = atomic_load (&slot->thread_serial);
        }

      while (head < tail)
        {
          uint64_t at = head & (ring->size - 1);
          Record record;
          size_t taken = record_decode ((uint8_t *)arena_at (arena, ring->offset) + at, ring->size - at, &record, CLOCK_TSC,
                                        &stamp, &time, &address);

          g_assert_cmpuint (taken, >, 0);
          head += taken;
          if (record.kind != RECORD_PAD)
            g_array_append_val (records, record);
        }
      atomic_store (&ring->head, head);
    }
}

static const Record *
record_at (guint i)
{
  g_assert_cmpuint (i, <, records->len);

  return &g_array_index (records, Record, i);
}

static Frame
here (void)
{
  return (Frame) { .pc = 1, .sp = (uintptr_t)__builtin_frame_address (0) };
}

/* What a hook asks for each block. */
static gboolean
is_sampled (size_t size)
{
  return !sample_passes (size) && sample_take (size);
}

/* ---- draws --------------------------------------------------------------------------- */

static void
test_logarithm_is_the_librarys (void)
{
  SampleRandom random;

  sample_random_seed (&random, 1);
  for (int i = 0; i < 100000; i++)
    {
      double x = ((double)(sample_random_next (&random) >> 11) + 1) * 0x1p-53;
      double wanted = log (x);

      g_assert_cmpfloat (fabs (sample_log (x) - wanted), <=, 1e-14 * MAX (1, fabs (wanted)));
    }

  g_assert_cmpfloat (sample_log (1), ==, 0);
  g_assert_cmpfloat (fabs (sample_log (0x1p-53) - log (0x1p-53)), <, 1e-12);
}

/* Twenty bins of equal probability, each as full as chance allows; and the mean. */
static void
test_draws_are_exponential (void)
{
  const int n = 400000;
  int bins[20] = { 0 };
  double sum = 0, chi = 0;
  SampleRandom random;

  sample_random_seed (&random, 42);
  for (int i = 0; i < n; i++)
    {
      uint64_t bytes = sample_random_bytes (&random, INTERVAL);
      double share = -expm1 (-((double)bytes + 0.5) / INTERVAL);

      bins[MIN ((int)(share * 20), 19)]++;
      sum += (double)bytes + 0.5;
    }

  for (int i = 0; i < 20; i++)
    chi += pow (bins[i] - n / 20.0, 2) / (n / 20.0);

  g_assert_cmpfloat (chi, <, 43.8);   /* 19 degrees of freedom: one in a thousand is above */
  g_assert_cmpfloat (fabs (sum / n - INTERVAL), <, 4 * INTERVAL / sqrt (n));
}

static void
test_seeds_make_different_draws (void)
{
  SampleRandom a, b, again;
  guint equal = 0;

  sample_random_seed (&a, 7);
  sample_random_seed (&again, 7);
  sample_random_seed (&b, 8);
  for (int i = 0; i < 1000; i++)
    {
      uint64_t value = sample_random_next (&a);

      g_assert_cmpuint (value, ==, sample_random_next (&again));
      equal += value == sample_random_next (&b);
    }

  g_assert_cmpuint (equal, ==, 0);
}

/* What analyses take it for, too. */
static double
probability_of (size_t size)
{
  return size > INTERVAL ? 1 : -expm1 (-(double)MAX (size, 1) / INTERVAL);
}

/* ---- which blocks ------------------------------------------------------------------------ */

/* Of n blocks of one size a share of p, give or take. */
static void
test_each_size_is_sampled_as_it_should_be (void)
{
  static const size_t sizes[] = { 0, 1, 16, 100, 4096, 30000, 65536, 65537, 200000, 1000000 };

  begin_sampling (INTERVAL, 11);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      double p = probability_of (sizes[s]);
      int n = (int)CLAMP (20000 / p, 20000, 20000000), taken = 0;

      for (int i = 0; i < n; i++)
        taken += is_sampled (sizes[s]);

      g_test_message ("%zu bytes: %d of %d, %.1f expected", sizes[s], taken, n, n * p);
      g_assert_cmpfloat (fabs (taken - n * p), <=, 4 * sqrt (n * p * (1 - p)) + 1e-9);
    }
}

/* A call that asks for more than there is leaves the draws as they were: random. */
static void
test_absurd_sizes_stop_nothing (void)
{
  int taken = 0;

  begin_sampling (INTERVAL, 3);
  for (int i = 0; i < 2000; i++)
    {
      g_assert_true (is_sampled (SIZE_MAX));
      g_assert_true (is_sampled ((size_t)PTRDIFF_MAX + 1));
      taken += is_sampled (INTERVAL / 2);
    }

  g_assert_cmpint (taken, >, 650);   /* of 2,000 with a chance of 0.39 */
  g_assert_cmpint (taken, <, 925);
}

/* ---- sums ----------------------------------------------------------------------------------- */

/* Sizes as programs have them: many small, few large. */
static size_t
size_of (guint i)
{
  static const size_t sizes[] = { 24, 32, 48, 24, 64, 200, 24, 1000, 32, 4000, 24, 64, 16, 30000, 24, 120 };

  return i % 1024 == 1023 ? 300000 : sizes[i % G_N_ELEMENTS (sizes)];
}

/* The estimates of many runs have the truth for their mean; how far they lie from it is
 * what their own variances say.
 */
static void
test_sums_are_unbiased (void)
{
  enum { N_RUNS = 400, N_BLOCKS = 20000 };
  double true_bytes = 0, bytes_sum = 0, count_sum = 0, bytes_variance = 0, count_variance = 0, off = 0;

  for (guint i = 0; i < N_BLOCKS; i++)
    true_bytes += (double)size_of (i);

  begin_sampling (INTERVAL, 2026);
  for (guint run = 0; run < N_RUNS; run++)
    {
      double bytes = 0, count = 0, variance = 0;

      for (guint i = 0; i < N_BLOCKS; i++)
        if (is_sampled (size_of (i)))
          {
            double p = probability_of (size_of (i)), weighted = (double)size_of (i) / p;

            bytes += weighted;
            count += 1 / p;
            variance += weighted * weighted * (1 - p);
            count_variance += (1 - p) / (p * p);
          }

      bytes_sum += bytes;
      count_sum += count;
      bytes_variance += variance;
      off += pow (bytes - true_bytes, 2);
    }

  /* the mean of the runs, within four of its standard errors */
  g_assert_cmpfloat (fabs (bytes_sum / N_RUNS - true_bytes), <, 4 * sqrt (bytes_variance) / N_RUNS);
  g_assert_cmpfloat (fabs (count_sum / N_RUNS - N_BLOCKS), <, 4 * sqrt (count_variance) / N_RUNS);

  /* the variances that the runs say they have are those they have */
  g_assert_cmpfloat (off / bytes_variance, >, 0.75);
  g_assert_cmpfloat (off / bytes_variance, <, 1.3);
}

/* ---- what is said of them --------------------------------------------------------------------- */

/* A block that is sampled for certain. */
static void *
sampled_block (size_t size)
{
  void *memory = real.malloc (size);
  Frame frame = here ();

  sample_birth (memory, size, MEMSCOPE_EVENT_MALLOC, 0, &frame);
  g_assert_false (sample_is_unsampled (memory));

  return memory;
}

static void
test_births_and_deaths_of_sampled_blocks_only (void)
{
  Frame frame = here ();
  void *sampled, *other;

  begin_sampling (INTERVAL, 5);
  sampled = sampled_block (1000);
  other = real.malloc (1000);

  sample_death (other, &frame);
  take_records ();
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpuint (record_at (0)->kind, ==, RECORD_BIRTH);
  g_assert_true (record_at (0)->sampled);
  g_assert_cmpuint (record_at (0)->address, ==, (uintptr_t)sampled);
  g_assert_cmpuint (record_at (0)->size, ==, 1000);

  sample_death (sampled, &frame);
  g_assert_true (sample_is_unsampled (sampled));
  sample_death (sampled, &frame);
  take_records ();
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpuint (record_at (0)->kind, ==, RECORD_DEATH);

  real.free (sampled);
  real.free (other);
}

/* All four: of a sampled block or not, to a sampled block or not. */
static void
test_realloc_ends_and_begins (void)
{
  Frame frame = here ();
  void *memory;

  begin_sampling (1, 5);   /* every block */
  memory = sampled_block (1000);
  memory = sample_realloc (memory, 5000, &frame);
  take_records ();
  g_assert_cmpuint (records->len, ==, 3);
  g_assert_cmpuint (record_at (1)->kind, ==, RECORD_MOVE_BEGIN);
  g_assert_cmpuint (record_at (2)->kind, ==, RECORD_MOVE_END);
  g_assert_cmpuint (record_at (2)->function, ==, MOVE_MOVED);
  g_assert_true (record_at (2)->sampled);
  g_assert_false (sample_is_unsampled (memory));

  /* none from here on, but for what is alive */
  change_interval (UINT64_C (1) << 40);

  memory = sample_realloc (memory, 200, &frame);
  take_records ();
  g_assert_cmpuint (records->len, ==, 2);
  g_assert_cmpuint (record_at (1)->kind, ==, RECORD_MOVE_END);
  g_assert_cmpuint (record_at (1)->function, ==, MOVE_FREED);
  g_assert_true (sample_is_unsampled (memory));

  memory = sample_realloc (memory, 300, &frame);
  take_records ();
  g_assert_cmpuint (records->len, ==, 0);

  change_interval (1);
  memory = sample_realloc (memory, 400, &frame);
  take_records ();
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpuint (record_at (0)->kind, ==, RECORD_BIRTH);
  g_assert_cmpuint (record_at (0)->function, ==, MEMSCOPE_EVENT_REALLOC);

  /* one that fails leaves what there is */
  g_assert_null (sample_realloc (memory, PTRDIFF_MAX, &frame));
  take_records ();
  g_assert_cmpuint (record_at (records->len - 1)->function, ==, MOVE_FAILED);
  g_assert_false (sample_is_unsampled (memory));

  g_assert_null (sample_realloc (memory, 0, &frame));
  take_records ();
  g_assert_cmpuint (record_at (records->len - 1)->function, ==, MOVE_FREED);
  g_assert_true (sample_is_unsampled (memory));
}

/* While the table is filled all deaths are told, and the table is asked again afterwards. */
static void
test_deaths_while_the_table_is_filled (void)
{
  Frame frame = here ();
  void *memory;

  begin_sampling (INTERVAL, 5);
  memory = real.malloc (10);
  atomic_fetch_or (&arena->flags, ARENA_FILLING);
  g_assert_true (recorder_follow_mode ());
  g_assert_cmpuint (recorder_state (), ==, RECORDER_FILLING);
  g_assert_false (sample_passes (1));

  sample_death (memory, &frame);
  take_records ();
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpuint (record_at (0)->kind, ==, RECORD_DEATH);

  /* the collector knew of a block */
  g_assert_true (sample_table_insert (arena_samples (arena), (uintptr_t)memory));
  atomic_fetch_and (&arena->flags, ~(uint32_t)ARENA_FILLING);
  g_assert_true (recorder_follow_mode ());
  g_assert_cmpuint (recorder_state (), >=, RECORDER_SAMPLING);
  sample_death (memory, &frame);
  sample_death (memory, &frame);
  take_records ();
  g_assert_cmpuint (records->len, ==, 1);

  atomic_fetch_and (&arena->flags, ~(uint32_t)ARENA_SAMPLING);
  g_assert_true (recorder_follow_mode ());
  g_assert_cmpuint (recorder_state (), ==, RECORDER_ON);
  real.free (memory);
}

/* ---- the table ------------------------------------------------------------------------------------ */

static void
test_table_knows_what_is_in_it (void)
{
  enum { N = 100000 };
  SampleTable *table = mmap (NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  guint inside = 0;

  for (uint64_t i = 1; i <= N; i++)
    g_assert_true (sample_table_insert (table, i * 48));
  g_assert_true (sample_table_insert (table, 48));
  g_assert_cmpuint (atomic_load (&table->length), ==, N);

  for (uint64_t i = 1; i <= N; i++)
    {
      g_assert_true (sample_table_may_hold (table, i * 48));
      if (i % 2 == 0)
        g_assert_true (sample_table_remove (table, i * 48));
      g_assert_false (sample_table_remove (table, i * 48 + 16));
    }
  for (uint64_t i = 1; i <= N; i++)
    inside += sample_table_remove (table, i * 48);
  g_assert_cmpuint (inside, ==, N / 2);
  g_assert_cmpuint (atomic_load (&table->length), ==, 0);

  for (uint64_t i = 1; i <= N; i++)
    g_assert_false (sample_table_may_hold (table, i * 48));

  munmap (table, sizeof *table);
}

/* What has no room is refused, and all else stays as it is. */
static void
test_full_table_refuses (void)
{
  SampleTable *table = mmap (NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const uint64_t n = 4u << SAMPLE_LINE_BITS;
  uint64_t refused = 0;

  for (uint64_t i = 1; i <= 3 * n; i++)
    refused += !sample_table_insert (table, i * 16);
  g_assert_cmpuint (refused, >, 0);
  g_assert_cmpuint (atomic_load (&table->length), ==, 3 * n - refused);

  for (uint64_t i = 1; i <= 3 * n; i++)
    refused += sample_table_remove (table, i * 16);
  g_assert_cmpuint (refused, ==, 3 * n);
  g_assert_cmpuint (atomic_load (&table->length), ==, 0);

  munmap (table, sizeof *table);
}

typedef struct
{
  SampleTable *table;
  guint        number;
  guint        removed;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *self = data;

  /* its own addresses, which share lines with the others', and those that all fight for */
  for (uint64_t i = 0; i < 60000; i++)
    {
      uint64_t own = 0x100000 + (i * 4 + self->number) * 16, shared = 16 + i % 64 * 16;

      g_assert_true (sample_table_insert (self->table, own));
      g_assert_true (sample_table_may_hold (self->table, own));
      self->removed += sample_table_remove (self->table, shared);
      g_assert_true (sample_table_remove (self->table, own));
      g_assert_false (sample_table_remove (self->table, own));
    }

  return NULL;
}

static void
test_threads_share_the_table (void)
{
  SampleTable *table = mmap (NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Worker workers[4];
  pthread_t threads[4];
  guint removed = 0;

  for (uint64_t i = 0; i < 64; i++)
    g_assert_true (sample_table_insert (table, 16 + i * 16));
  for (guint i = 0; i < 4; i++)
    {
      workers[i] = (Worker) { table, i, 0 };
      g_assert_cmpint (pthread_create (&threads[i], NULL, work, &workers[i]), ==, 0);
    }
  for (guint i = 0; i < 4; i++)
    {
      pthread_join (threads[i], NULL);
      removed += workers[i].removed;
    }

  g_assert_cmpuint (removed, ==, 64);
  g_assert_cmpuint (atomic_load (&table->length), ==, 0);
  munmap (table, sizeof *table);
}

/* ---- threads ---------------------------------------------------------------------------------------- */

static gpointer
draw_in_thread (gpointer data)
{
  uint64_t *first = data;

  for (*first = 0; !is_sampled (64); (*first)++)
    continue;

  return NULL;
}

static void
test_threads_draw_for_themselves (void)
{
  uint64_t first[8];
  guint equal = 0;

  begin_sampling (INTERVAL, 77);
  for (guint i = 0; i < 8; i++)
    {
      pthread_t thread;

      g_assert_cmpint (pthread_create (&thread, NULL, draw_in_thread, &first[i]), ==, 0);
      pthread_join (thread, NULL);
    }

  for (guint i = 1; i < 8; i++)
    equal += first[i] == first[0];
  g_assert_cmpuint (equal, <, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sample/logarithm-is-the-librarys", test_logarithm_is_the_librarys);
  g_test_add_func ("/sample/draws-are-exponential", test_draws_are_exponential);
  g_test_add_func ("/sample/seeds-make-different-draws", test_seeds_make_different_draws);
  g_test_add_func ("/sample/each-size-is-sampled-as-it-should-be", test_each_size_is_sampled_as_it_should_be);
  g_test_add_func ("/sample/absurd-sizes-stop-nothing", test_absurd_sizes_stop_nothing);
  g_test_add_func ("/sample/sums-are-unbiased", test_sums_are_unbiased);
  g_test_add_func ("/sample/births-and-deaths-of-sampled-blocks-only", test_births_and_deaths_of_sampled_blocks_only);
  g_test_add_func ("/sample/realloc-ends-and-begins", test_realloc_ends_and_begins);
  g_test_add_func ("/sample/deaths-while-the-table-is-filled", test_deaths_while_the_table_is_filled);
  g_test_add_func ("/sample/table-knows-what-is-in-it", test_table_knows_what_is_in_it);
  g_test_add_func ("/sample/full-table-refuses", test_full_table_refuses);
  g_test_add_func ("/sample/threads-share-the-table", test_threads_share_the_table);
  g_test_add_func ("/sample/threads-draw-for-themselves", test_threads_draw_for_themselves);

  return g_test_run ();
}

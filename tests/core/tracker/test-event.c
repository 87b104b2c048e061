/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The recorder's own half, called directly, against what was told to it: threads
 * report random events, one more thread plays the collector with record_decode()
 * alone. Runs under ThreadSanitizer and AddressSanitizer too.
 */

#include <glib.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "event.h"
#include "record.h"
#include "recorder.h"

#define N_THREADS 4
#define N_EVENTS  30000

/* What a thread told, or what came out of the rings for it. */
typedef struct
{
  uint8_t  kind;
  uint8_t  function;
  uint8_t  alignment_log2;
  uint32_t rounding;
  uint64_t address;
  uint64_t size;
  uint64_t stamp;     /* of what came out */
} Told;

typedef struct
{
  ArenaHeader *arena;
  GArray      *decoded[N_THREADS * 4 + 2];  /* by thread serial */
  struct
  {
    uint64_t stamp;
    uint64_t time;
    uint64_t address;
    gboolean begun;
  } running[64];
  guint        n_switches;
  guint64      lost;
  gboolean     slow;
  gint         stop;
} Collector;

static ArenaHeader *
new_arena (ArenaClock clock, uint32_t flags)
{
  ArenaOptions options = {
    .n_small_slots = 8, .n_large_slots = 2, .nodes_capacity = 4096, .modules_capacity = 64, .text_capacity = 65536,
    .flags = flags | ARENA_NO_STACKS, .clock = clock,
  };
  static const uint8_t uuid[16] = { 7 };
  void *memory = mmap (NULL, arena_size (&options), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ArenaHeader *arena;

  g_assert_true (memory != MAP_FAILED);
  arena_init (memory, &options, uuid, 0);
  arena = memory;
  atomic_store (&arena->collector_futex, (uint32_t)syscall (SYS_gettid));
  g_assert_true (recorder_start_with (arena));

  return arena;
}

static Frame
here (void)
{
  return (Frame) { .pc = 1, .sp = (uintptr_t)__builtin_frame_address (0) };
}

/* ---- the collector -------------------------------------------------------- */

static void
take_record (Collector *collector, guint serial, const Record *record)
{
  Told told = {
    record->kind, record->function, record->alignment_log2, record->rounding, record->address, record->size, record->stamp,
  };

  g_assert_cmpuint (serial, <, G_N_ELEMENTS (collector->decoded));
  if (record->kind == RECORD_SWITCH)
    collector->n_switches++;
  else if (record->kind == RECORD_GAP)
    collector->lost += record->other;
  else
    g_array_append_val (collector->decoded[serial], told);
}

static void
drain_ring (Collector *collector, guint index, RingSlot *slot)
{
  Ring *ring = &slot->rings[RING_MAIN];
  const uint8_t *bytes = arena_at (collector->arena, ring->offset);
  uint64_t tail = atomic_load_explicit (&ring->tail, memory_order_acquire);
  uint64_t head = atomic_load_explicit (&ring->head, memory_order_relaxed);
  guint serial = atomic_load (&slot->thread_serial);

  if (!collector->running[index].begun)
    {
      collector->running[index].begun = TRUE;
      collector->running[index].stamp = slot->base_stamp;
      if (collector->arena->clock == CLOCK_TSC)
        collector->running[index].stamp = slot->base_stamp >> RECORD_STAMP_SHIFT << RECORD_STAMP_SHIFT;
      collector->running[index].time = collector->running[index].address = 0;
    }

  while (head < tail)
    {
      uint64_t at = head & (ring->size - 1);
      uint64_t before = collector->running[index].stamp;
      Record record;
      size_t taken = record_decode (bytes + at, MIN (ring->size - at, tail - head), &record, collector->arena->clock,
                                    &collector->running[index].stamp, &collector->running[index].time,
                                    &collector->running[index].address);

      g_assert_cmpuint (taken, >, 0);
      head += taken;
      if (record.kind != RECORD_PAD)
        take_record (collector, serial, &record);
      g_assert_cmpuint (collector->running[index].stamp, >=, before);
    }

  g_assert_cmpuint (head, ==, tail);
  atomic_store_explicit (&ring->head, head, memory_order_seq_cst);
  if (atomic_exchange (&slot->space_wanted, 0) != 0)
    syscall (SYS_futex, &slot->space_wanted, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static void
drain (Collector *collector)
{
  for (guint i = 0; i < collector->arena->n_slots; i++)
    {
      RingSlot *slot = arena_slot (collector->arena, i);
      uint32_t state = atomic_load_explicit (&slot->state, memory_order_acquire);

      if (state != SLOT_ACTIVE && state != SLOT_CLOSED)
        continue;

      drain_ring (collector, i, slot);
      if (state == SLOT_CLOSED)
        {
          atomic_store (&slot->rings[RING_MAIN].head, 0);
          atomic_store (&slot->rings[RING_MAIN].tail, 0);
          collector->running[i].begun = FALSE;
          atomic_store_explicit (&slot->state, SLOT_FREE, memory_order_release);
        }
    }

  atomic_fetch_add (&collector->arena->collector_progress, 1);
}

static void *
collect (void *data)
{
  Collector *collector = data;

  while (!g_atomic_int_get (&collector->stop))
    {
      drain (collector);
      g_usleep (collector->slow ? 20000 : 500);
    }

  return NULL;
}

static void
collector_init (Collector *collector, ArenaHeader *arena)
{
  memset (collector, 0, sizeof *collector);
  collector->arena = arena;
  for (guint i = 0; i < G_N_ELEMENTS (collector->decoded); i++)
    collector->decoded[i] = g_array_new (FALSE, FALSE, sizeof (Told));
}

static void
collector_clear (Collector *collector)
{
  for (guint i = 0; i < G_N_ELEMENTS (collector->decoded); i++)
    g_array_unref (collector->decoded[i]);
  recorder_stop ();
}

/* A thread that moved to a large slot may have been read there first. */
static gint
compare_stamps (gconstpointer a, gconstpointer b)
{
  const Told *x = a, *y = b;

  return (x->stamp > y->stamp) - (x->stamp < y->stamp);
}

static void
sort_by_stamp (Collector *collector)
{
  for (guint i = 0; i < G_N_ELEMENTS (collector->decoded); i++)
    g_array_sort (collector->decoded[i], compare_stamps);
}

/* ---- the program ------------------------------------------------------------- */

static void
note (GArray *log, const Told *told)
{
  g_array_append_vals (log, told, 1);
}

static void
tell_birth (GArray *log, GRand *rand, const Frame *frame)
{
  Told told = { .kind = RECORD_BIRTH, .function = (uint8_t)g_rand_int_range (rand, 1, 5) };
  gsize alignment = g_rand_boolean (rand) ? 0 : (gsize)1 << g_rand_int_range (rand, 0, 20);
  gboolean unknown = g_rand_boolean (rand);

  told.address = ((guint64)g_rand_int (rand) << 12 | g_rand_int (rand)) << (g_rand_boolean (rand) ? 4 : 0);
  told.size = g_rand_boolean (rand) ? g_rand_int (rand) % 200 : g_rand_int (rand);
  told.rounding = unknown ? record_expected_rounding (told.size) : (guint32)g_rand_int_range (rand, 0, 100000);
  told.alignment_log2 = alignment != 0 ? (uint8_t)g_bit_nth_msf (alignment, -1) : 0;

  record_birth (told.address, told.size, unknown ? USABLE_UNKNOWN : told.size + told.rounding,
                told.function, alignment, frame);
  note (log, &told);
}

static void
tell_move (GArray *log, GRand *rand, const Frame *frame)
{
  Told begin = { .kind = RECORD_MOVE_BEGIN, .address = (guint64)g_rand_int (rand) << 4 };
  Told end = { .kind = RECORD_MOVE_END, .function = (uint8_t)g_rand_int_range (rand, 0, 3) };

  record_move_begin (begin.address, frame);
  note (log, &begin);

  if (end.function == MOVE_MOVED)
    {
      end.address = (guint64)g_rand_int (rand) << 4;
      end.size = g_rand_int (rand);
      end.rounding = 3;
      record_move_end (end.address, end.size, end.size + 3, frame);
    }
  else if (end.function == MOVE_FREED)
    {
      record_move_freed (frame);
    }
  else
    {
      record_move_failed (frame);
    }
  note (log, &end);
}

static void *
run_program (void *data)
{
  GArray *log = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (data));
  Frame frame = here ();

  for (guint i = 0; i < N_EVENTS; i++)
    switch (g_rand_int_range (rand, 0, 3))
      {
      case 0:
        tell_birth (log, rand, &frame);
        break;
      case 1:
        {
          Told told = { .kind = RECORD_DEATH, .address = g_rand_int (rand) };

          record_death (told.address, &frame);
          note (log, &told);
        }
        break;
      default:
        tell_move (log, rand, &frame);
        break;
      }

  return NULL;
}

static gboolean
same_told (const GArray *a, const GArray *b)
{
  if (a->len != b->len)
    return FALSE;

  for (guint i = 0; i < a->len; i++)
    {
      const Told *x = &g_array_index (a, Told, i), *y = &g_array_index (b, Told, i);

      if (x->kind != y->kind || x->function != y->function || x->alignment_log2 != y->alignment_log2 ||
          x->rounding != y->rounding || x->address != y->address || x->size != y->size)
        return FALSE;
    }

  return TRUE;
}

/* ---- tests ----------------------------------------------------------------------- */

/* Each thread's events come out once, in its order, whoever got which serial. */
static void
record_and_compare (ArenaClock clock, gboolean slow, guint rounds)
{
  Collector collector;
  pthread_t consumer, threads[N_THREADS];
  GArray *logs[N_THREADS * 4];
  guint n_logs = 0;

  collector_init (&collector, new_arena (clock, 0));
  collector.slow = slow;
  g_assert_cmpint (pthread_create (&consumer, NULL, collect, &collector), ==, 0);

  for (guint round = 0; round < rounds; round++)
    {
      for (guint i = 0; i < N_THREADS; i++)
        {
          logs[n_logs] = g_array_new (FALSE, FALSE, sizeof (Told));
          g_assert_cmpint (pthread_create (&threads[i], NULL, run_program, logs[n_logs++]), ==, 0);
        }
      for (guint i = 0; i < N_THREADS; i++)
        pthread_join (threads[i], NULL);
    }

  g_atomic_int_set (&collector.stop, TRUE);
  pthread_join (consumer, NULL);
  drain (&collector);

  sort_by_stamp (&collector);

  g_assert_cmpuint (collector.lost, ==, 0);
  if (slow)
    g_assert_cmpuint (collector.n_switches, >, 0);

  for (guint i = 0; i < n_logs; i++)
    {
      guint found = 0;

      for (guint j = 0; j < G_N_ELEMENTS (collector.decoded); j++)
        found += same_told (logs[i], collector.decoded[j]);
      g_assert_cmpuint (found, ==, 1);
      g_array_unref (logs[i]);
    }

  collector_clear (&collector);
}

static void
test_tells_everything_in_order (void)
{
  record_and_compare (CLOCK_TSC, FALSE, 4);
}

static void
test_waits_for_a_slow_collector (void)
{
  record_and_compare (CLOCK_TSC, TRUE, 1);
}

static void
test_works_with_a_counter_for_a_clock (void)
{
  record_and_compare (CLOCK_COUNTER, FALSE, 1);
}

static void
test_lossy_says_what_it_lost (void)
{
  GArray *log = g_array_new (FALSE, FALSE, sizeof (Told));
  Collector collector;
  Frame frame = here ();
  guint n = 0;

  collector_init (&collector, new_arena (CLOCK_TSC, ARENA_LOSSY));

  /* more than a large ring holds, and nobody takes anything */
  for (guint i = 0; i < 400000; i++, n++)
    record_birth (0x1000 + i * 16, 8, 24, MEMSCOPE_EVENT_MALLOC, 0, &frame);
  drain (&collector);
  record_death (0x1000, &frame);
  drain (&collector);

  n++;
  for (guint i = 0; i < G_N_ELEMENTS (collector.decoded); i++)
    n -= collector.decoded[i]->len;
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (collector.lost, ==, n);

  collector_clear (&collector);
  g_array_unref (log);
}

static void
test_dead_collector_stops_nobody (void)
{
  ArenaHeader *arena = new_arena (CLOCK_TSC, 0);
  Frame frame = here ();

  atomic_fetch_or (&arena->collector_futex, FUTEX_OWNER_DIED);
  for (guint i = 0; i < 400000; i++)
    record_birth (0x1000 + i * 16, 8, 24, MEMSCOPE_EVENT_MALLOC, 0, &frame);

  g_assert_false (recorder_is_on ());
}

static void
test_more_threads_than_slots_are_counted (void)
{
  Collector collector;
  ArenaHeader *arena = new_arena (CLOCK_TSC, 0);
  Frame frame = here ();

  collector_init (&collector, arena);
  for (guint i = 0; i < arena->n_slots; i++)
    atomic_store (&arena_slot (arena, i)->state, SLOT_ACTIVE);
  for (guint i = 0; i < 100; i++)
    record_death (0x1000, &frame);
  g_assert_cmpuint (atomic_load (&arena->slots_refused), ==, 100);

  for (guint i = 0; i < arena->n_slots; i++)
    atomic_store (&arena_slot (arena, i)->state, SLOT_FREE);
  for (guint i = 0; i < 100; i++)
    record_death (0x1000, &frame);
  drain (&collector);
  g_assert_cmpuint (atomic_load (&arena->slots_refused), <, 200);

  collector_clear (&collector);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/event/tells-everything-in-order", test_tells_everything_in_order);
  g_test_add_func ("/event/waits-for-a-slow-collector", test_waits_for_a_slow_collector);
  g_test_add_func ("/event/works-with-a-counter-for-a-clock", test_works_with_a_counter_for_a_clock);
  g_test_add_func ("/event/lossy-says-what-it-lost", test_lossy_says_what_it_lost);
  g_test_add_func ("/event/dead-collector-stops-nobody", test_dead_collector_stops_nobody);
  g_test_add_func ("/event/more-threads-than-slots-are-counted", test_more_threads_than_slots_are_counted);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Several threads allocate from one small pool of addresses by the recorder's
 * protocol, a collector merges at the same time; the stream must then be what
 * happened: no address with two owners, nothing lost, nothing unknown. Also run
 * under ThreadSanitizer and AddressSanitizer; so locks and threads are those of
 * libc, which the former can see into.
 */

#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "fake-recorder.h"
#include "memory-output.h"

#define N_THREADS   4
#define N_CALLS     20000
#define N_ADDRESSES 64        /* so few that each is handed from thread to thread at once */

typedef struct
{
  pthread_mutex_t lock;
  guint64         free[N_ADDRESSES];
  guint           n_free;
} Pool;

typedef struct
{
  ArenaHeader *arena;
  Pool        *pool;
  guint        index;
  guint        births;
  guint        deaths;
  guint        moves;
  guint        moved_away;
} Worker;

static guint64
pool_take (Pool *pool)
{
  guint64 address = 0;

  pthread_mutex_lock (&pool->lock);
  if (pool->n_free > 0)
    address = pool->free[--pool->n_free];
  pthread_mutex_unlock (&pool->lock);

  return address;
}

static void
pool_give (Pool *pool, guint64 address)
{
  pthread_mutex_lock (&pool->lock);
  pool->free[pool->n_free++] = address;
  pthread_mutex_unlock (&pool->lock);
}

static guint64
do_malloc (Worker *worker, FakeThread *thread)
{
  guint64 address = pool_take (worker->pool);

  if (address == 0)
    return 0;

  fake_put (thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .address = address,
                                .size = worker->index + 1, .rounding = record_expected_rounding (worker->index + 1) });
  worker->births++;

  return address;
}

static void
do_free (Worker *worker, FakeThread *thread, guint64 address)
{
  fake_put (thread, &(Record) { .kind = RECORD_DEATH, .address = address });
  worker->deaths++;
  pool_give (worker->pool, address);
}

static guint64
do_realloc (Worker *worker, FakeThread *thread, guint64 address)
{
  guint64 other;

  fake_put (thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = address });
  other = pool_take (worker->pool);
  if (other == 0)
    {
      fake_put (thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_FAILED });
      return address;
    }

  /* Given away before this thread has said so; now and then for long. */
  pool_give (worker->pool, address);
  if (worker->moves % 64 == 0)
    sched_yield ();
  fake_put (thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = other, .size = 1000,
                                .rounding = record_expected_rounding (1000) });
  worker->moves++;

  return other;
}

static gpointer
run_worker (gpointer data)
{
  Worker *worker = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (worker->index);
  guint64 held[8] = { 0 };
  FakeThread thread;

  fake_thread_open (&thread, worker->arena, 1000 + worker->index);

  for (guint i = 0; i < N_CALLS; i++)
    {
      guint64 *slot = &held[g_rand_int_range (rand, 0, G_N_ELEMENTS (held))];

      if (*slot == 0)
        {
          *slot = do_malloc (worker, &thread);
        }
      else if (g_rand_int_range (rand, 0, 4) == 0)
        {
          *slot = do_realloc (worker, &thread, *slot);
        }
      else
        {
          do_free (worker, &thread, *slot);
          *slot = 0;
        }
    }

  fake_thread_close (&thread);

  return NULL;
}

static void
run_model (ArenaClock clock)
{
  ArenaHeader *arena = fake_arena_new (&(ArenaOptions) { .n_small_slots = 6, .n_large_slots = 1, .nodes_capacity = 64,
                                                         .clock = clock }, clock == CLOCK_TSC ? __builtin_ia32_rdtsc () : 0);
  MemoryOutput *output = memory_output_new (arena, G_MAXSIZE);
  g_autoptr(RecordingFile) file = NULL;
  pthread_t threads[N_THREADS];
  Worker workers[N_THREADS];
  Pool pool = { 0 };
  guint kinds[MEMSCOPE_EVENT_N_KINDS] = { 0 };
  guint births = 0, deaths = 0, moves = 0;

  atomic_store (&arena->collector_futex, 1);
  pthread_mutex_init (&pool.lock, NULL);
  for (guint i = 0; i < N_ADDRESSES; i++)
    pool.free[pool.n_free++] = 0x1000 + i * 16;

  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker) { .arena = arena, .pool = &pool, .index = i };
      g_assert_cmpint (pthread_create (&threads[i], NULL, run_worker, &workers[i]), ==, 0);
    }

  for (gboolean running = TRUE; running; )
    {
      if (recording_drain (output->recording, false) == 0)
        g_usleep (100);
      running = FALSE;
      for (guint i = 0; i < arena->n_slots; i++)
        running |= atomic_load (&arena_slot (arena, i)->state) != SLOT_FREE;
      running |= atomic_load (&arena->n_threads) < N_THREADS;
    }
  for (guint i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);

  recording_drain (output->recording, true);
  recording_end (output->recording, MEMSCOPE_END_EXIT, 0);
  file = memory_output_read (output);

  for (guint i = 0; i < N_THREADS; i++)
    {
      births += workers[i].births;
      deaths += workers[i].deaths;
      moves += workers[i].moves;
    }
  for (guint i = 0; i < file->events->len; i++)
    kinds[FILE_EVENT (file, i).kind]++;

  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_MALLOC], ==, births);
  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_FREE], ==, deaths);
  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_REALLOC], ==, moves);
  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_REALLOC_DEATH], ==, moves);
  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_LOST_DEATH], ==, 0);
  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_FREE_UNKNOWN], ==, 0);
  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_REALLOC_UNKNOWN], ==, 0);
  g_assert_cmpuint (file->threads->len - 1, ==, N_THREADS);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->gaps->len, ==, 0);

  memory_output_free (output);
  fake_arena_free (arena);
  pthread_mutex_destroy (&pool.lock);
}

static void
test_stream_is_what_happened (void)
{
  run_model (CLOCK_TSC);
}

static void
test_counted_stamps_do_too (void)
{
  run_model (CLOCK_COUNTER);
}

/* ---- single situations ------------------------------------------------------- */

typedef struct
{
  ArenaHeader  *arena;
  MemoryOutput *output;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->arena = fake_arena_new (&(ArenaOptions) { .n_small_slots = 6, .n_large_slots = 1, .nodes_capacity = 64 },
                                   __builtin_ia32_rdtsc ());
  fixture->output = memory_output_new (fixture->arena, G_MAXSIZE);
  atomic_store (&fixture->arena->collector_futex, 1);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  memory_output_free (fixture->output);
  fake_arena_free (fixture->arena);
}

static void
put_birth (FakeThread *thread, guint64 address)
{
  fake_put (thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .address = address, .size = 24 });
}

static RecordingFile *
finish (Fixture *fixture)
{
  recording_drain (fixture->output->recording, true);
  recording_end (fixture->output->recording, MEMSCOPE_END_EXIT, 0);

  return memory_output_read (fixture->output);
}

/* Nothing passes a thread that has a stamp and has not published it. */
static void
test_waits_for_a_thread_in_its_hook (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  FakeThread first, second;
  guint64 stamp;

  fake_thread_open (&first, fixture->arena, 1);
  fake_thread_open (&second, fixture->arena, 2);
  put_birth (&first, 0x10);
  fake_enter (&first);
  stamp = fake_stamp (fixture->arena);
  put_birth (&second, 0x20);
  g_usleep (5000);
  recording_drain (fixture->output->recording, false);
  g_assert_cmpuint (recording_get_n_events (fixture->output->recording), ==, 1);

  fake_publish (&first, RING_MAIN, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .stamp = stamp,
                                               .address = 0x30, .size = 24 });
  fake_leave (&first);
  g_usleep (5000);
  recording_drain (fixture->output->recording, false);
  g_assert_cmpuint (recording_get_n_events (fixture->output->recording), ==, 3);

  file = finish (fixture);
  g_assert_cmphex (FILE_EVENT (file, 1).address, ==, 0x30);
  g_assert_cmphex (FILE_EVENT (file, 2).address, ==, 0x20);
}

/* ... but not for ever. */
static void
test_waits_a_tenth_of_a_second (Fixture *fixture, gconstpointer data)
{
  FakeThread first, second;

  fake_thread_open (&first, fixture->arena, 1);
  fake_thread_open (&second, fixture->arena, 2);
  put_birth (&first, 0x10);
  fake_enter (&first);
  put_birth (&second, 0x20);

  for (guint i = 0; i < 1000 && recording_get_n_events (fixture->output->recording) < 2; i++)
    {
      g_usleep (5000);
      recording_drain (fixture->output->recording, false);
    }

  g_assert_cmpuint (recording_get_n_events (fixture->output->recording), ==, 2);
}

/* The death of the block is in a ring that was not waited for: it is found there,
 * told once, and not as a loss.
 */
static void
test_finds_a_death_that_is_late (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  FakeThread first, second;
  guint64 later;

  fake_thread_open (&first, fixture->arena, 1);
  fake_thread_open (&second, fixture->arena, 2);
  put_birth (&first, 0x40);
  later = fake_stamp (fixture->arena) + 10000000000;
  fake_put (&first, &(Record) { .kind = RECORD_DEATH, .address = 0x40, .stamp = later });
  put_birth (&second, 0x40);

  g_usleep (5000);
  recording_drain (fixture->output->recording, false);
  file = finish (fixture);

  g_assert_cmpuint (file->events->len, ==, 3);
  g_assert_cmpuint (FILE_EVENT (file, 1).kind, ==, MEMSCOPE_EVENT_FREE);
  g_assert_cmpuint (FILE_EVENT (file, 1).thread, ==, 1);
  g_assert_cmpuint (FILE_EVENT (file, 2).kind, ==, MEMSCOPE_EVENT_MALLOC);
  g_assert_cmpuint (FILE_EVENT (file, 2).thread, ==, 2);
}

/* The allocator gave the old place away while the realloc was under way. */
static void
test_realloc_frees_its_place_early (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  FakeThread first, second;

  fake_thread_open (&first, fixture->arena, 1);
  fake_thread_open (&second, fixture->arena, 2);
  put_birth (&first, 0x40);
  fake_put (&first, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x40 });
  put_birth (&second, 0x40);
  fake_put (&first, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = 0x80, .size = 99 });
  file = finish (fixture);

  g_assert_cmpuint (file->events->len, ==, 4);
  g_assert_cmpuint (FILE_EVENT (file, 1).kind, ==, MEMSCOPE_EVENT_REALLOC_DEATH);
  g_assert_cmpuint (FILE_EVENT (file, 1).thread, ==, 1);
  g_assert_cmpuint (FILE_EVENT (file, 2).kind, ==, MEMSCOPE_EVENT_MALLOC);
  g_assert_cmpuint (FILE_EVENT (file, 3).kind, ==, MEMSCOPE_EVENT_REALLOC);
  g_assert_cmpuint (FILE_EVENT (file, 3).ago, ==, 2);
}

static void
test_realloc_in_every_outcome (Fixture *fixture, gconstpointer data)
{
  static const guint8 expected[] = {
    MEMSCOPE_EVENT_MALLOC, MEMSCOPE_EVENT_REALLOC_DEATH, MEMSCOPE_EVENT_REALLOC,   /* moved */
    MEMSCOPE_EVENT_REALLOC_DEATH, MEMSCOPE_EVENT_REALLOC,                          /* in place */
    MEMSCOPE_EVENT_REALLOC_DEATH,                                                  /* freed; the failed one left no trace */
    MEMSCOPE_EVENT_REALLOC_UNKNOWN, MEMSCOPE_EVENT_REALLOC,                        /* of a block nobody knows */
  };
  g_autoptr(RecordingFile) file = NULL;
  FakeThread thread;

  fake_thread_open (&thread, fixture->arena, 1);
  put_birth (&thread, 0x40);
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x40 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = 0x80, .size = 1 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x80 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = 0x80, .size = 2 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x80 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_FAILED });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x80 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_FREED });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0xff0 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = 0x100, .size = 3 });
  file = finish (fixture);

  g_assert_cmpuint (file->events->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (FILE_EVENT (file, i).kind, ==, expected[i]);
  g_assert_cmpuint (FILE_EVENT (file, 2).ago, ==, 1);
  g_assert_cmpuint (FILE_EVENT (file, 7).ago, ==, 0);
  g_assert_cmphex (FILE_EVENT (file, 6).address, ==, 0xff0);
  g_assert_cmpuint (file->end.unmatched_frees, ==, 1);
}

/* So many that the collector fetches ahead what it knows of them: they die in another
 * order, with other things between.
 */
#define N_MANY 60000u

static gpointer
run_many (gpointer data)
{
  FakeThread thread;

  fake_thread_open (&thread, data, 1);
  for (guint i = 0; i < N_MANY; i++)
    fake_put (&thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .address = 0x10000 + i * 16,
                                   .size = 1 + i % 5, .rounding = i % 3 == 0 ? 7 : record_expected_rounding (1 + i % 5) });
  for (guint i = 0; i < N_MANY; i++)
    {
      guint64 address = 0x10000 + (guint64)i * 7919 % N_MANY * 16;

      if (i % 100 == 0)
        fake_put (&thread, &(Record) { .kind = RECORD_MARK, .name = (const uint8_t *)"mark", .name_length = i / 100 % 5 });
      if (i % 10 == 0)
        {
          fake_put (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = address });
          fake_put (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_FREED });
        }
      else
        {
          fake_put (&thread, &(Record) { .kind = RECORD_DEATH, .address = address });
        }
    }
  fake_thread_close (&thread);

  return NULL;
}

static void
test_many_die_in_any_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  guint kinds[MEMSCOPE_EVENT_N_KINDS] = { 0 };
  pthread_t thread;

  g_assert_cmpint (pthread_create (&thread, NULL, run_many, fixture->arena), ==, 0);
  while (recording_get_n_events (fixture->output->recording) < 2 * N_MANY)
    recording_drain (fixture->output->recording, false);
  pthread_join (thread, NULL);
  file = finish (fixture);

  for (guint i = 0; i < file->events->len; i++)
    {
      const MemscopeEvent *event = &FILE_EVENT (file, i);

      kinds[event->kind]++;
      if (i >= N_MANY)
        g_assert_cmpuint (event->ago, ==, N_MANY - (guint64)(i - N_MANY) * 7919 % N_MANY);
    }

  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_MALLOC], ==, N_MANY);
  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_FREE], ==, N_MANY / 10 * 9);
  g_assert_cmpuint (kinds[MEMSCOPE_EVENT_REALLOC_DEATH], ==, N_MANY / 10);
}

/* A signal handler's realloc inside a realloc: each end belongs to its own begin. */
static void
test_nested_reallocs_pair_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  FakeThread thread;

  fake_thread_open (&thread, fixture->arena, 1);
  put_birth (&thread, 0x40);
  put_birth (&thread, 0x50);
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x40 });
  fake_put_nested (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x50 });
  fake_put_nested (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = 0x60, .size = 1 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = 0x70, .size = 1 });
  file = finish (fixture);

  g_assert_cmpuint (file->events->len, ==, 6);
  g_assert_cmphex (FILE_EVENT (file, 3).address, ==, 0x60);
  g_assert_cmpuint (FILE_EVENT (file, 3).ago, ==, 1);
  g_assert_cmphex (FILE_EVENT (file, 5).address, ==, 0x70);
  g_assert_cmpuint (FILE_EVENT (file, 5).ago, ==, 3);
}

static void
test_unseen_death_is_said (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  FakeThread thread;

  fake_thread_open (&thread, fixture->arena, 1);
  put_birth (&thread, 0x40);
  put_birth (&thread, 0x40);
  fake_put (&thread, &(Record) { .kind = RECORD_DEATH, .address = 0x990 });
  file = finish (fixture);

  g_assert_cmpuint (file->events->len, ==, 4);
  g_assert_cmpuint (FILE_EVENT (file, 1).kind, ==, MEMSCOPE_EVENT_LOST_DEATH);
  g_assert_cmpuint (FILE_EVENT (file, 3).kind, ==, MEMSCOPE_EVENT_FREE_UNKNOWN);
  g_assert_cmphex (FILE_EVENT (file, 3).address, ==, 0x990);
}

static void
test_regions_are_cut (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  FakeThread thread;

  fake_thread_open (&thread, fixture->arena, 1);
  fake_put (&thread, &(Record) { .kind = RECORD_REGION_BIRTH, .address = 0x10000, .size = 0x8000 });
  fake_put (&thread, &(Record) { .kind = RECORD_REGION_DEATH, .address = 0x12000, .size = 0x1000 });
  fake_put (&thread, &(Record) { .kind = RECORD_REGION_BIRTH, .address = 0x11000, .size = 0x9000 });
  put_birth (&thread, 0x11000);
  file = finish (fixture);

  /* whole; its death and two rests; one rest cut again, one covered; the new one */
  g_assert_cmpuint (file->events->len, ==, 1 + 3 + 2 + 1 + 1 + 1);
  g_assert_cmpuint (FILE_EVENT (file, 1).kind, ==, MEMSCOPE_EVENT_REGION_DEATH);
  g_assert_cmphex (FILE_EVENT (file, 2).address, ==, 0x10000);
  g_assert_cmphex (FILE_EVENT (file, 2).size, ==, 0x2000);
  g_assert_cmphex (FILE_EVENT (file, 3).address, ==, 0x13000);
  g_assert_cmphex (FILE_EVENT (file, 3).size, ==, 0x5000);
  g_assert_cmphex (FILE_EVENT (file, 5).size, ==, 0x1000);
  g_assert_cmpuint (FILE_EVENT (file, 8).kind, ==, MEMSCOPE_EVENT_MALLOC);
}

/* ---- a target that writes over everything --------------------------------------- */

static void
test_damage_closes_one_ring (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  FakeThread good, bad;
  Ring *ring;

  fake_thread_open (&good, fixture->arena, 1);
  fake_thread_open (&bad, fixture->arena, 2);
  put_birth (&bad, 0x10);
  ring = &bad.slot->rings[RING_MAIN];
  memset ((char *)arena_at (fixture->arena, ring->offset) + ring->tail, 0xff, 64);
  ring->tail += 64;
  put_birth (&good, 0x20);
  g_usleep (3000);
  recording_drain (fixture->output->recording, false);
  put_birth (&good, 0x30);
  ring->tail = G_MAXUINT64;
  file = finish (fixture);

  g_assert_cmpuint (file->events->len, ==, 3);
  g_assert_cmpuint (file->gaps->len, ==, 1);
  g_assert_cmpuint (g_array_index (file->gaps, MemscopeGap, 0).reason, ==, MEMSCOPE_GAP_DAMAGED);
  g_assert_cmpuint (fixture->output->warnings->len, ==, 1);
}

/* Random bytes all over the arena, again and again: the collector stays alive and
 * its file stays consistent.
 */
static void
test_survives_random_damage (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (11);

  for (guint run = 0; run < 60; run++)
    {
      ArenaHeader *arena = fake_arena_new (&(ArenaOptions) { .n_small_slots = 3, .n_large_slots = 1, .nodes_capacity = 64,
                                                             .modules_capacity = 4, .text_capacity = 4096 },
                                           __builtin_ia32_rdtsc ());
      MemoryOutput *output = memory_output_new (arena, G_MAXSIZE);
      g_autoptr(RecordingFile) file = NULL;
      FakeThread threads[2];

      atomic_store (&arena->collector_futex, 1);
      for (guint i = 0; i < 2; i++)
        {
          fake_thread_open (&threads[i], arena, i + 1);
          for (guint j = 0; j < 300; j++)
            put_birth (&threads[i], (j + i * 1000) * 16);
        }
      g_usleep (1500);
      if (run % 2 == 0)
        recording_drain (output->recording, false);

      for (guint i = 0; i < 200; i++)
        {
          guint64 at = g_rand_int_range (rand, 0, 3) == 0 ? g_rand_int (rand) % arena_size (&(ArenaOptions) { .n_small_slots = 3, .n_large_slots = 1, .nodes_capacity = 64, .modules_capacity = 4, .text_capacity = 4096 })
                                                          : g_rand_int (rand) % 16384;

          ((guint8 *)arena)[at] = (guint8)g_rand_int (rand);
          if (i % 20 == 0)
            recording_drain (output->recording, false);
        }

      recording_drain (output->recording, true);
      recording_end (output->recording, MEMSCOPE_END_EXIT, 0);
      file = memory_output_read (output);
      g_assert_true (file->has_footer);
      memory_output_free (output);
      arena->size = arena_size (&(ArenaOptions) { .n_small_slots = 3, .n_large_slots = 1, .nodes_capacity = 64,
                                                  .modules_capacity = 4, .text_capacity = 4096 });
      fake_arena_free (arena);
    }
}

/* ---- slots ------------------------------------------------------------------------ */

static void
test_slots_come_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;

  for (guint i = 0; i < 50; i++)
    {
      FakeThread thread;

      fake_thread_open (&thread, fixture->arena, 100 + i);
      put_birth (&thread, 0x1000 + i * 16);
      fake_thread_close (&thread);
      recording_drain (fixture->output->recording, i % 7 == 0);
      g_usleep (1200);
      recording_drain (fixture->output->recording, false);
    }

  file = finish (fixture);
  g_assert_cmpuint (file->events->len, ==, 50);
  g_assert_cmpuint (file->threads->len - 1, ==, 50);
  for (guint i = 1; i <= 50; i++)
    {
      MemscopeThreadEntry *thread = &g_array_index (file->threads, MemscopeThreadEntry, i);
      g_autofree char *name = g_strdup_printf ("thread %u", thread->tid);

      g_assert_cmpuint (thread->end_time, !=, G_MAXUINT64);
      g_assert_cmpstr (file->strings->pdata[thread->name], ==, name);
    }
}

/* A thread that ended without closing its slot is noticed. */
static void
test_slot_of_a_gone_thread_comes_back (Fixture *fixture, gconstpointer data)
{
  FakeThread thread;
  RingSlot *slot;

  fake_thread_open (&thread, fixture->arena, 1);
  slot = thread.slot;
  put_birth (&thread, 0x10);
  fixture->output->all_alive = FALSE;

  for (guint i = 0; i < 500 && atomic_load (&slot->state) != SLOT_FREE; i++)
    {
      g_usleep (10000);
      recording_drain (fixture->output->recording, false);
    }

  g_assert_cmpuint (atomic_load (&slot->state), ==, SLOT_FREE);
  g_assert_cmpuint (recording_get_n_events (fixture->output->recording), ==, 1);
}

/* A realloc begun in a small ring and ended in a large one. */
static void
test_thread_goes_on_in_another_slot (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  FakeThread small, large;

  fake_thread_open (&small, fixture->arena, 1);
  put_birth (&small, 0x40);
  fake_put (&small, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x40 });
  fake_thread_open (&large, fixture->arena, 1);
  atomic_store (&large.slot->thread_serial, atomic_load (&small.slot->thread_serial));
  fake_put (&small, &(Record) { .kind = RECORD_SWITCH, .other = 1 });
  fake_thread_close (&small);
  fake_put (&large, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = 0x80, .size = 1 });
  fake_thread_close (&large);
  file = finish (fixture);

  g_assert_cmpuint (file->threads->len - 1, ==, 1);
  g_assert_cmpuint (file->events->len, ==, 3);
  g_assert_cmpuint (FILE_EVENT (file, 2).ago, ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/merge/stream-is-what-happened", test_stream_is_what_happened);
  g_test_add_func ("/merge/stream-is-what-happened-by-counted-stamps", test_counted_stamps_do_too);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/merge/waits-for-a-thread-in-its-hook", test_waits_for_a_thread_in_its_hook);
  ADD ("/merge/waits-a-tenth-of-a-second", test_waits_a_tenth_of_a_second);
  ADD ("/merge/finds-a-death-that-is-late", test_finds_a_death_that_is_late);
  ADD ("/merge/damage-closes-one-ring", test_damage_closes_one_ring);
  ADD ("/merge/many-die-in-any-order", test_many_die_in_any_order);
  ADD ("/merge/slots-come-back", test_slots_come_back);
  ADD ("/merge/slot-of-a-gone-thread-comes-back", test_slot_of_a_gone_thread_comes_back);
  ADD ("/merge/thread-goes-on-in-another-slot", test_thread_goes_on_in_another_slot);
  ADD ("/ledger/realloc-frees-its-place-early", test_realloc_frees_its_place_early);
  ADD ("/ledger/realloc-in-every-outcome", test_realloc_in_every_outcome);
  ADD ("/ledger/nested-reallocs-pair-up", test_nested_reallocs_pair_up);
  ADD ("/ledger/unseen-death-is-said", test_unseen_death_is_said);
  ADD ("/ledger/regions-are-cut", test_regions_are_cut);
  g_test_add_func ("/merge/survives-random-damage", test_survives_random_damage);

  return g_test_run ();
}

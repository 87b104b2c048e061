/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib.h>
#include <string.h>

#include "fake-recorder.h"
#include "memory-output.h"

typedef struct
{
  ArenaHeader  *arena;
  MemoryOutput *output;
  FakeThread    thread;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->arena = fake_arena_new (&(ArenaOptions) { .n_small_slots = 3, .n_large_slots = 1, .nodes_capacity = 4096 },
                                   __builtin_ia32_rdtsc ());
  fixture->output = memory_output_new (fixture->arena, G_MAXSIZE);
  atomic_store (&fixture->arena->collector_futex, 1);
  fake_thread_open (&fixture->thread, fixture->arena, 77);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  memory_output_free (fixture->output);
  fake_arena_free (fixture->arena);
}

static void
put_birth (Fixture *fixture, guint64 address, guint32 stack)
{
  fake_put (&fixture->thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .address = address,
                                          .size = 24, .stack = stack });
}

static void
put_death (Fixture *fixture, guint64 address)
{
  fake_put (&fixture->thread, &(Record) { .kind = RECORD_DEATH, .address = address });
}

/* Takes everything, without waiting for the margin. */
static void
drain (Fixture *fixture)
{
  recording_drain (fixture->output->recording, true);
}

static RecordingFile *
finish (Fixture *fixture)
{
  drain (fixture);
  recording_end (fixture->output->recording, MEMSCOPE_END_EXIT, 3);

  return memory_output_read (fixture->output);
}

static void
test_empty_recording_is_complete (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = finish (fixture);

  g_assert_cmpuint (file->events->len, ==, 0);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_EXIT);
  g_assert_cmpuint (file->end.status, ==, 3);
  g_assert_cmpuint (file->clock->len, ==, 2);
  g_assert_cmpuint (file->header.session_uuid[0], ==, 1);
  g_assert_cmpuint (file->header.tree_uuid[0], ==, 2);
}

/* Many epochs, and checkpoints that agree with the stream (file-reader.c checks them). */
static void
test_long_stream_has_checkpoints (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  guint64 n = 1500000;

  for (guint64 i = 0; i < n; i++)
    {
      put_birth (fixture, 0x100000 + i * 32 + (i % 50 == 0 ? 8 : 0), 0);
      if (i >= 5000)
        put_death (fixture, 0x100000 + (i - 5000) * 32 + ((i - 5000) % 50 == 0 ? 8 : 0));
      if (i == 7)
        fake_put (&fixture->thread, &(Record) { .kind = RECORD_REGION_BIRTH, .address = 0x7000000000, .size = 0x10000 });
      if (i % 500 == 0)
        drain (fixture);
      /* a slot that is "final" was closed: the thread opens another one */
      if (i % 500 == 0)
        fake_thread_open (&fixture->thread, fixture->arena, 77);
    }

  file = finish (fixture);
  g_assert_cmpuint (file->events->len, ==, 2 * n - 5000 + 1);
  g_assert_cmpuint (file->n_checkpoints, ==, 1);
}

/* Each mark, name and annotation stands where it was made. */
static void
test_words_keep_their_place (Fixture *fixture, gconstpointer data)
{
  static const char name[] = "\xff</script>\0x", type[] = "Vec<u8>";
  g_autoptr(RecordingFile) file = NULL;
  MemscopeAnnotation *annotation;

  put_birth (fixture, 0x10, 0);
  fake_put (&fixture->thread, &(Record) { .kind = RECORD_MARK, .name = (const uint8_t *)"half", .name_length = 4 });
  fake_put (&fixture->thread, &(Record) { .kind = RECORD_ANNOTATION, .function = MEMSCOPE_ANNOTATION_TRACK,
                                          .address = 0x10, .size = 5, .name = (const uint8_t *)name,
                                          .name_length = sizeof name - 1, .type = (const uint8_t *)type,
                                          .type_length = sizeof type - 1 });
  fake_put (&fixture->thread, &(Record) { .kind = RECORD_THREAD_NAME, .name = (const uint8_t *)"worker", .name_length = 6 });
  put_birth (fixture, 0x20, 0);
  file = finish (fixture);

  g_assert_cmpuint (file->marks->len, ==, 1);
  g_assert_cmpuint (g_array_index (file->marks, MemscopeMark, 0).event, ==, 1);
  g_assert_cmpstr (file->strings->pdata[g_array_index (file->marks, MemscopeMark, 0).text], ==, "half");
  g_assert_cmpuint (file->annotations->len, ==, 1);
  annotation = &g_array_index (file->annotations, MemscopeAnnotation, 0);
  g_assert_cmpuint (annotation->event, ==, 1);
  g_assert_cmpuint (annotation->kind, ==, MEMSCOPE_ANNOTATION_TRACK);
  g_assert_cmpmem (file->strings->pdata[annotation->name], sizeof name, name, sizeof name);
  g_assert_cmpstr (file->strings->pdata[annotation->type], ==, type);
  g_assert_cmpstr (file->strings->pdata[g_array_index (file->threads, MemscopeThreadEntry, 1).name], ==, "worker");
}

static void
put_annotation (Fixture *fixture, guint kind, guint64 address, guint64 size, guint64 other)
{
  fake_put (&fixture->thread, &(Record) { .kind = RECORD_ANNOTATION, .function = (uint8_t)kind, .address = address,
                                          .size = size, .other = other });
}

/* Blocks in a pool live beside the block that holds them, at the same address too; a pool
 * that is destroyed leaves none behind, one that is not leaves no trace in the next.
 */
static void
test_pools_have_a_ledger_of_their_own (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  guint n[MEMSCOPE_EVENT_N_KINDS] = { 0 };

  put_birth (fixture, 0x1000, 0);
  put_annotation (fixture, MEMSCOPE_ANNOTATION_POOL_CREATE, 0x1000, 24, 0);
  put_annotation (fixture, ANNOTATION_POOL_ALLOC, 0x1000, 8, 0x1000);
  put_annotation (fixture, ANNOTATION_POOL_ALLOC, 0x100b, 3, 0x1000);
  put_annotation (fixture, ANNOTATION_POOL_FREE, 0x1000, 0, 0x1000);
  put_annotation (fixture, ANNOTATION_POOL_FREE, 0x1000, 0, 0x1000);     /* twice: there is nothing */
  put_annotation (fixture, MEMSCOPE_ANNOTATION_POOL_DESTROY, 0x1000, 0, 0);
  put_annotation (fixture, ANNOTATION_POOL_FREE, 0x100b, 0, 0x1000);     /* died with the pool */
  put_annotation (fixture, MEMSCOPE_ANNOTATION_POOL_CREATE, 0x5000000, 1 << 20, 0);
  for (guint i = 0; i < 100; i++)
    put_annotation (fixture, ANNOTATION_POOL_ALLOC, 0x5000000 + i * 40, 40, 0x5000000);
  put_annotation (fixture, ANNOTATION_POOL_ALLOC, 0x5000000, 40, 0x5000000);   /* again, without a free */
  put_annotation (fixture, MEMSCOPE_ANNOTATION_POOL_DESTROY, 0x5000000, 0, 0);
  put_annotation (fixture, ANNOTATION_POOL_FREE, 0x5000000, 0, 0x5000000);
  put_death (fixture, 0x1000);
  file = finish (fixture);

  for (guint i = 0; i < file->events->len; i++)
    n[FILE_EVENT (file, i).kind]++;

  g_assert_cmpuint (n[MEMSCOPE_EVENT_MALLOC], ==, 1);
  g_assert_cmpuint (n[MEMSCOPE_EVENT_FREE], ==, 1);
  g_assert_cmpuint (n[MEMSCOPE_EVENT_POOL], ==, 103);
  g_assert_cmpuint (n[MEMSCOPE_EVENT_POOL_DEATH], ==, 1);
  g_assert_cmpuint (file->events->len, ==, 106);
  g_assert_cmpuint (file->end.unmatched_frees, ==, 0);
  g_assert_cmpuint (file->annotations->len, ==, 4);
}

static void
test_gaps_are_said (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;
  guint64 begin = fake_stamp (fixture->arena);

  g_usleep (2000);
  fake_put (&fixture->thread, &(Record) { .kind = RECORD_GAP, .function = MEMSCOPE_GAP_RING_FULL, .begin_stamp = begin,
                                          .stamp = fake_stamp (fixture->arena), .other = 12, .bytes_lost = 3456 });
  atomic_store (&fixture->thread.slot->lost_events, 5);
  atomic_store (&fixture->arena->slots_refused, 9);
  file = finish (fixture);

  g_assert_cmpuint (file->gaps->len, ==, 3);
  g_assert_cmpuint (g_array_index (file->gaps, MemscopeGap, 0).events, ==, 12);
  g_assert_cmpuint (g_array_index (file->gaps, MemscopeGap, 0).bytes, ==, 3456);
  g_assert_cmpuint (g_array_index (file->gaps, MemscopeGap, 0).end - g_array_index (file->gaps, MemscopeGap, 0).begin,
                    >=, 1900);
  g_assert_cmpuint (g_array_index (file->gaps, MemscopeGap, 1).events, ==, 5);
  g_assert_cmpuint (g_array_index (file->gaps, MemscopeGap, 2).events, ==, 9);
}

/* ---- stacks ------------------------------------------------------------------ */

static void
test_stacks_and_frames_are_shared (Fixture *fixture, gconstpointer data)
{
  static const guint64 deep[] = { 0x1010, 0x1020, 0x9030 }, cut[] = { 0, 0x1020 };
  g_autoptr(RecordingFile) file = NULL;
  guint32 node = fake_stack (fixture->arena, deep, 3), truncated;
  MemscopeStackEntry *stack;
  MemscopeFrameEntry *frame;

  fake_module (fixture->arena, "/usr/lib/libtest.so", 0x1000, 0x2000, 0xf00);
  put_birth (fixture, 0x10, node);
  put_birth (fixture, 0x20, node);
  put_birth (fixture, 0x30, node - 1);
  drain (fixture);
  truncated = fake_stack (fixture->arena, cut, 2);
  fake_thread_open (&fixture->thread, fixture->arena, 77);
  put_birth (fixture, 0x40, truncated);
  put_birth (fixture, 0x50, 4096 + 1);
  file = finish (fixture);

  g_assert_cmpuint (file->modules->len - 1, ==, 1);
  g_assert_cmpstr (file->strings->pdata[g_array_index (file->modules, MemscopeModuleEntry, 1).path], ==, "/usr/lib/libtest.so");
  g_assert_cmpuint (file->stacks->len - 1, ==, 5);
  g_assert_cmpuint (file->frames->len - 1, ==, 3);
  g_assert_cmpuint (FILE_EVENT (file, 0).stack, ==, FILE_EVENT (file, 1).stack);

  stack = &g_array_index (file->stacks, MemscopeStackEntry, FILE_EVENT (file, 0).stack);
  frame = &g_array_index (file->frames, MemscopeFrameEntry, stack->frame);
  g_assert_cmpuint (stack->parent, ==, FILE_EVENT (file, 2).stack);
  g_assert_cmpuint (frame->module, ==, 0);
  g_assert_cmphex (frame->offset, ==, 0x9030);

  stack = &g_array_index (file->stacks, MemscopeStackEntry, stack->parent);
  frame = &g_array_index (file->frames, MemscopeFrameEntry, stack->frame);
  g_assert_cmpuint (frame->module, ==, 1);
  g_assert_cmphex (frame->offset, ==, 0x120);
  g_assert_cmpuint (frame->flags, ==, MEMSCOPE_FRAME_RETURN_ADDRESS);

  stack = &g_array_index (file->stacks, MemscopeStackEntry, FILE_EVENT (file, 3).stack);
  stack = &g_array_index (file->stacks, MemscopeStackEntry, stack->parent);
  g_assert_cmpuint (stack->parent, ==, 0);
  g_assert_cmpuint (stack->frame, ==, 0);
  g_assert_cmpuint (file->end.truncated_stacks, ==, 1);
  g_assert_cmpuint (FILE_EVENT (file, 4).stack, ==, 0);
}

/* The address says one thing before dlclose and another after the next dlopen. */
static void
test_modules_follow_each_other_at_one_address (Fixture *fixture, gconstpointer data)
{
  static const guint64 here[] = { 0x1010 };
  g_autoptr(RecordingFile) file = NULL;
  ModuleRecord *records = arena_at (fixture->arena, fixture->arena->modules_offset);
  guint32 before, after;

  before = fake_stack (fixture->arena, here, 1);
  fake_module (fixture->arena, "/a.so", 0x1000, 0x2000, 0);
  put_birth (fixture, 0x10, before);
  g_usleep (1000);
  atomic_store (&records[0].unload_stamp, fake_stamp (fixture->arena));
  fake_module (fixture->arena, "/b.so", 0x1000, 0x2000, 0);
  after = fake_stack (fixture->arena, here, 1);
  put_birth (fixture, 0x20, after);
  file = finish (fixture);

  for (guint i = 0; i < 2; i++)
    {
      MemscopeStackEntry *stack = &g_array_index (file->stacks, MemscopeStackEntry, FILE_EVENT (file, i).stack);
      MemscopeFrameEntry *frame = &g_array_index (file->frames, MemscopeFrameEntry, stack->frame);
      MemscopeModuleEntry *module = &g_array_index (file->modules, MemscopeModuleEntry, frame->module);

      g_assert_cmpstr (file->strings->pdata[module->path], ==, i == 0 ? "/a.so" : "/b.so");
      g_assert_cmpint (module->unload_time == G_MAXUINT64, ==, i == 1);
    }
}

/* Parents that lead forwards or around, and a depth without end. */
static void
test_damaged_stacks_end (Fixture *fixture, gconstpointer data)
{
  static const guint64 one[] = { 0x1010, 0x1020 };
  g_autoptr(RecordingFile) file = NULL;
  guint32 node = fake_stack (fixture->arena, one, 2);

  arena_node (fixture->arena, node - 1)->parent = node;
  put_birth (fixture, 0x10, node);
  put_birth (fixture, 0x20, G_MAXUINT32);
  file = finish (fixture);

  g_assert_cmpuint (file->events->len, ==, 2);
  g_assert_cmpuint (file->end.truncated_stacks, ==, 1);
}

/* ---- forks --------------------------------------------------------------------- */

static void
test_child_knows_what_it_inherited (Fixture *fixture, gconstpointer data)
{
  ArenaHeader *arena = fake_arena_new (&(ArenaOptions) { .n_small_slots = 2, .n_large_slots = 1, .nodes_capacity = 16 },
                                       __builtin_ia32_rdtsc ());
  MemoryOutput *child = memory_output_new (arena, G_MAXSIZE);
  g_autoptr(RecordingFile) file = NULL;
  guint64 fork_stamp;
  FakeThread thread;

  put_birth (fixture, 0x10, 0);
  put_birth (fixture, 0x20, 0);
  put_birth (fixture, 0x30, 0);
  fork_stamp = fake_stamp (fixture->arena);
  put_death (fixture, 0x10);

  recording_set_limit (fixture->output->recording, fork_stamp);
  drain (fixture);
  g_assert_true (recording_reached_limit (fixture->output->recording));
  g_assert_cmpuint (recording_get_n_events (fixture->output->recording), ==, 3);
  g_assert_true (recording_inherit (child->recording, recording_get_live (fixture->output->recording), G_MAXSIZE));
  recording_set_limit (fixture->output->recording, G_MAXUINT64);
  drain (fixture);
  g_assert_cmpuint (recording_get_n_events (fixture->output->recording), ==, 4);

  atomic_store (&arena->collector_futex, 1);
  fake_thread_open (&thread, arena, 1);
  fake_put (&thread, &(Record) { .kind = RECORD_DEATH, .address = 0x10 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = 0x20 });
  fake_put (&thread, &(Record) { .kind = RECORD_MOVE_END, .function = MOVE_MOVED, .address = 0x50, .size = 9 });
  fake_put (&thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC, .address = 0x10, .size = 1 });
  fake_put (&thread, &(Record) { .kind = RECORD_DEATH, .address = 0x60 });
  recording_drain (child->recording, true);
  recording_end (child->recording, MEMSCOPE_END_EXIT, 0);
  file = memory_output_read (child);

  g_assert_cmpuint (file->events->len, ==, 7);
  g_assert_cmpuint (FILE_EVENT (file, 0).kind, ==, MEMSCOPE_EVENT_INHERITED);
  g_assert_cmpuint (FILE_EVENT (file, 0).size, ==, 24);
  g_assert_cmpuint (FILE_EVENT (file, 1).kind, ==, MEMSCOPE_EVENT_FREE);
  g_assert_cmpuint (FILE_EVENT (file, 2).kind, ==, MEMSCOPE_EVENT_INHERITED);
  g_assert_cmpuint (FILE_EVENT (file, 3).kind, ==, MEMSCOPE_EVENT_REALLOC_DEATH);
  g_assert_cmpuint (FILE_EVENT (file, 4).kind, ==, MEMSCOPE_EVENT_REALLOC);
  g_assert_cmpuint (FILE_EVENT (file, 4).ago, ==, 1);
  g_assert_cmpuint (FILE_EVENT (file, 5).kind, ==, MEMSCOPE_EVENT_MALLOC);
  g_assert_cmpuint (FILE_EVENT (file, 6).kind, ==, MEMSCOPE_EVENT_FREE_UNKNOWN);

  memory_output_free (child);
  fake_arena_free (arena);
}

/* ---- ends ----------------------------------------------------------------------- */

/* Whatever the size of the disk, what fits is a complete file with its end. */
static void
test_full_disk_leaves_a_complete_file (Fixture *fixture, gconstpointer data)
{
  for (gsize room = 40000; room < 140000; room += 777)
    {
      ArenaHeader *arena = fake_arena_new (&(ArenaOptions) { .n_small_slots = 2, .n_large_slots = 1, .nodes_capacity = 16 },
                                           __builtin_ia32_rdtsc ());
      MemoryOutput *output = memory_output_new (arena, room);
      g_autoptr(RecordingFile) file = NULL;
      g_autoptr(GRand) rand = g_rand_new_with_seed (room);
      FakeThread thread;

      g_assert_nonnull (output->recording);
      atomic_store (&arena->collector_futex, 1);
      fake_thread_open (&thread, arena, 1);
      for (guint i = 0; i < 30000 && !recording_has_failed (output->recording); i++)
        {
          fake_put (&thread, &(Record) { .kind = RECORD_BIRTH, .function = MEMSCOPE_EVENT_MALLOC,
                                         .address = g_rand_int (rand) & ~15u, .size = g_rand_int (rand) });
          if (i % 1000 == 999)
            {
              recording_drain (output->recording, true);
              recording_flush (output->recording);
              if (!recording_has_failed (output->recording))
                fake_thread_open (&thread, arena, 1);
            }
        }

      g_assert_true (recording_has_failed (output->recording));
      g_assert_false (atomic_load (&arena->flags) & ARENA_ENABLED);
      recording_end (output->recording, MEMSCOPE_END_STOPPED, 0);
      file = memory_output_read (output);
      g_assert_true (file->has_footer);
      g_assert_cmpuint (file->end.reason, ==, MEMSCOPE_END_STOPPED);
      g_assert_cmpuint (output->bytes->len, <=, room);

      memory_output_free (output);
      fake_arena_free (arena);
    }
}

/* What is 200 ms old is in the file, without anybody asking for it. */
static void
test_young_events_do_not_wait_long (Fixture *fixture, gconstpointer data)
{
  g_autoptr(RecordingFile) file = NULL;

  put_birth (fixture, 0x10, 0);
  for (guint i = 0; i < 50; i++)
    {
      g_usleep (5000);
      recording_drain (fixture->output->recording, false);
    }

  file = memory_output_read (fixture->output);
  g_assert_cmpuint (file->events->len, ==, 1);
  g_assert_false (file->has_end);
}

/* An idle program's file does not grow. */
static void
test_idle_writes_nothing (Fixture *fixture, gconstpointer data)
{
  guint length;

  for (guint i = 0; i < 5; i++)
    {
      recording_drain (fixture->output->recording, false);
      g_usleep (50000);
    }

  length = fixture->output->bytes->len;
  for (guint i = 0; i < 60; i++)
    {
      recording_drain (fixture->output->recording, false);
      g_usleep (20000);
    }

  g_assert_cmpuint (fixture->output->bytes->len, ==, length);
}

static void
test_refuses_an_arena_that_contradicts_itself (void)
{
  ArenaHeader *arena = fake_arena_new (&(ArenaOptions) { .n_small_slots = 2, .n_large_slots = 1, .nodes_capacity = 16 }, 1);
  MemoryOutput *output;

  arena_slot (arena, 1)->rings[RING_MAIN].offset = arena->size - 4096;
  output = memory_output_new (arena, G_MAXSIZE);
  g_assert_null (output->recording);
  memory_output_free (output);
  fake_arena_free (arena);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/recording/empty-recording-is-complete", test_empty_recording_is_complete);
  ADD ("/recording/long-stream-has-checkpoints", test_long_stream_has_checkpoints);
  ADD ("/recording/words-keep-their-place", test_words_keep_their_place);
  ADD ("/recording/pools-have-a-ledger-of-their-own", test_pools_have_a_ledger_of_their_own);
  ADD ("/recording/gaps-are-said", test_gaps_are_said);
  ADD ("/recording/child-knows-what-it-inherited", test_child_knows_what_it_inherited);
  ADD ("/recording/full-disk-leaves-a-complete-file", test_full_disk_leaves_a_complete_file);
  ADD ("/recording/young-events-do-not-wait-long", test_young_events_do_not_wait_long);
  ADD ("/recording/idle-writes-nothing", test_idle_writes_nothing);
  ADD ("/dictionary/stacks-and-frames-are-shared", test_stacks_and_frames_are_shared);
  ADD ("/dictionary/modules-follow-each-other-at-one-address", test_modules_follow_each_other_at_one_address);
  ADD ("/dictionary/damaged-stacks-end", test_damaged_stacks_end);
  g_test_add_func ("/recording/refuses-an-arena-that-contradicts-itself", test_refuses_an_arena_that_contradicts_itself);

  return g_test_run ();
}

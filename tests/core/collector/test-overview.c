/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the collector counts while it writes is what a reader finds in the events. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <zstd.h>

#include "fake-recorder.h"
#include "memory-output.h"
#include "memscope-loader.h"
#include "memscope-session-private.h"
#include "memscope-summary.h"

#define N_THREADS 3
#define N_PLACES  4000
#define N_STEPS   300000

typedef struct
{
  ArenaHeader  *arena;
  MemoryOutput *output;
  FakeThread    threads[N_THREADS];
  guint32       stacks[20];
  guint32       sizes[N_PLACES];      /* + 1; 0: nothing lives there */
} Program;

static guint
any (guint n)
{
  return (guint)g_test_rand_int_range (0, (gint32)n);
}

static guint64
address_of (guint place)
{
  return 0x100000 + place * G_GUINT64_CONSTANT (0x10000) + (place % 7 == 0 ? 8 : 0);
}

static void
be_born (Program *self,
         guint    place)
{
  self->sizes[place] = 1 + (any (30) == 0 ? any (60000) : any (300));
  fake_put (&self->threads[any (N_THREADS)], &(Record) {
    .kind = RECORD_BIRTH, .function = any (8) == 0 ? MEMSCOPE_EVENT_CALLOC : MEMSCOPE_EVENT_MALLOC,
    .address = address_of (place), .size = self->sizes[place] - 1, .stack = self->stacks[any (G_N_ELEMENTS (self->stacks))],
    .rounding = any (5) == 0 ? MEMSCOPE_USABLE_UNKNOWN : any (50) });
}

static void
move (Program *self,
      guint    place)
{
  FakeThread *thread = &self->threads[any (N_THREADS)];
  guint to = any (N_PLACES);
  gboolean fails = any (4) == 0 || self->sizes[to] != 0;

  fake_put (thread, &(Record) { .kind = RECORD_MOVE_BEGIN, .address = address_of (place), .stack = self->stacks[0] });
  fake_put (thread, &(Record) { .kind = RECORD_MOVE_END, .function = fails ? MOVE_FAILED : MOVE_MOVED,
                                .address = address_of (to), .size = 700, .stack = self->stacks[1], .rounding = 4 });
  if (!fails)
    {
      self->sizes[place] = 0;
      self->sizes[to] = 701;
    }
}

static void
step (Program *self)
{
  guint place = any (4) == 0 ? any (N_PLACES) : any (N_PLACES / 50);
  guint what = any (1000);

  if (what < 5)
    fake_put (&self->threads[0], &(Record) { .kind = RECORD_REGION_BIRTH, .address = 0x7000000000 + any (9) * 0x8000, .size = 0x10000 });
  else if (what < 10)
    fake_put (&self->threads[0], &(Record) { .kind = RECORD_DEATH, .address = 0x42 });
  else if (self->sizes[place] == 0 || what < 13)   /* or on top of one whose death nobody saw */
    be_born (self, place);
  else if (what < 60)
    move (self, place);
  else
    {
      fake_put (&self->threads[any (N_THREADS)], &(Record) { .kind = RECORD_DEATH, .address = address_of (place) });
      self->sizes[place] = 0;
    }
}

static void
open_threads (Program *self)
{
  for (guint i = 0; i < N_THREADS; i++)
    fake_thread_open (&self->threads[i], self->arena, 70 + i);
}

static void
run (Program *self)
{
  self->arena = fake_arena_new (&(ArenaOptions) { .n_small_slots = 6, .n_large_slots = 3, .nodes_capacity = 4096 },
                                __builtin_ia32_rdtsc ());
  self->output = memory_output_new (self->arena, G_MAXSIZE);
  atomic_store (&self->arena->collector_futex, 1);

  for (guint i = 0; i < G_N_ELEMENTS (self->stacks); i++)
    {
      guint64 addresses[] = { 0x400000, 0x400100 + i / 4 * 16, 0x400800 + i * 16 };

      self->stacks[i] = fake_stack (self->arena, addresses, G_N_ELEMENTS (addresses));
    }

  for (guint i = 0; i < N_STEPS; i++)
    {
      /* a slot that is "final" was closed: the threads open others */
      if (i % 400 == 0)
        {
          recording_drain (self->output->recording, true);
          open_threads (self);
        }
      step (self);
    }

  recording_drain (self->output->recording, true);
  recording_end (self->output->recording, MEMSCOPE_END_EXIT, 0);
}

static void
assert_same_summaries (const MemscopeSummary *told,
                       const MemscopeSummary *counted)
{
  g_assert_cmpuint (told->total_allocations, ==, counted->total_allocations);
  g_assert_cmpuint (told->total_bytes, ==, counted->total_bytes);
  g_assert_cmpuint (told->total_frees, ==, counted->total_frees);
  g_assert_cmpuint (told->freed_bytes, ==, counted->freed_bytes);
  g_assert_cmpuint (told->temporary_allocations, ==, counted->temporary_allocations);
  g_assert_cmpuint (told->reallocations, ==, counted->reallocations);
  g_assert_cmpuint (told->unmatched_frees, ==, counted->unmatched_frees);
  g_assert_cmpuint (told->failed_allocations, ==, counted->failed_allocations);
  g_assert_cmpuint (told->active_allocations, ==, counted->active_allocations);
  g_assert_cmpuint (told->active_bytes, ==, counted->active_bytes);
  g_assert_cmpuint (told->usable_bytes, ==, counted->usable_bytes);
  g_assert_true (told->efficiency == counted->efficiency);
  g_assert_cmpuint (told->peak_bytes, ==, counted->peak_bytes);
  g_assert_cmpuint (told->peak_time, ==, counted->peak_time);
  g_assert_cmpuint (told->peak_allocations, ==, counted->peak_allocations);
  g_assert_cmpuint (told->leaked_allocations, ==, counted->leaked_allocations);
  g_assert_cmpuint (told->leaked_bytes, ==, counted->leaked_bytes);
  g_assert_cmpuint (told->lifetime_min, ==, counted->lifetime_min);
  g_assert_cmpuint (told->lifetime_median, ==, counted->lifetime_median);
  g_assert_cmpuint (told->lifetime_p90, ==, counted->lifetime_p90);
  g_assert_cmpuint (told->lifetime_max, ==, counted->lifetime_max);
  g_assert_true (told->allocation_rate == counted->allocation_rate);
  g_assert_cmpuint (told->n_threads, ==, counted->n_threads);
  g_assert_cmpuint (told->n_variables, ==, counted->n_variables);
  g_assert_cmpuint (told->n_call_sites, ==, counted->n_call_sites);
}

static void
assert_same (MemscopeSession *outline,
             MemscopeSession *whole)
{
  g_autoptr(MemscopeSelection) of_outline = memscope_selection_new_all (outline);
  g_autoptr(MemscopeSelection) of_whole = memscope_selection_new_all (whole);
  g_autoptr(MemscopeSummary) told = memscope_summary_new (outline, of_outline, NULL, NULL);
  g_autoptr(MemscopeSummary) counted = memscope_summary_new (whole, of_whole, NULL, NULL);

  g_assert_true (memscope_session_get_complete (outline));
  g_assert_true (memscope_session_get_process_ended (outline));
  g_assert_cmpuint (memscope_session_get_n_events (outline), ==, memscope_session_get_n_events (whole));
  g_assert_cmpuint (memscope_session_get_duration (outline), ==, memscope_session_get_duration (whole));
  g_assert_cmpuint (memscope_session_get_time_origin (outline), ==, memscope_session_get_time_origin (whole));
  g_assert_cmpuint (memscope_session_get_n_stacks (outline), ==, memscope_session_get_n_stacks (whole));
  g_assert_cmpuint (memscope_session_get_n_threads (outline), ==, memscope_session_get_n_threads (whole));
  g_assert_cmpstrv ((char **)memscope_session_get_warnings (outline), (char **)memscope_session_get_warnings (whole));
  assert_same_summaries (told, counted);
}

static size_t
compress (void       *data,
          void       *out,
          size_t      capacity,
          const void *raw,
          size_t      raw_size)
{
  return ZSTD_compress (out, capacity, raw, raw_size, 1);
}

static void
compress_index (GByteArray *bytes)
{
  MemscopeTrailer trailer;
  MemscopeChunkHead head;
  MemscopeBuffer footer;
  const guint8 *at;

  g_assert_true (memscope_trailer_read (bytes->data, bytes->len, &trailer));
  at = bytes->data + trailer.footer_offset;
  g_assert_cmpint (memscope_chunk_read (at, bytes->len - (gsize)trailer.footer_offset, &head), ==, MEMSCOPE_CHUNK_OK);

  memscope_buffer_init_malloc (&footer);
  memscope_chunk_compress (&footer, &head, at + sizeof head, head.raw_size, MEMSCOPE_CODEC_ZSTD, compress, NULL);
  g_assert_cmpuint (footer.length, <, sizeof head + head.raw_size);

  g_byte_array_set_size (bytes, (guint)trailer.footer_offset);
  g_byte_array_append (bytes, footer.data, (guint)footer.length);
  memscope_trailer_seal (&trailer, trailer.footer_offset, bytes->len + sizeof trailer);
  g_byte_array_append (bytes, (const guint8 *)&trailer, sizeof trailer);
  memscope_buffer_clear (&footer);
}

static void
test_totals_are_those_of_the_events (void)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-overview-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "made.memscope", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(MemscopeSession) outline = NULL;
  g_autoptr(MemscopeSession) whole = NULL;
  g_autoptr(GError) error = NULL;
  Program program = { 0 };

  run (&program);
  g_assert_cmpuint (program.output->bytes->len, >, 1024 * 1024);
  g_file_set_contents (path, (const char *)program.output->bytes->data, program.output->bytes->len, &error);
  g_assert_no_error (error);

  outline = memscope_load_outline (file);
  g_assert_nonnull (outline);
  g_assert_cmpuint (memscope_session_get_n_blocks (outline), ==, 0);
  whole = memscope_load_file (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (memscope_session_get_n_blocks (whole), >, N_STEPS / 5);
  assert_same (outline, whole);

  /* who adds symbols writes the index anew, compressed */
  compress_index (program.output->bytes);
  g_clear_object (&outline);
  g_file_set_contents (path, (const char *)program.output->bytes->data, program.output->bytes->len, &error);
  outline = memscope_load_outline (file);
  g_assert_nonnull (outline);
  assert_same (outline, whole);

  /* one that is cut, even in its trailer, has none */
  g_file_set_contents (path, (const char *)program.output->bytes->data, program.output->bytes->len - 1, &error);
  g_assert_null (memscope_load_outline (file));

  memory_output_free (program.output);
  fake_arena_free (program.arena);
  g_file_delete (file, NULL, NULL);
  g_rmdir (folder);
}

/* What is read is checked: each chunk, the index, the trailer. */
static void
test_damage_is_not_told (void)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-overview-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "made.memscope", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  Program program = { 0 };
  guint8 *bytes;
  guint length;

  run (&program);
  bytes = program.output->bytes->data;
  length = program.output->bytes->len;

  for (guint i = 0; i < 60; i++)
    {
      guint at = length - 1 - any (i < 30 ? 2000 : length);
      guint8 bit = (guint8)(1u << any (8));
      g_autoptr(MemscopeSession) outline = NULL;

      bytes[at] ^= bit;
      g_assert_true (g_file_set_contents (path, (const char *)bytes, length, NULL));
      outline = memscope_load_outline (file);
      bytes[at] ^= bit;
      if (i < 30)
        g_assert_null (outline);
    }

  memory_output_free (program.output);
  fake_arena_free (program.arena);
  g_file_delete (file, NULL, NULL);
  g_rmdir (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/overview/totals-are-those-of-the-events", test_totals_are_those_of_the_events);
  g_test_add_func ("/overview/damage-is-not-told", test_damage_is_not_told);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What comes in bulk, by several threads, makes the same session as the same events one by one. */

#include <string.h>

#include "memscope-session-builder.h"
#include "memscope-session-private.h"

#define N_ROUNDS 40

typedef struct
{
  GArray  *events;       /* MemscopeEvent */
  GArray  *runs;         /* MemscopeEventRun, events not set */
  GArray  *marks;        /* MemscopeMark */
  gboolean any_twice;    /* a block dies twice */
} Stream;

static guint
any (guint n)
{
  return (guint)g_test_rand_int_range (0, (gint32)n);
}

static void
stream_clear (Stream *self)
{
  g_array_unref (self->events);
  g_array_unref (self->runs);
  g_array_unref (self->marks);
}

static void
add_birth (Stream  *self,
           guint64  time,
           guint64  births,
           GArray  *alive)
{
  static const guint8 kinds[] = { MEMSCOPE_EVENT_MALLOC, MEMSCOPE_EVENT_CALLOC, MEMSCOPE_EVENT_ALIGNED, MEMSCOPE_EVENT_REGION,
                                  MEMSCOPE_EVENT_INHERITED, MEMSCOPE_EVENT_REALLOC };
  MemscopeEvent event = {
    .time = time, .kind = kinds[any (3) != 0 ? 0 : any (G_N_ELEMENTS (kinds))], .thread = any (4), .stack = any (9),
    .address = 0x1000 + births * 0x40 + any (2), .size = any (400) == 0 ? G_GUINT64_CONSTANT (0xffffffff) + any (3) : any (4000),
    .rounding = any (3) == 0 ? MEMSCOPE_USABLE_UNKNOWN : any (40), .alignment_log2 = any (4) == 0 ? (guint8)any (12) : 0,
  };

  if (event.kind == MEMSCOPE_EVENT_REALLOC && births > 0)
    event.ago = 1 + any ((guint)MIN (births, 1000));
  g_array_append_val (alive, births);
  g_array_append_val (self->events, event);
}

static void
add_death (Stream   *self,
           guint64   time,
           guint64   births,
           GArray   *alive,
           gboolean  twice)
{
  static const guint8 kinds[] = { MEMSCOPE_EVENT_FREE, MEMSCOPE_EVENT_REALLOC_DEATH, MEMSCOPE_EVENT_LOST_DEATH, MEMSCOPE_EVENT_REGION_DEATH };
  guint at = any (3) == 0 ? any (alive->len) : alive->len - 1 - any (MIN (alive->len, 5));
  MemscopeEvent event = { .time = time, .kind = kinds[any (4) != 0 ? 0 : any (G_N_ELEMENTS (kinds))], .thread = any (4), .stack = any (9) };

  event.ago = births - g_array_index (alive, guint64, at);
  if (twice && any (30) == 0)
    self->any_twice = TRUE;
  else
    g_array_remove_index_fast (alive, at);
  g_array_append_val (self->events, event);
}

/* @lost: now and then a chunk is missing from the file. */
static void
stream_init (Stream   *self,
             guint     n_events,
             gboolean  twice,
             gboolean  lost)
{
  g_autoptr(GArray) alive = g_array_new (FALSE, FALSE, sizeof (guint64));
  MemscopeEventRun run = { 0 };
  guint64 time = 0;
  guint64 births = 0;
  guint64 position = 0;
  guint left = any (900);

  *self = (Stream) { g_array_new (FALSE, FALSE, sizeof (MemscopeEvent)), g_array_new (FALSE, FALSE, sizeof (MemscopeEventRun)),
                     g_array_new (FALSE, FALSE, sizeof (MemscopeMark)), FALSE };

  for (guint i = 0; i < n_events; i++, position++)
    {
      time += any (3) == 0 ? any (4) : any (200) == 0 ? any (100000) : 0;

      if (any (100) == 0)
        {
          MemscopeMark mark = { .time = time, .event = position, .thread = any (4), .text = 1 };

          g_array_append_val (self->marks, mark);
        }

      if (any (60) == 0)
        {
          MemscopeEvent event = { .time = time, .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .address = 0x8, .thread = 1, .stack = 2 };

          g_array_append_val (self->events, event);
        }
      else if (alive->len == 0 || any (100) < 53)
        {
          add_birth (self, time, births++, alive);
          run.n_births++;
        }
      else
        {
          add_death (self, time, births, alive, twice);
        }
      run.n_events++;

      if (left-- == 0 || i + 1 == n_events)
        {
          if (lost && any (4) == 0)
            g_array_set_size (self->events, self->events->len - run.n_events);
          else
            g_array_append_val (self->runs, run);
          run = (MemscopeEventRun) { .first_event = position + 1, .first_birth = births };
          left = any (900);
        }
    }
}

static MemscopeSessionBuilder *
begin (const Stream *stream)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("bulk");

  memscope_session_builder_add_string (builder, 1, "text", 4);
  for (guint i = 1; i < 9; i++)
    {
      MemscopeFrameEntry frame = { .offset = i * 16 };
      MemscopeStackEntry stack = { .parent = i / 2, .frame = i };

      memscope_session_builder_add_frame (builder, i, &frame);
      memscope_session_builder_add_stack (builder, i, &stack);
    }
  for (guint i = 1; i < 4; i++)
    {
      MemscopeThreadEntry thread = { .id = i, .tid = 10 + i, .end_time = G_MAXUINT64 };

      memscope_session_builder_add_thread (builder, &thread);
    }
  for (guint i = 0; i < stream->marks->len; i++)
    memscope_session_builder_add_mark (builder, &g_array_index (stream->marks, MemscopeMark, i));

  return builder;
}

/* @group: runs at a time; 0: event by event */
static MemscopeSession *
build (const Stream *stream,
       guint         group,
       guint         n_threads)
{
  MemscopeSessionBuilder *builder = begin (stream);
  const MemscopeEvent *events = (gconstpointer)stream->events->data;
  g_autofree MemscopeEventRun *runs = g_memdup2 (stream->runs->data, stream->runs->len * sizeof *runs);

  memscope_session_builder_set_accounted (builder, group != 0);
  for (guint i = 0; i < stream->runs->len; i++)
    {
      runs[i].events = events;
      events += runs[i].n_events;
    }

  for (guint i = 0; group != 0 && i < stream->runs->len; i += group)
    memscope_session_builder_add_runs (builder, &runs[i], MIN (group, stream->runs->len - i), n_threads);

  for (guint i = 0; group == 0 && i < stream->runs->len; i++)
    {
      memscope_session_builder_seek (builder, runs[i].first_event, runs[i].first_birth);
      memscope_session_builder_add_events (builder, runs[i].events, runs[i].n_events);
    }

  return memscope_session_builder_finish (builder);
}

static void
assert_same_rows (MemscopeSession *a,
                  MemscopeSession *b,
                  gboolean         positions_too)
{
  g_assert_cmpuint (memscope_session_get_n_blocks (a), ==, memscope_session_get_n_blocks (b));

  for (guint64 row = 0; row < memscope_session_get_n_blocks (a); row++)
    {
      MemscopeBlock x, y;

      memset (&x, 0, sizeof x);
      memset (&y, 0, sizeof y);
      memscope_session_get_block (a, row, &x);
      memscope_session_get_block (b, row, &y);
      if (!positions_too)
        x.birth_event = y.birth_event = x.death_event = y.death_event = 0;

      g_assert_cmpuint (x.birth_event, ==, y.birth_event);
      g_assert_cmpuint (x.death_event, ==, y.death_event);
      g_assert_cmpuint (x.death_time, ==, y.death_time);
      g_assert_true (x.address == y.address && x.size == y.size && x.birth_time == y.birth_time && x.rounding == y.rounding &&
                     x.thread == y.thread && x.death_thread == y.death_thread && x.stack == y.stack &&
                     x.death_stack == y.death_stack && x.previous == y.previous && x.parent == y.parent &&
                     x.origin == y.origin && x.function == y.function && x.death == y.death && x.flags == y.flags &&
                     x.alignment_log2 == y.alignment_log2);
    }
}

/* The tape says what the rows say. */
static void
assert_right_tape (MemscopeSession *session)
{
  MemscopeTape *tape = memscope_session_get_tape (session);
  guint64 n = tape != NULL ? memscope_tape_get_n (tape) : 0;
  g_autofree guint8 *seen = g_new0 (guint8, MAX (n, 1));
  g_autofree guint64 *times = g_new0 (guint64, MAX (n, 1));

  if (memscope_session_get_n_blocks (session) == 0)
    return;

  g_assert_nonnull (tape);
  memscope_tape_get_times (tape, 0, (guint)n, times);

  for (guint64 row = 0; row < memscope_session_get_n_blocks (session); row++)
    {
      MemscopeBlock block;

      memscope_session_get_block (session, row, &block);
      for (guint death = 0; death < 2; death++)
        {
          guint64 event = death ? block.death_event : block.birth_event;
          MemscopeTapeSite site;
          MemscopeTapeRun run;

          if (event == MEMSCOPE_NEVER)
            continue;

          g_assert_cmpuint (event, <, n);
          memscope_tape_get_run (tape, event, n, &run);
          memscope_tape_get_site (tape, run.site[0] & ~MEMSCOPE_TAPE_DEATH, &site);
          g_assert_cmpuint (run.site[0] >> 31, ==, death);
          g_assert_cmpuint (site.thread, ==, block.thread);
          g_assert_cmpuint (site.stack, ==, block.stack);
          g_assert_cmpuint (site.origin, ==, block.origin);
          g_assert_cmpuint (site.flags, ==, block.flags);
          g_assert_cmpuint (memscope_tape_get_size (tape, event), ==, block.size);
          g_assert_cmpuint (times[event], ==, death ? block.death_time : block.birth_time);
          g_assert_cmpuint (memscope_tape_get_time (tape, event), ==, times[event]);
          seen[event]++;
        }
    }

  for (guint64 event = 0; event < n; event++)
    {
      MemscopeTapeRun run;

      memscope_tape_get_run (tape, event, n, &run);
      g_assert_cmpuint (seen[event], ==, run.site[0] != 0);
      g_assert_true (event == 0 || times[event] >= times[event - 1]);
      g_assert_cmpuint (times[memscope_tape_find (tape, n, times[event])], ==, times[event]);
    }
}

static void
check (guint    n_events,
       gboolean twice,
       gboolean lost)
{
  Stream stream;
  g_autoptr(MemscopeSession) one_by_one = NULL;
  g_autoptr(MemscopeSession) bulk = NULL;
  guint n;

  stream_init (&stream, n_events, twice, lost);
  one_by_one = build (&stream, 0, 1);
  bulk = build (&stream, 1 + any (9), 1 + any (5));

  assert_same_rows (bulk, one_by_one, !stream.any_twice);
  assert_right_tape (one_by_one);
  assert_right_tape (bulk);
  g_assert_cmpuint (memscope_session_get_n_events (bulk), ==, memscope_session_get_n_events (one_by_one));
  g_assert_cmpuint (memscope_session_get_unmatched_frees (bulk), ==, memscope_session_get_unmatched_frees (one_by_one));
  g_assert_cmpuint (memscope_session_get_duration (bulk), ==, memscope_session_get_duration (one_by_one));
  g_assert_true (memscope_session_has_deaths (bulk) == memscope_session_has_deaths (one_by_one));
  g_assert_cmpuint (memscope_session_get_n_threads (bulk), ==, memscope_session_get_n_threads (one_by_one));
  g_assert_cmpstrv ((char **)memscope_session_get_warnings (bulk), (char **)memscope_session_get_warnings (one_by_one));

  memscope_session_get_marks (bulk, &n);
  g_assert_cmpuint (n, ==, stream.marks->len);
  for (guint i = 0; i < n && !stream.any_twice; i++)
    g_assert_cmpuint (memscope_session_get_marks (bulk, &n)[i].event, ==, memscope_session_get_marks (one_by_one, &n)[i].event);

  stream_clear (&stream);
}

static void
test_small_streams (void)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    check (any (3000), FALSE, FALSE);
}

static void
test_large_stream (void)
{
  check (400000, FALSE, FALSE);
}

static void
test_lost_chunks (void)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    check (any (6000), FALSE, TRUE);
}

static void
test_first_of_two_deaths_counts (void)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    check (any (6000), TRUE, FALSE);
}

/* An annotation that lies in a run: that run and all after it go the other way, and the live blocks are known there. */
static void
test_annotations_after_bulk (void)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      Stream stream;
      MemscopeSessionBuilder *builders[2];
      g_autoptr(MemscopeSession) one_by_one = NULL;
      g_autoptr(MemscopeSession) bulk = NULL;
      MemscopeAnnotation annotation = { .kind = MEMSCOPE_ANNOTATION_TRACK, .thread = 1, .size = 5, .name = 1 };
      const MemscopeEvent *events;
      guint64 n = 0;

      stream_init (&stream, 4000, FALSE, FALSE);
      annotation.event = any (4000);
      annotation.address = 0x1000 + any (1000) * 0x40;

      for (guint k = 0; k < 2; k++)
        {
          builders[k] = begin (&stream);
          memscope_session_builder_add_annotation (builders[k], &annotation);
        }
      memscope_session_builder_set_accounted (builders[1], TRUE);

      events = (gconstpointer)stream.events->data;
      for (guint k = 0; k < stream.runs->len; k++)
        {
          MemscopeEventRun run = g_array_index (stream.runs, MemscopeEventRun, k);

          run.events = events + n;
          n += run.n_events;
          memscope_session_builder_add_events (builders[0], run.events, run.n_events);
          memscope_session_builder_add_runs (builders[1], &run, 1, 3);
        }

      one_by_one = memscope_session_builder_finish (builders[0]);
      bulk = memscope_session_builder_finish (builders[1]);
      assert_same_rows (bulk, one_by_one, TRUE);
      for (guint64 row = 0; row < memscope_session_get_n_blocks (bulk); row++)
        {
          MemscopeBlock x, y;

          memscope_session_get_block (bulk, row, &x);
          memscope_session_get_block (one_by_one, row, &y);
          g_assert_cmpuint (x.variable, ==, y.variable);
        }
      stream_clear (&stream);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bulk/small-streams", test_small_streams);
  g_test_add_func ("/bulk/a-large-stream", test_large_stream);
  g_test_add_func ("/bulk/lost-chunks", test_lost_chunks);
  g_test_add_func ("/bulk/the-first-of-two-deaths-counts", test_first_of_two_deaths_counts);
  g_test_add_func ("/bulk/annotations-after-it", test_annotations_after_bulk);

  return g_test_run ();
}

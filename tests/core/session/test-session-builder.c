/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-session-builder.h"
#include "memscope-session-private.h"

#include <string.h>

/* ---- a stream, as a reader would give it ------------------------------------------- */

static void
add (MemscopeSessionBuilder *builder,
     MemscopeEvent           event)
{
  memscope_session_builder_add_events (builder, &event, 1);
}

static void
birth (MemscopeSessionBuilder *builder,
       guint8                  kind,
       guint64                 time,
       guint64                 address,
       guint64                 size)
{
  add (builder, (MemscopeEvent) { .kind = kind, .time = time, .address = address, .size = size, .thread = 1,
                                  .rounding = MEMSCOPE_USABLE_UNKNOWN });
}

static void
death (MemscopeSessionBuilder *builder,
       guint8                  kind,
       guint64                 time,
       guint64                 ago)
{
  add (builder, (MemscopeEvent) { .kind = kind, .time = time, .ago = ago, .thread = 2 });
}

static void
annotate (MemscopeSessionBuilder *builder,
          guint32                 kind,
          guint64                 event,
          guint64                 time,
          guint64                 address,
          guint64                 size,
          guint32                 name)
{
  MemscopeAnnotation annotation = { .kind = kind, .event = event, .time = time, .address = address, .size = size,
                                    .name = name, .thread = 1 };

  memscope_session_builder_add_annotation (builder, &annotation);
}

static MemscopeBlock
block (MemscopeSession *session,
       guint64          row)
{
  MemscopeBlock got;

  memscope_session_get_block (session, row, &got);

  return got;
}

static char *
variable_name (MemscopeSession *session,
               guint64          row)
{
  MemscopeVariable variable = { 0 };

  memscope_session_get_variable (session, block (session, row).variable, &variable);

  return memscope_session_dup_display_string (session, variable.name);
}

/* Every row's positions are its own, and a birth comes before its death. */
static void
assert_positions (MemscopeSession *session)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint64 last_birth = 0;

  for (guint64 row = 0; row < memscope_session_get_n_blocks (session); row++)
    {
      MemscopeBlock got = block (session, row);

      g_assert_true (g_hash_table_add (seen, GSIZE_TO_POINTER (got.birth_event + 1)));
      g_assert_true (row == 0 || got.birth_event > last_birth);
      last_birth = got.birth_event;
      g_assert_cmpuint (got.birth_event, <, memscope_session_get_n_events (session));

      if (got.death == MEMSCOPE_DEATH_NONE)
        {
          g_assert_cmpuint (got.death_time, ==, MEMSCOPE_NEVER);
          g_assert_cmpuint (got.death_event, ==, MEMSCOPE_NEVER);
          continue;
        }

      g_assert_true (g_hash_table_add (seen, GSIZE_TO_POINTER (got.death_event + 1)));
      g_assert_cmpuint (got.death_event, >, got.birth_event);
      g_assert_cmpuint (got.death_event, <, memscope_session_get_n_events (session));
      g_assert_cmpuint (got.death_time, >=, got.birth_time);
    }
}

static MemscopeSession *
finish (MemscopeSessionBuilder *builder)
{
  MemscopeSession *session = memscope_session_builder_finish (builder);

  assert_positions (session);

  return session;
}

/* ---- births and deaths ------------------------------------------------------------------ */

static void
test_deaths_by_index (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeBlock got;

  birth (builder, MEMSCOPE_EVENT_MALLOC, 10, 0x1000, 100);
  birth (builder, MEMSCOPE_EVENT_CALLOC, 11, 0x2000, 200);
  death (builder, MEMSCOPE_EVENT_FREE, 12, 2);
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 2);
  g_assert_cmpuint (memscope_session_get_n_events (session), ==, 3);
  g_assert_true (memscope_session_has_deaths (session));
  got = block (session, 0);
  g_assert_cmpuint (got.birth_time, ==, 10000);
  g_assert_cmpuint (got.death_time, ==, 12000);
  g_assert_cmpuint (got.death, ==, MEMSCOPE_DEATH_FREE);
  g_assert_cmpuint (got.origin, ==, MEMSCOPE_ORIGIN_HEAP);
  g_assert_cmpuint (got.function, ==, MEMSCOPE_FUNCTION_MALLOC);
  g_assert_cmpuint (got.rounding, ==, G_MAXUINT32);
  g_assert_cmpuint (got.thread, !=, got.death_thread);
  g_assert_cmpuint (block (session, 1).death, ==, MEMSCOPE_DEATH_NONE);
  g_assert_cmpuint (memscope_session_get_duration (session), ==, 12000);
  g_assert_null (memscope_session_get_warnings (session)[0]);
}

static void
test_realloc_chain_is_linked_and_keeps_its_name (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *name = NULL;

  memscope_session_builder_add_string (builder, 1, "buffer", 6);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 1, 1, 0x1000, 100, 1);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 100);
  death (builder, MEMSCOPE_EVENT_REALLOC_DEATH, 2, 1);
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_REALLOC, .time = 3, .address = 0x3000, .size = 300, .ago = 1, .thread = 1 });
  death (builder, MEMSCOPE_EVENT_REALLOC_DEATH, 4, 1);
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_REALLOC, .time = 5, .address = 0x3000, .size = 500, .ago = 1, .thread = 1 });
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 3);
  g_assert_cmpuint (block (session, 0).death, ==, MEMSCOPE_DEATH_REALLOC);
  g_assert_cmpuint (block (session, 1).previous, ==, 1);
  g_assert_cmpuint (block (session, 2).previous, ==, 2);
  g_assert_cmpuint (block (session, 2).size, ==, 500);
  g_assert_cmpuint (block (session, 2).death, ==, MEMSCOPE_DEATH_NONE);
  name = variable_name (session, 2);
  g_assert_cmpstr (name, ==, "buffer");
}

static void
test_unknown_frees_are_counted (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;

  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 100);
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .time = 2, .address = 0x9000 });
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_REALLOC_UNKNOWN, .time = 2, .address = 0x9100 });
  /* by address, although it is known: as good as by index */
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .time = 3, .address = 0x1000 });
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_unmatched_frees (session), ==, 2);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 1);
  g_assert_cmpuint (block (session, 0).death, ==, MEMSCOPE_DEATH_FREE);
  g_assert_cmpuint (block (session, 0).death_time, ==, 3000);
}

static void
test_birth_on_a_live_address_ends_the_old_block (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;

  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 100);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 5, 0x1000, 50);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 6, 0x2000, 50);
  death (builder, MEMSCOPE_EVENT_LOST_DEATH, 7, 1);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 7, 0x2000, 60);
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 4);
  g_assert_cmpuint (block (session, 0).death, ==, MEMSCOPE_DEATH_UNSEEN);
  g_assert_cmpuint (block (session, 0).death_time, ==, 5000);
  g_assert_cmpuint (block (session, 1).death, ==, MEMSCOPE_DEATH_NONE);
  g_assert_cmpuint (block (session, 2).death, ==, MEMSCOPE_DEATH_UNSEEN);
  g_assert_cmpuint (block (session, 3).death, ==, MEMSCOPE_DEATH_NONE);
}

static void
test_a_block_ends_once (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;

  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 100);
  death (builder, MEMSCOPE_EVENT_FREE, 2, 1);
  death (builder, MEMSCOPE_EVENT_FREE, 3, 1);
  death (builder, MEMSCOPE_EVENT_FREE, 4, 2);
  death (builder, MEMSCOPE_EVENT_FREE, 4, 0);
  death (builder, MEMSCOPE_EVENT_FREE, 4, G_MAXUINT64);
  session = finish (builder);

  g_assert_cmpuint (block (session, 0).death_time, ==, 2000);
  g_assert_cmpuint (memscope_session_get_unmatched_frees (session), ==, 0);
  g_assert_cmpuint (g_strv_length ((char **)memscope_session_get_warnings (session)), ==, 2);
}

static void
test_time_never_runs_backwards (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;

  birth (builder, MEMSCOPE_EVENT_MALLOC, 100, 0x1000, 1);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 50, 0x2000, 1);
  death (builder, MEMSCOPE_EVENT_FREE, 10, 1);
  birth (builder, MEMSCOPE_EVENT_MALLOC, G_MAXUINT64, 0x3000, 1);
  session = finish (builder);

  g_assert_cmpuint (block (session, 1).birth_time, ==, 100000);
  g_assert_cmpuint (block (session, 1).death_time, ==, 100000);
  g_assert_cmpuint (block (session, 2).birth_time, ==, MEMSCOPE_NEVER - 2);
}

static void
test_lost_chunk_leaves_a_hole (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;

  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 1);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 0x2000, 2);
  memscope_session_builder_seek (builder, 12, 9);      /* births 2 … 8 are gone */
  birth (builder, MEMSCOPE_EVENT_MALLOC, 5, 0x9000, 9);
  death (builder, MEMSCOPE_EVENT_FREE, 6, 1);           /* birth 9 */
  death (builder, MEMSCOPE_EVENT_FREE, 7, 3);           /* birth 7: lost */
  death (builder, MEMSCOPE_EVENT_FREE, 8, 9);           /* birth 1 */
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 3);
  g_assert_cmpuint (block (session, 0).death, ==, MEMSCOPE_DEATH_NONE);
  g_assert_cmpuint (block (session, 1).death_time, ==, 8000);
  g_assert_cmpuint (block (session, 2).death_time, ==, 6000);
  g_assert_cmpuint (memscope_session_get_unmatched_frees (session), ==, 0);
  g_assert_cmpuint (g_strv_length ((char **)memscope_session_get_warnings (session)), ==, 1);
}

static void
test_inherited_blocks_are_marked (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;

  birth (builder, MEMSCOPE_EVENT_INHERITED, 0, 0x1000, 100);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x2000, 100);
  death (builder, MEMSCOPE_EVENT_FREE, 2, 2);
  session = finish (builder);

  g_assert_cmpuint (block (session, 0).flags, ==, MEMSCOPE_BLOCK_INHERITED);
  g_assert_cmpuint (block (session, 0).death, ==, MEMSCOPE_DEATH_FREE);
  g_assert_cmpuint (block (session, 1).flags, ==, 0);
}

/* munmap of the middle: the region ends, its two rests begin. */
static void
test_partial_unmaps_leave_rests (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeBlock got;

  birth (builder, MEMSCOPE_EVENT_REGION, 1, 0x10000, 0x4000);
  death (builder, MEMSCOPE_EVENT_REGION_DEATH, 2, 1);
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_REGION, .time = 2, .address = 0x10000, .size = 0x1000, .ago = 1 });
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_REGION, .time = 2, .address = 0x12000, .size = 0x2000, .ago = 2 });
  death (builder, MEMSCOPE_EVENT_REGION_DEATH, 3, 2);
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 3);
  g_assert_cmpuint (block (session, 0).death, ==, MEMSCOPE_DEATH_FREE);
  got = block (session, 1);
  g_assert_cmpuint (got.origin, ==, MEMSCOPE_ORIGIN_REGION);
  g_assert_cmpuint (got.function, ==, MEMSCOPE_FUNCTION_MMAP);
  g_assert_cmpuint (got.previous, ==, 1);
  g_assert_cmpuint (got.death_time, ==, 3000);
  got = block (session, 2);
  g_assert_cmpuint (got.previous, ==, 1);
  g_assert_cmpuint (got.death, ==, MEMSCOPE_DEATH_NONE);
}

/* ---- pools -------------------------------------------------------------------------------- */

static void
test_pool_blocks_end_with_what_holds_them (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;

  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x10000, 0x1000);
  birth (builder, MEMSCOPE_EVENT_POOL, 2, 0x10100, 16);
  birth (builder, MEMSCOPE_EVENT_POOL, 3, 0x10200, 16);
  birth (builder, MEMSCOPE_EVENT_POOL, 3, 0x90000, 16);
  death (builder, MEMSCOPE_EVENT_POOL_DEATH, 4, 3);
  death (builder, MEMSCOPE_EVENT_FREE, 5, 4);
  session = finish (builder);

  g_assert_cmpuint (block (session, 1).parent, ==, 1);
  g_assert_cmpuint (block (session, 2).parent, ==, 1);
  g_assert_cmpuint (block (session, 3).parent, ==, 0);
  g_assert_cmpuint (block (session, 1).death, ==, MEMSCOPE_DEATH_FREE);
  g_assert_cmpuint (block (session, 1).death_time, ==, 4000);
  g_assert_cmpuint (block (session, 2).death, ==, MEMSCOPE_DEATH_WITH_PARENT);
  g_assert_cmpuint (block (session, 2).death_time, ==, 5000);
  g_assert_cmpuint (block (session, 3).death, ==, MEMSCOPE_DEATH_NONE);
}

/* Two pools whose memory one region holds, the inner in a block of the outer's kind. */
static void
test_pools_nest_and_are_destroyed (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *name = NULL;

  memscope_session_builder_add_string (builder, 1, "arena", 5);
  memscope_session_builder_add_string (builder, 2, "static pool", 11);
  annotate (builder, MEMSCOPE_ANNOTATION_POOL_CREATE, 2, 2, 0x20100, 0x800, 1);      /* inside the heap block */
  annotate (builder, MEMSCOPE_ANNOTATION_POOL_CREATE, 2, 2, 0x500000, 0x1000, 2);    /* nobody's memory */
  annotate (builder, MEMSCOPE_ANNOTATION_POOL_DESTROY, 5, 9, 0x20100, 0, 0);
  annotate (builder, MEMSCOPE_ANNOTATION_POOL_DESTROY, 5, 10, 0x500000, 0, 0);
  birth (builder, MEMSCOPE_EVENT_REGION, 1, 0x20000, 0x10000);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x20100, 0x1000);
  birth (builder, MEMSCOPE_EVENT_POOL, 3, 0x20200, 16);
  birth (builder, MEMSCOPE_EVENT_POOL, 4, 0x500010, 16);
  birth (builder, MEMSCOPE_EVENT_POOL, 4, 0x28000, 16);
  session = finish (builder);

  /* rows: region, malloc, api pool, child of malloc, child of the api pool, child of the region */
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 6);
  g_assert_cmpuint (block (session, 2).origin, ==, MEMSCOPE_ORIGIN_API);
  g_assert_cmpuint (block (session, 2).size, ==, 0x1000);
  g_assert_cmpuint (block (session, 3).parent, ==, 2);
  g_assert_cmpuint (block (session, 4).parent, ==, 3);
  g_assert_cmpuint (block (session, 5).parent, ==, 1);
  g_assert_cmpuint (block (session, 3).death, ==, MEMSCOPE_DEATH_WITH_PARENT);
  g_assert_cmpuint (block (session, 3).death_time, ==, 9000);
  g_assert_cmpuint (block (session, 4).death, ==, MEMSCOPE_DEATH_WITH_PARENT);
  g_assert_cmpuint (block (session, 2).death, ==, MEMSCOPE_DEATH_FREE);
  g_assert_cmpuint (block (session, 1).death, ==, MEMSCOPE_DEATH_NONE);
  g_assert_cmpuint (block (session, 5).death, ==, MEMSCOPE_DEATH_NONE);
  name = variable_name (session, 1);
  g_assert_cmpstr (name, ==, "arena");
}

/* ---- the explicit API ------------------------------------------------------------------------ */

static void
test_track_names_a_recorded_block (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *exact = NULL;
  g_autofree char *interior = NULL;
  const guint64 *rows;
  guint n;

  memscope_session_builder_add_string (builder, 1, "exact", 5);
  memscope_session_builder_add_string (builder, 2, "interior", 8);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 2, 3, 0x1000, 100, 1);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 2, 3, 0x2010, 8, 2);
  annotate (builder, MEMSCOPE_ANNOTATION_UNTRACK, 2, 4, 0x1000, 0, 0);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 100);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 0x2000, 100);
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 2);
  g_assert_cmpuint (memscope_session_get_n_events (session), ==, 2);
  exact = variable_name (session, 0);
  interior = variable_name (session, 1);
  g_assert_cmpstr (exact, ==, "exact");
  g_assert_cmpstr (interior, ==, "interior");
  g_assert_cmpuint (block (session, 0).death, ==, MEMSCOPE_DEATH_NONE);   /* untrack ends only what track began */
  g_assert_cmpuint (block (session, 0).size, ==, 100);

  rows = memscope_session_get_annotation_rows (session, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (rows[0], ==, 1);
  g_assert_cmpuint (rows[1], ==, 2);
  g_assert_cmpuint (rows[2], ==, 1);
}

static void
test_track_begins_a_block_elsewhere (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeBlock got;

  memscope_session_builder_add_string (builder, 1, "on the stack", 12);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 0, 1, 0x7ffc1000, 64, 1);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 0, 2, 0x7ffc1010, 8, 1);     /* a member of it */
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 0, 3, 0x7ffc2000, 8, 1);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 0, 4, 0x7ffc2000, 8, 1);     /* again, without an untrack */
  annotate (builder, MEMSCOPE_ANNOTATION_UNTRACK, 0, 5, 0x7ffc1000, 0, 0);
  annotate (builder, MEMSCOPE_ANNOTATION_UNTRACK, 0, 6, 0x7ffc9999, 0, 0);   /* never tracked */
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 4);
  got = block (session, 0);
  g_assert_cmpuint (got.origin, ==, MEMSCOPE_ORIGIN_API);
  g_assert_cmpuint (got.birth_time, ==, 1000);
  g_assert_cmpuint (got.death, ==, MEMSCOPE_DEATH_FREE);
  g_assert_cmpuint (got.death_time, ==, 5000);
  g_assert_cmpuint (got.parent, ==, 0);
  g_assert_cmpuint (block (session, 1).parent, ==, 1);
  g_assert_cmpuint (block (session, 2).death, ==, MEMSCOPE_DEATH_UNSEEN);
  g_assert_cmpuint (block (session, 3).death, ==, MEMSCOPE_DEATH_NONE);
  g_assert_cmpuint (memscope_session_get_unmatched_frees (session), ==, 0);
}

/* The same call means different things before, during and after the block's life. */
static void
test_annotations_are_applied_in_their_place (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *name = NULL;

  memscope_session_builder_add_string (builder, 1, "before", 6);
  memscope_session_builder_add_string (builder, 2, "during", 6);
  memscope_session_builder_add_string (builder, 3, "after", 5);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 2, 4, 0x1008, 8, 3);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 0, 0, 0x1008, 8, 1);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 1, 2, 0x1008, 8, 2);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 100);
  death (builder, MEMSCOPE_EVENT_FREE, 3, 1);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 5, 0x2000, 100);
  death (builder, MEMSCOPE_EVENT_FREE, 6, 1);
  session = finish (builder);

  /* rows: api "before", heap "during", api "after", heap */
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 4);
  g_assert_cmpuint (block (session, 0).origin, ==, MEMSCOPE_ORIGIN_API);
  g_assert_cmpuint (block (session, 1).origin, ==, MEMSCOPE_ORIGIN_HEAP);
  g_assert_cmpuint (block (session, 2).origin, ==, MEMSCOPE_ORIGIN_API);
  name = variable_name (session, 1);
  g_assert_cmpstr (name, ==, "during");
  g_assert_cmpuint (block (session, 1).death_time, ==, 3000);
  /* deaths by index still meet their rows, although api rows lie between */
  g_assert_cmpuint (block (session, 3).death_time, ==, 6000);
}

static void
test_marks_keep_their_place (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeMark mark = { .time = 2, .event = 1, .text = 1 };
  const MemscopeMark *marks;
  guint n;

  memscope_session_builder_add_string (builder, 1, "loaded", 6);
  annotate (builder, MEMSCOPE_ANNOTATION_TRACK, 0, 0, 0x500000, 8, 1);
  memscope_session_builder_add_mark (builder, &mark);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 100);
  birth (builder, MEMSCOPE_EVENT_MALLOC, 3, 0x2000, 100);
  session = finish (builder);

  marks = memscope_session_get_marks (session, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (marks[0].event, ==, 2);    /* the api block and the first malloc are before it */
  g_assert_cmpstr (memscope_session_get_string (session, marks[0].text, NULL), ==, "loaded");
}

/* ---- dictionaries --------------------------------------------------------------------------- */

static guint64
add_frame (MemscopeSessionBuilder *builder,
           guint64                 id,
           guint32                 module,
           guint64                 offset)
{
  MemscopeFrameEntry frame = { .module = module, .offset = offset };

  memscope_session_builder_add_frame (builder, id, &frame);

  return id;
}

static void
add_stack (MemscopeSessionBuilder *builder,
           guint64                 id,
           guint32                 parent,
           guint32                 frame)
{
  MemscopeStackEntry stack = { parent, frame };

  memscope_session_builder_add_stack (builder, id, &stack);
}

static void
add_module (MemscopeSessionBuilder *builder,
            guint64                 id,
            guint32                 path)
{
  static const guint8 build_id[] = { 1, 2, 3 };
  MemscopeModuleEntry module = { .path = path, .build_id = build_id, .build_id_length = sizeof build_id };

  memscope_session_builder_add_module (builder, id, &module);
}

static void
add_program (MemscopeSessionBuilder *builder)
{
  memscope_session_builder_add_string (builder, 1, "/usr/bin/program", 16);
  memscope_session_builder_add_string (builder, 2, "/usr/lib/libc.so.6", 18);
  memscope_session_builder_add_string (builder, 3, "main", 4);
  memscope_session_builder_add_string (builder, 4, "xmalloc", 7);
  memscope_session_builder_add_string (builder, 5, "/src/program.c", 14);
  add_module (builder, 1, 1);
  add_module (builder, 2, 2);
  add_frame (builder, 1, 1, 0x100);     /* main */
  add_frame (builder, 2, 1, 0x200);     /* xmalloc */
  add_frame (builder, 3, 2, 0x300);     /* in libc */
  add_stack (builder, 1, 0, 1);
  add_stack (builder, 2, 1, 2);
  add_stack (builder, 3, 2, 3);         /* libc ← xmalloc ← main */
  add_stack (builder, 4, 0, 3);         /* libc alone */
}

static void
malloc_with_stack (MemscopeSessionBuilder *builder,
                   guint32                 stack)
{
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_MALLOC, .time = 1, .address = 0x1000 * stack, .size = 8,
                                  .thread = 1, .stack = stack });
}

static char *
site_name (MemscopeSession *session,
           guint64          row)
{
  MemscopeVariable variable = { 0 };

  memscope_session_get_variable (session, memscope_session_get_site_variable (session, block (session, row).stack), &variable);
  g_assert_cmpuint (variable.source, ==, MEMSCOPE_NAME_SITE);

  return memscope_session_dup_display_string (session, variable.name);
}

static void
test_call_site_without_symbols_is_outside_libc (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  add_program (builder);
  malloc_with_stack (builder, 3);
  malloc_with_stack (builder, 4);
  session = finish (builder);

  first = site_name (session, 0);
  second = site_name (session, 1);
  g_assert_cmpstr (first, ==, "program+0x200");
  g_assert_cmpstr (second, ==, "libc.so.6+0x300");
}

static void
test_symbols_move_the_call_site (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  MemscopeSymbolEntry main_symbol = { .function = 3, .file = 5, .line = 88 };
  MemscopeSymbolEntry wrapper = { .function = 4, .file = 5, .line = 12 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *label = NULL;

  add_program (builder);
  malloc_with_stack (builder, 3);
  memscope_session_builder_update (builder);
  before = site_name (memscope_session_builder_get_session (builder), 0);
  g_assert_cmpstr (before, ==, "program+0x200");

  memscope_session_builder_add_symbols (builder, 1, &main_symbol, 1);
  memscope_session_builder_add_symbols (builder, 2, &wrapper, 1);
  memscope_session_builder_add_symbols (builder, 77, &wrapper, 1);   /* no such frame */
  session = finish (builder);

  after = site_name (session, 0);
  g_assert_cmpstr (after, ==, "main:88");
  label = memscope_session_dup_frame_label (session, memscope_session_get_call_site (session, block (session, 0).stack));
  g_assert_cmpstr (label, ==, "main · program.c:88");
}

static void
test_inlined_wrappers_do_not_name_a_frame (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  MemscopeSymbolEntry inlined[] = { { .function = 4, .line = 5 }, { .function = 3, .line = 99 } };
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *name = NULL;

  add_program (builder);
  memscope_session_builder_add_symbols (builder, 2, inlined, 2);
  malloc_with_stack (builder, 3);
  session = finish (builder);

  name = site_name (session, 0);
  g_assert_cmpstr (name, ==, "main:99");
}

static void
test_missing_entries_read_as_not_recorded (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeStackId parent = 1;
  MemscopeFrameId frame = 1;
  g_autofree char *label = NULL;

  add_stack (builder, 5, 4, 9);       /* neither parent nor frame exist */
  malloc_with_stack (builder, 5);
  malloc_with_stack (builder, 6);     /* no such stack */
  session = finish (builder);

  g_assert_true (memscope_session_get_stack_node (session, block (session, 0).stack, &parent, &frame));
  g_assert_cmpuint (frame, ==, 0);
  g_assert_cmpuint (parent, !=, 0);
  g_assert_true (memscope_session_get_stack_node (session, parent, &parent, &frame));
  g_assert_cmpuint (parent, ==, 0);
  g_assert_cmpuint (frame, ==, 0);
  g_assert_cmpuint (block (session, 1).stack, ==, 0);
  g_assert_cmpuint (memscope_session_get_call_site (session, 0), ==, 0);
  g_assert_cmpuint (memscope_session_get_call_site (session, 12345), ==, 0);
  label = memscope_session_dup_frame_label (session, 12345);
  g_assert_cmpstr (label, ==, "not recorded");
}

static void
test_files_of_one_recording_are_unified (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  MemscopeThreadEntry thread = { .id = 1, .tid = 4711, .start_time = 5, .end_time = G_MAXUINT64 };
  g_autoptr(MemscopeSession) session = NULL;

  add_program (builder);
  memscope_session_builder_add_thread (builder, &thread);
  malloc_with_stack (builder, 3);
  memscope_session_builder_begin_file (builder);
  add_program (builder);
  thread.id = 7;
  memscope_session_builder_add_thread (builder, &thread);
  add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_MALLOC, .time = 9, .address = 0x9000, .size = 8, .thread = 7, .stack = 3 });
  death (builder, MEMSCOPE_EVENT_FREE, 10, 1);
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_modules (session), ==, 2);
  g_assert_cmpuint (memscope_session_get_n_stacks (session), ==, 4);
  g_assert_cmpuint (block (session, 0).stack, ==, block (session, 1).stack);
  g_assert_cmpuint (block (session, 0).thread, ==, block (session, 1).thread);
  g_assert_cmpuint (block (session, 0).death, ==, MEMSCOPE_DEATH_NONE);
  g_assert_cmpuint (block (session, 1).death, ==, MEMSCOPE_DEATH_FREE);
}

static void
test_thread_labels (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  MemscopeThreadEntry named = { .id = 1, .tid = 4127, .name = 1, .end_time = G_MAXUINT64 };
  MemscopeThreadEntry plain = { .id = 2, .tid = 4128, .end_time = 9 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *none = NULL;
  MemscopeThread thread;

  memscope_session_builder_add_string (builder, 1, "worker-1", 8);
  memscope_session_builder_add_thread (builder, &named);
  memscope_session_builder_add_thread (builder, &plain);
  session = finish (builder);

  first = memscope_session_dup_thread_label (session, 1);
  second = memscope_session_dup_thread_label (session, 2);
  none = memscope_session_dup_thread_label (session, 3);
  g_assert_cmpstr (first, ==, "worker-1 (4127)");
  g_assert_cmpstr (second, ==, "thread 4128");
  g_assert_cmpstr (none, ==, "not recorded");
  g_assert_true (memscope_session_get_thread (session, 2, &thread));
  g_assert_cmpuint (thread.end_time, ==, 9000);
  g_assert_true (memscope_session_get_thread (session, 1, &thread));
  g_assert_cmpuint (thread.end_time, ==, MEMSCOPE_NEVER);
}

/* ---- rows, facts, warnings ---------------------------------------------------------------------- */

static void
test_batches_hold_every_row (void)
{
  enum { N = MEMSCOPE_SEGMENT_ROWS * 2 + 77 };
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  guint64 n = 0;

  for (guint i = 0; i < N; i++)
    {
      birth (builder, MEMSCOPE_EVENT_MALLOC, i, 0x10000 + i * 16, i);
      if (i % 3 == 2)
        death (builder, MEMSCOPE_EVENT_FREE, i, 2);
    }
  session = finish (builder);

  g_assert_cmpuint (memscope_session_get_n_batches (session), ==, 3);
  for (guint b = 0; b < 3; b++)
    {
      MemscopeBatch batch;

      memscope_session_get_batch (session, b, &batch);
      g_assert_cmpuint (batch.first_row, ==, n);
      g_assert_null (batch.parent);
      for (guint i = 0; i < batch.n_rows; i++, n++)
        {
          g_assert_cmpuint (batch.size[i], ==, n);
          g_assert_cmpuint (batch.birth_time[i], ==, n * 1000);
          g_assert_cmpuint (memscope_batch_death (&batch, i), ==, n % 3 == 1 ? MEMSCOPE_DEATH_FREE : MEMSCOPE_DEATH_NONE);
          g_assert_cmpuint (memscope_batch_origin (&batch, i), ==, MEMSCOPE_ORIGIN_HEAP);
        }
    }
  g_assert_cmpuint (n, ==, N);
}

/* A reader's batch stays as it was while the session grows. */
static void
test_batches_stay_while_a_session_grows (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
  g_autoptr(MemscopeSession) session = NULL;
  const MemscopeThread *threads;
  MemscopeBatch batch;
  guint n;

  birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 0x1000, 11);
  memscope_session_get_batch (memscope_session_builder_get_session (builder), 0, &batch);
  threads = memscope_session_get_threads (memscope_session_builder_get_session (builder), &n);
  g_assert_cmpuint (n, ==, 2);

  for (guint i = 2; i < MEMSCOPE_SEGMENT_ROWS * 18; i++)
    add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_MALLOC, .time = i, .address = i * 0x100, .size = i, .thread = i % 5000 });

  g_assert_cmpuint (batch.n_rows, ==, 1);
  g_assert_cmpuint (batch.size[0], ==, 11);
  g_assert_cmpuint (threads[1].end_time, ==, MEMSCOPE_NEVER);
  session = finish (builder);
}

static void
test_facts_and_warnings (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("evil\xe2\x80\xae.memscope");
  g_autoptr(MemscopeSession) session = NULL;
  gsize length;

  memscope_session_builder_add_fact (builder, "command", "ls\0-l", 5);
  memscope_session_builder_add_fact (builder, "cwd", NULL, 0);
  for (guint i = 0; i < 300; i++)
    memscope_session_builder_add_warning (builder, "sentence %u", i / 2);
  session = finish (builder);

  g_assert_cmpmem (memscope_session_get_fact (session, "command", &length), length, "ls\0-l", 5);
  g_assert_cmpstr (memscope_session_get_fact (session, "cwd", &length), ==, "");
  g_assert_cmpuint (length, ==, 0);
  g_assert_null (memscope_session_get_fact (session, "host", &length));
  g_assert_cmpuint (g_strv_length ((char **)memscope_session_get_warnings (session)), ==, 101);
  g_assert_cmpstr (memscope_session_get_label (session), ==, "evil\\u{202e}.memscope");
}

/* Whatever the events are, the result is a session whose rows are sound. */
static void
test_any_events_make_a_session (void)
{
  for (guint round = 0; round < 30; round++)
    {
      MemscopeSessionBuilder *builder = memscope_session_builder_new ("x");
      g_autoptr(MemscopeSession) session = NULL;

      for (guint i = 0; i < 3000; i++)
        {
          guint64 address = 0x1000 + (guint64)g_test_rand_int_range (0, 200) * 24;
          guint64 size = (guint64)g_test_rand_int_range (0, 100);
          guint64 event = (guint64)g_test_rand_int_range (0, 4000);

          if (g_test_rand_int_range (0, 5) == 0)
            annotate (builder, (guint32)g_test_rand_int_range (0, 14), event, event, address, size, (guint32)g_test_rand_int_range (0, 3));
          else if (g_test_rand_int_range (0, 500) == 0)
            memscope_session_builder_seek (builder, event, event);
          else
            add (builder, (MemscopeEvent) {
              .kind = (guint8)g_test_rand_int_range (0, MEMSCOPE_EVENT_N_KINDS + 1), .time = event, .address = address,
              .size = size, .ago = (guint64)g_test_rand_int_range (0, 30), .thread = (guint32)g_test_rand_int_range (0, 4),
            });
        }

      session = finish (builder);
      g_assert_cmpuint (memscope_session_get_n_blocks (session), >, 100);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session-builder/deaths-by-index", test_deaths_by_index);
  g_test_add_func ("/session-builder/realloc-chain-is-linked-and-keeps-its-name", test_realloc_chain_is_linked_and_keeps_its_name);
  g_test_add_func ("/session-builder/unknown-frees-are-counted", test_unknown_frees_are_counted);
  g_test_add_func ("/session-builder/birth-on-a-live-address-ends-the-old-block", test_birth_on_a_live_address_ends_the_old_block);
  g_test_add_func ("/session-builder/a-block-ends-once", test_a_block_ends_once);
  g_test_add_func ("/session-builder/time-never-runs-backwards", test_time_never_runs_backwards);
  g_test_add_func ("/session-builder/lost-chunk-leaves-a-hole", test_lost_chunk_leaves_a_hole);
  g_test_add_func ("/session-builder/inherited-blocks-are-marked", test_inherited_blocks_are_marked);
  g_test_add_func ("/session-builder/partial-unmaps-leave-rests", test_partial_unmaps_leave_rests);
  g_test_add_func ("/session-builder/pool-blocks-end-with-what-holds-them", test_pool_blocks_end_with_what_holds_them);
  g_test_add_func ("/session-builder/pools-nest-and-are-destroyed", test_pools_nest_and_are_destroyed);
  g_test_add_func ("/session-builder/track-names-a-recorded-block", test_track_names_a_recorded_block);
  g_test_add_func ("/session-builder/track-begins-a-block-elsewhere", test_track_begins_a_block_elsewhere);
  g_test_add_func ("/session-builder/annotations-are-applied-in-their-place", test_annotations_are_applied_in_their_place);
  g_test_add_func ("/session-builder/marks-keep-their-place", test_marks_keep_their_place);
  g_test_add_func ("/session-builder/call-site-without-symbols-is-outside-libc", test_call_site_without_symbols_is_outside_libc);
  g_test_add_func ("/session-builder/symbols-move-the-call-site", test_symbols_move_the_call_site);
  g_test_add_func ("/session-builder/inlined-wrappers-do-not-name-a-frame", test_inlined_wrappers_do_not_name_a_frame);
  g_test_add_func ("/session-builder/missing-entries-read-as-not-recorded", test_missing_entries_read_as_not_recorded);
  g_test_add_func ("/session-builder/files-of-one-recording-are-unified", test_files_of_one_recording_are_unified);
  g_test_add_func ("/session-builder/thread-labels", test_thread_labels);
  g_test_add_func ("/session-builder/batches-hold-every-row", test_batches_hold_every_row);
  g_test_add_func ("/session-builder/batches-stay-while-a-session-grows", test_batches_stay_while_a_session_grows);
  g_test_add_func ("/session-builder/facts-and-warnings", test_facts_and_warnings);
  g_test_add_func ("/session-builder/any-events-make-a-session", test_any_events_make_a_session);

  return g_test_run ();
}

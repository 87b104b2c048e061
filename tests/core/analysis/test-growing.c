/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A session that grows while it is looked at: one thread builds, as a live stream
 * does, and others ask every analysis at random moments. What a selection said then
 * is what it says of the finished session.
 */

#include <string.h>

#include "memscope-address-map.h"
#include "memscope-flame-tree.h"
#include "memscope-groups.h"
#include "memscope-histograms.h"
#include "memscope-leaks.h"
#include "memscope-session-builder.h"
#include "memscope-stage.h"
#include "memscope-summary.h"
#include "memscope-timeline.h"

#define N_READERS     3
#define N_CHUNKS      400
#define CHUNK_EVENTS  1500
#define N_THREADS     5
#define MAX_KEPT      24

/* What one reader was told of one selection. */
typedef struct
{
  MemscopeSelection *selection;
  MemscopeSummary    summary;
  guint64            timeline_sum;
  guint64            group_births;
  guint64            group_live;
  guint64            size_counts;
} Told;

typedef struct
{
  MemscopeSessionBuilder *builder;
  MemscopeSession        *session;
  gboolean                done;       /* atomic */
  guint32                 seed;
  guint                   n_asked;
  GArray                 *told;       /* Told */
} Reader;

/* ---- the builder's side ---------------------------------------------------------------- */

typedef struct
{
  MemscopeSessionBuilder *builder;
  GRand                  *random;
  GArray                 *alive;      /* guint64 births */
  guint64                 n_births;
  guint64                 n_events;
  guint64                 time;
  guint32                 n_strings;
  guint32                 n_frames;
  guint32                 n_stacks;
} Grower;

static guint
any (GRand *random, guint n)
{
  return (guint)g_rand_int_range (random, 0, (gint32)n);
}

static guint32
grow_string (Grower *self, const char *stem, guint number)
{
  g_autofree char *text = g_strdup_printf ("%s%u", stem, number);

  memscope_session_builder_add_string (self->builder, ++self->n_strings, text, strlen (text));

  return self->n_strings;
}

/* New stacks with each chunk; names for old frames now and then, as when they were looked up. */
static void
grow_dictionaries (Grower *self)
{
  for (guint i = 0; i < 3; i++)
    {
      MemscopeFrameEntry frame = { .module = 1, .offset = 0x1000 + 16 * self->n_frames };
      MemscopeStackEntry stack = { any (self->random, self->n_stacks + 1), ++self->n_frames };

      memscope_session_builder_add_frame (self->builder, self->n_frames, &frame);
      memscope_session_builder_add_stack (self->builder, ++self->n_stacks, &stack);
    }

  if (any (self->random, 4) == 0)
    {
      guint32 frame = 1 + any (self->random, self->n_frames);
      MemscopeSymbol symbols[3];
      guint n = 1 + any (self->random, 3);
      g_autofree char *name = g_strdup_printf ("function_%u", any (self->random, 1000));

      for (guint i = 0; i < n; i++)
        symbols[i] = (MemscopeSymbol) {
          .function = memscope_session_builder_intern_string (self->builder, name, strlen (name)), .line = 1 + i,
        };
      memscope_session_builder_set_symbols (self->builder, frame, symbols, n);
    }
}

static MemscopeEvent
make_birth (Grower *self)
{
  guint64 birth = self->n_births++;

  g_array_append_val (self->alive, birth);

  return (MemscopeEvent) {
    .kind = MEMSCOPE_EVENT_MALLOC, .time = self->time, .address = 0x10000 + birth % 100000 * 0x1000 + birth / 100000 * 8,
    .size = any (self->random, 2000), .thread = 1 + any (self->random, N_THREADS),
    .stack = 1 + any (self->random, self->n_stacks), .rounding = 8,
  };
}

static MemscopeEvent
make_death (Grower *self)
{
  guint at = any (self->random, self->alive->len);
  guint64 birth = g_array_index (self->alive, guint64, at);

  g_array_remove_index_fast (self->alive, at);

  return (MemscopeEvent) {
    .kind = MEMSCOPE_EVENT_FREE, .time = self->time, .ago = self->n_births - birth,
    .thread = 1 + any (self->random, N_THREADS), .stack = any (self->random, self->n_stacks + 1),
  };
}

static void
grow_annotations (Grower *self, const MemscopeEvent *events, gsize n)
{
  for (guint i = 0; i < 6; i++)
    {
      gsize at = any (self->random, (guint)n);
      MemscopeAnnotation annotation = {
        .kind = i < 4 ? MEMSCOPE_ANNOTATION_TRACK : MEMSCOPE_ANNOTATION_CLONE, .event = self->n_events + n,
        .time = self->time + 1, .address = events[at].address, .size = 8, .thread = 1,
      };

      if (!memscope_event_is_birth (events[at].kind))
        continue;
      annotation.name = grow_string (self, "name_", any (self->random, 300));
      memscope_session_builder_add_annotation (self->builder, &annotation);
    }
}

static void
grow (Grower *self)
{
  g_autofree MemscopeEvent *events = g_new (MemscopeEvent, CHUNK_EVENTS);
  MemscopeSample sample = { .kind = MEMSCOPE_SAMPLE_PROCESS };
  MemscopeThreadEntry thread = { .id = 1 + any (self->random, N_THREADS), .end_time = UINT64_MAX };

  grow_dictionaries (self);
  thread.tid = 100 + thread.id;
  thread.name = grow_string (self, "thread ", any (self->random, 50));
  memscope_session_builder_add_thread (self->builder, &thread);

  /* A later chunk is later: what has been told of a moment stays true. */
  self->time += 10;
  for (guint i = 0; i < CHUNK_EVENTS; i++)
    {
      self->time += any (self->random, 3) == 0;
      events[i] = self->alive->len == 0 || any (self->random, 100) < 55 ? make_birth (self) : make_death (self);
    }

  grow_annotations (self, events, CHUNK_EVENTS);
  memscope_session_builder_add_events (self->builder, events, CHUNK_EVENTS);
  self->n_events += CHUNK_EVENTS;

  sample.time = self->time;
  sample.values[0] = 1000 + any (self->random, 100000);
  memscope_session_builder_add_sample (self->builder, &sample);
  if (any (self->random, 3) == 0)
    {
      memscope_session_builder_add_warning (self->builder, "warning %u", any (self->random, 1000));
      memscope_session_builder_add_fact (self->builder, "exe", "/usr/bin/grower", 5 + any (self->random, 10));
    }
  memscope_session_builder_update (self->builder);
}

/* ---- the readers' side ------------------------------------------------------------------- */

static Told
ask_what_stays (MemscopeSession *session, MemscopeSelection *selection)
{
  Told told = { .selection = selection };
  g_autoptr(MemscopeSummary) summary = memscope_summary_new (session, selection, NULL, NULL);
  g_autoptr(MemscopeTimeline) timeline = memscope_timeline_new (session, selection, memscope_selection_get_begin (selection),
                                                                memscope_selection_get_end (selection), 50, NULL, NULL);
  g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_STACK, NULL, NULL);
  g_autoptr(MemscopeHistograms) histograms = memscope_histograms_new (session, selection, NULL, NULL);

  told.summary = *summary;
  for (guint i = 0; i < timeline->n_buckets; i++)
    {
      const MemscopeTimelineBucket *bucket = &timeline->buckets[i];

      told.timeline_sum = told.timeline_sum * 31 + bucket->max_bytes + bucket->min_bytes + bucket->births + bucket->deaths;
    }
  for (guint i = 0; i < groups->n_groups; i++)
    {
      told.group_births += groups->groups[i].births;
      told.group_live += groups->groups[i].live_bytes;
    }
  for (guint i = 0; i < G_N_ELEMENTS (histograms->size_counts); i++)
    told.size_counts = told.size_counts * 31 + histograms->size_counts[i];

  return told;
}

static void
assert_same (const Told *a, const Told *b)
{
  g_assert_cmpuint (a->summary.total_allocations, ==, b->summary.total_allocations);
  g_assert_cmpuint (a->summary.total_bytes, ==, b->summary.total_bytes);
  g_assert_cmpuint (a->summary.total_frees, ==, b->summary.total_frees);
  g_assert_cmpuint (a->summary.freed_bytes, ==, b->summary.freed_bytes);
  g_assert_cmpuint (a->summary.temporary_allocations, ==, b->summary.temporary_allocations);
  g_assert_cmpuint (a->summary.active_allocations, ==, b->summary.active_allocations);
  g_assert_cmpuint (a->summary.active_bytes, ==, b->summary.active_bytes);
  g_assert_cmpuint (a->summary.peak_bytes, ==, b->summary.peak_bytes);
  g_assert_cmpuint (a->summary.peak_time, ==, b->summary.peak_time);
  g_assert_cmpuint (a->timeline_sum, ==, b->timeline_sum);
  g_assert_cmpuint (a->group_births, ==, b->group_births);
  g_assert_cmpuint (a->group_live, ==, b->group_live);
  g_assert_cmpuint (a->size_counts, ==, b->size_counts);
  g_assert_cmpuint (a->group_births, ==, a->summary.total_allocations);
  g_assert_cmpuint (a->group_live, ==, a->summary.active_bytes);
}

/* Whatever else there is: its answer may be of any moment, but it comes. */
static void
ask_everything_else (MemscopeSession *session, MemscopeSelection *selection, GRand *random)
{
  static const MemscopeGroupBy bys[] = {
    MEMSCOPE_GROUP_BY_THREAD, MEMSCOPE_GROUP_BY_VARIABLE, MEMSCOPE_GROUP_BY_THREAD_VARIABLE, MEMSCOPE_GROUP_BY_CALL_SITE,
    MEMSCOPE_GROUP_BY_MODULE, MEMSCOPE_GROUP_BY_TYPE,
  };
  g_autoptr(MemscopeSelection) named = memscope_selection_with_text (selection, any (random, 2) ? "name_1" : "function_2");
  g_autoptr(MemscopeLeaks) leaks = NULL;
  g_autoptr(MemscopeFlameTree) tree = NULL;
  g_autoptr(MemscopeGroups) groups = NULL;
  g_autofree MemscopeThreadCategory *categories = NULL;
  const char *const *warnings = memscope_session_get_warnings (session);
  gsize length;

  for (guint i = 0; warnings[i] != NULL; i++)
    g_assert_true (g_str_has_prefix (warnings[i], "warning "));
  if (memscope_session_get_fact (session, "exe", &length) != NULL)
    g_assert_cmpuint (length, >=, 5);

  groups = memscope_groups_new (session, any (random, 3) ? selection : named, bys[any (random, G_N_ELEMENTS (bys))], NULL, NULL);
  for (guint i = 0; i < MIN (groups->n_groups, 20); i++)
    {
      g_autofree char *label G_GNUC_UNUSED = memscope_session_dup_thread_label (session, groups->groups[i].thread);
      g_autofree char *frame G_GNUC_UNUSED = memscope_session_dup_frame_label (session, groups->groups[i].call_site);
      g_autofree guint64 *rows = NULL;
      guint64 n_rows, n_total;

      if (i < 2)
        rows = memscope_group_list_rows (session, selection, &groups->groups[i], 100, &n_rows, &n_total, NULL, NULL);
    }

  switch (any (random, 4))
    {
    case 0:
      leaks = memscope_leaks_new (session, selection, NULL, NULL);
      g_assert_nonnull (leaks);
      break;

    case 1:
      tree = memscope_flame_tree_new (session, selection, any (random, 2), NULL, NULL);
      g_assert_nonnull (tree);
      break;

    case 2:
      categories = memscope_categorise_threads (session, selection);
      break;

    default:
      {
        MemscopeAddressMap *map = memscope_address_map_new (session, selection, NULL, NULL);

        g_assert_nonnull (map);
        memscope_address_map_free (map);
      }
    }
}

static gpointer
read_on (gpointer data)
{
  Reader *self = data;
  GRand *random = g_rand_new_with_seed (self->seed);

  while (!__atomic_load_n (&self->done, __ATOMIC_ACQUIRE))
    {
      g_autoptr(MemscopeSelection) all = memscope_selection_new_all (self->session);
      guint64 end = memscope_selection_get_end (all);
      g_autoptr(MemscopeSelection) part = memscope_selection_with_range (all, any (random, 2) ? end / 3 : 0, end);

      self->n_asked++;
      if (any (random, 2) == 0)
        ask_everything_else (self->session, part, random);

      if (self->told->len < MAX_KEPT)
        {
          Told told = ask_what_stays (self->session, memscope_selection_ref (part));

          g_array_append_val (self->told, told);
        }
    }

  g_rand_free (random);

  return NULL;
}

static void
run_model (guint32 seed)
{
  Grower grower = { .builder = memscope_session_builder_new ("growing"), .random = g_rand_new_with_seed (seed) };
  MemscopeModuleEntry module = { .path = 1, .end = 1, .unload_time = UINT64_MAX, .build_id = (const guint8 *)"abc", .build_id_length = 3 };
  Reader readers[N_READERS] = { 0 };
  GThread *threads[N_READERS];
  g_autoptr(MemscopeSession) session = NULL;
  guint n_told = 0;

  grower.alive = g_array_new (FALSE, FALSE, sizeof (guint64));
  grow_string (&grower, "/usr/bin/grower", 0);
  memscope_session_builder_add_module (grower.builder, 1, &module);

  for (guint i = 0; i < N_READERS; i++)
    {
      readers[i].session = g_object_ref (memscope_session_builder_get_session (grower.builder));
      readers[i].seed = seed + i + 1;
      readers[i].told = g_array_new (FALSE, FALSE, sizeof (Told));
      threads[i] = g_thread_new ("reader", read_on, &readers[i]);
    }

  for (guint i = 0; i < N_CHUNKS; i++)
    {
      grow (&grower);
      if (i % 4 == 0)
        g_usleep (2000);
    }

  session = memscope_session_builder_finish (grower.builder);
  for (guint i = 0; i < N_READERS; i++)
    __atomic_store_n (&readers[i].done, TRUE, __ATOMIC_RELEASE);

  for (guint i = 0; i < N_READERS; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (readers[i].n_asked, >, 0);

      for (guint k = 0; k < readers[i].told->len; k++, n_told++)
        {
          const Told *then = &g_array_index (readers[i].told, Told, k);
          Told now = ask_what_stays (session, then->selection);

          assert_same (then, &now);
          memscope_selection_unref (then->selection);
        }
      g_array_unref (readers[i].told);
      g_object_unref (readers[i].session);
    }

  g_test_message ("%u selections told twice, %" G_GUINT64_FORMAT " events", n_told, grower.n_events);
  g_assert_cmpuint (n_told, >=, N_READERS);
  g_array_unref (grower.alive);
  g_rand_free (grower.random);
}

static void
test_what_was_said_while_it_grew_stays_true (void)
{
  for (guint i = 0; i < 3; i++)
    run_model (g_test_rand_int ());
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/growing/what-was-said-while-it-grew-stays-true", test_what_was_said_while_it_grew_stays_true);

  return g_test_run ();
}

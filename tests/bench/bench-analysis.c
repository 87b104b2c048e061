/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long each analysis of a large session takes. Not a test: built on demand, run
 * by hand on a quiet machine.
 *
 *   bench-analysis [EVENTS]
 *
 * The program is made up: four threads, skewed sizes and call stacks, most blocks die
 * young, some live for long, some for ever.
 */

#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "memscope-address-map.h"
#include "memscope-groups.h"
#include "memscope-histograms.h"
#include "memscope-hot-pages.h"
#include "memscope-leaks.h"
#include "memscope-session-builder.h"
#include "memscope-summary.h"
#include "memscope-timeline.h"

#define N_STACKS   20000u
#define N_FRAMES   4000u
#define N_SLOTS    200000u
#define BATCH      4096u

typedef struct
{
  MemscopeSessionBuilder *builder;
  GRand                  *random;
  guint64                *slots;     /* birth + 1; 0 free */
  guint64                 births;
  guint64                 time;
  MemscopeEvent           events[BATCH];
  guint                   n_events;
} Program;

static void
add_dictionaries (Program *self)
{
  for (guint i = 1; i <= N_FRAMES; i++)
    {
      MemscopeFrameEntry frame = { .offset = i };

      memscope_session_builder_add_frame (self->builder, i, &frame);
    }

  for (guint i = 1; i <= N_STACKS; i++)
    {
      MemscopeStackEntry stack = { i / 3, (guint32)g_rand_int_range (self->random, 1, N_FRAMES) };

      memscope_session_builder_add_stack (self->builder, i, &stack);
    }

  for (guint i = 1; i <= 4; i++)
    {
      MemscopeThreadEntry thread = { .id = i, .tid = i, .end_time = UINT64_MAX };

      memscope_session_builder_add_thread (self->builder, &thread);
    }
}

/* Most of what dies is young. */
static guint
pick_slot (Program *self)
{
  double x = g_rand_double (self->random);

  return (guint)(x * x * x * x * N_SLOTS);
}

static void
step (Program *self)
{
  MemscopeEvent *event = &self->events[self->n_events++];
  guint slot = pick_slot (self);
  double x = g_rand_double (self->random);

  self->time += g_rand_int_range (self->random, 0, 3) == 0;
  *event = (MemscopeEvent) { .time = self->time, .thread = 1 + slot % 4 };

  if (self->slots[slot] != 0)
    {
      event->kind = MEMSCOPE_EVENT_FREE;
      event->ago = self->births + 1 - self->slots[slot];
      self->slots[slot] = 0;
    }
  else
    {
      event->kind = MEMSCOPE_EVENT_MALLOC;
      event->address = 0x10000 + self->births * 64;
      event->size = (guint64)(8 + x * x * x * 4000);
      event->stack = (guint32)(1 + x * x * (N_STACKS - 1));
      event->rounding = 8;
      self->births++;
      if (g_rand_int_range (self->random, 0, 50) != 0)
        self->slots[slot] = self->births;
    }

  if (self->n_events == BATCH)
    {
      memscope_session_builder_add_events (self->builder, self->events, self->n_events);
      self->n_events = 0;
    }
}

static MemscopeSession *
make_session (guint64 n_events)
{
  Program *program = g_new0 (Program, 1);
  MemscopeEnd end = { .reason = MEMSCOPE_END_EXIT };
  MemscopeSession *session;

  program->builder = memscope_session_builder_new ("bench");
  program->random = g_rand_new_with_seed (1);
  program->slots = g_new0 (guint64, N_SLOTS);
  add_dictionaries (program);

  for (guint64 i = 0; i < n_events; i++)
    step (program);
  memscope_session_builder_add_events (program->builder, program->events, program->n_events);

  end.time = program->time;
  memscope_session_builder_add_end (program->builder, &end);
  memscope_session_builder_set_complete (program->builder, TRUE);
  session = memscope_session_builder_finish (program->builder);

  g_rand_free (program->random);
  g_free (program->slots);
  g_free (program);

  return session;
}

typedef struct
{
  gint64  wall;   /* us */
  clock_t cpu;
} Start;

static Start
start (void)
{
  return (Start) { g_get_monotonic_time (), clock () };
}

static void
report (const char *what,
        const char *selection,
        Start       begin)
{
  g_print ("%-24s %-14s %8.1f ms %8.1f ms CPU\n", what, selection,
           (double)(g_get_monotonic_time () - begin.wall) / 1000,
           (double)(clock () - begin.cpu) * 1000 / CLOCKS_PER_SEC);
}

static void
measure (MemscopeSession   *session,
         MemscopeSelection *selection,
         const char        *name)
{
  static const char *const groupings[] = { "thread", "variable", "thread, variable", "call site", "stack", "module", "type" };
  Start begin = start ();

  memscope_summary_free (memscope_summary_new (session, selection, NULL, NULL));
  report ("summary", name, begin);

  begin = start ();
  memscope_timeline_free (memscope_timeline_new (session, selection, 0, memscope_session_get_duration (session) + 1,
                                                 1000, NULL, NULL));
  report ("timeline", name, begin);

  begin = start ();
  memscope_histograms_free (memscope_histograms_new (session, selection, NULL, NULL));
  report ("histograms", name, begin);

  begin = start ();
  memscope_leaks_free (memscope_leaks_new (session, selection, NULL, NULL));
  report ("leaks", name, begin);

  begin = start ();
  memscope_address_map_free (memscope_address_map_new (session, selection, NULL, NULL));
  report ("address map", name, begin);

  begin = start ();
  memscope_hot_pages_free (memscope_hot_pages_new (session, selection, 32, NULL, NULL));
  report ("hot pages", name, begin);

  for (guint by = 0; by < G_N_ELEMENTS (groupings); by++)
    {
      g_autofree char *what = g_strdup_printf ("groups: %s", groupings[by]);

      begin = start ();
      memscope_groups_free (memscope_groups_new (session, selection, by, NULL, NULL));
      report (what, name, begin);
    }
}

int
main (int   argc,
      char *argv[])
{
  guint64 n_events = argc > 1 ? strtoull (argv[1], NULL, 10) : 10000000;
  gint64 begin = g_get_monotonic_time ();
  g_autoptr(MemscopeSession) session = make_session (n_events);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  guint64 duration = memscope_session_get_duration (session);
  g_autoptr(MemscopeSelection) half = memscope_selection_with_range (all, duration / 4, duration * 3 / 4);
  const MemscopeThreadId ids[] = { 2, 3 };
  g_autoptr(MemscopeSelection) threads = memscope_selection_with_threads (all, ids, 2);

  g_print ("%" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT " blocks, made in %.1f s\n\n", n_events,
           memscope_session_get_n_blocks (session), (double)(g_get_monotonic_time () - begin) / 1e6);
  measure (session, all, "everything");
  measure (session, half, "half the time");
  measure (session, threads, "two threads");

  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The groups are dealt out to the threads, and each thread walks along the whole tape
 * for its own: reading it is cheap, what a group needs is not, and no thread has to know
 * what another found.
 */

#include "config.h"

#include "memscope-group-tape.h"

#include "memscope-axis.h"
#include "memscope-saturate.h"

#define MAX_THREADS       8u
#define EVENTS_PER_THREAD 50000u   /* fewer are not worth another */
#define NO_EVENT          G_MAXUINT64
#define NOT_MINE          G_MAXUINT32
#define FAR_AHEAD         24u
#define NEAR_AHEAD        12u

/* What is needed of a group while walking; the rest is far away. */
typedef struct
{
  guint64 bytes;          /* live */
  guint64 peak_bytes;
  guint64 peak_event;     /* NO_EVENT: what was alive at the beginning */
  guint64 part_bytes;     /* the most in this part of the spark */
  guint32 part;
} State;

typedef struct
{
  const MemscopeFilter *filter;
  MemscopeGroup        *groups;
  guint                 n_groups;
  const guint32        *of_site;
  guint                 n_sites;
  guint64               edges[MEMSCOPE_SPARK_BUCKETS + 1];   /* events at which the parts begin */
  guint                 n_parts;
  guint                 n_threads;
  GCancellable         *cancellable;
} Walk;

typedef struct
{
  const Walk        *walk;
  guint              number;      /* of the thread: its groups leave this remainder */
  guint32           *places;      /* of each site's group among its own; NOT_MINE */
  State             *states;      /* of its groups */
  unsigned __int128 *before;      /* what they had alive at the beginning: sizes may be absurd */
} Walker;

/* The place of the event's group among this walker's, or NOT_MINE. */
static inline guint32
place_of (const Walker          *self,
          const MemscopeTapeRun *run,
          guint                  i,
          guint64               *size)
{
  const Walk *walk = self->walk;
  const MemscopeFilter *filter = walk->filter;
  guint32 site = run->site[i] & ~MEMSCOPE_TAPE_DEATH;
  guint32 place = G_LIKELY (site < walk->n_sites) ? self->places[site] : NOT_MINE;

  if (place == NOT_MINE)
    return NOT_MINE;

  *size = G_LIKELY (run->size[i] != G_MAXUINT32) ? run->size[i] : memscope_tape_get_size (filter->tape, run->first_event + i);

  return *size >= filter->min_size && *size <= filter->max_size ? place : NOT_MINE;
}

static void
find_places (Walker *self)
{
  const Walk *walk = self->walk;

  self->places = g_new (guint32, MAX (walk->n_sites, 1));
  for (guint32 site = 0; site < walk->n_sites; site++)
    {
      guint32 group = walk->of_site[site];

      self->places[site] = group < walk->n_groups && group % walk->n_threads == self->number ? group / walk->n_threads : NOT_MINE;
    }
}

static void
walk_before (Walker *self)
{
  const Walk *walk = self->walk;
  guint n = (walk->n_groups + walk->n_threads - 1) / walk->n_threads;
  MemscopeTapeRun run;

  for (guint64 event = 0; event < walk->edges[0] && !g_cancellable_is_cancelled (walk->cancellable); event += run.n)
    {
      memscope_tape_get_run (walk->filter->tape, event, walk->edges[0], &run);
      for (guint i = 0; i < run.n; i++)
        {
          guint64 size;
          guint32 place = place_of (self, &run, i, &size);

          if (place != NOT_MINE)
            self->before[place] += run.site[i] & MEMSCOPE_TAPE_DEATH ? -(unsigned __int128)size : size;
        }
    }

  for (guint place = 0; place < n; place++)
    {
      guint64 bytes = self->before[place] > G_MAXUINT64 ? G_MAXUINT64 : (guint64)self->before[place];

      self->states[place] = (State) { .bytes = bytes, .peak_bytes = bytes, .peak_event = NO_EVENT, .part_bytes = bytes };
    }
}

/* Writes down the parts that are over for the group. */
static inline void
begin_part (const Walker *self,
            State        *state,
            guint         place,
            guint         part)
{
  MemscopeGroup *group = &self->walk->groups[place * self->walk->n_threads + self->number];

  group->spark[state->part] = (float)state->part_bytes;
  while (++state->part < part)
    group->spark[state->part] = (float)state->bytes;
  state->part_bytes = state->bytes;
}

/* Starts fetching what the events that come will need. */
static inline void
look_ahead (const Walker          *self,
            const MemscopeTapeRun *run,
            guint                  i)
{
  guint32 far, near, place;

  if (i + FAR_AHEAD >= run->n)
    return;

  far = run->site[i + FAR_AHEAD] & ~MEMSCOPE_TAPE_DEATH;
  near = run->site[i + NEAR_AHEAD] & ~MEMSCOPE_TAPE_DEATH;
  __builtin_prefetch (&self->places[far]);
  place = near < self->walk->n_sites ? self->places[near] : NOT_MINE;
  if (place != NOT_MINE)
    __builtin_prefetch (&self->states[place], 1);
}

static inline void
step (const Walker          *self,
      const MemscopeTapeRun *run,
      guint                  i,
      guint                  part)
{
  guint64 size;
  guint32 place = place_of (self, run, i, &size);
  State *state;

  if (place == NOT_MINE)
    return;

  state = &self->states[place];
  if (state->part < part)
    begin_part (self, state, place, part);

  if (run->site[i] & MEMSCOPE_TAPE_DEATH)
    {
      state->bytes = memscope_saturating_sub (state->bytes, size);
      return;
    }

  state->bytes = memscope_saturating_add (state->bytes, size);
  state->part_bytes = MAX (state->part_bytes, state->bytes);
  if (state->bytes > state->peak_bytes)
    {
      state->peak_bytes = state->bytes;
      state->peak_event = run->first_event + i;
    }
}

static void
finish_groups (Walker *self)
{
  const Walk *walk = self->walk;

  for (guint place = 0; place * walk->n_threads + self->number < walk->n_groups; place++)
    {
      MemscopeGroup *group = &walk->groups[place * walk->n_threads + self->number];
      State *state = &self->states[place];

      begin_part (self, state, place, MEMSCOPE_SPARK_BUCKETS);
      group->peak_bytes = state->peak_bytes;
      group->peak_time = state->peak_event != NO_EVENT ? memscope_tape_get_time (walk->filter->tape, state->peak_event)
                                                       : walk->filter->begin;
    }
}

static void
walk_tape (gpointer data,
           gpointer user_data)
{
  Walker *self = data;
  const Walk *walk = self->walk;
  MemscopeTapeRun run;

  find_places (self);
  walk_before (self);

  for (guint part = 0; part < walk->n_parts; part++)
    {
      guint64 end = walk->edges[part + 1];

      for (guint64 event = walk->edges[part]; event < end && !g_cancellable_is_cancelled (walk->cancellable); event += run.n)
        {
          memscope_tape_get_run (walk->filter->tape, event, end, &run);
          for (guint i = 0; i < run.n; i++)
            {
              look_ahead (self, &run, i);
              step (self, &run, i, part);
            }
        }
    }

  finish_groups (self);
}

static void
find_edges (Walk *self)
{
  const MemscopeFilter *filter = self->filter;
  MemscopeAxis axis;

  memscope_axis_init (&axis, filter->begin, filter->end, MEMSCOPE_SPARK_BUCKETS);
  self->n_parts = axis.n;
  for (guint k = 0; k <= axis.n; k++)
    self->edges[k] = memscope_tape_find (filter->tape, filter->n_tape, k < axis.n ? axis.edges[k] : filter->end);
  for (guint k = 1; k <= axis.n; k++)
    self->edges[k] = MAX (self->edges[k], self->edges[k - 1]);
  memscope_axis_clear (&axis);
}

static void
run_walkers (Walk *self)
{
  guint n = (self->n_groups + self->n_threads - 1) / self->n_threads;
  g_autofree Walker *walkers = g_new0 (Walker, self->n_threads);
  GThreadPool *pool = self->n_threads > 1 ? g_thread_pool_new (walk_tape, NULL, (int)self->n_threads - 1, FALSE, NULL) : NULL;

  for (guint k = self->n_threads; k-- > 0;)
    {
      walkers[k] = (Walker) { self, k, NULL, g_new0 (State, n), g_new0 (unsigned __int128, n) };
      if (k > 0)
        g_thread_pool_push (pool, &walkers[k], NULL);
      else
        walk_tape (&walkers[k], NULL);
    }

  if (pool != NULL)
    g_thread_pool_free (pool, FALSE, TRUE);
  for (guint k = 0; k < self->n_threads; k++)
    {
      g_free (walkers[k].places);
      g_free (walkers[k].states);
      g_free (walkers[k].before);
    }
}

gboolean
memscope_group_tape_run (const MemscopeFilter  *filter,
                         MemscopeGroup         *groups,
                         guint                  n_groups,
                         const guint32         *of_site,
                         guint                  n_sites,
                         GCancellable          *cancellable,
                         GError               **error)
{
  Walk self = { filter, groups, n_groups, of_site, n_sites, .cancellable = cancellable };

  if (n_groups > 0)
    {
      find_edges (&self);
      self.n_threads = (guint)MIN (MIN (n_groups, g_get_num_processors ()), MIN (MAX_THREADS, 1 + filter->n_tape / EVENTS_PER_THREAD));
      run_walkers (&self);
    }

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

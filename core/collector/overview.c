/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "overview.h"

/* Ids beyond are not worth a table. */
#define MAX_IDS (64u * 1024u * 1024u)

typedef struct
{
  uint64_t births;
  uint64_t born_bytes;
  uint64_t deaths;
  uint64_t dead_bytes;
} OverviewStack;

bool
overview_init (Overview *overview)
{
  *overview = (Overview) { .lifetimes = { .shortest = MEMSCOPE_NOT_RECORDED }, .point_length = 64 };
  vector_init (&overview->stacks, sizeof (OverviewStack));
  vector_init (&overview->threads, sizeof (uint64_t));
  overview->bins = pages_map (MEMSCOPE_SPREAD_BINS * sizeof *overview->bins);
  overview->points = pages_map (OVERVIEW_POINTS * sizeof *overview->points);

  return overview->bins != NULL && overview->points != NULL;
}

void
overview_clear (Overview *overview)
{
  vector_clear (&overview->stacks);
  vector_clear (&overview->threads);
  if (overview->bins != NULL)
    pages_unmap (overview->bins, MEMSCOPE_SPREAD_BINS * sizeof *overview->bins);
  if (overview->points != NULL)
    pages_unmap (overview->points, OVERVIEW_POINTS * sizeof *overview->points);
  overview->bins = NULL;
  overview->points = NULL;
}

/* ---- tables by id ------------------------------------------------------------- */

static bool
has_element (Overview *overview,
             Vector   *vector,
             uint32_t  id)
{
  if (id < vector->length)
    return true;

  if (id >= MAX_IDS)
    {
      overview->failed = true;
      return false;
    }

  while (vector->length <= id)
    {
      if (vector_add (vector) == NULL)
        {
          overview->failed = true;
          return false;
        }
    }

  return true;
}

static OverviewStack *
stack_of (Overview *overview,
          uint32_t  id)
{
  return has_element (overview, &overview->stacks, id) ? (OverviewStack *)overview->stacks.data + id : NULL;
}

static uint64_t *
last_birth_of (Overview *overview,
               uint32_t  thread)
{
  return has_element (overview, &overview->threads, thread) ? (uint64_t *)overview->threads.data + thread : NULL;
}

static void
add (Overview *overview,
     uint64_t *sum,
     uint64_t  value)
{
  if (__builtin_add_overflow (*sum, value, sum))
    overview->failed = true;
}

/* ---- the curve ------------------------------------------------------------------- */

static void
halve_points (Overview *overview)
{
  MemscopeOverviewPoint *points = overview->points;

  for (uint32_t i = 0; i < OVERVIEW_POINTS / 2; i++)
    {
      const MemscopeOverviewPoint *left = &points[2 * i], *right = &points[2 * i + 1];

      points[i] = (MemscopeOverviewPoint) {
        .time = right->time,
        .min_bytes = left->min_bytes < right->min_bytes ? left->min_bytes : right->min_bytes,
        .max_bytes = left->max_bytes > right->max_bytes ? left->max_bytes : right->max_bytes,
        .last_bytes = right->last_bytes,
      };
    }

  overview->n_points = OVERVIEW_POINTS / 2;
  overview->point_length *= 2;
}

static void
draw (Overview *overview,
      uint64_t  time)
{
  MemscopeOverviewPoint *point;
  uint64_t bytes = overview->live_bytes;

  if (overview->n_points == 0 || overview->n_in_point == overview->point_length)
    {
      if (overview->n_points == OVERVIEW_POINTS)
        halve_points (overview);
      overview->n_in_point = 0;
      overview->points[overview->n_points++] = (MemscopeOverviewPoint) { .min_bytes = bytes, .max_bytes = bytes };
    }

  point = &overview->points[overview->n_points - 1];
  point->time = time;
  point->last_bytes = bytes;
  if (bytes < point->min_bytes)
    point->min_bytes = bytes;
  if (bytes > point->max_bytes)
    point->max_bytes = bytes;
  overview->n_in_point++;
}

/* ---- births and deaths -------------------------------------------------------------- */

static void
note_size (Overview                *overview,
           const MemscopeLiveBlock *block,
           bool                     born)
{
  MemscopeOverview *totals = &overview->totals;

  if (block->rounding == MEMSCOPE_USABLE_UNKNOWN)
    return;

  if (born)
    {
      totals->sized_blocks++;
      add (overview, &totals->sized_bytes, block->size);
      add (overview, &totals->usable_bytes, block->size + block->rounding);
    }
  else
    {
      totals->sized_blocks--;
      totals->sized_bytes -= block->size;
      totals->usable_bytes -= block->size + block->rounding;
    }
}

void
overview_birth (Overview                *overview,
                const MemscopeLiveBlock *block,
                bool                     continues,
                uint64_t                 time)
{
  MemscopeOverview *totals = &overview->totals;
  OverviewStack *stack = stack_of (overview, block->stack);
  uint64_t *last_birth = last_birth_of (overview, block->thread);

  if (overview->failed)
    return;

  stack->births++;
  add (overview, &stack->born_bytes, block->size);
  *last_birth = block->birth + 1;

  totals->births++;
  totals->reallocations += continues;
  add (overview, &totals->born_bytes, block->size);
  note_size (overview, block, true);

  overview->live_blocks++;
  add (overview, &overview->live_bytes, block->size);
  if (overview->live_bytes > totals->peak_bytes)
    {
      totals->peak_bytes = overview->live_bytes;
      totals->peak_time = time;
      totals->peak_blocks = overview->live_blocks;
    }

  draw (overview, time);
}

static void
note_lifetime (Overview                *overview,
               const MemscopeLiveBlock *block,
               uint64_t                 time)
{
  uint64_t life = time > block->time ? time - block->time : 0;

  if (overview->lifetimes.shortest == MEMSCOPE_NOT_RECORDED || life < overview->lifetimes.shortest)
    overview->lifetimes.shortest = life;
  if (life > overview->lifetimes.longest)
    overview->lifetimes.longest = life;
  overview->bins[memscope_spread_bin (life * 1000)]++;
}

void
overview_death (Overview                *overview,
                const MemscopeLiveBlock *block,
                bool                     seen,
                uint64_t                 time)
{
  MemscopeOverview *totals = &overview->totals;
  OverviewStack *stack = stack_of (overview, block->stack);
  uint64_t *last_birth = last_birth_of (overview, block->thread);

  if (overview->failed)
    return;

  stack->deaths++;
  stack->dead_bytes += block->size;

  totals->deaths++;
  totals->dead_bytes += block->size;
  note_size (overview, block, false);
  if (seen)
    {
      totals->temporary += *last_birth == block->birth + 1;
      note_lifetime (overview, block, time);
    }

  overview->live_blocks--;
  overview->live_bytes -= block->size;
  draw (overview, time);
}

/* ---- writing --------------------------------------------------------------------------- */

static void
put_bins (const Overview *overview,
          MemscopeBuffer *payload)
{
  uint64_t n = 0, previous = 0;

  for (uint32_t i = 0; i < MEMSCOPE_SPREAD_BINS; i++)
    n += overview->bins[i] != 0;

  memscope_overview_append_length (payload, n);
  for (uint32_t i = 0; i < MEMSCOPE_SPREAD_BINS; i++)
    {
      if (overview->bins[i] != 0)
        memscope_overview_append_bin (payload, &previous, i, overview->bins[i]);
    }
}

static void
put_threads (const Overview *overview,
             MemscopeBuffer *payload)
{
  const uint64_t *last_births = overview->threads.data;
  uint64_t n = 0, previous = 0;

  for (size_t i = 0; i < overview->threads.length; i++)
    n += last_births[i] != 0;

  memscope_overview_append_length (payload, n);
  for (size_t i = 0; i < overview->threads.length; i++)
    {
      if (last_births[i] != 0)
        memscope_overview_append_thread (payload, &previous, (uint32_t)i);
    }
}

static void
put_stacks (const Overview *overview,
            MemscopeBuffer *payload)
{
  const OverviewStack *stacks = overview->stacks.data;
  uint64_t n = 0, previous = 0;

  for (size_t i = 0; i < overview->stacks.length; i++)
    n += stacks[i].births != 0;

  memscope_overview_append_length (payload, n);
  for (size_t i = 0; i < overview->stacks.length; i++)
    {
      if (stacks[i].births != 0)
        memscope_overview_append_stack (payload, &previous, &(MemscopeOverviewStack) {
          .stack = (uint32_t)i,
          .births = stacks[i].births,
          .born_bytes = stacks[i].born_bytes,
          .deaths = stacks[i].deaths,
          .dead_bytes = stacks[i].dead_bytes,
        });
    }
}

void
overview_write (const Overview *overview,
                Writer         *writer)
{
  MemscopeOverview totals = overview->totals;
  MemscopeBuffer payload;
  uint64_t previous = 0;

  if (overview->failed)
    return;

  totals.n_events = writer_next_event (writer);
  pages_buffer_init (&payload);
  memscope_overview_append (&payload, &totals, &overview->lifetimes);
  put_bins (overview, &payload);
  put_threads (overview, &payload);
  put_stacks (overview, &payload);
  memscope_overview_append_length (&payload, overview->n_points);
  for (uint32_t i = 0; i < overview->n_points; i++)
    memscope_overview_append_point (&payload, &previous, &overview->points[i]);

  writer_add_chunk (writer, MEMSCOPE_CHUNK_OVERVIEW, NULL, &payload);
  pages_buffer_clear (&payload);
}

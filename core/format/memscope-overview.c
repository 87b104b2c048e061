/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The payload of an OVERVIEW chunk. */

#include "memscope-varint.h"

static inline void
put (MemscopeBuffer *out,
     uint64_t        value)
{
  memscope_buffer_varint (out, value);
}

void
memscope_overview_append (MemscopeBuffer                  *out,
                          const MemscopeOverview          *overview,
                          const MemscopeOverviewLifetimes *lifetimes)
{
  put (out, overview->n_events);
  put (out, overview->births);
  put (out, overview->born_bytes);
  put (out, overview->deaths);
  put (out, overview->dead_bytes);
  put (out, overview->temporary);
  put (out, overview->reallocations);
  put (out, overview->sized_blocks);
  put (out, overview->sized_bytes);
  put (out, overview->usable_bytes);
  put (out, overview->peak_bytes);
  put (out, overview->peak_time);
  put (out, overview->peak_blocks);
  put (out, lifetimes->shortest + 1);
  put (out, lifetimes->longest);
}

bool
memscope_overview_read (MemscopeCursor            *cursor,
                        MemscopeOverview          *overview,
                        MemscopeOverviewLifetimes *lifetimes)
{
  overview->n_events = memscope_cursor_varint (cursor);
  overview->births = memscope_cursor_varint (cursor);
  overview->born_bytes = memscope_cursor_varint (cursor);
  overview->deaths = memscope_cursor_varint (cursor);
  overview->dead_bytes = memscope_cursor_varint (cursor);
  overview->temporary = memscope_cursor_varint (cursor);
  overview->reallocations = memscope_cursor_varint (cursor);
  overview->sized_blocks = memscope_cursor_varint (cursor);
  overview->sized_bytes = memscope_cursor_varint (cursor);
  overview->usable_bytes = memscope_cursor_varint (cursor);
  overview->peak_bytes = memscope_cursor_varint (cursor);
  overview->peak_time = memscope_cursor_varint (cursor);
  overview->peak_blocks = memscope_cursor_varint (cursor);
  lifetimes->shortest = memscope_cursor_varint (cursor) - 1;
  lifetimes->longest = memscope_cursor_varint (cursor);

  /* Nobody dies twice, and nobody dies who was not born. */
  if (overview->deaths > overview->births || overview->dead_bytes > overview->born_bytes ||
      overview->births > overview->n_events || overview->sized_blocks > overview->births - overview->deaths)
    memscope_cursor_fail (cursor);

  return !cursor->failed;
}

void
memscope_overview_append_length (MemscopeBuffer *out,
                                 uint64_t        length)
{
  put (out, length);
}

uint64_t
memscope_overview_read_length (MemscopeCursor *cursor)
{
  uint64_t length = memscope_cursor_varint (cursor);

  if (length > (uint64_t)(cursor->end - cursor->at))
    return memscope_cursor_fail (cursor);

  return length;
}

static void
put_ascending (MemscopeBuffer *out,
               uint64_t       *previous,
               uint64_t        value)
{
  put (out, value - *previous);
  *previous = value;
}

static uint64_t
get_ascending (MemscopeCursor *cursor,
               uint64_t       *previous,
               uint64_t        max)
{
  uint64_t step = memscope_cursor_varint (cursor);

  if (step > max - *previous)
    return memscope_cursor_fail (cursor);

  return *previous += step;
}

void
memscope_overview_append_bin (MemscopeBuffer *out,
                              uint64_t       *previous,
                              uint32_t        bin,
                              uint64_t        count)
{
  put_ascending (out, previous, bin);
  put (out, count);
}

bool
memscope_overview_read_bin (MemscopeCursor *cursor,
                            uint64_t       *previous,
                            uint32_t       *bin,
                            uint64_t       *count)
{
  *bin = (uint32_t)get_ascending (cursor, previous, MEMSCOPE_SPREAD_BINS - 1);
  *count = memscope_cursor_varint (cursor);

  return !cursor->failed;
}

void
memscope_overview_append_thread (MemscopeBuffer *out,
                                 uint64_t       *previous,
                                 uint32_t        thread)
{
  put_ascending (out, previous, thread);
}

bool
memscope_overview_read_thread (MemscopeCursor *cursor,
                               uint64_t       *previous,
                               uint32_t       *thread)
{
  *thread = (uint32_t)get_ascending (cursor, previous, UINT32_MAX);

  return !cursor->failed;
}

void
memscope_overview_append_stack (MemscopeBuffer              *out,
                                uint64_t                    *previous,
                                const MemscopeOverviewStack *stack)
{
  put_ascending (out, previous, stack->stack);
  put (out, stack->births);
  put (out, stack->born_bytes);
  put (out, stack->deaths);
  put (out, stack->dead_bytes);
}

bool
memscope_overview_read_stack (MemscopeCursor        *cursor,
                              uint64_t              *previous,
                              MemscopeOverviewStack *stack)
{
  stack->stack = (uint32_t)get_ascending (cursor, previous, UINT32_MAX);
  stack->births = memscope_cursor_varint (cursor);
  stack->born_bytes = memscope_cursor_varint (cursor);
  stack->deaths = memscope_cursor_varint (cursor);
  stack->dead_bytes = memscope_cursor_varint (cursor);

  return !cursor->failed;
}

void
memscope_overview_append_point (MemscopeBuffer              *out,
                                uint64_t                    *previous,
                                const MemscopeOverviewPoint *point)
{
  put_ascending (out, previous, point->time);
  put (out, point->min_bytes);
  put (out, point->max_bytes);
  put (out, point->last_bytes);
}

bool
memscope_overview_read_point (MemscopeCursor        *cursor,
                              uint64_t              *previous,
                              MemscopeOverviewPoint *point)
{
  point->time = get_ascending (cursor, previous, UINT64_MAX);
  point->min_bytes = memscope_cursor_varint (cursor);
  point->max_bytes = memscope_cursor_varint (cursor);
  point->last_bytes = memscope_cursor_varint (cursor);

  return !cursor->failed;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-session-builder-private.h"

static void
read_bins (MemscopeCursor *cursor,
           GArray         *bins)
{
  guint64 n = memscope_overview_read_length (cursor);
  guint64 previous = 0;
  MemscopeOverviewBin bin;

  for (; n > 0 && memscope_overview_read_bin (cursor, &previous, &bin.bin, &bin.count); n--)
    g_array_append_val (bins, bin);
}

static void
read_threads (MemscopeSessionBuilder *self,
              MemscopeCursor         *cursor,
              GArray                 *threads)
{
  guint64 n = memscope_overview_read_length (cursor);
  guint64 previous = 0;
  guint32 thread;

  for (; n > 0 && memscope_overview_read_thread (cursor, &previous, &thread); n--)
    {
      thread = memscope_id_map_get (&self->thread_ids, thread);
      g_array_append_val (threads, thread);
    }
}

static void
read_stacks (MemscopeSessionBuilder *self,
             MemscopeCursor         *cursor,
             GArray                 *stacks)
{
  guint64 n = memscope_overview_read_length (cursor);
  guint64 previous = 0;
  MemscopeOverviewStack stack;

  for (; n > 0 && memscope_overview_read_stack (cursor, &previous, &stack); n--)
    {
      stack.stack = memscope_id_map_get (&self->stack_ids, stack.stack);
      g_array_append_val (stacks, stack);
    }
}

static void
read_points (MemscopeCursor *cursor,
             GArray         *points)
{
  guint64 n = memscope_overview_read_length (cursor);
  guint64 previous = 0;
  MemscopeOverviewPoint point;

  for (; n > 0 && memscope_overview_read_point (cursor, &previous, &point); n--)
    g_array_append_val (points, point);
}

gboolean
memscope_session_builder_add_overview (MemscopeSessionBuilder *self,
                                       MemscopeCursor         *payload)
{
  MemscopeStoredOverview *overview;

  if (self->session->overview != NULL)
    return FALSE;

  overview = g_new0 (MemscopeStoredOverview, 1);
  overview->bins = g_array_new (FALSE, FALSE, sizeof (MemscopeOverviewBin));
  overview->threads = g_array_new (FALSE, FALSE, sizeof (MemscopeThreadId));
  overview->stacks = g_array_new (FALSE, FALSE, sizeof (MemscopeOverviewStack));
  overview->points = g_array_new (FALSE, FALSE, sizeof (MemscopeOverviewPoint));

  if (memscope_overview_read (payload, &overview->totals, &overview->lifetimes))
    {
      read_bins (payload, overview->bins);
      read_threads (self, payload, overview->threads);
      read_stacks (self, payload, overview->stacks);
      read_points (payload, overview->points);
    }

  /* Kept even if it turns out damaged: then nothing is asked of it, for such a file has no outline. */
  __atomic_store_n (&self->session->overview, overview, __ATOMIC_RELEASE);

  return !payload->failed && payload->at == payload->end;
}

gboolean
memscope_session_builder_make_outline (MemscopeSessionBuilder *self,
                                       guint64                 n_events,
                                       guint64                 duration,
                                       guint64                 unmatched_frees)
{
  MemscopeSession *session = self->session;

  if (session->overview == NULL || session->overview->totals.n_events != n_events || unmatched_frees > n_events)
    return FALSE;

  session->is_outline = TRUE;
  session->unmatched_frees = unmatched_frees;
  session->n_events = n_events - unmatched_frees;
  session->has_deaths = session->overview->totals.deaths > 0;
  session->duration = MAX (session->duration, memscope_ns (duration));

  return TRUE;
}

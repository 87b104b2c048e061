/* SPDX-License-Identifier: GPL-3.0-or-later */

/* recording-facts FILE: what the measuring needs to know of a recording, as JSON. */

#include "config.h"

#include <stdlib.h>

#include "memscope-loader.h"

/* Frames of each stack; the mark of a truncated one is none. */
static guint32 *
depths_of_stacks (MemscopeSession *session)
{
  guint n = memscope_session_get_n_stacks (session);
  guint32 *depths = g_new0 (guint32, (gsize)n + 1);

  for (guint id = 1; id <= n; id++)
    {
      MemscopeStackId parent;
      MemscopeFrameId frame;

      /* a parent is before its child */
      if (memscope_session_get_stack_node (session, id, &parent, &frame) && parent < id)
        depths[id] = depths[parent] + (frame != 0);
    }

  return depths;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GFile) file = NULL;
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree guint32 *depths = NULL;
  guint64 n_births = 0, n_stacks = 0, n_frames = 0, n_lost = 0, events = 0, peak = 0, live = 0;
  g_autofree gint8 *changes = NULL;
  const char *in_flight;

  if (argc != 2)
    return 2;

  file = g_file_new_for_path (argv[1]);
  session = memscope_load_file (file, NULL, NULL, NULL, &error);
  if (session == NULL)
    {
      g_printerr ("%s: %s\n", argv[1], error->message);
      return 1;
    }

  depths = depths_of_stacks (session);
  events = memscope_session_get_n_events (session);
  changes = g_new0 (gint8, events + 1);

  for (guint64 row = 0; row < memscope_session_get_n_blocks (session); row++)
    {
      MemscopeBlock block;

      memscope_session_get_block (session, row, &block);
      if (block.birth_event < events)
        changes[block.birth_event] = 1;
      if (block.death_event < events)
        changes[block.death_event] = -1;

      if (block.origin != MEMSCOPE_ORIGIN_HEAP)
        continue;
      n_births++;
      n_stacks += block.stack != 0;
      n_frames += depths[block.stack];
    }

  for (guint64 i = 0; i < events; i++)
    {
      live += (guint64)(gint64)changes[i];
      peak = MAX (peak, live);
    }

  for (guint i = 0; i < memscope_session_get_n_losses (session); i++)
    {
      MemscopeLoss loss;

      if (memscope_session_get_loss (session, i, &loss))
        n_lost += loss.events;
    }

  in_flight = memscope_session_get_fact (session, "bytes_in_flight", NULL);
  g_print ("{\"events\": %" G_GUINT64_FORMAT ", \"births\": %" G_GUINT64_FORMAT ", \"stacks\": %" G_GUINT64_FORMAT
           ", \"frames\": %" G_GUINT64_FORMAT ", \"nodes\": %u, \"lost\": %" G_GUINT64_FORMAT ", \"live\": %" G_GUINT64_FORMAT
           ", \"in_flight\": %s}\n",
           events, n_births, n_stacks, n_frames, memscope_session_get_n_stacks (session), n_lost, peak,
           in_flight != NULL ? in_flight : "null");

  return 0;
}

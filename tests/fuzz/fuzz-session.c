/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fuzz-session.h"

#include <math.h>
#include <string.h>

#include "memscope-diagnostics.h"
#include "memscope-map-blob.h"

/* Inputs are small; more rows than this are more of the same. */
#define MAX_ROWS    512u
#define MAX_FRAMES  64u

static void
use_stack (MemscopeSession *session,
           MemscopeStackId  stack)
{
  MemscopeFrameId frame;

  memscope_session_get_call_site (session, stack);
  memscope_session_get_site_variable (session, stack);

  for (guint i = 0; stack != 0 && i < MAX_FRAMES; i++)
    {
      g_autofree char *label = NULL;

      if (!memscope_session_get_stack_node (session, stack, &stack, &frame))
        break;

      label = memscope_session_dup_frame_label (session, frame);
      g_assert (g_utf8_validate (label, -1, NULL));
    }
}

static void
use_rows (MemscopeSession *session)
{
  guint64 n = MIN (memscope_session_get_n_blocks (session), MAX_ROWS);

  for (guint64 row = 0; row < n; row++)
    {
      g_autofree char *thread = NULL;
      MemscopeBlock block;

      memscope_session_get_block (session, row, &block);
      g_assert (block.death_time >= block.birth_time);
      g_assert (block.previous <= row);
      thread = memscope_session_dup_thread_label (session, block.thread);
      g_assert (g_utf8_validate (thread, -1, NULL));
      use_stack (session, block.stack);
      use_stack (session, block.death_stack);
    }
}

/* What the rules say of whatever it is: numbers, and a line that mutes it. */
static void
use_findings (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) selection = memscope_selection_new_all (session);
  g_autoptr(MemscopeDiagnostics) diagnostics = memscope_diagnostics_new (session, selection, NULL, NULL, NULL, NULL, NULL);

  for (guint i = 0; i < diagnostics->n_findings; i++)
    {
      const MemscopeFinding *finding = diagnostics->findings[i];
      g_autofree char *line = memscope_suppressions_write (session, finding);

      for (guint k = 0; k < finding->n_evidence; k++)
        g_assert (isfinite (finding->evidence[k].value));
      if (line != NULL)
        {
          g_autoptr(MemscopeSuppressions) suppressions = memscope_suppressions_new ();

          g_assert (memscope_suppressions_parse (suppressions, line, strlen (line), NULL));
        }
    }
}

/* Addresses and sizes as a file claims them, laid out. */
static void
use_map (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) selection = memscope_selection_new_all (session);
  g_autoptr(MemscopeAddressMap) map = memscope_address_map_new (session, selection, NULL, NULL);
  g_autoptr(MemscopeHotPages) pages = memscope_hot_pages_new (session, selection, 8, NULL, NULL);
  g_autoptr(GBytes) blob = memscope_map_blob_new (map, pages, session);
  guint64 n = 0;

  g_assert_nonnull (blob);
  for (guint r = 0; r < map->n_regions; r++)
    {
      const MemscopeMapRegion *region = &map->regions[r];
      guint32 occupancy[4];

      g_assert (region->start < region->end && region->first == n && region->n_blocks > 0);
      n += region->n_blocks;
      memscope_address_map_get_occupancy (map, region->start, 4, occupancy);
      g_assert (occupancy[0] <= map->page_size && occupancy[3] <= map->page_size);
      memscope_address_map_find (map, region->start);
    }
  g_assert (n == map->n_blocks);
}

void
fuzz_session_use (MemscopeSession *session)
{
  const char *const *warnings = memscope_session_get_warnings (session);

  for (guint i = 0; warnings[i]; i++)
    g_assert (g_utf8_validate (warnings[i], -1, NULL));

  use_rows (session);
  use_findings (session);
  use_map (session);

  for (guint i = 0; i < MIN (memscope_session_get_n_stacks (session), MAX_ROWS); i++)
    use_stack (session, i + 1);
}

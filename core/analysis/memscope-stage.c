/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-stage.h"

#define NS_PER_MS           G_GUINT64_CONSTANT (1000000)
#define SHORTEST_ACTIVITY   (100 * NS_PER_MS)
#define PARTS_OF_A_LIFE     10

const char *
memscope_stage_get_nick (MemscopeStage stage)
{
  static const char *const nicks[] = {
    [MEMSCOPE_STAGE_ALLOCATED] = "allocated",
    [MEMSCOPE_STAGE_ACTIVE] = "active",
    [MEMSCOPE_STAGE_SHARED] = "shared",
    [MEMSCOPE_STAGE_FREED] = "freed",
  };

  g_return_val_if_fail (stage < G_N_ELEMENTS (nicks), NULL);

  return nicks[stage];
}

MemscopeStage
memscope_stage_judge (guint64  live_blocks,
                      gboolean shared,
                      guint64  first_event_time,
                      guint64  last_event_time,
                      guint64  instant)
{
  guint64 window;

  if (live_blocks == 0)
    return MEMSCOPE_STAGE_FREED;
  if (shared)
    return MEMSCOPE_STAGE_SHARED;

  window = instant > first_event_time ? (instant - first_event_time) / PARTS_OF_A_LIFE : 0;
  window = MAX (window, SHORTEST_ACTIVITY);

  return instant <= last_event_time || instant - last_event_time <= window ? MEMSCOPE_STAGE_ACTIVE
                                                                           : MEMSCOPE_STAGE_ALLOCATED;
}

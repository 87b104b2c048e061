/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/**
 * MemscopeStage:
 * @MEMSCOPE_STAGE_ALLOCATED: live, and quiet since
 * @MEMSCOPE_STAGE_ACTIVE: live, and allocated, resized, freed or borrowed
 *   within the last 10 % of the time since its first event (at least 100 ms)
 * @MEMSCOPE_STAGE_SHARED: live, with evidence of more than one holder
 *   (clone or borrow reported, strong count > 1, or freed or reallocated by
 *   another thread than the allocating one)
 * @MEMSCOPE_STAGE_FREED: nothing live
 *
 * The life stage of a variable at the instant. Shown by icon and word.
 */
typedef enum
{
  MEMSCOPE_STAGE_ALLOCATED,
  MEMSCOPE_STAGE_ACTIVE,
  MEMSCOPE_STAGE_SHARED,
  MEMSCOPE_STAGE_FREED,
  MEMSCOPE_N_STAGES
} MemscopeStage;

const char   *memscope_stage_get_nick (MemscopeStage stage);   /* "active": for JSON and filters, never translated */

MemscopeStage memscope_stage_judge    (guint64  live_blocks,
                                       gboolean shared,
                                       guint64  first_event_time,   /* ns */
                                       guint64  last_event_time,
                                       guint64  instant);

/**
 * MemscopeThreadCategory: what a thread did in the range, from the context
 * samples. @MEMSCOPE_CATEGORY_NOT_RECORDED without samples.
 */
typedef enum
{
  MEMSCOPE_CATEGORY_NOT_RECORDED,
  MEMSCOPE_CATEGORY_CPU,
  MEMSCOPE_CATEGORY_IO,
  MEMSCOPE_CATEGORY_MEMORY,
  MEMSCOPE_CATEGORY_ASYNC,
  MEMSCOPE_CATEGORY_MIXED,
} MemscopeThreadCategory;

/* The one table of thresholds; also what the tooltip shows. */
typedef struct
{
  double cpu_share;              /* on-CPU share of the time for CPU */
  double io_bytes_per_cpu_second;
  double io_blocked_share;       /* samples in state D */
  double memory_bytes_per_second;
  double memory_births_per_second;
  double async_switches_per_second;
  double async_cpu_share;        /* below this */
} MemscopeCategoryThresholds;

extern const MemscopeCategoryThresholds memscope_category_thresholds;

const char             *memscope_category_get_nick   (MemscopeThreadCategory category);
/* What each thread did in the selection's range; the rest of @selection does not
 * matter. The first rule that holds names it, in the order of the enumeration. One
 * per thread id (index 0 unused), n_threads + 1 elements; free with g_free().
 */
MemscopeThreadCategory *memscope_categorise_threads   (MemscopeSession   *session,
                                                      MemscopeSelection *selection);

G_END_DECLS

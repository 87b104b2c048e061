/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* One of n equal parts of [begin, end). */
typedef struct
{
  guint64 min_bytes;      /* of the live bytes within the part */
  guint64 max_bytes;
  guint64 last_bytes;     /* at its end */
  guint64 last_blocks;
  guint64 births;
  guint64 deaths;
  guint64 born_bytes;
  guint64 rss;            /* the last sample in the part; MEMSCOPE_UNKNOWN: none */
} MemscopeTimelineBucket;

/**
 * MemscopeTimeline:
 *
 * Live bytes, rates and resident set over [begin, end), reduced to @n_buckets
 * so that one bucket can be one pixel.
 */
typedef struct
{
  guint64                 begin;
  guint64                 end;
  guint64                 max_bytes;
  guint64                 max_rss;      /* MEMSCOPE_UNKNOWN: no samples */
  guint64                 max_births;   /* of one bucket */
  guint64                 peak_time;    /* of the event that first reached max_bytes; begin: nothing rose above what was alive then */
  guint64                 peak_instant; /* at which that is what is alive, unless more happened in that very nanosecond */
  guint64                 peak_blocks;  /* alive right after that event */
  guint                   n_buckets;
  MemscopeTimelineBucket *buckets;
} MemscopeTimeline;

/* @begin, @end: the time axis, which may be wider than the selection's range
 * (the strip shows the whole recording); the other parts of @selection apply.
 */
MemscopeTimeline *memscope_timeline_new  (MemscopeSession    *session,
                                          MemscopeSelection  *selection,
                                          guint64             begin,
                                          guint64             end,
                                          guint               n_buckets,
                                          GCancellable       *cancellable,
                                          GError            **error);
void              memscope_timeline_free (MemscopeTimeline   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeTimeline, memscope_timeline_free)

G_END_DECLS

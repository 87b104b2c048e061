/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What a selection had alive, along the tape: the same as a sweep finds, for what needs
 * no more than sums. For filters that have a tape.
 */

#include "memscope-filter.h"
#include "memscope-timeline.h"

G_BEGIN_DECLS

typedef struct
{
  const MemscopeFilter *filter;
  guint8               *sites;      /* whether blocks of each site pass, but for their size */
  guint                 n_sites;
  GCancellable         *cancellable;
} MemscopeTapeStock;

void     memscope_tape_stock_init  (MemscopeTapeStock     *self,
                                    const MemscopeFilter  *filter,
                                    GCancellable          *cancellable);
void     memscope_tape_stock_clear (MemscopeTapeStock     *self);

/* The highest stock in [begin, end). @event: of the birth that first reached it;
 * G_MAXUINT64: nothing rose above what was alive at the beginning. What was cancelled
 * means nothing.
 */
typedef struct
{
  guint64 bytes;
  guint64 blocks;
  guint64 event;
} MemscopeTapePeak;

void     memscope_tape_stock_find_peak (const MemscopeTapeStock *self,
                                        guint64                  begin,
                                        guint64                  end,
                                        MemscopeTapePeak        *peak);

/* What the blocks of a site had alive after some event. */
typedef struct
{
  guint64 bytes;
  guint64 blocks;
} MemscopeTapeSum;

/* By site, after the first @n_events. Free with g_free(). */
MemscopeTapeSum *memscope_tape_stock_sum_sites (const MemscopeTapeStock *self,
                                                guint64                  n_events);

/* Everything of a time line that the blocks say. */
void     memscope_tape_stock_draw      (const MemscopeTapeStock *self,
                                        MemscopeTimeline        *timeline);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The session's tables as analyses read them, and the door for its only writer,
 * the builder. Nothing outside core/ includes this.
 */

#include "memscope-session.h"
#include "memscope-format.h"
#include "memscope-tape.h"

G_BEGIN_DECLS

/* Rows are kept in segments of this many, columns side by side. Segments never
 * move, so a reader may keep a batch for as long as it holds the session.
 */
#define MEMSCOPE_SEGMENT_ROWS 65536u

/* A run of rows as columns: row first_row + i is element i of each. Valid while
 * the session lives. Columns that a session does not have are NULL where said.
 */
typedef struct
{
  guint64        first_row;
  guint          n_rows;
  const guint64 *address;
  const guint64 *size;
  const guint64 *birth_time;
  const guint64 *death_time;      /* MEMSCOPE_NEVER: alive at the end */
  const guint64 *birth_event;
  const guint64 *death_event;
  const guint32 *rounding;        /* G_MAXUINT32: not recorded */
  const guint32 *thread;
  const guint32 *death_thread;
  const guint32 *stack;
  const guint32 *death_stack;
  const guint32 *variable;        /* explicit names only; else 0: ask memscope_session_get_site_variable() */
  const guint64 *previous;        /* row + 1 */
  const guint64 *parent;          /* row + 1; NULL: nothing nests */
  const guint8  *kind;            /* origin (low 3 bits) | death << 3 (3 bits) */
  const guint8  *function;
  const guint8  *flags;
} MemscopeBatch;

static inline MemscopeOrigin
memscope_batch_origin (const MemscopeBatch *batch,
                       guint                i)
{
  return batch->kind[i] & 7;
}

static inline MemscopeDeath
memscope_batch_death (const MemscopeBatch *batch,
                      guint                i)
{
  return (batch->kind[i] >> 3) & 7;
}

guint    memscope_session_get_n_batches (MemscopeSession *self);
void     memscope_session_get_batch     (MemscopeSession *self,
                                         guint            index,
                                         MemscopeBatch   *batch);

/* All births and deaths in order, if the site of a block is all that selections and
 * groupings ask for: no block nests in another, none has a name of its own. Else NULL,
 * as in sessions whose blocks did not come as a stream.
 */
MemscopeTape *memscope_session_get_tape (MemscopeSession *self);

/* The variable of a row: an explicit one, else that of its stack's call site. */
static inline MemscopeVariableId
memscope_batch_variable (MemscopeSession     *self,
                         const MemscopeBatch *batch,
                         guint                i)
{
  return batch->variable[i] ? batch->variable[i]
                            : memscope_session_get_site_variable (self, batch->stack[i]);
}

/* What the recorder said that its events come to, ids being the session's. NULL: nothing. */
typedef struct
{
  guint32 bin;       /* of memscope_spread_bin () */
  guint64 count;
} MemscopeOverviewBin;

typedef struct
{
  MemscopeOverview           totals;
  MemscopeOverviewLifetimes  lifetimes;
  GArray                    *bins;       /* MemscopeOverviewBin */
  GArray                    *threads;    /* MemscopeThreadId */
  GArray                    *stacks;     /* MemscopeOverviewStack */
  GArray                    *points;     /* MemscopeOverviewPoint, times as in the file */
} MemscopeStoredOverview;

const MemscopeStoredOverview *memscope_session_get_overview (MemscopeSession *self);

/* Whether the session has everything but its blocks: see memscope_load_outline (). */
gboolean memscope_session_is_outline (MemscopeSession *self);

/* Whole tables. Threads and variables are indexed by id, so their element 0 is
 * unused, and @n is one more than there are; the others begin at element 0. Samples, gaps, marks and annotations
 * are the format's structures with this session's ids in them; their times stay
 * microseconds since the origin, as there. `event` of marks and annotations is a
 * position among this session's events, as in birth_event.
 */
const MemscopeThread   *memscope_session_get_threads   (MemscopeSession *self, guint *n);
const MemscopeVariable *memscope_session_get_variables (MemscopeSession *self, guint *n);
const MemscopeSample   *memscope_session_get_samples   (MemscopeSession *self, guint *n);   /* in time order */
const MemscopeGap      *memscope_session_get_gaps      (MemscopeSession *self, guint *n);
const MemscopeMark     *memscope_session_get_marks     (MemscopeSession *self, guint *n);
const MemscopeAnnotation *memscope_session_get_annotations (MemscopeSession *self, guint *n);

/* The block each annotation was about (row + 1; 0: no block is there), beside
 * memscope_session_get_annotations ().
 */
const guint64 *memscope_session_get_annotation_rows (MemscopeSession *self, guint *n);

/* From this row on, heap blocks were recorded so. */
typedef struct
{
  guint64 row;
  guint64 time;          /* ns */
  guint64 interval;      /* of sampling, in bytes; 0: every allocation */
} MemscopeModeSpan;

/* Ascending, the first for row 0. None: the session's sampling interval holds for all. */
const MemscopeModeSpan *memscope_session_get_modes (MemscopeSession *self, guint *n);

typedef struct
{
  guint64          time;          /* ns */
  guint            n_mappings;
  MemscopeMapping *mappings;
} MemscopeMappingSnapshot;

const MemscopeMappingSnapshot *memscope_session_get_mappings (MemscopeSession *self, guint *n);

/* memscope-rs: the whole stored record of a row, decoded on demand from the bytes
 * of the file, which the session keeps. Appends `"key":value,"key":value…` (no
 * braces) for every field of AllocationInfo in the guide's names, `null` where
 * the file has none, written with memscope-json-text.h. Values are as stored:
 * unsigned 64-bit integers exact, times absolute, an end before its beginning.
 * So an exporter writes this *instead of* what it would make of the columns.
 * FALSE, and nothing appended: nothing is stored but the columns. Any thread.
 */
gboolean        memscope_session_append_extras (MemscopeSession *self,
                                                guint64          row,
                                                GString         *json);

/* The same as a tree for display. NULL: nothing is stored but the columns.
 * json-glib has no unsigned 64-bit integers: those above G_MAXINT64 are strings,
 * and a string ends at its first NUL.
 */
typedef struct _JsonObject MemscopeExtras;   /* json-glib's JsonObject */

MemscopeExtras *memscope_session_dup_extras (MemscopeSession *self, guint64 row);

G_END_DECLS

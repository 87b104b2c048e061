/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The session's tables as analyses read them, and the door for its only writer,
 * the builder. Nothing outside core/ includes this.
 */

#include "memscope-session.h"
#include "memscope-format.h"

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

/* The variable of a row: an explicit one, else that of its stack's call site. */
static inline MemscopeVariableId
memscope_batch_variable (MemscopeSession     *self,
                         const MemscopeBatch *batch,
                         guint                i)
{
  return batch->variable[i] ? batch->variable[i]
                            : memscope_session_get_site_variable (self, batch->stack[i]);
}

/* Whole tables; index 0 is unused. */
const MemscopeThread   *memscope_session_get_threads   (MemscopeSession *self, guint *n);
const MemscopeVariable *memscope_session_get_variables (MemscopeSession *self, guint *n);
const MemscopeSample   *memscope_session_get_samples   (MemscopeSession *self, guint *n);   /* in time order */
const MemscopeGap      *memscope_session_get_gaps      (MemscopeSession *self, guint *n);
const MemscopeMark     *memscope_session_get_marks     (MemscopeSession *self, guint *n);
const MemscopeAnnotation *memscope_session_get_annotations (MemscopeSession *self, guint *n);

typedef struct
{
  guint64          time;          /* ns */
  guint            n_mappings;
  MemscopeMapping *mappings;
} MemscopeMappingSnapshot;

const MemscopeMappingSnapshot *memscope_session_get_mappings (MemscopeSession *self, guint *n);

/* memscope-rs: fields of AllocationInfo that no column holds, decoded on demand
 * from the bytes of the file, which the session keeps. NULL: the session has
 * none. The object uses the guide's field names; `null` where absent.
 */
typedef struct _JsonObject MemscopeExtras;   /* json-glib's JsonObject */

MemscopeExtras *memscope_session_dup_extras (MemscopeSession *self, guint64 row);

/* The same as text, for exports: unsigned numbers and strings with NUL exact,
 * which json-glib's tree is not. Appends `"key":value,"key":value…` (no braces;
 * absent fields may be left out), written with memscope-json-text.h; JSON that
 * the file holds may be copied when memscope_json_text_is_valid(). FALSE, and
 * nothing appended: the row has none.
 */
gboolean        memscope_session_append_extras (MemscopeSession *self,
                                                guint64          row,
                                                GString         *json);

G_END_DECLS

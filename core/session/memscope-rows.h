/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session-private.h"

G_BEGIN_DECLS

typedef enum
{
  ROW_ADDRESS,
  ROW_SIZE,
  ROW_BIRTH_TIME,
  ROW_DEATH_TIME,
  ROW_BIRTH_EVENT,
  ROW_DEATH_EVENT,
  ROW_PREVIOUS,
  ROW_PARENT,
  ROW_ROUNDING,
  ROW_THREAD,
  ROW_DEATH_THREAD,
  ROW_STACK,
  ROW_DEATH_STACK,
  ROW_VARIABLE,
  ROW_SITE,
  ROW_KIND,
  ROW_FUNCTION,
  ROW_FLAGS,
  ROW_ALIGNMENT,
  N_ROW_COLUMNS
} MemscopeRowColumn;

/* One row per block, as columns in segments of MEMSCOPE_SEGMENT_ROWS. A column
 * of a segment that holds nothing but its default (0; all ones for deaths and
 * rounding) shares one page of that and costs nothing.
 */
typedef struct
{
  gpointer columns[N_ROW_COLUMNS];
  guint    capacity;    /* rows that its own columns have room for */
} MemscopeRowSegment;

typedef struct
{
  MemscopeRowSegment **segments;
  guint                n_segments;
  guint                capacity;
  GPtrArray           *retired;    /* former `segments`, which readers may hold */
  guint64              n_rows;     /* published last */
  guint64              n_expected; /* the last segment has room for no more; G_MAXUINT64: not known */
  gboolean             has_parents;
  gboolean             has_variables;  /* some row has one of its own */
} MemscopeRows;

void    memscope_rows_init      (MemscopeRows        *self);
void    memscope_rows_clear     (MemscopeRows        *self);
/* Before the first row: exactly @n_rows will come. A small session is small then. */
void    memscope_rows_expect    (MemscopeRows        *self,
                                 guint64              n_rows);
guint64 memscope_rows_append    (MemscopeRows        *self,
                                 const MemscopeBlock *block);
void    memscope_rows_end       (MemscopeRows        *self,
                                 guint64              row,
                                 MemscopeDeath        death,
                                 guint64              time,
                                 guint64              event,
                                 guint32              thread,
                                 guint32              stack);
void    memscope_rows_set_site     (MemscopeRows     *self,
                                    guint64           row,
                                    guint32           site);
void    memscope_rows_set_variable (MemscopeRows     *self,
                                    guint64           row,
                                    guint32           variable);
void    memscope_rows_get       (const MemscopeRows  *self,
                                 guint64              row,
                                 MemscopeBlock       *block);
void    memscope_rows_get_batch (const MemscopeRows  *self,
                                 guint                index,
                                 MemscopeBatch       *batch);

/* Many at once, by several threads: makes room for @n rows behind the last; each row
 * is written (but its parent and variable, which it doesn't have) and ended at its
 * place; then all are published. No other writer runs meanwhile.
 */
void    memscope_rows_reserve   (MemscopeRows        *self,
                                 guint64              n);
void    memscope_rows_write     (MemscopeRows        *self,
                                 guint64              row,
                                 const MemscopeBlock *block,
                                 guint32              site);
/* FALSE: it had ended already, and nothing was changed. */
gboolean memscope_rows_try_end  (MemscopeRows        *self,
                                 guint64              row,
                                 MemscopeDeath        death,
                                 guint64              time,
                                 guint64              event,
                                 guint32              thread,
                                 guint32              stack);
/* Of a row that has ended, before it is published: what ended it comes after this. */
void    memscope_rows_end_earlier (MemscopeRows      *self,
                                 guint64              row,
                                 MemscopeDeath        death,
                                 guint64              time,
                                 guint64              event,
                                 guint32              thread,
                                 guint32              stack);
void    memscope_rows_publish   (MemscopeRows        *self,
                                 guint64              n);

/* Starts fetching what memscope_rows_try_end () will touch. */
static inline void
memscope_rows_prefetch_end (const MemscopeRows *self,
                            guint64             row)
{
  const MemscopeRowSegment *segment = self->segments[row / MEMSCOPE_SEGMENT_ROWS];
  guint i = row % MEMSCOPE_SEGMENT_ROWS;

  __builtin_prefetch ((const guint8 *)segment->columns[ROW_KIND] + i, 1);
  __builtin_prefetch ((const guint64 *)segment->columns[ROW_DEATH_TIME] + i, 1);
  __builtin_prefetch ((const guint64 *)segment->columns[ROW_DEATH_EVENT] + i, 1);
  __builtin_prefetch ((const guint32 *)segment->columns[ROW_DEATH_STACK] + i, 1);
  __builtin_prefetch ((const guint32 *)segment->columns[ROW_DEATH_THREAD] + i, 1);
}

/* What the tape says of a row. */
static inline guint32
memscope_rows_get_site (const MemscopeRows *self,
                        guint64             row)
{
  return ((const guint32 *)self->segments[row / MEMSCOPE_SEGMENT_ROWS]->columns[ROW_SITE])[row % MEMSCOPE_SEGMENT_ROWS];
}

static inline guint64
memscope_rows_get_size (const MemscopeRows *self,
                        guint64             row)
{
  return ((const guint64 *)self->segments[row / MEMSCOPE_SEGMENT_ROWS]->columns[ROW_SIZE])[row % MEMSCOPE_SEGMENT_ROWS];
}

/* Starts fetching that. */
static inline void
memscope_rows_prefetch_site (const MemscopeRows *self,
                             guint64             row)
{
  const MemscopeRowSegment *segment = self->segments[row / MEMSCOPE_SEGMENT_ROWS];
  guint i = row % MEMSCOPE_SEGMENT_ROWS;

  __builtin_prefetch ((const guint32 *)segment->columns[ROW_SITE] + i);
  __builtin_prefetch ((const guint64 *)segment->columns[ROW_SIZE] + i);
  __builtin_prefetch ((const guint64 *)segment->columns[ROW_DEATH_EVENT] + i);
}

static inline guint64
memscope_rows_get_death_event (const MemscopeRows *self,
                               guint64             row)
{
  return ((const guint64 *)self->segments[row / MEMSCOPE_SEGMENT_ROWS]->columns[ROW_DEATH_EVENT])[row % MEMSCOPE_SEGMENT_ROWS];
}

static inline guint64
memscope_rows_get_n (const MemscopeRows *self)
{
  return __atomic_load_n (&self->n_rows, __ATOMIC_ACQUIRE);
}

/* What ending a row has to know of it, and no more: this is asked for every death. */
static inline guint8
memscope_rows_get_kind (const MemscopeRows *self,
                        guint64             row)
{
  return ((const guint8 *)self->segments[row / MEMSCOPE_SEGMENT_ROWS]->columns[ROW_KIND])[row % MEMSCOPE_SEGMENT_ROWS];
}

static inline guint64
memscope_rows_get_address (const MemscopeRows *self,
                           guint64             row)
{
  return ((const guint64 *)self->segments[row / MEMSCOPE_SEGMENT_ROWS]->columns[ROW_ADDRESS])[row % MEMSCOPE_SEGMENT_ROWS];
}

G_END_DECLS

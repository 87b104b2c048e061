/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-rows.h"

#include <string.h>

static const struct
{
  guint8 width;
  guint8 fill;     /* each byte of the default */
} columns[N_ROW_COLUMNS] = {
  [ROW_ADDRESS]      = { 8, 0x00 },
  [ROW_SIZE]         = { 8, 0x00 },
  [ROW_BIRTH_TIME]   = { 8, 0x00 },
  [ROW_DEATH_TIME]   = { 8, 0xff },
  [ROW_BIRTH_EVENT]  = { 8, 0x00 },
  [ROW_DEATH_EVENT]  = { 8, 0xff },
  [ROW_PREVIOUS]     = { 8, 0x00 },
  [ROW_PARENT]       = { 8, 0x00 },
  [ROW_ROUNDING]     = { 4, 0xff },
  [ROW_THREAD]       = { 4, 0x00 },
  [ROW_DEATH_THREAD] = { 4, 0x00 },
  [ROW_STACK]        = { 4, 0x00 },
  [ROW_DEATH_STACK]  = { 4, 0x00 },
  [ROW_VARIABLE]     = { 4, 0x00 },
  [ROW_SITE]         = { 4, 0x00 },
  [ROW_KIND]         = { 1, 0x00 },
  [ROW_FUNCTION]     = { 1, 0x00 },
  [ROW_FLAGS]        = { 1, 0x00 },
  [ROW_ALIGNMENT]    = { 1, 0x00 },
};

static guint64 zeroes[MEMSCOPE_SEGMENT_ROWS];
static guint64 ones[MEMSCOPE_SEGMENT_ROWS];

static inline gpointer
default_column (MemscopeRowColumn column)
{
  return columns[column].fill == 0 ? zeroes : ones;
}

void
memscope_rows_init (MemscopeRows *self)
{
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      memset (ones, 0xff, sizeof ones);
      g_once_init_leave (&ready, 1);
    }

  memset (self, 0, sizeof *self);
  self->n_expected = G_MAXUINT64;
}

void
memscope_rows_expect (MemscopeRows *self,
                      guint64       n_rows)
{
  g_assert (self->n_rows == 0);

  self->n_expected = n_rows;
}

void
memscope_rows_clear (MemscopeRows *self)
{
  for (guint i = 0; i < self->n_segments; i++)
    {
      for (guint c = 0; c < N_ROW_COLUMNS; c++)
        {
          if (self->segments[i]->columns[c] != default_column (c))
            g_free (self->segments[i]->columns[c]);
        }

      g_free (self->segments[i]);
    }

  g_clear_pointer (&self->segments, g_free);
  g_clear_pointer (&self->retired, g_ptr_array_unref);
  memset (self, 0, sizeof *self);
}

static void
memscope_rows_grow (MemscopeRows *self)
{
  guint capacity = MAX (16, self->capacity * 2);
  MemscopeRowSegment **grown = g_new0 (MemscopeRowSegment *, capacity);

  if (self->segments != NULL)
    {
      memcpy (grown, self->segments, self->n_segments * sizeof *grown);

      if (self->retired == NULL)
        self->retired = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (self->retired, self->segments);
    }

  __atomic_store_n (&self->segments, grown, __ATOMIC_RELEASE);
  self->capacity = capacity;
}

static MemscopeRowSegment *
memscope_rows_add_segment (MemscopeRows *self)
{
  MemscopeRowSegment *segment = g_new (MemscopeRowSegment, 1);
  guint64 first = (guint64)self->n_segments * MEMSCOPE_SEGMENT_ROWS;

  segment->capacity = (guint)MIN (self->n_expected - first, MEMSCOPE_SEGMENT_ROWS);
  for (guint c = 0; c < N_ROW_COLUMNS; c++)
    segment->columns[c] = default_column (c);

  if (self->n_segments == self->capacity)
    memscope_rows_grow (self);

  self->segments[self->n_segments++] = segment;

  return segment;
}

static gpointer
make_column (MemscopeRowSegment *segment,
             MemscopeRowColumn   column)
{
  gsize size = (gsize)segment->capacity * columns[column].width;
  gpointer expected = default_column (column);
  gpointer data = columns[column].fill == 0 ? g_malloc0 (size) : memset (g_malloc (size), columns[column].fill, size);

  /* Rows that come in bulk are written by several threads. */
  if (!__atomic_compare_exchange_n (&segment->columns[column], &expected, data, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    {
      g_free (data);
      data = expected;
    }

  return data;
}

/* The column to write to: its own memory from the first value that differs. */
static inline gpointer
own_column (MemscopeRowSegment *segment,
            MemscopeRowColumn   column)
{
  gpointer data = __atomic_load_n (&segment->columns[column], __ATOMIC_ACQUIRE);

  return G_LIKELY (data != default_column (column)) ? data : make_column (segment, column);
}

static inline void
put64 (MemscopeRowSegment *segment,
       MemscopeRowColumn   column,
       guint               i,
       guint64             value,
       guint64             fallback)
{
  if (value != fallback)
    ((guint64 *)own_column (segment, column))[i] = value;
}

static inline void
put32 (MemscopeRowSegment *segment,
       MemscopeRowColumn   column,
       guint               i,
       guint32             value,
       guint32             fallback)
{
  if (value != fallback)
    ((guint32 *)own_column (segment, column))[i] = value;
}

static inline void
put8 (MemscopeRowSegment *segment,
      MemscopeRowColumn   column,
      guint               i,
      guint8              value)
{
  if (value != 0)
    ((guint8 *)own_column (segment, column))[i] = value;
}

guint64
memscope_rows_append (MemscopeRows        *self,
                      const MemscopeBlock *block)
{
  guint64 row = self->n_rows;
  guint i = row % MEMSCOPE_SEGMENT_ROWS;
  MemscopeRowSegment *segment;

  g_assert (row < self->n_expected);

  segment = row / MEMSCOPE_SEGMENT_ROWS == self->n_segments ? memscope_rows_add_segment (self)
                                                            : self->segments[row / MEMSCOPE_SEGMENT_ROWS];
  if (block->variable != 0)
    self->has_variables = TRUE;

  put64 (segment, ROW_ADDRESS, i, block->address, 0);
  put64 (segment, ROW_SIZE, i, block->size, 0);
  put64 (segment, ROW_BIRTH_TIME, i, block->birth_time, 0);
  put64 (segment, ROW_DEATH_TIME, i, block->death_time, MEMSCOPE_NEVER);
  put64 (segment, ROW_BIRTH_EVENT, i, block->birth_event, 0);
  put64 (segment, ROW_DEATH_EVENT, i, block->death_event, MEMSCOPE_NEVER);
  put64 (segment, ROW_PREVIOUS, i, block->previous, 0);
  put64 (segment, ROW_PARENT, i, block->parent, 0);
  put32 (segment, ROW_ROUNDING, i, block->rounding, G_MAXUINT32);
  put32 (segment, ROW_THREAD, i, block->thread, 0);
  put32 (segment, ROW_DEATH_THREAD, i, block->death_thread, 0);
  put32 (segment, ROW_STACK, i, block->stack, 0);
  put32 (segment, ROW_DEATH_STACK, i, block->death_stack, 0);
  put32 (segment, ROW_VARIABLE, i, block->variable, 0);
  put8 (segment, ROW_KIND, i, (guint8)(block->origin | block->death << 3));
  put8 (segment, ROW_FUNCTION, i, block->function);
  put8 (segment, ROW_FLAGS, i, block->flags);
  put8 (segment, ROW_ALIGNMENT, i, block->alignment_log2);

  if (block->parent != 0)
    self->has_parents = TRUE;

  __atomic_store_n (&self->n_rows, row + 1, __ATOMIC_RELEASE);

  return row;
}

/* The kind is written last: a reader that sees the death sees its time. */
void
memscope_rows_end (MemscopeRows  *self,
                   guint64        row,
                   MemscopeDeath  death,
                   guint64        time,
                   guint64        event,
                   guint32        thread,
                   guint32        stack)
{
  MemscopeRowSegment *segment = self->segments[row / MEMSCOPE_SEGMENT_ROWS];
  guint i = row % MEMSCOPE_SEGMENT_ROWS;
  guint8 *kind = (guint8 *)own_column (segment, ROW_KIND) + i;

  put32 (segment, ROW_DEATH_THREAD, i, thread, 0);
  put32 (segment, ROW_DEATH_STACK, i, stack, 0);
  put64 (segment, ROW_DEATH_EVENT, i, event, MEMSCOPE_NEVER);
  put64 (segment, ROW_DEATH_TIME, i, time, MEMSCOPE_NEVER);
  __atomic_store_n (kind, (guint8)((*kind & 7) | death << 3), __ATOMIC_RELEASE);
}

void
memscope_rows_set_site (MemscopeRows *self,
                        guint64       row,
                        guint32       site)
{
  put32 (self->segments[row / MEMSCOPE_SEGMENT_ROWS], ROW_SITE, row % MEMSCOPE_SEGMENT_ROWS, site, 0);
}

void
memscope_rows_set_variable (MemscopeRows *self,
                            guint64       row,
                            guint32       variable)
{
  self->has_variables = TRUE;
  put32 (self->segments[row / MEMSCOPE_SEGMENT_ROWS], ROW_VARIABLE, row % MEMSCOPE_SEGMENT_ROWS, variable, 0);
}

/* ---- many at once ------------------------------------------------------------------ */

void
memscope_rows_reserve (MemscopeRows *self,
                       guint64       n)
{
  guint needed = (guint)((self->n_rows + n + MEMSCOPE_SEGMENT_ROWS - 1) / MEMSCOPE_SEGMENT_ROWS);

  g_assert (self->n_expected == G_MAXUINT64);

  while (self->n_segments < needed)
    memscope_rows_add_segment (self);
}

void
memscope_rows_write (MemscopeRows        *self,
                     guint64              row,
                     const MemscopeBlock *block,
                     guint32              site)
{
  MemscopeRowSegment *segment = self->segments[row / MEMSCOPE_SEGMENT_ROWS];
  guint i = row % MEMSCOPE_SEGMENT_ROWS;

  put64 (segment, ROW_ADDRESS, i, block->address, 0);
  put64 (segment, ROW_SIZE, i, block->size, 0);
  put64 (segment, ROW_BIRTH_TIME, i, block->birth_time, 0);
  put64 (segment, ROW_BIRTH_EVENT, i, block->birth_event, 0);
  put64 (segment, ROW_PREVIOUS, i, block->previous, 0);
  put32 (segment, ROW_ROUNDING, i, block->rounding, G_MAXUINT32);
  put32 (segment, ROW_THREAD, i, block->thread, 0);
  put32 (segment, ROW_STACK, i, block->stack, 0);
  put32 (segment, ROW_SITE, i, site, 0);
  put8 (segment, ROW_FUNCTION, i, block->function);
  put8 (segment, ROW_FLAGS, i, block->flags);
  put8 (segment, ROW_ALIGNMENT, i, block->alignment_log2);

  /* Its death may be written at the same time. */
  if (block->origin != 0)
    __atomic_fetch_or ((guint8 *)own_column (segment, ROW_KIND) + i, block->origin, __ATOMIC_RELAXED);
}

gboolean
memscope_rows_try_end (MemscopeRows  *self,
                       guint64        row,
                       MemscopeDeath  death,
                       guint64        time,
                       guint64        event,
                       guint32        thread,
                       guint32        stack)
{
  MemscopeRowSegment *segment = self->segments[row / MEMSCOPE_SEGMENT_ROWS];
  guint i = row % MEMSCOPE_SEGMENT_ROWS;
  guint8 *place = (guint8 *)own_column (segment, ROW_KIND) + i;
  guint8 kind = __atomic_load_n (place, __ATOMIC_RELAXED);

  do
    {
      if (kind >> 3 != MEMSCOPE_DEATH_NONE)
        return FALSE;
    }
  while (!__atomic_compare_exchange_n (place, &kind, (guint8)(kind | death << 3), FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED));

  put32 (segment, ROW_DEATH_THREAD, i, thread, 0);
  put32 (segment, ROW_DEATH_STACK, i, stack, 0);
  put64 (segment, ROW_DEATH_EVENT, i, event, MEMSCOPE_NEVER);
  put64 (segment, ROW_DEATH_TIME, i, time, MEMSCOPE_NEVER);

  return TRUE;
}

void
memscope_rows_end_earlier (MemscopeRows  *self,
                           guint64        row,
                           MemscopeDeath  death,
                           guint64        time,
                           guint64        event,
                           guint32        thread,
                           guint32        stack)
{
  MemscopeRowSegment *segment = self->segments[row / MEMSCOPE_SEGMENT_ROWS];
  guint i = row % MEMSCOPE_SEGMENT_ROWS;
  guint8 *kind = (guint8 *)own_column (segment, ROW_KIND) + i;

  ((guint32 *)own_column (segment, ROW_DEATH_THREAD))[i] = thread;
  ((guint32 *)own_column (segment, ROW_DEATH_STACK))[i] = stack;
  ((guint64 *)own_column (segment, ROW_DEATH_EVENT))[i] = event;
  ((guint64 *)own_column (segment, ROW_DEATH_TIME))[i] = time;
  *kind = (guint8)((*kind & 7) | death << 3);
}

void
memscope_rows_publish (MemscopeRows *self,
                       guint64       n)
{
  __atomic_store_n (&self->n_rows, self->n_rows + n, __ATOMIC_RELEASE);
}

static gconstpointer
get_column (const MemscopeRows *self,
            guint64             row,
            MemscopeRowColumn   column)
{
  MemscopeRowSegment **segments = __atomic_load_n (&self->segments, __ATOMIC_ACQUIRE);

  return __atomic_load_n (&segments[row / MEMSCOPE_SEGMENT_ROWS]->columns[column], __ATOMIC_ACQUIRE);
}

void
memscope_rows_get_batch (const MemscopeRows *self,
                         guint               index,
                         MemscopeBatch      *batch)
{
  guint64 n_rows = memscope_rows_get_n (self);
  guint64 first = (guint64)index * MEMSCOPE_SEGMENT_ROWS;

  g_assert (first < n_rows);

  batch->first_row = first;
  batch->n_rows = (guint)MIN (n_rows - first, MEMSCOPE_SEGMENT_ROWS);
  batch->address = get_column (self, first, ROW_ADDRESS);
  batch->size = get_column (self, first, ROW_SIZE);
  batch->birth_time = get_column (self, first, ROW_BIRTH_TIME);
  batch->death_time = get_column (self, first, ROW_DEATH_TIME);
  batch->birth_event = get_column (self, first, ROW_BIRTH_EVENT);
  batch->death_event = get_column (self, first, ROW_DEATH_EVENT);
  batch->rounding = get_column (self, first, ROW_ROUNDING);
  batch->thread = get_column (self, first, ROW_THREAD);
  batch->death_thread = get_column (self, first, ROW_DEATH_THREAD);
  batch->stack = get_column (self, first, ROW_STACK);
  batch->death_stack = get_column (self, first, ROW_DEATH_STACK);
  batch->variable = get_column (self, first, ROW_VARIABLE);
  batch->previous = get_column (self, first, ROW_PREVIOUS);
  batch->parent = self->has_parents ? get_column (self, first, ROW_PARENT) : NULL;
  batch->kind = get_column (self, first, ROW_KIND);
  batch->function = get_column (self, first, ROW_FUNCTION);
  batch->flags = get_column (self, first, ROW_FLAGS);
}

void
memscope_rows_get (const MemscopeRows *self,
                   guint64             row,
                   MemscopeBlock      *block)
{
  guint i = row % MEMSCOPE_SEGMENT_ROWS;
  MemscopeBatch batch;

  memscope_rows_get_batch (self, (guint)(row / MEMSCOPE_SEGMENT_ROWS), &batch);

  *block = (MemscopeBlock) {
    .address = batch.address[i],
    .size = batch.size[i],
    .birth_time = batch.birth_time[i],
    .death_time = batch.death_time[i],
    .birth_event = batch.birth_event[i],
    .death_event = batch.death_event[i],
    .rounding = batch.rounding[i],
    .thread = batch.thread[i],
    .death_thread = batch.death_thread[i],
    .stack = batch.stack[i],
    .death_stack = batch.death_stack[i],
    .variable = batch.variable[i],
    .previous = batch.previous[i],
    .parent = batch.parent != NULL ? batch.parent[i] : 0,
    .origin = memscope_batch_origin (&batch, i),
    .function = batch.function[i],
    .death = memscope_batch_death (&batch, i),
    .flags = batch.flags[i],
    .alignment_log2 = ((const guint8 *)get_column (self, row, ROW_ALIGNMENT))[i],
  };
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows are in order of birth, deaths are not in any. So event positions are taken
 * in windows: the ops of a window are put at their place in an array, from the rows
 * born in it and from those born earlier that have yet to die (the pending ones).
 * Windows grow with the number of the pending, so that looking through them for
 * each window stays linear in all.
 */

#include "config.h"

#include "memscope-sweep.h"

#include <string.h>

#include "memscope-fold.h"
#include "memscope-tape-sweep.h"

#define MIN_WINDOW (256u * 1024u)
#define MAX_WINDOW (8u * 1024u * 1024u)

/* A death that lies behind the window: all of it, so that old rows need not be read again. */
typedef struct
{
  guint64         event;
  MemscopeSweepOp op;
} Pending;

typedef struct
{
  const MemscopeFilter *filter;
  guint64               begin;
  guint64               end;
  MemscopeSweepKeyFunc  key;
  MemscopeSweepFunc     func;
  gpointer              user_data;
  GCancellable         *cancellable;

  guint                 batch_index;   /* the next row to be born */
  guint                 i;
  MemscopeBatch         batch;

  GArray               *pending;       /* Pending */
  guint64               next_death;    /* event of the first death among the pending */

  MemscopeSweepOp      *window;
  gsize                 capacity;
  guint64               first_event;   /* of the window */
  guint64               end_event;
} Sweep;

static MemscopeSweepOp
make_op (const Sweep         *self,
         const MemscopeBatch *batch,
         guint                i,
         MemscopeSweepKind    kind)
{
  MemscopeSweepOp op = { .kind = kind };
  guint64 weight;

  memscope_filter_weigh (self->filter, batch, i, &weight, &op.bytes);
  op.weight = (guint32)MIN (weight, (1u << 30) - 1);
  op.key = self->key != NULL ? self->key (batch, i, self->user_data) : 0;
  op.time = batch->birth_time[i];

  return op;
}

/* Drops the places nothing came to. */
static void
deliver (Sweep *self,
         gsize  n_places)
{
  gsize n = 0;

  for (gsize place = 0; place < n_places; place++)
    {
      if (self->window[place].kind == MEMSCOPE_SWEEP_NOTHING)
        continue;
      if (n != place)
        self->window[n] = self->window[place];
      n++;
    }

  if (n > 0)
    self->func (self->window, n, self->user_data);
}

static void
put_at (Sweep                 *self,
        guint64                event,
        const MemscopeSweepOp *op)
{
  self->window[event - self->first_event] = *op;
}

static gboolean
dies_in_range (const Sweep         *self,
               const MemscopeBatch *batch,
               guint                i)
{
  return batch->death_time[i] >= self->begin && batch->death_time[i] < self->end;
}

/* A block that dies before it was born was never alive. */
static gboolean
ever_lives (const MemscopeBatch *batch,
            guint                i)
{
  return batch->death_event[i] > batch->birth_event[i] && batch->death_time[i] >= batch->birth_time[i];
}

static MemscopeSweepOp
make_death (const MemscopeBatch   *batch,
            guint                  i,
            const MemscopeSweepOp *birth)
{
  MemscopeSweepOp op = *birth;

  op.kind = MEMSCOPE_SWEEP_DEATH;
  op.time = batch->death_time[i];

  return op;
}

static void
add_pending (Sweep                 *self,
             const MemscopeBatch   *batch,
             guint                  i,
             const MemscopeSweepOp *birth)
{
  Pending pending = { batch->death_event[i], make_death (batch, i, birth) };

  g_array_append_val (self->pending, pending);
  self->next_death = MIN (self->next_death, pending.event);
}

/* ---- the rows, one after the other --------------------------------------------------- */

static gboolean
load_batch (Sweep *self)
{
  if (self->batch_index >= self->filter->n_batches || g_cancellable_is_cancelled (self->cancellable))
    return FALSE;

  memscope_filter_get_batch (self->filter, self->batch_index, &self->batch);

  return TRUE;
}

/* Brings the cursor to the next row that counts and was born before @end. */
static gboolean
seek_row (Sweep   *self,
          guint64  end)
{
  while (self->batch_index < self->filter->n_batches)
    {
      const MemscopeBatch *batch = &self->batch;

      for (; self->i < batch->n_rows && batch->birth_time[self->i] < end; self->i++)
        {
          if (batch->death_time[self->i] >= self->begin && ever_lives (batch, self->i) &&
              memscope_filter_passes (self->filter, batch, self->i))
            return TRUE;
        }

      if (self->i < batch->n_rows)
        return FALSE;

      self->batch_index++;
      self->i = 0;
      if (!load_batch (self))
        return FALSE;
    }

  return FALSE;
}

static void
sweep_before (Sweep *self)
{
  gsize n = 0;

  while (seek_row (self, self->begin))
    {
      MemscopeSweepOp op = make_op (self, &self->batch, self->i, MEMSCOPE_SWEEP_BEFORE);

      self->window[n++] = op;
      if (n == self->capacity)
        {
          deliver (self, n);
          n = 0;
        }

      if (dies_in_range (self, &self->batch, self->i))
        add_pending (self, &self->batch, self->i, &op);
      self->i++;
    }

  deliver (self, n);
}

/* ---- windows --------------------------------------------------------------------------- */

static void
place_pending (Sweep *self)
{
  Pending *pending = (gpointer)self->pending->data;
  guint n = 0;

  self->next_death = G_MAXUINT64;
  for (guint j = 0; j < self->pending->len; j++)
    {
      guint64 event = pending[j].event;

      if (event < self->end_event)
        {
          put_at (self, event, &pending[j].op);
          continue;
        }

      pending[n++] = pending[j];
      self->next_death = MIN (self->next_death, event);
    }

  g_array_set_size (self->pending, n);
}

static void
place_births (Sweep *self)
{
  while (seek_row (self, self->end))
    {
      const MemscopeBatch *batch = &self->batch;
      MemscopeSweepOp birth, death;
      guint i = self->i;

      if (batch->birth_event[i] >= self->end_event)
        return;

      self->i++;
      if (batch->birth_event[i] < self->first_event)
        continue;   /* not in order: the session broke its promise, the array must not */

      birth = make_op (self, batch, i, MEMSCOPE_SWEEP_BIRTH);
      put_at (self, batch->birth_event[i], &birth);
      if (!dies_in_range (self, batch, i))
        continue;

      if (batch->death_event[i] < self->end_event)
        {
          death = make_death (batch, i, &birth);
          put_at (self, batch->death_event[i], &death);
        }
      else
        {
          add_pending (self, batch, i, &birth);
        }
    }
}

static gsize
window_size (const Sweep *self)
{
  gsize rows_left = (gsize)(self->filter->n_rows - MIN (self->filter->n_rows, self->batch.first_row + self->i));
  gsize wanted = CLAMP (self->pending->len / 4, MIN_WINDOW, MAX_WINDOW);

  return MIN (wanted, MAX (2 * rows_left + self->pending->len, 64));
}

static void
prepare_window (Sweep *self)
{
  gsize size = window_size (self);

  if (size > self->capacity)
    {
      g_free (self->window);
      self->window = g_new0 (MemscopeSweepOp, size);
      self->capacity = size;
    }
  else
    {
      memset (self->window, 0, self->capacity * sizeof *self->window);
    }
}

static void
sweep_range (Sweep *self)
{
  while (!g_cancellable_is_cancelled (self->cancellable))
    {
      guint64 event = self->next_death;

      if (seek_row (self, self->end))
        event = MIN (event, self->batch.birth_event[self->i]);
      if (event == G_MAXUINT64)
        return;

      prepare_window (self);
      self->first_event = event;
      self->end_event = event + MIN (self->capacity, G_MAXUINT64 - event);
      place_pending (self);
      place_births (self);
      deliver (self, self->capacity);
    }
}

gboolean
memscope_sweep_run (const MemscopeFilter  *filter,
                    guint64                begin,
                    guint64                end,
                    MemscopeSweepKeyFunc   key,
                    MemscopeSweepFunc      func,
                    gpointer               user_data,
                    GCancellable          *cancellable,
                    GError               **error)
{
  Sweep self = {
    .filter = filter,
    .begin = begin,
    .end = end,
    .key = key,
    .func = func,
    .user_data = user_data,
    .cancellable = cancellable,
    .next_death = G_MAXUINT64,
  };

  if (filter->tape != NULL)
    return memscope_tape_sweep_run (filter, begin, end, key, func, user_data, cancellable, error);

  if (load_batch (&self))
    {
      self.pending = g_array_new (FALSE, FALSE, sizeof (Pending));
      prepare_window (&self);
      sweep_before (&self);
      sweep_range (&self);
      g_array_unref (self.pending);
      g_free (self.window);
    }

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-holders.h"

#define NS_PER_US G_GUINT64_CONSTANT (1000)

typedef struct
{
  guint64 row;
  guint64 event;
  guint64 time;
  guint32 kind;
} Report;

static gboolean
is_about_holders (guint32 kind)
{
  return kind == MEMSCOPE_ANNOTATION_CLONE || kind == MEMSCOPE_ANNOTATION_BORROW ||
         kind == MEMSCOPE_ANNOTATION_BORROW_MUT || kind == MEMSCOPE_ANNOTATION_RETURN;
}

static int
compare_reports (gconstpointer a,
                 gconstpointer b)
{
  const Report *left = a;
  const Report *right = b;

  if (left->row != right->row)
    return left->row < right->row ? -1 : 1;

  return left->event < right->event ? -1 : left->event > right->event;
}

static GArray *
collect_reports (MemscopeSession *session,
                 guint64          instant)
{
  GArray *reports = g_array_new (FALSE, FALSE, sizeof (Report));
  guint n, n_rows;
  const MemscopeAnnotation *annotations = memscope_session_get_annotations (session, &n);
  const guint64 *rows = memscope_session_get_annotation_rows (session, &n_rows);

  for (guint i = 0; i < MIN (n, n_rows); i++)
    {
      Report report = { rows[i] - 1, annotations[i].event, annotations[i].time, annotations[i].kind };

      if (rows[i] == 0 || !is_about_holders (report.kind) ||
          report.time > G_MAXUINT64 / NS_PER_US || report.time * NS_PER_US >= instant)
        continue;

      report.time *= NS_PER_US;
      g_array_append_val (reports, report);
    }

  g_array_sort (reports, compare_reports);

  return reports;
}

/* The reports of one row, in order. */
static MemscopeHolder
judge_reports (const Report *reports,
               guint         n)
{
  MemscopeHolder holder = { .row = reports[0].row, .last_time = reports[n - 1].time };

  for (guint i = 0; i < n; i++)
    {
      if (reports[i].kind != MEMSCOPE_ANNOTATION_RETURN)
        holder.borrows++;
      else if (holder.borrows > 0)
        holder.borrows--;
    }

  holder.shared = holder.borrows > 0;

  return holder;
}

void
memscope_holders_init (MemscopeHolders *self,
                       MemscopeSession *session,
                       guint64          instant)
{
  g_autoptr(GArray) reports = collect_reports (session, instant);
  const Report *at = (gconstpointer)reports->data;

  self->n = 0;
  self->holders = g_new (MemscopeHolder, MAX (reports->len, 1));

  for (guint i = 0; i < reports->len;)
    {
      guint n = 1;

      while (i + n < reports->len && at[i + n].row == at[i].row)
        n++;

      self->holders[self->n++] = judge_reports (&at[i], n);
      i += n;
    }
}

void
memscope_holders_clear (MemscopeHolders *self)
{
  g_clear_pointer (&self->holders, g_free);
}

const MemscopeHolder *
memscope_holders_find (const MemscopeHolders *self,
                       guint64                row)
{
  guint low = 0;
  guint high = self->n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (self->holders[middle].row < row)
        low = middle + 1;
      else
        high = middle;
    }

  return low < self->n && self->holders[low].row == row ? &self->holders[low] : NULL;
}

static gboolean
came_from_other_thread (const MemscopeFilter *filter,
                        const MemscopeBatch  *columns,
                        guint                 i)
{
  guint64 row = columns->previous[i] - 1;
  MemscopeBatch batch;

  if (columns->previous[i] == 0 || row >= columns->first_row + i)
    return FALSE;

  memscope_filter_get_batch (filter, (guint)(row / MEMSCOPE_SEGMENT_ROWS), &batch);

  return batch.thread[row % MEMSCOPE_SEGMENT_ROWS] != columns->thread[i];
}

gboolean
memscope_holders_is_shared (const MemscopeFilter *filter,
                            const MemscopeBatch  *columns,
                            guint                 i,
                            const MemscopeHolder *holder)
{
  return (holder != NULL && holder->shared) || columns->flags[i] & MEMSCOPE_BLOCK_SHARED ||
         (columns->death_thread[i] != 0 && columns->death_thread[i] != columns->thread[i]) ||
         came_from_other_thread (filter, columns, i);
}

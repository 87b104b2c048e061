/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-axis.h"

void
memscope_axis_init (MemscopeAxis *self,
                    guint64       begin,
                    guint64       end,
                    guint         n)
{
  guint64 whole = (end - begin) / n;
  guint64 rest = (end - begin) % n;

  g_assert (n > 0 && end >= begin);

  self->begin = begin;
  self->end = end;
  self->n = n;
  self->parts_per_ns = end > begin ? (double)n / (double)(end - begin) : 0;
  self->edges = g_new (guint64, (gsize)n + 1);

  for (guint k = 0; k <= n; k++)
    self->edges[k] = begin + whole * k + rest * k / n;
}

void
memscope_axis_clear (MemscopeAxis *self)
{
  g_clear_pointer (&self->edges, g_free);
}

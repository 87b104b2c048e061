/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* [begin, end) cut into n parts as equal as whole nanoseconds allow: part k is
 * [edges[k], edges[k + 1]), with edges[k] = begin + floor (k * (end - begin) / n).
 * Parts of a range shorter than n ns may be empty.
 */
typedef struct
{
  guint64  begin;
  guint64  end;
  guint    n;
  double   parts_per_ns;
  guint64 *edges;      /* n + 1 */
} MemscopeAxis;

void memscope_axis_init  (MemscopeAxis *self,
                          guint64       begin,
                          guint64       end,
                          guint         n);
void memscope_axis_clear (MemscopeAxis *self);

/* The part that @time lies in, which is in [begin, end). */
static inline guint
memscope_axis_find (const MemscopeAxis *self,
                    guint64             time)
{
  guint part = (guint)MIN ((double)(time - self->begin) * self->parts_per_ns, (double)(self->n - 1));

  while (time < self->edges[part])
    part--;
  while (time >= self->edges[part + 1])
    part++;

  return part;
}

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-range-index.h"

/* How many ranges that begin before the address are looked at before giving up:
 * more lie in each other only to make this slow.
 */
#define MAX_STEPS 4096u

typedef struct
{
  guint64 low;
  guint64 high;
  guint64 highest;   /* `high` of this and all before it */
  guint   value;
  guint   order;
} Range;

struct _MemscopeRangeIndex
{
  GArray *ranges;
};

MemscopeRangeIndex *
memscope_range_index_new (void)
{
  MemscopeRangeIndex *self = g_new0 (MemscopeRangeIndex, 1);

  self->ranges = g_array_new (FALSE, FALSE, sizeof (Range));

  return self;
}

void
memscope_range_index_free (MemscopeRangeIndex *self)
{
  g_array_unref (self->ranges);
  g_free (self);
}

void
memscope_range_index_add (MemscopeRangeIndex *self,
                          guint64             low,
                          guint64             high,
                          guint               value)
{
  Range range = { low, high, 0, value, self->ranges->len };

  if (low < high)
    g_array_append_val (self->ranges, range);
}

/* Of two that begin together the inner one comes last. */
static int
compare_ranges (gconstpointer a,
                gconstpointer b)
{
  const Range *x = a;
  const Range *y = b;

  if (x->low != y->low)
    return x->low < y->low ? -1 : 1;

  if (x->high != y->high)
    return x->high > y->high ? -1 : 1;

  return x->order < y->order ? -1 : x->order > y->order;
}

void
memscope_range_index_sort (MemscopeRangeIndex *self)
{
  guint64 highest = 0;

  g_array_sort (self->ranges, compare_ranges);

  for (guint i = 0; i < self->ranges->len; i++)
    {
      Range *range = &g_array_index (self->ranges, Range, i);

      highest = MAX (highest, range->high);
      range->highest = highest;
    }
}

/* How many ranges begin at or before @address. */
static guint
count_before (const MemscopeRangeIndex *self,
              guint64                   address)
{
  guint low = 0;
  guint high = self->ranges->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->ranges, Range, middle).low <= address)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

guint
memscope_range_index_find (const MemscopeRangeIndex *self,
                           guint64                   address)
{
  guint i = count_before (self, address);

  for (guint n = 0; i > 0 && n < MAX_STEPS; n++)
    {
      const Range *range = &g_array_index (self->ranges, Range, --i);

      if (range->highest <= address)
        break;

      if (range->high > address)
        return range->value;
    }

  return MEMSCOPE_NO_RANGE;
}

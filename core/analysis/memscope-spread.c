/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-spread.h"

#include <math.h>
#include <string.h>

#define EXACT_BITS MEMSCOPE_SPREAD_EXACT_BITS
#define SUB_BINS   MEMSCOPE_SPREAD_SUB_BINS

G_STATIC_ASSERT (MEMSCOPE_SPREAD_BINS == (64 - EXACT_BITS + 2) * SUB_BINS);

static guint64
first_value_of (guint bin)
{
  guint shift = bin / SUB_BINS;

  if (shift < 2)
    return bin;

  return (guint64)(bin - (shift - 1) * SUB_BINS) << (shift - 1);
}

void
memscope_spread_init (MemscopeSpread *self)
{
  memset (self, 0, sizeof *self);
  self->min = G_MAXUINT64;
}

void
memscope_spread_add (MemscopeSpread *self,
                     guint64         value,
                     guint64         weight)
{
  self->n += weight;
  self->min = MIN (self->min, value);
  self->max = MAX (self->max, value);
  self->bins[memscope_spread_bin (value)] += weight;
}

void
memscope_spread_merge (MemscopeSpread       *self,
                       const MemscopeSpread *other)
{
  self->n += other->n;
  self->min = MIN (self->min, other->min);
  self->max = MAX (self->max, other->max);
  for (guint i = 0; i < MEMSCOPE_SPREAD_BINS; i++)
    self->bins[i] += other->bins[i];
}

guint64
memscope_spread_quantile (const MemscopeSpread *self,
                          double                q)
{
  guint64 rank = MAX ((guint64)ceil (q * (double)self->n), 1);
  guint64 seen = 0;

  if (self->n == 0)
    return G_MAXUINT64;

  for (guint i = 0; i < MEMSCOPE_SPREAD_BINS; i++)
    {
      seen += self->bins[i];
      if (seen >= rank)
        return CLAMP (first_value_of (i), self->min, self->max);
    }

  return self->max;
}

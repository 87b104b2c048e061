/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-histograms.h"

#include "memscope-fold.h"
#include "memscope-saturate.h"
#include "memscope-spread.h"

/* Where bins 1 and up begin, in ns: powers of the square root of ten. */
static const guint64 lifetime_edges[MEMSCOPE_LIFETIME_BINS - 1] = {
  G_GUINT64_CONSTANT (1000), G_GUINT64_CONSTANT (3162),
  G_GUINT64_CONSTANT (10000), G_GUINT64_CONSTANT (31623),
  G_GUINT64_CONSTANT (100000), G_GUINT64_CONSTANT (316228),
  G_GUINT64_CONSTANT (1000000), G_GUINT64_CONSTANT (3162278),
  G_GUINT64_CONSTANT (10000000), G_GUINT64_CONSTANT (31622777),
  G_GUINT64_CONSTANT (100000000), G_GUINT64_CONSTANT (316227766),
  G_GUINT64_CONSTANT (1000000000), G_GUINT64_CONSTANT (3162277660),
  G_GUINT64_CONSTANT (10000000000), G_GUINT64_CONSTANT (31622776602),
  G_GUINT64_CONSTANT (100000000000), G_GUINT64_CONSTANT (316227766017),
  G_GUINT64_CONSTANT (1000000000000),
};

typedef struct
{
  MemscopeHistograms histograms;
  MemscopeSpread     sizes;
  MemscopeSpread     lifetimes;
} State;

guint64
memscope_lifetime_bin_get_begin (guint bin)
{
  g_return_val_if_fail (bin < MEMSCOPE_LIFETIME_BINS, 0);

  return bin == 0 ? 0 : lifetime_edges[bin - 1];
}

static guint
lifetime_bin_of (guint64 lifetime)
{
  guint bin = 0;

  while (bin < MEMSCOPE_LIFETIME_BINS - 1 && lifetime >= lifetime_edges[bin])
    bin++;

  return bin;
}

static guint
size_bin_of (guint64 size)
{
  guint bin = size > 1 ? (guint)(63 - __builtin_clzll (size)) : 0;

  return MIN (bin, MEMSCOPE_SIZE_BINS - 1);
}

static gpointer
state_init (const MemscopeFilter *filter,
            gpointer              user_data)
{
  State *self = g_new0 (State, 1);

  memscope_spread_init (&self->sizes);
  memscope_spread_init (&self->lifetimes);

  return self;
}

static void
state_add_birth (State                   *self,
                 const MemscopeFoldBatch *batch,
                 guint                    j,
                 guint                    i)
{
  MemscopeHistograms *histograms = &self->histograms;
  guint bin = size_bin_of (batch->columns.size[i]);

  histograms->size_counts[bin] += memscope_fold_weight (batch, j);
  histograms->size_bytes[bin] = memscope_saturating_add (histograms->size_bytes[bin], memscope_fold_bytes (batch, j, i));
  memscope_spread_add (&self->sizes, batch->columns.size[i], memscope_fold_weight (batch, j));
}

static void
state_add_death (State                   *self,
                 const MemscopeFoldBatch *batch,
                 guint                    j,
                 guint                    i)
{
  guint64 lifetime = memscope_batch_end_time (&batch->columns, i) - batch->columns.birth_time[i];

  if (memscope_batch_death (&batch->columns, i) == MEMSCOPE_DEATH_UNSEEN)
    return;

  self->histograms.lifetime_counts[lifetime_bin_of (lifetime)] += memscope_fold_weight (batch, j);
  memscope_spread_add (&self->lifetimes, lifetime, memscope_fold_weight (batch, j));
}

static void
state_add (gpointer                 state,
           const MemscopeFoldBatch *batch)
{
  State *self = state;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];

      if (batch->columns.birth_time[i] >= batch->filter->begin)
        state_add_birth (self, batch, j, i);
      if (memscope_filter_in_range (batch->filter, memscope_batch_end_time (&batch->columns, i)))
        state_add_death (self, batch, j, i);
      else
        self->histograms.never_died += memscope_fold_weight (batch, j);
    }
}

static void
state_merge (gpointer state,
             gpointer other_state)
{
  State *self = state;
  g_autofree State *other = other_state;
  MemscopeHistograms *to = &self->histograms;
  const MemscopeHistograms *from = &other->histograms;

  for (guint k = 0; k < MEMSCOPE_SIZE_BINS; k++)
    {
      to->size_counts[k] += from->size_counts[k];
      to->size_bytes[k] = memscope_saturating_add (to->size_bytes[k], from->size_bytes[k]);
    }
  for (guint k = 0; k < MEMSCOPE_LIFETIME_BINS; k++)
    to->lifetime_counts[k] += from->lifetime_counts[k];
  to->never_died += from->never_died;

  memscope_spread_merge (&self->sizes, &other->sizes);
  memscope_spread_merge (&self->lifetimes, &other->lifetimes);
}

/* From weights to blocks. */
static void
finish_counts (const MemscopeFilter *filter,
               guint64              *counts,
               guint                 n)
{
  for (guint k = 0; k < n; k++)
    counts[k] = memscope_filter_count (filter, counts[k]);
}

MemscopeHistograms *
memscope_histograms_new (MemscopeSession    *session,
                         MemscopeSelection  *selection,
                         GCancellable       *cancellable,
                         GError            **error)
{
  static const MemscopeFold fold = { .init = state_init, .add = state_add, .merge = state_merge, .free = g_free };
  g_autoptr(MemscopeFilter) filter = NULL;
  g_autofree State *state = NULL;
  MemscopeHistograms *self;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);

  filter = memscope_filter_new (session, selection);
  state = memscope_fold_run (&fold, filter, NULL, cancellable, error);
  if (state == NULL)
    return NULL;

  self = g_memdup2 (&state->histograms, sizeof *self);
  finish_counts (filter, self->size_counts, MEMSCOPE_SIZE_BINS);
  finish_counts (filter, self->lifetime_counts, MEMSCOPE_LIFETIME_BINS);
  finish_counts (filter, &self->never_died, 1);
  self->median_size = memscope_spread_quantile (&state->sizes, 0.5);
  self->median_lifetime = memscope_spread_quantile (&state->lifetimes, 0.5);

  return self;
}

void
memscope_histograms_free (MemscopeHistograms *self)
{
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-page-calls.h"

#include <stdlib.h>

#include "memscope-page-tile.h"
#include "memscope-saturate.h"
#include "memscope-stack-sums.h"

/* By measure. */
static const char *const names[MEMSCOPE_N_MEASURES] = {
  "liveBytes", "liveBlocks", "bornBytes", "births", "temporary", "temporaryBytes", "peakBytes", "peakBlocks",
};

/* The largest share that a call has of anything. */
static double
weight_of (const MemscopePageCall *call,
           const guint64          *totals)
{
  double weight = 0;

  for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
    weight = MAX (weight, totals[m] > 0 ? (double) call->sums[m] / (double) totals[m] : 0);

  return weight;
}

static int
compare_calls (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  const MemscopePageCall *left = a;
  const MemscopePageCall *right = b;
  double left_weight = weight_of (left, user_data);
  double right_weight = weight_of (right, user_data);

  if (left_weight != right_weight)
    return left_weight > right_weight ? -1 : 1;
  if (left->thread != right->thread)
    return left->thread < right->thread ? -1 : 1;

  return left->stack < right->stack ? -1 : left->stack > right->stack;
}

MemscopePageCalls *
memscope_page_calls_new (MemscopeSession    *session,
                         MemscopeSelection  *selection,
                         GCancellable       *cancellable,
                         GError            **error)
{
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, selection);
  g_autoptr(MemscopeStackSums) sums = memscope_stack_sums_new (filter, TRUE, cancellable, error);
  guint64 totals[MEMSCOPE_N_MEASURES] = { 0, };
  MemscopePageCalls *self;

  if (sums == NULL)
    return NULL;

  self = g_new0 (MemscopePageCalls, 1);
  self->calls = g_new0 (MemscopePageCall, MAX (sums->n_stacks, 1));
  for (guint row = 0; row < sums->n_stacks; row++)
    {
      MemscopePageCall *call = &self->calls[self->n_calls];
      guint64 any = 0;

      memscope_stack_sums_get_key (sums, row, &call->thread, &call->stack);
      for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
        {
          call->sums[m] = sums->sums[row][m];
          totals[m] = memscope_saturating_add (totals[m], call->sums[m]);
          any |= call->sums[m];
        }
      self->n_calls += any != 0;
    }
  g_qsort_with_data (self->calls, (int) self->n_calls, sizeof *self->calls, compare_calls, totals);

  return self;
}

void
memscope_page_calls_free (MemscopePageCalls *self)
{
  g_free (self->calls);
  g_free (self);
}

static int
compare_threads (gconstpointer a,
                 gconstpointer b)
{
  const MemscopePageCall *left = a;
  const MemscopePageCall *right = b;

  return left->thread < right->thread ? -1 : left->thread > right->thread;
}

/* The light ones, a row for each thread. */
static GArray *
gather_rest (MemscopePageCalls *self,
             guint              first)
{
  GArray *rest = g_array_new (FALSE, FALSE, sizeof (MemscopePageCall));
  g_autofree MemscopePageCall *light = g_memdup2 (self->calls + first, (self->n_calls - first) * sizeof *light);

  /* each thread's together, so that its row is the last one */
  if (light != NULL)
    qsort (light, self->n_calls - first, sizeof *light, compare_threads);
  for (guint i = 0; i < self->n_calls - first; i++)
    {
      if (i == 0 || light[i].thread != light[i - 1].thread)
        {
          MemscopePageCall fresh = { .thread = light[i].thread };

          g_array_append_val (rest, fresh);
        }
      for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
        {
          guint64 *sum = &g_array_index (rest, MemscopePageCall, rest->len - 1).sums[m];

          *sum = memscope_saturating_add (*sum, light[i].sums[m]);
        }
    }

  return rest;
}

char *
memscope_page_calls_pack (MemscopePageCalls  *self,
                          guint               max,
                          MemscopePagePlaces *places,
                          guint              *left_out)
{
  guint n_kept = MIN (self->n_calls, max);
  g_autoptr(GArray) rest = gather_rest (self, n_kept);
  guint n = n_kept + rest->len;
  g_autofree guint64 *values = g_new (guint64, MAX (n, 1));
  MemscopePageTile tile;
  char *packed;

  *left_out = self->n_calls - n_kept;
  memscope_page_tile_init (&tile, n);
  for (guint i = 0; i < n; i++)
    values[i] = i < n_kept ? self->calls[i].thread : g_array_index (rest, MemscopePageCall, i - n_kept).thread;
  memscope_page_tile_add (&tile, "thread", 4, FALSE, values);
  for (guint i = 0; i < n; i++)
    values[i] = i < n_kept ? memscope_page_places_add_stack (places, self->calls[i].stack) : 0;
  memscope_page_tile_add (&tile, "stack", 4, FALSE, values);
  for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
    {
      for (guint i = 0; i < n; i++)
        values[i] = i < n_kept ? self->calls[i].sums[m] : g_array_index (rest, MemscopePageCall, i - n_kept).sums[m];
      memscope_page_tile_add (&tile, names[m], 8, FALSE, values);
    }
  packed = memscope_page_tile_pack (&tile);
  memscope_page_tile_clear (&tile);

  return packed;
}

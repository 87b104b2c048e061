/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-axis.h"
#include "memscope-flame-trends.h"

#define POINTS    MEMSCOPE_FLAME_TREND_POINTS
#define MAX_NODES 131072u

typedef double Trend[POINTS];

static void
add_block (const MemscopeFilter *filter,
           const MemscopeAxis   *axis,
           const MemscopeBatch  *batch,
           guint                 i,
           double               *trend)
{
  guint64 birth = batch->birth_time[i];
  guint64 death = memscope_batch_end_time (batch, i);
  double bytes = (double)batch->size[i];

  if (filter->interval != 0)
    bytes /= memscope_filter_get_probability (filter, batch, i);

  trend[birth < axis->begin ? 0 : memscope_axis_find (axis, birth)] += bytes;
  if (death < axis->end)
    trend[memscope_axis_find (axis, death)] -= bytes;
}

/* What changed in each part, of the blocks of each node itself. FALSE: cancelled. */
static gboolean
add_blocks (const MemscopeFilter *filter,
            const MemscopeAxis   *axis,
            const guint32        *node_of_stack,
            guint                 n_stacks,
            Trend                *trends,
            GCancellable         *cancellable)
{
  for (guint index = 0; index < filter->n_batches; index++)
    {
      MemscopeBatch batch;

      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;

      memscope_filter_get_batch (filter, index, &batch);
      for (guint i = 0; i < batch.n_rows; i++)
        {
          /* Of a session that grew meanwhile, the newest stacks are not there yet. */
          guint32 node = batch.stack[i] < n_stacks ? node_of_stack[batch.stack[i]] : MEMSCOPE_FLAME_NO_NODE;

          if (node != MEMSCOPE_FLAME_NO_NODE && batch.birth_time[i] < axis->end &&
              memscope_batch_end_time (&batch, i) >= axis->begin && memscope_filter_passes (filter, &batch, i))
            add_block (filter, axis, &batch, i, trends[node]);
        }
    }

  return TRUE;
}

float *
memscope_flame_trends_new (const MemscopeFilter    *filter,
                           const guint32           *node_of_stack,
                           guint                    n_stacks,
                           const MemscopeFlameNode *nodes,
                           guint                    n_nodes,
                           GCancellable            *cancellable)
{
  g_autofree Trend *trends = NULL;
  MemscopeAxis axis;
  float *result;
  gboolean done;

  if (n_nodes > MAX_NODES || filter->end <= filter->begin)
    return NULL;

  trends = g_new0 (Trend, n_nodes);
  memscope_axis_init (&axis, filter->begin, filter->end, POINTS);
  done = add_blocks (filter, &axis, node_of_stack, n_stacks, trends, cancellable);
  memscope_axis_clear (&axis);
  if (!done)
    return NULL;

  for (guint i = n_nodes; i-- > 1;)
    for (guint k = 0; k < POINTS; k++)
      trends[nodes[i].parent][k] += trends[i][k];

  result = g_new (float, (gsize)n_nodes * POINTS);
  for (guint i = 0; i < n_nodes; i++)
    {
      double live = 0;

      for (guint k = 0; k < POINTS; k++)
        {
          live += trends[i][k];
          result[(gsize)i * POINTS + k] = (float)MAX (live, 0);
        }
    }

  return result;
}

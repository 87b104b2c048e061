/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-trend.h"

#include <stdlib.h>

#define MAX_PAIRS (MEMSCOPE_TREND_MAX_POINTS * (MEMSCOPE_TREND_MAX_POINTS - 1) / 2)

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double left = *(const double *)a;
  double right = *(const double *)b;

  return (left > right) - (left < right);
}

static double
find_median (double *values,
             guint   n)
{
  qsort (values, n, sizeof *values, compare_doubles);

  return n % 2 != 0 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static double
find_fit (const MemscopeTrend *self,
          const double        *x,
          const double        *y,
          guint                n)
{
  double mean = 0;
  double residual = 0;
  double total = 0;

  for (guint i = 0; i < n; i++)
    mean += y[i] / n;

  for (guint i = 0; i < n; i++)
    {
      double off = y[i] - self->intercept - self->slope * x[i];

      residual += off * off;
      total += (y[i] - mean) * (y[i] - mean);
    }

  return total > 0 ? MAX (0, 1 - residual / total) : 0;
}

gboolean
memscope_trend_fit (MemscopeTrend *self,
                    const double  *x,
                    const double  *y,
                    guint          n)
{
  double values[MAX_PAIRS];
  guint n_slopes = 0;

  g_return_val_if_fail (n <= MEMSCOPE_TREND_MAX_POINTS, FALSE);

  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      {
        if (x[j] != x[i])
          values[n_slopes++] = (y[j] - y[i]) / (x[j] - x[i]);
      }

  if (n < 3 || n_slopes == 0)
    return FALSE;

  self->slope = find_median (values, n_slopes);
  for (guint i = 0; i < n; i++)
    values[i] = y[i] - self->slope * x[i];
  self->intercept = find_median (values, n);
  self->fit = find_fit (self, x, y, n);

  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MemscopeTrend:
 * @slope: median of the slopes of all pairs of points (Theil and Sen): up to 29 % of
 *   the points may be anything
 * @intercept: median of y - slope · x
 * @fit: R² of that line; 0 when it explains nothing or all points are alike
 */
typedef struct
{
  double slope;
  double intercept;
  double fit;
} MemscopeTrend;

/* The line through @n points, @n at most MEMSCOPE_TREND_MAX_POINTS. FALSE: fewer than
 * three, or all at one x.
 */
#define MEMSCOPE_TREND_MAX_POINTS 100

gboolean memscope_trend_fit (MemscopeTrend *self,
                             const double  *x,
                             const double  *y,
                             guint          n);

G_END_DECLS

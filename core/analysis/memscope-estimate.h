/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MemscopeEstimate:
 * @value: the figure
 * @error: half the width of its 95 % interval; 0 where every allocation was recorded
 * @too_few: sampled, and from fewer than %MEMSCOPE_ESTIMATE_MIN_SAMPLES samples:
 *   show no number
 */
typedef struct
{
  double   value;
  double   error;
  gboolean too_few;
} MemscopeEstimate;

#define MEMSCOPE_ESTIMATE_MIN_SAMPLES 10

/* A block of @size bytes is sampled with probability p = 1 - e^(-size / interval), one
 * larger than the interval always, and so stands for 1 / p blocks of its size. Sums over samples are Σ v / p, their
 * variance is estimated as Σ v² (1 - p) / p². All zero to begin with.
 */
typedef struct
{
  guint64 n_samples;
  double  sum;
  double  variance;
} MemscopeEstimator;

/* @interval: mean bytes between samples; 0: everything is recorded, p is 1. */
double           memscope_sampling_probability (guint64                  size,
                                                guint64                  interval);
void             memscope_estimator_add        (MemscopeEstimator       *self,
                                                double                   value,
                                                double                   probability);
void             memscope_estimator_merge      (MemscopeEstimator       *self,
                                                const MemscopeEstimator *other);
MemscopeEstimate memscope_estimator_finish     (const MemscopeEstimator *self);

G_END_DECLS

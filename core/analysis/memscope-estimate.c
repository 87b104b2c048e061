/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-estimate.h"

#include <math.h>

/* Of the normal distribution: 95 % lie within so many standard deviations. */
#define Z_95 1.959964

double
memscope_sampling_probability (guint64 size,
                               guint64 interval)
{
  if (interval == 0 || size > interval)
    return 1;

  /* A block without bytes is never met by a sampler of bytes; one that is there
   * all the same counts like the smallest that can be.
   */
  return -expm1 (-(double)MAX (size, 1) / (double)interval);
}

void
memscope_estimator_add (MemscopeEstimator *self,
                        double             value,
                        double             probability)
{
  double weighted = value / probability;

  self->n_samples++;
  self->sum += weighted;
  self->variance += weighted * weighted * (1 - probability);
}

void
memscope_estimator_merge (MemscopeEstimator       *self,
                          const MemscopeEstimator *other)
{
  self->n_samples += other->n_samples;
  self->sum += other->sum;
  self->variance += other->variance;
}

MemscopeEstimate
memscope_estimator_finish (const MemscopeEstimator *self)
{
  MemscopeEstimate estimate = {
    .value = self->sum,
    .error = Z_95 * sqrt (self->variance),
    .too_few = self->n_samples < MEMSCOPE_ESTIMATE_MIN_SAMPLES,
  };

  return estimate;
}

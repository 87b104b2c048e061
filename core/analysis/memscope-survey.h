/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the rules of diagnosis read: the blocks of a selection counted once, by
 * variable, so that a rule is arithmetic and not another pass over the rows.
 * Inside core/analysis only.
 */

#include "memscope-axis.h"
#include "memscope-diagnostics.h"
#include "memscope-estimate.h"
#include "memscope-fold.h"
#include "memscope-leaks.h"

G_BEGIN_DECLS

/* The blocks of one variable. Counts are blocks (in a sampled session: estimates). */
typedef struct
{
  /* flows in the range */
  guint64 births;
  guint64 born_bytes;
  guint64 temporary;
  guint64 first_birth;          /* ns; G_MAXUINT64: none in the range */
  guint64 last_birth;

  guint64 resizes;              /* births that continue a block */
  guint64 moves;                /* of them at another address */
  guint64 copied_bytes;         /* Σ min (old size, new size) of the moves */
  guint64 chains;               /* resizes of a block that was not itself continued */

  guint64 known_frees;          /* deaths whose thread is recorded */
  guint64 foreign_frees;        /* of them by another thread than the allocating one */
  guint64 pair;                 /* allocating thread << 32 | freeing thread: the commonest, if any is most of them */
  guint64 pair_frees;

  guint64 equal_size;           /* of most births, if any is of most */
  guint64 equal_births;

  /* stocks */
  guint64 touched_bytes;        /* of the blocks whose life overlaps the range */
  guint64 peak_bytes;           /* alive at the peak of all, exact to the event */
  guint64 peak_blocks;
  guint64 peak_requested;       /* of the blocks alive when the peak's tick was over, whose rounding is recorded */
  guint64 peak_rounding;
  guint64 peak_equal_blocks;    /* of the equal size, alive then */
  guint64 peak_equal_rounding;
  guint64 storm_births;         /* in the storm */

  /* sampled sessions */
  MemscopeEstimator estimated_births;
  MemscopeEstimator estimated_born_bytes;
  MemscopeEstimator estimated_leaked_bytes;
  MemscopeEstimator estimated_peak_bytes;

  guint64 votes_size;           /* while counting */
  guint64 votes_pair;
} MemscopeSurveyVariable;

typedef struct
{
  MemscopeSession        *session;
  MemscopeSelection      *selection;
  const MemscopeFilter   *filter;
  gboolean                memscope_rs;
  gboolean                sampled;
  gboolean                final;         /* alive at the end is the last word */
  gboolean                has_deaths;    /* they were recorded, if there were any */

  guint                   n_variables;   /* elements; 0 is for blocks that nothing names */
  MemscopeSurveyVariable *variables;
  MemscopeLeaks          *leaks;

  guint64                 births;
  guint64                 resizes;
  guint64                 known_frees;
  guint64                 known_rounding;   /* blocks */

  guint64                 peak_bytes;
  guint64                 peak_time;

  MemscopeAxis            axis;             /* the range in MEMSCOPE_FINDING_POINTS parts */
  guint64                 storm_parts[MEMSCOPE_FINDING_POINTS];       /* births in each */
  guint64                 storm_begin;      /* the busiest parts: half open, in ns; begin = end: nothing was born */
  guint64                 storm_end;
  guint64                 storm_births;

  /* live bytes at the ends of the parts, of the variables that weigh most */
  guint                   n_watched;
  guint32                *watched;          /* by variable: place in @bins + 1; 0 not watched */
  guint64                *bins;             /* MEMSCOPE_FINDING_POINTS each */
} MemscopeSurvey;

/* NULL only when cancelled. @filter belongs to the caller and outlives the survey. */
MemscopeSurvey *memscope_survey_new  (const MemscopeFilter     *filter,
                                      MemscopeDiagnosticsFunc   progress,
                                      gpointer                  progress_data,
                                      GCancellable             *cancellable,
                                      GError                  **error);
void            memscope_survey_free (MemscopeSurvey           *self);

/* The variable of a row, as an index into @variables. */
static inline guint32
memscope_survey_variable (const MemscopeSurvey *self,
                          const MemscopeBatch  *columns,
                          guint                 i)
{
  MemscopeVariableId variable = memscope_batch_variable (self->session, columns, i);

  return variable < self->n_variables ? variable : 0;
}

/* The live bytes of a variable at the ends of the parts; NULL: not watched. */
const guint64  *memscope_survey_get_bins (const MemscopeSurvey *self,
                                          MemscopeVariableId    variable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeSurvey, memscope_survey_free)

G_END_DECLS

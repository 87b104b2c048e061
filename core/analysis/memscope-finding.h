/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-rule.h"

G_BEGIN_DECLS

#define MEMSCOPE_FINDING_MAX_EVIDENCE 6
#define MEMSCOPE_FINDING_MAX_CAUSES   3
/* The range of the selection is cut into so many equal parts for the plot. */
#define MEMSCOPE_FINDING_POINTS       100

typedef enum
{
  MEMSCOPE_UNIT_COUNT,
  MEMSCOPE_UNIT_BYTES,
  MEMSCOPE_UNIT_DURATION,           /* ns */
  MEMSCOPE_UNIT_MOMENT,             /* ns since the origin */
  MEMSCOPE_UNIT_SHARE,              /* 0 … 1 */
  MEMSCOPE_UNIT_RATE,               /* per second */
  MEMSCOPE_UNIT_BYTES_PER_SECOND,
  MEMSCOPE_UNIT_NUMBER,             /* without a unit */
  MEMSCOPE_N_UNITS
} MemscopeUnit;

/* What a number of a finding is of. */
typedef enum
{
  MEMSCOPE_EVIDENCE_NEVER_FREED_BYTES,
  MEMSCOPE_EVIDENCE_NEVER_FREED_BLOCKS,
  MEMSCOPE_EVIDENCE_NEVER_FREED_SHARE,
  MEMSCOPE_EVIDENCE_OLDEST_AGE,
  MEMSCOPE_EVIDENCE_SLOPE,
  MEMSCOPE_EVIDENCE_FIT,
  MEMSCOPE_EVIDENCE_GAINED,
  MEMSCOPE_EVIDENCE_SPAN,
  MEMSCOPE_EVIDENCE_TEMPORARY,
  MEMSCOPE_EVIDENCE_TEMPORARY_SHARE,
  MEMSCOPE_EVIDENCE_BORN_BYTES,
  MEMSCOPE_EVIDENCE_COPIED,
  MEMSCOPE_EVIDENCE_RESIZES,
  MEMSCOPE_EVIDENCE_MOVES,
  MEMSCOPE_EVIDENCE_CHAINS,
  MEMSCOPE_EVIDENCE_EQUAL_BLOCKS,
  MEMSCOPE_EVIDENCE_EQUAL_SIZE,
  MEMSCOPE_EVIDENCE_EQUAL_SHARE,
  MEMSCOPE_EVIDENCE_ROUNDING,
  MEMSCOPE_EVIDENCE_ROUNDING_SHARE,
  MEMSCOPE_EVIDENCE_REQUESTED,
  MEMSCOPE_EVIDENCE_PEAK_BYTES,
  MEMSCOPE_EVIDENCE_PEAK_SHARE,
  MEMSCOPE_EVIDENCE_PEAK_TOTAL,
  MEMSCOPE_EVIDENCE_PEAK_TIME,
  MEMSCOPE_EVIDENCE_FOREIGN_FREES,
  MEMSCOPE_EVIDENCE_FOREIGN_SHARE,
  MEMSCOPE_EVIDENCE_FOREIGN_RATE,
  MEMSCOPE_EVIDENCE_PAIR_SHARE,
  MEMSCOPE_EVIDENCE_STORM_BIRTHS,
  MEMSCOPE_EVIDENCE_STORM_RATE,
  MEMSCOPE_EVIDENCE_STORM_FACTOR,
  MEMSCOPE_EVIDENCE_STORM_LENGTH,
  MEMSCOPE_EVIDENCE_BIRTHS,
  MEMSCOPE_EVIDENCE_BIRTH_SHARE,
  MEMSCOPE_EVIDENCE_BIRTH_RATE,
  MEMSCOPE_EVIDENCE_PINNED_BYTES,
  MEMSCOPE_EVIDENCE_PINNED_PAGES,
  MEMSCOPE_EVIDENCE_PINNING_BLOCKS,
  MEMSCOPE_EVIDENCE_PINNED_FREE_SHARE,
  MEMSCOPE_N_EVIDENCE
} MemscopeEvidenceId;

/**
 * MemscopeEvidence:
 * @value: in @unit
 * @limit: what the rule compares it with (at least that); NAN: nothing
 * @error: half the width of the 95 % interval of a sampled session; 0: exact
 */
typedef struct
{
  MemscopeEvidenceId id;
  MemscopeUnit       unit;
  double             value;
  double             limit;
  double             error;
} MemscopeEvidence;

/* How a saving was reckoned. */
typedef enum
{
  MEMSCOPE_SAVING_NOT_MEASURED,
  MEMSCOPE_SAVING_FREED_IN_TIME,    /* all that was never freed */
  MEMSCOPE_SAVING_BOUNDED,          /* what was gained between first and last point of the trend */
  MEMSCOPE_SAVING_CALLS,            /* pairs of malloc and free: the temporary ones */
  MEMSCOPE_SAVING_COPIES,           /* Σ min (old size, new size) of the blocks that moved */
  MEMSCOPE_SAVING_POOLED,           /* at the peak: rounding of the equal blocks, and their headers */
  MEMSCOPE_SAVING_FITTED,           /* at the peak: usable − requested */
  MEMSCOPE_SAVING_UNPINNED,         /* at the instant: what is free on the pages */
  MEMSCOPE_N_SAVINGS
} MemscopeSavingMethod;

/* Where a finding is best looked at. */
typedef enum
{
  MEMSCOPE_SHOW_VARIABLE,           /* the variables, with this one inspected */
  MEMSCOPE_SHOW_INSTANT,            /* the variables at an instant */
  MEMSCOPE_SHOW_RANGE,              /* the overview of a range */
} MemscopeShow;

/* Part of what is to be explained: who has it. */
typedef struct
{
  MemscopeStackId    stack;
  MemscopeVariableId variable;
  double             value;         /* in the unit of the finding's first number, or of what it is about */
  double             share;
} MemscopeCause;

/**
 * MemscopeFinding:
 * @subject: the variable it is about; 0 with @has_subject: blocks that nothing names
 * @evidence: the first is the one number to show for it
 * @begin, @end: the stretch of time it holds for, half open
 * @causes: who explains most of it, descending; shares are of all
 * @cause_unit: of the values of @causes
 * @points: the evidence over time, or none (@n_points 0): live bytes of the subject,
 *   or (@points_are_births) births in each part, at the ends of equal parts of
 *   [@points_begin, @points_end)
 * @trend_begin, @trend_end: the straight line through them from @trend_value to …;
 *   @has_trend says whether there is one
 * @suppressed_by: the suppression that it is muted by, as it stands in its file; NULL
 *
 * One diagnosis: numbers and ids, no sentences. Words: memscope-finding-text.h.
 */
typedef struct
{
  MemscopeRule         rule;
  MemscopeSeverity     severity;
  MemscopeConfidence   confidence;

  gboolean             has_subject;
  MemscopeVariableId   subject;
  MemscopeStackId      stack;         /* the one that explains most; 0 not recorded */
  guint64              block_size;    /* of each of the blocks it is about, when all are alike; else 0 */
  MemscopeThreadId     thread;        /* cross-thread: the allocating one */
  MemscopeThreadId     other_thread;  /* the freeing one */

  guint                n_evidence;
  MemscopeEvidence     evidence[MEMSCOPE_FINDING_MAX_EVIDENCE];

  guint64              begin;
  guint64              end;

  guint                n_causes;
  MemscopeUnit         cause_unit;
  MemscopeCause        causes[MEMSCOPE_FINDING_MAX_CAUSES];

  MemscopeSavingMethod saving;
  MemscopeUnit         saving_unit;
  double               saving_value;

  MemscopeShow         show;
  guint64              show_instant;

  guint                n_points;
  gboolean             points_are_births;
  guint64              points_begin;
  guint64              points_end;
  double               points[MEMSCOPE_FINDING_POINTS];
  gboolean             has_trend;
  guint64              trend_begin;
  guint64              trend_end;
  double               trend_first;
  double               trend_last;

  char                *suppressed_by;
} MemscopeFinding;

const char *memscope_unit_get_nick      (MemscopeUnit            unit);
const char *memscope_evidence_get_nick  (MemscopeEvidenceId      id);
const char *memscope_saving_get_nick    (MemscopeSavingMethod    method);

/* NULL: the finding has no such number. */
const MemscopeEvidence *
            memscope_finding_get_evidence (const MemscopeFinding *self,
                                           MemscopeEvidenceId     id);

void        memscope_finding_add_evidence (MemscopeFinding       *self,
                                           MemscopeEvidenceId     id,
                                           MemscopeUnit           unit,
                                           double                 value,
                                           double                 limit);
void        memscope_finding_add_cause    (MemscopeFinding       *self,
                                           MemscopeStackId        stack,
                                           MemscopeVariableId     variable,
                                           double                 value,
                                           double                 total);

MemscopeFinding *memscope_finding_new     (MemscopeRule           rule,
                                           MemscopeSeverity       severity,
                                           MemscopeConfidence     confidence);
void             memscope_finding_free    (MemscopeFinding       *self);

/* The order to read them in: by severity, then by rule, then the larger first. */
int              memscope_finding_compare (const MemscopeFinding *a,
                                           const MemscopeFinding *b);

/* The same cause for the same complaint: whether @b is @a in another look at the session. */
gboolean         memscope_finding_is_same (const MemscopeFinding *a,
                                           const MemscopeFinding *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeFinding, memscope_finding_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-finding.h"

#define MIN_CAUSE_SHARE 0.01

const char *
memscope_unit_get_nick (MemscopeUnit unit)
{
  static const char *const nicks[MEMSCOPE_N_UNITS] = {
    "count", "bytes", "duration_ns", "moment_ns", "share", "per_second", "bytes_per_second", "number",
  };

  g_return_val_if_fail (unit < MEMSCOPE_N_UNITS, NULL);

  return nicks[unit];
}

const char *
memscope_evidence_get_nick (MemscopeEvidenceId id)
{
  static const char *const nicks[MEMSCOPE_N_EVIDENCE] = {
    [MEMSCOPE_EVIDENCE_NEVER_FREED_BYTES] = "never-freed-bytes",
    [MEMSCOPE_EVIDENCE_NEVER_FREED_BLOCKS] = "never-freed-blocks",
    [MEMSCOPE_EVIDENCE_NEVER_FREED_SHARE] = "never-freed-share",
    [MEMSCOPE_EVIDENCE_OLDEST_AGE] = "oldest-age",
    [MEMSCOPE_EVIDENCE_SLOPE] = "slope",
    [MEMSCOPE_EVIDENCE_FIT] = "fit",
    [MEMSCOPE_EVIDENCE_GAINED] = "gained",
    [MEMSCOPE_EVIDENCE_SPAN] = "span",
    [MEMSCOPE_EVIDENCE_TEMPORARY] = "temporary",
    [MEMSCOPE_EVIDENCE_TEMPORARY_SHARE] = "temporary-share",
    [MEMSCOPE_EVIDENCE_BORN_BYTES] = "allocated-bytes",
    [MEMSCOPE_EVIDENCE_COPIED] = "copied",
    [MEMSCOPE_EVIDENCE_RESIZES] = "resizes",
    [MEMSCOPE_EVIDENCE_MOVES] = "moves",
    [MEMSCOPE_EVIDENCE_CHAINS] = "chains",
    [MEMSCOPE_EVIDENCE_EQUAL_BLOCKS] = "equal-blocks",
    [MEMSCOPE_EVIDENCE_EQUAL_SIZE] = "equal-size",
    [MEMSCOPE_EVIDENCE_EQUAL_SHARE] = "equal-share",
    [MEMSCOPE_EVIDENCE_ROUNDING] = "rounding",
    [MEMSCOPE_EVIDENCE_ROUNDING_SHARE] = "rounding-share",
    [MEMSCOPE_EVIDENCE_REQUESTED] = "requested",
    [MEMSCOPE_EVIDENCE_PEAK_BYTES] = "peak-bytes",
    [MEMSCOPE_EVIDENCE_PEAK_SHARE] = "peak-share",
    [MEMSCOPE_EVIDENCE_PEAK_TOTAL] = "peak-total",
    [MEMSCOPE_EVIDENCE_PEAK_TIME] = "peak-time",
    [MEMSCOPE_EVIDENCE_FOREIGN_FREES] = "foreign-frees",
    [MEMSCOPE_EVIDENCE_FOREIGN_SHARE] = "foreign-share",
    [MEMSCOPE_EVIDENCE_FOREIGN_RATE] = "foreign-rate",
    [MEMSCOPE_EVIDENCE_PAIR_SHARE] = "pair-share",
    [MEMSCOPE_EVIDENCE_STORM_BIRTHS] = "storm-births",
    [MEMSCOPE_EVIDENCE_STORM_RATE] = "storm-rate",
    [MEMSCOPE_EVIDENCE_STORM_FACTOR] = "storm-factor",
    [MEMSCOPE_EVIDENCE_STORM_LENGTH] = "storm-length",
    [MEMSCOPE_EVIDENCE_BIRTHS] = "allocations",
    [MEMSCOPE_EVIDENCE_BIRTH_SHARE] = "allocation-share",
    [MEMSCOPE_EVIDENCE_BIRTH_RATE] = "allocation-rate",
    [MEMSCOPE_EVIDENCE_PINNED_BYTES] = "pinned-bytes",
    [MEMSCOPE_EVIDENCE_PINNED_PAGES] = "pinned-pages",
    [MEMSCOPE_EVIDENCE_PINNING_BLOCKS] = "pinning-blocks",
    [MEMSCOPE_EVIDENCE_PINNED_FREE_SHARE] = "pinned-free-share",
  };

  g_return_val_if_fail (id < MEMSCOPE_N_EVIDENCE, NULL);

  return nicks[id];
}

const char *
memscope_saving_get_nick (MemscopeSavingMethod method)
{
  static const char *const nicks[MEMSCOPE_N_SAVINGS] = {
    "not-measured", "freed-in-time", "bounded", "calls", "copies", "pooled", "fitted", "unpinned",
  };

  g_return_val_if_fail (method < MEMSCOPE_N_SAVINGS, NULL);

  return nicks[method];
}

const MemscopeEvidence *
memscope_finding_get_evidence (const MemscopeFinding *self,
                               MemscopeEvidenceId     id)
{
  for (guint i = 0; i < self->n_evidence; i++)
    {
      if (self->evidence[i].id == id)
        return &self->evidence[i];
    }

  return NULL;
}

void
memscope_finding_add_evidence (MemscopeFinding    *self,
                               MemscopeEvidenceId  id,
                               MemscopeUnit        unit,
                               double              value,
                               double              limit)
{
  g_return_if_fail (self->n_evidence < MEMSCOPE_FINDING_MAX_EVIDENCE);

  self->evidence[self->n_evidence++] = (MemscopeEvidence) { id, unit, value, limit, 0 };
}

void
memscope_finding_add_cause (MemscopeFinding    *self,
                            MemscopeStackId     stack,
                            MemscopeVariableId  variable,
                            double              value,
                            double              total)
{
  /* The first is the cause; what comes after it and explains nothing is not. */
  if (self->n_causes == MEMSCOPE_FINDING_MAX_CAUSES || value <= 0 || total <= 0 ||
      (self->n_causes > 0 && value < MIN_CAUSE_SHARE * total))
    return;

  self->causes[self->n_causes++] = (MemscopeCause) { stack, variable, value, MIN (value / total, 1) };
}

MemscopeFinding *
memscope_finding_new (MemscopeRule       rule,
                      MemscopeSeverity   severity,
                      MemscopeConfidence confidence)
{
  MemscopeFinding *self = g_new0 (MemscopeFinding, 1);

  self->rule = rule;
  self->severity = severity;
  self->confidence = confidence;

  return self;
}

void
memscope_finding_free (MemscopeFinding *self)
{
  g_free (self->suppressed_by);
  g_free (self);
}

int
memscope_finding_compare (const MemscopeFinding *a,
                          const MemscopeFinding *b)
{
  double value_a = a->n_evidence > 0 ? a->evidence[0].value : 0;
  double value_b = b->n_evidence > 0 ? b->evidence[0].value : 0;

  if (a->severity != b->severity)
    return a->severity < b->severity ? -1 : 1;
  if (a->rule != b->rule)
    return a->rule < b->rule ? -1 : 1;
  if (value_a != value_b)
    return value_a > value_b ? -1 : 1;

  return a->subject < b->subject ? -1 : a->subject > b->subject;
}

gboolean
memscope_finding_is_same (const MemscopeFinding *a,
                          const MemscopeFinding *b)
{
  return a->rule == b->rule && a->has_subject == b->has_subject && a->subject == b->subject &&
         a->begin == b->begin && a->stack == b->stack;
}

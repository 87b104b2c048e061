/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-finding.h"
#include "memscope-suppressions.h"

G_BEGIN_DECLS

/* Of one rule, the largest so many findings are kept. */
#define MEMSCOPE_DIAGNOSTICS_MAX_FINDINGS 100

/**
 * MemscopeRuleCheck:
 * @unchecked: why the rule could not be applied
 * @n_found: findings, muted ones included
 * @n_muted: of them
 * @n_left_out: findings that are not listed, smaller than those that are
 */
typedef struct
{
  MemscopeUnchecked unchecked;
  guint             n_found;
  guint             n_muted;
  guint             n_left_out;
} MemscopeRuleCheck;

/**
 * MemscopeDiagnostics:
 * @findings: in the order to read them, muted ones among the others
 * @checks: by rule
 *
 * What all rules say of a session through a selection. In a sampled session numbers
 * are estimates, with their intervals, and only rules that can stand that are applied.
 */
typedef struct
{
  gboolean           sampled;
  guint              n_findings;
  MemscopeFinding  **findings;
  MemscopeRuleCheck  checks[MEMSCOPE_N_RULES];
} MemscopeDiagnostics;

/* How far it is, 0 … 1; from the thread that works. NULL may be passed. */
typedef void (*MemscopeDiagnosticsFunc) (double   done,
                                         gpointer user_data);

/* Any thread. @suppressions: NULL, those of run-time libraries. NULL only when cancelled. */
MemscopeDiagnostics *memscope_diagnostics_new         (MemscopeSession             *session,
                                                       MemscopeSelection           *selection,
                                                       const MemscopeSuppressions  *suppressions,
                                                       MemscopeDiagnosticsFunc      progress,
                                                       gpointer                     progress_data,
                                                       GCancellable                *cancellable,
                                                       GError                     **error);
void                 memscope_diagnostics_free        (MemscopeDiagnostics         *self);

/* Asks all findings again whether they are muted, when suppressions came or went. */
void                 memscope_diagnostics_mute        (MemscopeDiagnostics         *self,
                                                       MemscopeSession             *session,
                                                       const MemscopeSuppressions  *suppressions);

guint                memscope_diagnostics_get_n_muted    (const MemscopeDiagnostics *self);
/* Findings that are not muted; of one severity, or all of them (MEMSCOPE_N_SEVERITIES). */
guint                memscope_diagnostics_get_n_unmuted  (const MemscopeDiagnostics *self,
                                                          MemscopeSeverity           severity);
/* Rules that were applied. */
guint                memscope_diagnostics_get_n_checked  (const MemscopeDiagnostics *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeDiagnostics, memscope_diagnostics_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The sentences of findings, translated. Numbers are formatted by whoever shows them,
 * in the way of that place. The page has the same words in its own catalogue
 * (data/dashboard/src/findings.js).
 */

#include "memscope-diagnostics.h"

G_BEGIN_DECLS

/* "session_cache leaks, and grows": @subject is the variable as it is to be shown,
 * @thread and @other_thread likewise, for cross-thread frees. Transfer full.
 */
char       *memscope_finding_dup_title     (const MemscopeFinding *self,
                                            const char            *subject,
                                            const char            *thread,
                                            const char            *other_thread);
/* What to do about it. */
const char *memscope_rule_get_advice       (MemscopeRule           rule);
/* What it looks for, as one phrase: for lists of what was checked. */
const char *memscope_rule_get_name         (MemscopeRule           rule);
const char *memscope_rule_category_get_name (MemscopeRuleCategory  category);
const char *memscope_severity_get_name     (MemscopeSeverity       severity);
const char *memscope_confidence_get_name   (MemscopeConfidence     confidence);
const char *memscope_evidence_get_name     (MemscopeEvidenceId     id);
/* How the saving was reckoned; the figure stands before it. */
const char *memscope_saving_get_name       (MemscopeSavingMethod   method);
/* Why a rule was not applied. */
const char *memscope_unchecked_get_reason  (MemscopeUnchecked      reason);
/* What the shares of the causes are shares of. */
const char *memscope_rule_get_cause_name   (MemscopeRule           rule);

G_END_DECLS

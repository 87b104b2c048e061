/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-finding-text.h"

G_BEGIN_DECLS

/* Findings as the window says them. All return UTF-8, transfer full, never markup. */

/* "55.8 MiB/min"; @span, the length looked at, decides how exact moments are. */
char       *memscope_finding_words_value     (MemscopeUnit            unit,
                                              double                  value,
                                              guint64                 span);
/* "6.3 MiB ± 0.4 MiB" */
char       *memscope_finding_words_evidence  (const MemscopeEvidence *evidence,
                                              guint64                 span);
char       *memscope_finding_words_title     (MemscopeSession        *session,
                                              const MemscopeFinding  *finding);
/* Where it comes from: "tok_push · token.c:88"; of another variable when it has no subject. */
char       *memscope_finding_words_place     (MemscopeSession        *session,
                                              const MemscopeFinding  *finding);
/* "main → tok_push": the call site and who called it, told apart by their lines. */
char       *memscope_finding_words_cause     (MemscopeSession        *session,
                                              const MemscopeCause    *cause);
/* All of it, to be pasted into a report. */
char       *memscope_finding_words_report    (MemscopeSession        *session,
                                              const MemscopeFinding  *finding);

const char *memscope_severity_get_icon_name  (MemscopeSeverity        severity);
const char *memscope_severity_get_css_class  (MemscopeSeverity        severity);

G_END_DECLS

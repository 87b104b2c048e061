/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-reports.h"

G_BEGIN_DECLS

/* What a program's own reports are called on the inspector's pages. */

/* "Handed over to “Rust”" */
char       *memscope_report_dup_words (MemscopeSession      *session,
                                       const MemscopeReport *report);
/* "reported through the API · main (7)" */
char       *memscope_report_dup_aside (MemscopeSession      *session,
                                       const MemscopeReport *report);
/* The middle of an icon's name: memscope-event-…-symbolic. */
const char *memscope_report_get_icon  (const MemscopeReport *report);

G_END_DECLS

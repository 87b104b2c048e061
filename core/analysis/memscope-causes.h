/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Root causes: which stacks explain most of what a finding says of a variable.
 * Inside core/analysis only.
 */

#include "memscope-survey.h"

G_BEGIN_DECLS

/* One pass for all findings (MemscopeFinding). Fills in @causes where the rule left
 * them out, their stacks where it left only those out, and @stack. FALSE only when
 * cancelled.
 */
gboolean memscope_causes_fill (const MemscopeSurvey  *survey,
                               GPtrArray             *findings,
                               GCancellable          *cancellable,
                               GError               **error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-finding.h"
#include "memscope-session.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FINDING_DETAIL (memscope_finding_detail_get_type ())

/* All of one finding: numbers with their thresholds, the evidence over time, who
 * explains it, the stack, what to do about it. Emits `show-me`, `show-calls`, `mute`.
 */
G_DECLARE_FINAL_TYPE (MemscopeFindingDetail, memscope_finding_detail, MEMSCOPE, FINDING_DETAIL, AdwBin)

/* NULL: none; nothing of @finding is kept. */
void memscope_finding_detail_set_finding (MemscopeFindingDetail *self,
                                          MemscopeSession       *session,
                                          const MemscopeFinding *finding,
                                          gboolean               can_unmute);

G_END_DECLS

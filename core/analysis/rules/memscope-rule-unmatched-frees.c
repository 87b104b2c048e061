/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* free.unmatched
 *
 *   Frees of addresses at which no block was known. Such a free is a double or invalid
 *   one only where every event of that address was recorded from its last birth on; a
 *   session keeps how many such frees there were, not where. So it can say that there
 *   were none, and nothing else.
 */

#include "config.h"

#include "memscope-rules.h"

static MemscopeUnchecked
check_unmatched_frees (const MemscopeSurvey *survey)
{
  return memscope_session_get_unmatched_frees (survey->session) == 0 ? MEMSCOPE_UNCHECKED_NOT
                                                                      : MEMSCOPE_UNCHECKED_NO_FREED_ADDRESSES;
}

const MemscopeRuleMethods memscope_rule_unmatched_frees = { check_unmatched_frees, NULL };

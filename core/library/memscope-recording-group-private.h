/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-groups.h"
#include "memscope-recording-group.h"

G_BEGIN_DECLS

MemscopeRecordingGroup *memscope_recording_group_new (MemscopeSession     *session,
                                                      const MemscopeGroup *group,
                                                      MemscopeGroupBy      by);

G_END_DECLS

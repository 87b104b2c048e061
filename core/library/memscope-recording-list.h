/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-groups.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RECORDING_LIST (memscope_recording_list_get_type ())

/* Groups as a GListModel of #MemscopeRecordingGroup, each made when it is asked for. */
G_DECLARE_FINAL_TYPE (MemscopeRecordingList, memscope_recording_list, MEMSCOPE, RECORDING_LIST, GObject)

/* Takes @groups over. */
GListModel *memscope_recording_list_new (MemscopeSession *session,
                                         MemscopeGroups  *groups);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RECORDING_GROUP (memscope_recording_group_get_type ())

/**
 * MemscopeRecordingGroup:
 *
 * Blocks that have something in common (a call site, a thread, …), as one row of
 * memscope_recording_list_groups(). A value that is not recorded is %G_MAXUINT64.
 */
G_DECLARE_FINAL_TYPE (MemscopeRecordingGroup, memscope_recording_group, MEMSCOPE, RECORDING_GROUP, GObject)

/**
 * memscope_recording_group_get_id:
 *
 * Returns: the id of what they have in common, in this recording; 0: it is not recorded
 */
guint64     memscope_recording_group_get_id              (MemscopeRecordingGroup *self);

/**
 * memscope_recording_group_get_name:
 *
 * Returns: (transfer none): what it is called, for people
 */
const char *memscope_recording_group_get_name            (MemscopeRecordingGroup *self);
guint64     memscope_recording_group_get_live_bytes      (MemscopeRecordingGroup *self);   /* at the end */
guint64     memscope_recording_group_get_live_blocks     (MemscopeRecordingGroup *self);
guint64     memscope_recording_group_get_peak_bytes      (MemscopeRecordingGroup *self);   /* the most it ever held */
guint64     memscope_recording_group_get_allocated_bytes (MemscopeRecordingGroup *self);
guint64     memscope_recording_group_get_allocations     (MemscopeRecordingGroup *self);
guint64     memscope_recording_group_get_frees           (MemscopeRecordingGroup *self);
guint64     memscope_recording_group_get_temporary       (MemscopeRecordingGroup *self);

G_END_DECLS

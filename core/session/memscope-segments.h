/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-reader.h"

G_BEGIN_DECLS

/* The segments of a recording that was cut into files while it went on (FORMAT.md),
 * found in a folder by what their headers say, in their order.
 */
typedef struct _MemscopeSegments MemscopeSegments;

/* @folder: a folder of segments, or the name that some of them begin with in one
 * (FOLDER/PROGRAM.PID): segments of several processes may lie in one folder. Without
 * that the process that began first is meant. NULL with G_IO_ERROR:
 * there are none.
 */
MemscopeSegments *memscope_segments_find       (GFile             *folder,
                                                GCancellable      *cancellable,
                                                GError           **error);
void              memscope_segments_free       (MemscopeSegments  *self);

/* What to call them together: their folder. */
const char       *memscope_segments_get_label  (MemscopeSegments  *self);
guint             memscope_segments_get_n      (MemscopeSegments  *self);
GFile            *memscope_segments_get_file   (MemscopeSegments  *self, guint index);
guint             memscope_segments_get_number (MemscopeSegments  *self, guint index);

/* Bytes of all files. */
guint64           memscope_segments_get_size   (MemscopeSegments  *self);

/* Other processes whose segments lie in the folder, as the names that their files begin
 * with; NULL-terminated.
 */
const char * const *memscope_segments_get_others (MemscopeSegments *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeSegments, memscope_segments_free)

G_END_DECLS

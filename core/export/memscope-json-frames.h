/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session.h"

G_BEGIN_DECLS

/* Stacks as JSON arrays of strings, innermost frame first: what memscope-rs
 * stored, word for word, or "function (file:line)", one string per inlined
 * function; "module+0xoffset" where no symbol is known. Each frame is put into
 * words once.
 */
typedef struct _MemscopeJsonFrames MemscopeJsonFrames;

/* @redact_paths: files and modules by their last names. */
MemscopeJsonFrames *memscope_json_frames_new    (MemscopeSession    *session,
                                                 gboolean            redact_paths);
void                memscope_json_frames_free   (MemscopeJsonFrames *self);
/* Appends the array, or `null` for stack 0. */
void                memscope_json_frames_append (MemscopeJsonFrames *self,
                                                 MemscopeStackId     stack,
                                                 GString            *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeJsonFrames, memscope_json_frames_free)

G_END_DECLS

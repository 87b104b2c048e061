/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-recording-group.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RECORDING (memscope_recording_get_type ())

/**
 * MemscopeRecording:
 *
 * A recording as other languages see it: opened, asked for its figures, its groups and
 * its columns. Whatever MemScope opens (its own files, memscope-rs, heaptrack, massif).
 * A value that is not recorded is %G_MAXUINT64.
 */
G_DECLARE_FINAL_TYPE (MemscopeRecording, memscope_recording, MEMSCOPE, RECORDING, GObject)

/**
 * memscope_recording_open:
 * @path: (type filename): of the file
 * @error: return location
 *
 * Reads the whole file; takes as long as that takes.
 *
 * Returns: (transfer full): the recording
 */
MemscopeRecording  *memscope_recording_open         (const char         *path,
                                                     GError            **error);

/**
 * memscope_recording_get_format:
 *
 * Returns: (transfer none): whose it is: "native", "memscope-rs", "heaptrack", …
 */
const char         *memscope_recording_get_format   (MemscopeRecording  *self);

/**
 * memscope_recording_get_warnings:
 *
 * Returns: (transfer none) (array zero-terminated=1): what is missing or was inferred, in sentences
 */
const char *const  *memscope_recording_get_warnings (MemscopeRecording  *self);
guint64             memscope_recording_get_duration (MemscopeRecording  *self);   /* ns */
guint64             memscope_recording_get_n_blocks (MemscopeRecording  *self);   /* rows: elements of a column */

/**
 * memscope_recording_get_figure:
 * @name: "total-allocations", "total-bytes", "total-frees", "temporary-allocations", "active-allocations",
 *   "active-bytes", "peak-bytes", "peak-time", "leaked-allocations", "leaked-bytes" or "peak-rss"
 * @filter: (nullable): an expression, of what passes it; %NULL: of everything
 * @error: return location
 *
 * Returns: the figure; %G_MAXUINT64: not recorded, or, with @error, the name or the expression is wrong
 */
guint64             memscope_recording_get_figure   (MemscopeRecording  *self,
                                                     const char         *name,
                                                     const char         *filter,
                                                     GError            **error);

/**
 * memscope_recording_list_groups:
 * @by: "call-site", "stack", "thread", "variable", "type" or "module"
 * @filter: (nullable): an expression, of what passes it; %NULL: of everything
 * @error: return location
 *
 * Returns: (transfer full): of #MemscopeRecordingGroup, heaviest at the end of the recording first
 */
GListModel         *memscope_recording_list_groups  (MemscopeRecording  *self,
                                                     const char         *by,
                                                     const char         *filter,
                                                     GError            **error);

/**
 * memscope_recording_get_column:
 * @name: "address", "size", "birth-time", "death-time", "rounding", "thread", "death-thread", "stack", "variable",
 *   "function" or "flags"
 * @element_type: (out) (transfer none): "uint64", "uint32" or "uint8", as NumPy calls them
 * @error: return location
 *
 * One value of every block, in order of birth, in the byte order of this machine.
 *
 * Returns: (transfer full): the values, side by side
 */
GBytes             *memscope_recording_get_column   (MemscopeRecording  *self,
                                                     const char         *name,
                                                     const char        **element_type,
                                                     GError            **error);

G_END_DECLS

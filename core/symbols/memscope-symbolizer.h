/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MemscopeSymbolizeReport:
 * @n_frames: frames in the recording
 * @n_resolved: of these, frames whose function is known now
 * @n_lines: frames whose source line is known now
 * @reasons: a sentence for each module that could not be used; NULL-terminated
 */
typedef struct
{
  guint  n_frames;
  guint  n_resolved;
  guint  n_lines;
  char **reasons;
} MemscopeSymbolizeReport;

void     memscope_symbolize_report_clear (MemscopeSymbolizeReport  *report);

typedef void (*MemscopeSymbolizeProgress) (guint    n_done,
                                           guint    n_frames,
                                           gpointer user_data);

/* Looks up the frames of the native recording @file that have no symbols yet
 * (@again: all frames) on this machine, and appends what it found to the file,
 * so that it opens anywhere. What is in the file stays; a run that is cut short
 * leaves a file that opens. Run it on the machine that made the recording, and
 * not while it is being written.
 *
 * Errors: G_IO_ERROR; MEMSCOPE_ERROR when @file is no native recording.
 */
gboolean memscope_symbolize_file         (GFile                      *file,
                                          gboolean                    again,
                                          MemscopeSymbolizeReport    *report,
                                          GCancellable               *cancellable,
                                          MemscopeSymbolizeProgress   progress,
                                          gpointer                    progress_data,
                                          GError                    **error);

G_END_DECLS

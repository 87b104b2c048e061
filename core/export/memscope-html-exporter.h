/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-loader.h"
#include "memscope-redact.h"
#include "memscope-selection.h"
#include "memscope-suppressions.h"

G_BEGIN_DECLS

#define MEMSCOPE_HTML_DEFAULT_BUDGET (20 * 1024 * 1024)

/**
 * MemscopeHtmlOptions:
 * @size_budget: bytes the page may have; 0: %MEMSCOPE_HTML_DEFAULT_BUDGET
 * @user_variables_only: list only blocks whose variable has a name of its own
 *   (any source but `site`); the totals still cover everything
 * @redact: #MemscopeRedaction
 * @suppressions: (nullable): findings that the page shows as muted; %NULL: what run-time
 *   libraries do. Has to stay as it is until the page is written
 * @language: (nullable): "en" or "zh_CN"; %NULL: what the reader's browser prefers
 *
 * All zero is a good default.
 */
typedef struct
{
  guint64     size_budget;
  gboolean    user_variables_only;
  guint       redact;
  const char *language;
  const MemscopeSuppressions *suppressions;
} MemscopeHtmlOptions;

/**
 * memscope_html_export_to_stream:
 * @selection: (nullable): what to show; %NULL: everything
 * @options: (nullable):
 * @progress: (nullable): called with steps done and steps in all
 *
 * Writes the session as one HTML page that needs nothing else: no network, no
 * other file. All figures come from the analyses. Blocks that do not fit the
 * budget are left out one by one (those alive at the end stay, then the largest),
 * and the page says how many. @stream is not closed. May run in any thread.
 */
gboolean memscope_html_export_to_stream (MemscopeSession            *session,
                                         MemscopeSelection          *selection,
                                         const MemscopeHtmlOptions  *options,
                                         GOutputStream              *stream,
                                         MemscopeProgressFunc        progress,
                                         gpointer                    progress_data,
                                         GCancellable               *cancellable,
                                         GError                    **error);

/* The same into a file, which appears whole or not at all. */
gboolean memscope_html_export           (MemscopeSession            *session,
                                         MemscopeSelection          *selection,
                                         const MemscopeHtmlOptions  *options,
                                         GFile                      *file,
                                         MemscopeProgressFunc        progress,
                                         gpointer                    progress_data,
                                         GCancellable               *cancellable,
                                         GError                    **error);

G_END_DECLS

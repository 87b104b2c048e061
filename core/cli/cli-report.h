/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-diagnostics.h"
#include "memscope-groups.h"
#include "memscope-json-writer.h"
#include "memscope-leaks.h"
#include "memscope-summary.h"

/* What `report` has to tell, before it is put into words. Groups say what they
 * held when most was live, heaviest first.
 */
typedef struct
{
  MemscopeSession     *session;
  MemscopeSummary     *summary;
  MemscopeGroups      *call_sites;
  MemscopeGroups      *variables;
  MemscopeGroups      *threads;
  MemscopeLeaks       *leaks;
  MemscopeDiagnostics *diagnostics;
  GHashTable          *stacks;      /* call site → its stack that held most */
} CliReport;

/* Of what @selection is about. NULL when cancelled. */
CliReport      *cli_report_new        (MemscopeSession             *session,
                                       MemscopeSelection           *selection,
                                       const MemscopeSuppressions  *suppressions,
                                       GCancellable                *cancellable,
                                       GError                     **error);
void            cli_report_free       (CliReport          *self);

/* The stack of @call_site that held most; 0: none. */
MemscopeStackId cli_report_get_stack  (const CliReport    *self,
                                       MemscopeFrameId     call_site);

/* One object, keys sorted, lists of at most @top entries (0: all). */
void            cli_report_write_json (const CliReport    *self,
                                       guint               top,
                                       const char         *path,
                                       MemscopeJsonWriter *writer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliReport, cli_report_free)

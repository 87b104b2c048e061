/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-diagnostics.h"
#include "memscope-json-writer.h"

/* What the rules of diagnosis found, for a terminal and for scripts. */

/* "55.8 MiB/min", "71 %": a number in its unit. Transfer full. */
char *cli_format_value        (MemscopeUnit               unit,
                               double                     value);

/* At most @top findings (0: all); then what is muted and what was not checked. */
void  cli_print_findings      (MemscopeSession           *session,
                               const MemscopeDiagnostics *diagnostics,
                               guint                      top);

/* Members "findings" (at most @top of them, 0: all) and "rules" of an object. */
void  cli_write_findings      (MemscopeSession           *session,
                               const MemscopeDiagnostics *diagnostics,
                               guint                      top,
                               MemscopeJsonWriter        *writer);
void  cli_write_rules         (const MemscopeDiagnostics *diagnostics,
                               MemscopeJsonWriter        *writer);

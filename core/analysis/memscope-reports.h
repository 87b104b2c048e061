/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the program itself reported of some blocks. */

#include "memscope-session.h"

G_BEGIN_DECLS

/**
 * MemscopeReportKind:
 * @MEMSCOPE_REPORT_NAMED: given a name, a type
 * @MEMSCOPE_REPORT_ENDED: said to be of no more use
 * @MEMSCOPE_REPORT_CLONED: has one more holder
 * @MEMSCOPE_REPORT_BORROWED: read by someone else for a while
 * @MEMSCOPE_REPORT_BORROWED_MUT: written by someone else for a while
 * @MEMSCOPE_REPORT_RETURNED: the latest borrow or clone is over
 * @MEMSCOPE_REPORT_HANDED_OVER: to code in another language or library
 * @MEMSCOPE_REPORT_TAKEN_BACK: from there
 * @MEMSCOPE_REPORT_POOL_CREATED: parts of it are handed out by the program
 * @MEMSCOPE_REPORT_POOL_DESTROYED: no more
 */
typedef enum
{
  MEMSCOPE_REPORT_NAMED          = 1,
  MEMSCOPE_REPORT_ENDED          = 2,
  MEMSCOPE_REPORT_CLONED         = 3,
  MEMSCOPE_REPORT_BORROWED       = 4,
  MEMSCOPE_REPORT_BORROWED_MUT   = 5,
  MEMSCOPE_REPORT_RETURNED       = 6,
  MEMSCOPE_REPORT_HANDED_OVER    = 9,
  MEMSCOPE_REPORT_TAKEN_BACK     = 10,
  MEMSCOPE_REPORT_POOL_CREATED   = 11,
  MEMSCOPE_REPORT_POOL_DESTROYED = 12,
} MemscopeReportKind;

/**
 * MemscopeReport:
 * @name: the variable, the borrower, the boundary or the pool; 0: not named
 * @time: ns since the origin
 */
typedef struct
{
  MemscopeReportKind kind;
  guint64            row;
  guint64            time;
  guint64            size;       /* as reported */
  MemscopeThreadId   thread;
  MemscopeStackId    stack;      /* where it was reported */
  MemscopeStringId   name;
  MemscopeStringId   type;
} MemscopeReport;

/**
 * memscope_reports_new:
 * @session: a session
 * @rows: (array length=n_rows): blocks
 * @n_rows: how many
 * @max_reports: no more than these, the first ones
 * @n_all: (out) (optional): how many there are
 *
 * Looks at all reports there are; any thread.
 *
 * Returns: (transfer full) (element-type MemscopeReport): in order of time
 */
GArray *memscope_reports_new (MemscopeSession *session,
                              const guint64   *rows,
                              guint            n_rows,
                              guint            max_reports,
                              guint           *n_all);

G_END_DECLS

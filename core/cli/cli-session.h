/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session.h"

/* Loads a recording with progress; NULL after a complaint that names the file. */
/* The same for who asks for totals of everything alone: without its blocks where the file itself tells those. */
MemscopeSession *cli_load_totals  (const char *path);

MemscopeSession *cli_load_session (const char *path);

/* What to end with after a failure: 128 + signal when interrupted, else CLI_DATA. */
int              cli_failure_status (void);

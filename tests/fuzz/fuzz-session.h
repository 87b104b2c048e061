/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-session-private.h"

/* Asks a session everything that an analysis or a view does, and looks at the
 * answers, so that a sanitizer sees what was built wrongly.
 */
void fuzz_session_use (MemscopeSession *session);

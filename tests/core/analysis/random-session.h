/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* What can happen while a program is recorded, in any order (g_test_rand): realloc
 * chains, moves between threads, deaths of unknown addresses, deaths nobody saw,
 * lost chunks, regions, pools with children, annotations, inherited blocks, equal
 * times, pauses.
 */
MemscopeSession   *random_session_new_recorded (guint            n_events);
/* The same without pools and annotations: a site decides everything about its blocks. */
MemscopeSession   *random_session_new_plain    (guint            n_events);
/* As memscope-rs stores: rows with times of any kind, deaths before births, equal
 * times, flags.
 */
MemscopeSession   *random_session_new_stored   (guint            n_rows);

/* A filter of all terms there are, with values that are there and some that are not. */
char              *random_expression_new       (MemscopeSession *session,
                                                guint            depth);
MemscopeSelection *random_selection_new        (MemscopeSession *session);

G_END_DECLS

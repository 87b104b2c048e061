/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* Small sessions for the tests of analyses, written down event by event. Times are
 * in microseconds, as the recorder's.
 */

#include "memscope-session-builder.h"
#include "memscope-session-private.h"

G_BEGIN_DECLS

/* Four frames of the modules "/app" (1, 2) and "/lib" (3, 4); stacks 1 to 5: alpha;
 * beta from alpha; gamma from alpha; delta from gamma; delta alone. Symbols give their
 * names, files alpha.c … delta.c. Threads 1 to 3: "main", "worker", "helper".
 */
MemscopeSessionBuilder *session_maker_new (void);

/* Births return the number that deaths and reallocs name them by. */
guint64 session_maker_birth   (MemscopeSessionBuilder *builder,
                               guint8                  kind,
                               guint64                 time,
                               guint64                 size,
                               guint32                 thread,
                               guint32                 stack);
void    session_maker_death   (MemscopeSessionBuilder *builder,
                               guint8                  kind,
                               guint64                 time,
                               guint64                 birth,
                               guint32                 thread);
/* A death by realloc, and the birth that continues it. */
guint64 session_maker_realloc (MemscopeSessionBuilder *builder,
                               guint64                 time,
                               guint64                 birth,
                               guint64                 size,
                               guint32                 thread,
                               guint32                 stack);
/* Whatever comes in a stream; counts births and addresses. */
void    session_maker_add     (MemscopeSessionBuilder *builder,
                               MemscopeEvent           event);
guint64 session_maker_address (guint64                 birth);
/* Closes the recording at @time: an ended process, nothing lost. */
MemscopeSession *session_maker_finish (MemscopeSessionBuilder *builder,
                                       guint64                 time);

G_END_DECLS

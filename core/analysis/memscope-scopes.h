/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The phases that the program reported, thread by thread. */

#include "memscope-session-private.h"

G_BEGIN_DECLS

#define MEMSCOPE_NO_SCOPE G_MAXUINT

typedef struct
{
  MemscopeStringId name;
  MemscopeThreadId thread;
  guint            parent;         /* the scope around it, or MEMSCOPE_NO_SCOPE */
  guint            depth;          /* scopes around it */
  guint64          begin;          /* ns */
  guint64          end;            /* ns; MEMSCOPE_NEVER: it was not seen to end */
  guint64          begin_event;    /* its own events: from here, as in birth_event … */
  guint64          end_event;      /* … up to here; MEMSCOPE_NEVER */
} MemscopeScope;

/**
 * MemscopeScopes:
 *
 * All scopes of a session, in order of their beginnings. The end of a scope closes the
 * innermost one of its thread that has its name (none: the innermost of all), and what
 * is open inside it; an end that fits none is passed by.
 */
typedef struct _MemscopeScopes MemscopeScopes;

MemscopeScopes      *memscope_scopes_new  (MemscopeSession      *session);
void                 memscope_scopes_free (MemscopeScopes       *self);

const MemscopeScope *memscope_scopes_get  (const MemscopeScopes *self,
                                           guint                *n);

/* The innermost scope that @thread was in at its @event (birth_event, death_event);
 * NULL: none.
 */
const MemscopeScope *memscope_scopes_find (const MemscopeScopes *self,
                                           MemscopeThreadId      thread,
                                           guint64               event);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeScopes, memscope_scopes_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Which group a row belongs to, by a number: looked up, not computed, for each row. */

#include "memscope-filter.h"
#include "memscope-groups.h"
#include "memscope-pair-table.h"

G_BEGIN_DECLS

typedef struct
{
  MemscopeSession   *session;      /* not owned */
  MemscopeGroupBy    by;
  guint              n_stacks;
  guint              n_variables;
  guint32           *of_stack;     /* what the grouping needs of a stack: call site, module, variable; or NULL */
  guint32           *of_variable;  /* the type; or NULL */
  gboolean           is_copy;      /* these two are another's */
  gboolean           direct;       /* (thread, variable): few enough to be numbered like a table's cells */
  guint32            last_thread;
  MemscopePairTable  pairs;        /* (thread, variable) otherwise */
  guint32           *slots;        /* by key: number of its group from 1; 0 none yet */
  gsize              n_slots;
  guint32            n_groups;
} MemscopeGroupKeys;

void    memscope_group_keys_init   (MemscopeGroupKeys   *self,
                                    MemscopeSession     *session,
                                    MemscopeGroupBy      by);
/* The same keys, no group yet; @like must outlive it. */
void    memscope_group_keys_init_like (MemscopeGroupKeys       *self,
                                       const MemscopeGroupKeys *like);
void    memscope_group_keys_clear  (MemscopeGroupKeys   *self);

/* The number of the row's group from 0; a new one is n_groups before the call. */
guint32 memscope_group_keys_intern (MemscopeGroupKeys   *self,
                                    const MemscopeBatch *batch,
                                    guint                i);
/* The same for rows that were counted before; MEMSCOPE_NO_GROUP when there is none:
 * the session is live, and the row was given another name meanwhile.
 */
#define MEMSCOPE_NO_GROUP G_MAXUINT32

guint32 memscope_group_keys_find   (MemscopeGroupKeys   *self,
                                    const MemscopeBatch *batch,
                                    guint                i);
/* The ids that the row shares with its group. */
void    memscope_group_keys_fill   (MemscopeGroupKeys   *self,
                                    const MemscopeBatch *batch,
                                    guint                i,
                                    MemscopeGroup       *group);

G_END_DECLS

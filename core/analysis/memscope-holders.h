/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the explicit API told about single blocks before an instant, by row. */

#include "memscope-filter.h"

G_BEGIN_DECLS

typedef struct
{
  guint64  row;
  guint64  last_time;     /* ns, of the last clone, borrow or return */
  guint    borrows;       /* of the moment: borrows and clones that were not returned */
  gboolean shared;        /* cloned or borrowed more often than returned */
} MemscopeHolder;

typedef struct
{
  guint           n;
  MemscopeHolder *holders;   /* ascending by row */
} MemscopeHolders;

void                  memscope_holders_init  (MemscopeHolders       *self,
                                              MemscopeSession       *session,
                                              guint64                instant);
void                  memscope_holders_clear (MemscopeHolders       *self);
/* NULL: nothing was told. */
const MemscopeHolder *memscope_holders_find  (const MemscopeHolders *self,
                                              guint64                row);

/* Whether more than one holder of a row is known: row @i of @columns, of which
 * @holder was told (NULL: nothing).
 */
gboolean              memscope_holders_is_shared (const MemscopeFilter  *filter,
                                                  const MemscopeBatch   *columns,
                                                  guint                  i,
                                                  const MemscopeHolder  *holder);

G_END_DECLS

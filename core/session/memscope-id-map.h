/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From a file's ids to ours. Ids of a sound file are dense; one that is far beyond
 * as many as there are goes into a hash, so that no id costs more than an entry.
 */
typedef struct
{
  guint32    *dense;
  guint64     n_dense;
  guint64     n_set;      /* calls of memscope_id_map_set() */
  GHashTable *sparse;
} MemscopeIdMap;

void    memscope_id_map_clear      (MemscopeIdMap *self);
void    memscope_id_map_set        (MemscopeIdMap *self, guint64 id, guint32 value);
guint32 memscope_id_map_get_sparse (const MemscopeIdMap *self, guint64 id);

/* 0 when the id was never set. */
static inline guint32
memscope_id_map_get (const MemscopeIdMap *self,
                     guint64              id)
{
  return id < self->n_dense ? self->dense[id] : memscope_id_map_get_sparse (self, id);
}

G_END_DECLS

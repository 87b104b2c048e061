/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Finds the id of a thing by its content; the things themselves live in a table
 * of the owner. Ids are from 1. Hashes are seeded per interner, so that a file
 * cannot be made to collide.
 */
typedef struct
{
  guint64 *slots;        /* upper half of the hash | id; 0 empty */
  guint    n_slots;      /* a power of two */
  guint    n;
  guint64  seed;
} MemscopeInterner;

typedef gboolean (*MemscopeInternEqual) (gconstpointer table,
                                         guint32       id,
                                         gconstpointer key);

void    memscope_interner_init   (MemscopeInterner *self);
void    memscope_interner_clear  (MemscopeInterner *self);

guint64 memscope_interner_hash   (const MemscopeInterner *self,
                                  const void             *data,
                                  gsize                   length);

/* The id of the thing equal to @key, or 0. */
guint32 memscope_interner_find   (const MemscopeInterner *self,
                                  guint64                 hash,
                                  MemscopeInternEqual     equal,
                                  gconstpointer           table,
                                  gconstpointer           key);
/* After a find that gave 0. */
void    memscope_interner_insert (MemscopeInterner *self,
                                  guint64           hash,
                                  guint32           id);

G_END_DECLS

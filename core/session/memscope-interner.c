/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-interner.h"

#include <string.h>

#include <xxhash.h>

#define FIRST_SLOTS 64u

void
memscope_interner_init (MemscopeInterner *self)
{
  self->n_slots = FIRST_SLOTS;
  self->slots = g_new0 (guint64, FIRST_SLOTS);
  self->n = 0;
  self->seed = (guint64)g_random_int () << 32 | g_random_int ();
}

void
memscope_interner_clear (MemscopeInterner *self)
{
  g_clear_pointer (&self->slots, g_free);
  self->n_slots = 0;
  self->n = 0;
}

guint64
memscope_interner_hash (const MemscopeInterner *self,
                        const void             *data,
                        gsize                   length)
{
  return XXH3_64bits_withSeed (data, length, self->seed);
}

/* A slot keeps 32 bits of the hash: enough to find its place in any larger array,
 * and to compare content seldom in vain.
 */
guint32
memscope_interner_find (const MemscopeInterner *self,
                        guint64                 hash,
                        MemscopeInternEqual     equal,
                        gconstpointer           table,
                        gconstpointer           key)
{
  guint mask = self->n_slots - 1;
  guint32 short_hash = hash >> 32;

  for (guint i = short_hash & mask; self->slots[i] != 0; i = (i + 1) & mask)
    {
      if (self->slots[i] >> 32 == short_hash && equal (table, (guint32)self->slots[i], key))
        return (guint32)self->slots[i];
    }

  return 0;
}

static void
memscope_interner_place (MemscopeInterner *self,
                         guint64           slot)
{
  guint mask = self->n_slots - 1;
  guint i = (guint)(slot >> 32) & mask;

  while (self->slots[i] != 0)
    i = (i + 1) & mask;

  self->slots[i] = slot;
}

static void
memscope_interner_grow (MemscopeInterner *self)
{
  g_autofree guint64 *old = g_steal_pointer (&self->slots);
  guint n_old = self->n_slots;

  self->n_slots = n_old * 2;
  self->slots = g_new0 (guint64, self->n_slots);

  for (guint i = 0; i < n_old; i++)
    {
      if (old[i] != 0)
        memscope_interner_place (self, old[i]);
    }
}

void
memscope_interner_insert (MemscopeInterner *self,
                          guint64           hash,
                          guint32           id)
{
  if (self->n >= self->n_slots / 2 && self->n_slots <= G_MAXUINT / 4)
    memscope_interner_grow (self);

  memscope_interner_place (self, (hash >> 32) << 32 | id);
  self->n++;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-pair-table.h"

void
memscope_pair_table_init (MemscopePairTable *self)
{
  memscope_interner_init (&self->interner);
  self->pairs = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->last = 0;
  self->last_number = 0;
}

void
memscope_pair_table_clear (MemscopePairTable *self)
{
  memscope_interner_clear (&self->interner);
  g_clear_pointer (&self->pairs, g_array_unref);
}

static gboolean
equal_pair (gconstpointer table,
            guint32       id,
            gconstpointer key)
{
  return ((const guint64 *)table)[id - 1] == *(const guint64 *)key;
}

static guint32
look_up (MemscopePairTable *self,
         guint64            pair,
         guint64            hash)
{
  return memscope_interner_find (&self->interner, hash, equal_pair, self->pairs->data, &pair);
}

guint32
memscope_pair_table_intern (MemscopePairTable *self,
                            guint32            first,
                            guint32            second)
{
  guint64 pair = (guint64)first << 32 | second;
  guint64 hash;

  if (pair == self->last && self->last_number != 0)
    return self->last_number;

  hash = memscope_interner_hash (&self->interner, &pair, sizeof pair);
  self->last = pair;
  self->last_number = look_up (self, pair, hash);
  if (self->last_number == 0)
    {
      g_array_append_val (self->pairs, pair);
      self->last_number = self->pairs->len;
      memscope_interner_insert (&self->interner, hash, self->last_number);
    }

  return self->last_number;
}

guint32
memscope_pair_table_find (MemscopePairTable *self,
                          guint32            first,
                          guint32            second)
{
  guint64 pair = (guint64)first << 32 | second;

  if (pair == self->last && self->last_number != 0)
    return self->last_number;

  return look_up (self, pair, memscope_interner_hash (&self->interner, &pair, sizeof pair));
}

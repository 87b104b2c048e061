/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-id-map.h"

#include <string.h>

#define SLACK 4096u

void
memscope_id_map_clear (MemscopeIdMap *self)
{
  g_clear_pointer (&self->dense, g_free);
  g_clear_pointer (&self->sparse, g_hash_table_unref);
  self->n_dense = 0;
  self->n_set = 0;
}

static gboolean
move_to_dense (gpointer key,
               gpointer value,
               gpointer user_data)
{
  MemscopeIdMap *self = user_data;
  guint64 id = *(const guint64 *)key;

  if (id >= self->n_dense)
    return FALSE;

  self->dense[id] = GPOINTER_TO_UINT (value);

  return TRUE;
}

static void
memscope_id_map_grow (MemscopeIdMap *self,
                      guint64        id)
{
  guint64 n = MAX (id + 1, self->n_dense * 2);

  n = MAX (n, 64);
  self->dense = g_renew (guint32, self->dense, n);
  memset (self->dense + self->n_dense, 0, (n - self->n_dense) * sizeof *self->dense);
  self->n_dense = n;

  if (self->sparse != NULL)
    g_hash_table_foreach_remove (self->sparse, move_to_dense, self);
}

void
memscope_id_map_set (MemscopeIdMap *self,
                     guint64        id,
                     guint32        value)
{
  /* The array is at most four times as long as there were ids, whatever they are. */
  self->n_set++;
  if (id >= self->n_dense && id < self->n_set * 2 + SLACK)
    memscope_id_map_grow (self, id);

  if (id < self->n_dense)
    {
      self->dense[id] = value;
      return;
    }

  if (self->sparse == NULL)
    self->sparse = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_hash_table_insert (self->sparse, g_memdup2 (&id, sizeof id), GUINT_TO_POINTER (value));
}

guint32
memscope_id_map_get_sparse (const MemscopeIdMap *self,
                            guint64              id)
{
  if (self->sparse == NULL)
    return 0;

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->sparse, &id));
}

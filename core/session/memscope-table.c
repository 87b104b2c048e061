/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-table.h"

#include <string.h>

/* The first @n_initial elements are zeroes: tables indexed by an id keep 0 for "none". */
void
memscope_table_init (MemscopeTable *self,
                     guint          element_size,
                     guint          n_initial)
{
  self->element_size = element_size;
  self->capacity = MAX (16, n_initial);
  self->data = g_malloc0_n (self->capacity, element_size);
  self->n = n_initial;
  self->retired = NULL;
}

void
memscope_table_clear (MemscopeTable *self)
{
  g_clear_pointer (&self->retired, g_ptr_array_unref);
  g_clear_pointer (&self->data, g_free);
  self->n = 0;
  self->capacity = 0;
}

static void
memscope_table_retire (MemscopeTable *self)
{
  if (self->retired == NULL)
    self->retired = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (self->retired, self->data);
}

gpointer
memscope_table_copy (const MemscopeTable *self)
{
  return g_memdup2 (self->data, (gsize)self->capacity * self->element_size);
}

void
memscope_table_replace (MemscopeTable *self,
                        gpointer       copy)
{
  memscope_table_retire (self);
  __atomic_store_n (&self->data, copy, __ATOMIC_RELEASE);
}

static void
memscope_table_grow (MemscopeTable *self)
{
  guint8 *grown;

  /* Ids are 32 bits wide; every caller interns, so this is out of reach of a file that fits in memory. */
  if (self->capacity > G_MAXUINT / 2)
    g_error ("A table of a session has more than %u entries", self->capacity);

  grown = g_malloc_n ((gsize)self->capacity * 2, self->element_size);
  memcpy (grown, self->data, (gsize)self->n * self->element_size);

  memscope_table_retire (self);
  __atomic_store_n (&self->data, grown, __ATOMIC_RELEASE);
  self->capacity *= 2;
}

void
memscope_table_append (MemscopeTable *self,
                       const void    *element)
{
  if (self->n == self->capacity)
    memscope_table_grow (self);

  memcpy (self->data + (gsize)self->n * self->element_size, element, self->element_size);
  __atomic_store_n (&self->n, self->n + 1, __ATOMIC_RELEASE);
}

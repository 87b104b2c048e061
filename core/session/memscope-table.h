/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A growing array that readers in other threads may hold on to: when it has to
 * move, the old place stays readable until the table is cleared. One writer.
 * Doubling keeps what is retired below the size of what is in use.
 */
typedef struct
{
  guint8    *data;
  guint      n;          /* published last: elements below it are complete */
  guint      capacity;
  guint      element_size;
  GPtrArray *retired;
} MemscopeTable;

void  memscope_table_init   (MemscopeTable *self, guint element_size, guint n_initial);
void  memscope_table_clear  (MemscopeTable *self);
void  memscope_table_append (MemscopeTable *self, const void *element);

/* For changing many elements at once: a copy to change, which takes the place of
 * the data; readers keep the former.
 */
gpointer memscope_table_copy    (const MemscopeTable *self);
void     memscope_table_replace (MemscopeTable *self, gpointer copy);

static inline guint
memscope_table_get_n (const MemscopeTable *self)
{
  return __atomic_load_n (&self->n, __ATOMIC_ACQUIRE);
}

static inline gpointer
memscope_table_get_data (const MemscopeTable *self)
{
  return __atomic_load_n (&self->data, __ATOMIC_ACQUIRE);
}

/* The element of type T at index I, which exists. */
#define memscope_table_index(table, T, i) (((T *)memscope_table_get_data (table))[i])

G_END_DECLS

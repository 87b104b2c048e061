/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-hot-pages.h"

#include "memscope-filter.h"
#include "memscope-page-size.h"
#include "memscope-saturate.h"

#define FIRST_SLOTS 1024u

/* Pages by their address, open addressing; a slot without births is free. */
typedef struct
{
  MemscopeHotPage *slots;
  gsize            n_slots;   /* a power of two */
  gsize            n_used;
} PageTable;

static MemscopeHotPage *
find_slot (PageTable *self,
           guint64    address)
{
  gsize mask = self->n_slots - 1;
  gsize at = (gsize)((address >> 9) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 20) & mask;

  while (self->slots[at].births != 0 && self->slots[at].address != address)
    at = (at + 1) & mask;

  return &self->slots[at];
}

static void
grow (PageTable *self)
{
  PageTable larger = { g_new0 (MemscopeHotPage, self->n_slots * 2), self->n_slots * 2, self->n_used };

  for (gsize i = 0; i < self->n_slots; i++)
    {
      if (self->slots[i].births != 0)
        *find_slot (&larger, self->slots[i].address) = self->slots[i];
    }

  g_free (self->slots);
  *self = larger;
}

static void
add_birth (PageTable *self,
           guint64    page,
           guint64    size,
           guint64    row)
{
  MemscopeHotPage *slot = find_slot (self, page);

  if (slot->births == 0)
    {
      if (++self->n_used * 3 > self->n_slots * 2)
        {
          grow (self);
          slot = find_slot (self, page);
        }
      slot->address = page;
    }

  slot->births++;
  slot->bytes = memscope_saturating_add (slot->bytes, size);
  slot->row = row;
}

static gboolean
count_births (PageTable             *table,
              const MemscopeFilter  *filter,
              guint64                page_size,
              GCancellable          *cancellable,
              GError               **error)
{
  for (guint index = 0; index < filter->n_batches; index++)
    {
      MemscopeBatch batch;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      memscope_filter_get_batch (filter, index, &batch);
      if (batch.n_rows > 0 && batch.birth_time[0] >= filter->end)
        break;

      for (guint i = 0; i < batch.n_rows; i++)
        {
          if (batch.address[i] != MEMSCOPE_UNKNOWN && memscope_filter_in_range (filter, batch.birth_time[i]) && memscope_filter_passes (filter, &batch, i))
            add_birth (table, batch.address[i] - batch.address[i] % page_size, batch.size[i], batch.first_row + i);
        }
    }

  return TRUE;
}

static int
compare_pages (gconstpointer a,
               gconstpointer b)
{
  const MemscopeHotPage *left = a;
  const MemscopeHotPage *right = b;

  if (left->births != right->births)
    return left->births > right->births ? -1 : 1;
  if (left->bytes != right->bytes)
    return left->bytes > right->bytes ? -1 : 1;

  return left->address < right->address ? -1 : left->address > right->address;
}

/* The table's pages are moved to its front, and those that matter are sorted. */
static MemscopeHotPages *
list_pages (PageTable *table,
            guint      max,
            guint64    page_size)
{
  MemscopeHotPages *self = g_new0 (MemscopeHotPages, 1);
  gsize n = 0;

  for (gsize i = 0; i < table->n_slots; i++)
    {
      if (table->slots[i].births != 0)
        table->slots[n++] = table->slots[i];
    }

  qsort (table->slots, n, sizeof *table->slots, compare_pages);
  self->page_size = page_size;
  self->n_touched = n;
  self->n_pages = (guint)MIN (n, max);
  self->pages = g_memdup2 (table->slots, MAX (self->n_pages, 1) * sizeof *self->pages);

  return self;
}

MemscopeHotPages *
memscope_hot_pages_new (MemscopeSession    *session,
                        MemscopeSelection  *selection,
                        guint               max,
                        GCancellable       *cancellable,
                        GError            **error)
{
  g_autoptr(MemscopeFilter) filter = NULL;
  PageTable table = { g_new0 (MemscopeHotPage, FIRST_SLOTS), FIRST_SLOTS, 0 };
  MemscopeHotPages *self = NULL;
  guint64 page_size;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);

  filter = memscope_filter_new (session, selection);
  page_size = memscope_session_page_size (session);
  if (count_births (&table, filter, page_size, cancellable, error))
    self = list_pages (&table, max, page_size);

  g_free (table.slots);

  return self;
}

void
memscope_hot_pages_free (MemscopeHotPages *self)
{
  g_free (self->pages);
  g_free (self);
}

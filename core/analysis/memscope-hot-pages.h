/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* A page, by the selected blocks that were born in it within the range. */
typedef struct
{
  guint64 address;
  guint64 births;   /* blocks that begin in the page */
  guint64 bytes;    /* requested */
  guint64 row;      /* the last of them */
} MemscopeHotPage;

/**
 * MemscopeHotPages:
 *
 * The pages where most blocks of the selection were born in the range: descending by
 * births, then bytes, then ascending by address. Independent of the instant. In a
 * sampled session these are the sampled blocks only.
 */
typedef struct
{
  guint            n_pages;
  MemscopeHotPage *pages;
  guint64          n_touched;   /* pages with births, listed or not */
  guint64          page_size;
} MemscopeHotPages;

/* At most @max of them. Pure, any thread; NULL with G_IO_ERROR_CANCELLED is the only error. */
MemscopeHotPages *memscope_hot_pages_new  (MemscopeSession    *session,
                                           MemscopeSelection  *selection,
                                           guint               max,
                                           GCancellable       *cancellable,
                                           GError            **error);
void              memscope_hot_pages_free (MemscopeHotPages   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeHotPages, memscope_hot_pages_free)

G_END_DECLS

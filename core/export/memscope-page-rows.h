/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-page-places.h"
#include "memscope-selection.h"

G_BEGIN_DECLS

/* The blocks of a page: which rows of the session it lists. */
typedef struct
{
  MemscopeSession *session;
  guint64         *rows;        /* ascending */
  guint8          *temporary;   /* by place in rows: freed before the next birth of its thread */
  guint64          n_rows;
  guint64          n_selected;  /* of the selection, listed or not */
  guint64          n_unnamed;   /* left out because only named ones were wanted */
  guint64          n_dropped;   /* left out for lack of room */
  guint64          n_dropped_live;
} MemscopePageRows;

gboolean memscope_page_rows_init  (MemscopePageRows    *self,
                                   MemscopeSession     *session,
                                   MemscopeSelection   *selection,
                                   gboolean             named_only,
                                   GCancellable        *cancellable,
                                   GError             **error);
void     memscope_page_rows_clear (MemscopePageRows    *self);

/* Keeps about @max of the rows, at most that many: those alive at the end
 * first, then the largest. The order stays that of birth.
 */
void     memscope_page_rows_keep  (MemscopePageRows    *self,
                                   guint64              max);

/* One packed tile for each 65,536 rows; NULL when cancelled. */
GPtrArray *memscope_page_rows_pack (MemscopePageRows    *self,
                                    MemscopePagePlaces  *places,
                                    GCancellable        *cancellable,
                                    GError             **error);

/* What else memscope-rs stored of the rows: a line of JSON each, "" where there
 * is nothing, packed like the rows. NULL: the session has nothing, it would take
 * more than @max_size bytes, or cancelled.
 */
GPtrArray *memscope_page_rows_pack_extras (MemscopePageRows  *self,
                                           gboolean           redact_paths,
                                           gsize              max_size,
                                           gboolean          *too_large,
                                           GCancellable      *cancellable);

/* Where @row stands in the page, from 1; 0: it is not listed. */
guint64  memscope_page_rows_find  (MemscopePageRows    *self,
                                   guint64              row);

G_END_DECLS

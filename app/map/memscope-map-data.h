/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-address-map.h"
#include "memscope-groups.h"

G_BEGIN_DECLS

/**
 * MemscopeMapData:
 *
 * The map of a selection at its instant, for both ways of showing it: the columns
 * for the table, and the same as shared memory for the drawing. Immutable once made.
 */
typedef struct
{
  gatomicrefcount      references;
  MemscopeSession     *session;
  MemscopeSelection   *selection;
  guint                stages;
  MemscopeAddressMap  *map;
  int                  bytes;      /* descriptor of memscope_map_blob_new()'s bytes; -1: only the table was asked for */
  gsize                n_bytes;
} MemscopeMapData;

/* In any thread. NULL: cancelled, or there is no memory for the bytes. */
MemscopeMapData *memscope_map_data_new   (MemscopeSession   *session,
                                          MemscopeSelection *selection,
                                          guint              stages,      /* bit 1 << MemscopeStage; 0: all */
                                          gboolean           with_bytes,
                                          GCancellable      *cancellable);
MemscopeMapData *memscope_map_data_ref   (MemscopeMapData   *self);
void             memscope_map_data_unref (MemscopeMapData   *self);

/* The card that the block at @row belongs to, with its figures in @selection; where
 * the selection leaves the block out, all figures are 0. In any thread; NULL: cancelled.
 */
MemscopeGroup   *memscope_map_find_group (MemscopeSession   *session,
                                          MemscopeSelection *selection,
                                          guint64            row,
                                          GCancellable      *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeMapData, memscope_map_data_unref)

G_END_DECLS

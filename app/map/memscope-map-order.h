/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-map-data.h"

G_BEGIN_DECLS

/* The columns of the table of blocks. */
typedef enum
{
  MEMSCOPE_MAP_COLUMN_ADDRESS,
  MEMSCOPE_MAP_COLUMN_SIZE,
  MEMSCOPE_MAP_COLUMN_ROUNDING,
  MEMSCOPE_MAP_COLUMN_AGE,
  MEMSCOPE_MAP_COLUMN_THREAD,
  MEMSCOPE_MAP_COLUMN_VARIABLE,
  MEMSCOPE_MAP_COLUMN_TYPE,
  MEMSCOPE_MAP_COLUMN_SITE,
  MEMSCOPE_MAP_COLUMN_STAGE,
  MEMSCOPE_N_MAP_COLUMNS
} MemscopeMapColumn;

#define MEMSCOPE_MAP_ALL_REGIONS G_MAXUINT

/**
 * MemscopeMapOrder:
 *
 * Which blocks of a map a table lists, and in which order: those of a region that
 * are in the selection, by a column. An array of indices, whatever their number.
 */
typedef struct
{
  gatomicrefcount    references;
  MemscopeMapData   *data;
  guint              region;        /* MEMSCOPE_MAP_ALL_REGIONS: all */
  MemscopeMapColumn  column;
  gboolean           descending;
  guint              n;
  guint32           *blocks;        /* indices into the map's columns */
} MemscopeMapOrder;

/* In any thread; NULL: cancelled. What is not recorded comes last either way, equal
 * ones by address.
 */
MemscopeMapOrder *memscope_map_order_new   (MemscopeMapData    *data,
                                            guint               region,
                                            MemscopeMapColumn   column,
                                            gboolean            descending,
                                            GCancellable       *cancellable);
MemscopeMapOrder *memscope_map_order_ref   (MemscopeMapOrder   *self);
void              memscope_map_order_unref (MemscopeMapOrder   *self);

/* Where the block that is @row stands; G_MAXUINT: nowhere. */
guint             memscope_map_order_find  (MemscopeMapOrder   *self,
                                            guint64             row);

/* What the table says of the block at @index of the map; valid UTF-8, transfer full. */
char             *memscope_map_block_dup_text (MemscopeMapData   *data,
                                               guint64            index,
                                               MemscopeMapColumn  column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeMapOrder, memscope_map_order_unref)

G_END_DECLS

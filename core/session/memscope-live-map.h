/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MEMSCOPE_NO_ROW G_MAXUINT64

/* Which block is alive where, while a stream of births and deaths is replayed:
 * exact addresses fast (one probe), addresses inside a block well enough for
 * the explicit API, which asks seldom. One block an address.
 */
typedef struct _MemscopeLiveMap MemscopeLiveMap;

MemscopeLiveMap *memscope_live_map_new    (void);
void             memscope_live_map_free   (MemscopeLiveMap *self);
guint64          memscope_live_map_get_n  (MemscopeLiveMap *self);

/* Returns the row that was there and is now forgotten, or MEMSCOPE_NO_ROW. */
guint64          memscope_live_map_insert (MemscopeLiveMap *self,
                                           guint64          address,
                                           guint64          size,
                                           guint64          row);
guint64          memscope_live_map_remove (MemscopeLiveMap *self,
                                           guint64          address);
/* Forgets the block at @address only if it is @row. */
gboolean         memscope_live_map_remove_row (MemscopeLiveMap *self,
                                               guint64          address,
                                               guint64          row);
guint64          memscope_live_map_find   (MemscopeLiveMap *self,
                                           guint64          address);
/* The block with the highest start that contains @address; a block of size 0
 * contains its own address.
 */
guint64          memscope_live_map_find_inside (MemscopeLiveMap *self,
                                                guint64          address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeLiveMap, memscope_live_map_free)

G_END_DECLS

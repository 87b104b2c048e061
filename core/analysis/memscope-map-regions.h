/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What lies where: regions and areas of an address map, from the recorded
 * mappings and the blocks.
 */

#include "memscope-address-map.h"

G_BEGIN_DECLS

/* A recorded mapping that a block could be in, or several that follow one another and
 * are the same thing.
 */
typedef struct
{
  guint64          start;
  guint64          end;
  guint            kind;    /* MemscopeRegionKind */
  MemscopeStringId path;
} MemscopeMapSpan;

/* Of a recorded snapshot: MemscopeMapSpans, ascending, apart. Transfer full. */
GArray  *memscope_map_read_spans   (MemscopeSession    *session,
                                    guint               snapshot);
/* Whether the addresses of blocks tell what a region is: those of a process with glibc. */
gboolean memscope_map_may_guess    (MemscopeSession    *session);

/* Fills regions, areas, mappings_time and the region of each block of @map, whose
 * other columns are there. Everything of a region but its figures.
 */
void     memscope_map_find_regions (MemscopeAddressMap *map,
                                    MemscopeSession    *session);

G_END_DECLS

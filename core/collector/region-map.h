/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "pages.h"
#include "memscope-format.h"

/* The regions the program mapped by itself, sorted, never overlapping. They are
 * few (the kernel allows some 65,000), so an array will do.
 */
typedef struct
{
  Vector blocks;   /* MemscopeLiveBlock, ascending by address */
} RegionMap;

#define REGION_MAP_MAX_LENGTH (256u * 1024u)

void region_map_init   (RegionMap *map);
void region_map_clear  (RegionMap *map);

/* false: it overlaps another, is empty, or there are too many. */
bool region_map_insert (RegionMap *map, const MemscopeLiveBlock *block);

/* Removes the lowest region that overlaps [@start, @end). */
bool region_map_take   (RegionMap *map, uint64_t start, uint64_t end, MemscopeLiveBlock *block);

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "region-map.h"

#include <string.h>

static MemscopeLiveBlock *
block_at (const RegionMap *map,
          size_t           i)
{
  return (MemscopeLiveBlock *)map->blocks.data + i;
}

/* The index of the first region that ends after @address. */
static size_t
first_after (const RegionMap *map,
             uint64_t         address)
{
  size_t low = 0, high = map->blocks.length;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (block_at (map, middle)->address + block_at (map, middle)->size > address)
        high = middle;
      else
        low = middle + 1;
    }

  return low;
}

void
region_map_init (RegionMap *map)
{
  vector_init (&map->blocks, sizeof (MemscopeLiveBlock));
}

void
region_map_clear (RegionMap *map)
{
  vector_clear (&map->blocks);
}

bool
region_map_insert (RegionMap               *map,
                   const MemscopeLiveBlock *block)
{
  size_t at = first_after (map, block->address);
  size_t behind = map->blocks.length - at;

  if (block->size == 0 || block->address + block->size < block->address ||
      map->blocks.length >= REGION_MAP_MAX_LENGTH ||
      (behind > 0 && block_at (map, at)->address < block->address + block->size) ||
      vector_add (&map->blocks) == NULL)
    return false;

  memmove (block_at (map, at + 1), block_at (map, at), behind * sizeof *block);
  *block_at (map, at) = *block;

  return true;
}

bool
region_map_take (RegionMap         *map,
                 uint64_t           start,
                 uint64_t           end,
                 MemscopeLiveBlock *block)
{
  size_t at = first_after (map, start);

  if (at == map->blocks.length || block_at (map, at)->address >= end)
    return false;

  *block = *block_at (map, at);
  map->blocks.length--;
  memmove (block_at (map, at), block_at (map, at + 1), (map->blocks.length - at) * sizeof *block);

  return true;
}

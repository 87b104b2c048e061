/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "id-table.h"
#include "pages.h"
#include "memscope-format.h"

/* Every block that is alive, by address: what a death needs to know of its
 * birth, and what a checkpoint says.
 *
 * Neighbours in memory are neighbours here: a table leads from the 4 KiB page
 * to a node, in which the blocks that begin in the page stand in order, found
 * by counting bits in a map of the page's 256 granules of 16 bytes. A program's
 * allocations cluster, so most look-ups stay in the cache, where a hash of the
 * address would miss on each; and the address costs one bit. A block takes 25
 * bytes plus its share of the node's head and of the room to grow.
 *
 * What does not fit (odd addresses, sizes of 4 GiB and more, recordings of
 * months) is kept whole in a second, plain table.
 */

#define LIVE_N_CLASSES 16

typedef struct
{
  IdTable   pages;                          /* page number -> node */
  uint64_t *words;                          /* all nodes; a node is the index of its first word */
  size_t    n_words;
  size_t    capacity;
  uint32_t  free_nodes[LIVE_N_CLASSES];     /* chained through word 0 */

  IdTable   wide;                           /* address -> index in wide_blocks */
  Vector    wide_blocks;                    /* MemscopeLiveBlock; index 0 is unused */
  uint32_t  free_wide;                      /* chained through `stack` */

  uint64_t  length;
} LiveMap;

typedef enum
{
  LIVE_OK,
  LIVE_TAKEN,           /* a block is alive there: nothing was changed */
  LIVE_OUT_OF_MEMORY,
} LiveStatus;

typedef struct
{
  uint64_t birth;
  uint64_t address;
} LiveKey;

void       live_map_init    (LiveMap *map);
void       live_map_clear   (LiveMap *map);
bool       live_map_copy    (LiveMap *copy, const LiveMap *map);
LiveStatus live_map_insert  (LiveMap *map, const MemscopeLiveBlock *block);
bool       live_map_find    (const LiveMap *map, uint64_t address, MemscopeLiveBlock *block);
bool       live_map_remove  (LiveMap *map, uint64_t address, MemscopeLiveBlock *block);

/* Gets into the cache what the next look at @address will need: at first (@stage 0) what
 * leads to its page's node, then (1) the node, at last (2) the entry.
 */
void       live_map_fetch   (const LiveMap *map, uint64_t address, unsigned stage);

/* Appends all blocks to @keys, a Vector of LiveKey. false: out of memory. */
bool       live_map_collect (const LiveMap *map, Vector *keys);

/* Ascending by birth. */
bool       live_keys_sort   (Vector *keys);

/* The bytes the map takes at present. */
size_t     live_map_memory  (const LiveMap *map);

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "live-map.h"

#include <string.h>

#define PAGE_SHIFT    12
#define GRANULE_SHIFT 4
#define HEAD_WORDS    5            /* the map of granules (4), then count and class */
#define ENTRY_WORDS   3
#define KIND_WIDE     UINT64_C (0xff)
#define ROUNDING_UNKNOWN UINT64_C (0xffff)

/* Entries a node of each class has room for. */
static const uint16_t class_capacity[LIVE_N_CLASSES] =
  { 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256 };

/* An entry:
 *   word 0   birth 40 | thread 24
 *   word 1   time 40 | kind 8 | rounding 16
 *   word 2   size 32 | stack 32
 */
static bool
is_wide (const MemscopeLiveBlock *block)
{
  return (block->address & 15) != 0 ||
         block->birth >> 40 != 0 ||
         block->time >> 40 != 0 ||
         block->size >> 32 != 0 ||
         block->thread >> 24 != 0 ||
         (block->rounding >= ROUNDING_UNKNOWN && block->rounding != MEMSCOPE_USABLE_UNKNOWN);
}

static void
pack (uint64_t                 *entry,
      const MemscopeLiveBlock  *block)
{
  uint64_t rounding = block->rounding == MEMSCOPE_USABLE_UNKNOWN ? ROUNDING_UNKNOWN : block->rounding;

  entry[0] = block->birth | (uint64_t)block->thread << 40;
  entry[1] = block->time | (uint64_t)(block->kind & 0xff) << 40 | rounding << 48;
  entry[2] = block->size | (uint64_t)block->stack << 32;
}

static void
unpack (const uint64_t    *entry,
        uint64_t           address,
        MemscopeLiveBlock *block)
{
  uint64_t rounding = entry[1] >> 48;

  *block = (MemscopeLiveBlock) {
    .birth = entry[0] & ((UINT64_C (1) << 40) - 1),
    .address = address,
    .size = entry[2] & UINT32_MAX,
    .time = entry[1] & ((UINT64_C (1) << 40) - 1),
    .thread = (uint32_t)(entry[0] >> 40),
    .stack = (uint32_t)(entry[2] >> 32),
    .rounding = rounding == ROUNDING_UNKNOWN ? MEMSCOPE_USABLE_UNKNOWN : (uint32_t)rounding,
    .kind = entry[1] >> 40 & 0xff,
  };
}

/* ---- nodes ------------------------------------------------------------ */

static inline uint64_t
node_count (const uint64_t *node)
{
  return node[4] & UINT32_MAX;
}

static inline unsigned
node_class (const uint64_t *node)
{
  return (unsigned)(node[4] >> 32);
}

static inline bool
node_has (const uint64_t *node,
          unsigned        granule)
{
  return (node[granule >> 6] >> (granule & 63) & 1) != 0;
}

/* The compiler's own would be a call: not every x86-64 has the instruction. */
static inline unsigned
count_bits (uint64_t value)
{
  value -= value >> 1 & UINT64_C (0x5555555555555555);
  value = (value & UINT64_C (0x3333333333333333)) + (value >> 2 & UINT64_C (0x3333333333333333));
  value = (value + (value >> 4)) & UINT64_C (0x0f0f0f0f0f0f0f0f);

  return (unsigned)(value * UINT64_C (0x0101010101010101) >> 56);
}

/* How many blocks of the page begin before @granule. */
static inline unsigned
node_rank (const uint64_t *node,
           unsigned        granule)
{
  unsigned rank = 0;

  for (unsigned i = 0; i < granule >> 6; i++)
    rank += count_bits (node[i]);

  if ((granule & 63) != 0)
    rank += count_bits (node[granule >> 6] << (64 - (granule & 63)));

  return rank;
}

/* Behind the head a byte for each entry: where the entries are that are taken, in order of
 * address, then where those are that are free. So an entry stays where it is when others
 * come and go.
 */
static inline uint8_t *
node_order (uint64_t *node)
{
  return (uint8_t *)(node + HEAD_WORDS);
}

static inline size_t
order_words (unsigned class)
{
  return (class_capacity[class] + 7u) / 8u;
}

static inline uint64_t *
node_entry (uint64_t *node,
            unsigned  rank)
{
  return node + HEAD_WORDS + order_words (node_class (node)) + (size_t)node_order (node)[rank] * ENTRY_WORDS;
}

static size_t
class_words (unsigned class)
{
  return HEAD_WORDS + order_words (class) + (size_t)class_capacity[class] * ENTRY_WORDS;
}

static bool
reserve_words (LiveMap *map,
               size_t   n)
{
  size_t grown = map->capacity != 0 ? map->capacity : 8192;
  uint64_t *words;

  if (map->n_words + n <= map->capacity)
    return true;

  if (map->n_words + n > UINT32_MAX)
    return false;

  while (grown < map->n_words + n)
    grown += grown / 2;

  words = pages_resize (map->words, map->capacity * sizeof *words, grown * sizeof *words);
  if (words == NULL)
    return false;

  map->words = words;
  map->capacity = grown;

  return true;
}

static uint32_t
take_node (LiveMap  *map,
           unsigned  class)
{
  uint32_t index = map->free_nodes[class];

  if (index != 0)
    {
      map->free_nodes[class] = (uint32_t)map->words[index];
    }
  else
    {
      if (!reserve_words (map, class_words (class)))
        return 0;

      index = (uint32_t)map->n_words;
      map->n_words += class_words (class);
    }

  memset (map->words + index, 0, HEAD_WORDS * sizeof *map->words);
  map->words[index + 4] = (uint64_t)class << 32;
  for (unsigned i = 0; i < class_capacity[class]; i++)
    node_order (map->words + index)[i] = (uint8_t)i;

  return index;
}

static void
give_node (LiveMap  *map,
           uint32_t  index)
{
  unsigned class = node_class (map->words + index);

  map->words[index] = map->free_nodes[class];
  map->free_nodes[class] = index;
}

/* A node with room for one more, with @index's content. 0: out of memory. */
static uint32_t
enlarge_node (LiveMap  *map,
              uint64_t  page,
              uint32_t  index)
{
  unsigned class = node_class (map->words + index);
  uint32_t larger = take_node (map, class + 1);

  if (larger == 0 || !id_table_insert (&map->pages, page, larger))
    return 0;

  memcpy (map->words + larger, map->words + index, 4 * sizeof *map->words);
  map->words[larger + 4] = node_count (map->words + index) | (uint64_t)(class + 1) << 32;
  memcpy (node_order (map->words + larger), node_order (map->words + index), class_capacity[class]);
  memcpy (map->words + larger + HEAD_WORDS + order_words (class + 1),
          map->words + index + HEAD_WORDS + order_words (class),
          (size_t)class_capacity[class] * ENTRY_WORDS * sizeof *map->words);
  give_node (map, index);

  return larger;
}

/* Where the blocks that begin at @address' granule stand. */
typedef struct
{
  uint64_t page;
  uint32_t index;      /* of the page's node; 0: it has none */
  unsigned granule;
} Place;

static inline Place
place_of (const LiveMap *map,
          uint64_t       address)
{
  return (Place) {
    .page = address >> PAGE_SHIFT,
    .index = id_table_find (&map->pages, address >> PAGE_SHIFT),
    .granule = (unsigned)(address >> GRANULE_SHIFT & 255),
  };
}

/* NULL: nothing begins there. */
static inline uint64_t *
entry_at (const LiveMap *map,
          const Place   *place)
{
  uint64_t *node;

  if (place->index == 0)
    return NULL;

  node = map->words + place->index;
  if (!node_has (node, place->granule))
    return NULL;

  return node_entry (node, node_rank (node, place->granule));
}

static uint32_t
first_node (LiveMap  *map,
            uint64_t  page)
{
  uint32_t index = take_node (map, 0);

  if (index != 0 && !id_table_insert (&map->pages, page, index))
    {
      give_node (map, index);
      index = 0;
    }

  return index;
}

static uint64_t *
add_entry (LiveMap *map,
           Place   *place)
{
  unsigned rank, count;
  uint64_t *node;
  uint8_t *order, at;

  if (place->index == 0)
    place->index = first_node (map, place->page);
  else if (node_count (map->words + place->index) == class_capacity[node_class (map->words + place->index)])
    place->index = enlarge_node (map, place->page, place->index);

  if (place->index == 0)
    return NULL;

  node = map->words + place->index;
  order = node_order (node);
  count = (unsigned)node_count (node);
  rank = node_rank (node, place->granule);
  at = order[count];
  memmove (order + rank + 1, order + rank, count - rank);
  order[rank] = at;
  node[place->granule >> 6] |= UINT64_C (1) << (place->granule & 63);
  node[4]++;

  return node_entry (node, rank);
}

static void
drop_entry (LiveMap     *map,
            const Place *place)
{
  uint64_t *node = map->words + place->index;
  unsigned rank = node_rank (node, place->granule), last = (unsigned)node_count (node) - 1;
  uint8_t *order = node_order (node), at = order[rank];

  memmove (order + rank, order + rank + 1, last - rank);
  order[last] = at;
  node[place->granule >> 6] &= ~(UINT64_C (1) << (place->granule & 63));
  node[4]--;

  if (last == 0)
    {
      id_table_remove (&map->pages, place->page);
      give_node (map, place->index);
    }
}

/* ---- wide blocks ---------------------------------------------------------- */

static MemscopeLiveBlock *
wide_at (const LiveMap *map,
         uint32_t       index)
{
  return (MemscopeLiveBlock *)map->wide_blocks.data + index;
}

static bool
insert_wide (LiveMap                 *map,
             const MemscopeLiveBlock *block)
{
  uint32_t index = map->free_wide;

  if (index != 0)
    {
      map->free_wide = wide_at (map, index)->stack;
    }
  else
    {
      if (map->wide_blocks.length == 0 && vector_add (&map->wide_blocks) == NULL)
        return false;
      if (map->wide_blocks.length >= UINT32_MAX || vector_add (&map->wide_blocks) == NULL)
        return false;
      index = (uint32_t)map->wide_blocks.length - 1;
    }

  *wide_at (map, index) = *block;
  if (id_table_insert (&map->wide, block->address, index))
    return true;

  wide_at (map, index)->stack = map->free_wide;
  map->free_wide = index;

  return false;
}

static bool
remove_wide (LiveMap           *map,
             uint64_t           address,
             MemscopeLiveBlock *block)
{
  uint32_t index = id_table_remove (&map->wide, address);

  if (index == 0)
    return false;

  *block = *wide_at (map, index);
  *wide_at (map, index) = (MemscopeLiveBlock) { .stack = map->free_wide };
  map->free_wide = index;

  return true;
}

/* ---- the map ----------------------------------------------------------------- */

void
live_map_init (LiveMap *map)
{
  *map = (LiveMap) { .n_words = 1 };
  vector_init (&map->wide_blocks, sizeof (MemscopeLiveBlock));
}

void
live_map_clear (LiveMap *map)
{
  id_table_clear (&map->pages);
  id_table_clear (&map->wide);
  pages_unmap (map->words, map->capacity * sizeof *map->words);
  vector_clear (&map->wide_blocks);
  live_map_init (map);
}

bool
live_map_copy (LiveMap       *copy,
               const LiveMap *map)
{
  live_map_init (copy);

  if (!id_table_copy (&copy->pages, &map->pages) ||
      !id_table_copy (&copy->wide, &map->wide) ||
      !reserve_words (copy, map->n_words) ||
      !vector_reserve (&copy->wide_blocks, map->wide_blocks.length))
    {
      live_map_clear (copy);
      return false;
    }

  if (map->words != NULL)
    memcpy (copy->words, map->words, map->n_words * sizeof *map->words);
  if (map->wide_blocks.length != 0)
    memcpy (copy->wide_blocks.data, map->wide_blocks.data, map->wide_blocks.length * sizeof (MemscopeLiveBlock));

  copy->n_words = map->n_words;
  memcpy (copy->free_nodes, map->free_nodes, sizeof copy->free_nodes);
  copy->wide_blocks.length = map->wide_blocks.length;
  copy->free_wide = map->free_wide;
  copy->length = map->length;

  return true;
}

static inline bool
entry_is_wide (const uint64_t *entry)
{
  return (entry[1] >> 40 & 0xff) == KIND_WIDE;
}

static LiveStatus
insert_odd (LiveMap                 *map,
            const MemscopeLiveBlock *block)
{
  if (id_table_find (&map->wide, block->address) != 0)
    return LIVE_TAKEN;

  if (!insert_wide (map, block))
    return LIVE_OUT_OF_MEMORY;

  map->length++;

  return LIVE_OK;
}

/* A wide block at an even address has an entry too, so one look finds either. */
LiveStatus
live_map_insert (LiveMap                 *map,
                 const MemscopeLiveBlock *block)
{
  MemscopeLiveBlock dropped;
  uint64_t *entry;
  Place place;

  if ((block->address & 15) != 0)
    return insert_odd (map, block);

  place = place_of (map, block->address);
  if (place.index != 0 && node_has (map->words + place.index, place.granule))
    return LIVE_TAKEN;

  if (is_wide (block) && !insert_wide (map, block))
    return LIVE_OUT_OF_MEMORY;

  entry = add_entry (map, &place);
  if (entry == NULL)
    {
      remove_wide (map, block->address, &dropped);
      return LIVE_OUT_OF_MEMORY;
    }

  if (is_wide (block))
    entry[1] = KIND_WIDE << 40;
  else
    pack (entry, block);

  map->length++;

  return LIVE_OK;
}

static bool
find_wide (const LiveMap     *map,
           uint64_t           address,
           MemscopeLiveBlock *block)
{
  uint32_t index = id_table_find (&map->wide, address);

  if (index != 0)
    *block = *wide_at (map, index);

  return index != 0;
}

bool
live_map_find (const LiveMap     *map,
               uint64_t           address,
               MemscopeLiveBlock *block)
{
  const uint64_t *entry;
  Place place;

  if ((address & 15) != 0)
    return find_wide (map, address, block);

  place = place_of (map, address);
  entry = entry_at (map, &place);
  if (entry == NULL)
    return false;

  if (entry_is_wide (entry))
    return find_wide (map, address, block);

  unpack (entry, address, block);

  return true;
}

bool
live_map_remove (LiveMap           *map,
                 uint64_t           address,
                 MemscopeLiveBlock *block)
{
  uint64_t *entry;
  Place place;

  if ((address & 15) != 0)
    {
      if (!remove_wide (map, address, block))
        return false;

      map->length--;
      return true;
    }

  place = place_of (map, address);
  entry = entry_at (map, &place);
  if (entry == NULL)
    return false;

  if (entry_is_wide (entry))
    remove_wide (map, address, block);
  else
    unpack (entry, address, block);

  drop_entry (map, &place);
  map->length--;

  return true;
}

void
live_map_fetch (const LiveMap *map,
                uint64_t       address,
                unsigned       stage)
{
  const uint64_t *entry;
  Place place;

  if (stage == 0)
    {
      id_table_fetch (&map->pages, address >> PAGE_SHIFT);
      return;
    }

  place = place_of (map, address);
  if (place.index == 0)
    return;

  if (stage == 1)
    {
      __builtin_prefetch (map->words + place.index);
      __builtin_prefetch (map->words + place.index + 8);
    }
  else if ((entry = entry_at (map, &place)) != NULL)
    {
      __builtin_prefetch (entry);
      __builtin_prefetch (entry + ENTRY_WORDS - 1);
    }
}

/* ---- all of them ------------------------------------------------------------- */

static bool
add_key (Vector   *keys,
         uint64_t  birth,
         uint64_t  address)
{
  LiveKey *key = vector_add (keys);

  if (key == NULL)
    return false;

  *key = (LiveKey) { .birth = birth, .address = address };

  return true;
}

static bool
add_wide_key (const LiveMap *map,
              Vector        *keys,
              uint64_t       address)
{
  MemscopeLiveBlock block;

  return !find_wide (map, address, &block) || add_key (keys, block.birth, address);
}

static bool
add_keys_of_page (const LiveMap *map,
                  Vector        *keys,
                  uint64_t       page,
                  uint32_t       index)
{
  uint64_t *node = map->words + index;
  unsigned rank = 0;

  for (unsigned i = 0; i < 4; i++)
    for (uint64_t bits = node[i]; bits != 0; bits &= bits - 1)
      {
        uint64_t granule = i * 64 + (unsigned)__builtin_ctzll (bits);
        uint64_t address = page << PAGE_SHIFT | granule << GRANULE_SHIFT;
        const uint64_t *entry = node_entry (node, rank++);

        if (entry_is_wide (entry) ? !add_wide_key (map, keys, address)
                                  : !add_key (keys, entry[0] & ((UINT64_C (1) << 40) - 1), address))
          return false;
      }

  return true;
}

/* Least significant byte first; bytes that are the same everywhere are passed by. */
bool
live_keys_sort (Vector *vector)
{
  LiveKey *keys = vector->data;
  size_t n = vector->length;
  LiveKey *from = keys, *to, *other;

  if (n < 2)
    return true;

  to = other = pages_map (n * sizeof *keys);
  if (other == NULL)
    return false;

  for (unsigned shift = 0; shift < 64; shift += 8)
    {
      size_t starts[257] = { 0 };

      for (size_t i = 0; i < n; i++)
        starts[(from[i].birth >> shift & 255) + 1]++;

      if (starts[(from[0].birth >> shift & 255) + 1] == n)
        continue;

      for (unsigned i = 0; i < 256; i++)
        starts[i + 1] += starts[i];

      for (size_t i = 0; i < n; i++)
        to[starts[from[i].birth >> shift & 255]++] = from[i];

      to = from;
      from = from == keys ? other : keys;
    }

  if (from != keys)
    memcpy (keys, from, n * sizeof *keys);
  pages_unmap (other, n * sizeof *keys);

  return true;
}

bool
live_map_collect (const LiveMap *map,
                  Vector        *keys)
{
  if (!vector_reserve (keys, keys->length + map->length))
    return false;

  for (size_t i = 0; i < map->pages.capacity; i++)
    if (map->pages.entries[i].value != 0 &&
        !add_keys_of_page (map, keys, map->pages.entries[i].key, map->pages.entries[i].value))
      return false;

  for (size_t i = 0; i < map->wide.capacity; i++)
    if (map->wide.entries[i].value != 0 && (map->wide.entries[i].key & 15) != 0 &&
        !add_wide_key (map, keys, map->wide.entries[i].key))
      return false;

  return true;
}

size_t
live_map_memory (const LiveMap *map)
{
  return (map->pages.capacity + map->wide.capacity) * sizeof (IdTableEntry) +
         map->n_words * sizeof (uint64_t) +
         map->wide_blocks.capacity * sizeof (MemscopeLiveBlock);
}

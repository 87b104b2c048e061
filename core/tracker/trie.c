/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trie.h"

#include "modules.h"

#define MAX_PROBES 128

static inline uint32_t
hash_of (uint32_t parent,
         uint64_t address)
{
  uint64_t hash = (address ^ (uint64_t)parent << 40 ^ parent) * UINT64_C (0x9e3779b97f4a7c15);

  return (uint32_t)(hash >> 32);
}

static inline bool
is_node (const StackNode *node,
         uint32_t         parent,
         uint64_t         address,
         uint16_t         flags)
{
  return node->address == address && node->parent == parent && node->flags == flags &&
         atomic_load_explicit (&node->dead, memory_order_relaxed) == 0;
}

static uint32_t
new_node (ArenaHeader *arena,
          uint32_t     parent,
          uint64_t     address,
          uint16_t     flags)
{
  StackNode *node;
  uint32_t id;

  if (atomic_load_explicit (&arena->n_nodes, memory_order_relaxed) >= arena->nodes_capacity)
    return 0;
  id = atomic_fetch_add_explicit (&arena->n_nodes, 1, memory_order_relaxed) + 1;
  if (id > arena->nodes_capacity)
    {
      atomic_fetch_sub_explicit (&arena->n_nodes, 1, memory_order_relaxed);
      return 0;
    }

  node = arena_node (arena, id);
  node->address = address;
  node->parent = parent;
  node->flags = flags;

  return id;
}

uint32_t
trie_get (ArenaHeader *arena,
          uint32_t     parent,
          uint64_t     address,
          uint16_t     flags)
{
  _Atomic uint32_t *table = arena_at (arena, arena->hash_offset);
  uint32_t mask = arena->hash_capacity - 1;
  uint32_t at = hash_of (parent, address) & mask;
  uint32_t made = 0;

  for (int probe = 0; probe < MAX_PROBES; probe++, at = (at + 1) & mask)
    {
      uint32_t id = atomic_load_explicit (&table[at], memory_order_acquire);

      if (id == 0)
        {
          if (made == 0)
            {
              modules_meet (arena, address);
              made = new_node (arena, parent, address, flags);
            }
          if (made == 0)
            break;
          if (atomic_compare_exchange_strong_explicit (&table[at], &id, made,
                                                       memory_order_acq_rel, memory_order_acquire))
            return made;
        }
      if (id <= arena->nodes_capacity && is_node (arena_node (arena, id), parent, address, flags))
        return id;
    }
  atomic_fetch_add_explicit (&arena->nodes_refused, 1, memory_order_relaxed);

  return 0;
}

void
trie_mark_dead (ArenaHeader *arena,
                uint64_t     start,
                uint64_t     end)
{
  uint32_t n_nodes = atomic_load_explicit (&arena->n_nodes, memory_order_acquire);

  for (uint32_t id = 1; id <= n_nodes && id <= arena->nodes_capacity; id++)
    {
      StackNode *node = arena_node (arena, id);

      if (node->address >= start && node->address < end)
        atomic_store_explicit (&node->dead, 1, memory_order_relaxed);
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trie.h"

#include "modules.h"

#define MAX_PROBES 4096u

static ArenaHeader *arena;
static _Atomic uint32_t *hash;
static uint32_t truncated_node;

void
trie_attach (ArenaHeader *new_arena)
{
  arena = new_arena;
  hash = arena_at (arena, arena->hash_offset);
  truncated_node = 0;
}

static inline uint64_t
hash_of (uint32_t  parent,
         uintptr_t address,
         unsigned  flags)
{
  uint64_t value = (address ^ (uint64_t)parent << 40 ^ (uint64_t)parent >> 8 ^ (uint64_t)flags << 60) *
                   UINT64_C (0x9e3779b97f4a7c15);

  return value ^ value >> 32;
}

/* An unpublished node; 0 when the table is full. */
static uint32_t
make_node (uint32_t  parent,
           uintptr_t address,
           unsigned  flags)
{
  uint32_t id;
  StackNode *node;

  if (atomic_load_explicit (&arena->n_nodes, memory_order_relaxed) >= arena->nodes_capacity)
    return 0;

  id = atomic_fetch_add_explicit (&arena->n_nodes, 1, memory_order_relaxed) + 1;
  if (id > arena->nodes_capacity)
    return 0;

  node = arena_node (arena, id);
  node->address = address;
  node->parent = parent;
  node->flags = (uint16_t)flags;

  return id;
}

static inline bool
is_node (const StackNode *node,
         uint32_t         parent,
         uintptr_t        address,
         unsigned         flags)
{
  return node->address == address && node->parent == parent && node->flags == flags &&
         atomic_load_explicit (&node->dead, memory_order_relaxed) == 0;
}

static uint32_t
refuse (uint32_t parent)
{
  atomic_fetch_add_explicit (&arena->nodes_refused, 1, memory_order_relaxed);

  return parent;
}

uint32_t
trie_child (uint32_t  parent,
            uintptr_t address,
            unsigned  flags)
{
  uint32_t mask = arena->hash_capacity - 1;
  uint32_t at = (uint32_t)hash_of (parent, address, flags);
  uint32_t made = 0;

  for (unsigned i = 0; i < MAX_PROBES; i++, at++)
    {
      _Atomic uint32_t *place = &hash[at & mask];
      uint32_t id = atomic_load_explicit (place, memory_order_acquire);

      if (id == 0)
        {
          if (made == 0)
            {
              if (address != 0)
                modules_note (flags & NODE_SIGNAL ? address : address - 1);
              made = make_node (parent, address, flags);
            }
          if (made == 0)
            return refuse (parent);
          if (atomic_compare_exchange_strong_explicit (place, &id, made,
                                                       memory_order_acq_rel, memory_order_acquire))
            return made;
        }

      if (is_node (arena_node (arena, id), parent, address, flags))
        return id;
    }

  return refuse (parent);
}

uint32_t
trie_truncated (void)
{
  if (truncated_node == 0)
    truncated_node = trie_child (0, 0, NODE_TRUNCATED);

  return truncated_node;
}

/* A return address may be the first one behind the module. */
void
trie_forget (uintptr_t start,
             uintptr_t end)
{
  uint32_t n = atomic_load_explicit (&arena->n_nodes, memory_order_acquire);

  if (n > arena->nodes_capacity)
    n = arena->nodes_capacity;

  for (uint32_t id = 1; id <= n; id++)
    {
      StackNode *node = arena_node (arena, id);

      if (node->address > start && node->address <= end)
        atomic_store_explicit (&node->dead, 1, memory_order_relaxed);
    }
}

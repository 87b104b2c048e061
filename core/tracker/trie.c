/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trie.h"

#include "memory.h"
#include "modules.h"

#define FIRST_SIZE (UINT32_C (1) << 14)
#define MAX_PROBES 4096u
#define AHEAD      16u      /* look-ups under way at once */

/* Node ids by hash of the addresses from the outermost one to the node's, with linear
 * probing; 0: empty. As that hash is known before the ids are, a run of look-ups can
 * fetch all its places at once. As small as the tree allows: in a table spread over many
 * pages each look-up would cost a walk of the page tables.
 */
typedef struct
{
  uint32_t         size;    /* a power of two */
  _Atomic uint32_t n_used;
  _Atomic uint32_t ids[];
} Index;

ArenaHeader *trie_arena;
uint32_t trie_attachment;

static _Atomic (Index *) current_index;
static _Atomic uint32_t growing;
static uint32_t truncated_node;

/* of each node, by id; NULL: no memory */
static _Atomic (uint32_t *) hashes;
static size_t hashes_size;

static size_t
index_bytes (uint32_t size)
{
  return sizeof (Index) + size * sizeof (uint32_t);
}

static Index *
new_index (uint32_t size)
{
  Index *made = own_memory_map (index_bytes (size));

  if (made != NULL)
    made->size = size;

  return made;
}

/* No other thread is recorded yet. */
void
trie_attach (ArenaHeader *arena)
{
  Index *old = atomic_load_explicit (&current_index, memory_order_relaxed);
  Index *made = new_index (FIRST_SIZE);

  own_memory_unmap (atomic_load_explicit (&hashes, memory_order_relaxed), hashes_size);
  hashes_size = ((size_t)arena->nodes_capacity + 1) * sizeof (uint32_t);
  atomic_store_explicit (&hashes, own_memory_map (hashes_size), memory_order_relaxed);
  if (atomic_load_explicit (&hashes, memory_order_relaxed) == NULL)
    {
      own_memory_unmap (made, index_bytes (FIRST_SIZE));
      made = NULL;
    }

  trie_arena = arena;
  trie_attachment++;
  truncated_node = 0;
  atomic_store_explicit (&growing, 0, memory_order_relaxed);
  atomic_store_explicit (&current_index, made, memory_order_release);
  if (old != NULL)
    own_memory_unmap (old, index_bytes (old->size));
}

static inline uint32_t
hash_of (uint32_t  parent_hash,
         uintptr_t address,
         unsigned  flags)
{
  uint64_t value = (address ^ (uint64_t)flags << 60) * UINT64_C (0x9e3779b97f4a7c15) +
                   parent_hash * UINT64_C (0xc2b2ae3d27d4eb4f);

  value = (value ^ value >> 32) * UINT64_C (0xd6e8feb86659fd93);

  return (uint32_t)(value >> 32);
}

static inline uint32_t
hash_of_node (uint32_t id)
{
  const uint32_t *of = atomic_load_explicit (&hashes, memory_order_relaxed);

  return id != 0 ? of[id] : 0;
}

/* An unpublished node; 0 when the table is full. */
static uint32_t
make_node (uint32_t  parent,
           uintptr_t address,
           unsigned  flags,
           uint32_t  hash)
{
  uint32_t id;
  StackNode *node;

  if (atomic_load_explicit (&trie_arena->n_nodes, memory_order_relaxed) >= trie_arena->nodes_capacity)
    return 0;

  id = atomic_fetch_add_explicit (&trie_arena->n_nodes, 1, memory_order_relaxed) + 1;
  if (id > trie_arena->nodes_capacity)
    return 0;

  node = arena_node (trie_arena, id);
  node->address = address;
  node->parent = parent;
  node->flags = (uint16_t)flags;
  atomic_load_explicit (&hashes, memory_order_relaxed)[id] = hash;

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
  atomic_fetch_add_explicit (&trie_arena->nodes_refused, 1, memory_order_relaxed);

  return parent;
}

static void
copy_index (Index *to,
            Index *from)
{
  for (uint32_t i = 0; i < from->size; i++)
    {
      uint32_t id = atomic_load_explicit (&from->ids[i], memory_order_acquire);
      const StackNode *node = arena_node (trie_arena, id);
      uint32_t at;

      if (id == 0 || atomic_load_explicit (&node->dead, memory_order_relaxed) != 0)
        continue;

      at = hash_of_node (id);
      while (atomic_load_explicit (&to->ids[at & (to->size - 1)], memory_order_relaxed) != 0)
        at++;
      atomic_store_explicit (&to->ids[at & (to->size - 1)], id, memory_order_relaxed);
      atomic_fetch_add_explicit (&to->n_used, 1, memory_order_relaxed);
    }
}

/* What is added to the full index meanwhile is made once more when it is met: two
 * nodes of one stack, which the collector makes one again. The full index stays,
 * for threads that are in it.
 */
static void
grow_index (Index *full)
{
  Index *made;

  if (atomic_exchange_explicit (&growing, 1, memory_order_acquire) != 0)
    return;

  if (atomic_load_explicit (&current_index, memory_order_relaxed) == full &&
      (made = new_index (full->size * 4)) != NULL)
    {
      copy_index (made, full);
      atomic_store_explicit (&current_index, made, memory_order_release);
    }

  atomic_store_explicit (&growing, 0, memory_order_release);
}

static uint32_t
find_child (uint32_t  parent,
            uintptr_t address,
            unsigned  flags,
            uint32_t  hash)
{
  Index *in = atomic_load_explicit (&current_index, memory_order_acquire);
  uint32_t at = hash;
  uint32_t made = 0;

  if (in == NULL)
    return refuse (parent);

  for (unsigned i = 0; i < MAX_PROBES; i++, at++)
    {
      _Atomic uint32_t *place = &in->ids[at & (in->size - 1)];
      uint32_t id = atomic_load_explicit (place, memory_order_acquire);

      if (id == 0)
        {
          if (made == 0)
            {
              if (address != 0)
                modules_note (flags & NODE_SIGNAL ? address : address - 1);
              made = make_node (parent, address, flags, hash);
            }
          if (made == 0)
            return refuse (parent);

          if (atomic_compare_exchange_strong_explicit (place, &id, made,
                                                       memory_order_acq_rel, memory_order_acquire))
            {
              if (atomic_fetch_add_explicit (&in->n_used, 1, memory_order_relaxed) + 1 > in->size / 2)
                grow_index (in);
              return made;
            }
        }

      if (is_node (arena_node (trie_arena, id), parent, address, flags))
        return id;
    }

  return refuse (parent);
}

uint32_t
trie_child (uint32_t  parent,
            uintptr_t address,
            unsigned  flags)
{
  if (atomic_load_explicit (&current_index, memory_order_acquire) == NULL)
    return refuse (parent);

  return find_child (parent, address, flags, hash_of (hash_of_node (parent), address, flags));
}

/* Prefetching takes any address: the places of an index that has grown meanwhile too. */
static void
fetch_ahead (const Index    *in,
             const uint32_t *all,
             unsigned        n)
{
  for (unsigned i = 0; i < n; i++)
    __builtin_prefetch (&in->ids[all[i] & (in->size - 1)]);

  for (unsigned i = 0; i < n; i++)
    {
      uint32_t id = atomic_load_explicit (&in->ids[all[i] & (in->size - 1)], memory_order_relaxed);

      if (id != 0)
        __builtin_prefetch (arena_node (trie_arena, id));
    }
}

uint32_t
trie_descend (uint32_t         parent,
              const uintptr_t *addresses,
              unsigned         n,
              uint32_t        *nodes)
{
  const Index *in = atomic_load_explicit (&current_index, memory_order_acquire);
  uint32_t ahead[AHEAD], hash;

  if (in == NULL)
    {
      for (unsigned i = 0; i < n; i++)
        nodes[i] = refuse (parent);
      return parent;
    }

  hash = hash_of_node (parent);
  while (n > 0)
    {
      unsigned some = n < AHEAD ? n : AHEAD;

      for (unsigned i = 0; i < some; i++)
        ahead[i] = hash = hash_of (hash, addresses[i], 0);
      fetch_ahead (in, ahead, some);

      for (unsigned i = 0; i < some; i++)
        nodes[i] = parent = find_child (parent, addresses[i], 0, ahead[i]);

      addresses += some;
      nodes += some;
      n -= some;
    }

  return parent;
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
  uint32_t n = atomic_load_explicit (&trie_arena->n_nodes, memory_order_acquire);

  if (n > trie_arena->nodes_capacity)
    n = trie_arena->nodes_capacity;

  for (uint32_t id = 1; id <= n; id++)
    {
      StackNode *node = arena_node (trie_arena, id);

      if (node->address > start && node->address <= end)
        atomic_store_explicit (&node->dead, 1, memory_order_relaxed);
    }
}

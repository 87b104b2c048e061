/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "checkpoint.h"

/* A checkpoint larger than one chunk may be goes on in the next one, which has
 * the same first_event.
 */
#define CHUNK_BYTES (16u * 1024u * 1024u)

static bool
add_region_keys (const Ledger *ledger,
                 Vector       *keys)
{
  const MemscopeLiveBlock *blocks = ledger->regions.blocks.data;

  for (size_t i = 0; i < ledger->regions.blocks.length; i++)
    {
      LiveKey *key = vector_add (keys);

      if (key == NULL)
        return false;

      *key = (LiveKey) { .birth = blocks[i].birth, .address = blocks[i].address };
    }

  return true;
}

/* A heap block, a region and a block in a pool may begin at one address: the birth tells. */
static bool
find_block (const Ledger      *ledger,
            const LiveKey     *key,
            MemscopeLiveBlock *block)
{
  const MemscopeLiveBlock *regions = ledger->regions.blocks.data;
  size_t low = 0, high = ledger->regions.blocks.length;

  if ((live_map_find (&ledger->live, key->address, block) && block->birth == key->birth) ||
      (live_map_find (&ledger->pooled, key->address, block) && block->birth == key->birth))
    return true;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (regions[middle].address < key->address)
        low = middle + 1;
      else
        high = middle;
    }

  if (low == ledger->regions.blocks.length || regions[low].birth != key->birth)
    return false;

  *block = regions[low];

  return true;
}

static void
write_blocks (const Ledger *ledger,
              Writer       *writer,
              const Vector *keys)
{
  const LiveKey *key = keys->data;
  MemscopeBuffer payload;
  uint64_t previous = 0;

  pages_buffer_init (&payload);

  for (size_t i = 0; i < keys->length; i++)
    {
      MemscopeLiveBlock block;

      /* in order of birth they lie anywhere */
      for (unsigned stage = 0; stage < 3; stage++)
        if (i + 12 - 4 * stage < keys->length)
          live_map_fetch (&ledger->live, key[i + 12 - 4 * stage].address, stage);

      if (find_block (ledger, &key[i], &block))
        memscope_live_block_append (&payload, &previous, &block);

      if (payload.length >= CHUNK_BYTES)
        {
          writer_add_chunk (writer, MEMSCOPE_CHUNK_CHECKPOINT, NULL, &payload);
          payload.length = 0;
          previous = 0;
        }
    }

  writer_add_chunk (writer, MEMSCOPE_CHUNK_CHECKPOINT, NULL, &payload);
  pages_buffer_clear (&payload);
}

void
checkpoint_write (const Ledger *ledger,
                  Writer       *writer)
{
  Vector keys;

  vector_init (&keys, sizeof (LiveKey));

  if (live_map_collect (&ledger->live, &keys) && live_map_collect (&ledger->pooled, &keys) && add_region_keys (ledger, &keys) && live_keys_sort (&keys))
    write_blocks (ledger, writer, &keys);

  vector_clear (&keys);
}

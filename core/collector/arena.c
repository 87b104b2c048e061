/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "arena.h"

#define DEFAULT_SMALL_SLOTS 256u
#define DEFAULT_LARGE_SLOTS 16u
#define DEFAULT_NODES       (4u * 1024u * 1024u)
#define DEFAULT_MODULES     4096u
#define DEFAULT_TEXT        (4u * 1024u * 1024u)
#define DEFAULT_DEPTH       256u

#define AREA_ALIGNMENT      4096u

static uint32_t
or_default (uint32_t value,
            uint32_t fallback)
{
  return value != 0 ? value : fallback;
}

static uint64_t
aligned (uint64_t offset)
{
  return (offset + AREA_ALIGNMENT - 1) & ~(uint64_t)(AREA_ALIGNMENT - 1);
}

static uint64_t
slot_ring_bytes (bool large)
{
  return (large ? RING_LARGE_SIZE : RING_SMALL_SIZE) + RING_NESTED_SIZE;
}

/* The header an arena with @options has; areas begin on pages. */
static void
lay_out (ArenaHeader        *header,
         const ArenaOptions *options)
{
  uint32_t n_small = or_default (options->n_small_slots, DEFAULT_SMALL_SLOTS);
  uint32_t n_large = or_default (options->n_large_slots, DEFAULT_LARGE_SLOTS);
  uint64_t offset = aligned (sizeof *header);

  header->n_slots = n_small + n_large;
  header->nodes_capacity = or_default (options->nodes_capacity, DEFAULT_NODES);
  header->modules_capacity = or_default (options->modules_capacity, DEFAULT_MODULES);
  header->text_capacity = or_default (options->text_capacity, DEFAULT_TEXT);
  header->stack_depth = or_default (options->stack_depth, DEFAULT_DEPTH);

  header->slots_offset = offset;
  offset = aligned (offset + (uint64_t)header->n_slots * sizeof (RingSlot));
  header->samples_offset = offset;
  offset = aligned (offset + sizeof (SampleTable));
  header->nodes_offset = offset;
  /* ids count from 1 */
  offset = aligned (offset + ((uint64_t)header->nodes_capacity + 1) * sizeof (StackNode));
  header->modules_offset = offset;
  offset = aligned (offset + (uint64_t)header->modules_capacity * sizeof (ModuleRecord));
  header->text_offset = offset;
  offset = aligned (offset + header->text_capacity);
  header->rings_offset = offset;
  offset += n_small * slot_ring_bytes (false) + n_large * slot_ring_bytes (true);
  header->size = aligned (offset);
}

static void
lay_out_rings (ArenaHeader *header,
               uint32_t     n_small)
{
  uint64_t offset = header->rings_offset;

  for (uint32_t i = 0; i < header->n_slots; i++)
    {
      RingSlot *slot = arena_slot (header, i);

      slot->large = i >= n_small;
      slot->rings[RING_MAIN].offset = offset;
      slot->rings[RING_MAIN].size = slot->large ? RING_LARGE_SIZE : RING_SMALL_SIZE;
      offset += slot->rings[RING_MAIN].size;
      slot->rings[RING_NESTED].offset = offset;
      slot->rings[RING_NESTED].size = RING_NESTED_SIZE;
      offset += RING_NESTED_SIZE;
    }
}

uint64_t
arena_size (const ArenaOptions *options)
{
  ArenaHeader header = { 0 };

  lay_out (&header, options);

  return header.size;
}

void
arena_init (void               *memory,
            const ArenaOptions *options,
            const uint8_t       session_uuid[16],
            uint64_t            first_stamp)
{
  ArenaHeader *header = memory;

  lay_out (header, options);
  lay_out_rings (header, or_default (options->n_small_slots, DEFAULT_SMALL_SLOTS));

  for (int i = 0; i < 16; i++)
    header->session_uuid[i] = session_uuid[i];
  header->version = ARENA_VERSION;
  header->clock = or_default (options->clock, CLOCK_TSC);
  header->first_stamp = first_stamp;
  atomic_store_explicit (&header->sampling_interval, options->sampling_interval, memory_order_relaxed);
  atomic_store_explicit (&header->module_generation, 1, memory_order_relaxed);
  atomic_store_explicit (&header->flags, options->flags | ARENA_ENABLED |
                         (options->sampling_interval != 0 ? ARENA_SAMPLING : 0u), memory_order_relaxed);

  atomic_thread_fence (memory_order_release);
  header->magic = ARENA_MAGIC;
}

static bool
area_fits (uint64_t offset,
           uint64_t count,
           uint64_t element,
           uint64_t size)
{
  return offset <= size && count <= (size - offset) / element;
}

static bool
ring_fits (const Ring *ring,
           uint64_t    size)
{
  return ring->size >= ARENA_CACHE_LINE && (ring->size & (ring->size - 1)) == 0 &&
         area_fits (ring->offset, ring->size, 1, size);
}

ArenaHeader *
arena_open (void     *memory,
            uint64_t  size)
{
  ArenaHeader *header = memory;

  if (size < sizeof *header || header->magic != ARENA_MAGIC ||
      header->version != ARENA_VERSION || header->size > size)
    return NULL;
  size = header->size;

  if (!area_fits (header->slots_offset, header->n_slots, sizeof (RingSlot), size) ||
      !area_fits (header->samples_offset, 1, sizeof (SampleTable), size) ||
      !area_fits (header->nodes_offset, (uint64_t)header->nodes_capacity + 1, sizeof (StackNode), size) ||
      !area_fits (header->modules_offset, header->modules_capacity, sizeof (ModuleRecord), size) ||
      !area_fits (header->text_offset, header->text_capacity, 1, size))
    return NULL;

  for (uint32_t i = 0; i < header->n_slots; i++)
    for (int r = 0; r < N_RINGS; r++)
      if (!ring_fits (&arena_slot (header, i)->rings[r], size))
        return NULL;

  atomic_store_explicit (&header->attached, 1, memory_order_release);

  return header;
}

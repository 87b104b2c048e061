/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A hash of the exact addresses is all that most events need. For an address
 * inside a block, small blocks are found by probing the hash downwards, eight
 * bytes at a time; that never goes further than SMALL_SIZE, and is not tried
 * where no small block ever was (stacks, mostly). Large blocks, and those at
 * odd addresses, are in a tree besides.
 */

#include "memscope-live-map.h"

#define FIRST_SLOTS 1024u
#define SMALL_SIZE  (32u * 1024u)
#define AREA_SHIFT  20
#define MAX_NESTED  32

typedef struct
{
  guint64 address;
  guint64 size;
  guint64 row;       /* MEMSCOPE_NO_ROW: empty */
} Slot;

struct _MemscopeLiveMap
{
  Slot       *slots;
  guint64     mask;
  guint64     n;
  guint64     factor;      /* odd, random: an input cannot choose collisions */
  GTree      *large;       /* Slot*, by address */
  GHashTable *areas;       /* of 1 MiB, in which a small block ever began */
  guint64     last_area;
};

static gint
compare_slots (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  guint64 x = ((const Slot *)a)->address;
  guint64 y = ((const Slot *)b)->address;

  return (x > y) - (x < y);
}

static Slot *
new_slots (guint64 n_slots)
{
  Slot *slots = g_new (Slot, n_slots);

  for (guint64 i = 0; i < n_slots; i++)
    slots[i].row = MEMSCOPE_NO_ROW;

  return slots;
}

MemscopeLiveMap *
memscope_live_map_new (void)
{
  MemscopeLiveMap *self = g_new0 (MemscopeLiveMap, 1);

  self->slots = new_slots (FIRST_SLOTS);
  self->mask = FIRST_SLOTS - 1;
  self->factor = ((guint64)g_random_int () << 32 | g_random_int ()) | 1;
  self->large = g_tree_new_full (compare_slots, NULL, NULL, g_free);
  self->areas = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->last_area = G_MAXUINT64;

  return self;
}

void
memscope_live_map_free (MemscopeLiveMap *self)
{
  g_tree_unref (self->large);
  g_hash_table_unref (self->areas);
  g_free (self->slots);
  g_free (self);
}

guint64
memscope_live_map_get_n (MemscopeLiveMap *self)
{
  return self->n;
}

static guint64
home (MemscopeLiveMap *self,
      guint64          address)
{
  guint64 hash = address * self->factor;

  return (hash ^ hash >> 32) & self->mask;
}

static Slot *
find_slot (MemscopeLiveMap *self,
           guint64          address)
{
  for (guint64 i = home (self, address); self->slots[i].row != MEMSCOPE_NO_ROW; i = (i + 1) & self->mask)
    {
      if (self->slots[i].address == address)
        return &self->slots[i];
    }

  return NULL;
}

static void
place (MemscopeLiveMap *self,
       Slot             slot)
{
  guint64 i = home (self, slot.address);

  while (self->slots[i].row != MEMSCOPE_NO_ROW)
    i = (i + 1) & self->mask;

  self->slots[i] = slot;
}

static void
grow (MemscopeLiveMap *self)
{
  g_autofree Slot *old = self->slots;
  guint64 n_old = self->mask + 1;

  self->slots = new_slots (n_old * 2);
  self->mask = n_old * 2 - 1;

  for (guint64 i = 0; i < n_old; i++)
    {
      if (old[i].row != MEMSCOPE_NO_ROW)
        place (self, old[i]);
    }
}

/* Closes the hole at @hole by moving back what probing would no longer reach. */
static void
close_hole (MemscopeLiveMap *self,
            guint64          hole)
{
  for (guint64 i = (hole + 1) & self->mask; self->slots[i].row != MEMSCOPE_NO_ROW; i = (i + 1) & self->mask)
    {
      guint64 wanted = home (self, self->slots[i].address);

      if (((i - wanted) & self->mask) >= ((i - hole) & self->mask))
        {
          self->slots[hole] = self->slots[i];
          hole = i;
        }
    }

  self->slots[hole].row = MEMSCOPE_NO_ROW;
}

static gboolean
is_small (guint64 address,
          guint64 size)
{
  return size <= SMALL_SIZE && address % 8 == 0;
}

static void
note_area (MemscopeLiveMap *self,
           guint64          address)
{
  guint64 area = address >> AREA_SHIFT;

  if (area == self->last_area)
    return;

  self->last_area = area;
  if (!g_hash_table_contains (self->areas, &area))
    g_hash_table_add (self->areas, g_memdup2 (&area, sizeof area));
}

static gboolean
has_area (MemscopeLiveMap *self,
          guint64          address)
{
  guint64 area = address >> AREA_SHIFT;

  return g_hash_table_contains (self->areas, &area);
}

static void
note_beginning (MemscopeLiveMap *self,
                const Slot      *slot)
{
  Slot *copy;

  if (is_small (slot->address, slot->size))
    {
      note_area (self, slot->address);
      return;
    }

  copy = g_memdup2 (slot, sizeof *slot);
  g_tree_insert (self->large, copy, copy);
}

guint64
memscope_live_map_insert (MemscopeLiveMap *self,
                          guint64          address,
                          guint64          size,
                          guint64          row)
{
  Slot slot = { address, size, row };
  Slot *known = find_slot (self, address);
  guint64 former = MEMSCOPE_NO_ROW;

  if (known != NULL)
    {
      former = known->row;
      if (!is_small (known->address, known->size))
        g_tree_remove (self->large, known);
      *known = slot;
    }
  else
    {
      if (self->n >= (self->mask + 1) / 2)
        grow (self);

      place (self, slot);
      self->n++;
    }

  note_beginning (self, &slot);

  return former;
}

static void
remove_slot (MemscopeLiveMap *self,
             Slot            *slot)
{
  if (!is_small (slot->address, slot->size))
    g_tree_remove (self->large, slot);
  close_hole (self, (guint64)(slot - self->slots));
  self->n--;
}

guint64
memscope_live_map_remove (MemscopeLiveMap *self,
                          guint64          address)
{
  Slot *slot = find_slot (self, address);
  guint64 row;

  if (slot == NULL)
    return MEMSCOPE_NO_ROW;

  row = slot->row;
  remove_slot (self, slot);

  return row;
}

gboolean
memscope_live_map_remove_row (MemscopeLiveMap *self,
                              guint64          address,
                              guint64          row)
{
  Slot *slot = find_slot (self, address);

  if (slot == NULL || slot->row != row)
    return FALSE;

  remove_slot (self, slot);

  return TRUE;
}

guint64
memscope_live_map_find (MemscopeLiveMap *self,
                        guint64          address)
{
  Slot *slot = find_slot (self, address);

  return slot != NULL ? slot->row : MEMSCOPE_NO_ROW;
}

static gboolean
contains (const Slot *slot,
          guint64     address)
{
  return address - slot->address < MAX (slot->size, 1);
}

/* Blocks may nest (what the API reports inside what it reported): the nearest start
 * below need not be that of a block that reaches here.
 */
static const Slot *
find_large (MemscopeLiveMap *self,
            guint64          address)
{
  Slot key = { .address = address };
  GTreeNode *node = g_tree_upper_bound (self->large, &key);

  node = node != NULL ? g_tree_node_previous (node) : g_tree_node_last (self->large);
  for (guint i = 0; i < MAX_NESTED && node != NULL; i++, node = g_tree_node_previous (node))
    {
      const Slot *slot = g_tree_node_key (node);

      if (contains (slot, address))
        return slot;
    }

  return NULL;
}

static const Slot *
find_small (MemscopeLiveMap *self,
            guint64          address,
            guint64          lowest)
{
  guint64 at = address & ~G_GUINT64_CONSTANT (7);

  if (!has_area (self, address) && !has_area (self, address - MIN (address, SMALL_SIZE)))
    return NULL;

  while (address - at < SMALL_SIZE && at >= lowest)
    {
      const Slot *slot = find_slot (self, at);

      if (slot != NULL && contains (slot, address))
        return slot;
      if (at == 0)
        break;
      at -= 8;
    }

  return NULL;
}

guint64
memscope_live_map_find_inside (MemscopeLiveMap *self,
                               guint64          address)
{
  const Slot *slot = find_slot (self, address);
  const Slot *large;

  if (slot != NULL)
    return slot->row;

  large = find_large (self, address);
  slot = find_small (self, address, large != NULL ? large->address : 0);
  if (slot == NULL)
    slot = large;

  return slot != NULL ? slot->row : MEMSCOPE_NO_ROW;
}

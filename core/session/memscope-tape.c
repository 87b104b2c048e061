/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Times take a byte: microseconds since the event before, in blocks of 64 events
 * whose first time is kept whole. A block with a longer pause, or with times between
 * two microseconds, keeps all its times whole.
 */

#include "config.h"

#include "memscope-tape.h"

#include <string.h>

#define BLOCK        MEMSCOPE_TAPE_BLOCK
#define US           1000u
#define WIDE         255u     /* as the first delta of a block, which else is 0 */
#define FIRST_SLOTS  256u
#define N_CLASSES    16u      /* origins, inherited or not */

typedef struct
{
  guint32 site[MEMSCOPE_TAPE_SEGMENT];
  guint32 size[MEMSCOPE_TAPE_SEGMENT];
  guint64 begin[MEMSCOPE_TAPE_SEGMENT / BLOCK];   /* time of each block's first event */
  guint8  delta[MEMSCOPE_TAPE_SEGMENT];
} Segment;

/* Sites of one class by thread and stack: found without a lock, added under it. A
 * table that got too small stays readable.
 */
typedef struct
{
  guint64 key;         /* written before the id */
  guint32 id;          /* 0: free */
} Slot;

typedef struct
{
  guint64 mask;
  guint64 n;
  Slot    slots[];
} Sites;

struct _MemscopeTape
{
  Segment      **segments;
  guint          n_segments;
  guint          capacity;
  guint64        n;            /* published last */
  guint64        last_time;

  Sites         *classes[N_CLASSES];
  MemscopeTable  sites;        /* MemscopeTapeSite */
  GPtrArray     *retired;      /* what readers may still look at; freed at the end */

  guint64        factor;       /* odd, random: an input cannot choose collisions */
  GMutex         lock;         /* for making sites, and the two tables below */
  GHashTable    *sizes;        /* event → size, of 4 GiB and more */
  GHashTable    *times;        /* block → its times */
};

MemscopeTape *
memscope_tape_new (void)
{
  MemscopeTape *self = g_new0 (MemscopeTape, 1);

  memscope_table_init (&self->sites, sizeof (MemscopeTapeSite), 1);
  self->retired = g_ptr_array_new_with_free_func (g_free);
  self->factor = ((guint64)g_random_int () << 32 | g_random_int ()) | 1;
  g_mutex_init (&self->lock);
  self->sizes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->times = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);

  return self;
}

void
memscope_tape_free (MemscopeTape *self)
{
  for (guint i = 0; i < self->n_segments; i++)
    g_free (self->segments[i]);
  for (guint i = 0; i < N_CLASSES; i++)
    g_free (self->classes[i]);
  g_free (self->segments);
  memscope_table_clear (&self->sites);
  g_ptr_array_unref (self->retired);
  g_hash_table_unref (self->sizes);
  g_hash_table_unref (self->times);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* ---- sites -------------------------------------------------------------------------- */

static Slot *
find_slot (const MemscopeTape *self,
           Sites              *table,
           guint64             key)
{
  guint64 hash = key * self->factor;

  for (guint64 i = hash ^ hash >> 32;; i++)
    {
      Slot *slot = &table->slots[i & table->mask];

      if (__atomic_load_n (&slot->id, __ATOMIC_ACQUIRE) == 0 || slot->key == key)
        return slot;
    }
}

static void
retire (MemscopeTape *self,
        gpointer      data)
{
  if (data != NULL)
    g_ptr_array_add (self->retired, data);
}

/* Under the lock: a table with room for one more. */
static Sites *
make_room (MemscopeTape *self,
           guint         class)
{
  Sites *old = self->classes[class];
  guint64 n_slots = old == NULL ? FIRST_SLOTS : (old->mask + 1) * 2;
  Sites *table = old;

  if (old != NULL && old->n < (old->mask + 1) / 2)
    return old;

  table = g_malloc0 (sizeof *table + n_slots * sizeof (Slot));
  table->mask = n_slots - 1;
  for (guint64 i = 0; old != NULL && i <= old->mask; i++)
    {
      if (old->slots[i].id != 0)
        *find_slot (self, table, old->slots[i].key) = old->slots[i];
    }
  table->n = old != NULL ? old->n : 0;
  retire (self, old);
  __atomic_store_n (&self->classes[class], table, __ATOMIC_RELEASE);

  return table;
}

guint32
memscope_tape_intern (MemscopeTape *self,
                      guint32       thread,
                      guint32       stack,
                      guint8        origin,
                      guint8        flags)
{
  MemscopeTapeSite site = { .thread = thread, .stack = stack, .origin = origin & 7, .flags = flags & MEMSCOPE_BLOCK_INHERITED };
  guint64 key = (guint64)thread << 32 | stack;
  guint class = site.origin * 2u + (site.flags != 0);
  Sites *table = __atomic_load_n (&self->classes[class], __ATOMIC_ACQUIRE);
  guint32 id = table != NULL ? __atomic_load_n (&find_slot (self, table, key)->id, __ATOMIC_ACQUIRE) : 0;
  Slot *slot;

  if (G_LIKELY (id != 0))
    return id;

  g_mutex_lock (&self->lock);
  table = make_room (self, class);
  slot = find_slot (self, table, key);
  if (slot->id == 0)
    {
      id = self->sites.n;
      memscope_table_append (&self->sites, &site);
      slot->key = key;
      table->n++;
      __atomic_store_n (&slot->id, id, __ATOMIC_RELEASE);
    }
  id = slot->id;
  g_mutex_unlock (&self->lock);

  return id;
}

void
memscope_tape_prefetch (MemscopeTape *self,
                        guint32       thread,
                        guint32       stack,
                        guint8        origin,
                        guint8        flags)
{
  guint class = (origin & 7) * 2u + ((flags & MEMSCOPE_BLOCK_INHERITED) != 0);
  const Sites *table = __atomic_load_n (&self->classes[class], __ATOMIC_ACQUIRE);
  guint64 hash = ((guint64)thread << 32 | stack) * self->factor;

  if (table != NULL)
    __builtin_prefetch (&table->slots[(hash ^ hash >> 32) & table->mask]);
}

guint
memscope_tape_get_n_sites (MemscopeTape *self)
{
  return memscope_table_get_n (&self->sites);
}

void
memscope_tape_get_site (MemscopeTape     *self,
                        guint32           id,
                        MemscopeTapeSite *site)
{
  *site = memscope_table_index (&self->sites, MemscopeTapeSite, id);
}

/* ---- writing ------------------------------------------------------------------------- */

void
memscope_tape_reserve (MemscopeTape *self,
                       guint64       n)
{
  guint needed = (guint)((self->n + n + MEMSCOPE_TAPE_SEGMENT - 1) / MEMSCOPE_TAPE_SEGMENT);

  if (needed > self->capacity)
    {
      guint capacity = MAX (needed, MAX (16, self->capacity * 2));
      Segment **segments = g_new0 (Segment *, capacity);

      if (self->n_segments > 0)
        memcpy (segments, self->segments, self->n_segments * sizeof *segments);
      retire (self, self->segments);
      __atomic_store_n (&self->segments, segments, __ATOMIC_RELEASE);
      self->capacity = capacity;
    }

  while (self->n_segments < needed)
    self->segments[self->n_segments++] = g_malloc (sizeof (Segment));
}

guint64
memscope_tape_get_last_time (MemscopeTape *self)
{
  return self->last_time;
}

static Segment *
segment_of (MemscopeTape *self,
            guint64       event)
{
  Segment **segments = __atomic_load_n (&self->segments, __ATOMIC_ACQUIRE);

  return segments[event / MEMSCOPE_TAPE_SEGMENT];
}

static guint64 *
wide_times (MemscopeTape *self,
            guint64       event)
{
  guint64 block = event / BLOCK;
  guint64 *times;

  g_mutex_lock (&self->lock);
  times = g_hash_table_lookup (self->times, &block);
  g_mutex_unlock (&self->lock);

  return times;
}

static guint64
read_time (MemscopeTape  *self,
           const Segment *segment,
           guint64        event)
{
  guint i = event % MEMSCOPE_TAPE_SEGMENT;
  guint first = i - i % BLOCK;
  guint64 time = segment->begin[i / BLOCK];

  if (segment->delta[first] == WIDE)
    return wide_times (self, event)[i % BLOCK];

  for (guint k = first + 1; k <= i; k++)
    time += segment->delta[k] * US;

  return time;
}

static void
widen (MemscopeTape *self,
       Segment      *segment,
       guint64       event)
{
  guint first = (guint)(event % MEMSCOPE_TAPE_SEGMENT) / BLOCK * BLOCK;
  guint64 block = event / BLOCK;
  guint64 *times = g_new0 (guint64, BLOCK);

  for (guint k = 0; k < event % BLOCK; k++)
    times[k] = read_time (self, segment, block * BLOCK + k);

  g_mutex_lock (&self->lock);
  g_hash_table_insert (self->times, g_memdup2 (&block, sizeof block), times);
  g_mutex_unlock (&self->lock);
  __atomic_store_n (&segment->delta[first], (guint8)WIDE, __ATOMIC_RELEASE);
}

static void
write_time (MemscopeTape *self,
            Segment      *segment,
            guint64       event,
            guint64       time_before,
            guint64       time)
{
  guint i = event % MEMSCOPE_TAPE_SEGMENT;
  guint64 since = time - time_before;

  if (i % BLOCK == 0)
    {
      segment->begin[i / BLOCK] = time;
      segment->delta[i] = 0;
      return;
    }

  if (segment->delta[i - i % BLOCK] != WIDE)
    {
      if (since < WIDE * US && since % US == 0)
        {
          segment->delta[i] = (guint8)(since / US);
          return;
        }
      widen (self, segment, event);
    }

  wide_times (self, event)[i % BLOCK] = time;
}

void
memscope_tape_write (MemscopeTape *self,
                     guint64       event,
                     guint32       site,
                     guint64       size,
                     guint64       time_before,
                     guint64       time)
{
  Segment *segment = segment_of (self, event);
  guint i = event % MEMSCOPE_TAPE_SEGMENT;

  segment->site[i] = site;
  segment->size[i] = (guint32)MIN (size, G_MAXUINT32);
  write_time (self, segment, event, time_before, time);

  if (G_UNLIKELY (size >= G_MAXUINT32))
    {
      g_mutex_lock (&self->lock);
      g_hash_table_insert (self->sizes, g_memdup2 (&event, sizeof event), g_memdup2 (&size, sizeof size));
      g_mutex_unlock (&self->lock);
    }
}

void
memscope_tape_publish (MemscopeTape *self,
                       guint64       n)
{
  if (n > 0)
    self->last_time = read_time (self, segment_of (self, self->n + n - 1), self->n + n - 1);
  __atomic_store_n (&self->n, self->n + n, __ATOMIC_RELEASE);
}

gboolean
memscope_tape_append (MemscopeTape *self,
                      guint32       site,
                      guint64       size,
                      guint64       time)
{
  if (time < self->last_time)
    return FALSE;

  if (self->n % MEMSCOPE_TAPE_SEGMENT == 0)
    memscope_tape_reserve (self, 1);

  memscope_tape_write (self, self->n, site, size, self->last_time, time);
  self->last_time = time;
  __atomic_store_n (&self->n, self->n + 1, __ATOMIC_RELEASE);

  return TRUE;
}

/* ---- reading --------------------------------------------------------------------------- */

guint64
memscope_tape_get_n (MemscopeTape *self)
{
  return __atomic_load_n (&self->n, __ATOMIC_ACQUIRE);
}

void
memscope_tape_get_run (MemscopeTape    *self,
                       guint64          event,
                       guint64          end,
                       MemscopeTapeRun *run)
{
  const Segment *segment = segment_of (self, event);
  guint i = event % MEMSCOPE_TAPE_SEGMENT;

  *run = (MemscopeTapeRun) {
    .first_event = event,
    .n = (guint)MIN (end - event, MEMSCOPE_TAPE_SEGMENT - i),
    .site = segment->site + i,
    .size = segment->size + i,
  };
}

guint64
memscope_tape_get_size (MemscopeTape *self,
                        guint64       event)
{
  guint32 small = segment_of (self, event)->size[event % MEMSCOPE_TAPE_SEGMENT];
  const guint64 *size;

  if (small != G_MAXUINT32)
    return small;

  g_mutex_lock (&self->lock);
  size = g_hash_table_lookup (self->sizes, &event);
  g_mutex_unlock (&self->lock);

  return size != NULL ? *size : small;
}

guint64
memscope_tape_get_time (MemscopeTape *self,
                        guint64       event)
{
  return read_time (self, segment_of (self, event), event);
}

void
memscope_tape_get_times (MemscopeTape *self,
                         guint64       event,
                         guint         n,
                         guint64      *times)
{
  for (guint done = 0; done < n;)
    {
      const Segment *segment = segment_of (self, event + done);
      guint i = (event + done) % MEMSCOPE_TAPE_SEGMENT;
      guint here = MIN (n - done, BLOCK - i % BLOCK);

      if (segment->delta[i - i % BLOCK] == WIDE)
        {
          memcpy (times + done, wide_times (self, event + done) + i % BLOCK, here * sizeof *times);
        }
      else
        {
          guint64 time = read_time (self, segment, event + done);

          times[done] = time;
          for (guint k = 1; k < here; k++)
            times[done + k] = time += segment->delta[i + k] * US;
        }
      done += here;
    }
}

guint64
memscope_tape_find (MemscopeTape *self,
                    guint64       n,
                    guint64       time)
{
  guint64 low = 0;
  guint64 high = n;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (memscope_tape_get_time (self, middle) < time)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

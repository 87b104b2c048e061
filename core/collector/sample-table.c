/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample-table.h"

#define N_LINES (1u << SAMPLE_LINE_BITS)

/* A byte that is full stays so: what shares it is looked for each time from then on. */
#define COUNT_FULL UINT8_MAX

/* Addresses are often the same distance from each other, so for the lines they are mixed
 * once more.
 */
static uint32_t
line_of (uint64_t hash,
         uint32_t probe)
{
  uint64_t mixed = (hash ^ hash >> 29) * UINT64_C (0xbf58476d1ce4e5b9);

  if (probe < SAMPLE_LINE_PROBES)
    return (uint32_t)((mixed >> 54) + probe) % SAMPLE_NEAR_LINES;

  return SAMPLE_NEAR_LINES + (uint32_t)((mixed >> 32) + probe) % (N_LINES - SAMPLE_NEAR_LINES);
}

static _Atomic uint8_t *
count_of (SampleTable *table,
          uint64_t     hash)
{
  return &table->counts[hash >> (64 - SAMPLE_COUNT_BITS)];
}

static void
count (_Atomic uint8_t *at,
       int              step)
{
  uint8_t before = atomic_load_explicit (at, memory_order_relaxed);

  while (before != COUNT_FULL && !(before == 0 && step < 0))
    if (atomic_compare_exchange_weak_explicit (at, &before, (uint8_t)(before + step),
                                               memory_order_acq_rel, memory_order_relaxed))
      break;
}

static bool
is_far (const SampleTable      *table,
        const _Atomic uint64_t *place)
{
  return place >= table->lines[SAMPLE_NEAR_LINES].words;
}

/* In the first @n_probes lines. */
static _Atomic uint64_t *
find_in (SampleTable *table,
         uint64_t     hash,
         uint64_t     wanted,
         uint32_t     n_probes)
{
  for (uint32_t i = 0; i < n_probes; i++)
    {
      SampleLine *line = &table->lines[line_of (hash, i)];

      for (uint32_t j = 0; j < SAMPLE_LINE_WORDS; j++)
        if (atomic_load_explicit (&line->words[j], memory_order_acquire) == wanted)
          return &line->words[j];
    }

  return NULL;
}

static _Atomic uint64_t *
find (SampleTable *table,
      uint64_t     hash,
      uint64_t     wanted)
{
  bool all = wanted == 0 || atomic_load_explicit (&table->far, memory_order_acquire) != 0;

  return find_in (table, hash, wanted, all ? 2 * SAMPLE_LINE_PROBES : SAMPLE_LINE_PROBES);
}

/* Counted first: who looks for it must not pass by. */
bool
sample_table_insert (SampleTable *table,
                     uint64_t     address)
{
  uint64_t hash = sample_table_hash (address);
  _Atomic uint8_t *counter = count_of (table, hash);
  _Atomic uint64_t *place;

  if (address == 0)
    return false;
  if (find (table, hash, address) != NULL)
    return true;

  count (counter, 1);

  while ((place = find (table, hash, 0)) != NULL)
    {
      uint64_t nothing = 0;
      bool far = is_far (table, place);

      if (far)
        atomic_fetch_add_explicit (&table->far, 1, memory_order_acq_rel);
      if (atomic_compare_exchange_strong_explicit (place, &nothing, address, memory_order_acq_rel, memory_order_relaxed))
        {
          atomic_fetch_add_explicit (&table->length, 1, memory_order_relaxed);
          return true;
        }
      if (far)
        atomic_fetch_sub_explicit (&table->far, 1, memory_order_acq_rel);
    }

  count (counter, -1);

  return false;
}

bool
sample_table_remove (SampleTable *table,
                     uint64_t     address)
{
  uint64_t hash = sample_table_hash (address);
  _Atomic uint64_t *place;

  if (address == 0)
    return false;

  while ((place = find (table, hash, address)) != NULL)
    {
      uint64_t wanted = address;

      if (atomic_compare_exchange_strong_explicit (place, &wanted, 0, memory_order_acq_rel, memory_order_relaxed))
        {
          count (count_of (table, hash), -1);
          if (is_far (table, place))
            atomic_fetch_sub_explicit (&table->far, 1, memory_order_acq_rel);
          atomic_fetch_sub_explicit (&table->length, 1, memory_order_relaxed);
          return true;
        }
    }

  return false;
}

void
sample_table_mark (SampleTable *table,
                   uint64_t     address)
{
  count (count_of (table, sample_table_hash (address)), 1);
}

void
sample_table_clear (SampleTable *table)
{
  for (uint32_t i = 0; i < N_LINES; i++)
    for (uint32_t j = 0; j < SAMPLE_LINE_WORDS; j++)
      {
        uint64_t address = atomic_load_explicit (&table->lines[i].words[j], memory_order_relaxed);

        if (address != 0)
          sample_table_remove (table, address);
      }
}

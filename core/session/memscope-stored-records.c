/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-stored-records.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  guint64 time;
  guint   row;
} Death;

static gint
compare_records (gconstpointer a,
                 gconstpointer b)
{
  const MemscopeStoredRecord *x = a;
  const MemscopeStoredRecord *y = b;

  if (x->alloc != y->alloc)
    return x->alloc < y->alloc ? -1 : 1;
  if (x->ptr != y->ptr)
    return x->ptr < y->ptr ? -1 : 1;

  return (x->offset > y->offset) - (x->offset < y->offset);
}

static gint
compare_deaths (gconstpointer a,
                gconstpointer b)
{
  const Death *x = a;
  const Death *y = b;

  if (x->time != y->time)
    return x->time < y->time ? -1 : 1;

  return (x->row > y->row) - (x->row < y->row);
}

static void
sort_records (GArray *records)
{
  for (guint i = 1; i < records->len; i++)
    {
      if (compare_records (&g_array_index (records, MemscopeStoredRecord, i - 1),
                           &g_array_index (records, MemscopeStoredRecord, i)) > 0)
        {
          g_array_sort (records, compare_records);
          return;
        }
    }
}

/* From absolute to session time; returns the deaths, not yet sorted. */
static GArray *
make_relative (GArray  *records,
               guint64  origin,
               guint64 *n_backwards)
{
  GArray *deaths = g_array_new (FALSE, FALSE, sizeof (Death));

  for (guint i = 0; i < records->len; i++)
    {
      MemscopeStoredRecord *record = &g_array_index (records, MemscopeStoredRecord, i);
      Death death;

      if (record->dealloc != MEMSCOPE_NEVER && record->dealloc < record->alloc)
        {
          record->dealloc = record->alloc;
          (*n_backwards)++;
        }

      record->alloc = MIN (record->alloc - origin, MEMSCOPE_NEVER - 2);
      if (record->dealloc == MEMSCOPE_NEVER)
        continue;

      record->dealloc = MIN (record->dealloc - origin, MEMSCOPE_NEVER - 2);
      death = (Death) { record->dealloc, i };
      g_array_append_val (deaths, death);
    }

  return deaths;
}

/* At equal times births come first: a block that lived for no time was born before it died. */
static void
number_events (GArray       *records,
               const GArray *deaths)
{
  guint64 event = 0;
  guint next = 0;

  for (guint i = 0; i < records->len; i++)
    {
      MemscopeStoredRecord *record = &g_array_index (records, MemscopeStoredRecord, i);

      for (; next < deaths->len && g_array_index (deaths, Death, next).time < record->alloc; next++)
        g_array_index (records, MemscopeStoredRecord, g_array_index (deaths, Death, next).row).death_event = event++;

      record->birth_event = event++;
      record->death_event = MEMSCOPE_NEVER;
    }

  for (; next < deaths->len; next++)
    g_array_index (records, MemscopeStoredRecord, g_array_index (deaths, Death, next).row).death_event = event++;
}

void
memscope_stored_records_plan (GArray                 *records,
                              MemscopeSessionBuilder *builder)
{
  g_autoptr(GArray) deaths = NULL;
  guint64 n_backwards = 0;
  guint64 origin;
  guint64 duration;

  if (records->len == 0)
    return;

  sort_records (records);
  origin = g_array_index (records, MemscopeStoredRecord, 0).alloc;
  deaths = make_relative (records, origin, &n_backwards);
  g_array_sort (deaths, compare_deaths);
  number_events (records, deaths);

  duration = g_array_index (records, MemscopeStoredRecord, records->len - 1).alloc;
  if (deaths->len > 0)
    duration = MAX (duration, g_array_index (deaths, Death, deaths->len - 1).time);

  memscope_session_builder_expect_blocks (builder, records->len);
  memscope_session_builder_set_time_origin (builder, origin);
  memscope_session_builder_set_duration (builder, duration);
  memscope_session_builder_set_n_events (builder, (guint64)records->len + deaths->len);

  if (n_backwards > 0)
    memscope_session_builder_add_warning (builder,
                                          ngettext ("%lu block ends before it begins; here it ends where it begins",
                                                    "%lu blocks end before they begin; here they end where they begin",
                                                    (gulong)n_backwards),
                                          (gulong)n_backwards);
}

GArray *
memscope_stored_records_offsets (const GArray *records)
{
  GArray *offsets = g_array_sized_new (FALSE, FALSE, sizeof (guint64), records->len);

  for (guint i = 0; i < records->len; i++)
    g_array_append_val (offsets, g_array_index (records, MemscopeStoredRecord, i).offset);

  return offsets;
}

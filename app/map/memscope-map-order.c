/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#include "memscope-map-order.h"
#include "memscope-palette.h"
#include "memscope-text.h"

/* A list view ends at INT_MAX pixels: rows of some 30 pixels and then some. */
#define MAX_ROWS   60000000u
#define CHECK_MASK 0xffffu

/* One block on its way to its place. Unknown values have the highest key. */
typedef struct
{
  guint64 key;
  guint32 block;
} Entry;

#define UNKNOWN_KEY G_MAXUINT64

static MemscopeStringId
type_of (MemscopeMapData    *data,
         MemscopeVariableId  variable)
{
  MemscopeVariable record;

  return variable != 0 && memscope_session_get_variable (data->session, variable, &record) ? record.type : 0;
}

/* ---- ranks of texts ------------------------------------------------------------- */

typedef struct
{
  char    *key;     /* compares as people order */
  guint32  id;
} Named;

static int
compare_named (gconstpointer a,
               gconstpointer b)
{
  const Named *named_a = a;
  const Named *named_b = b;
  int order = g_strcmp0 (named_a->key, named_b->key);

  return order != 0 ? order : (named_a->id > named_b->id) - (named_a->id < named_b->id);
}

static guint32
id_of (MemscopeMapData   *data,
       guint64            index,
       MemscopeMapColumn  column)
{
  const MemscopeAddressMap *map = data->map;

  switch (column)
    {
    case MEMSCOPE_MAP_COLUMN_THREAD:
      return map->thread[index];
    case MEMSCOPE_MAP_COLUMN_VARIABLE:
      return map->variable[index];
    case MEMSCOPE_MAP_COLUMN_TYPE:
      return type_of (data, map->variable[index]);
    case MEMSCOPE_MAP_COLUMN_SITE:
      return map->call_site[index];
    case MEMSCOPE_MAP_COLUMN_ADDRESS:
    case MEMSCOPE_MAP_COLUMN_SIZE:
    case MEMSCOPE_MAP_COLUMN_ROUNDING:
    case MEMSCOPE_MAP_COLUMN_AGE:
    case MEMSCOPE_MAP_COLUMN_STAGE:
    case MEMSCOPE_N_MAP_COLUMNS:
    default:
      return 0;
    }
}

static gboolean
is_text (MemscopeMapColumn column)
{
  return column == MEMSCOPE_MAP_COLUMN_THREAD || column == MEMSCOPE_MAP_COLUMN_VARIABLE ||
         column == MEMSCOPE_MAP_COLUMN_TYPE || column == MEMSCOPE_MAP_COLUMN_SITE;
}

static void
named_clear (gpointer named)
{
  g_free (((Named *) named)->key);
}

/* id → rank of its text among those that occur. Each text is made once. */
static GHashTable *
rank_texts (MemscopeMapData   *data,
            const guint32     *blocks,
            guint              n,
            MemscopeMapColumn  column)
{
  g_autoptr(GArray) names = g_array_new (FALSE, FALSE, sizeof (Named));
  GHashTable *ranks = g_hash_table_new (NULL, NULL);
  guint32 rank = 0;

  g_array_set_clear_func (names, named_clear);
  for (guint i = 0; i < n; i++)
    {
      Named named = { NULL, id_of (data, blocks[i], column) };
      g_autofree char *text = NULL;

      if (named.id == 0 || !g_hash_table_insert (ranks, GUINT_TO_POINTER (named.id), NULL))
        continue;
      text = memscope_map_block_dup_text (data, blocks[i], column);
      named.key = g_utf8_collate_key (text, -1);
      g_array_append_val (names, named);
    }

  g_array_sort (names, compare_named);
  for (guint i = 0; i < names->len; i++)
    {
      const Named *named = &g_array_index (names, Named, i);

      if (i > 0 && g_strcmp0 (named->key, g_array_index (names, Named, i - 1).key) != 0)
        rank++;
      g_hash_table_insert (ranks, GUINT_TO_POINTER (named->id), GUINT_TO_POINTER (rank));
    }

  return ranks;
}

/* ---- ordering ------------------------------------------------------------------- */

static guint64
key_of (MemscopeMapData   *data,
        guint64            index,
        MemscopeMapColumn  column,
        GHashTable        *ranks)
{
  const MemscopeAddressMap *map = data->map;
  guint32 id;

  switch (column)
    {
    case MEMSCOPE_MAP_COLUMN_SIZE:
      return map->size[index];

    case MEMSCOPE_MAP_COLUMN_ROUNDING:
      return map->rounding[index] == G_MAXUINT32 ? UNKNOWN_KEY : map->rounding[index];

    case MEMSCOPE_MAP_COLUMN_AGE:
      return map->instant - MIN (map->instant, map->birth_time[index]);

    case MEMSCOPE_MAP_COLUMN_STAGE:
      return map->stage[index];

    case MEMSCOPE_MAP_COLUMN_THREAD:
    case MEMSCOPE_MAP_COLUMN_VARIABLE:
    case MEMSCOPE_MAP_COLUMN_TYPE:
    case MEMSCOPE_MAP_COLUMN_SITE:
      id = id_of (data, index, column);
      return id == 0 ? UNKNOWN_KEY : GPOINTER_TO_UINT (g_hash_table_lookup (ranks, GUINT_TO_POINTER (id)));

    case MEMSCOPE_MAP_COLUMN_ADDRESS:
    case MEMSCOPE_N_MAP_COLUMNS:
    default:
      return 0;
    }
}

static int
compare_entries (gconstpointer a,
                 gconstpointer b)
{
  const Entry *entry_a = a;
  const Entry *entry_b = b;

  if (entry_a->key != entry_b->key)
    return entry_a->key < entry_b->key ? -1 : 1;

  return (entry_a->block > entry_b->block) - (entry_a->block < entry_b->block);
}

static void
memscope_map_order_reverse (MemscopeMapOrder *self)
{
  for (guint i = 0; i < self->n / 2; i++)
    {
      guint32 block = self->blocks[i];

      self->blocks[i] = self->blocks[self->n - 1 - i];
      self->blocks[self->n - 1 - i] = block;
    }
}

/* FALSE: cancelled. */
static gboolean
memscope_map_order_sort (MemscopeMapOrder *self,
                         GCancellable     *cancellable)
{
  g_autoptr(GHashTable) ranks = NULL;
  g_autofree Entry *entries = NULL;

  /* As the map has them. */
  if (self->column == MEMSCOPE_MAP_COLUMN_ADDRESS)
    {
      if (self->descending)
        memscope_map_order_reverse (self);
      return TRUE;
    }

  if (is_text (self->column))
    ranks = rank_texts (self->data, self->blocks, self->n, self->column);

  entries = g_new (Entry, MAX (self->n, 1));
  for (guint i = 0; i < self->n; i++)
    {
      guint64 key = key_of (self->data, self->blocks[i], self->column, ranks);

      if ((i & CHECK_MASK) == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      entries[i].key = self->descending && key != UNKNOWN_KEY ? UNKNOWN_KEY - 1 - key : key;
      entries[i].block = self->blocks[i];
    }

  qsort (entries, self->n, sizeof *entries, compare_entries);
  for (guint i = 0; i < self->n; i++)
    self->blocks[i] = entries[i].block;

  return !g_cancellable_is_cancelled (cancellable);
}

MemscopeMapOrder *
memscope_map_order_new (MemscopeMapData   *data,
                        guint              region,
                        MemscopeMapColumn  column,
                        gboolean           descending,
                        GCancellable      *cancellable)
{
  g_autoptr(MemscopeMapOrder) self = g_new0 (MemscopeMapOrder, 1);
  const MemscopeAddressMap *map = data->map;
  guint64 first = 0;
  guint64 end = map->n_blocks;
  guint64 n_selected = map->n_selected;

  g_atomic_ref_count_init (&self->references);
  self->data = memscope_map_data_ref (data);
  self->region = region < map->n_regions ? region : MEMSCOPE_MAP_ALL_REGIONS;
  self->column = column;
  self->descending = descending;

  if (self->region != MEMSCOPE_MAP_ALL_REGIONS)
    {
      first = map->regions[region].first;
      end = first + map->regions[region].n_blocks;
      n_selected = map->regions[region].n_selected;
    }

  self->blocks = g_new (guint32, MAX (n_selected, 1));
  for (guint64 i = first; i < end && self->n < MIN (n_selected, MAX_ROWS); i++)
    if (map->flags[i] & MEMSCOPE_MAP_SELECTED)
      self->blocks[self->n++] = (guint32) i;

  if (!memscope_map_order_sort (self, cancellable))
    return NULL;

  return g_steal_pointer (&self);
}

MemscopeMapOrder *
memscope_map_order_ref (MemscopeMapOrder *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

void
memscope_map_order_unref (MemscopeMapOrder *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_pointer (&self->data, memscope_map_data_unref);
  g_free (self->blocks);
  g_free (self);
}

guint
memscope_map_order_find (MemscopeMapOrder *self,
                         guint64           row)
{
  guint64 block = memscope_address_map_find_row (self->data->map, row);

  if (block == G_MAXUINT64)
    return G_MAXUINT;

  for (guint i = 0; i < self->n; i++)
    if (self->blocks[i] == block)
      return i;

  return G_MAXUINT;
}

/* ---- words -------------------------------------------------------------------------- */

char *
memscope_map_block_dup_text (MemscopeMapData   *data,
                             guint64            index,
                             MemscopeMapColumn  column)
{
  const MemscopeAddressMap *map = data->map;
  g_autofree char *label = NULL;

  switch (column)
    {
    case MEMSCOPE_MAP_COLUMN_ADDRESS:
      return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", map->address[index]);

    case MEMSCOPE_MAP_COLUMN_SIZE:
      return memscope_text_size (map->size[index]);

    case MEMSCOPE_MAP_COLUMN_ROUNDING:
      return map->rounding[index] == G_MAXUINT32 ? g_strdup (_("not recorded")) : memscope_text_size (map->rounding[index]);

    case MEMSCOPE_MAP_COLUMN_AGE:
      return memscope_text_duration (map->instant - MIN (map->instant, map->birth_time[index]));

    case MEMSCOPE_MAP_COLUMN_THREAD:
      if (map->thread[index] == 0)
        return g_strdup (_("not recorded"));
      label = memscope_session_dup_thread_label (data->session, map->thread[index]);
      return memscope_text_clip (label, MEMSCOPE_TEXT_LABEL_CHARS);

    case MEMSCOPE_MAP_COLUMN_VARIABLE:
      return memscope_text_variable (data->session, map->variable[index]);

    case MEMSCOPE_MAP_COLUMN_TYPE:
      return memscope_text_string (data->session, type_of (data, map->variable[index]), _("not recorded"));

    case MEMSCOPE_MAP_COLUMN_SITE:
      if (map->call_site[index] == 0)
        return g_strdup (_("not recorded"));
      label = memscope_session_dup_frame_label (data->session, map->call_site[index]);
      return memscope_text_clip (label, MEMSCOPE_TEXT_LABEL_CHARS);

    case MEMSCOPE_MAP_COLUMN_STAGE:
      return g_strdup (memscope_stage_get_word (map->stage[index]));

    case MEMSCOPE_N_MAP_COLUMNS:
    default:
      return g_strdup ("");
    }
}

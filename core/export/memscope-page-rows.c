/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-page-rows.h"

#include <string.h>

#include "memscope-groups.h"
#include "memscope-page-tile.h"
#include "memscope-redact.h"
#include "memscope-session-private.h"

#define TILE_ROWS 65536u

/* Classes of importance: live or not, then the size in eighths of a power of two. */
#define SIZE_CLASSES (64 * 8)
#define N_CLASSES    (2 * SIZE_CLASSES)

/* Set beside a block's own flags. */
#define FLAG_TEMPORARY 0x80u

/* Instead of a row's number: there is one, but the page does not list it. */
#define NOT_LISTED G_MAXUINT32

static gboolean
is_named (MemscopeSession     *session,
          const MemscopeBlock *block)
{
  MemscopeVariable variable;

  return memscope_session_get_variable (session, block->variable, &variable)
         && variable.source != MEMSCOPE_NAME_SITE && variable.name != 0;
}

static void
keep_named (MemscopePageRows *self)
{
  guint64 n = 0;

  for (guint64 i = 0; i < self->n_rows; i++)
    {
      MemscopeBlock block;

      memscope_session_get_block (self->session, self->rows[i], &block);
      if (is_named (self->session, &block))
        self->rows[n++] = self->rows[i];
    }

  self->n_unnamed = self->n_rows - n;
  self->n_rows = n;
}

/* Which of the rows died before the next birth of their thread, as the analyses
 * judge it: the page can't, for it does not have all births.
 */
static gboolean
mark_temporary (MemscopePageRows  *self,
                GCancellable      *cancellable,
                GError           **error)
{
  gsize n_threads = (gsize) memscope_session_get_n_threads (self->session) + 1;
  g_autofree guint64 *next_births = g_new (guint64, n_threads * MEMSCOPE_N_ORIGINS);
  guint64 at = self->n_rows;

  self->temporary = g_new0 (guint8, self->n_rows + 1);
  for (gsize i = 0; i < n_threads * MEMSCOPE_N_ORIGINS; i++)
    next_births[i] = G_MAXUINT64;

  for (guint index = memscope_session_get_n_batches (self->session); index-- > 0;)
    {
      MemscopeBatch batch;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      memscope_session_get_batch (self->session, index, &batch);
      for (guint i = batch.n_rows; i-- > 0;)
        {
          gsize thread = MIN (batch.thread[i], n_threads - 1);
          guint64 *next = &next_births[thread * MEMSCOPE_N_ORIGINS + MIN (memscope_batch_origin (&batch, i), MEMSCOPE_N_ORIGINS - 1)];

          if (at > 0 && self->rows[at - 1] == batch.first_row + i)
            self->temporary[--at] = batch.death_event[i] != MEMSCOPE_NEVER && batch.death_event[i] < *next
                                    && batch.death_event[i] > batch.birth_event[i]
                                    && memscope_batch_death (&batch, i) != MEMSCOPE_DEATH_UNSEEN;
          if (!(batch.flags[i] & MEMSCOPE_BLOCK_INHERITED))
            *next = batch.birth_event[i];
        }
    }

  return TRUE;
}

gboolean
memscope_page_rows_init (MemscopePageRows   *self,
                         MemscopeSession    *session,
                         MemscopeSelection  *selection,
                         gboolean            named_only,
                         GCancellable       *cancellable,
                         GError            **error)
{
  const MemscopeGroup all = { 0, };

  memset (self, 0, sizeof *self);
  self->session = session;
  self->rows = memscope_group_list_rows (session, selection, &all, G_MAXUINT64,
                                         &self->n_rows, &self->n_selected, cancellable, error);
  if (self->rows == NULL)
    return FALSE;

  if (named_only)
    keep_named (self);

  return mark_temporary (self, cancellable, error);
}

void
memscope_page_rows_clear (MemscopePageRows *self)
{
  g_clear_pointer (&self->rows, g_free);
  g_clear_pointer (&self->temporary, g_free);
}

static guint
classify (const MemscopeBlock *block)
{
  guint size_class = 0;

  if (block->size > 0)
    {
      guint power = 63 - __builtin_clzll (block->size);
      guint64 below = block->size - (G_GUINT64_CONSTANT (1) << power);

      size_class = power * 8 + (power >= 3 ? below >> (power - 3) : below << (3 - power));
    }

  return (block->death == MEMSCOPE_DEATH_NONE ? SIZE_CLASSES : 0) + size_class;
}

void
memscope_page_rows_keep (MemscopePageRows *self,
                         guint64           max)
{
  guint64 counts[N_CLASSES] = { 0, };
  guint64 room = max;
  guint64 n = 0;
  guint limit = N_CLASSES;

  if (self->n_rows <= max)
    return;

  for (guint64 i = 0; i < self->n_rows; i++)
    {
      MemscopeBlock block;

      memscope_session_get_block (self->session, self->rows[i], &block);
      counts[classify (&block)]++;
    }

  /* All classes above the limit fit; of the one at the limit the first `room` rows do. */
  while (limit > 0 && counts[limit - 1] <= room)
    room -= counts[--limit];
  limit--;

  for (guint64 i = 0; i < self->n_rows; i++)
    {
      MemscopeBlock block;
      guint class;
      gboolean kept;

      memscope_session_get_block (self->session, self->rows[i], &block);
      class = classify (&block);
      kept = class > limit || (class == limit && room > 0);
      if (kept && class == limit)
        room--;
      if (kept)
        {
          self->rows[n] = self->rows[i];
          self->temporary[n++] = self->temporary[i];
        }
      else if (block.death == MEMSCOPE_DEATH_NONE)
        self->n_dropped_live++;
    }

  self->n_dropped += self->n_rows - n;
  self->n_rows = n;
}

guint64
memscope_page_rows_find (MemscopePageRows *self,
                         guint64           row)
{
  guint64 low = 0;
  guint64 high = self->n_rows;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (self->rows[middle] < row)
        low = middle + 1;
      else
        high = middle;
    }

  return low < self->n_rows && self->rows[low] == row ? low + 1 : 0;
}

static guint64
find_link (MemscopePageRows *self,
           guint64           link)
{
  guint64 found;

  if (link == 0)
    return 0;

  found = memscope_page_rows_find (self, link - 1);

  return found != 0 ? found : NOT_LISTED;
}

static guint64
find_variable (MemscopePageRows    *self,
               MemscopePagePlaces  *places,
               const MemscopeBlock *block)
{
  MemscopeVariableId id = block->variable;

  if (id == 0)
    id = memscope_session_get_site_variable (self->session, block->stack);

  return memscope_page_places_add_variable (places, id);
}

typedef enum
{
  ADDRESS,
  SIZE,
  BIRTH,
  DEATH,
  BIRTH_EVENT,
  DEATH_EVENT,
  ROUNDING,
  THREAD,
  DEATH_THREAD,
  STACK,
  DEATH_STACK,
  VARIABLE,
  PREVIOUS,
  PARENT,
  KIND,
  FUNCTION,
  FLAGS,
  ROW,
  N_COLUMNS
} Column;

/* Deaths are stored as the time and the events after the birth (all ones: none). */
static const struct
{
  const char *name;
  guint       width;
  gboolean    delta;
} columns[N_COLUMNS] = {
  [ADDRESS] = { "address", 8, TRUE },
  [SIZE] = { "size", 8, FALSE },
  [BIRTH] = { "birth", 8, TRUE },
  [DEATH] = { "death", 8, FALSE },
  [BIRTH_EVENT] = { "birthEvent", 8, TRUE },
  [DEATH_EVENT] = { "deathEvent", 8, FALSE },
  [ROUNDING] = { "rounding", 4, FALSE },
  [THREAD] = { "thread", 4, FALSE },
  [DEATH_THREAD] = { "deathThread", 4, FALSE },
  [STACK] = { "stack", 4, FALSE },
  [DEATH_STACK] = { "deathStack", 4, FALSE },
  [VARIABLE] = { "variable", 4, FALSE },
  [PREVIOUS] = { "previous", 4, FALSE },
  [PARENT] = { "parent", 4, FALSE },
  [KIND] = { "kind", 1, FALSE },
  [FUNCTION] = { "function", 1, FALSE },
  [FLAGS] = { "flags", 1, FALSE },
  [ROW] = { "row", 8, TRUE },
};

static void
fill_row (MemscopePageRows    *self,
          MemscopePagePlaces  *places,
          guint64              index,
          guint64             *values,
          guint                i)
{
  guint64 row = self->rows[index];
  MemscopeBlock block;

  memscope_session_get_block (self->session, row, &block);

  values[ADDRESS * TILE_ROWS + i] = block.address;
  values[SIZE * TILE_ROWS + i] = block.size;
  values[BIRTH * TILE_ROWS + i] = block.birth_time;
  values[DEATH * TILE_ROWS + i] = block.death_time == MEMSCOPE_NEVER ? MEMSCOPE_NEVER
                                                                     : block.death_time - block.birth_time;
  values[BIRTH_EVENT * TILE_ROWS + i] = block.birth_event;
  values[DEATH_EVENT * TILE_ROWS + i] = block.death_event == MEMSCOPE_NEVER ? MEMSCOPE_NEVER
                                                                            : block.death_event - block.birth_event;
  values[ROUNDING * TILE_ROWS + i] = block.rounding;
  values[THREAD * TILE_ROWS + i] = block.thread;
  values[DEATH_THREAD * TILE_ROWS + i] = block.death_thread;
  values[STACK * TILE_ROWS + i] = memscope_page_places_add_stack (places, block.stack);
  values[DEATH_STACK * TILE_ROWS + i] = memscope_page_places_add_stack (places, block.death_stack);
  values[VARIABLE * TILE_ROWS + i] = find_variable (self, places, &block);
  values[PREVIOUS * TILE_ROWS + i] = find_link (self, block.previous);
  values[PARENT * TILE_ROWS + i] = find_link (self, block.parent);
  values[KIND * TILE_ROWS + i] = block.origin | block.death << 3;
  values[FUNCTION * TILE_ROWS + i] = block.function;
  values[FLAGS * TILE_ROWS + i] = (block.flags & ~FLAG_TEMPORARY) | (self->temporary[index] ? FLAG_TEMPORARY : 0);
  values[ROW * TILE_ROWS + i] = row;
}

GPtrArray *
memscope_page_rows_pack (MemscopePageRows    *self,
                         MemscopePagePlaces  *places,
                         GCancellable        *cancellable,
                         GError             **error)
{
  g_autoptr(GPtrArray) tiles = g_ptr_array_new_with_free_func (g_free);
  g_autofree guint64 *values = g_new (guint64, (gsize) N_COLUMNS * TILE_ROWS);

  for (guint64 first = 0; first < self->n_rows; first += TILE_ROWS)
    {
      guint n = MIN (TILE_ROWS, self->n_rows - first);
      MemscopePageTile tile;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;

      for (guint i = 0; i < n; i++)
        fill_row (self, places, first + i, values, i);

      memscope_page_tile_init (&tile, n);
      for (guint k = 0; k < N_COLUMNS; k++)
        memscope_page_tile_add (&tile, columns[k].name, columns[k].width, columns[k].delta,
                                values + (gsize) k * TILE_ROWS);
      g_ptr_array_add (tiles, memscope_page_tile_pack (&tile));
      memscope_page_tile_clear (&tile);
    }

  return g_steal_pointer (&tiles);
}

/* Fields that the columns have already. */
static gboolean
is_column (const char *member,
           gsize       length)
{
  static const char *const keys[] = {
    "ptr", "size", "var_name", "type_name", "scope_name", "thread_id", "timestamp_alloc", "timestamp_dealloc",
    "stack_trace", "is_leaked", "lifetime_ms",
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gsize n = strlen (keys[i]);

      if (length > n + 2 && strncmp (member + 1, keys[i], n) == 0 && member[n + 1] == '"')
        return TRUE;
    }

  return FALSE;
}

/* The end of the member that begins at @at: the comma after it, or @end. */
static const char *
find_member_end (const char *at,
                 const char *end)
{
  gboolean in_string = FALSE;
  guint depth = 0;

  for (; at < end; at++)
    {
      if (in_string && *at == '\\')
        at++;
      else if (*at == '"')
        in_string = !in_string;
      else if (in_string)
        continue;
      else if (*at == '{' || *at == '[')
        depth++;
      else if (*at == '}' || *at == ']')
        depth--;
      else if (*at == ',' && depth == 0)
        return at;
    }

  return end;
}

/* Of `"key":value,…` those members that say something the columns don't. */
static void
append_telling_members (GString       *to,
                        const GString *members)
{
  const char *at = members->str;
  const char *end = at + members->len;
  gboolean first = TRUE;

  while (at < end)
    {
      const char *stop = find_member_end (at, end);
      gsize length = stop - at;

      if (!(length > 5 && strncmp (stop - 5, ":null", 5) == 0) && !is_column (at, length))
        {
          if (!first)
            g_string_append_c (to, ',');
          g_string_append_len (to, at, length);
          first = FALSE;
        }
      at = stop + 1;
    }
}

GPtrArray *
memscope_page_rows_pack_extras (MemscopePageRows  *self,
                                gboolean           redact_paths,
                                gsize              max_size,
                                gboolean          *too_large,
                                GCancellable      *cancellable)
{
  g_autoptr(GPtrArray) tiles = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) members = g_string_new (NULL);
  gboolean any = FALSE;
  gsize size = 0;

  *too_large = FALSE;
  for (guint64 first = 0; first < self->n_rows; first += TILE_ROWS)
    {
      guint n = MIN (TILE_ROWS, self->n_rows - first);
      char *packed;

      if (g_cancellable_is_cancelled (cancellable))
        return NULL;

      g_string_truncate (text, 0);
      for (guint i = 0; i < n; i++)
        {
          g_string_truncate (members, 0);
          any = memscope_session_append_extras (self->session, self->rows[first + i], members) || any;
          if (redact_paths)
            memscope_redact_paths (members, 0);
          append_telling_members (text, members);
          g_string_append_c (text, '\n');
        }
      if (!any)
        return NULL;

      packed = memscope_page_pack (text->str, text->len);
      size += strlen (packed);
      g_ptr_array_add (tiles, packed);
      *too_large = size > max_size;
      if (*too_large)
        return NULL;
    }

  return any ? g_steal_pointer (&tiles) : NULL;
}

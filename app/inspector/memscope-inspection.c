/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <stdlib.h>

#include "memscope-inspection.h"
#include "memscope-overview-bins.h"

#define MAX_CHAIN      4096u
#define MAX_LOOK_AHEAD 4000000u
#define CHECK_MASK     0x3fffu

static MemscopeModuleId
module_of_stack (MemscopeSession *session,
                 MemscopeStackId  stack)
{
  MemscopeFrameId site = stack != 0 ? memscope_session_get_call_site (session, stack) : 0;
  MemscopeFrame frame;

  if (site == 0 || !memscope_session_get_frame (session, site, &frame))
    return 0;

  return frame.module;
}

static void
memscope_inspection_count_end (MemscopeInspection  *self,
                               const MemscopeBlock *block)
{
  gboolean freed = block->death_time != MEMSCOPE_NEVER;
  MemscopeModuleId module = freed ? module_of_stack (self->session, block->death_stack) : 0;

  for (guint i = 0; i < self->n_ends; i++)
    if (self->ends[i].freed == freed && self->ends[i].module == module)
      {
        self->ends[i].blocks++;
        return;
      }

  if (self->n_ends == MEMSCOPE_INSPECTION_MAX_ENDS)
    {
      self->other_ends++;
      return;
    }

  self->ends[self->n_ends++] = (MemscopeInspectionEnd) { freed, module, 1 };
}

static void
memscope_inspection_count_realloc (MemscopeInspection  *self,
                                   const MemscopeBlock *block)
{
  MemscopeBlock before;

  self->reallocs++;
  memscope_session_get_block (self->session, block->previous - 1, &before);
  if (before.address != block->address)
    {
      self->moves++;
      self->copied_bytes += MIN (before.size, block->size);
    }
}

static void
memscope_inspection_count (MemscopeInspection  *self,
                           const MemscopeBlock *block,
                           GArray              *lifetimes)
{
  if (block->death_time == MEMSCOPE_NEVER)
    {
      self->never_died++;
    }
  else
    {
      guint64 lifetime = block->death_time - MIN (block->birth_time, block->death_time);

      self->lifetimes[memscope_lifetime_bin (lifetime)]++;
      g_array_append_val (lifetimes, lifetime);
      if (block->death_thread != 0)
        {
          self->known_freers++;
          self->foreign_frees += block->death_thread != block->thread;
        }
    }

  if (block->previous != 0)
    memscope_inspection_count_realloc (self, block);
  if (block->rounding != G_MAXUINT32)
    {
      self->requested += block->size;
      self->rounding += block->rounding;
    }
  memscope_inspection_count_end (self, block);
}

static int
compare_uint64 (gconstpointer a,
                gconstpointer b)
{
  guint64 value_a = *(const guint64 *) a;
  guint64 value_b = *(const guint64 *) b;

  return (value_a > value_b) - (value_a < value_b);
}

static void
memscope_inspection_find_common_size (MemscopeInspection *self,
                                      GArray             *sizes)
{
  guint64 run = 0;

  g_array_sort (sizes, compare_uint64);
  for (guint i = 0; i < sizes->len; i++)
    {
      guint64 size = g_array_index (sizes, guint64, i);

      run = i > 0 && g_array_index (sizes, guint64, i - 1) == size ? run + 1 : 1;
      if (run > self->common_count)
        {
          self->common_count = run;
          self->common_size = size;
        }
    }
}

static int
compare_ends (gconstpointer a,
              gconstpointer b)
{
  guint64 blocks_a = ((const MemscopeInspectionEnd *) a)->blocks;
  guint64 blocks_b = ((const MemscopeInspectionEnd *) b)->blocks;

  return (blocks_a < blocks_b) - (blocks_a > blocks_b);
}

MemscopeInspection *
memscope_inspection_new (MemscopeSession     *session,
                         MemscopeSelection   *selection,
                         const MemscopeGroup *group,
                         GCancellable        *cancellable)
{
  g_autoptr(MemscopeInspection) self = g_new0 (MemscopeInspection, 1);
  g_autoptr(GArray) lifetimes = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr(GArray) sizes = g_array_new (FALSE, FALSE, sizeof (guint64));

  g_atomic_ref_count_init (&self->references);
  self->session = g_object_ref (session);
  self->selection = memscope_selection_ref (selection);
  self->group = *group;
  self->rows = memscope_group_list_rows (session, selection, group, MEMSCOPE_INSPECTION_MAX_ROWS,
                                         &self->n_rows, &self->n_total, cancellable, NULL);
  if (self->rows == NULL)
    return NULL;

  for (guint64 i = 0; i < self->n_rows; i++)
    {
      MemscopeBlock block;

      if ((i & CHECK_MASK) == 0 && g_cancellable_is_cancelled (cancellable))
        return NULL;
      memscope_session_get_block (session, self->rows[i], &block);
      memscope_inspection_count (self, &block, lifetimes);
      g_array_append_val (sizes, block.size);
    }

  g_array_sort (lifetimes, compare_uint64);
  self->median_lifetime = lifetimes->len > 0 ? g_array_index (lifetimes, guint64, lifetimes->len / 2) : MEMSCOPE_UNKNOWN;
  memscope_inspection_find_common_size (self, sizes);
  qsort (self->ends, self->n_ends, sizeof *self->ends, compare_ends);

  return g_steal_pointer (&self);
}

guint64
memscope_inspection_find (MemscopeInspection *self,
                          guint64             row)
{
  guint64 n_listed = self->n_rows - (self->extra ? 1 : 0);
  guint64 low = 0;
  guint64 high = n_listed;

  if (self->extra && self->rows[n_listed] == row)
    return n_listed;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (self->rows[middle] < row)
        low = middle + 1;
      else
        high = middle;
    }

  return low < n_listed && self->rows[low] == row ? low : G_MAXUINT64;
}

void
memscope_inspection_add (MemscopeInspection *self,
                         guint64             row)
{
  if (self->extra || row >= memscope_session_get_n_blocks (self->session) ||
      memscope_inspection_find (self, row) != G_MAXUINT64)
    return;

  self->rows = g_renew (guint64, self->rows, self->n_rows + 1);
  self->rows[self->n_rows++] = row;
  self->extra = TRUE;
}

MemscopeInspection *
memscope_inspection_ref (MemscopeInspection *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

void
memscope_inspection_unref (MemscopeInspection *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_object (&self->session);
  g_clear_pointer (&self->selection, memscope_selection_unref);
  g_clear_pointer (&self->rows, g_free);
  g_free (self);
}

/* The block that continues @row: only a later one can. G_MAXUINT64: none found. */
static guint64
find_next (MemscopeSession *session,
           guint64          row,
           gboolean        *cut,
           GCancellable    *cancellable)
{
  guint64 n_blocks = memscope_session_get_n_blocks (session);
  guint64 end = MIN (n_blocks, row + 1 + MAX_LOOK_AHEAD);

  for (guint64 i = row + 1; i < end; i++)
    {
      MemscopeBlock block;

      if ((i & CHECK_MASK) == 0 && g_cancellable_is_cancelled (cancellable))
        return G_MAXUINT64;
      memscope_session_get_block (session, i, &block);
      if (block.previous == row + 1)
        return i;
    }

  *cut |= end < n_blocks;

  return G_MAXUINT64;
}

MemscopeChain *
memscope_chain_new (MemscopeSession *session,
                    guint64          row,
                    GCancellable    *cancellable)
{
  MemscopeChain *self = g_new0 (MemscopeChain, 1);
  MemscopeBlock block;
  guint64 at = row;

  self->rows = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_array_append_val (self->rows, row);

  memscope_session_get_block (session, row, &block);
  while (block.previous != 0 && block.previous - 1 < at && self->rows->len < MAX_CHAIN)
    {
      at = block.previous - 1;
      g_array_prepend_val (self->rows, at);
      memscope_session_get_block (session, at, &block);
    }
  self->cut = self->rows->len == MAX_CHAIN;
  self->at = self->rows->len - 1;

  at = row;
  memscope_session_get_block (session, at, &block);
  while (block.death == MEMSCOPE_DEATH_REALLOC && self->rows->len < MAX_CHAIN)
    {
      at = find_next (session, at, &self->cut, cancellable);
      if (at == G_MAXUINT64)
        break;
      g_array_append_val (self->rows, at);
      memscope_session_get_block (session, at, &block);
    }

  return self;
}

void
memscope_chain_free (MemscopeChain *self)
{
  g_array_unref (self->rows);
  g_free (self);
}

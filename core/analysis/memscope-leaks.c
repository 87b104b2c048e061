/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-leaks.h"

#include "memscope-fold.h"
#include "memscope-leak-rule.h"
#include "memscope-pair-table.h"
#include "memscope-saturate.h"

#define QUARTERS 4

typedef struct
{
  MemscopeLeak leak;
  guint64      edges[QUARTERS + 1];   /* from the first birth to the end */
  guint64      live[QUARTERS + 1];    /* bytes alive there */
} Group;

typedef struct
{
  MemscopeSession   *session;
  gboolean           memscope_rs;
  MemscopePairTable  pairs;           /* (stack, variable) */
  GArray            *groups;          /* Group; number n of the pairs is element n - 1 */
} Finder;

static gpointer
finder_init (const MemscopeFilter *filter,
             gpointer              user_data)
{
  return user_data;
}

static void
finder_free (gpointer state)
{
}

/* ---- first pass: what leaked ------------------------------------------------------------- */

static Group *
finder_get_group (Finder              *self,
                  const MemscopeBatch *columns,
                  guint                i)
{
  MemscopeVariableId variable = memscope_batch_variable (self->session, columns, i);
  guint32 number = memscope_pair_table_intern (&self->pairs, columns->stack[i], variable);

  if (number > self->groups->len)
    {
      Group group = {
        .leak = { .stack = columns->stack[i], .variable = variable, .first_birth = columns->birth_time[i] },
      };

      g_array_append_val (self->groups, group);
    }

  return &g_array_index (self->groups, Group, number - 1);
}

static void
find_leaks (gpointer                 state,
            const MemscopeFoldBatch *batch)
{
  Finder *self = state;
  const MemscopeBatch *columns = &batch->columns;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      Group *group;

      if (!memscope_batch_is_leaked (columns, i, self->memscope_rs))
        continue;

      group = finder_get_group (self, columns, i);
      group->leak.blocks += memscope_fold_weight (batch, j);
      group->leak.bytes = memscope_saturating_add (group->leak.bytes, memscope_fold_bytes (batch, j, i));
      group->leak.last_birth = columns->birth_time[i];
    }
}

/* ---- second pass: how it came to that ------------------------------------------------------ */

static void
set_edges (Group   *group,
           guint64  end)
{
  guint64 begin = group->leak.first_birth;
  guint64 span = memscope_saturating_sub (end, begin);

  for (guint k = 0; k <= QUARTERS; k++)
    group->edges[k] = begin + span / QUARTERS * k + span % QUARTERS * k / QUARTERS;
}

static void
watch_groups (gpointer                 state,
              const MemscopeFoldBatch *batch)
{
  Finder *self = state;
  const MemscopeBatch *columns = &batch->columns;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      MemscopeVariableId variable = memscope_batch_variable (self->session, columns, i);
      guint32 number = memscope_pair_table_find (&self->pairs, columns->stack[i], variable);
      Group *group;

      if (number == 0)
        continue;

      group = &g_array_index (self->groups, Group, number - 1);
      group->leak.total_births += memscope_fold_weight (batch, j);
      for (guint k = 0; k <= QUARTERS; k++)
        {
          if (memscope_batch_is_alive_at (columns, i, group->edges[k]))
            group->live[k] = memscope_saturating_add (group->live[k], memscope_fold_bytes (batch, j, i));
        }
    }
}

static gboolean
has_grown (const Group *group)
{
  for (guint k = 0; k < QUARTERS; k++)
    {
      if (group->live[k + 1] <= group->live[k])
        return FALSE;
    }

  return TRUE;
}

/* ---- the result -------------------------------------------------------------------------------- */

static int
compare_leaks (gconstpointer a,
               gconstpointer b)
{
  const MemscopeLeak *left = a;
  const MemscopeLeak *right = b;

  if (left->bytes != right->bytes)
    return left->bytes > right->bytes ? -1 : 1;
  if (left->blocks != right->blocks)
    return left->blocks > right->blocks ? -1 : 1;
  if (left->stack != right->stack)
    return left->stack < right->stack ? -1 : 1;

  return left->variable < right->variable ? -1 : left->variable > right->variable;
}

static MemscopeLeaks *
finder_finish (Finder               *self,
               const MemscopeFilter *filter)
{
  MemscopeLeaks *leaks = g_new0 (MemscopeLeaks, 1);
  guint64 weight = 0;

  leaks->final = memscope_session_is_final (self->session);
  leaks->n_leaks = self->groups->len;
  leaks->leaks = g_new (MemscopeLeak, MAX (leaks->n_leaks, 1));

  for (guint k = 0; k < leaks->n_leaks; k++)
    {
      const Group *group = &g_array_index (self->groups, Group, k);
      MemscopeLeak *leak = &leaks->leaks[k];

      *leak = group->leak;
      weight += leak->blocks;
      leaks->bytes = memscope_saturating_add (leaks->bytes, leak->bytes);
      leak->blocks = memscope_filter_count (filter, leak->blocks);
      leak->total_births = memscope_filter_count (filter, leak->total_births);
      leak->grows = has_grown (group);
    }

  leaks->blocks = memscope_filter_count (filter, weight);
  qsort (leaks->leaks, leaks->n_leaks, sizeof *leaks->leaks, compare_leaks);

  return leaks;
}

static gboolean
finder_run (Finder                *self,
            const MemscopeFilter  *filter,
            GCancellable          *cancellable,
            GError               **error)
{
  static const MemscopeFold find = { .init = finder_init, .add = find_leaks, .free = finder_free };
  static const MemscopeFold watch = { .init = finder_init, .add = watch_groups, .free = finder_free };
  MemscopeFilter whole = *filter;

  if (memscope_fold_run (&find, filter, self, cancellable, error) == NULL)
    return FALSE;

  for (guint k = 0; k < self->groups->len; k++)
    set_edges (&g_array_index (self->groups, Group, k), memscope_session_get_duration (self->session) + 1);

  whole.begin = 0;
  whole.end = G_MAXUINT64;

  return memscope_fold_run (&watch, &whole, self, cancellable, error) != NULL;
}

MemscopeLeaks *
memscope_leaks_new (MemscopeSession    *session,
                    MemscopeSelection  *selection,
                    GCancellable       *cancellable,
                    GError            **error)
{
  g_autoptr(MemscopeFilter) filter = NULL;
  MemscopeLeaks *leaks = NULL;
  Finder finder = { .session = session };

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL, NULL);

  filter = memscope_filter_new (session, selection);
  finder.memscope_rs = memscope_session_is_memscope_rs (session);
  finder.groups = g_array_new (FALSE, FALSE, sizeof (Group));
  memscope_pair_table_init (&finder.pairs);

  if (finder_run (&finder, filter, cancellable, error))
    leaks = finder_finish (&finder, filter);

  memscope_pair_table_clear (&finder.pairs);
  g_array_unref (finder.groups);

  return leaks;
}

void
memscope_leaks_free (MemscopeLeaks *self)
{
  g_free (self->leaks);
  g_free (self);
}

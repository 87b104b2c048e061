/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-groups.h"

#include "memscope-fold.h"

typedef struct
{
  MemscopeSession     *session;
  const MemscopeGroup *key;
  guint                keys;      /* MEMSCOPE_GROUP_KEY_* to compare */
  guint8              *stacks;    /* by stack: its call site and module are those of the key; NULL: not asked */
  guint                n_stacks;
  guint64              max;
  guint64              n_total;
  GArray              *rows;      /* guint64 */
} Lister;

static gpointer
lister_init (const MemscopeFilter *filter,
             gpointer              user_data)
{
  return user_data;
}

static void
lister_free (gpointer state)
{
}

static gboolean
matches_stack (const Lister    *self,
               MemscopeStackId  stack)
{
  MemscopeFrameId site = memscope_session_get_call_site (self->session, stack);
  MemscopeFrame frame = { 0 };

  if (self->keys & MEMSCOPE_GROUP_KEY_CALL_SITE && site != self->key->call_site)
    return FALSE;

  if (!(self->keys & MEMSCOPE_GROUP_KEY_MODULE))
    return TRUE;

  if (!memscope_session_get_frame (self->session, site, &frame))
    frame.module = 0;

  return frame.module == self->key->module;
}

static gboolean
matches_variable (const Lister        *self,
                  const MemscopeBatch *columns,
                  guint                i)
{
  MemscopeVariableId id = memscope_batch_variable (self->session, columns, i);
  MemscopeVariable variable;

  if (self->keys & MEMSCOPE_GROUP_KEY_VARIABLE && id != self->key->variable)
    return FALSE;

  if (!(self->keys & MEMSCOPE_GROUP_KEY_TYPE))
    return TRUE;

  if (!memscope_session_get_variable (self->session, id, &variable))
    variable.type = 0;

  return variable.type == self->key->type;
}

static gboolean
matches (const Lister        *self,
         const MemscopeBatch *columns,
         guint                i)
{
  if (self->keys & MEMSCOPE_GROUP_KEY_THREAD && columns->thread[i] != self->key->thread)
    return FALSE;
  if (self->keys & MEMSCOPE_GROUP_KEY_STACK && columns->stack[i] != self->key->stack)
    return FALSE;
  if (self->stacks != NULL && !(columns->stack[i] < self->n_stacks && self->stacks[columns->stack[i]]))
    return FALSE;

  return !(self->keys & (MEMSCOPE_GROUP_KEY_VARIABLE | MEMSCOPE_GROUP_KEY_TYPE)) || matches_variable (self, columns, i);
}

static void
lister_add (gpointer                 state,
            const MemscopeFoldBatch *batch)
{
  Lister *self = state;

  for (guint j = 0; j < batch->n; j++)
    {
      guint64 row = batch->columns.first_row + batch->rows[j];

      if (!matches (self, &batch->columns, batch->rows[j]))
        continue;

      if (self->n_total++ < self->max)
        g_array_append_val (self->rows, row);
    }
}

static guint
keys_to_compare (const MemscopeGroup *key)
{
  if (key->keys != 0)
    return key->keys;

  return (key->thread != 0 ? MEMSCOPE_GROUP_KEY_THREAD : 0) |
         (key->variable != 0 ? MEMSCOPE_GROUP_KEY_VARIABLE : 0) |
         (key->call_site != 0 ? MEMSCOPE_GROUP_KEY_CALL_SITE : 0) |
         (key->stack != 0 ? MEMSCOPE_GROUP_KEY_STACK : 0) |
         (key->module != 0 ? MEMSCOPE_GROUP_KEY_MODULE : 0) |
         (key->type != 0 ? MEMSCOPE_GROUP_KEY_TYPE : 0);
}

static void
lister_judge_stacks (Lister *self)
{
  if (!(self->keys & (MEMSCOPE_GROUP_KEY_CALL_SITE | MEMSCOPE_GROUP_KEY_MODULE)))
    return;

  self->n_stacks = memscope_session_get_n_stacks (self->session) + 1;
  self->stacks = g_new (guint8, self->n_stacks);
  for (MemscopeStackId id = 0; id < self->n_stacks; id++)
    self->stacks[id] = matches_stack (self, id);
}

guint64 *
memscope_group_list_rows (MemscopeSession     *session,
                          MemscopeSelection   *selection,
                          const MemscopeGroup *key,
                          guint64              max,
                          guint64             *n_rows,
                          guint64             *n_total,
                          GCancellable        *cancellable,
                          GError             **error)
{
  static const MemscopeFold fold = { .init = lister_init, .add = lister_add, .free = lister_free };
  g_autoptr(MemscopeFilter) filter = NULL;
  g_autoptr(GArray) rows = NULL;
  Lister lister = { .session = session, .key = key, .max = max };
  gpointer done;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);
  g_return_val_if_fail (selection != NULL && key != NULL && n_rows != NULL, NULL);

  filter = memscope_filter_new (session, selection);
  rows = g_array_new (FALSE, TRUE, sizeof (guint64));
  lister.keys = keys_to_compare (key);
  lister.rows = rows;
  lister_judge_stacks (&lister);

  done = memscope_fold_run (&fold, filter, &lister, cancellable, error);
  g_free (lister.stacks);
  if (done == NULL)
    return NULL;

  *n_rows = rows->len;
  if (n_total != NULL)
    *n_total = lister.n_total;

  g_array_set_size (rows, rows->len + 1);   /* never NULL, even without rows */

  return (gpointer)g_array_free (g_steal_pointer (&rows), FALSE);
}

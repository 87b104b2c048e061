/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-query.h"

typedef struct
{
  MemscopeSession    *session;
  MemscopeSelection  *selection;
  MemscopeQueryFunc   func;
  gpointer            data;
  GDestroyNotify      data_free;
  GDestroyNotify      result_free;
  MemscopeQueryDone   done;
  GCancellable      **slot;
} Query;

static guint n_running;
static guint n_held;             /* of them, work that is no query */
static GHashTable *running;      /* session → how many of its queries */

static void
count (MemscopeSession *session,
       int              change)
{
  guint n;

  if (running == NULL)
    running = g_hash_table_new (NULL, NULL);

  n = GPOINTER_TO_UINT (g_hash_table_lookup (running, session));
  n_running += (guint) change;
  n += (guint) change;
  if (n > 0)
    g_hash_table_insert (running, session, GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (running, session);
}

static void
query_free (gpointer data)
{
  Query *query = data;

  if (query->data_free != NULL)
    query->data_free (query->data);
  g_clear_object (&query->session);
  g_clear_pointer (&query->selection, memscope_selection_unref);
  g_free (query);
}

static void
query_worker (GTask        *task,
              gpointer      source_object,
              gpointer      task_data,
              GCancellable *cancellable)
{
  Query *query = task_data;
  gpointer result = query->func (query->session, query->selection, query->data, cancellable);

  g_task_return_pointer (task, result, query->result_free);
}

static void
query_ready (GObject      *owner,
             GAsyncResult *async_result,
             gpointer      user_data)
{
  GTask *task = G_TASK (async_result);
  Query *query = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr(GError) error = NULL;
  gpointer result = g_task_propagate_pointer (task, &error);

  count (query->session, -1);

  /* A cancelled query's owner may be half taken apart: leave it alone. */
  if (g_cancellable_is_cancelled (cancellable))
    {
      if (result != NULL && query->result_free != NULL)
        query->result_free (result);
      return;
    }

  g_clear_object (query->slot);
  query->done (owner, result);
}

void
memscope_query_run (GCancellable      **slot,
                    gpointer            owner,
                    MemscopeSession    *session,
                    MemscopeSelection  *selection,
                    MemscopeQueryFunc   func,
                    gpointer            data,
                    GDestroyNotify      data_free,
                    GDestroyNotify      result_free,
                    MemscopeQueryDone   done)
{
  g_autoptr(GTask) task = NULL;
  Query *query;

  g_return_if_fail (slot != NULL);
  g_return_if_fail (G_IS_OBJECT (owner));
  g_return_if_fail (MEMSCOPE_IS_SESSION (session));

  memscope_query_cancel (slot);
  *slot = g_cancellable_new ();

  query = g_new0 (Query, 1);
  query->session = g_object_ref (session);
  query->selection = memscope_selection_ref (selection);
  query->func = func;
  query->data = data;
  query->data_free = data_free;
  query->result_free = result_free;
  query->done = done;
  query->slot = slot;

  task = g_task_new (owner, *slot, query_ready, NULL);
  g_task_set_source_tag (task, memscope_query_run);
  g_task_set_task_data (task, query, query_free);
  count (session, 1);
  g_task_run_in_thread (task, query_worker);
}

void
memscope_query_cancel (GCancellable **slot)
{
  if (*slot != NULL)
    g_cancellable_cancel (*slot);
  g_clear_object (slot);
}

guint
memscope_query_count (void)
{
  return n_running;
}

void
memscope_query_hold (void)
{
  n_running++;
  n_held++;
}

void
memscope_query_release (void)
{
  g_return_if_fail (n_held > 0);

  n_running--;
  n_held--;
}

guint
memscope_query_count_of (MemscopeSession *session)
{
  return n_held + (running != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (running, session)) : 0);
}

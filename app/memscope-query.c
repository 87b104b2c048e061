/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Few threads do the work, in the order in which it was asked for: an analysis
 * uses more than one processor by itself, and what a view asks first (the
 * figures) is to be there first.
 *
 * A query that another one replaces is cancelled, unless such queries are known to
 * be quick: then it may end, and the newest that was asked for meanwhile follows. So a
 * range that is dragged shows its figures on the way where that can be done, and
 * does not wait for what nobody needs where it can't.
 */

#include "config.h"

#include "memscope-query.h"

#define MAX_THREADS 4
#define QUICK_MS    150

typedef struct _Query Query;

struct _Query
{
  MemscopeSession    *session;
  MemscopeSelection  *selection;
  MemscopeQueryFunc   func;
  gpointer            data;
  GDestroyNotify      data_free;
  GDestroyNotify      result_free;
  MemscopeQueryDone   done;
  GCancellable      **slot;
  gint64              began;
  gint64              ended;
  Query              *next;      /* what was asked for while this was under way */
  GObject            *owner;     /* of what waits; else the task has it */
};

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

  if (query == NULL)
    return;

  if (query->data_free != NULL)
    query->data_free (query->data);
  g_clear_object (&query->session);
  g_clear_pointer (&query->selection, memscope_selection_unref);
  g_clear_object (&query->owner);
  g_clear_pointer (&query->next, query_free);
  g_free (query);
}

/* ---- threads ----------------------------------------------------------------- */

static void
query_work (gpointer data,
            gpointer user_data)
{
  g_autoptr(GTask) task = data;
  GCancellable *cancellable = g_task_get_cancellable (task);
  Query *query = g_task_get_task_data (task);
  gpointer result = NULL;

  query->began = g_get_monotonic_time ();
  if (!g_cancellable_is_cancelled (cancellable))
    result = query->func (query->session, query->selection, query->data, cancellable);
  query->ended = g_get_monotonic_time ();

  g_task_return_pointer (task, result, query->result_free);
}

/* One more than there are processors: something short does not wait for all that is long. */
static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool = NULL;

  if (pool == NULL)
    pool = g_thread_pool_new_full (query_work, NULL, g_object_unref,
                                   (int) CLAMP (g_get_num_processors () + 1, 3, MAX_THREADS), FALSE, NULL);

  return pool;
}

/* ---- what is known of queries: the main thread's ------------------------------- */

/* By slot, the task under way that nothing newer has replaced. */
static GHashTable *
get_current (void)
{
  static GHashTable *current = NULL;

  if (current == NULL)
    current = g_hash_table_new (NULL, NULL);

  return current;
}

/* By function, how many ms it takes; the last times it was let end count most. */
static GHashTable *
get_durations (void)
{
  static GHashTable *durations = NULL;

  if (durations == NULL)
    durations = g_hash_table_new (NULL, NULL);

  return durations;
}

static gboolean
is_quick (const Query *query)
{
  gpointer duration;

  return g_hash_table_lookup_extended (get_durations (), (gpointer) query->func, NULL, &duration) &&
         GPOINTER_TO_UINT (duration) <= QUICK_MS;
}

static void
note_duration (const Query *query)
{
  guint duration = (guint) ((query->ended - query->began) / 1000);
  gpointer before;

  /* One that had to wait for a processor makes no slow one. */
  if (g_hash_table_lookup_extended (get_durations (), (gpointer) query->func, NULL, &before))
    duration = (duration + GPOINTER_TO_UINT (before)) / 2;
  g_hash_table_insert (get_durations (), (gpointer) query->func, GUINT_TO_POINTER (duration));
}

static void query_ready (GObject *owner, GAsyncResult *async_result, gpointer user_data);

/* Takes @query. */
static void
query_start (Query   *query,
             GObject *owner)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GTask) task = g_task_new (owner, cancellable, query_ready, NULL);

  g_task_set_source_tag (task, memscope_query_run);
  g_task_set_task_data (task, query, query_free);
  /* What a cancelled query found is freed here, not left to the task. */
  g_task_set_check_cancellable (task, FALSE);
  *query->slot = g_steal_pointer (&cancellable);
  g_hash_table_insert (get_current (), query->slot, task);
  g_thread_pool_push (get_pool (), g_steal_pointer (&task), NULL);
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
  Query *next;

  count (query->session, -1);
  if (g_hash_table_lookup (get_current (), query->slot) == task)
    g_hash_table_remove (get_current (), query->slot);

  /* A cancelled query's owner may be half taken apart: leave it alone. */
  if (g_cancellable_is_cancelled (cancellable))
    {
      if (result != NULL && query->result_free != NULL)
        query->result_free (result);
      return;
    }

  note_duration (query);
  next = g_steal_pointer (&query->next);
  g_clear_object (query->slot);
  if (next != NULL)
    query_start (next, owner);

  query->done (owner, result);
}

/* TRUE: @query waits for the one under way. */
static gboolean
query_follow (Query   *query,
              GObject *owner)
{
  GTask *current = g_hash_table_lookup (get_current (), query->slot);
  Query *before;

  if (current == NULL)
    return FALSE;

  before = g_task_get_task_data (current);
  if (before->session != query->session || before->func != query->func || !is_quick (before))
    return FALSE;

  if (before->next != NULL)
    count (before->next->session, -1);
  query_free (before->next);
  before->next = query;
  query->owner = g_object_ref (owner);

  return TRUE;
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
  Query *query;

  g_return_if_fail (slot != NULL);
  g_return_if_fail (G_IS_OBJECT (owner));
  g_return_if_fail (MEMSCOPE_IS_SESSION (session));

  query = g_new0 (Query, 1);
  query->session = g_object_ref (session);
  query->selection = memscope_selection_ref (selection);
  query->func = func;
  query->data = data;
  query->data_free = data_free;
  query->result_free = result_free;
  query->done = done;
  query->slot = slot;

  count (session, 1);
  if (query_follow (query, owner))
    return;

  memscope_query_cancel (slot);
  query_start (query, owner);
}

void
memscope_query_cancel (GCancellable **slot)
{
  GTask *current = g_hash_table_lookup (get_current (), slot);

  if (current != NULL)
    {
      Query *query = g_task_get_task_data (current);

      if (query->next != NULL)
        count (query->next->session, -1);
      g_clear_pointer (&query->next, query_free);
      g_hash_table_remove (get_current (), slot);
    }

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

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
  GObject            *owner;
  GCancellable       *cancellable;   /* NULL while it waits */
  gpointer            result;
  gint64              began;
  gint64              ended;
  Query              *next;          /* what was asked for while this was under way */
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
  g_clear_object (&query->cancellable);
  g_clear_pointer (&query->next, query_free);
  g_free (query);
}

/* ---- threads ----------------------------------------------------------------- */

static gboolean query_ready (gpointer data);

static void
query_work (gpointer data,
            gpointer user_data)
{
  Query *query = data;

  query->began = g_get_monotonic_time ();
  if (!g_cancellable_is_cancelled (query->cancellable))
    query->result = query->func (query->session, query->selection, query->data, query->cancellable);
  query->ended = g_get_monotonic_time ();

  g_idle_add_full (G_PRIORITY_DEFAULT, query_ready, query, NULL);
}

/* One more than there are processors: something short does not wait for all that is long. */
static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool = NULL;

  if (pool == NULL)
    pool = g_thread_pool_new (query_work, NULL,
                              (int) CLAMP (g_get_num_processors () + 1, 3, MAX_THREADS), FALSE, NULL);

  return pool;
}

/* ---- what is known of queries: the main thread's ------------------------------- */

/* By slot, the query under way that nothing newer has replaced. */
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

/* Takes @query. */
static void
query_start (Query *query)
{
  query->cancellable = g_cancellable_new ();
  *query->slot = g_object_ref (query->cancellable);
  g_hash_table_insert (get_current (), query->slot, query);
  g_thread_pool_push (get_pool (), query, NULL);
}

static gboolean
query_ready (gpointer data)
{
  Query *query = data;
  Query *next;

  count (query->session, -1);
  if (g_hash_table_lookup (get_current (), query->slot) == query)
    g_hash_table_remove (get_current (), query->slot);

  /* A cancelled query's owner may be half taken apart: leave it alone. */
  if (g_cancellable_is_cancelled (query->cancellable))
    {
      if (query->result != NULL && query->result_free != NULL)
        query->result_free (query->result);
      query_free (query);
      return G_SOURCE_REMOVE;
    }

  note_duration (query);
  next = g_steal_pointer (&query->next);
  g_clear_object (query->slot);
  if (next != NULL)
    query_start (next);

  query->done (query->owner, query->result);
  query_free (query);

  return G_SOURCE_REMOVE;
}

/* TRUE: @query waits for the one under way. */
static gboolean
query_follow (Query *query)
{
  Query *current = g_hash_table_lookup (get_current (), query->slot);

  if (current == NULL || current->session != query->session || current->func != query->func || !is_quick (current))
    return FALSE;

  if (current->next != NULL)
    count (current->next->session, -1);
  query_free (current->next);
  current->next = query;

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
  query->owner = g_object_ref (owner);

  count (session, 1);
  if (query_follow (query))
    return;

  memscope_query_cancel (slot);
  query_start (query);
}

void
memscope_query_cancel (GCancellable **slot)
{
  Query *current = g_hash_table_lookup (get_current (), slot);

  if (current != NULL)
    {
      if (current->next != NULL)
        count (current->next->session, -1);
      g_clear_pointer (&current->next, query_free);
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

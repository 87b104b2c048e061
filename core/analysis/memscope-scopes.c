/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-scopes.h"

#define NS_PER_US G_GUINT64_CONSTANT (1000)

/* From @event on a thread's innermost scope is @scope. */
typedef struct
{
  guint64 event;
  guint   scope;
} Change;

typedef struct
{
  GArray *changes;      /* Change, ascending by event */
  guint   innermost;    /* while they are made */
} Lane;

struct _MemscopeScopes
{
  GArray     *scopes;   /* MemscopeScope */
  GHashTable *lanes;    /* thread -> Lane */
};

static void
free_lane (gpointer data)
{
  Lane *lane = data;

  g_array_unref (lane->changes);
  g_free (lane);
}

static Lane *
lane_of (MemscopeScopes   *self,
         MemscopeThreadId  thread)
{
  Lane *lane = g_hash_table_lookup (self->lanes, GUINT_TO_POINTER (thread));

  if (lane == NULL)
    {
      lane = g_new0 (Lane, 1);
      lane->changes = g_array_new (FALSE, FALSE, sizeof (Change));
      lane->innermost = MEMSCOPE_NO_SCOPE;
      g_hash_table_insert (self->lanes, GUINT_TO_POINTER (thread), lane);
    }

  return lane;
}

static MemscopeScope *
scope_at (const MemscopeScopes *self,
          guint                 i)
{
  return &g_array_index (self->scopes, MemscopeScope, i);
}

static void
change (Lane    *lane,
        guint64  event,
        guint    scope)
{
  Change entry = { event, scope };

  lane->innermost = scope;
  g_array_append_val (lane->changes, entry);
}

static guint64
time_of (const MemscopeAnnotation *annotation)
{
  return annotation->time > MEMSCOPE_NEVER / NS_PER_US ? MEMSCOPE_NEVER - 1 : annotation->time * NS_PER_US;
}

static void
begin (MemscopeScopes           *self,
       const MemscopeAnnotation *annotation)
{
  Lane *lane = lane_of (self, annotation->thread);
  guint parent = lane->innermost;
  MemscopeScope scope = {
    .name = annotation->name,
    .thread = annotation->thread,
    .parent = parent,
    .depth = parent != MEMSCOPE_NO_SCOPE ? scope_at (self, parent)->depth + 1 : 0,
    .begin = time_of (annotation),
    .end = MEMSCOPE_NEVER,
    .begin_event = annotation->event,
    .end_event = MEMSCOPE_NEVER,
  };

  g_array_append_val (self->scopes, scope);
  change (lane, annotation->event, self->scopes->len - 1);
}

static void
end (MemscopeScopes           *self,
     const MemscopeAnnotation *annotation)
{
  Lane *lane = lane_of (self, annotation->thread);
  guint found = lane->innermost;

  while (found != MEMSCOPE_NO_SCOPE && annotation->name != 0 && scope_at (self, found)->name != annotation->name)
    found = scope_at (self, found)->parent;

  if (found == MEMSCOPE_NO_SCOPE)
    return;

  for (guint i = lane->innermost; i != scope_at (self, found)->parent; i = scope_at (self, i)->parent)
    {
      scope_at (self, i)->end = time_of (annotation);
      scope_at (self, i)->end_event = annotation->event;
    }

  change (lane, annotation->event, scope_at (self, found)->parent);
}

MemscopeScopes *
memscope_scopes_new (MemscopeSession *session)
{
  MemscopeScopes *self = g_new0 (MemscopeScopes, 1);
  guint n;
  const MemscopeAnnotation *annotations = memscope_session_get_annotations (session, &n);

  self->scopes = g_array_new (FALSE, FALSE, sizeof (MemscopeScope));
  self->lanes = g_hash_table_new_full (NULL, NULL, NULL, free_lane);

  for (guint i = 0; i < n; i++)
    {
      if (annotations[i].kind == MEMSCOPE_ANNOTATION_SCOPE_BEGIN)
        begin (self, &annotations[i]);
      else if (annotations[i].kind == MEMSCOPE_ANNOTATION_SCOPE_END)
        end (self, &annotations[i]);
    }

  return self;
}

void
memscope_scopes_free (MemscopeScopes *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->lanes);
  g_array_unref (self->scopes);
  g_free (self);
}

const MemscopeScope *
memscope_scopes_get (const MemscopeScopes *self,
                     guint                *n)
{
  *n = self->scopes->len;

  return (const MemscopeScope *)(gconstpointer)self->scopes->data;
}

const MemscopeScope *
memscope_scopes_find (const MemscopeScopes *self,
                      MemscopeThreadId      thread,
                      guint64               event)
{
  const Lane *lane = g_hash_table_lookup (self->lanes, GUINT_TO_POINTER (thread));
  guint low = 0, high = lane != NULL ? lane->changes->len : 0;
  guint scope;

  /* the first change after the event */
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (lane->changes, Change, middle).event <= event)
        low = middle + 1;
      else
        high = middle;
    }

  scope = low > 0 ? g_array_index (lane->changes, Change, low - 1).scope : MEMSCOPE_NO_SCOPE;

  return scope != MEMSCOPE_NO_SCOPE ? scope_at (self, scope) : NULL;
}

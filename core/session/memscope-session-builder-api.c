/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The explicit API, in its place in the stream. A call about an address that lies
 * in a live block of the recorder says something about that block (its name, its
 * type, a borrow): no bytes, no event. Any other address begins a block of the
 * API's own ledger, and only that ledger is what untrack ends.
 */

#include "config.h"

#include "memscope-session-builder-private.h"

static guint64
event_of (const MemscopePending *pending)
{
  return pending->is_mark ? pending->mark.event : pending->annotation.event;
}

void
memscope_builder_add_pending (MemscopeSessionBuilder *self,
                              const MemscopePending  *pending)
{
  guint64 event = event_of (pending);

  if (self->pending_at < self->pending->len &&
      event < event_of (&g_array_index (self->pending, MemscopePending, self->pending->len - 1)))
    self->pending_unsorted = TRUE;

  g_array_append_val (self->pending, *pending);
  self->pending_event = MIN (self->pending_event, event);
}

static gint
compare_pending (gconstpointer a,
                 gconstpointer b)
{
  guint64 x = event_of (a);
  guint64 y = event_of (b);

  return (x > y) - (x < y);
}

static guint64
find_in (MemscopeSessionBuilder *self,
         MemscopeOrigin          origin,
         guint64                 address)
{
  return memscope_live_map_find_inside (self->live[origin], address);
}

/* The allocator's block, or the region. */
static guint64
find_outer (MemscopeSessionBuilder *self,
            guint64                 address)
{
  guint64 row = find_in (self, MEMSCOPE_ORIGIN_HEAP, address);

  return row != MEMSCOPE_NO_ROW ? row : find_in (self, MEMSCOPE_ORIGIN_REGION, address);
}

static guint64
find_recorded (MemscopeSessionBuilder *self,
               guint64                 address)
{
  guint64 row = find_in (self, MEMSCOPE_ORIGIN_POOL, address);

  return row != MEMSCOPE_NO_ROW ? row : find_outer (self, address);
}

static MemscopeVariableId
intern_named (MemscopeSessionBuilder   *self,
              const MemscopeAnnotation *annotation)
{
  if (annotation->name == 0 && annotation->type == 0)
    return 0;

  return memscope_session_builder_intern_variable (self, MEMSCOPE_NAME_API, annotation->name, annotation->type, 0);
}

/* Names the recorded block @row, or begins one of the API's own. */
static guint64
track (MemscopeSessionBuilder   *self,
       const MemscopeAnnotation *annotation,
       guint64                   row,
       guint64                   time)
{
  MemscopeVariableId variable = intern_named (self, annotation);
  MemscopeBlock block = {
    .address = annotation->address,
    .size = annotation->size,
    .birth_time = time,
    .rounding = G_MAXUINT32,
    .thread = annotation->thread,
    .stack = annotation->stack,
    .variable = variable,
    .origin = MEMSCOPE_ORIGIN_API,
  };

  if (row == MEMSCOPE_NO_ROW)
    return memscope_builder_begin_row (self, &block);

  if (variable != 0)
    memscope_rows_set_variable (&self->session->rows, row, variable);

  return row;
}

static guint64
untrack (MemscopeSessionBuilder   *self,
         const MemscopeAnnotation *annotation,
         guint64                   time)
{
  guint64 row = memscope_live_map_find (self->live[MEMSCOPE_ORIGIN_API], annotation->address);

  if (row == MEMSCOPE_NO_ROW)
    return find_recorded (self, annotation->address);

  memscope_builder_end_row (self, row, MEMSCOPE_DEATH_FREE, time, annotation->thread, annotation->stack);

  return row;
}

static guint64
find_known (MemscopeSessionBuilder *self,
            guint64                 address)
{
  guint64 row = find_recorded (self, address);

  return row != MEMSCOPE_NO_ROW ? row : memscope_live_map_find_inside (self->live[MEMSCOPE_ORIGIN_API], address);
}

/* A pool lies in a block that is not in a pool itself. */
static guint64
create_pool (MemscopeSessionBuilder   *self,
             const MemscopeAnnotation *annotation,
             guint64                   time)
{
  MemscopePool *pool = g_new (MemscopePool, 1);

  pool->address = annotation->address;
  pool->size = annotation->size;
  pool->row = track (self, annotation, find_outer (self, annotation->address), time);
  g_hash_table_replace (self->pools, &pool->address, pool);

  return pool->row;
}

static guint64
destroy_pool (MemscopeSessionBuilder   *self,
              const MemscopeAnnotation *annotation,
              guint64                   time)
{
  MemscopePool *found = g_hash_table_lookup (self->pools, &annotation->address);
  MemscopePool pool;

  if (found == NULL)
    return find_known (self, annotation->address);

  pool = *found;
  g_hash_table_remove (self->pools, &pool.address);

  memscope_builder_end_children (self, pool.row, pool.address,
                                 pool.size != 0 && pool.size < G_MAXUINT64 - pool.address ? pool.address + pool.size : G_MAXUINT64,
                                 time, annotation->thread, annotation->stack);
  if (memscope_live_map_find (self->live[MEMSCOPE_ORIGIN_API], pool.address) == pool.row)
    untrack (self, annotation, time);

  return pool.row;
}

static guint64
apply_to_rows (MemscopeSessionBuilder   *self,
               const MemscopeAnnotation *annotation,
               guint64                   time)
{
  switch (annotation->kind)
    {
    case MEMSCOPE_ANNOTATION_TRACK:
      return track (self, annotation, find_recorded (self, annotation->address), time);

    case MEMSCOPE_ANNOTATION_POOL_CREATE:
      return create_pool (self, annotation, time);

    case MEMSCOPE_ANNOTATION_UNTRACK:
      return untrack (self, annotation, time);

    case MEMSCOPE_ANNOTATION_POOL_DESTROY:
      return destroy_pool (self, annotation, time);

    case MEMSCOPE_ANNOTATION_SCOPE_BEGIN:
    case MEMSCOPE_ANNOTATION_SCOPE_END:
      return MEMSCOPE_NO_ROW;

    default:
      return find_known (self, annotation->address);
    }
}

static void
apply_annotation (MemscopeSessionBuilder   *self,
                  const MemscopeAnnotation *theirs)
{
  MemscopeSession *session = self->session;
  MemscopeAnnotation ours = *theirs;
  guint64 time = memscope_builder_hold_time (self, theirs->time);
  guint64 row;

  ours.event = self->next_position;
  ours.thread = memscope_builder_map_thread (self, theirs->thread);
  ours.stack = memscope_id_map_get (&self->stack_ids, theirs->stack);
  ours.name = memscope_id_map_get (&self->string_ids, theirs->name);
  ours.type = memscope_id_map_get (&self->string_ids, theirs->type);

  row = apply_to_rows (self, &ours, time);
  row = row != MEMSCOPE_NO_ROW ? row + 1 : 0;
  memscope_table_append (&session->annotation_rows, &row);
  memscope_table_append (&session->annotations, &ours);
}

static void
apply_mark (MemscopeSessionBuilder *self,
            const MemscopeMark     *theirs)
{
  MemscopeMark ours = *theirs;

  ours.event = self->next_position;
  ours.thread = memscope_builder_map_thread (self, theirs->thread);
  ours.text = memscope_id_map_get (&self->string_ids, theirs->text);
  memscope_table_append (&self->session->marks, &ours);
}

static void
sort_pending (MemscopeSessionBuilder *self)
{
  if (!self->pending_unsorted)
    return;

  g_array_remove_range (self->pending, 0, self->pending_at);
  self->pending_at = 0;
  g_array_sort (self->pending, compare_pending);
  self->pending_unsorted = FALSE;
}

gboolean
memscope_builder_is_annotated_before (MemscopeSessionBuilder *self,
                                      guint64                 event)
{
  sort_pending (self);

  for (guint i = self->pending_at; i < self->pending->len; i++)
    {
      const MemscopePending *pending = &g_array_index (self->pending, MemscopePending, i);

      if (event_of (pending) >= event)
        return FALSE;
      if (!pending->is_mark)
        return TRUE;
    }

  return FALSE;
}

void
memscope_builder_apply_pending (MemscopeSessionBuilder *self)
{
  sort_pending (self);

  for (; self->pending_at < self->pending->len; self->pending_at++)
    {
      const MemscopePending *pending = &g_array_index (self->pending, MemscopePending, self->pending_at);

      if (event_of (pending) > self->next_event)
        {
          self->pending_event = event_of (pending);
          return;
        }

      if (!pending->is_mark)
        memscope_builder_know_live (self);
      if (pending->is_mark)
        apply_mark (self, &pending->mark);
      else
        apply_annotation (self, &pending->annotation);
    }

  g_array_set_size (self->pending, 0);
  self->pending_at = 0;
  self->pending_event = G_MAXUINT64;
  memscope_session_write (self->session, duration, MAX (self->session->duration, self->last_time));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Births and deaths by several threads. The stream names blocks by their number, and
 * each run says how many births were before it; so where a birth's row is, and which
 * row a death ends, is known without replaying what came before. What does depend on
 * it (the explicit API, pools, streams whose writer kept no account of what is alive)
 * goes the slow way, one event after the other.
 *
 * Three steps with all threads, and a little between them: look whether the runs are
 * of the simple kind, and count; write the rows and end them; put them on the tape.
 */

#include "config.h"

#include "memscope-session-builder-private.h"

/* Deaths whose rows are fetched ahead. */
#define AHEAD 32u

/* A death that came second to a row that another had ended. */
typedef struct
{
  guint64              row;
  guint64              position;
  const MemscopeEvent *event;
} Late;

typedef struct
{
  const MemscopeEventRun *run;
  guint64                 first_row;
  guint64                 first_position;
  guint64                 n_unmatched;
  guint64                 n_of_lost;
  gboolean                is_simple;
  GArray                 *late;            /* Late; NULL: none */
} Part;

typedef struct
{
  MemscopeSessionBuilder *builder;
  Part                   *parts;
  guint                   n_parts;
  void                  (*step) (gpointer bulk, guint part);
  guint                   next;            /* part that nobody does yet */
  guint64                 end_position;
} Bulk;

/* ---- threads ------------------------------------------------------------------------- */

static void
do_parts (gpointer data,
          gpointer user_data)
{
  Bulk *self = user_data;

  for (;;)
    {
      guint part = __atomic_fetch_add (&self->next, 1, __ATOMIC_RELAXED);

      if (part >= self->n_parts)
        return;
      self->step (self, part);
    }
}

static void
run_step (Bulk  *self,
          guint  n_threads,
          void (*step) (gpointer, guint))
{
  GThreadPool *pool = NULL;

  self->step = step;
  self->next = 0;

  n_threads = MIN (n_threads, self->n_parts);
  if (n_threads > 1)
    pool = g_thread_pool_new (do_parts, self, (int)n_threads - 1, FALSE, NULL);
  for (guint i = 1; pool != NULL && i < n_threads; i++)
    g_thread_pool_push (pool, GUINT_TO_POINTER (i), NULL);

  do_parts (NULL, self);
  if (pool != NULL)
    g_thread_pool_free (pool, FALSE, TRUE);
}

/* ---- what kind of runs they are ---------------------------------------------------------- */

static gboolean
is_known_thread (const MemscopeSessionBuilder *self,
                 guint32                       id)
{
  return id == 0 || memscope_id_map_get (&self->thread_ids, id) != 0;
}

static guint64
dying_row (const MemscopeSessionBuilder *self,
           const MemscopeEvent          *event,
           guint64                       births)
{
  return event->ago == 0 || event->ago > births ? MEMSCOPE_NO_ROW
                                                : memscope_builder_row_of_birth (self, births - event->ago);
}

static void
look_at_part (gpointer bulk,
              guint    index)
{
  const Bulk *self = bulk;
  Part *part = &self->parts[index];
  const MemscopeEventRun *run = part->run;
  guint64 births = run->first_birth;
  guint32 thread = 0;

  for (guint32 i = 0; i < run->n_events && part->is_simple; i++)
    {
      const MemscopeEvent *event = &run->events[i];

      if (event->thread != thread)
        {
          thread = event->thread;
          part->is_simple = is_known_thread (self->builder, thread);
        }

      if (event->kind == MEMSCOPE_EVENT_POOL || (i > 0 && event->time < event[-1].time))
        part->is_simple = FALSE;
      else if (memscope_event_is_birth (event->kind))
        births++;
      else if (memscope_event_is_unknown_death (event->kind))
        part->n_unmatched++;
      else if (dying_row (self->builder, event, births) == MEMSCOPE_NO_ROW)
        part->n_of_lost++;
    }
}

/* ---- rows ---------------------------------------------------------------------------------- */

static inline void
write_birth (MemscopeSessionBuilder *builder,
             const MemscopeEvent    *event,
             guint64                 births,
             guint64                 row,
             guint64                 position)
{
  const MemscopeBirthKind *kind = &memscope_birth_kinds[event->kind];
  MemscopeBlock block = {
    .address = event->address,
    .size = event->size,
    .birth_time = memscope_ns (event->time),
    .birth_event = position,
    .rounding = event->rounding,
    .thread = memscope_id_map_get (&builder->thread_ids, event->thread),
    .stack = memscope_id_map_get (&builder->stack_ids, event->stack),
    .origin = kind->origin,
    .function = kind->function,
    .flags = kind->flags,
    .alignment_log2 = event->alignment_log2,
  };

  if (event->ago != 0)
    {
      guint64 previous = dying_row (builder, event, births);

      block.previous = previous != MEMSCOPE_NO_ROW ? previous + 1 : 0;
    }

  memscope_rows_write (&builder->session->rows, row, &block,
                       memscope_tape_intern (builder->session->tape, block.thread, block.stack, block.origin, block.flags));
}

static void
write_part (gpointer bulk,
            guint    index)
{
  Bulk *self = bulk;
  MemscopeSessionBuilder *builder = self->builder;
  MemscopeRows *rows = &builder->session->rows;
  Part *part = &self->parts[index];
  const MemscopeEventRun *run = part->run;
  guint64 births = run->first_birth;
  guint64 births_ahead = births;
  guint64 row = part->first_row;
  guint64 position = part->first_position;

  for (guint32 i = 0, ahead = 0; i < run->n_events; i++)
    {
      const MemscopeEvent *event = &run->events[i];

      for (; ahead < run->n_events && ahead < i + AHEAD; ahead++)
        {
          const MemscopeEvent *coming = &run->events[ahead];

          if (memscope_event_is_birth (coming->kind))
            {
              births_ahead++;
              memscope_tape_prefetch (builder->session->tape,
                                      memscope_id_map_get (&builder->thread_ids, coming->thread),
                                      memscope_id_map_get (&builder->stack_ids, coming->stack),
                                      memscope_birth_kinds[coming->kind].origin, memscope_birth_kinds[coming->kind].flags);
            }
          else if (!memscope_event_is_unknown_death (coming->kind))
            {
              guint64 dying = dying_row (builder, coming, births_ahead);

              if (dying != MEMSCOPE_NO_ROW)
                memscope_rows_prefetch_end (rows, dying);
            }
        }

      if (memscope_event_is_birth (event->kind))
        {
          write_birth (builder, event, births, row++, position++);
          births++;
        }
      else if (!memscope_event_is_unknown_death (event->kind))
        {
          guint64 dying = dying_row (builder, event, births);

          if (dying == MEMSCOPE_NO_ROW)
            continue;

          if (!memscope_rows_try_end (rows, dying, memscope_death_of_kind (event->kind), memscope_ns (event->time), position,
                                      memscope_id_map_get (&builder->thread_ids, event->thread),
                                      memscope_id_map_get (&builder->stack_ids, event->stack)))
            {
              Late late = { dying, position, event };

              if (part->late == NULL)
                part->late = g_array_new (FALSE, FALSE, sizeof (Late));
              g_array_append_val (part->late, late);
            }
          position++;
        }
    }
}

/* Of two deaths of a block the first counts, whichever thread was faster. */
static guint
settle_late (Bulk *self)
{
  MemscopeSessionBuilder *builder = self->builder;
  MemscopeRows *rows = &builder->session->rows;
  guint n = 0;

  for (guint k = 0; k < self->n_parts; k++)
    {
      GArray *late = self->parts[k].late;

      for (guint i = 0; late != NULL && i < late->len; i++, n++)
        {
          const Late *one = &g_array_index (late, Late, i);

          if (one->position < memscope_rows_get_death_event (rows, one->row))
            memscope_rows_end_earlier (rows, one->row, memscope_death_of_kind (one->event->kind), memscope_ns (one->event->time),
                                       one->position, memscope_id_map_get (&builder->thread_ids, one->event->thread),
                                       memscope_id_map_get (&builder->stack_ids, one->event->stack));
        }

      g_clear_pointer (&self->parts[k].late, g_array_unref);
    }

  return n;
}

/* ---- the tape -------------------------------------------------------------------------------- */

typedef struct
{
  const Bulk *bulk;
  guint       part;            /* where it stands */
  guint32     i;
  guint64     births;
  guint64     row;
} TapeCursor;

static void
tape_cursor_init (TapeCursor *self,
                  const Bulk *bulk,
                  guint       part)
{
  *self = (TapeCursor) { bulk, part, 0, bulk->parts[part].run->first_birth, bulk->parts[part].first_row };
}

/* The next event that has a position; NULL behind the last. */
static inline const MemscopeEvent *
tape_cursor_next (TapeCursor *self,
                  guint64    *row)
{
  const Bulk *bulk = self->bulk;

  for (;;)
    {
      const MemscopeEventRun *run = bulk->parts[self->part].run;

      while (self->i < run->n_events)
        {
          const MemscopeEvent *event = &run->events[self->i++];

          if (memscope_event_is_birth (event->kind))
            {
              self->births++;
              *row = self->row++;
              return event;
            }

          if (memscope_event_is_unknown_death (event->kind))
            continue;

          *row = dying_row (bulk->builder, event, self->births);
          if (*row != MEMSCOPE_NO_ROW)
            return event;
        }

      if (self->part + 1 == bulk->n_parts)
        return NULL;
      tape_cursor_init (self, bulk, self->part + 1);
    }
}

static inline guint64
put_on_tape (MemscopeSession     *session,
             const MemscopeEvent *event,
             guint64              row,
             guint64              position,
             guint64              time_before)
{
  guint64 time = memscope_ns (event->time);
  guint32 site = memscope_rows_get_site (&session->rows, row);

  if (!memscope_event_is_birth (event->kind))
    site = memscope_rows_get_death_event (&session->rows, row) == position ? site | MEMSCOPE_TAPE_DEATH : 0;   /* 0: it had ended before */
  memscope_tape_write (session->tape, position, site, memscope_rows_get_size (&session->rows, row), time_before, time);

  return time;
}

static guint64
align (guint64 position)
{
  return (position + MEMSCOPE_TAPE_BLOCK - 1) / MEMSCOPE_TAPE_BLOCK * MEMSCOPE_TAPE_BLOCK;
}

/* From the first whole block of the part to that of the next one that has any. */
static void
tape_part (gpointer bulk,
           guint    index)
{
  const Bulk *self = bulk;
  const Part *part = &self->parts[index];
  guint64 begin = index == 0 ? part->first_position : align (part->first_position);
  guint64 part_end = index + 1 < self->n_parts ? self->parts[index + 1].first_position : self->end_position;
  guint64 end = index + 1 < self->n_parts ? MIN (align (part_end), self->end_position) : self->end_position;
  guint64 time_before = index == 0 ? memscope_tape_get_last_time (self->builder->session->tape) : 0;
  guint64 position = part->first_position;
  guint64 row;
  const MemscopeEvent *ring[AHEAD];
  guint64 rows[AHEAD];
  TapeCursor cursor;

  if (begin >= end || begin >= part_end)
    return;

  tape_cursor_init (&cursor, self, index);
  for (; position < begin; position++)
    tape_cursor_next (&cursor, &row);

  for (guint64 ahead = begin; position < end; position++)
    {
      guint at = position % AHEAD;

      for (; ahead < end && ahead < position + AHEAD; ahead++)
        {
          ring[ahead % AHEAD] = tape_cursor_next (&cursor, &rows[ahead % AHEAD]);
          memscope_rows_prefetch_site (&self->builder->session->rows, rows[ahead % AHEAD]);
        }

      time_before = put_on_tape (self->builder->session, ring[at], rows[at], position, time_before);
    }
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static gboolean
may_be_simple (MemscopeSessionBuilder *self,
               const MemscopeEventRun *runs,
               guint                   n_runs)
{
  const MemscopeSession *session = self->session;
  const MemscopeEventRun *last = &runs[n_runs - 1];

  if (!self->is_accounted || session->tape_is_broken || session->rows.has_variables || session->rows.has_parents ||
      session->rows.n_expected != G_MAXUINT64 || g_hash_table_size (self->children) > 0 ||
      memscope_tape_get_n (session->tape) != self->next_position || self->n_known > 0 ||
      self->has_many_files || self->mode_birth < last->first_birth + last->n_births ||
      memscope_builder_is_annotated_before (self, last->first_event + last->n_events))
    return FALSE;

  for (guint k = 0; k < n_runs; k++)
    {
      if (runs[k].n_events > 0 && (memscope_ns (runs[k].events[0].time) < self->last_time ||
                                   (k > 0 && runs[k - 1].n_events > 0 &&
                                    runs[k].events[0].time < runs[k - 1].events[runs[k - 1].n_events - 1].time)))
        return FALSE;
    }

  return TRUE;
}

/* Gives each part its place; tells where its births' rows will be. */
static void
place_rows (Bulk *self)
{
  MemscopeSessionBuilder *builder = self->builder;
  guint64 row = memscope_rows_get_n (&builder->session->rows);

  for (guint k = 0; k < self->n_parts; k++)
    {
      const MemscopeEventRun *run = self->parts[k].run;

      memscope_session_builder_seek (builder, run->first_event, run->first_birth);
      self->parts[k].first_row = row;
      if (run->n_births > 0)
        memscope_builder_note_births (builder, row, run->n_births);
      builder->next_event = run->first_event + run->n_events;
      row += run->n_births;
    }
}

static void
place_events (Bulk *self)
{
  guint64 position = self->builder->next_position;

  for (guint k = 0; k < self->n_parts; k++)
    {
      Part *part = &self->parts[k];

      part->first_position = position;
      position += part->run->n_events - part->n_unmatched - part->n_of_lost;
    }

  self->end_position = position;
}

/* Marks stand between two events: their position is that of the second. */
static void
apply_marks (Bulk *self)
{
  MemscopeSessionBuilder *builder = self->builder;

  for (guint k = 0; k < self->n_parts; k++)
    {
      const Part *part = &self->parts[k];
      const MemscopeEventRun *run = part->run;
      gboolean every = part->n_unmatched == 0 && part->n_of_lost == 0;
      guint64 births = run->first_birth;
      guint64 position = part->first_position;
      guint32 at = 0;

      while (builder->pending_event < run->first_event + run->n_events)
        {
          guint32 place = (guint32)(MAX (builder->pending_event, run->first_event) - run->first_event);

          for (; !every && at < place; at++)
            {
              const MemscopeEvent *event = &run->events[at];

              if (memscope_event_is_birth (event->kind))
                {
                  births++;
                  position++;
                }
              else if (!memscope_event_is_unknown_death (event->kind))
                {
                  position += dying_row (builder, event, births) != MEMSCOPE_NO_ROW;
                }
            }

          builder->next_event = run->first_event + place;
          builder->next_position = every ? part->first_position + place : position;
          memscope_builder_apply_pending (builder);
        }
    }
}

static void
write_all (Bulk  *self,
           guint  n_threads)
{
  MemscopeSessionBuilder *builder = self->builder;
  MemscopeSession *session = builder->session;
  guint64 n_positions = self->end_position - builder->next_position;
  guint64 n_rows = 0;
  guint n_late;

  for (guint k = 0; k < self->n_parts; k++)
    {
      const MemscopeEventRun *run = self->parts[k].run;

      n_rows += run->n_births;
      session->unmatched_frees += self->parts[k].n_unmatched;
      builder->deaths_of_lost += self->parts[k].n_of_lost;
      if (run->n_events > 0)
        builder->last_time = memscope_ns (run->events[run->n_events - 1].time);
    }

  memscope_rows_reserve (&session->rows, n_rows);
  run_step (self, n_threads, write_part);
  n_late = settle_late (self);
  builder->deaths_ignored += n_late;

  memscope_tape_reserve (session->tape, n_positions);
  run_step (self, n_threads, tape_part);
  memscope_tape_publish (session->tape, n_positions);
  memscope_rows_publish (&session->rows, n_rows);

  apply_marks (self);
  builder->next_event = self->parts[self->n_parts - 1].run->first_event + self->parts[self->n_parts - 1].run->n_events;
  builder->next_position = self->end_position;
  memscope_session_write (session, n_events, session->n_events + n_positions - n_late);
  memscope_session_write (session, duration, MAX (session->duration, builder->last_time));
  if (n_positions > 0)
    memscope_session_write (session, has_tape, TRUE);
  if (n_positions > n_rows)
    memscope_session_write (session, has_deaths, TRUE);
}

static gboolean
add_simple_runs (MemscopeSessionBuilder *self,
                 const MemscopeEventRun *runs,
                 guint                   n_runs,
                 guint                   n_threads)
{
  g_autofree Part *parts = g_new0 (Part, n_runs);
  Bulk bulk = { .builder = self, .parts = parts, .n_parts = n_runs };
  guint n_pieces = self->pieces->len;
  guint64 next_birth = self->next_birth;
  guint64 next_event = self->next_event;
  guint64 row_offset = self->row_offset;
  gboolean are_simple = TRUE;

  for (guint k = 0; k < n_runs; k++)
    parts[k] = (Part) { .run = &runs[k], .is_simple = TRUE };

  place_rows (&bulk);
  run_step (&bulk, n_threads, look_at_part);
  for (guint k = 0; k < n_runs; k++)
    are_simple = are_simple && parts[k].is_simple;

  if (!are_simple)
    {
      g_array_set_size (self->pieces, n_pieces);
      self->next_birth = next_birth;
      self->next_event = next_event;
      self->row_offset = row_offset;
      return FALSE;
    }

  place_events (&bulk);
  write_all (&bulk, n_threads);

  return TRUE;
}

void
memscope_session_builder_add_runs (MemscopeSessionBuilder *self,
                                   const MemscopeEventRun *runs,
                                   guint                   n_runs,
                                   guint                   n_threads)
{
  if (n_runs == 0)
    return;

  if (may_be_simple (self, runs, n_runs) && add_simple_runs (self, runs, n_runs, n_threads))
    return;

  for (guint k = 0; k < n_runs; k++)
    {
      memscope_session_builder_seek (self, runs[k].first_event, runs[k].first_birth);
      memscope_session_builder_add_events (self, runs[k].events, runs[k].n_events);
    }
}

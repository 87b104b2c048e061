/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Births and deaths: who ends whom. Deaths come by index (so many births ago) or
 * by address; either way a row ends at most once. Event positions are the
 * session's own, one for each thing that happens to a row, because the explicit
 * API begins and ends blocks that the recorder's stream knows nothing of.
 */

#include "config.h"

#include "memscope-session-builder-private.h"

#define NO_OFFSET G_MAXUINT64

void
memscope_builder_init_events (MemscopeSessionBuilder *self)
{
  self->pieces = g_array_new (FALSE, FALSE, sizeof (MemscopeBirthPiece));
  self->row_offset = NO_OFFSET;
  self->children = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
  self->pools = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->pending = g_array_new (FALSE, FALSE, sizeof (MemscopePending));
  self->pending_event = G_MAXUINT64;
  self->modes = g_array_new (FALSE, FALSE, sizeof (MemscopeMode));
  self->mode_birth = G_MAXUINT64;

  for (guint i = 0; i < MEMSCOPE_N_ORIGINS; i++)
    self->live[i] = i != MEMSCOPE_ORIGIN_FILE ? memscope_live_map_new () : NULL;
}

void
memscope_session_builder_set_functions_recorded (MemscopeSessionBuilder *self,
                                                 gboolean                recorded)
{
  self->functions_unknown = !recorded;
}

void
memscope_builder_clear_events (MemscopeSessionBuilder *self)
{
  g_array_unref (self->pieces);
  g_hash_table_unref (self->children);
  g_hash_table_unref (self->pools);
  g_array_unref (self->pending);
  g_array_unref (self->modes);

  for (guint i = 0; i < MEMSCOPE_N_ORIGINS; i++)
    g_clear_pointer (&self->live[i], memscope_live_map_free);
}

void
memscope_builder_reset_stream (MemscopeSessionBuilder *self)
{
  self->next_event = 0;
  self->next_birth = 0;
  self->row_offset = NO_OFFSET;
  g_array_set_size (self->pieces, 0);
}

guint64
memscope_builder_hold_time (MemscopeSessionBuilder *self,
                            guint64                 us)
{
  self->last_time = MAX (self->last_time, memscope_ns (us));

  return self->last_time;
}

guint64
memscope_builder_take_event (MemscopeSessionBuilder *self)
{
  memscope_session_write (self->session, n_events, self->session->n_events + 1);

  return self->next_position++;
}

/* Beside the event that was just taken. */
static void
note_on_tape (MemscopeSessionBuilder *self,
              guint64                 row,
              guint32                 death,
              guint64                 time)
{
  MemscopeSession *session = self->session;

  if (memscope_tape_append (session->tape, memscope_rows_get_site (&session->rows, row) | death,
                            memscope_rows_get_size (&session->rows, row), time))
    memscope_session_write (session, has_tape, TRUE);
  else
    memscope_session_write (session, tape_is_broken, TRUE);
}

/* ---- which row a birth became ------------------------------------------------------ */

static void
note_birth (MemscopeSessionBuilder *self,
            guint64                 row)
{
  memscope_builder_note_births (self, row, 1);
}

void
memscope_builder_note_births (MemscopeSessionBuilder *self,
                              guint64                 row,
                              guint64                 n)
{
  if (row - self->next_birth != self->row_offset || self->pieces->len == 0)
    {
      MemscopeBirthPiece piece = { self->next_birth, row };

      g_array_append_val (self->pieces, piece);
      self->row_offset = row - self->next_birth;
    }

  self->next_birth += n;
}

static void
note_lost_births (MemscopeSessionBuilder *self,
                  guint64                 n)
{
  MemscopeBirthPiece piece = { self->next_birth, MEMSCOPE_NO_ROW };

  g_array_append_val (self->pieces, piece);
  self->row_offset = NO_OFFSET;
  self->next_birth += n;
}

guint64
memscope_builder_row_of_birth (const MemscopeSessionBuilder *self,
                               guint64                       birth)
{
  const MemscopeBirthPiece *pieces = (gconstpointer)self->pieces->data;
  guint low = 0;
  guint high = self->pieces->len;

  if (high > 0 && birth >= pieces[high - 1].birth)
    low = high - 1;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (pieces[middle].birth <= birth)
        low = middle;
      else
        high = middle;
    }

  if (high == 0 || birth < pieces[low].birth || pieces[low].row == MEMSCOPE_NO_ROW)
    return MEMSCOPE_NO_ROW;

  return pieces[low].row + (birth - pieces[low].birth);
}

static guint64
row_ago (MemscopeSessionBuilder *self,
         guint64                 ago)
{
  guint64 row;

  if (ago == 0 || ago > self->next_birth)
    return MEMSCOPE_NO_ROW;

  row = memscope_builder_row_of_birth (self, self->next_birth - ago);

  return row < memscope_rows_get_n (&self->session->rows) ? row : MEMSCOPE_NO_ROW;
}

void
memscope_session_builder_seek (MemscopeSessionBuilder *self,
                               guint64                 first_event,
                               guint64                 first_birth)
{
  self->next_event = MAX (self->next_event, first_event);

  if (first_birth > self->next_birth)
    note_lost_births (self, first_birth - self->next_birth);
}

/* ---- rows ------------------------------------------------------------------------------ */

static void
add_child (MemscopeSessionBuilder *self,
           guint64                 parent,
           guint64                 row)
{
  GArray *children = g_hash_table_lookup (self->children, &parent);

  if (children == NULL)
    {
      children = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_hash_table_insert (self->children, g_memdup2 (&parent, sizeof parent), children);
    }

  g_array_append_val (children, row);
}

static gboolean
has_ended (MemscopeSessionBuilder *self,
           guint64                 row)
{
  return memscope_rows_get_kind (&self->session->rows, row) >> 3 != MEMSCOPE_DEATH_NONE;
}

void
memscope_builder_end_children (MemscopeSessionBuilder *self,
                               guint64                 row,
                               guint64                 begin,
                               guint64                 end,
                               guint64                 time,
                               MemscopeThreadId        thread,
                               MemscopeStackId         stack)
{
  g_autoptr(GArray) children = NULL;

  if (g_hash_table_size (self->children) == 0)
    return;

  children = g_hash_table_lookup (self->children, &row);
  if (children == NULL)
    return;

  g_array_ref (children);
  g_hash_table_remove (self->children, &row);

  for (guint i = 0; i < children->len; i++)
    {
      guint64 child = g_array_index (children, guint64, i);
      guint64 address = memscope_rows_get_address (&self->session->rows, child);

      if (has_ended (self, child))
        continue;

      if (address >= begin && address < end)
        memscope_builder_end_row (self, child, MEMSCOPE_DEATH_WITH_PARENT, time, thread, stack);
      else
        add_child (self, row, child);
    }
}

void
memscope_builder_end_row (MemscopeSessionBuilder *self,
                          guint64                 row,
                          MemscopeDeath           death,
                          guint64                 time,
                          MemscopeThreadId        thread,
                          MemscopeStackId         stack)
{
  MemscopeRows *rows = &self->session->rows;
  MemscopeOrigin origin = memscope_rows_get_kind (rows, row) & 7;

  /* Children end first, so that they are never seen without their parent. They are
   * blocks of a pool, which have none themselves: the recursion is one deep.
   */
  memscope_builder_end_children (self, row, 0, G_MAXUINT64, time, thread, stack);
  memscope_live_map_remove_row (self->live[origin], memscope_rows_get_address (rows, row), row);
  memscope_rows_end (rows, row, death, time, memscope_builder_take_event (self), thread, stack);
  note_on_tape (self, row, MEMSCOPE_TAPE_DEATH, time);
  memscope_session_write (self->session, has_deaths, TRUE);
}

/* The block that a new one of @origin lies in. The recorder's own blocks have
 * none; what the API begins may lie in an earlier block of the API.
 */
static guint64
find_parent (MemscopeSessionBuilder *self,
             MemscopeOrigin          origin,
             guint64                 address)
{
  static const MemscopeOrigin holders[] = { MEMSCOPE_ORIGIN_HEAP, MEMSCOPE_ORIGIN_REGION, MEMSCOPE_ORIGIN_API };
  guint64 row = MEMSCOPE_NO_ROW;

  if (origin == MEMSCOPE_ORIGIN_API)
    return memscope_live_map_find_inside (self->live[MEMSCOPE_ORIGIN_API], address);

  if (origin != MEMSCOPE_ORIGIN_POOL)
    return MEMSCOPE_NO_ROW;

  for (guint i = 0; i < G_N_ELEMENTS (holders) && row == MEMSCOPE_NO_ROW; i++)
    row = memscope_live_map_find_inside (self->live[holders[i]], address);

  return row;
}

guint64
memscope_builder_begin_row (MemscopeSessionBuilder *self,
                            MemscopeBlock          *block)
{
  MemscopeRows *rows = &self->session->rows;
  guint64 row = memscope_rows_get_n (rows);
  guint64 parent = find_parent (self, block->origin, block->address);
  guint64 former = block->address != MEMSCOPE_UNKNOWN
                     ? memscope_live_map_insert (self->live[block->origin], block->address, block->size, row) : MEMSCOPE_NO_ROW;

  if (former != MEMSCOPE_NO_ROW)
    {
      if (parent == former)
        parent = MEMSCOPE_NO_ROW;
      memscope_builder_end_row (self, former, MEMSCOPE_DEATH_UNSEEN, block->birth_time, 0, 0);
    }

  block->parent = parent != MEMSCOPE_NO_ROW ? parent + 1 : 0;
  block->birth_event = memscope_builder_take_event (self);
  block->death_time = MEMSCOPE_NEVER;
  block->death_event = MEMSCOPE_NEVER;

  memscope_rows_append (rows, block);
  memscope_rows_set_site (rows, row, memscope_tape_intern (self->session->tape, block->thread, block->stack,
                                                           block->origin, block->flags));
  note_on_tape (self, row, 0, block->birth_time);
  self->n_known = row + 1;
  if (parent != MEMSCOPE_NO_ROW && block->origin == MEMSCOPE_ORIGIN_POOL)
    add_child (self, parent, row);

  return row;
}

void
memscope_builder_know_live (MemscopeSessionBuilder *self)
{
  MemscopeRows *rows = &self->session->rows;
  guint64 n = memscope_rows_get_n (rows);

  for (; self->n_known < n; self->n_known++)
    {
      MemscopeBlock block;

      memscope_rows_get (rows, self->n_known, &block);
      if (block.death == MEMSCOPE_DEATH_NONE)
        memscope_live_map_insert (self->live[block.origin], block.address, block.size, self->n_known);
    }
}

/* ---- the stream ------------------------------------------------------------------------ */

const MemscopeBirthKind memscope_birth_kinds[MEMSCOPE_EVENT_FIRST_DEATH] = {
  [MEMSCOPE_EVENT_MALLOC]    = { MEMSCOPE_ORIGIN_HEAP,   MEMSCOPE_FUNCTION_MALLOC,  0 },
  [MEMSCOPE_EVENT_CALLOC]    = { MEMSCOPE_ORIGIN_HEAP,   MEMSCOPE_FUNCTION_CALLOC,  0 },
  [MEMSCOPE_EVENT_REALLOC]   = { MEMSCOPE_ORIGIN_HEAP,   MEMSCOPE_FUNCTION_REALLOC, 0 },
  [MEMSCOPE_EVENT_ALIGNED]   = { MEMSCOPE_ORIGIN_HEAP,   MEMSCOPE_FUNCTION_ALIGNED, 0 },
  [MEMSCOPE_EVENT_REGION]    = { MEMSCOPE_ORIGIN_REGION, MEMSCOPE_FUNCTION_MMAP,    0 },
  [MEMSCOPE_EVENT_POOL]      = { MEMSCOPE_ORIGIN_POOL,   MEMSCOPE_FUNCTION_UNKNOWN, 0 },
  [MEMSCOPE_EVENT_INHERITED] = { MEMSCOPE_ORIGIN_HEAP,   MEMSCOPE_FUNCTION_UNKNOWN, MEMSCOPE_BLOCK_INHERITED },
};

/* ---- how they were recorded --------------------------------------------------------- */

static void
append_mode (MemscopeSessionBuilder *self,
             guint64                 row,
             guint64                 time,
             guint64                 interval)
{
  MemscopeModeSpan span = { row, time, interval };

  memscope_table_append (&self->session->modes, &span);
}

/* The birth that comes is the first of another mode. */
static void
begin_mode (MemscopeSessionBuilder *self)
{
  guint64 row = memscope_rows_get_n (&self->session->rows);

  while (self->next_birth >= self->mode_birth)
    {
      const MemscopeMode *mode = &g_array_index (self->modes, MemscopeMode, self->modes_at);

      if (memscope_table_get_n (&self->session->modes) == 0)
        append_mode (self, 0, 0, self->session->sampling_interval);
      append_mode (self, row, memscope_ns (mode->time), mode->interval);
      if (mode->interval != 0)
        memscope_session_write (self->session, sampling_interval, mode->interval);

      self->modes_at++;
      self->mode_birth = self->modes_at < self->modes->len
                           ? g_array_index (self->modes, MemscopeMode, self->modes_at).birth : G_MAXUINT64;
    }
}

/* Those that come out of order say nothing. */
void
memscope_session_builder_add_mode (MemscopeSessionBuilder *self,
                                   const MemscopeMode     *mode)
{
  if (self->modes->len > 0 && mode->birth < g_array_index (self->modes, MemscopeMode, self->modes->len - 1).birth)
    return;

  g_array_append_val (self->modes, *mode);
  self->mode_birth = g_array_index (self->modes, MemscopeMode, self->modes_at).birth;
}

static MemscopeVariableId
variable_of_row (MemscopeSessionBuilder *self,
                 guint64                 row)
{
  MemscopeBatch batch;

  memscope_rows_get_batch (&self->session->rows, (guint)(row / MEMSCOPE_SEGMENT_ROWS), &batch);

  return batch.variable[row % MEMSCOPE_SEGMENT_ROWS];
}

static void
add_birth (MemscopeSessionBuilder *self,
           const MemscopeEvent    *event,
           guint64                 time)
{
  guint64 previous = row_ago (self, event->ago);
  MemscopeBlock block;

  if (G_UNLIKELY (self->next_birth >= self->mode_birth))
    begin_mode (self);

  block = (MemscopeBlock) {
    .address = event->address,
    .size = event->size,
    .birth_time = time,
    .rounding = event->rounding,
    .thread = memscope_builder_map_thread (self, event->thread),
    .stack = memscope_id_map_get (&self->stack_ids, event->stack),
    .origin = memscope_birth_kinds[event->kind].origin,
    .function = self->functions_unknown ? MEMSCOPE_FUNCTION_UNKNOWN : memscope_birth_kinds[event->kind].function,
    .flags = memscope_birth_kinds[event->kind].flags,
    .alignment_log2 = event->alignment_log2,
  };

  /* A block that is resized stays what it was named. */
  if (previous != MEMSCOPE_NO_ROW)
    {
      block.previous = previous + 1;
      block.variable = variable_of_row (self, previous);
    }

  note_birth (self, memscope_builder_begin_row (self, &block));
}

/* The row that a death ends, or MEMSCOPE_NO_ROW when it ends none; counts why. */
static guint64
find_dying (MemscopeSessionBuilder *self,
            const MemscopeEvent    *event)
{
  gboolean by_address = event->kind == MEMSCOPE_EVENT_FREE_UNKNOWN || event->kind == MEMSCOPE_EVENT_REALLOC_UNKNOWN;
  guint64 row = by_address ? memscope_live_map_find (self->live[MEMSCOPE_ORIGIN_HEAP], event->address)
                           : row_ago (self, event->ago);

  if (row == MEMSCOPE_NO_ROW && by_address)
    {
      memscope_session_write (self->session, unmatched_frees, self->session->unmatched_frees + 1);
    }
  else if (row == MEMSCOPE_NO_ROW)
    {
      self->deaths_of_lost++;
    }
  else if (has_ended (self, row))
    {
      self->deaths_ignored++;
      row = MEMSCOPE_NO_ROW;
    }

  return row;
}

MemscopeDeath
memscope_death_of_kind (guint8 kind)
{
  switch (kind)
    {
    case MEMSCOPE_EVENT_REALLOC_DEATH:
    case MEMSCOPE_EVENT_REALLOC_UNKNOWN:
      return MEMSCOPE_DEATH_REALLOC;

    case MEMSCOPE_EVENT_LOST_DEATH:
      return MEMSCOPE_DEATH_UNSEEN;

    default:
      return MEMSCOPE_DEATH_FREE;
    }
}

static void
add_death (MemscopeSessionBuilder *self,
           const MemscopeEvent    *event,
           guint64                 time)
{
  guint64 row = find_dying (self, event);

  if (row == MEMSCOPE_NO_ROW)
    return;

  memscope_builder_end_row (self, row, memscope_death_of_kind (event->kind), time, memscope_builder_map_thread (self, event->thread),
                            memscope_id_map_get (&self->stack_ids, event->stack));
}

void
memscope_session_builder_add_events (MemscopeSessionBuilder *self,
                                     const MemscopeEvent    *events,
                                     gsize                   n_events)
{
  if (n_events > 0)
    memscope_builder_know_live (self);

  for (gsize i = 0; i < n_events; i++)
    {
      const MemscopeEvent *event = &events[i];
      guint64 time;

      if (G_UNLIKELY (self->next_event >= self->pending_event))
        memscope_builder_apply_pending (self);

      time = memscope_builder_hold_time (self, event->time);
      self->next_event++;

      if (memscope_event_is_birth (event->kind))
        add_birth (self, event, time);
      else if (event->kind >= MEMSCOPE_EVENT_FIRST_DEATH && event->kind < MEMSCOPE_EVENT_N_KINDS)
        add_death (self, event, time);
    }

  memscope_session_write (self->session, duration, MAX (self->session->duration, self->last_time));
}

/* ---- what was alive where a segment is missing ------------------------------------------- */

static guint64
carry_birth (MemscopeSessionBuilder  *self,
             const MemscopeLiveBlock *carried)
{
  guint kind = carried->kind < MEMSCOPE_EVENT_FIRST_DEATH ? carried->kind : 0;
  MemscopeBlock block = {
    .address = carried->address,
    .size = carried->size,
    .birth_time = memscope_builder_hold_time (self, carried->time),
    .rounding = carried->rounding,
    .thread = memscope_builder_map_thread (self, carried->thread),
    .stack = memscope_id_map_get (&self->stack_ids, carried->stack),
    .origin = memscope_birth_kinds[kind].origin,
    .function = memscope_birth_kinds[kind].function,
    .flags = memscope_birth_kinds[kind].flags,
  };
  guint64 row;

  if (carried->birth > self->next_birth)
    note_lost_births (self, carried->birth - self->next_birth);
  if (G_UNLIKELY (self->next_birth >= self->mode_birth))
    begin_mode (self);

  row = memscope_builder_begin_row (self, &block);
  note_birth (self, row);

  return row;
}

static void
end_not_carried (MemscopeSessionBuilder *self,
                 const guint8           *carried,
                 guint64                 n_rows,
                 guint64                 time)
{
  for (guint64 row = 0; row < n_rows; row++)
    {
      guint8 kind = memscope_rows_get_kind (&self->session->rows, row);
      MemscopeOrigin origin = kind & 7;

      if (kind >> 3 == MEMSCOPE_DEATH_NONE && (carried[row / 8] >> row % 8 & 1) == 0 &&
          (origin == MEMSCOPE_ORIGIN_HEAP || origin == MEMSCOPE_ORIGIN_REGION))
        memscope_builder_end_row (self, row, MEMSCOPE_DEATH_UNSEEN, time, 0, 0);
    }
}

void
memscope_session_builder_carry (MemscopeSessionBuilder  *self,
                                const MemscopeLiveBlock *blocks,
                                gsize                    n_blocks,
                                guint64                  time)
{
  guint64 n_rows = memscope_rows_get_n (&self->session->rows), known = self->next_birth;
  g_autofree guint8 *carried = g_malloc0 (n_rows / 8 + 1);
  gsize n_known = 0;

  memscope_builder_know_live (self);

  for (; n_known < n_blocks && blocks[n_known].birth < known; n_known++)
    {
      guint64 row = memscope_builder_row_of_birth (self, blocks[n_known].birth);

      if (row < n_rows)
        carried[row / 8] |= (guint8)(1u << row % 8);
    }

  /* the dead first: what is born may lie where they were */
  end_not_carried (self, carried, n_rows, MAX (self->last_time, memscope_ns (time)));

  for (gsize i = n_known; i < n_blocks; i++)
    if (blocks[i].birth >= self->next_birth)
      carry_birth (self, &blocks[i]);

  memscope_builder_hold_time (self, time);
  memscope_session_write (self->session, duration, MAX (self->session->duration, self->last_time));
}

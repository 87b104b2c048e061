/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From records to births and deaths.
 *
 * The merged stream gives an address to one owner at a time, but for three
 * cases, which are looked at when a birth meets a live block:
 *
 *   - A realloc of that block is under way in another thread: MOVE_BEGIN was
 *     merged, MOVE_END was not. The allocator has given the old place away, so
 *     the realloc moved or freed the block: its death is written now, and
 *     MOVE_END later only links the new block to it.
 *   - The block's death is published but not merged yet (a thread was not waited
 *     for any longer, see merge.c). It is looked for in the rings, written now,
 *     and passed by when the merge comes to it.
 *   - Otherwise its death was not seen (lost under --lossy, or freed behind the
 *     recorder's back): LOST_DEATH.
 *
 * A fork's child starts with the parent's live blocks in a map of their own.
 * Such a block becomes an INHERITED birth in the child's file when the child
 * ends it, directly before its death; what the child leaves alone is in the
 * parent's file and costs nothing here. Writing all of them at each fork would
 * make a shell script of a thousand subshells write each of them a thousand
 * times.
 */

#include "ledger.h"

#define MAX_MOVES 4096u

typedef struct
{
  uint64_t address;
  uint64_t birth;        /* of the block that moves */
  uint32_t thread;
  uint32_t stack;
  bool     known;        /* a block was alive there */
  bool     ended;        /* and its death is written */
} Move;

static void
add_event (Ledger              *ledger,
           const LedgerEntry   *entry,
           MemscopeEventKind    kind,
           const MemscopeEvent *rest)
{
  MemscopeEvent event = *rest;

  event.kind = (uint8_t)kind;
  event.time = entry->time;
  event.thread = entry->thread;
  event.stack = entry->stack;
  writer_add_event (ledger->writer, &event);
}

static void
add_death (Ledger            *ledger,
           const LedgerEntry *entry,
           MemscopeEventKind  kind,
           uint64_t           birth)
{
  add_event (ledger, entry, kind, &(MemscopeEvent) { .ago = writer_next_birth (ledger->writer) - birth });
}

static void
count_birth (LedgerTotals *totals,
             uint64_t      size)
{
  totals->births++;
  totals->born_bytes += size;
  totals->live_bytes += size;
  if (totals->live_bytes > totals->peak_bytes)
    totals->peak_bytes = totals->live_bytes;
}

static void
count_death (LedgerTotals *totals,
             uint64_t      size)
{
  totals->deaths++;
  totals->live_bytes -= size;
}

/* Of a block of the heap that is no longer in the live map. */
static void
add_heap_death (Ledger                  *ledger,
                const LedgerEntry       *entry,
                MemscopeEventKind        kind,
                const MemscopeLiveBlock *block)
{
  count_death (&ledger->totals, block->size);
  add_death (ledger, entry, kind, block->birth);
  overview_death (&ledger->overview, block, kind != MEMSCOPE_EVENT_LOST_DEATH, ledger->writer->last_time);
}

static void
add_unknown_death (Ledger            *ledger,
                   const LedgerEntry *entry,
                   MemscopeEventKind  kind,
                   uint64_t           address)
{
  if (ledger->sampled)
    return;

  ledger->unmatched_frees++;
  add_event (ledger, entry, kind, &(MemscopeEvent) { .address = address });
}

/* ---- blocks inherited by a fork ------------------------------------------- */

/* Makes the inherited block at @address one of ours, if there is one. */
static bool
adopt_inherited (Ledger            *ledger,
                 const LedgerEntry *entry,
                 uint64_t           address,
                 MemscopeLiveBlock *block)
{
  if (ledger->inherited.length == 0 || !live_map_remove (&ledger->inherited, address, block))
    return false;

  block->birth = writer_next_birth (ledger->writer);
  add_event (ledger, &(LedgerEntry) { .time = entry->time }, MEMSCOPE_EVENT_INHERITED,
             &(MemscopeEvent) { .address = address, .size = block->size, .rounding = block->rounding });

  return true;
}

/* ---- reallocs --------------------------------------------------------------- */

static Move *
moves (const Ledger *ledger)
{
  return ledger->moves.data;
}

static void
drop_move (Ledger *ledger,
           size_t  i)
{
  for (ledger->moves.length--; i < ledger->moves.length; i++)
    moves (ledger)[i] = moves (ledger)[i + 1];
}

/* A handler that interrupts a realloc may call realloc: the latest one ends first. */
static bool
take_move (Ledger   *ledger,
           uint32_t  thread,
           Move     *move)
{
  for (size_t i = ledger->moves.length; i > 0; i--)
    if (moves (ledger)[i - 1].thread == thread)
      {
        *move = moves (ledger)[i - 1];
        drop_move (ledger, i - 1);
        return true;
      }

  return false;
}

static void
begin_move (Ledger            *ledger,
            const LedgerEntry *entry,
            bool               ended,
            uint64_t           birth)
{
  MemscopeLiveBlock block;
  Move *move;

  if (ledger->moves.length >= MAX_MOVES)
    drop_move (ledger, 0);

  move = vector_add (&ledger->moves);
  if (move == NULL)
    return;

  *move = (Move) { .address = entry->record->address, .birth = birth, .thread = entry->thread,
                   .stack = entry->stack, .known = ended, .ended = ended };

  if (!ended && live_map_find (&ledger->live, move->address, &block))
    {
      move->known = true;
      move->birth = block.birth;
    }
}

/* Writes the death of the block that moved, unless it is written already. */
static void
end_moved_block (Ledger            *ledger,
                 const LedgerEntry *entry,
                 Move              *move)
{
  MemscopeLiveBlock block;

  if (move->ended)
    return;

  if (move->known)
    {
      if (!live_map_find (&ledger->live, move->address, &block) || block.birth != move->birth)
        return;

      live_map_remove (&ledger->live, move->address, &block);
      add_heap_death (ledger, entry, MEMSCOPE_EVENT_REALLOC_DEATH, &block);
    }
  else if (adopt_inherited (ledger, entry, move->address, &block))
    {
      move->known = true;
      move->birth = block.birth;
      add_death (ledger, entry, MEMSCOPE_EVENT_REALLOC_DEATH, block.birth);
    }
  else
    {
      add_unknown_death (ledger, entry, MEMSCOPE_EVENT_REALLOC_UNKNOWN, move->address);
    }
}

/* ---- births ------------------------------------------------------------------- */

static bool
end_by_move (Ledger                  *ledger,
             const LedgerEntry       *entry,
             const MemscopeLiveBlock *block)
{
  for (size_t i = 0; i < ledger->moves.length; i++)
    {
      Move *move = &moves (ledger)[i];

      if (move->known && !move->ended && move->address == block->address && move->birth == block->birth)
        {
          move->ended = true;
          add_heap_death (ledger, &(LedgerEntry) { .time = entry->time, .thread = move->thread, .stack = move->stack },
                          MEMSCOPE_EVENT_REALLOC_DEATH, block);
          return true;
        }
    }

  return false;
}

/* A birth met @block alive: see the head of this file. */
static void
end_old_block (Ledger                  *ledger,
               const LedgerEntry       *entry,
               const MemscopeLiveBlock *block)
{
  LedgerEntry death;
  Record record;

  if (end_by_move (ledger, entry, block))
    return;

  if (ledger->oracle.find_death (ledger->oracle.data, block->address, block->birth, &death, &record))
    {
      death.time = entry->time;
      add_heap_death (ledger, &death,
                      record.kind == RECORD_DEATH ? MEMSCOPE_EVENT_FREE : MEMSCOPE_EVENT_REALLOC_DEATH, block);
      return;
    }

  add_heap_death (ledger, &(LedgerEntry) { .time = entry->time, .thread = entry->thread },
                  MEMSCOPE_EVENT_LOST_DEATH, block);
}

static void
make_place (Ledger                  *ledger,
            const LedgerEntry       *entry,
            const MemscopeLiveBlock *block)
{
  MemscopeLiveBlock old;

  if (live_map_remove (&ledger->live, block->address, &old))
    end_old_block (ledger, entry, &old);
}

/* @previous: the birth of the block that a realloc continues, UINT64_MAX: none. */
static void
add_birth (Ledger            *ledger,
           const LedgerEntry *entry,
           MemscopeEventKind  kind,
           uint64_t           previous)
{
  const Record *record = entry->record;
  MemscopeLiveBlock inherited;
  MemscopeLiveBlock block = {
    .address = record->address,
    .size = record->size,
    .birth = writer_next_birth (ledger->writer),
    .time = writer_clamp_time (ledger->writer, entry->time),
    .thread = entry->thread,
    .stack = entry->stack,
    .rounding = record->rounding,
    .kind = kind,
  };
  LiveStatus status = live_map_insert (&ledger->live, &block);

  if (status == LIVE_TAKEN)
    {
      make_place (ledger, entry, &block);
      status = live_map_insert (&ledger->live, &block);
    }

  if (status == LIVE_OUT_OF_MEMORY)
    ledger->forgotten++;

  count_birth (&ledger->totals, block.size);

  /* What the parent gave birth to between its fork and the child's first word. */
  if (ledger->inherited.length != 0)
    live_map_remove (&ledger->inherited, block.address, &inherited);

  add_event (ledger, entry, kind,
             &(MemscopeEvent) { .address = record->address, .size = record->size, .rounding = record->rounding,
                                .alignment_log2 = record->alignment_log2,
                                .ago = previous != UINT64_MAX ? block.birth - previous : 0 });
  overview_birth (&ledger->overview, &block, previous != UINT64_MAX, ledger->writer->last_time);
}

static MemscopeEventKind
kind_of_birth (const Record *record)
{
  switch (record->function)
    {
    case MEMSCOPE_EVENT_CALLOC:
    case MEMSCOPE_EVENT_REALLOC:
    case MEMSCOPE_EVENT_ALIGNED:
      return record->function;

    default:
      return MEMSCOPE_EVENT_MALLOC;
    }
}

static void
end_move (Ledger            *ledger,
          const LedgerEntry *entry)
{
  Move move = { 0 };
  bool found = take_move (ledger, entry->thread, &move);

  if (entry->record->function == MOVE_FAILED)
    return;

  /* The old block died where MOVE_BEGIN was called: same thread, same stack. */
  if (found)
    end_moved_block (ledger, &(LedgerEntry) { .time = entry->time, .thread = move.thread, .stack = move.stack }, &move);

  if (entry->record->function == MOVE_MOVED)
    add_birth (ledger, entry, MEMSCOPE_EVENT_REALLOC, found && move.known ? move.birth : UINT64_MAX);
}

/* ---- deaths ----------------------------------------------------------------------- */

static void
end_block (Ledger            *ledger,
           const LedgerEntry *entry)
{
  MemscopeLiveBlock block;

  if (live_map_remove (&ledger->live, entry->record->address, &block))
    add_heap_death (ledger, entry, MEMSCOPE_EVENT_FREE, &block);
  else if (adopt_inherited (ledger, entry, entry->record->address, &block))
    add_death (ledger, entry, MEMSCOPE_EVENT_FREE, block.birth);
  else
    add_unknown_death (ledger, entry, MEMSCOPE_EVENT_FREE_UNKNOWN, entry->record->address);
}

/* ---- regions ------------------------------------------------------------------------- */

static void
add_region (Ledger            *ledger,
            const LedgerEntry *entry,
            uint64_t           address,
            uint64_t           size)
{
  MemscopeLiveBlock block = {
    .address = address,
    .size = size,
    .birth = writer_next_birth (ledger->writer),
    .time = writer_clamp_time (ledger->writer, entry->time),
    .thread = entry->thread,
    .stack = entry->stack,
    .kind = MEMSCOPE_EVENT_REGION,
  };

  if (region_map_insert (&ledger->regions, &block))
    add_event (ledger, entry, MEMSCOPE_EVENT_REGION, &(MemscopeEvent) { .address = address, .size = size });
}

/* Ends what lies in [start, end); what sticks out lives on, as a region of its
 * own that keeps the stack it was mapped from.
 */
static void
cut_regions (Ledger            *ledger,
             const LedgerEntry *entry,
             uint64_t           start,
             uint64_t           end)
{
  MemscopeLiveBlock block;

  while (region_map_take (&ledger->regions, start, end, &block))
    {
      LedgerEntry rest = { .time = entry->time, .thread = block.thread, .stack = block.stack };
      uint64_t block_end = block.address + block.size;

      add_death (ledger, entry, MEMSCOPE_EVENT_REGION_DEATH, block.birth);

      if (block.address < start)
        add_region (ledger, &rest, block.address, start - block.address);
      if (block_end > end)
        add_region (ledger, &rest, end, block_end - end);
    }
}

static uint64_t
region_end (const Record *record)
{
  return record->address + record->size < record->address ? UINT64_MAX : record->address + record->size;
}

/* ---- pools -------------------------------------------------------------------------------- */

static void
begin_pooled (Ledger            *ledger,
              const LedgerEntry *entry)
{
  const Record *record = entry->record;
  MemscopeLiveBlock block = {
    .address = record->address,
    .size = record->size,
    .birth = writer_next_birth (ledger->writer),
    .time = writer_clamp_time (ledger->writer, entry->time),
    .thread = entry->thread,
    .stack = entry->stack,
    .rounding = UINT32_MAX,
    .kind = MEMSCOPE_EVENT_POOL,
  };
  MemscopeLiveBlock old;

  /* What stood there died with its pool, whose end nobody reported: readers see to it. */
  if (live_map_insert (&ledger->pooled, &block) == LIVE_TAKEN)
    {
      live_map_remove (&ledger->pooled, block.address, &old);
      live_map_insert (&ledger->pooled, &block);
    }

  add_event (ledger, entry, MEMSCOPE_EVENT_POOL,
             &(MemscopeEvent) { .address = record->address, .size = record->size, .rounding = UINT32_MAX });
}

static void
end_pooled (Ledger            *ledger,
            const LedgerEntry *entry)
{
  MemscopeLiveBlock block;

  if (live_map_remove (&ledger->pooled, entry->record->address, &block))
    add_death (ledger, entry, MEMSCOPE_EVENT_POOL_DEATH, block.birth);
}

static void
create_pool (Ledger            *ledger,
             const LedgerEntry *entry)
{
  const Record *record = entry->record;
  MemscopeLiveBlock pool = { .address = record->address, .size = record->size };
  MemscopeLiveBlock old;

  while (record->size != 0 && region_map_take (&ledger->pools, record->address, record->address + record->size, &old))
    continue;
  region_map_insert (&ledger->pools, &pool);
}

static void
forget_pooled (Ledger                  *ledger,
               const MemscopeLiveBlock *pool)
{
  MemscopeLiveBlock block;
  Vector keys;

  /* Whichever is less to look at: its bytes, or all blocks there are. */
  if (pool->size / 4 < ledger->pooled.length)
    {
      for (uint64_t at = 0; at < pool->size && ledger->pooled.length != 0; at++)
        live_map_remove (&ledger->pooled, pool->address + at, &block);
      return;
    }

  vector_init (&keys, sizeof (LiveKey));
  if (live_map_collect (&ledger->pooled, &keys))
    for (size_t i = 0; i < keys.length; i++)
      {
        uint64_t address = ((const LiveKey *)keys.data)[i].address;

        if (address - pool->address < pool->size)
          live_map_remove (&ledger->pooled, address, &block);
      }
  vector_clear (&keys);
}

/* Its blocks end with it, which needs no events: readers know. But the next block at
 * their addresses must find none of them alive.
 */
static void
destroy_pool (Ledger            *ledger,
              const LedgerEntry *entry)
{
  uint64_t address = entry->record->address;
  MemscopeLiveBlock pool;

  if (region_map_take (&ledger->pools, address, address + 1, &pool) && ledger->pooled.length != 0)
    forget_pooled (ledger, &pool);
}

bool
ledger_wants_annotation (unsigned kind)
{
  return kind == ANNOTATION_POOL_ALLOC || kind == ANNOTATION_POOL_FREE ||
         kind == MEMSCOPE_ANNOTATION_POOL_CREATE || kind == MEMSCOPE_ANNOTATION_POOL_DESTROY;
}

void
ledger_apply_annotation (Ledger            *ledger,
                         const LedgerEntry *entry)
{
  switch (entry->record->function)
    {
    case ANNOTATION_POOL_ALLOC:
      begin_pooled (ledger, entry);
      break;

    case ANNOTATION_POOL_FREE:
      end_pooled (ledger, entry);
      break;

    case MEMSCOPE_ANNOTATION_POOL_CREATE:
      create_pool (ledger, entry);
      break;

    case MEMSCOPE_ANNOTATION_POOL_DESTROY:
      destroy_pool (ledger, entry);
      break;

    default:
      break;
    }
}

/* ---- the ledger -------------------------------------------------------------------------- */

bool
ledger_init (Ledger             *ledger,
             Writer             *writer,
             const LedgerOracle *oracle)
{
  *ledger = (Ledger) { .writer = writer, .oracle = *oracle };
  live_map_init (&ledger->live);
  live_map_init (&ledger->inherited);
  region_map_init (&ledger->regions);
  region_map_init (&ledger->pools);
  live_map_init (&ledger->pooled);
  vector_init (&ledger->moves, sizeof (Move));

  return overview_init (&ledger->overview);
}

void
ledger_clear (Ledger *ledger)
{
  live_map_clear (&ledger->live);
  live_map_clear (&ledger->inherited);
  region_map_clear (&ledger->regions);
  region_map_clear (&ledger->pools);
  live_map_clear (&ledger->pooled);
  vector_clear (&ledger->moves);
  overview_clear (&ledger->overview);
}

void
ledger_apply (Ledger            *ledger,
              const LedgerEntry *entry)
{
  const Record *record = entry->record;

  switch (record->kind)
    {
    case RECORD_BIRTH:
      add_birth (ledger, entry, kind_of_birth (record), UINT64_MAX);
      break;

    case RECORD_DEATH:
      end_block (ledger, entry);
      break;

    case RECORD_MOVE_BEGIN:
      begin_move (ledger, entry, false, 0);
      break;

    case RECORD_MOVE_END:
      end_move (ledger, entry);
      break;

    case RECORD_REGION_BIRTH:
      cut_regions (ledger, entry, record->address, region_end (record));
      add_region (ledger, entry, record->address, record->size);
      break;

    case RECORD_REGION_DEATH:
      cut_regions (ledger, entry, record->address, region_end (record));
      break;

    default:
      break;
    }
}

void
ledger_apply_told (Ledger            *ledger,
                   const LedgerEntry *entry,
                   uint64_t           birth)
{
  if (entry->record->kind == RECORD_MOVE_BEGIN)
    begin_move (ledger, entry, true, birth);
}

uint64_t
ledger_end_unwatched (Ledger   *ledger,
                      uint64_t  time,
                      bool    (*keeps) (void *data, uint64_t address),
                      void     *data)
{
  MemscopeLiveBlock block;
  uint64_t n = 0;
  Vector keys;

  vector_init (&keys, sizeof (LiveKey));
  if (live_map_collect (&ledger->live, &keys))
    for (size_t i = 0; i < keys.length; i++)
      {
        uint64_t address = ((const LiveKey *)keys.data)[i].address;

        if (keeps (data, address) || !live_map_remove (&ledger->live, address, &block))
          continue;

        add_death (ledger, &(LedgerEntry) { .time = time }, MEMSCOPE_EVENT_LOST_DEATH, block.birth);
        n++;
      }
  vector_clear (&keys);

  return n;
}

void
ledger_end_thread (Ledger   *ledger,
                   uint32_t  thread)
{
  Move move;

  while (take_move (ledger, thread, &move))
    continue;
}

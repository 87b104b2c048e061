/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "recording.h"

#include <inttypes.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "checkpoint.h"
#include "dictionary.h"
#include "ledger.h"
#include "pages.h"
#include "merge.h"
#include "stamp-clock.h"
#include "thread-table.h"

/* An epoch is written when it is full, or when it is this old: what a killed
 * collector loses.
 */
#define EPOCH_NSEC    UINT64_C (200000000)
#define CLOCK_NSEC    UINT64_C (1000000000)
#define MARGIN_NSEC   UINT64_C (1000000)

/* Dictionary entries are written early when that many bytes of them wait. */
#define MAX_PENDING   (4u * 1024u * 1024u)

/* A live map of more bytes is not in the processor's nearer caches. */
#define CACHED_MAP UINT64_C (1000000)

/* Between two checkpoints, and as many again for each block alive: they save replaying that
 * much, and should not be what a file is made of.
 */
#define MIN_CHECKPOINT_EVENTS UINT64_C (2000000)
#define EVENTS_PER_BLOCK      UINT64_C (4)

struct _Recording
{
  ArenaHeader    *arena;
  RecordingHost   host;
  RecordingTime   start;
  StampClock      clock;

  Merge           merge;
  Ledger          ledger;
  Writer          writer;
  Dictionary      dictionary;
  ThreadTable     threads;

  MemscopeBuffer  facts;
  MemscopeBuffer  samples;
  MemscopeBuffer  marks;
  MemscopeBuffer  modes;
  MemscopeBuffer  gaps;
  MemscopeBuffer  clock_points;
  MemscopeBuffer  annotations;
  uint64_t        first_sample;         /* times of the samples that wait */
  uint64_t        last_sample;

  uint64_t        epoch_length;         /* ns */
  uint64_t        epoch_began;          /* CLOCK_MONOTONIC; 0: nothing waits */
  uint64_t        clock_adjusted;       /* CLOCK_MONOTONIC */
  uint64_t        clock_event;          /* events when the last clock point was made */
  uint64_t        checkpoint_event;     /* events before the last checkpoint */
  bool            live_taken;           /* the live map went to who inherits: nothing to write checkpoints from */
  uint64_t        interval;             /* of the births that came last; 0: all are recorded */
  uint64_t        wanted_interval;      /* what was asked for */
  uint32_t        wanted_mode;          /* the arena's flags for that */
  bool            filling;              /* the sample table follows the stream */
  uint64_t        filled_stamp;         /* what was alive then is in it */
  uint64_t        limit;
  uint64_t        merged;               /* all stamps up to here are in the stream */
  uint64_t        truncated;
  uint64_t        n_lost;               /* events in gaps */
  bool            disabled;
  bool            segments;
  MemscopeFileHeader header;            /* of each segment */
  MemscopeBuffer  all_facts;            /* likewise */
};

/* ---- writing ------------------------------------------------------------ */

static void
write_buffer (Recording         *recording,
              MemscopeChunkKind  kind,
              MemscopeBuffer    *buffer)
{
  if (buffer->length == 0)
    return;

  writer_add_chunk (&recording->writer, kind, NULL, buffer);
  buffer->length = 0;
}

static void
write_samples (Recording *recording)
{
  MemscopeChunkHead head = {
    .first_event = recording->writer.first_event,
    .first_birth = recording->writer.first_birth,
    .first_time = recording->first_sample,
    .last_time = recording->last_sample,
    .min_address = UINT64_MAX,
  };

  if (recording->samples.length == 0)
    return;

  writer_add_chunk (&recording->writer, MEMSCOPE_CHUNK_SAMPLES, &head, &recording->samples);
  recording->samples.length = 0;
}

static void
write_checkpoint_if_due (Recording *recording)
{
  uint64_t n_events = writer_next_event (&recording->writer);
  uint64_t due = EVENTS_PER_BLOCK * recording->ledger.live.length;

  if (due < MIN_CHECKPOINT_EVENTS)
    due = MIN_CHECKPOINT_EVENTS;

  if (n_events - recording->checkpoint_event < due || recording->live_taken || recording->writer.failed)
    return;

  recording->checkpoint_event = n_events;
  checkpoint_write (&recording->ledger, &recording->writer);
}

/* Dictionaries first: a reader of a cut file must never meet an id it does not know.
 * Annotations and marks stand before the events among which they have their place:
 * a reader of a live stream applies each when the stream gets there.
 */
static void
flush (Recording *recording)
{
  dictionary_write (&recording->dictionary, &recording->writer);
  thread_table_write (&recording->threads, &recording->writer);
  write_buffer (recording, MEMSCOPE_CHUNK_FACTS, &recording->facts);
  write_buffer (recording, MEMSCOPE_CHUNK_ANNOTATIONS, &recording->annotations);
  write_buffer (recording, MEMSCOPE_CHUNK_MARKS, &recording->marks);
  write_buffer (recording, MEMSCOPE_CHUNK_MODES, &recording->modes);
  writer_write_epoch (&recording->writer);
  write_buffer (recording, MEMSCOPE_CHUNK_GAPS, &recording->gaps);
  write_buffer (recording, MEMSCOPE_CHUNK_CLOCK, &recording->clock_points);
  write_samples (recording);
  write_checkpoint_if_due (recording);

  recording->epoch_began = 0;
  atomic_fetch_add_explicit (&recording->arena->collector_progress, 1, memory_order_relaxed);

  writer_settle (&recording->writer);
  if (recording->writer.failed)
    recording_disable (recording);
}

static bool
something_waits (const Recording *recording)
{
  return recording->writer.n_events != 0 ||
         recording->samples.length != 0 ||
         recording->marks.length != 0 ||
         recording->modes.length != 0 ||
         recording->gaps.length != 0 ||
         recording->annotations.length != 0 ||
         recording->facts.length != 0;
}

/* ---- what comes out of the merge --------------------------------------------- */

static uint64_t
time_of (Recording    *recording,
         const Record *record)
{
  return stamp_clock_time (&recording->clock, record->stamp, record->time_ns);
}

static uint32_t
stack_of (Recording    *recording,
          const Record *record)
{
  uint32_t stack = dictionary_stack (&recording->dictionary, record->stack, record->stamp);

  if ((stack & TRUNCATED_STACK) != 0)
    recording->truncated++;

  return stack & ~TRUNCATED_STACK;
}

static void
add_gap (Recording            *recording,
         const MemscopeGap    *gap)
{
  if (gap->events != MEMSCOPE_NOT_RECORDED)
    recording->n_lost += gap->events;
  memscope_gap_append (&recording->gaps, gap);
}

static void
add_gap_record (Recording       *recording,
                const MergeSlot *slot,
                const Record    *record)
{
  uint64_t end = time_of (recording, record);
  uint64_t begin = recording->clock.kind == CLOCK_TSC ? stamp_clock_time (&recording->clock, record->begin_stamp, 0) : end;

  add_gap (recording, &(MemscopeGap) {
    .begin = begin < end ? begin : end,
    .end = end,
    .events = record->other,
    .bytes = record->bytes_lost,
    .thread = slot->thread,
    .reason = record->function,
  });
}

static void
add_mark (Recording    *recording,
          uint32_t      thread,
          uint64_t      time,
          const void   *text,
          uint32_t      length)
{
  memscope_mark_append (&recording->marks, &(MemscopeMark) {
    .time = time,
    .event = writer_next_event (&recording->writer),
    .thread = thread,
    .text = string_table_add (&recording->dictionary.strings, text, length),
  });
}

static void
add_annotation (Recording       *recording,
                const MergeSlot *slot,
                const Record    *record)
{
  StringTable *strings = &recording->dictionary.strings;

  memscope_annotation_append (&recording->annotations, &(MemscopeAnnotation) {
    .event = writer_next_event (&recording->writer),
    .time = writer_clamp_time (&recording->writer, time_of (recording, record)),
    .address = record->address,
    .size = record->size,
    .other = record->other,
    .kind = record->function,
    .thread = slot->thread,
    .stack = stack_of (recording, record),
    .name = string_table_add (strings, record->name, record->name_length),
    .type = string_table_add (strings, record->type, record->type_length),
  });
}

static LedgerEntry
entry_of (Recording       *recording,
          const MergeSlot *slot,
          const Record    *record)
{
  return (LedgerEntry) {
    .record = record,
    .time = time_of (recording, record),
    .thread = slot->thread,
    .stack = stack_of (recording, record),
  };
}

static bool
is_birth (const Record *record)
{
  return record->kind == RECORD_BIRTH || (record->kind == RECORD_MOVE_END && record->function == MOVE_MOVED);
}

/* Each birth says whether it was sampled, so that not one is taken for the other while
 * the threads go over from one to the other.
 */
static void
follow_mode (Recording    *recording,
             const Record *record)
{
  uint64_t interval = 0;

  if (!is_birth (record))
    return;

  if (record->sampled)
    {
      interval = atomic_load_explicit (&recording->arena->sampling_interval, memory_order_relaxed);
      recording->ledger.sampled = true;
    }
  if (interval == recording->interval)
    return;

  recording->interval = interval;
  memscope_mode_append (&recording->modes, &(MemscopeMode) {
    .time = writer_clamp_time (&recording->writer, time_of (recording, record)),
    .birth = writer_next_birth (&recording->writer),
    .interval = interval,
  });
}

/* While the table is filled it is what the stream says; afterwards the recorder keeps it,
 * but for births that were recorded in the former way, by threads that were at it when the
 * program went over.
 */
static void
follow_in_table (Recording    *recording,
                 const Record *record)
{
  SampleTable *table = arena_samples (recording->arena);

  if (is_birth (record) && (recording->filling || (recording->wanted_interval != 0 && !record->sampled)))
    sample_table_insert (table, record->address);
  else if (recording->filling && (record->kind == RECORD_DEATH || record->kind == RECORD_MOVE_BEGIN))
    sample_table_remove (table, record->address);
}

static void
handle_record (void         *data,
               MergeSlot    *slot,
               const Record *record)
{
  Recording *recording = data;
  LedgerEntry entry;

  if (recording->writer.failed)
    return;

  switch (record->kind)
    {
    case RECORD_ANNOTATION:
      if (record->function != ANNOTATION_POOL_ALLOC && record->function != ANNOTATION_POOL_FREE)
        add_annotation (recording, slot, record);
      if (ledger_wants_annotation (record->function))
        {
          entry = entry_of (recording, slot, record);
          ledger_apply_annotation (&recording->ledger, &entry);
        }
      break;

    case RECORD_THREAD_NAME:
      thread_table_name (&recording->threads, slot->thread,
                         string_table_add (&recording->dictionary.strings, record->name, record->name_length), true);
      break;

    case RECORD_MARK:
      add_mark (recording, slot->thread, time_of (recording, record), record->name, record->name_length);
      break;

    case RECORD_GAP:
      add_gap_record (recording, slot, record);
      break;

    case RECORD_SWITCH:
      break;

    default:
      entry = entry_of (recording, slot, record);
      follow_mode (recording, record);
      ledger_apply (&recording->ledger, &entry);
      follow_in_table (recording, record);
    }

  if (writer_is_full (&recording->writer) ||
      dictionary_pending (&recording->dictionary) + recording->annotations.length > MAX_PENDING)
    flush (recording);
}

static void
handle_told (void         *data,
             MergeSlot    *slot,
             const Record *record,
             uint64_t      birth)
{
  Recording *recording = data;
  LedgerEntry entry = entry_of (recording, slot, record);

  ledger_apply_told (&recording->ledger, &entry, birth);
  follow_in_table (recording, record);
}

static bool
handle_find_death (void        *data,
                   uint64_t     address,
                   uint64_t     birth,
                   LedgerEntry *entry,
                   Record      *record)
{
  Recording *recording = data;
  MergeSlot *slot;

  if (!merge_find_death (&recording->merge, address, birth, &slot, record))
    return false;

  *entry = entry_of (recording, slot, record);

  return true;
}

static void
handle_opened (void      *data,
               MergeSlot *slot)
{
  Recording *recording = data;
  char name[64];
  size_t length = 0;

  slot->thread = thread_table_add (&recording->threads, slot->serial, slot->tid,
                                   stamp_clock_time (&recording->clock, slot->shared->base_stamp, 0));

  if (recording->host.thread_name != NULL)
    length = recording->host.thread_name (recording->host.data, slot->tid, name, sizeof name);
  if (length != 0)
    recording_name_thread (recording, slot->thread, name, length);
}

static void
handle_closed (void      *data,
               MergeSlot *slot)
{
  Recording *recording = data;
  uint64_t events = atomic_load_explicit (&slot->shared->lost_events, memory_order_acquire);
  uint64_t now = recording_get_time (recording);

  if (events != 0)
    add_gap (recording, &(MemscopeGap) {
      .begin = recording->writer.last_time,
      .end = now > recording->writer.last_time ? now : recording->writer.last_time,
      .events = events,
      .bytes = atomic_load_explicit (&slot->shared->lost_bytes, memory_order_relaxed),
      .thread = slot->thread,
      .reason = MEMSCOPE_GAP_RING_FULL,
    });

  if (!slot->switched)
    {
      thread_table_end (&recording->threads, slot->thread, recording->writer.last_time);
      ledger_end_thread (&recording->ledger, slot->thread);
    }
}

static void
handle_broken (void      *data,
               MergeSlot *slot)
{
  Recording *recording = data;

  add_gap (recording, &(MemscopeGap) {
    .begin = recording->writer.last_time,
    .end = recording_get_time (recording),
    .events = MEMSCOPE_NOT_RECORDED,
    .bytes = MEMSCOPE_NOT_RECORDED,
    .thread = slot->thread,
    .reason = MEMSCOPE_GAP_DAMAGED,
  });

  if (recording->host.warn != NULL)
    recording->host.warn (recording->host.data,
                          "The program wrote over the recorder's memory; the events of one thread are missing from there on");
}

/* A birth's entry is written, which nothing waits for. */
static void
handle_ahead (void             *data,
              const MergeAhead *ahead,
              unsigned          stage)
{
  const Recording *recording = data;

  if (stage < 2 || ahead->kind == RECORD_DEATH || ahead->kind == RECORD_MOVE_BEGIN)
    live_map_fetch (&recording->ledger.live, ahead->address, stage);
}

static bool
handle_alive (void     *data,
              uint32_t  tid)
{
  Recording *recording = data;

  return recording->host.thread_alive (recording->host.data, tid);
}

/* ---- time ----------------------------------------------------------------------- */

static void
add_clock_point (Recording           *recording,
                 const RecordingTime *now)
{
  memscope_clock_append (&recording->clock_points, &(MemscopeClockPoint) {
    .time = recording->clock.kind == CLOCK_TSC ? clock_map_nsec (&recording->clock.map, now->tick) / 1000
                                               : stamp_clock_time_of_nsec (&recording->clock, now->monotonic),
    .tick = now->tick,
    .monotonic_ns = now->monotonic,
    .realtime_ns = now->realtime,
  });
  recording->clock_event = writer_next_event (&recording->writer);
}

/* An idle program needs no clock points: none is made where there were no events. */
static void
adjust_clock (Recording           *recording,
              const RecordingTime *now)
{
  if (now->monotonic - recording->clock_adjusted < CLOCK_NSEC)
    return;

  recording->clock_adjusted = now->monotonic;
  if (recording->clock.kind == CLOCK_TSC)
    clock_map_adjust (&recording->clock.map, now->tick, now->monotonic);

  if (writer_next_event (&recording->writer) != recording->clock_event)
    add_clock_point (recording, now);
}

static MergeRound
begin_round (Recording           *recording,
             const RecordingTime *now,
             bool                 final)
{
  MergeRound round = { .monotonic = now->monotonic, .limit = recording->limit, .final = final };

  if (recording->clock.kind == CLOCK_TSC)
    {
      round.now = now->tick;
      round.margin = clock_map_ticks (&recording->clock.map, MARGIN_NSEC);
    }
  else
    {
      /* Taking a number is an atomic operation that puts the hook's mark out first. */
      round.now = atomic_load_explicit (&recording->arena->stamp_counter, memory_order_seq_cst);
    }

  return round;
}

/* ---- from one way to record to the other ------------------------------------------- */

static uint64_t
present_stamp (const Recording     *recording,
               const RecordingTime *now)
{
  return recording->clock.kind == CLOCK_TSC ? now->tick
                                            : atomic_load_explicit (&recording->arena->stamp_counter, memory_order_seq_cst);
}

static void
set_mode (Recording *recording,
          uint32_t   mode)
{
  recording->wanted_mode = mode;
  if ((mode & ARENA_SAMPLING) != 0)
    atomic_fetch_or_explicit (&recording->arena->flags, mode, memory_order_seq_cst);
  atomic_fetch_and_explicit (&recording->arena->flags, ~(uint32_t)(ARENA_SAMPLING | ARENA_FILLING) | mode,
                             memory_order_seq_cst);
}

static bool
put_in_table (void     *data,
              uint64_t  address)
{
  return sample_table_insert (data, address);
}

/* The recorder tells of every death until the table knows all that is alive. What dies
 * meanwhile comes through the rings and is taken out again.
 */
static void
begin_sampling (Recording           *recording,
                const RecordingTime *now)
{
  SampleTable *table = arena_samples (recording->arena);
  uint64_t n;

  sample_table_clear (table);
  recording->ledger.sampled = true;
  atomic_store_explicit (&recording->arena->sampling_interval, recording->wanted_interval, memory_order_seq_cst);
  set_mode (recording, ARENA_SAMPLING | ARENA_FILLING);
  recording->filling = true;

  n = ledger_end_unwatched (&recording->ledger, recording->writer.last_time, put_in_table, table);
  if (n != 0)
    atomic_fetch_add_explicit (&recording->arena->samples_refused, n, memory_order_relaxed);
  if (writer_is_full (&recording->writer))
    flush (recording);
  recording->filled_stamp = present_stamp (recording, now);
}

/* The program has followed, and the stream is beyond that. */
static bool
has_gone_over (const Recording *recording)
{
  const ArenaHeader *arena = recording->arena;
  uint32_t followed = atomic_load_explicit (&arena->mode_followed, memory_order_acquire);

  return (followed & (ARENA_SAMPLING | ARENA_FILLING)) == recording->wanted_mode &&
         recording->merged >= atomic_load_explicit (&arena->mode_stamp, memory_order_relaxed);
}

static void
go_over (Recording           *recording,
         const RecordingTime *now)
{
  if (recording->filling)
    {
      if (has_gone_over (recording) && recording->merged >= recording->filled_stamp)
        {
          recording->filling = false;
          set_mode (recording, ARENA_SAMPLING);
        }
    }
  else if (recording->wanted_mode == 0 && recording->wanted_interval != 0 && has_gone_over (recording))
    {
      begin_sampling (recording, now);
    }
}

/* From samples to samples goes by way of everything: a sample says nothing of its interval. */
void
recording_set_sampling (Recording *recording,
                        uint64_t   interval)
{
  if (interval == recording->wanted_interval)
    return;

  recording->wanted_interval = interval;
  recording->filling = false;
  if (recording->wanted_mode != 0)
    set_mode (recording, 0);
}

uint64_t
recording_get_sampling (const Recording *recording)
{
  return recording->wanted_interval;
}

uint64_t
recording_drain (Recording *recording,
                 bool       final)
{
  RecordingTime now;
  MergeRound round;
  uint64_t n;

  recording->host.now (recording->host.data, &now);
  round = begin_round (recording, &now, final);
  recording->merge.looks_ahead = live_map_memory (&recording->ledger.live) > CACHED_MAP;
  n = merge_round (&recording->merge, &round);
  recording->merged = recording->merge.until;
  if (!final)
    go_over (recording, &now);

  adjust_clock (recording, &now);

  if (recording->epoch_began == 0 && something_waits (recording))
    recording->epoch_began = now.monotonic;

  if (recording->epoch_began != 0 && now.monotonic - recording->epoch_began >= recording->epoch_length)
    {
      dictionary_update_modules (&recording->dictionary);
      flush (recording);
    }

  atomic_fetch_add_explicit (&recording->arena->collector_progress, 1, memory_order_relaxed);

  return n;
}

/* Rings of threads that are just inside a hook are waited for, which takes 100 ms at most. */
#define CATCH_UP_ROUNDS     2000u
#define CATCH_UP_PAUSE_NSEC 200000L

bool
recording_catch_up (Recording *recording)
{
  const struct timespec pause = { .tv_nsec = CATCH_UP_PAUSE_NSEC };
  uint64_t limit = recording->limit;
  RecordingTime now;
  uint64_t stamp;
  bool reached = false;

  recording->host.now (recording->host.data, &now);
  stamp = recording->clock.kind == CLOCK_TSC ? now.tick
                                             : atomic_load_explicit (&recording->arena->stamp_counter, memory_order_seq_cst);
  if (stamp < limit)
    recording->limit = stamp;

  for (unsigned i = 0; i < CATCH_UP_ROUNDS && !reached; i++)
    {
      if (i > 0)
        syscall (SYS_nanosleep, &pause, NULL);
      recording_drain (recording, false);
      reached = recording_reached_limit (recording);
    }

  recording->limit = limit;
  recording_flush (recording);

  return reached && stamp <= limit;
}

/* ---- life ------------------------------------------------------------------------- */

static bool
begin_file (Recording              *recording,
            const RecordingOptions *options)
{
  MemscopeFileHeader *header = &recording->header;

  header->created_unix_ns = options->start.realtime;
  header->flags = options->file_flags | MEMSCOPE_FILE_ACCOUNTED;
  memcpy (header->session_uuid, options->session_uuid, sizeof header->session_uuid);
  memcpy (header->tree_uuid, options->tree_uuid, sizeof header->tree_uuid);
  if (options->segments)
    header->flags |= 1u << MEMSCOPE_FILE_SEGMENT_SHIFT;

  if (!writer_begin (&recording->writer, header))
    return false;

  add_clock_point (recording, &options->start);

  return true;
}

static void
init_buffers (Recording *recording)
{
  pages_buffer_init (&recording->facts);
  pages_buffer_init (&recording->samples);
  pages_buffer_init (&recording->marks);
  pages_buffer_init (&recording->modes);
  pages_buffer_init (&recording->gaps);
  pages_buffer_init (&recording->clock_points);
  pages_buffer_init (&recording->annotations);
  pages_buffer_init (&recording->all_facts);
}

Recording *
recording_new (ArenaHeader            *arena,
               const RecordingOptions *options)
{
  Recording *recording = pages_map (sizeof *recording);
  MergeHandler handler = {
    .data = recording,
    .opened = handle_opened,
    .record = handle_record,
    .told = handle_told,
    .closed = handle_closed,
    .broken = handle_broken,
    .alive = handle_alive,
    .ahead = handle_ahead,
  };

  if (recording == NULL)
    return NULL;

  recording->arena = arena;
  recording->host = options->host;
  recording->start = options->start;
  recording->limit = UINT64_MAX;
  recording->epoch_length = EPOCH_NSEC;
  recording->clock_adjusted = options->start.monotonic;
  recording->clock = (StampClock) { .kind = arena->clock, .first_nsec = options->start.monotonic };
  clock_map_init (&recording->clock.map, options->start.tick, options->start.monotonic, options->nsec_per_tick);
  init_buffers (recording);
  thread_table_init (&recording->threads);

  if (!writer_init (&recording->writer, &options->output) ||
      !dictionary_init (&recording->dictionary, arena, &recording->clock) ||
      !merge_init (&recording->merge, arena, &handler) ||
      !ledger_init (&recording->ledger, &recording->writer,
                    &(LedgerOracle) { .data = recording, .find_death = handle_find_death }))
    {
      recording_free (recording);
      return NULL;
    }

  recording->segments = recording->writer.endures = recording->dictionary.keeps = options->segments;
  recording->interval = atomic_load_explicit (&arena->sampling_interval, memory_order_relaxed);
  recording->ledger.sampled = recording->interval != 0;
  recording->wanted_interval = recording->interval;
  recording->wanted_mode = recording->interval != 0 ? ARENA_SAMPLING : 0;

  if (!begin_file (recording, options))
    {
      recording_free (recording);
      return NULL;
    }

  return recording;
}

void
recording_free (Recording *recording)
{
  if (recording == NULL)
    return;

  merge_clear (&recording->merge);
  ledger_clear (&recording->ledger);
  dictionary_clear (&recording->dictionary);
  thread_table_clear (&recording->threads);
  writer_clear (&recording->writer);
  pages_buffer_clear (&recording->facts);
  pages_buffer_clear (&recording->samples);
  pages_buffer_clear (&recording->marks);
  pages_buffer_clear (&recording->modes);
  pages_buffer_clear (&recording->gaps);
  pages_buffer_clear (&recording->clock_points);
  pages_buffer_clear (&recording->annotations);
  pages_buffer_clear (&recording->all_facts);
  pages_unmap (recording, sizeof *recording);
}

/* Threads that wait for room are woken: they find recording switched off. */
void
recording_disable (Recording *recording)
{
  if (recording->disabled)
    return;

  recording->disabled = true;
  atomic_fetch_and_explicit (&recording->arena->flags, ~(uint32_t)ARENA_ENABLED, memory_order_seq_cst);

  for (uint32_t i = 0; i < recording->merge.n_slots; i++)
    {
      _Atomic uint32_t *wanted = &recording->merge.slots[i].shared->space_wanted;

      if (atomic_exchange_explicit (wanted, 0, memory_order_seq_cst) != 0)
        syscall (SYS_futex, wanted, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
    }
}

static void
add_refused (Recording *recording)
{
  uint64_t refused = atomic_load_explicit (&recording->arena->slots_refused, memory_order_relaxed);

  if (refused != 0)
    add_gap (recording, &(MemscopeGap) {
      .end = recording->writer.last_time,
      .events = refused,
      .bytes = MEMSCOPE_NOT_RECORDED,
      .reason = MEMSCOPE_GAP_RING_FULL,
    });

  refused = atomic_load_explicit (&recording->arena->samples_refused, memory_order_relaxed);
  if (refused != 0)
    add_gap (recording, &(MemscopeGap) {
      .end = recording->writer.last_time,
      .events = refused,
      .bytes = MEMSCOPE_NOT_RECORDED,
      .reason = MEMSCOPE_GAP_DEATHS,
    });
}

static void end_segment (Recording *recording, MemscopeEndReason reason, uint32_t status);

/* What the program had to write, stacks included: a figure of the recorder's own. */
static void
add_bytes_in_flight (Recording *recording)
{
  uint64_t n_nodes = atomic_load_explicit (&recording->arena->n_nodes, memory_order_relaxed);
  char text[24];
  int length = snprintf (text, sizeof text, "%" PRIu64, recording->merge.passed + n_nodes * sizeof (StackNode));

  recording_add_fact (recording, "bytes_in_flight", text, (uint32_t)length);
}

void
recording_end (Recording         *recording,
               MemscopeEndReason  reason,
               uint32_t           status)
{
  RecordingTime now;

  recording->host.now (recording->host.data, &now);
  if (recording->clock.kind == CLOCK_TSC)
    clock_map_adjust (&recording->clock.map, now.tick, now.monotonic);

  add_clock_point (recording, &now);
  add_refused (recording);
  add_bytes_in_flight (recording);
  dictionary_update_modules (&recording->dictionary);
  flush (recording);
  if (!recording->writer.failed && recording->ledger.forgotten == 0 && !recording->segments && !recording->ledger.sampled)
    overview_write (&recording->ledger.overview, &recording->writer);

  end_segment (recording, reason, status);
}

/* ---- segments --------------------------------------------------------------------- */

static void
end_segment (Recording         *recording,
             MemscopeEndReason  reason,
             uint32_t           status)
{
  writer_end (&recording->writer, &(MemscopeEnd) {
    .reason = reason,
    .status = status,
    .time = writer_clamp_time (&recording->writer, recording_get_time (recording)),
    .n_events = recording->writer.first_event,
    .n_births = recording->writer.first_birth,
    .failed_allocations = atomic_load_explicit (&recording->arena->failed_allocations, memory_order_relaxed),
    .unmatched_frees = recording->ledger.sampled ? MEMSCOPE_NOT_RECORDED : recording->ledger.unmatched_frees,
    .truncated_stacks = recording->truncated,
  });
}

void
recording_end_segment (Recording *recording)
{
  flush (recording);
  if (!recording->writer.idle)
    end_segment (recording, MEMSCOPE_END_CONTINUED, 0);
}

/* A bit for each thread that has a block alive. NULL: out of memory. */
static uint8_t *
find_used_threads (Recording *recording,
                   size_t    *size)
{
  const MemscopeLiveBlock *regions = recording->ledger.regions.blocks.data;
  MemscopeLiveBlock block;
  uint8_t *used;
  Vector keys;

  *size = recording->threads.n / 8 + 1;
  vector_init (&keys, sizeof (LiveKey));
  used = pages_map (*size);

  if (used != NULL && live_map_collect (&recording->ledger.live, &keys))
    {
      for (size_t i = 0; i < keys.length; i++)
        if (live_map_find (&recording->ledger.live, ((const LiveKey *)keys.data)[i].address, &block))
          used[block.thread / 8] |= (uint8_t)(1u << block.thread % 8);
      for (size_t i = 0; i < recording->ledger.regions.blocks.length; i++)
        used[regions[i].thread / 8] |= (uint8_t)(1u << regions[i].thread % 8);
    }
  else
    {
      pages_unmap (used, *size);
      used = NULL;
    }

  vector_clear (&keys);

  return used;
}

bool
recording_begin_segment (Recording *recording)
{
  RecordingTime now;
  uint8_t *used;
  size_t size;

  recording->header.flags += 1u << MEMSCOPE_FILE_SEGMENT_SHIFT;
  if (!writer_begin (&recording->writer, &recording->header))
    {
      writer_settle (&recording->writer);
      return false;
    }

  recording->facts.length = 0;
  memscope_buffer_append (&recording->facts, recording->all_facts.data, recording->all_facts.length);

  dictionary_update_modules (&recording->dictionary);
  dictionary_repeat (&recording->dictionary, &recording->writer);
  used = find_used_threads (recording, &size);
  thread_table_repeat (&recording->threads, used);
  pages_unmap (used, size);

  recording->host.now (recording->host.data, &now);
  add_clock_point (recording, &now);
  flush (recording);
  checkpoint_write (&recording->ledger, &recording->writer);
  recording->checkpoint_event = writer_next_event (&recording->writer);
  writer_settle (&recording->writer);

  return !recording->writer.idle;
}

bool
recording_is_idle (const Recording *recording)
{
  return recording->writer.idle;
}

void
recording_flush (Recording *recording)
{
  dictionary_update_modules (&recording->dictionary);
  flush (recording);
}

void
recording_set_epoch (Recording *recording,
                     uint64_t   nsec)
{
  recording->epoch_length = nsec != 0 ? nsec : EPOCH_NSEC;
}

uint32_t
recording_get_fill (const Recording *recording)
{
  return (uint32_t)recording->merge.fill;
}

bool
recording_has_failed (const Recording *recording)
{
  return recording->writer.failed;
}

/* ---- forks --------------------------------------------------------------------------- */

void
recording_set_limit (Recording *recording,
                     uint64_t   stamp)
{
  recording->limit = stamp;
}

bool
recording_reached_limit (const Recording *recording)
{
  return recording->merged >= recording->limit;
}

const LiveMap *
recording_get_live (const Recording *recording)
{
  return &recording->ledger.live;
}

const LedgerTotals *
recording_get_totals (const Recording *recording)
{
  return &recording->ledger.totals;
}

uint64_t
recording_get_n_lost (const Recording *recording)
{
  return recording->n_lost;
}

void
recording_take_live (Recording *recording,
                     LiveMap   *live)
{
  *live = recording->ledger.live;
  live_map_init (&recording->ledger.live);
  recording->live_taken = true;
}

bool
recording_inherit (Recording     *child,
                   const LiveMap *live,
                   size_t         max_bytes)
{
  if (live_map_memory (live) > max_bytes)
    return false;

  live_map_clear (&child->ledger.inherited);

  return live_map_copy (&child->ledger.inherited, live);
}

/* ---- context -------------------------------------------------------------------------- */

uint64_t
recording_get_time (Recording *recording)
{
  RecordingTime now;

  recording->host.now (recording->host.data, &now);

  return recording->clock.kind == CLOCK_TSC ? clock_map_nsec (&recording->clock.map, now.tick) / 1000
                                            : stamp_clock_time_of_nsec (&recording->clock, now.monotonic);
}

uint64_t
recording_get_n_events (const Recording *recording)
{
  return writer_next_event (&recording->writer);
}

uint64_t
recording_get_n_births (const Recording *recording)
{
  return writer_next_birth (&recording->writer);
}

uint64_t
recording_get_file_size (const Recording *recording)
{
  return recording->writer.offset;
}

void
recording_add_fact (Recording  *recording,
                    const char *key,
                    const void *value,
                    uint32_t    length)
{
  memscope_fact_append (&recording->facts, key, value, length);
  if (recording->segments)
    memscope_fact_append (&recording->all_facts, key, value, length);
}

void
recording_add_sample (Recording            *recording,
                      const MemscopeSample *sample)
{
  if (recording->samples.length == 0)
    recording->first_sample = sample->time;

  recording->last_sample = sample->time;
  memscope_sample_append (&recording->samples, sample);
}

void
recording_add_mark (Recording  *recording,
                    const char *text)
{
  add_mark (recording, 0, recording_get_time (recording), text, (uint32_t)strlen (text));
}

uint32_t
recording_add_string (Recording  *recording,
                      const void *bytes,
                      uint32_t    length)
{
  return string_table_add (&recording->dictionary.strings, bytes, length);
}

void
recording_add_mappings (Recording            *recording,
                        const MemscopeBuffer *mappings)
{
  uint64_t time = recording_get_time (recording);
  MemscopeChunkHead head = {
    .first_event = recording->writer.first_event,
    .first_birth = recording->writer.first_birth,
    .first_time = time,
    .last_time = time,
    .min_address = UINT64_MAX,
  };

  dictionary_write (&recording->dictionary, &recording->writer);
  writer_add_chunk (&recording->writer, MEMSCOPE_CHUNK_MAPPINGS, &head, mappings);
}

uint32_t
recording_find_thread (const Recording *recording,
                       uint32_t         tid)
{
  return thread_table_find_tid (&recording->threads, tid);
}

void
recording_name_thread (Recording  *recording,
                       uint32_t    thread,
                       const char *name,
                       size_t      length)
{
  thread_table_name (&recording->threads, thread,
                     string_table_add (&recording->dictionary.strings, name, (uint32_t)length), false);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The payload of an EVENTS chunk: one column per field, each with its length up
 * front, so that a reader may skip or decode columns by themselves and the
 * compressor sees like beside like. FORMAT.md has the grammar.
 */

#include "memscope-varint.h"

#include <string.h>

enum
{
  COLUMN_OP,
  COLUMN_THREAD,         /* runs: id, length - 1 */
  COLUMN_TIME,           /* runs: microseconds since the run before, length - 1 */
  COLUMN_ADDRESS,        /* births: zig-zag difference to the birth before, in units of 16 */
  COLUMN_SIZE,           /* births */
  COLUMN_STACK,          /* births */
  COLUMN_ROUNDING,       /* births with OP_ROUNDING */
  COLUMN_ALIGNMENT,      /* births with OP_ALIGNMENT: log2, one byte */
  COLUMN_PREVIOUS,       /* births by realloc: births ago, 0 = not known */
  COLUMN_AGO,            /* deaths by index: births ago */
  COLUMN_DEATH_ADDRESS,  /* deaths by address: like ADDRESS, among themselves */
  COLUMN_DEATH_STACK,    /* deaths */
  N_COLUMNS
};

/* The most bytes one event can add to each column; runs are counted per event. */
static const uint8_t column_bound[N_COLUMNS] = { 1, 10, 15, 11, 10, 5, 5, 1, 10, 10, 11, 5 };

enum
{
  OP_KIND             = 0x0f,
  OP_ROUNDING         = 0x10,  /* the rounding is not what glibc's rule says */
  OP_ALIGNMENT        = 0x20,
  OP_UNALIGNED        = 0x40,  /* the address is no multiple of 16: its low bits follow it as a byte */
  OP_ROUNDING_UNKNOWN = 0x80,
};

#define DIRECTORY_SIZE (N_COLUMNS * sizeof (uint32_t))

/* glibc: chunks of 16 bytes, 8 of them the header, at least 32 in all. */
static inline uint32_t
expected_rounding (uint64_t size)
{
  uint64_t usable = ((size + 23) & ~UINT64_C (15)) - 8;

  return (uint32_t)((usable < 24 ? 24 : usable) - size);
}

static inline bool
kind_is_by_address (uint8_t kind)
{
  return kind == MEMSCOPE_EVENT_FREE_UNKNOWN || kind == MEMSCOPE_EVENT_REALLOC_UNKNOWN;
}

/* ---- writing ------------------------------------------------------------ */

typedef struct
{
  uint8_t *at[N_COLUMNS];
  uint64_t last_birth_address;
  uint64_t last_death_address;
  uint64_t run_time;          /* of the open run, and the one before it */
  uint64_t base_time;
  uint32_t run_thread;
  uint32_t thread_run;
  uint32_t time_run;
} Columns;

static inline void
put (Columns  *columns,
     int       column,
     uint64_t  value)
{
  columns->at[column] += memscope_varint_write (columns->at[column], value);
}

static inline uint8_t
put_address (Columns  *columns,
             int       column,
             uint64_t *last,
             uint64_t  address)
{
  put (columns, column, memscope_zigzag_encode ((int64_t)((address >> 4) - (*last >> 4))));
  *last = address;
  if ((address & 15) == 0)
    return 0;
  *columns->at[column]++ = address & 15;

  return OP_UNALIGNED;
}

static uint8_t
put_birth (Columns             *columns,
           const MemscopeEvent *event)
{
  uint8_t op = event->kind;

  op |= put_address (columns, COLUMN_ADDRESS, &columns->last_birth_address, event->address);
  put (columns, COLUMN_SIZE, event->size);
  put (columns, COLUMN_STACK, event->stack);

  if (event->rounding == MEMSCOPE_USABLE_UNKNOWN)
    op |= OP_ROUNDING_UNKNOWN;
  else if (event->rounding != expected_rounding (event->size))
    {
      op |= OP_ROUNDING;
      put (columns, COLUMN_ROUNDING, event->rounding);
    }
  if (event->alignment_log2 != 0)
    {
      op |= OP_ALIGNMENT;
      *columns->at[COLUMN_ALIGNMENT]++ = event->alignment_log2;
    }
  if (event->kind == MEMSCOPE_EVENT_REALLOC)
    put (columns, COLUMN_PREVIOUS, event->ago);

  return op;
}

static uint8_t
put_death (Columns             *columns,
           const MemscopeEvent *event)
{
  uint8_t op = event->kind;

  if (kind_is_by_address (event->kind))
    op |= put_address (columns, COLUMN_DEATH_ADDRESS, &columns->last_death_address, event->address);
  else
    put (columns, COLUMN_AGO, event->ago);
  put (columns, COLUMN_DEATH_STACK, event->stack);

  return op;
}

static void
close_thread_run (Columns *columns)
{
  if (columns->thread_run == 0)
    return;
  put (columns, COLUMN_THREAD, columns->run_thread);
  put (columns, COLUMN_THREAD, columns->thread_run - 1);
}

static void
close_time_run (Columns *columns)
{
  if (columns->time_run == 0)
    return;
  put (columns, COLUMN_TIME, columns->run_time - columns->base_time);
  put (columns, COLUMN_TIME, columns->time_run - 1);
  columns->base_time = columns->run_time;
}

static inline void
put_runs (Columns             *columns,
          const MemscopeEvent *event)
{
  if (columns->thread_run != 0 && event->thread != columns->run_thread)
    {
      close_thread_run (columns);
      columns->thread_run = 0;
    }
  columns->run_thread = event->thread;
  columns->thread_run++;

  if (columns->time_run != 0 && event->time != columns->run_time)
    {
      close_time_run (columns);
      columns->time_run = 0;
    }
  columns->run_time = event->time;
  columns->time_run++;
}

/* Moves the columns together, behind the directory of their lengths. */
static size_t
pack_columns (uint8_t       *payload,
              uint8_t *const start[N_COLUMNS],
              const Columns *columns)
{
  size_t used = DIRECTORY_SIZE;

  for (int i = 0; i < N_COLUMNS; i++)
    {
      uint32_t length = (uint32_t)(columns->at[i] - start[i]);

      memcpy (payload + i * sizeof length, &length, sizeof length);
      memmove (payload + used, start[i], length);
      used += length;
    }

  return used;
}

void
memscope_events_encode (const MemscopeEvent *events,
                        size_t               n_events,
                        uint64_t             first_event,
                        uint64_t             first_birth,
                        MemscopeChunkHead   *head,
                        MemscopeBuffer      *out)
{
  Columns columns = { .at = { NULL } };
  uint8_t *start[N_COLUMNS];
  uint8_t *payload;
  size_t bound = DIRECTORY_SIZE;
  uint64_t min_address = UINT64_MAX, max_address = 0;
  uint32_t n_births = 0;
  size_t used;

  for (int i = 0; i < N_COLUMNS; i++)
    bound += column_bound[i] * n_events;

  payload = memscope_buffer_reserve (out, bound);
  if (payload == NULL)
    return;

  start[0] = payload + DIRECTORY_SIZE;
  for (int i = 1; i < N_COLUMNS; i++)
    start[i] = start[i - 1] + column_bound[i - 1] * n_events;
  memcpy (columns.at, start, sizeof start);

  columns.base_time = n_events > 0 ? events[0].time : 0;
  for (size_t i = 0; i < n_events; i++)
    {
      const MemscopeEvent *event = &events[i];

      put_runs (&columns, event);
      if (memscope_event_is_birth (event->kind))
        {
          uint64_t end = event->address + event->size;

          *columns.at[COLUMN_OP]++ = put_birth (&columns, event);
          n_births++;
          if (event->address < min_address)
            min_address = event->address;
          if (end > max_address)
            max_address = end;
        }
      else
        *columns.at[COLUMN_OP]++ = put_death (&columns, event);
    }
  close_thread_run (&columns);
  close_time_run (&columns);

  used = pack_columns (payload, start, &columns);
  out->length += used;

  head->kind = MEMSCOPE_CHUNK_EVENTS;
  head->raw_size = (uint32_t)used;
  head->first_event = first_event;
  head->first_birth = first_birth;
  head->n_events = (uint32_t)n_events;
  head->n_births = n_births;
  head->first_time = n_events > 0 ? events[0].time : 0;
  head->last_time = n_events > 0 ? events[n_events - 1].time : 0;
  head->min_address = min_address;
  head->max_address = max_address;
}

/* ---- reading -------------------------------------------------------------- */

typedef struct
{
  MemscopeCursor column[N_COLUMNS];
  uint64_t       last_birth_address;
  uint64_t       last_death_address;
  uint64_t       time;
  uint64_t       births;       /* before the event at hand, in the whole stream */
  uint32_t       thread;
  uint64_t       thread_run;   /* events left */
  uint64_t       time_run;
} Decoder;

static bool
open_columns (Decoder       *decoder,
              const uint8_t *payload,
              size_t         length)
{
  const uint8_t *at = payload + DIRECTORY_SIZE;
  const uint8_t *end = payload + length;

  if (length < DIRECTORY_SIZE)
    return false;

  for (int i = 0; i < N_COLUMNS; i++)
    {
      uint32_t column_length;

      memcpy (&column_length, payload + i * sizeof column_length, sizeof column_length);
      if (column_length > (size_t)(end - at))
        return false;
      decoder->column[i] = (MemscopeCursor) { at, at + column_length, false };
      at += column_length;
    }

  return at == end;
}

static bool
close_columns (const Decoder *decoder)
{
  for (int i = 0; i < N_COLUMNS; i++)
    if (decoder->column[i].failed || !memscope_cursor_at_end (&decoder->column[i]))
      return false;

  return decoder->thread_run == 0 && decoder->time_run == 0;
}

static inline uint8_t
get_byte (MemscopeCursor *cursor)
{
  if (cursor->at >= cursor->end)
    return (uint8_t)memscope_cursor_fail (cursor);

  return *cursor->at++;
}

static inline uint64_t
get_address (MemscopeCursor *cursor,
             uint64_t       *last,
             uint8_t         op)
{
  uint64_t units = (*last >> 4) + (uint64_t)memscope_cursor_zigzag (cursor);
  uint64_t address = units << 4;

  if (op & OP_UNALIGNED)
    address |= get_byte (cursor) & 15;
  *last = address;

  return address;
}

static inline void
get_runs (Decoder       *decoder,
          MemscopeEvent *event)
{
  if (decoder->thread_run == 0)
    {
      decoder->thread = memscope_cursor_varint32 (&decoder->column[COLUMN_THREAD]);
      decoder->thread_run = (uint64_t)memscope_cursor_varint32 (&decoder->column[COLUMN_THREAD]) + 1;
    }
  if (decoder->time_run == 0)
    {
      uint64_t step = memscope_cursor_varint (&decoder->column[COLUMN_TIME]);

      if (step > UINT64_MAX - decoder->time)
        step = memscope_cursor_fail (&decoder->column[COLUMN_TIME]);
      decoder->time += step;
      decoder->time_run = (uint64_t)memscope_cursor_varint32 (&decoder->column[COLUMN_TIME]) + 1;
    }
  decoder->thread_run--;
  decoder->time_run--;
  event->thread = decoder->thread;
  event->time = decoder->time;
}

static inline bool
get_birth (Decoder       *decoder,
           MemscopeEvent *event,
           uint8_t        op)
{
  MemscopeCursor *column = decoder->column;

  event->address = get_address (&column[COLUMN_ADDRESS], &decoder->last_birth_address, op);
  event->size = memscope_cursor_varint (&column[COLUMN_SIZE]);
  event->stack = memscope_cursor_varint32 (&column[COLUMN_STACK]);

  if (op & OP_ROUNDING_UNKNOWN)
    event->rounding = MEMSCOPE_USABLE_UNKNOWN;
  else if (op & OP_ROUNDING)
    event->rounding = memscope_cursor_varint32 (&column[COLUMN_ROUNDING]);
  else
    event->rounding = expected_rounding (event->size);

  if (op & OP_ALIGNMENT)
    {
      event->alignment_log2 = get_byte (&column[COLUMN_ALIGNMENT]);
      if (event->alignment_log2 > 63)
        return false;
    }
  if (event->kind == MEMSCOPE_EVENT_REALLOC)
    {
      event->ago = memscope_cursor_varint (&column[COLUMN_PREVIOUS]);
      if (event->ago > decoder->births)
        return false;
    }
  decoder->births++;

  return true;
}

static inline bool
get_death (Decoder       *decoder,
           MemscopeEvent *event,
           uint8_t        op)
{
  MemscopeCursor *column = decoder->column;

  event->stack = memscope_cursor_varint32 (&column[COLUMN_DEATH_STACK]);
  if (kind_is_by_address (event->kind))
    {
      event->address = get_address (&column[COLUMN_DEATH_ADDRESS], &decoder->last_death_address, op);
      return true;
    }
  event->ago = memscope_cursor_varint (&column[COLUMN_AGO]);

  return event->ago >= 1 && event->ago <= decoder->births;
}

bool
memscope_events_decode (const MemscopeChunkHead *head,
                        const void              *payload,
                        size_t                   length,
                        MemscopeEvent           *events)
{
  Decoder decoder = { .time = head->first_time, .births = head->first_birth };
  const uint8_t *ops;

  if (!open_columns (&decoder, payload, length))
    return false;
  ops = memscope_cursor_bytes (&decoder.column[COLUMN_OP], head->n_events);
  if (ops == NULL)
    return false;

  for (uint32_t i = 0; i < head->n_events; i++)
    {
      MemscopeEvent *event = &events[i];
      uint8_t op = ops[i];

      *event = (MemscopeEvent) { .kind = op & OP_KIND };
      if (event->kind == MEMSCOPE_EVENT_INVALID || event->kind >= MEMSCOPE_EVENT_N_KINDS)
        return false;

      get_runs (&decoder, event);
      if (!(memscope_event_is_birth (event->kind) ? get_birth : get_death) (&decoder, event, op))
        return false;
    }

  return close_columns (&decoder) &&
         decoder.births == head->first_birth + head->n_births &&
         (head->n_events == 0 || decoder.time == head->last_time);
}

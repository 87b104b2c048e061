/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The payload of an EVENTS chunk: columns, so that like stands next to like
 * and a general compressor finds it.
 *
 *   u32 N_COLUMNS, u32 length of each column, then the columns
 *
 * The operation column has one byte per event and says which of the other
 * columns have something about it. Everything that is a difference starts anew
 * in each chunk: chunks decode alone.
 */

#include <string.h>

#include "memscope-varint.h"

typedef enum
{
  COLUMN_OPERATIONS,     /* a byte: kind | OPERATION_* */
  COLUMN_TIMES,          /* runs: µs since the run before, events - 1 */
  COLUMN_THREADS,        /* runs: thread, events - 1 */
  COLUMN_ADDRESSES,      /* births, unknown deaths: difference, zig-zag */
  COLUMN_SIZES,          /* births */
  COLUMN_BIRTH_STACKS,
  COLUMN_DEATH_STACKS,
  COLUMN_AGO,            /* deaths by index */
  COLUMN_PREVIOUS,       /* births with OPERATION_PREVIOUS */
  COLUMN_ROUNDINGS,      /* births with OPERATION_ROUNDING: plus one, 0 = unknown */
  COLUMN_ALIGNMENTS,     /* births with OPERATION_ALIGNMENT: a byte */
  N_COLUMNS,
} Column;

enum
{
  OPERATION_KIND      = 0x0f,
  OPERATION_ROUNDING  = 0x10,  /* not memscope_event_expected_rounding() */
  OPERATION_ALIGNMENT = 0x20,
  OPERATION_PREVIOUS  = 0x40,
  OPERATION_UNALIGNED = 0x80,  /* the address is no multiple of 16: its difference is in bytes */
};

#define MAX_ALIGNMENT_LOG2 63u

/* Threads have arenas of their own, so addresses are compared with the last one
 * of the same thread; of the same slot, to be exact.
 */
#define N_ADDRESS_SLOTS 64u

static inline uint64_t *
address_slot (uint64_t *slots,
              uint32_t  thread)
{
  return &slots[thread % N_ADDRESS_SLOTS];
}

/* ---- encoding ------------------------------------------------------------ */

/* The open end of the output, with room for a few numbers at any time. */
typedef struct
{
  MemscopeBuffer *out;
  uint8_t        *at;
  uint8_t        *end;
} Writer;

#define WRITER_ROOM  (2 * MEMSCOPE_VARINT_MAX_SIZE)
#define WRITER_STEP  16384u

static bool
writer_grow (Writer *writer)
{
  MemscopeBuffer *out = writer->out;

  out->length += (size_t)(writer->at - (out->data + out->length));

  if (!(writer->at = memscope_buffer_reserve (out, WRITER_STEP)))
    return false;

  writer->end = out->data + out->capacity;

  return true;
}

static inline bool
writer_make_room (Writer *writer)
{
  return (size_t)(writer->end - writer->at) >= WRITER_ROOM || writer_grow (writer);
}

static inline void
write_number (Writer   *writer,
              uint64_t  value)
{
  writer->at += memscope_varint_write (writer->at, value);
}

static uint8_t
operation_of (const MemscopeEvent *event)
{
  uint8_t operation = event->kind;

  if (memscope_event_is_birth (event->kind))
    {
      if (event->rounding != memscope_event_expected_rounding (event->size))
        operation |= OPERATION_ROUNDING;
      if (event->alignment_log2 != 0)
        operation |= OPERATION_ALIGNMENT;
      if (event->ago != 0)
        operation |= OPERATION_PREVIOUS;
    }
  else if (!memscope_event_is_unknown_death (event->kind))
    {
      return operation;
    }

  if (event->address % 16 != 0)
    operation |= OPERATION_UNALIGNED;

  return operation;
}

static bool
write_operations (Writer              *writer,
                  const MemscopeEvent *events,
                  size_t               n_events)
{
  for (size_t i = 0; i < n_events; i++)
    {
      if (!writer_make_room (writer))
        return false;

      *writer->at++ = operation_of (&events[i]);
    }

  return true;
}

static bool
write_times (Writer              *writer,
             const MemscopeEvent *events,
             size_t               n_events)
{
  uint64_t time = n_events > 0 ? events[0].time : 0;

  for (size_t i = 0, run; i < n_events; i += run)
    {
      uint64_t next = events[i].time > time ? events[i].time : time;

      if (!writer_make_room (writer))
        return false;

      for (run = 1; i + run < n_events && events[i + run].time <= next; run++)
        ;

      write_number (writer, next - time);
      write_number (writer, run - 1);
      time = next;
    }

  return true;
}

static bool
write_threads (Writer              *writer,
               const MemscopeEvent *events,
               size_t               n_events)
{
  for (size_t i = 0, run; i < n_events; i += run)
    {
      uint32_t thread = events[i].thread;

      if (!writer_make_room (writer))
        return false;

      for (run = 1; i + run < n_events && events[i + run].thread == thread; run++)
        ;

      write_number (writer, thread);
      write_number (writer, run - 1);
    }

  return true;
}

static bool
write_addresses (Writer              *writer,
                 const MemscopeEvent *events,
                 size_t               n_events)
{
  uint64_t slots[N_ADDRESS_SLOTS] = { 0 };

  for (size_t i = 0; i < n_events; i++)
    {
      const MemscopeEvent *event = &events[i];
      uint64_t *last = address_slot (slots, event->thread);
      uint64_t difference;

      if (!memscope_event_is_birth (event->kind) && !memscope_event_is_unknown_death (event->kind))
        continue;

      if (!writer_make_room (writer))
        return false;

      if (event->address % 16 == 0)
        difference = (event->address >> 4) - (*last >> 4);
      else
        difference = event->address - *last;

      write_number (writer, memscope_zigzag_encode ((int64_t)difference));
      *last = event->address;
    }

  return true;
}

/* The columns that are one number of some of the events. */
static bool
write_plain (Writer              *writer,
             const MemscopeEvent *events,
             size_t               n_events,
             Column               column)
{
  for (size_t i = 0; i < n_events; i++)
    {
      const MemscopeEvent *event = &events[i];
      bool is_birth = memscope_event_is_birth (event->kind);

      if (!writer_make_room (writer))
        return false;

      if (column == COLUMN_DEATH_STACKS && !is_birth)
        write_number (writer, event->stack);
      else if (column == COLUMN_AGO && !is_birth && !memscope_event_is_unknown_death (event->kind))
        write_number (writer, event->ago);

      if (!is_birth)
        continue;

      if (column == COLUMN_SIZES)
        write_number (writer, event->size);
      else if (column == COLUMN_BIRTH_STACKS)
        write_number (writer, event->stack);
      else if (column == COLUMN_PREVIOUS && event->ago != 0)
        write_number (writer, event->ago);
      else if (column == COLUMN_ROUNDINGS && event->rounding != memscope_event_expected_rounding (event->size))
        write_number (writer, event->rounding == MEMSCOPE_USABLE_UNKNOWN ? 0 : (uint64_t)event->rounding + 1);
      else if (column == COLUMN_ALIGNMENTS && event->alignment_log2 != 0)
        *writer->at++ = event->alignment_log2;
    }

  return true;
}

static bool
write_column (Writer              *writer,
              const MemscopeEvent *events,
              size_t               n_events,
              Column               column)
{
  switch (column)
    {
    case COLUMN_OPERATIONS:
      return write_operations (writer, events, n_events);

    case COLUMN_TIMES:
      return write_times (writer, events, n_events);

    case COLUMN_THREADS:
      return write_threads (writer, events, n_events);

    case COLUMN_ADDRESSES:
      return write_addresses (writer, events, n_events);

    default:
      return write_plain (writer, events, n_events, column);
    }
}

static void
write_columns (MemscopeBuffer      *out,
               const MemscopeEvent *events,
               size_t               n_events)
{
  size_t table = out->length + sizeof (uint32_t);
  uint32_t n_columns = memscope_little_endian_32 (N_COLUMNS);
  uint32_t lengths[N_COLUMNS] = { 0 };

  memscope_buffer_append (out, &n_columns, sizeof n_columns);
  memscope_buffer_append (out, lengths, sizeof lengths);

  for (Column column = 0; column < N_COLUMNS && !out->failed; column++)
    {
      size_t start = out->length;
      Writer writer = { out, out->data + start, out->data + out->capacity };

      if (!write_column (&writer, events, n_events, column))
        return;

      out->length = (size_t)(writer.at - out->data);
      lengths[column] = memscope_little_endian_32 ((uint32_t)(out->length - start));
    }

  if (!out->failed)
    memcpy (out->data + table, lengths, sizeof lengths);
}

/* Fills the head's event fields. false: a reader would refuse these events. */
static bool
summarize (const MemscopeEvent *events,
           size_t               n_events,
           uint64_t             first_birth,
           MemscopeChunkHead   *head)
{
  head->n_births = 0;
  head->min_address = UINT64_MAX;
  head->max_address = 0;
  head->first_time = head->last_time = n_events > 0 ? events[0].time : 0;

  if (n_events > MEMSCOPE_CHUNK_MAX_EVENTS)
    return false;

  for (size_t i = 0; i < n_events; i++)
    {
      const MemscopeEvent *event = &events[i];
      bool is_birth = memscope_event_is_birth (event->kind);

      if (event->kind == MEMSCOPE_EVENT_INVALID || event->kind >= MEMSCOPE_EVENT_N_KINDS ||
          (is_birth && event->alignment_log2 > MAX_ALIGNMENT_LOG2))
        return false;

      if (is_birth ? event->ago > first_birth + head->n_births
                   : !memscope_event_is_unknown_death (event->kind) && event->ago - 1 >= first_birth + head->n_births)
        return false;

      if (event->time > head->last_time)
        head->last_time = event->time;

      if (is_birth)
        {
          uint64_t end = event->address + event->size;

          if (end < event->address)
            end = UINT64_MAX;
          if (event->address < head->min_address)
            head->min_address = event->address;
          if (end > head->max_address)
            head->max_address = end;

          head->n_births++;
        }
    }

  return true;
}

void
memscope_events_encode (const MemscopeEvent *events,
                        size_t               n_events,
                        uint64_t             first_event,
                        uint64_t             first_birth,
                        MemscopeChunkHead   *head,
                        MemscopeBuffer      *out)
{
  size_t start = out->length;

  head->kind = MEMSCOPE_CHUNK_EVENTS;
  head->codec = MEMSCOPE_CODEC_RAW;
  head->first_event = first_event;
  head->first_birth = first_birth;
  head->n_events = (uint32_t)n_events;

  if (!summarize (events, n_events, first_birth, head))
    {
      out->failed = true;
      return;
    }

  write_columns (out, events, n_events);

  if (out->length - start > MEMSCOPE_CHUNK_MAX_SIZE)
    out->failed = true;

  head->raw_size = (uint32_t)(out->length - start);
}

/* ---- decoding ------------------------------------------------------------ */

static bool
open_columns (const void     *payload,
              size_t          length,
              MemscopeCursor  columns[N_COLUMNS])
{
  const uint8_t *at = payload;
  const uint8_t *end = at + length;
  const uint8_t *lengths = at + sizeof (uint32_t);
  uint32_t n_columns;

  if (length < sizeof (uint32_t) * (1 + N_COLUMNS))
    return false;

  memcpy (&n_columns, at, sizeof n_columns);

  if (memscope_little_endian_32 (n_columns) != N_COLUMNS)
    return false;

  at = lengths + sizeof (uint32_t) * N_COLUMNS;

  for (unsigned i = 0; i < N_COLUMNS; i++)
    {
      uint32_t column_length;

      memcpy (&column_length, lengths + i * sizeof column_length, sizeof column_length);
      column_length = memscope_little_endian_32 (column_length);

      if (column_length > (size_t)(end - at))
        return false;

      memscope_cursor_init (&columns[i], at, column_length);
      at += column_length;
    }

  return at == end;
}

/* What is carried from event to event. */
typedef struct
{
  MemscopeCursor columns[N_COLUMNS];
  uint64_t       slots[N_ADDRESS_SLOTS];
  uint64_t       births;          /* before the current event, in the whole stream */
  uint64_t       min_address;
  uint64_t       max_address;
  uint64_t       time;
  uint64_t       time_run;        /* events left at this time */
  uint64_t       thread_run;
  uint32_t       thread;
  bool           failed;
} Decoder;

static inline void
decode_time (Decoder       *decoder,
             MemscopeEvent *event)
{
  if (decoder->time_run == 0)
    {
      MemscopeCursor *column = &decoder->columns[COLUMN_TIMES];
      uint64_t time = decoder->time + memscope_cursor_varint (column);

      decoder->failed |= time < decoder->time;
      decoder->time = time;
      decoder->time_run = memscope_cursor_varint (column);
    }
  else
    {
      decoder->time_run--;
    }

  event->time = decoder->time;
}

static inline void
decode_thread (Decoder       *decoder,
               MemscopeEvent *event)
{
  if (decoder->thread_run == 0)
    {
      MemscopeCursor *column = &decoder->columns[COLUMN_THREADS];

      decoder->thread = memscope_cursor_varint32 (column);
      decoder->thread_run = memscope_cursor_varint (column);
    }
  else
    {
      decoder->thread_run--;
    }

  event->thread = decoder->thread;
}

static inline uint64_t
decode_address (Decoder *decoder,
                uint8_t  operation)
{
  uint64_t *last = address_slot (decoder->slots, decoder->thread);
  uint64_t difference = (uint64_t)memscope_zigzag_decode (memscope_cursor_varint (&decoder->columns[COLUMN_ADDRESSES]));

  if (operation & OPERATION_UNALIGNED)
    *last += difference;
  else
    *last = ((*last >> 4) + difference) << 4;

  return *last;
}

static inline void
decode_birth (Decoder       *decoder,
              uint8_t        operation,
              MemscopeEvent *event)
{
  uint64_t end;

  event->address = decode_address (decoder, operation);
  event->size = memscope_cursor_varint (&decoder->columns[COLUMN_SIZES]);
  event->stack = memscope_cursor_varint32 (&decoder->columns[COLUMN_BIRTH_STACKS]);
  event->ago = 0;
  event->rounding = memscope_event_expected_rounding (event->size);
  event->alignment_log2 = 0;

  if (operation & OPERATION_PREVIOUS)
    {
      event->ago = memscope_cursor_varint (&decoder->columns[COLUMN_PREVIOUS]);
      decoder->failed |= event->ago - 1 >= decoder->births;
    }

  if (operation & OPERATION_ROUNDING)
    event->rounding = memscope_cursor_varint32 (&decoder->columns[COLUMN_ROUNDINGS]) - 1;

  if (operation & OPERATION_ALIGNMENT)
    {
      const uint8_t *byte = memscope_cursor_bytes (&decoder->columns[COLUMN_ALIGNMENTS], 1);

      event->alignment_log2 = byte ? *byte : 0;
      decoder->failed |= event->alignment_log2 > MAX_ALIGNMENT_LOG2;
    }

  end = event->address + event->size;

  if (end < event->address)
    end = UINT64_MAX;
  if (event->address < decoder->min_address)
    decoder->min_address = event->address;
  if (end > decoder->max_address)
    decoder->max_address = end;

  decoder->births++;
}

static inline void
decode_death (Decoder       *decoder,
              uint8_t        operation,
              MemscopeEvent *event)
{
  event->address = 0;
  event->size = 0;
  event->ago = 0;
  event->rounding = 0;
  event->alignment_log2 = 0;
  event->stack = memscope_cursor_varint32 (&decoder->columns[COLUMN_DEATH_STACKS]);

  if (memscope_event_is_unknown_death (event->kind))
    {
      event->address = decode_address (decoder, operation);
      operation &= (uint8_t)~OPERATION_UNALIGNED;
    }
  else
    {
      event->ago = memscope_cursor_varint (&decoder->columns[COLUMN_AGO]);
      decoder->failed |= event->ago - 1 >= decoder->births;
    }

  decoder->failed |= operation != event->kind;
}

/* Whether everything was used up and the head told the truth. */
static bool
decoder_agrees (const Decoder           *decoder,
                const MemscopeChunkHead *head,
                const MemscopeEvent     *events)
{
  bool failed = decoder->failed || decoder->time_run != 0 || decoder->thread_run != 0;

  for (unsigned i = 0; i < N_COLUMNS; i++)
    failed |= decoder->columns[i].failed || decoder->columns[i].at != decoder->columns[i].end;

  return !failed &&
         (head->n_events == 0 || events[0].time == head->first_time) &&
         decoder->births == head->first_birth + head->n_births &&
         decoder->time == head->last_time &&
         decoder->min_address == head->min_address &&
         decoder->max_address == head->max_address;
}

bool
memscope_events_decode (const MemscopeChunkHead *head,
                        const void              *payload,
                        size_t                   length,
                        MemscopeEvent           *events)
{
  Decoder decoder = { .births = head->first_birth, .time = head->first_time, .min_address = UINT64_MAX };
  const uint8_t *operations;

  if (head->n_events > MEMSCOPE_CHUNK_MAX_EVENTS ||
      head->first_birth > UINT64_MAX - MEMSCOPE_CHUNK_MAX_EVENTS ||
      !open_columns (payload, length, decoder.columns) ||
      !(operations = memscope_cursor_bytes (&decoder.columns[COLUMN_OPERATIONS], head->n_events)))
    return false;

  for (uint32_t i = 0; i < head->n_events; i++)
    {
      MemscopeEvent *event = &events[i];

      event->kind = operations[i] & OPERATION_KIND;
      event->reserved[0] = event->reserved[1] = 0;

      decode_time (&decoder, event);
      decode_thread (&decoder, event);

      if (memscope_event_is_birth (event->kind))
        decode_birth (&decoder, operations[i], event);
      else if (event->kind != MEMSCOPE_EVENT_INVALID && event->kind < MEMSCOPE_EVENT_N_KINDS)
        decode_death (&decoder, operations[i], event);
      else
        return false;
    }

  return decoder_agrees (&decoder, head, events);
}

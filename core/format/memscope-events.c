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

/* The most one event can add to each column. Runs are at most as many as
 * events, and their lengths fit three bytes.
 */
static const uint8_t column_bounds[N_COLUMNS] = {
  [COLUMN_OPERATIONS] = 1,
  [COLUMN_TIMES] = 10 + 3,
  [COLUMN_THREADS] = 5 + 3,
  [COLUMN_ADDRESSES] = 10,
  [COLUMN_SIZES] = 10,
  [COLUMN_BIRTH_STACKS] = 5,
  [COLUMN_DEATH_STACKS] = 5,
  [COLUMN_AGO] = 10,
  [COLUMN_PREVIOUS] = 10,
  [COLUMN_ROUNDINGS] = 5,
  [COLUMN_ALIGNMENTS] = 1,
};

_Static_assert (MEMSCOPE_CHUNK_MAX_EVENTS <= 1u << 21, "the length of a run fits three bytes");

/* All columns grow at once, each in a place of its own that it cannot outgrow;
 * at the end they are moved together.
 */
typedef struct
{
  uint8_t *start[N_COLUMNS];
  uint8_t *at[N_COLUMNS];
  uint64_t slots[N_ADDRESS_SLOTS];
  uint64_t time;                 /* of the open run */
  uint64_t time_base;            /* of the run before it */
  uint32_t time_run;             /* events so far */
  uint32_t thread_run;
  uint32_t thread;
} Encoder;

#define DIRECTORY_SIZE (sizeof (uint32_t) * (1 + N_COLUMNS))

static inline void
write_number (Encoder  *encoder,
              Column    column,
              uint64_t  value)
{
  encoder->at[column] += memscope_varint_write (encoder->at[column], value);
}

static bool
encoder_open (Encoder        *encoder,
              MemscopeBuffer *out,
              size_t          n_events)
{
  size_t size = DIRECTORY_SIZE;
  uint8_t *at;

  for (unsigned i = 0; i < N_COLUMNS; i++)
    size += column_bounds[i] * n_events;

  if (!(at = memscope_buffer_reserve (out, size)))
    return false;

  at += DIRECTORY_SIZE;

  for (unsigned i = 0; i < N_COLUMNS; i++)
    {
      encoder->start[i] = encoder->at[i] = at;
      at += column_bounds[i] * n_events;
    }

  return true;
}

static void
end_time_run (Encoder *encoder)
{
  write_number (encoder, COLUMN_TIMES, encoder->time - encoder->time_base);
  write_number (encoder, COLUMN_TIMES, encoder->time_run - 1);
  encoder->time_base = encoder->time;
  encoder->time_run = 0;
}

static void
end_thread_run (Encoder *encoder)
{
  write_number (encoder, COLUMN_THREADS, encoder->thread);
  write_number (encoder, COLUMN_THREADS, encoder->thread_run - 1);
  encoder->thread_run = 0;
}

static inline void
encode_runs (Encoder             *encoder,
             const MemscopeEvent *event)
{
  if (event->time > encoder->time)
    {
      if (encoder->time_run > 0)
        end_time_run (encoder);

      encoder->time = event->time;
    }

  if (event->thread != encoder->thread)
    {
      if (encoder->thread_run > 0)
        end_thread_run (encoder);

      encoder->thread = event->thread;
    }

  encoder->time_run++;
  encoder->thread_run++;
}

static inline uint8_t
encode_address (Encoder             *encoder,
                const MemscopeEvent *event)
{
  uint64_t *last = address_slot (encoder->slots, event->thread);
  bool aligned = event->address % 16 == 0;
  uint64_t difference = aligned ? (event->address >> 4) - (*last >> 4) : event->address - *last;

  write_number (encoder, COLUMN_ADDRESSES, memscope_zigzag_encode ((int64_t)difference));
  *last = event->address;

  return aligned ? 0 : OPERATION_UNALIGNED;
}

static inline uint8_t
encode_birth (Encoder             *encoder,
              const MemscopeEvent *event)
{
  uint8_t operation = event->kind | encode_address (encoder, event);

  write_number (encoder, COLUMN_SIZES, event->size);
  write_number (encoder, COLUMN_BIRTH_STACKS, event->stack);

  if (event->ago != 0)
    {
      operation |= OPERATION_PREVIOUS;
      write_number (encoder, COLUMN_PREVIOUS, event->ago);
    }

  if (event->rounding != memscope_event_expected_rounding (event->size))
    {
      operation |= OPERATION_ROUNDING;
      write_number (encoder, COLUMN_ROUNDINGS, (uint32_t)(event->rounding + 1));
    }

  if (event->alignment_log2 != 0)
    {
      operation |= OPERATION_ALIGNMENT;
      *encoder->at[COLUMN_ALIGNMENTS]++ = event->alignment_log2;
    }

  return operation;
}

static inline uint8_t
encode_death (Encoder             *encoder,
              const MemscopeEvent *event)
{
  write_number (encoder, COLUMN_DEATH_STACKS, event->stack);

  if (memscope_event_is_unknown_death (event->kind))
    return event->kind | encode_address (encoder, event);

  write_number (encoder, COLUMN_AGO, event->ago);

  return event->kind;
}

static void
encoder_close (Encoder        *encoder,
               MemscopeBuffer *out)
{
  uint8_t *directory = out->data + out->length;
  uint8_t *at = directory + DIRECTORY_SIZE;
  uint32_t number = memscope_little_endian_32 (N_COLUMNS);

  memcpy (directory, &number, sizeof number);

  for (unsigned i = 0; i < N_COLUMNS; i++)
    {
      size_t length = (size_t)(encoder->at[i] - encoder->start[i]);

      number = memscope_little_endian_32 ((uint32_t)length);
      memcpy (directory + (1 + i) * sizeof number, &number, sizeof number);
      memmove (at, encoder->start[i], length);
      at += length;
    }

  out->length = (size_t)(at - out->data);
}

static void
encode_columns (const MemscopeEvent *events,
                size_t               n_events,
                MemscopeBuffer      *out)
{
  Encoder encoder = { .time = n_events > 0 ? events[0].time : 0 };

  encoder.time_base = encoder.time;

  if (!encoder_open (&encoder, out, n_events))
    return;

  for (size_t i = 0; i < n_events; i++)
    {
      const MemscopeEvent *event = &events[i];

      encode_runs (&encoder, event);
      *encoder.at[COLUMN_OPERATIONS]++ = memscope_event_is_birth (event->kind) ? encode_birth (&encoder, event)
                                                                               : encode_death (&encoder, event);
    }

  if (n_events > 0)
    {
      end_time_run (&encoder);
      end_thread_run (&encoder);
    }

  encoder_close (&encoder, out);
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

  encode_columns (events, n_events, out);

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

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How fast events are encoded and decoded, and how small they get. Not a test:
 * built with the tests, run by hand on a quiet machine.
 *
 *   bench-events [CHUNKS]
 *
 * The stream is that of a program with two threads that allocate from a skewed
 * set of call stacks and free most blocks soon; addresses are malloc's own.
 */

#include "config.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "memscope-format.h"

#define CHUNK_EVENTS (256u * 1024u)
#define N_SLOTS      16384u
#define N_STACKS     2048u

typedef struct
{
  void    *data;
  guint64  birth;
} Slot;

typedef struct
{
  GRand   *random;
  Slot     slots[N_SLOTS];
  guint64  births;
  guint64  time;
  guint32  thread;
} Program;

static guint64
pick_size (Program *program)
{
  double scale = g_rand_double (program->random);

  return scale < 0.9 ? 8u * (1u + (guint)(scale * scale * 24)) : (guint)g_rand_int_range (program->random, 200, 8192);
}

/* Few stacks do most of the work. */
static guint32
pick_stack (Program *program)
{
  double skew = g_rand_double (program->random);

  return 1 + (guint32)(skew * skew * skew * (N_STACKS - 1));
}

static MemscopeEvent
next_event (Program *program)
{
  gboolean young = g_rand_double (program->random) < 0.75;
  Slot *slot = &program->slots[young ? g_rand_int_range (program->random, 0, 64)
                                     : g_rand_int_range (program->random, 64, N_SLOTS)];
  MemscopeEvent event = { .time = program->time, .stack = pick_stack (program) };

  if (g_rand_int_range (program->random, 0, 40) == 0)
    program->thread = 3 - program->thread;
  if (g_rand_int_range (program->random, 0, 5) == 0)
    program->time += (guint64)g_rand_int_range (program->random, 1, 3);

  event.thread = program->thread;

  if (slot->data)
    {
      event.kind = MEMSCOPE_EVENT_FREE;
      event.ago = program->births - slot->birth;
      free (slot->data);
      slot->data = NULL;
    }
  else
    {
      event.kind = MEMSCOPE_EVENT_MALLOC;
      event.size = pick_size (program);
      event.rounding = memscope_event_expected_rounding (event.size);
      slot->data = malloc (event.size);
      slot->birth = program->births++;
      event.address = (gsize)slot->data;
    }

  return event;
}

static double
events_per_second (guint64 events,
                   gint64  microseconds)
{
  return (double)events / (double)MAX (microseconds, 1);
}

int
main (int   argc,
      char *argv[])
{
  guint n_chunks = argc > 1 ? (guint)atoi (argv[1]) : 16;
  g_autofree MemscopeEvent *events = g_new (MemscopeEvent, CHUNK_EVENTS);
  g_autofree MemscopeEvent *decoded = g_new (MemscopeEvent, CHUNK_EVENTS);
  g_autofree Program *program = g_new0 (Program, 1);
  g_autofree guint8 *compressed = g_malloc (ZSTD_compressBound (MEMSCOPE_CHUNK_MAX_SIZE));
  gint64 encode_time = 0, decode_time = 0, compress_time = 0, decompress_time = 0;
  guint64 raw_bytes = 0, stored_bytes = 0, n_events = 0;
  MemscopeBuffer payload;

  program->random = g_rand_new_with_seed (1);
  program->thread = 1;
  memscope_buffer_init_malloc (&payload);

  for (guint i = 0; i < n_chunks; i++)
    {
      guint64 first_birth = program->births;
      MemscopeChunkHead head = { 0 };
      gint64 start;
      gsize size;

      for (guint j = 0; j < CHUNK_EVENTS; j++)
        events[j] = next_event (program);

      payload.length = 0;
      start = g_get_monotonic_time ();
      memscope_events_encode (events, CHUNK_EVENTS, n_events, first_birth, &head, &payload);
      encode_time += g_get_monotonic_time () - start;
      g_assert (!payload.failed);

      start = g_get_monotonic_time ();
      size = ZSTD_compress (compressed, ZSTD_compressBound (payload.length), payload.data, payload.length, 1);
      compress_time += g_get_monotonic_time () - start;

      start = g_get_monotonic_time ();
      ZSTD_decompress (payload.data, payload.capacity, compressed, size);
      decompress_time += g_get_monotonic_time () - start;

      start = g_get_monotonic_time ();
      g_assert (memscope_events_decode (&head, payload.data, payload.length, decoded));
      decode_time += g_get_monotonic_time () - start;
      g_assert (memcmp (events, decoded, CHUNK_EVENTS * sizeof *events) == 0);

      n_events += CHUNK_EVENTS;
      raw_bytes += payload.length;
      stored_bytes += size;
    }

  g_print ("%" G_GUINT64_FORMAT " events: %.2f bytes each, %.2f after zstd -1\n", n_events,
           (double)raw_bytes / (double)n_events, (double)stored_bytes / (double)n_events);
  g_print ("million events per second: encode %.1f, compress %.1f, decompress %.1f, decode %.1f\n",
           events_per_second (n_events, encode_time), events_per_second (n_events, compress_time),
           events_per_second (n_events, decompress_time), events_per_second (n_events, decode_time));

  memscope_buffer_clear (&payload);
  g_rand_free (program->random);

  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "memscope-format.h"

typedef struct
{
  MemscopeChunkHead head;
  MemscopeBuffer    payload;
} Encoded;

static void
encoded_clear (Encoded *encoded)
{
  memscope_buffer_clear (&encoded->payload);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Encoded, encoded_clear)

static void
encode (Encoded             *encoded,
        const MemscopeEvent *events,
        gsize                n_events,
        guint64              first_birth)
{
  memset (encoded, 0, sizeof *encoded);
  memscope_buffer_init_malloc (&encoded->payload);
  memscope_events_encode (events, n_events, first_birth * 3, first_birth, &encoded->head, &encoded->payload);
  g_assert_false (encoded->payload.failed);
  g_assert_cmpuint (encoded->head.raw_size, ==, encoded->payload.length);
}

static gboolean
decode (const Encoded *encoded,
        MemscopeEvent *events)
{
  return memscope_events_decode (&encoded->head, encoded->payload.data, encoded->payload.length, events);
}

static void
assert_round_trip (const MemscopeEvent *events,
                   gsize                n_events,
                   guint64              first_birth)
{
  g_auto(Encoded) encoded = { 0 };
  g_autofree MemscopeEvent *decoded = g_new (MemscopeEvent, n_events + 1);

  encode (&encoded, events, n_events, first_birth);
  g_assert_cmpuint (encoded.head.n_events, ==, n_events);
  g_assert_true (decode (&encoded, decoded));
  g_assert_cmpmem (decoded, n_events * sizeof *decoded, events, n_events * sizeof *events);
}

/* A number whose size is random too. */
static guint64
random_number (void)
{
  guint64 bits = ((guint64)g_test_rand_int () << 32) | (guint32)g_test_rand_int ();

  return bits >> g_test_rand_int_range (0, 64);
}

static guint32
random_rounding (guint64 size)
{
  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      return MEMSCOPE_USABLE_UNKNOWN;

    case 1:
      return (guint32)random_number ();

    default:
      return memscope_event_expected_rounding (size);
    }
}

static MemscopeEvent
random_event (guint64 time,
              guint64 births)
{
  MemscopeEvent event = { .time = time };

  event.kind = (guint8)g_test_rand_int_range (1, MEMSCOPE_EVENT_N_KINDS);
  event.thread = g_test_rand_int_range (0, 4) ? 1 : (guint32)random_number ();
  event.stack = (guint32)random_number ();

  if (memscope_event_is_birth (event.kind))
    {
      event.address = random_number () & (g_test_rand_bit () ? ~G_GUINT64_CONSTANT (15) : G_MAXUINT64);
      event.size = random_number ();
      event.rounding = random_rounding (event.size);
      event.alignment_log2 = g_test_rand_bit () ? (guint8)g_test_rand_int_range (0, 64) : 0;
      event.ago = births > 0 && g_test_rand_bit () ? 1 + random_number () % births : 0;
    }
  else if (memscope_event_is_unknown_death (event.kind) || births == 0)
    {
      event.kind = MEMSCOPE_EVENT_FREE_UNKNOWN;
      event.address = random_number ();
    }
  else
    {
      event.ago = 1 + random_number () % births;
    }

  return event;
}

static MemscopeEvent *
random_events (gsize   n_events,
               guint64 first_birth)
{
  MemscopeEvent *events = g_new0 (MemscopeEvent, n_events + 1);
  guint64 births = first_birth;
  guint64 time = random_number () >> 4;

  for (gsize i = 0; i < n_events; i++)
    {
      events[i] = random_event (time, births);
      births += memscope_event_is_birth (events[i].kind);
      time += g_test_rand_int_range (0, 3) ? 0 : random_number () >> 24;
    }

  return events;
}

static void
test_round_trip (void)
{
  for (guint i = 0; i < 300; i++)
    {
      gsize n_events = (gsize)g_test_rand_int_range (0, 400);
      guint64 first_birth = g_test_rand_bit () ? 0 : random_number () >> 1;
      g_autofree MemscopeEvent *events = random_events (n_events, first_birth);

      assert_round_trip (events, n_events, first_birth);
    }
}

static void
test_full_chunk (void)
{
  gsize n_events = 256 * 1024;
  g_autofree MemscopeEvent *events = random_events (n_events, 0);

  assert_round_trip (events, n_events, 0);
}

static void
test_nothing (void)
{
  g_auto(Encoded) encoded = { 0 };
  MemscopeEvent none;

  encode (&encoded, NULL, 0, 7);
  g_assert_cmpuint (encoded.head.kind, ==, MEMSCOPE_CHUNK_EVENTS);
  g_assert_cmpuint (encoded.head.first_birth, ==, 7);
  g_assert_cmpuint (encoded.head.min_address, ==, G_MAXUINT64);
  g_assert_cmpuint (encoded.head.max_address, ==, 0);
  g_assert_true (decode (&encoded, &none));
}

static void
test_extremes (void)
{
  const MemscopeEvent events[] = {
    { .kind = MEMSCOPE_EVENT_MALLOC, .rounding = 24 },
    { .kind = MEMSCOPE_EVENT_CALLOC, .address = G_MAXUINT64, .size = G_MAXUINT64, .thread = G_MAXUINT32,
      .stack = G_MAXUINT32, .rounding = MEMSCOPE_USABLE_UNKNOWN },
    { .kind = MEMSCOPE_EVENT_REALLOC, .address = G_MAXUINT64 - 15, .size = 1, .ago = 2, .rounding = G_MAXUINT32 - 1 },
    { .kind = MEMSCOPE_EVENT_ALIGNED, .address = 1, .size = G_MAXUINT64, .alignment_log2 = 63, .rounding = 0 },
    { .kind = MEMSCOPE_EVENT_REGION, .time = G_MAXUINT64, .size = 4096, .ago = 4, .rounding = 0 },
    { .kind = MEMSCOPE_EVENT_FREE, .time = G_MAXUINT64, .ago = 5 },
    { .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .time = G_MAXUINT64, .address = G_MAXUINT64 - 1 },
    { .kind = MEMSCOPE_EVENT_REALLOC_UNKNOWN, .time = G_MAXUINT64 },
    { .kind = MEMSCOPE_EVENT_LOST_DEATH, .time = G_MAXUINT64, .ago = 1, .stack = G_MAXUINT32 },
  };

  assert_round_trip (events, G_N_ELEMENTS (events), 0);
  assert_round_trip (events, G_N_ELEMENTS (events), G_MAXUINT64 / 2);
}

/* Requests of n bytes get chunks of 16 k bytes of which n + 8 are used. */
static void
test_expected_rounding (void)
{
  g_assert_cmpuint (memscope_event_expected_rounding (0), ==, 24);
  g_assert_cmpuint (memscope_event_expected_rounding (1), ==, 23);
  g_assert_cmpuint (memscope_event_expected_rounding (24), ==, 0);
  g_assert_cmpuint (memscope_event_expected_rounding (25), ==, 15);
  g_assert_cmpuint (memscope_event_expected_rounding (40), ==, 0);
  g_assert_cmpuint (memscope_event_expected_rounding (1000), ==, 0);
  g_assert_cmpuint (memscope_event_expected_rounding (1001), ==, 15);
}

static void
test_head (void)
{
  g_auto(Encoded) encoded = { 0 };
  const MemscopeEvent events[] = {
    { .kind = MEMSCOPE_EVENT_MALLOC, .time = 10, .address = 0x2000, .size = 100 },
    { .kind = MEMSCOPE_EVENT_MALLOC, .time = 10, .address = 0x1000, .size = 8 },
    { .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .time = 12, .address = 0x9000 },
  };

  encode (&encoded, events, G_N_ELEMENTS (events), 5);
  g_assert_cmpuint (encoded.head.first_event, ==, 15);
  g_assert_cmpuint (encoded.head.first_birth, ==, 5);
  g_assert_cmpuint (encoded.head.n_events, ==, 3);
  g_assert_cmpuint (encoded.head.n_births, ==, 2);
  g_assert_cmpuint (encoded.head.first_time, ==, 10);
  g_assert_cmpuint (encoded.head.last_time, ==, 12);
  g_assert_cmpuint (encoded.head.min_address, ==, 0x1000);
  g_assert_cmpuint (encoded.head.max_address, ==, 0x2064);
}

static void
test_refuses_to_write_nonsense (void)
{
  const MemscopeEvent nonsense[] = {
    { .kind = MEMSCOPE_EVENT_INVALID },
    { .kind = MEMSCOPE_EVENT_N_KINDS },
    { .kind = MEMSCOPE_EVENT_FREE, .ago = 0 },
    { .kind = MEMSCOPE_EVENT_FREE, .ago = 4 },
    { .kind = MEMSCOPE_EVENT_REALLOC, .ago = 4 },
    { .kind = MEMSCOPE_EVENT_ALIGNED, .alignment_log2 = 64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      g_auto(Encoded) encoded = { 0 };

      memscope_buffer_init_malloc (&encoded.payload);
      memscope_events_encode (&nonsense[i], 1, 0, 3, &encoded.head, &encoded.payload);
      g_assert_true (encoded.payload.failed);
    }
}

/* The decoder is given exactly the bytes that exist, so that a sanitizer or
 * valgrind sees the first one too many.
 */
static void
test_every_truncation (void)
{
  gsize n_events = 60;
  g_autofree MemscopeEvent *events = random_events (n_events, 3);
  g_autofree MemscopeEvent *decoded = g_new (MemscopeEvent, n_events);
  g_auto(Encoded) encoded = { 0 };

  encode (&encoded, events, n_events, 3);

  for (gsize length = 0; length < encoded.payload.length; length++)
    {
      g_autofree guint8 *cut = g_memdup2 (encoded.payload.data, length ? length : 1);

      g_assert_false (memscope_events_decode (&encoded.head, cut, length, decoded));
    }
}

/* Flipped bits may give other events, but never a read beyond the payload, an
 * `ago` before the first birth or a kind that does not exist.
 */
static void
assert_sane (const MemscopeChunkHead *head,
             const MemscopeEvent     *events)
{
  guint64 births = head->first_birth;

  for (guint i = 0; i < head->n_events; i++)
    {
      g_assert_cmpuint (events[i].kind, >, MEMSCOPE_EVENT_INVALID);
      g_assert_cmpuint (events[i].kind, <, MEMSCOPE_EVENT_N_KINDS);
      g_assert_cmpuint (events[i].ago, <=, births);
      births += memscope_event_is_birth (events[i].kind);
    }

  g_assert_cmpuint (births, ==, head->first_birth + head->n_births);
}

static void
test_every_bit_flip (void)
{
  gsize n_events = 40;
  g_autofree MemscopeEvent *events = random_events (n_events, 3);
  g_autofree MemscopeEvent *decoded = g_new (MemscopeEvent, n_events);
  g_autofree guint8 *payload = NULL;
  g_auto(Encoded) encoded = { 0 };

  encode (&encoded, events, n_events, 3);
  payload = g_memdup2 (encoded.payload.data, encoded.payload.length);

  for (gsize bit = 0; bit < encoded.payload.length * 8; bit++)
    {
      payload[bit / 8] ^= 1u << (bit % 8);

      if (memscope_events_decode (&encoded.head, payload, encoded.payload.length, decoded))
        assert_sane (&encoded.head, decoded);

      payload[bit / 8] ^= 1u << (bit % 8);
    }
}

static void
test_head_must_agree (void)
{
  gsize n_events = 40;
  g_autofree MemscopeEvent *events = random_events (n_events, 3);
  g_autofree MemscopeEvent *decoded = g_new (MemscopeEvent, n_events + 1);
  g_auto(Encoded) encoded = { 0 };
  MemscopeChunkHead good;

  encode (&encoded, events, n_events, 3);
  good = encoded.head;

#define ASSERT_REFUSED(change) \
  G_STMT_START { \
    encoded.head = good; \
    change; \
    g_assert_false (decode (&encoded, decoded)); \
  } G_STMT_END

  ASSERT_REFUSED (encoded.head.n_events--);
  ASSERT_REFUSED (encoded.head.n_events++);
  ASSERT_REFUSED (encoded.head.n_events = G_MAXUINT32);
  ASSERT_REFUSED (encoded.head.n_births--);
  ASSERT_REFUSED (encoded.head.n_births++);
  ASSERT_REFUSED (encoded.head.first_time++);
  ASSERT_REFUSED (encoded.head.last_time++);
  ASSERT_REFUSED (encoded.head.min_address--);
  ASSERT_REFUSED (encoded.head.max_address++);
  ASSERT_REFUSED (encoded.head.first_birth = G_MAXUINT64);
#undef ASSERT_REFUSED
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/events/round-trip", test_round_trip);
  g_test_add_func ("/events/full-chunk", test_full_chunk);
  g_test_add_func ("/events/nothing", test_nothing);
  g_test_add_func ("/events/extremes", test_extremes);
  g_test_add_func ("/events/expects-what-glibc-rounds-to", test_expected_rounding);
  g_test_add_func ("/events/fills-the-head", test_head);
  g_test_add_func ("/events/refuses-to-write-nonsense", test_refuses_to_write_nonsense);
  g_test_add_func ("/events/refuses-every-truncation", test_every_truncation);
  g_test_add_func ("/events/survives-every-bit-flip", test_every_bit_flip);
  g_test_add_func ("/events/refuses-a-head-that-disagrees", test_head_must_agree);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib.h>
#include <string.h>

#include "memscope-format.h"

/* Random but legal: deaths never reach before the first birth. */
static MemscopeEvent *
random_events (gsize   n_events,
               guint64 first_birth)
{
  MemscopeEvent *events = g_new0 (MemscopeEvent, n_events);
  guint64 births = first_birth, time = g_test_rand_int_range (0, 1000000);

  for (gsize i = 0; i < n_events; i++)
    {
      MemscopeEvent *event = &events[i];

      event->kind = g_test_rand_int_range (1, MEMSCOPE_EVENT_N_KINDS);
      if (births == 0 && !memscope_event_is_birth (event->kind))
        event->kind = MEMSCOPE_EVENT_FREE_UNKNOWN;
      time += g_test_rand_int_range (0, 4) == 0 ? g_test_rand_int_range (0, 100000) : 0;
      event->time = time;
      event->thread = g_test_rand_int_range (0, 3);
      event->stack = g_test_rand_bit () ? (guint32)g_test_rand_int () : (guint32)g_test_rand_int_range (0, 50);

      if (memscope_event_is_birth (event->kind))
        {
          event->address = ((guint64)(guint32)g_test_rand_int () << 16) & ~UINT64_C (15);
          if (g_test_rand_int_range (0, 8) == 0)
            event->address += g_test_rand_int_range (1, 16);
          event->size = g_test_rand_int_range (0, 100000);
          if (g_test_rand_int_range (0, 10) == 0)
            event->size = G_MAXUINT64 - g_test_rand_int_range (0, 100);
          event->rounding = g_test_rand_bit () ? 8 : MEMSCOPE_USABLE_UNKNOWN;
          if (g_test_rand_int_range (0, 8) == 0)
            event->alignment_log2 = g_test_rand_int_range (1, 64);
          if (event->kind == MEMSCOPE_EVENT_REALLOC)
            event->ago = births == 0 ? 0 : (guint64)g_test_rand_int () % (births + 1);
          births++;
        }
      else if (event->kind == MEMSCOPE_EVENT_FREE_UNKNOWN || event->kind == MEMSCOPE_EVENT_REALLOC_UNKNOWN)
        event->address = ((guint64)(guint32)g_test_rand_int () << 20) | (guint64)g_test_rand_int_range (0, 32);
      else
        event->ago = 1 + (guint64)g_test_rand_int () % births;
    }

  return events;
}

static void
encode (const MemscopeEvent *events,
        gsize                n_events,
        guint64              first_birth,
        MemscopeChunkHead   *head,
        MemscopeBuffer      *out)
{
  memscope_buffer_init_malloc (out);
  *head = (MemscopeChunkHead) { 0 };
  memscope_events_encode (events, n_events, 17, first_birth, head, out);
  g_assert_false (out->failed);
  g_assert_cmpuint (head->raw_size, ==, out->length);
  g_assert_cmpuint (head->n_events, ==, n_events);
}

static void
test_come_back_as_they_were (void)
{
  for (int round = 0; round < 200; round++)
    {
      gsize n_events = g_test_rand_int_range (0, 600);
      guint64 first_birth = g_test_rand_bit () ? 0 : (guint64)(guint32)g_test_rand_int ();
      g_autofree MemscopeEvent *events = random_events (n_events, first_birth);
      g_autofree MemscopeEvent *decoded = g_new (MemscopeEvent, n_events + 1);
      MemscopeChunkHead head;
      MemscopeBuffer out;

      encode (events, n_events, first_birth, &head, &out);
      g_assert_true (memscope_events_decode (&head, out.data, out.length, decoded));
      g_assert_cmpmem (events, n_events * sizeof *events, decoded, n_events * sizeof *decoded);
      memscope_buffer_clear (&out);
    }
}

static void
test_every_truncation_is_refused (void)
{
  g_autofree MemscopeEvent *events = random_events (60, 0);
  MemscopeEvent decoded[60];
  MemscopeChunkHead head;
  MemscopeBuffer out;

  encode (events, 60, 0, &head, &out);
  for (gsize length = 0; length < out.length; length++)
    {
      /* a copy of exactly that length lets sanitizers see a read beyond it */
      g_autofree guint8 *cut = g_memdup2 (out.data, length);

      g_assert_false (memscope_events_decode (&head, cut, length, decoded));
    }
  memscope_buffer_clear (&out);
}

/* Flipped bits may decode (there is a checksum around the payload), but what
 * decodes is legal and nothing reads outside.
 */
static void
test_flipped_bits_stay_inside (void)
{
  g_autofree MemscopeEvent *events = random_events (60, 5);
  MemscopeEvent decoded[60];
  MemscopeChunkHead head;
  MemscopeBuffer out;

  encode (events, 60, 5, &head, &out);
  for (gsize bit = 0; bit < out.length * 8; bit++)
    {
      g_autofree guint8 *copy = g_memdup2 (out.data, out.length);
      guint64 births = 5;

      copy[bit / 8] ^= 1 << (bit % 8);
      if (!memscope_events_decode (&head, copy, out.length, decoded))
        continue;
      for (guint i = 0; i < 60; i++)
        {
          g_assert_cmpuint (decoded[i].ago, <=, births);
          g_assert_cmpuint (decoded[i].kind, <, MEMSCOPE_EVENT_N_KINDS);
          births += memscope_event_is_birth (decoded[i].kind);
        }
    }
  memscope_buffer_clear (&out);
}

static void
test_a_death_before_every_birth_is_refused (void)
{
  MemscopeEvent events[2] = {
    { .kind = MEMSCOPE_EVENT_MALLOC, .address = 0x1000, .size = 8, .rounding = 16 },
    { .kind = MEMSCOPE_EVENT_FREE, .ago = 2 },
  };
  MemscopeEvent decoded[2];
  MemscopeChunkHead head;
  MemscopeBuffer out;

  encode (events, 2, 0, &head, &out);
  g_assert_false (memscope_events_decode (&head, out.data, out.length, decoded));
  memscope_buffer_clear (&out);

  events[1].ago = 1;
  encode (events, 2, 0, &head, &out);
  g_assert_true (memscope_events_decode (&head, out.data, out.length, decoded));
  memscope_buffer_clear (&out);
}

static void
test_a_common_pair_takes_few_bytes (void)
{
  g_autofree MemscopeEvent *events = g_new0 (MemscopeEvent, 20000);
  MemscopeChunkHead head;
  MemscopeBuffer out;

  for (guint i = 0; i < 20000; i += 2)
    {
      events[i] = (MemscopeEvent) { .time = i / 50, .address = 0x5500001000 + i * 32, .size = 24, .thread = 1, .stack = 300, .kind = MEMSCOPE_EVENT_MALLOC, .rounding = 0 };
      events[i + 1] = (MemscopeEvent) { .time = i / 50, .thread = 1, .stack = 301, .kind = MEMSCOPE_EVENT_FREE, .ago = 1 };
    }
  encode (events, 20000, 0, &head, &out);
  g_assert_cmpuint (out.length, <, 20000 * 6);
  memscope_buffer_clear (&out);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/events/come-back-as-they-were", test_come_back_as_they_were);
  g_test_add_func ("/events/every-truncation-is-refused", test_every_truncation_is_refused);
  g_test_add_func ("/events/flipped-bits-stay-inside", test_flipped_bits_stay_inside);
  g_test_add_func ("/events/a-death-before-every-birth-is-refused", test_a_death_before_every_birth_is_refused);
  g_test_add_func ("/events/a-common-pair-takes-few-bytes", test_a_common_pair_takes_few_bytes);

  return g_test_run ();
}

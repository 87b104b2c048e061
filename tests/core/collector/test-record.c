/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib.h>
#include <string.h>

#include "memscope-format.h"
#include "record.h"

typedef struct
{
  uint64_t stamp;
  uint64_t time;
  uint64_t address;
} Running;

static Record
random_record (Running *running,
               ArenaClock clock)
{
  static const uint8_t text[] = "name\0of\xff a variable";
  Record record = { .kind = g_test_rand_int_range (1, N_RECORD_KINDS) };
  gboolean birth = FALSE;

  running->stamp += (uint64_t)g_test_rand_int_range (0, 5000) << RECORD_STAMP_SHIFT;
  running->time += g_test_rand_int_range (0, 5) * 4000000;
  record.stamp = running->stamp;
  record.time_ns = clock == CLOCK_COUNTER ? running->time : 0;

  switch (record.kind)
    {
    case RECORD_BIRTH:
      record.function = g_test_rand_int_range (1, 5);
      record.alignment_log2 = g_test_rand_int_range (0, 32);
      birth = TRUE;
      break;
    case RECORD_MOVE_END:
      record.function = g_test_rand_int_range (0, 3);
      birth = record.function == MOVE_MOVED;
      break;
    case RECORD_DEATH:
    case RECORD_MOVE_BEGIN:
      record.address = (uint64_t)(guint32)g_test_rand_int () << (g_test_rand_bit () ? 4 : 1);
      record.stack = g_test_rand_int ();
      break;
    case RECORD_REGION_BIRTH:
      record.function = 5;
      G_GNUC_FALLTHROUGH;
    case RECORD_REGION_DEATH:
      record.address = (uint64_t)(guint32)g_test_rand_int () << 12;
      record.size = (guint32)g_test_rand_int ();
      record.stack = g_test_rand_int ();
      break;
    case RECORD_ANNOTATION:
      record.function = g_test_rand_int_range (1, 13);
      record.address = g_test_rand_int ();
      record.size = G_MAXUINT64;
      record.other = g_test_rand_int ();
      record.stack = 3;
      record.type = text;
      record.type_length = 4;
      G_GNUC_FALLTHROUGH;
    case RECORD_THREAD_NAME:
    case RECORD_MARK:
      record.name = text;
      record.name_length = g_test_rand_int_range (0, sizeof text);
      break;
    case RECORD_GAP:
      record.function = 1;
      record.begin_stamp = record.stamp - 100;
      record.other = g_test_rand_int ();
      record.bytes_lost = g_test_rand_int ();
      break;
    case RECORD_SWITCH:
      record.other = g_test_rand_int_range (0, 300);
      break;
    default:
      g_assert_not_reached ();
    }

  if (birth)
    {
      record.address = 0x550000000000 + (uint64_t)g_test_rand_int_range (0, 1000000) * 16 + (g_test_rand_bit () ? 0 : g_test_rand_int_range (0, 16));
      record.size = g_test_rand_int_range (0, 100000);
      record.stack = g_test_rand_int_range (0, 10000);
      record.rounding = g_test_rand_bit () ? record_expected_rounding (record.size) : (guint32)g_test_rand_int ();
    }

  return record;
}

static void
assert_same (const Record *a,
             const Record *b)
{
  g_assert_cmpuint (a->kind, ==, b->kind);
  g_assert_cmpuint (a->function, ==, b->function);
  g_assert_cmpuint (a->alignment_log2, ==, b->alignment_log2);
  g_assert_cmpuint (a->stamp, ==, b->stamp);
  g_assert_cmpuint (a->time_ns, ==, b->time_ns);
  g_assert_cmpuint (a->address, ==, b->address);
  g_assert_cmpuint (a->size, ==, b->size);
  g_assert_cmpuint (a->other, ==, b->other);
  g_assert_cmpuint (a->bytes_lost, ==, b->bytes_lost);
  g_assert_cmpuint (a->begin_stamp, ==, b->begin_stamp);
  g_assert_cmpuint (a->stack, ==, b->stack);
  g_assert_cmpuint (a->rounding, ==, b->rounding);
  g_assert_cmpmem (a->name, a->name_length, b->name, b->name_length);
  g_assert_cmpmem (a->type, a->type_length, b->type, b->type_length);
}

static void
round_trip (ArenaClock clock)
{
  enum { N = 3000 };
  g_autofree Record *records = g_new (Record, N);
  g_autofree uint8_t *bytes = g_malloc (N * 256);
  Running running = { 1024, 2000, 0 };
  uint64_t stamp = 0, time = 0, address = 0;
  size_t used = 0, at = 0;

  for (int i = 0; i < N; i++)
    {
      size_t size;

      records[i] = random_record (&running, clock);
      size = record_encode (bytes + used, &records[i], clock, &stamp, &time, &address);
      g_assert_cmpuint (size, <=, RECORD_MAX_SIZE + records[i].name_length + records[i].type_length);
      used += size;
    }

  stamp = time = address = 0;
  for (int i = 0; i < N; i++)
    {
      Record record;
      uint64_t seen_address = address;
      uint8_t seen_kind = RECORD_PAD;
      size_t seen = record_peek (bytes + at, used - at, &seen_kind, &seen_address);
      size_t size = record_decode (bytes + at, used - at, &record, clock, &stamp, &time, &address);

      g_assert_cmpuint (size, >, 0);
      if (clock == CLOCK_TSC && record.kind <= RECORD_MOVE_END && used - at >= 64)
        {
          g_assert_cmpuint (seen, ==, size);
          g_assert_cmpuint (seen_kind, ==, record.kind);
          g_assert_cmphex (seen_address, ==, address);
        }
      else if (clock == CLOCK_TSC && record.kind > RECORD_MOVE_END)
        {
          g_assert_cmpuint (seen, ==, 0);
        }
      assert_same (&records[i], &record);
      at += size;
    }
  g_assert_cmpuint (at, ==, used);
}

static void
test_records_come_back (void)
{
  round_trip (CLOCK_TSC);
}

static void
test_records_come_back_with_a_counter_clock (void)
{
  round_trip (CLOCK_COUNTER);
}

static void
test_any_bytes_stay_inside (void)
{
  for (int round = 0; round < 100000; round++)
    {
      size_t length = g_test_rand_int_range (0, 80);
      g_autofree uint8_t *bytes = g_malloc (length);
      uint64_t stamp = 5, time = 6, address = 7, seen = 7;
      Record record;
      uint8_t kind;
      size_t size;

      for (size_t i = 0; i < length; i++)
        bytes[i] = g_test_rand_int ();
      size = record_decode (bytes, length, &record, CLOCK_TSC, &stamp, &time, &address);
      g_assert_cmpuint (size, <=, length);
      g_assert_cmpuint (record_peek (bytes, length, &kind, &seen), <=, length);
      if (size == 0)
        g_assert_cmpuint (stamp, ==, 5);
    }
}

static void
test_an_arena_opens_as_it_was_laid_out (void)
{
  ArenaOptions options = { .n_small_slots = 3, .n_large_slots = 1, .nodes_capacity = 100, .modules_capacity = 5, .text_capacity = 1000 };
  uint64_t size = arena_size (&options);
  g_autofree void *raw = g_malloc0 (size + 64);
  void *memory = (void *)(((guintptr)raw + 63) & ~(guintptr)63);
  const uint8_t uuid[16] = "0123456789abcde";
  ArenaHeader *arena;

  g_assert_null (arena_open (memory, size));
  arena_init (memory, &options, uuid, 77);
  arena = arena_open (memory, size);
  g_assert_nonnull (arena);
  g_assert_null (arena_open (memory, size - 1));
  g_assert_cmpuint (arena->n_slots, ==, 4);
  g_assert_cmpuint (arena->stack_depth, ==, 256);
  g_assert_cmpuint (arena->first_stamp, ==, 77);
  g_assert_cmpuint (arena_slot (arena, 3)->rings[RING_MAIN].size, ==, RING_LARGE_SIZE);

  arena_slot (arena, 2)->rings[RING_NESTED].offset = size;
  g_assert_null (arena_open (memory, size));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/record/records-come-back", test_records_come_back);
  g_test_add_func ("/record/records-come-back-with-a-counter-clock", test_records_come_back_with_a_counter_clock);
  g_test_add_func ("/record/any-bytes-stay-inside", test_any_bytes_stay_inside);
  g_test_add_func ("/arena/opens-as-it-was-laid-out", test_an_arena_opens_as_it_was_laid_out);

  return g_test_run ();
}

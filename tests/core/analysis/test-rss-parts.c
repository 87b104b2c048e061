/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-rss-parts.h"
#include "session-maker.h"

#include <string.h>

#define KIB G_GUINT64_CONSTANT (1024)
#define MIB (1024 * KIB)

enum { R = 1, W = 2, X = 4, S = 8 };

static guint32
add_string (MemscopeSessionBuilder *builder,
            guint64                 id,
            const char             *text)
{
  memscope_session_builder_add_string (builder, id, text, strlen (text));

  return (guint32)id;
}

static void
add_block (MemscopeSessionBuilder *builder,
           guint64                 time,
           guint64                 address,
           guint64                 size,
           guint32                 rounding)
{
  session_maker_add (builder, (MemscopeEvent) {
    .time = time, .kind = MEMSCOPE_EVENT_MALLOC, .address = address, .size = size, .thread = 1, .stack = 1, .rounding = rounding,
  });
}

/* Blocks at 10 µs, kernel asked at 50 µs. */
static MemscopeSession *
make_session (gboolean with_amounts)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  guint32 heap = add_string (builder, 901, "[heap]"), stack = add_string (builder, 902, "[stack]");
  guint32 program = add_string (builder, 903, "/opt/prog"), data = add_string (builder, 904, "/opt/data.bin");
  guint32 arena = add_string (builder, 905, "/memfd:memscope-arena (deleted)");
  const MemscopeMapping mappings[] = {
    /* out of order, and one on top of another, as a damaged file may have it */
    { 0x7fff00000000, 0x7fff00100000, 0, 100 * KIB, 0, R | W, stack },
    { 0x400000, 0x500000, 0, 300 * KIB, 0, R | X, program },
    { 0x500000, 0x600000, 0, 40 * KIB, 0, R | W, program },
    { 0x600000, 0x700000, 0, 20 * KIB, 0, R | W, 0 },                        /* its zeroes */
    { 0x1000000, 0x2000000, 0, 6 * MIB, 0, R | W, heap },
    { 0x1000000, 0x1100000, 0, 9 * MIB, 0, R | W, 0 },                       /* the impostor */
    { 0x3000000, 0x3100000, 0, 64 * KIB, 0, R, data },
    { 0x5000000, 0x5001000, 0, 0, 0, 0, 0 },                                 /* a guard */
    { 0x5001000, 0x5801000, 0, 80 * KIB, 0, R | W, 0 },                      /* a thread's stack */
    { 0x7000000, 0x7100000, 0, 500 * KIB, 0, R | W | S, arena },
    { 0x9000000, 0x9100000, 0, 33 * KIB, 0, R | W, 0 },                      /* nobody knows */
    { 0xa000000, 0xb000000, 0, 1 * MIB, 0, R | W, 0 },                       /* a block that was hardly touched */
  };
  MemscopeMapping bare[G_N_ELEMENTS (mappings)];

  add_block (builder, 10, 0x1000010, 4 * MIB, 1000);
  add_block (builder, 10, 0xa000010, 10 * MIB, 0);
  add_block (builder, 90, 0x1800010, 1 * MIB, 8);    /* after the kernel was asked */
  memcpy (bare, mappings, sizeof bare);
  for (guint i = 0; i < G_N_ELEMENTS (bare); i++)
    bare[i].rss = MEMSCOPE_NOT_RECORDED;
  memscope_session_builder_add_mappings (builder, 5, bare, G_N_ELEMENTS (bare));
  if (with_amounts)
    memscope_session_builder_add_mappings (builder, 50, mappings, G_N_ELEMENTS (mappings));
  memscope_session_builder_add_mappings (builder, 80, bare, G_N_ELEMENTS (bare));

  return session_maker_finish (builder, 100);
}

static void
test_each_page_has_one_reason (void)
{
  g_autoptr(MemscopeSession) session = make_session (TRUE);
  static const guint64 instants[] = { 100000, 60000, 20000 };

  for (guint i = 0; i < G_N_ELEMENTS (instants); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(MemscopeRssParts) parts = memscope_rss_parts_new (session, instants[i], NULL, &error);
      guint64 sum = 0;

      g_assert_no_error (error);
      g_assert_nonnull (parts);
      g_assert_cmpuint (parts->time, ==, 50000);
      for (guint kind = 0; kind < MEMSCOPE_N_RSS_PARTS; kind++)
        sum += parts->bytes[kind];
      g_assert_cmpuint (sum, ==, parts->rss);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_REQUESTED], ==, 5 * MIB);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_ROUNDING], ==, 1000);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_FREE_IN_HEAP], ==, 2 * MIB - 1000);
      g_assert_cmpuint (parts->untouched, ==, 9 * MIB);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_FILES], ==, 64 * KIB);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_STACKS], ==, 180 * KIB);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_CODE], ==, 360 * KIB);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_RECORDER], ==, 500 * KIB);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_UNEXPLAINED], ==, 33 * KIB);
      g_assert_cmpuint (parts->bytes[MEMSCOPE_RSS_REGIONS], ==, 0);
    }
}

static void
test_without_amounts_there_are_no_parts (void)
{
  g_autoptr(MemscopeSession) session = make_session (FALSE);
  g_autoptr(GError) error = NULL;

  g_assert_null (memscope_rss_parts_new (session, 100000, NULL, &error));
  g_assert_no_error (error);
}

static void
test_cancelled (void)
{
  g_autoptr(MemscopeSession) session = make_session (TRUE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (memscope_rss_parts_new (session, 100000, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/rss-parts/each-page-has-one-reason", test_each_page_has_one_reason);
  g_test_add_func ("/rss-parts/without-amounts-there-are-no-parts", test_without_amounts_there_are_no_parts);
  g_test_add_func ("/rss-parts/cancelled", test_cancelled);

  return g_test_run ();
}

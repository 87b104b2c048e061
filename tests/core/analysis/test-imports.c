/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recordings of other tools: golden ones give that tool's own figures, damaged ones what is good in them. */

#include <string.h>

#include "memscope-groups.h"
#include "memscope-loader.h"
#include "memscope-summary.h"

static GBytes *
golden (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "imports", name, NULL);
  g_autoptr(GError) error = NULL;
  char *data;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);

  return g_bytes_new_take (data, length);
}

static MemscopeSession *
load (const char *name)
{
  g_autoptr(GBytes) bytes = golden (name);
  g_autoptr(GError) error = NULL;
  MemscopeSession *session = memscope_load_bytes (bytes, name, &error);

  g_assert_no_error (error);

  return session;
}

static void
check_heaptrack (const char *name,
                 const char *format,
                 gboolean    addresses)
{
  g_autoptr(MemscopeSession) session = load (name);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSummary) summary = memscope_summary_new (session, all, NULL, NULL);
  MemscopeBlock block;

  g_assert_cmpstr (memscope_session_get_format_name (session), ==, format);
  g_assert_cmpuint (memscope_session_get_format_version (session), ==, 3);
  g_assert_true (memscope_session_get_complete (session));
  g_assert_true (memscope_session_has_blocks (session));

  /* What heaptrack_print says: see the README beside the files. */
  g_assert_cmpuint (summary->total_allocations, ==, 127);
  g_assert_cmpuint (summary->temporary_allocations, ==, 47 - 1);
  g_assert_cmpuint (summary->peak_bytes, >=, 145065);
  g_assert_cmpuint (summary->peak_bytes, <, 145075);
  g_assert_cmpuint (summary->leaked_bytes, ==, 2510);
  g_assert_cmpuint (summary->leaked_allocations, ==, 21);
  g_assert_cmpuint (summary->peak_rss, >, 3000000);

  memscope_session_get_block (session, 0, &block);
  g_assert_cmpuint (block.size, ==, 72704);
  g_assert_cmpuint (block.thread, ==, 0);
  g_assert_cmpuint (block.function, ==, MEMSCOPE_FUNCTION_UNKNOWN);
  g_assert_cmpuint (block.rounding, ==, G_MAXUINT32);
  g_assert_true ((block.address != MEMSCOPE_UNKNOWN) == addresses);
}

static void
test_heaptrack (void)
{
  check_heaptrack ("heaptrack.example.zst", "heaptrack", FALSE);
  check_heaptrack ("heaptrack.example.gz", "heaptrack", FALSE);
  check_heaptrack ("heaptrack.example.raw.zst", "heaptrack (raw)", TRUE);
}

/* The call site whose label begins with @label. */
static const MemscopeGroup *
find_site (MemscopeSession      *session,
           const MemscopeGroups *groups,
           const char           *label)
{
  for (guint64 i = 0; i < groups->n_groups; i++)
    {
      g_autofree char *found = memscope_session_dup_frame_label (session, groups->groups[i].call_site);

      if (groups->groups[i].call_site != 0 && g_str_has_prefix (found, label))
        return &groups->groups[i];
    }

  return NULL;
}

static void
test_heaptrack_stacks (void)
{
  g_autoptr(MemscopeSession) session = load ("heaptrack.example.zst");
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, all, MEMSCOPE_GROUP_BY_CALL_SITE, NULL, NULL);
  g_autoptr(MemscopeSession) raw = load ("heaptrack.example.raw.zst");
  g_autoptr(MemscopeSelection) all_raw = memscope_selection_new_all (raw);
  g_autoptr(MemscopeGroups) groups_raw = memscope_groups_new (raw, all_raw, MEMSCOPE_GROUP_BY_CALL_SITE, NULL, NULL);
  const MemscopeGroup *leak = find_site (session, groups, "leak · example.cpp:15");

  g_assert_nonnull (leak);
  g_assert_cmpuint (leak->births, ==, 20);
  g_assert_cmpuint (leak->live_bytes, ==, 2190);
  /* Not symbolized: the module and where in it. */
  leak = find_site (raw, groups_raw, "example+0x1276");
  g_assert_nonnull (leak);
  g_assert_cmpuint (leak->births, ==, 20);
}

static void
check_massif (const char *name,
              guint64     peak,
              guint64     last)
{
  g_autoptr(MemscopeSession) session = load (name);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSummary) summary = memscope_summary_new (session, all, NULL, NULL);

  g_assert_cmpstr (memscope_session_get_format_name (session), ==, "massif");
  g_assert_true (memscope_session_get_complete (session));
  g_assert_false (memscope_session_has_blocks (session));
  g_assert_cmpuint (summary->peak_bytes, ==, peak);
  g_assert_cmpuint (summary->active_bytes, ==, last);

  /* What no snapshot can say. */
  g_assert_cmpuint (summary->total_allocations, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (summary->total_bytes, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (summary->temporary_allocations, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (summary->leaked_bytes, ==, MEMSCOPE_UNKNOWN);
  g_assert_cmpuint (summary->lifetime_median, ==, MEMSCOPE_UNKNOWN);
  g_assert_nonnull (memscope_session_get_warnings (session)[0]);
}

/* The figures of a massif file, read with nothing but strstr(): the largest and the last. */
static void
read_massif (const char *name,
             guint64    *peak,
             guint64    *last)
{
  g_autoptr(GBytes) bytes = golden (name);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  *peak = *last = 0;
  for (const char *at = text; (at = strstr (at, "\nmem_heap_B=")) != NULL; at++)
    {
      *last = g_ascii_strtoull (at + strlen ("\nmem_heap_B="), NULL, 10);
      *peak = MAX (*peak, *last);
    }
}

static void
test_massif (void)
{
  static const char *const names[] = { "massif.out.bytes", "massif.out.ms" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint64 peak, last;

      read_massif (names[i], &peak, &last);
      g_assert_cmpuint (peak, >, 100000);
      check_massif (names[i], peak, last);
    }
}

static void
test_massif_trees (void)
{
  g_autoptr(MemscopeSession) session = load ("massif.out.bytes");
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  /* Right after snapshot 11, the detailed one near the peak; one byte of time is a microsecond. */
  g_autoptr(MemscopeSelection) there = memscope_selection_with_instant (all, G_GUINT64_CONSTANT (161664) * 1000 + 1);
  g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, there, MEMSCOPE_GROUP_BY_CALL_SITE, NULL, NULL);
  const MemscopeGroup *grown = find_site (session, groups, "grow() · example.cpp:23");
  guint64 live = 0;

  for (guint64 i = 0; i < groups->n_groups; i++)
    live += groups->groups[i].live_bytes;
  g_assert_cmpuint (live, ==, 144728);
  g_assert_nonnull (grown);
  g_assert_cmpuint (grown->live_bytes, ==, 65536);
}

/* ---- damage ---------------------------------------------------------------------------- */

static gsize
try_bytes (const void *data,
           gsize       length)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, length);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = memscope_load_bytes (bytes, "damaged", &error);

  g_assert_true ((session == NULL) == (error != NULL));

  return session != NULL ? memscope_session_get_n_blocks (session) : 0;
}

static void
check_damage (gconstpointer data)
{
  g_autoptr(GBytes) bytes = golden (data);
  gsize length;
  const guint8 *whole = g_bytes_get_data (bytes, &length);
  g_autofree guint8 *copy = g_memdup2 (whole, length);
  gsize step = length > 10000 ? 97 : length > 5000 ? 11 : 1;

  for (gsize at = 0; at < length; at += step)
    try_bytes (whole, at);

  for (gsize at = 0; at < length; at += step)
    for (guint bit = (guint)(at % 3); bit < 8; bit += 3)
      {
        copy[at] ^= (guint8)(1u << bit);
        try_bytes (copy, length);
        copy[at] = whole[at];
      }
}

static const char heaptrack_text[] =
  "v 10400 3\nX ./a b\nI 1000 10\ns 5 a\nb/c\ns 3 foo\ni 1000 1 2 1 7\nt 1 0\na 10 1\na 20 1\n+ 0\n+ 1\n+ 0\nc a\n- 0\n- 1\nR 3\nc 14\n";

static MemscopeSession *
load_text (const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (text, strlen (text));

  return memscope_load_bytes (bytes, "text", NULL);
}

static void
test_heaptrack_text (void)
{
  g_autoptr(MemscopeSession) session = load_text (heaptrack_text);
  g_autoptr(MemscopeSession) cut = NULL;
  g_autofree char *text = g_strndup (heaptrack_text, strlen (heaptrack_text) / 2 + 20);
  MemscopeBlock block;
  const MemscopeSymbol *symbols;
  g_autofree char *file = NULL;

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 3);
  /* The latest of its kind is taken for the one that died; between ticks, events are spread evenly. */
  memscope_session_get_block (session, 2, &block);
  g_assert_cmpuint (block.death, ==, MEMSCOPE_DEATH_FREE);
  g_assert_cmpuint (block.birth_time, >, 0);
  g_assert_cmpuint (block.birth_time, <, 10000000);
  g_assert_cmpuint (block.death_time, >, 10000000);
  memscope_session_get_block (session, 0, &block);
  g_assert_cmpuint (block.death_time, ==, MEMSCOPE_NEVER);

  /* A text may hold a newline. */
  g_assert_cmpuint (memscope_session_get_symbols (session, 1, &symbols), ==, 1);
  file = memscope_session_dup_display_string (session, symbols[0].file);
  g_assert_cmpstr (file, ==, "a\\nb/c");
  g_assert_cmpuint (symbols[0].line, ==, 7);

  for (gsize n = strlen (text); n > 0; n--)
    {
      text[n] = '\0';
      g_clear_object (&cut);
      cut = load_text (text);
    }
}

/* What stands behind a NUL in the command is not there. */
static void
test_massif_nul (void)
{
  static const char text[] = "desc: x\ncmd: ./a b\0ccccccccccccccccccccccccccccccc\ntime_unit: ms\nsnapshot=0\ntime=5\nmem_heap_B=1\n";
  g_autoptr(GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);
  g_autoptr(MemscopeSession) session = memscope_load_bytes (bytes, "text", NULL);
  gsize length;

  if (session != NULL && memscope_session_get_fact (session, "command", &length) != NULL)
    g_assert_cmpuint (length, ==, strlen ("./a b") + 1);
}

/* Lines that make no sense are left out, and said. */
static void
test_heaptrack_bad_lines (void)
{
  g_autoptr(MemscopeSession) session = load_text ("v 10400 3\na 10 0\n+ 0\n+ 99\n- 55\nt 5 900\ns ffffffffffff x\ni\nm 3\nc zz\n+ 0\n- 0\n"
                                                  "R ffffffffffffffff\nA\n? what\n+\n-\n");

  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 2);
  g_assert_false (memscope_session_get_complete (session));
  g_assert_nonnull (strstr (memscope_session_get_warnings (session)[0], "byte 21"));
}

static void
test_massif_bad_lines (void)
{
  g_autoptr(MemscopeSession) session = load_text (
    "desc: x\ncmd: ./a\ntime_unit: ms\nsnapshot=0\ntime=5\nmem_heap_B=100\nmem_heap_extra_B=1\nmem_stacks_B=3\nheap_tree=detailed\n"
    "n2: 100 (heap allocation functions)\n     n0: 7 0x1: too deep (a.c:1)\n n0: 900 0x10: f (a.c:1)\n n0: 900 0x20: ??? (in /lib/x.so)\n"
    "snapshot=1\ntime=3\nmem_heap_B=18446744073709551615\nheap_tree=empty\nwhat\n");
  MemscopeBlock block;

  /* Never more than the snapshot's own sum. */
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 1);
  memscope_session_get_block (session, 0, &block);
  g_assert_cmpuint (block.size, ==, 100);
  g_assert_false (memscope_session_get_complete (session));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/imports/heaptrack/totals-are-those-of-heaptrack-print", test_heaptrack);
  g_test_add_func ("/imports/heaptrack/stacks", test_heaptrack_stacks);
  g_test_add_func ("/imports/heaptrack/text", test_heaptrack_text);
  g_test_add_func ("/imports/heaptrack/leaves-out-what-makes-no-sense", test_heaptrack_bad_lines);
  g_test_add_func ("/imports/massif/live-bytes-are-those-of-the-snapshots", test_massif);
  g_test_add_func ("/imports/massif/trees-are-those-of-detailed-snapshots", test_massif_trees);
  g_test_add_func ("/imports/massif/a-command-ends-at-a-nul", test_massif_nul);
  g_test_add_func ("/imports/massif/leaves-out-what-makes-no-sense", test_massif_bad_lines);
  g_test_add_data_func ("/imports/damaged/heaptrack-zst", "heaptrack.example.zst", check_damage);
  g_test_add_data_func ("/imports/damaged/heaptrack-gz", "heaptrack.example.gz", check_damage);
  g_test_add_data_func ("/imports/damaged/heaptrack-raw", "heaptrack.example.raw.zst", check_damage);
  g_test_add_data_func ("/imports/damaged/massif", "massif.out.ms", check_damage);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "pages.h"
#include "proc-reader.h"

static void
test_mappings_of_this_process (void)
{
  static char here[4096];
  MemscopeMapping mapping;
  MemscopeBuffer text;
  const char *line, *path;
  size_t path_length;
  gboolean seen_program = FALSE, seen_stack = FALSE;
  guint64 previous = 0;

  g_assert_true (proc_read_whole (getpid (), "maps", &text));

  for (line = (const char *)text.data;
       (line = proc_next_mapping (line, (const char *)text.data + text.length, &mapping, &path, &path_length)) != NULL; )
    {
      g_assert_cmpuint (mapping.start, <, mapping.end);
      g_assert_cmpuint (mapping.start, >=, previous);
      previous = mapping.end;
      seen_program |= (guint64)(guintptr)here >= mapping.start && (guint64)(guintptr)here < mapping.end &&
                      (mapping.permissions & 3) == 3;
      seen_stack |= path_length == 7 && memcmp (path, "[stack]", 7) == 0;
    }

  g_assert_true (seen_program);
  g_assert_true (seen_stack);
  pages_buffer_clear (&text);
}

/* Paths may hold anything but a newline; lines may be cut anywhere. */
static void
test_mappings_of_strange_files (void)
{
  static const char text[] =
    "7f0000000000-7f0000001000 r-xp 00002000 fe:01 1234                       /tmp/a b (deleted)\xff\n"
    "7f0000002000-7f0000003000 rw-s 00000000 00:01 77 /memfd:x (deleted)\n"
    "7f0000004000-7f0000005000 ---p 00000000 00:00 0 \n";
  MemscopeMapping mapping;
  const char *path, *next;
  size_t length;

  next = proc_next_mapping (text, text + sizeof text - 1, &mapping, &path, &length);
  g_assert_cmphex (mapping.start, ==, 0x7f0000000000);
  g_assert_cmphex (mapping.end, ==, 0x7f0000001000);
  g_assert_cmphex (mapping.offset, ==, 0x2000);
  g_assert_cmpuint (mapping.permissions, ==, 1 | 4);
  g_assert_cmpmem (path, length, "/tmp/a b (deleted)\xff", 19);
  next = proc_next_mapping (next, text + sizeof text - 1, &mapping, &path, &length);
  g_assert_cmpuint (mapping.permissions, ==, 1 | 2 | 8);
  g_assert_cmpmem (path, length, "/memfd:x (deleted)", 18);
  next = proc_next_mapping (next, text + sizeof text - 1, &mapping, &path, &length);
  g_assert_nonnull (next);
  g_assert_cmpuint (length, ==, 0);
  g_assert_null (proc_next_mapping (next, text + sizeof text - 1, &mapping, &path, &length));

  for (gsize cut = 0; cut < sizeof text; cut++)
    {
      g_autofree char *copy = g_memdup2 (text, cut);

      for (next = copy; next != NULL && cut > 0; )
        next = proc_next_mapping (next, copy + cut, &mapping, &path, &length);
    }
}

/* Amounts follow each mapping; their lines may be cut anywhere. */
static void
test_amounts_of_mappings (void)
{
  static const char text[] =
    "7f0000000000-7f0000001000 r-xp 00002000 fe:01 1234                       /tmp/Rss: 5 kB\n"
    "Size:                  4 kB\nRss:                   3 kB\nPss:                   2 kB\nShared_Clean:          1 kB\n"
    "Shared_Dirty:          7 kB\nPrivate_Dirty:         5 kB\nAnonymous:             6 kB\nSwap:                  8 kB\nVmFlags: rd ex\n"
    "7f0000002000-7f0000003000 rw-p 00000000 00:00 0 \n"
    "Rss:                  10 kB\nSwapPss:              99 kB\n";
  ProcAmounts sums = { 0 };
  MemscopeMapping mapping;
  const char *path, *next;
  size_t length;

  next = proc_next_mapping (text, text + sizeof text - 1, &mapping, &path, &length);
  next = proc_next_amounts (next, text + sizeof text - 1, &mapping, &sums);
  g_assert_cmpuint (mapping.rss, ==, 3 * 1024);
  g_assert_cmpuint (mapping.dirty, ==, 12 * 1024);
  next = proc_next_mapping (next, text + sizeof text - 1, &mapping, &path, &length);
  g_assert_cmphex (mapping.start, ==, 0x7f0000002000);
  next = proc_next_amounts (next, text + sizeof text - 1, &mapping, &sums);
  g_assert_cmpuint (mapping.rss, ==, 10 * 1024);
  g_assert_cmpuint (mapping.dirty, ==, 0);
  g_assert_cmpuint (sums.resident, ==, 13 * 1024);
  g_assert_cmpuint (sums.proportional, ==, 2 * 1024);
  g_assert_cmpuint (sums.swapped, ==, 8 * 1024);
  g_assert_null (proc_next_mapping (next, text + sizeof text - 1, &mapping, &path, &length));

  for (gsize cut = 1; cut < sizeof text; cut++)
    {
      g_autofree char *copy = g_memdup2 (text, cut);

      for (next = copy; (next = proc_next_mapping (next, copy + cut, &mapping, &path, &length)) != NULL; )
        next = proc_next_amounts (next, copy + cut, &mapping, &sums);
    }
}

/* What the kernel says of this process adds up. */
static void
test_amounts_of_this_process (void)
{
  ProcAmounts sums = { 0 };
  MemscopeBuffer text;
  MemscopeMapping mapping;
  const char *line, *end, *path;
  size_t length;
  uint64_t resident = 0;

  if (!proc_read_whole (getpid (), "smaps", &text))
    {
      g_test_skip ("no smaps here");
      return;
    }

  line = (const char *)text.data;
  end = line + text.length;
  while ((line = proc_next_mapping (line, end, &mapping, &path, &length)) != NULL)
    {
      line = proc_next_amounts (line, end, &mapping, &sums);
      g_assert_cmpuint (mapping.rss, <=, mapping.end - mapping.start);
      resident += mapping.rss;
    }
  g_assert_cmpuint (resident, >, 100 * 1024);
  g_assert_cmpuint (resident, ==, sums.resident);
  pages_buffer_clear (&text);
}

/* The name of a program may look like the rest of the line. */
static void
test_stat_of_a_misleading_name (void)
{
  char name[16] = { 0 };
  ProcStat stat;

  g_assert_cmpint (prctl (PR_GET_NAME, name), ==, 0);
  g_assert_cmpint (prctl (PR_SET_NAME, "x) Z 1 (2"), ==, 0);
  g_assert_true (proc_read_stat (getpid (), "stat", &stat));
  g_assert_cmpint (prctl (PR_SET_NAME, name), ==, 0);

  g_assert_cmpint (stat.state, ==, 'R');
  g_assert_cmpint (stat.parent, ==, getppid ());
  g_assert_cmpuint (stat.start_time, >, 0);
}

static void
test_numbers_by_key (void)
{
  static const char text[] = "Rss:   12 kB\nRss_Other: 7\nPss: 5 kB\nbroken\nvoluntary_ctxt_switches:\t34\n";

  g_assert_cmpuint (proc_find_number (text, "Rss"), ==, 12 * 1024);
  g_assert_cmpuint (proc_find_number (text, "Pss"), ==, 5 * 1024);
  g_assert_cmpuint (proc_find_number (text, "voluntary_ctxt_switches"), ==, 34);
  g_assert_cmpuint (proc_find_number (text, "broken"), ==, MEMSCOPE_NOT_RECORDED);
  g_assert_cmpuint (proc_find_number ("", "Rss"), ==, MEMSCOPE_NOT_RECORDED);
}

static void
test_nobody_is_not_an_error (void)
{
  MemscopeBuffer text;
  char small[8];
  ProcStat stat;

  g_assert_false (proc_read_stat (0x7ffffff0, "stat", &stat));
  g_assert_false (proc_read_whole (0x7ffffff0, "maps", &text));
  g_assert_cmpint (proc_read_file (0x7ffffff0, "comm", small, sizeof small), ==, -1);
  g_assert_cmpint (proc_read_file (getpid (), "maps", small, sizeof small), ==, 7);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proc-reader/mappings-of-this-process", test_mappings_of_this_process);
  g_test_add_func ("/proc-reader/mappings-of-strange-files", test_mappings_of_strange_files);
  g_test_add_func ("/proc-reader/amounts-of-mappings", test_amounts_of_mappings);
  g_test_add_func ("/proc-reader/amounts-of-this-process", test_amounts_of_this_process);
  g_test_add_func ("/proc-reader/stat-of-a-misleading-name", test_stat_of_a_misleading_name);
  g_test_add_func ("/proc-reader/numbers-by-key", test_numbers_by_key);
  g_test_add_func ("/proc-reader/nobody-is-not-an-error", test_nobody_is_not_an_error);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file-sink.h"

typedef struct
{
  char *directory;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->directory, "file", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
  g_free (fixture->path);
}

static void
assert_content (Fixture *fixture, const char *expected)
{
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (fixture->path, &content, &length, NULL));
  g_assert_cmpmem (content, length, expected, strlen (expected));
}

static void
test_reserved_room_is_given_back (Fixture *fixture, gconstpointer data)
{
  struct stat status;
  FileSink sink;

  g_assert_true (file_sink_open (&sink, fixture->path, FALSE, UINT64_MAX));
  g_assert_true (file_sink_append (&sink, "abc", 3, 5000));
  g_assert_true (file_sink_append (&sink, "def", 3, 0));
  file_sink_close (&sink);
  assert_content (fixture, "abcdef");
  g_assert_cmpint (stat (fixture->path, &status), ==, 0);
  g_assert_cmpint (status.st_blocks * 512, <, 256 * 1024);
}

/* After the first refusal only the end may still be written: it always fits. */
static void
test_limit_keeps_room_for_the_end (Fixture *fixture, gconstpointer data)
{
  FileSink sink;

  g_assert_true (file_sink_open (&sink, fixture->path, FALSE, 20));
  g_assert_true (file_sink_append (&sink, "0123456789", 10, 5));
  g_assert_false (file_sink_append (&sink, "0123456", 7, 5));
  g_assert_cmpint (sink.error, ==, EFBIG);
  g_assert_false (file_sink_append (&sink, "0", 1, 5));
  g_assert_true (file_sink_append (&sink, "end", 3, 0));
  g_assert_false (file_sink_append (&sink, "01234567", 8, 0));
  file_sink_close (&sink);
  assert_content (fixture, "0123456789end");
}

static void
test_huge_numbers_do_not_wrap (Fixture *fixture, gconstpointer data)
{
  FileSink sink;

  g_assert_true (file_sink_open (&sink, fixture->path, FALSE, 100));
  g_assert_false (file_sink_append (&sink, "x", 1, SIZE_MAX - 1));
  file_sink_close (&sink);
  assert_content (fixture, "");
}

static void
test_replaces_only_when_asked (Fixture *fixture, gconstpointer data)
{
  FileSink sink;

  g_assert_true (g_file_set_contents (fixture->path, "precious", -1, NULL));
  g_assert_false (file_sink_open (&sink, fixture->path, FALSE, UINT64_MAX));
  g_assert_cmpint (errno, ==, EEXIST);
  assert_content (fixture, "precious");
  g_assert_true (file_sink_open (&sink, fixture->path, TRUE, UINT64_MAX));
  file_sink_close (&sink);
  assert_content (fixture, "");
}

/* A pipe or a device has no room that could be reserved and no size. */
static void
test_refuses_what_is_no_file (Fixture *fixture, gconstpointer data)
{
  FileSink sink;

  g_assert_false (file_sink_open (&sink, "/dev/null", TRUE, UINT64_MAX));
  g_assert_false (file_sink_open (&sink, fixture->directory, TRUE, UINT64_MAX));
  g_assert_cmpint (sink.fd, <, 0);
  g_assert_false (file_sink_append (&sink, "x", 1, 0));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/file-sink/reserved-room-is-given-back", test_reserved_room_is_given_back);
  ADD ("/file-sink/limit-keeps-room-for-the-end", test_limit_keeps_room_for_the_end);
  ADD ("/file-sink/huge-numbers-do-not-wrap", test_huge_numbers_do_not_wrap);
  ADD ("/file-sink/replaces-only-when-asked", test_replaces_only_when_asked);
  ADD ("/file-sink/refuses-what-is-no-file", test_refuses_what_is_no_file);

  return g_test_run ();
}

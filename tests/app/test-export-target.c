/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where an export goes: names, places, and what is told of what is there. */

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "memscope-export-target.h"

typedef struct
{
  char  *directory;
  GFile *recording;
} Fixture;

static void
write_file (const Fixture *fixture,
            const char    *name)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

  g_assert_true (g_file_set_contents (path, "hello", -1, NULL));
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autofree char *path = NULL;

  fixture->directory = g_dir_make_tmp ("memscope-target-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  path = g_build_filename (fixture->directory, "run 旅.memscope", NULL);
  fixture->recording = g_file_new_for_path (path);
  write_file (fixture, "run 旅.memscope");
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GDir) directory = g_dir_open (fixture->directory, 0, NULL);

  for (const char *name = g_dir_read_name (directory); name != NULL; name = g_dir_read_name (directory))
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

      g_remove (path);
    }
  g_rmdir (fixture->directory);
  g_free (fixture->directory);
  g_object_unref (fixture->recording);
}

static void
assert_state (const Fixture             *fixture,
              const char                *folder,
              const char                *name,
              MemscopeExportTargetState  expected)
{
  g_autoptr(MemscopeExportTarget) target =
    memscope_export_target_check (folder, name, MEMSCOPE_EXPORT_HTML, fixture->recording, NULL);

  g_assert_cmpint (target->state, ==, expected);
}

static void
assert_resolves (const char *folder,
                 const char *name,
                 const char *expected)
{
  g_autoptr(GFile) file = memscope_export_target_resolve (folder, name, MEMSCOPE_EXPORT_HTML);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  g_assert_cmpstr (path, ==, expected);
}

static void
test_says_what_is_there (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autofree char *folder_name = g_build_filename (fixture->directory, "a.html", NULL);
  g_autofree char *under_file = g_build_filename (fixture->directory, "there.html", NULL);
  g_autofree char *long_name = g_strnfill (300, 'x');
  g_autoptr(MemscopeExportTarget) there = NULL;

  write_file (fixture, "there.html");
  g_assert_cmpint (g_mkdir (folder_name, 0700), ==, 0);

  assert_state (fixture, fixture->directory, "new.html", MEMSCOPE_EXPORT_TARGET_NEW);
  assert_state (fixture, fixture->directory, "there.html", MEMSCOPE_EXPORT_TARGET_EXISTS);
  /* By the name it gets, not by the one that was typed. */
  assert_state (fixture, fixture->directory, "there", MEMSCOPE_EXPORT_TARGET_EXISTS);
  assert_state (fixture, fixture->directory, "", MEMSCOPE_EXPORT_TARGET_NO_NAME);
  assert_state (fixture, fixture->directory, "  ", MEMSCOPE_EXPORT_TARGET_NO_NAME);
  assert_state (fixture, fixture->directory, "..", MEMSCOPE_EXPORT_TARGET_NO_NAME);
  assert_state (fixture, "", "new.html", MEMSCOPE_EXPORT_TARGET_NO_FOLDER);
  assert_state (fixture, "/nonexistent/folder", "new.html", MEMSCOPE_EXPORT_TARGET_NO_FOLDER);
  assert_state (fixture, under_file, "new.html", MEMSCOPE_EXPORT_TARGET_NO_FOLDER);
  assert_state (fixture, fixture->directory, "a.html", MEMSCOPE_EXPORT_TARGET_IS_FOLDER);
  assert_state (fixture, fixture->directory, long_name, MEMSCOPE_EXPORT_TARGET_UNKNOWN);

  there = memscope_export_target_check (fixture->directory, "there.html", MEMSCOPE_EXPORT_HTML, NULL, NULL);
  g_assert_cmpuint (there->size, ==, 5);
  g_assert_cmpint (there->modified, >, 0);
}

static void
test_never_over_the_recording (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "odd.html", NULL);
  g_autoptr(GFile) odd = g_file_new_for_path (path);
  g_autoptr(MemscopeExportTarget) target = NULL;

  /* A recording may be called anything. */
  write_file (fixture, "odd.html");
  target = memscope_export_target_check (fixture->directory, "odd.html", MEMSCOPE_EXPORT_HTML, odd, NULL);
  g_assert_cmpint (target->state, ==, MEMSCOPE_EXPORT_TARGET_IS_RECORDING);
}

static void
test_not_where_writing_is_forbidden (Fixture       *fixture,
                                     gconstpointer  data)
{
  g_autofree char *folder = g_build_filename (fixture->directory, "locked", NULL);

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }
  g_assert_cmpint (g_mkdir (folder, 0500), ==, 0);
  assert_state (fixture, folder, "new.html", MEMSCOPE_EXPORT_TARGET_NOT_WRITABLE);
}

static void
test_reads_places_as_people_type_them (Fixture       *fixture,
                                       gconstpointer  data)
{
  g_autofree char *home = g_build_filename (g_get_home_dir (), "x.html", NULL);
  g_autofree char *below = g_build_filename (g_get_home_dir (), "sub", "x.html", NULL);

  assert_resolves ("/tmp/a", "x.html", "/tmp/a/x.html");
  assert_resolves ("/tmp/a/", " x ", "/tmp/a/x.html");
  assert_resolves ("file:///tmp/a%20b", "x.HTM", "/tmp/a b/x.HTM");
  assert_resolves ("/tmp/a", "/etc/x", "/etc/x.html");
  assert_resolves ("/tmp/a", "b/../x", "/tmp/a/x.html");
  assert_resolves ("~", "x", home);
  assert_resolves ("sub", "x", below);
  assert_resolves ("/tmp/a", "~/x", home);
  assert_resolves ("/tmp/a", "v1.2", "/tmp/a/v1.2.html");
  assert_resolves ("/tmp/a", ".html", "/tmp/a/.html.html");
  assert_resolves ("/tmp/a", "x/", NULL);
}

static void
test_the_suffix_follows_the_format (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_autofree char *json = memscope_export_target_change_suffix ("a.b.HTML", MEMSCOPE_EXPORT_JSON);
  g_autofree char *html = memscope_export_target_change_suffix ("a.json", MEMSCOPE_EXPORT_HTML);
  g_autofree char *same = memscope_export_target_change_suffix ("a.htm", MEMSCOPE_EXPORT_HTML);
  g_autofree char *other = memscope_export_target_change_suffix ("a.txt", MEMSCOPE_EXPORT_HTML);

  g_assert_cmpstr (json, ==, "a.b.json");
  g_assert_cmpstr (html, ==, "a.html");
  g_assert_cmpstr (same, ==, "a.htm");
  g_assert_cmpstr (other, ==, "a.txt");
  g_assert_cmpuint (memscope_export_target_stem_length ("旅.html"), ==, strlen ("旅"));
  g_assert_cmpuint (memscope_export_target_stem_length ("a.txt"), ==, 5);
}

static void
assert_proposes (const Fixture *fixture,
                 GFile         *last_folder,
                 const char    *expected_folder,
                 const char    *expected_name)
{
  g_autoptr(GFile) folder = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;

  memscope_export_target_propose (fixture->recording, last_folder, MEMSCOPE_EXPORT_HTML, NULL, &folder, &name);
  path = g_file_get_path (folder);
  g_assert_cmpstr (path, ==, expected_folder);
  g_assert_cmpstr (name, ==, expected_name);
}

static void
test_proposes_a_name_that_is_free (Fixture       *fixture,
                                   gconstpointer  data)
{
  g_autoptr(GFile) gone = g_file_new_for_path ("/nonexistent/folder");
  g_autofree char *other_path = g_build_filename (fixture->directory, "other", NULL);
  g_autoptr(GFile) other = g_file_new_for_path (other_path);

  assert_proposes (fixture, NULL, fixture->directory, "run 旅.html");
  write_file (fixture, "run 旅.html");
  assert_proposes (fixture, gone, fixture->directory, "run 旅 (2).html");
  write_file (fixture, "run 旅 (2).html");
  assert_proposes (fixture, NULL, fixture->directory, "run 旅 (3).html");

  /* Where the last one went comes first. */
  g_assert_cmpint (g_mkdir (other_path, 0700), ==, 0);
  assert_proposes (fixture, other, other_path, "run 旅.html");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add ("/export-target/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("says-what-is-there", test_says_what_is_there);
  ADD ("never-over-the-recording", test_never_over_the_recording);
  ADD ("not-where-writing-is-forbidden", test_not_where_writing_is_forbidden);
  ADD ("reads-places-as-people-type-them", test_reads_places_as_people_type_them);
  ADD ("the-suffix-follows-the-format", test_the_suffix_follows_the_format);
  ADD ("proposes-a-name-that-is-free", test_proposes_a_name_that_is_free);

  return g_test_run ();
}

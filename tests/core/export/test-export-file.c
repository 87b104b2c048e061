/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-export-file.h"

#include <glib/gstdio.h>
#include <unistd.h>

typedef struct
{
  char  *directory;
  char  *path;
  GFile *file;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->directory = g_dir_make_tmp ("memscope-export-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->directory, "out.json", NULL);
  fixture->file = g_file_new_for_path (fixture->path);
}

/* Nothing but what a test expects may be left in the directory. */
static guint
remove_all (const char *directory)
{
  g_autoptr(GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
      n++;
    }

  g_assert_cmpint (g_rmdir (directory), ==, 0);

  return n;
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_object_unref (fixture->file);
  g_free (fixture->path);
  g_free (fixture->directory);
}

static gboolean
write_text (GOutputStream  *stream,
            gpointer        user_data,
            GCancellable   *cancellable,
            GError        **error)
{
  return g_output_stream_printf (stream, NULL, cancellable, error, "%s", (const char *) user_data);
}

static gboolean
write_half_and_fail (GOutputStream  *stream,
                     gpointer        user_data,
                     GCancellable   *cancellable,
                     GError        **error)
{
  g_output_stream_printf (stream, NULL, NULL, NULL, "half");
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "no space");

  return FALSE;
}

static void
assert_content (const char *path,
                const char *expected)
{
  g_autofree char *content = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (content, ==, expected);
}

static void
test_replaces_the_old_content (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (memscope_export_to_file (fixture->file, write_text, "one", NULL, &error));
  g_assert_no_error (error);
  g_assert_true (memscope_export_to_file (fixture->file, write_text, "two", NULL, &error));
  g_assert_no_error (error);

  assert_content (fixture->path, "two");
  g_assert_cmpuint (remove_all (fixture->directory), ==, 1);
}

static void
test_failure_keeps_the_old_content (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (memscope_export_to_file (fixture->file, write_text, "old", NULL, NULL));
  g_assert_false (memscope_export_to_file (fixture->file, write_half_and_fail, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);

  assert_content (fixture->path, "old");
  g_assert_cmpuint (remove_all (fixture->directory), ==, 1);
}

static void
test_failure_leaves_nothing (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (memscope_export_to_file (fixture->file, write_half_and_fail, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (remove_all (fixture->directory), ==, 0);
}

static void
test_follows_a_link (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autofree char *target = g_build_filename (fixture->directory, "target.json", NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (target, "old", -1, NULL);
  g_assert_cmpint (symlink ("target.json", fixture->path), ==, 0);

  g_assert_true (memscope_export_to_file (fixture->file, write_text, "new", NULL, &error));
  g_assert_no_error (error);

  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_IS_SYMLINK));
  assert_content (target, "new");
  g_assert_cmpuint (remove_all (fixture->directory), ==, 2);
}

static void
test_writes_to_devices (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr(GFile) null = g_file_new_for_path ("/dev/null");
  g_autoptr(GFile) full = g_file_new_for_path ("/dev/full");
  g_autoptr(GError) error = NULL;

  g_assert_true (memscope_export_to_file (null, write_text, "text", NULL, &error));
  g_assert_no_error (error);

  g_assert_false (memscope_export_to_file (full, write_text, "text", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (remove_all (fixture->directory), ==, 0);
}

static void
test_says_why_it_cannot (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr(GFile) nowhere = g_file_new_for_path ("/nonexistent/directory/out.json");
  g_autoptr(GFile) directory = g_file_new_for_path (fixture->directory);
  g_autoptr(GError) error = NULL;

  g_assert_false (memscope_export_to_file (nowhere, write_text, "text", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_false (memscope_export_to_file (directory, write_text, "text", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_assert_cmpuint (remove_all (fixture->directory), ==, 0);
}

#define ADD(name, func) g_test_add ("/export-file/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("replaces-the-old-content", test_replaces_the_old_content);
  ADD ("failure-keeps-the-old-content", test_failure_keeps_the_old_content);
  ADD ("failure-leaves-nothing", test_failure_leaves_nothing);
  ADD ("follows-a-link", test_follows_a_link);
  ADD ("writes-to-devices", test_writes_to_devices);
  ADD ("says-why-it-cannot", test_says_why_it_cannot);

  return g_test_run ();
}

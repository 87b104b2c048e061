/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memscope-paths.h"

static char *
new_directory (void)
{
  g_autoptr(GError) error = NULL;
  char *path = g_dir_make_tmp ("memscope-XXXXXX", &error);

  g_assert_no_error (error);

  return path;
}

static void
test_runtime_dir_is_private (void)
{
  g_autofree char *parent = new_directory ();
  g_autofree char *expected = g_build_filename (parent, "memscope", NULL);
  g_autofree char *again = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  struct stat status;

  g_setenv ("XDG_RUNTIME_DIR", parent, TRUE);
  path = memscope_paths_dup_runtime_dir (&error);
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, expected);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);

  /* Opened up by somebody: closed again. */
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  again = memscope_paths_dup_runtime_dir (&error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);

  g_rmdir (path);
  g_rmdir (parent);
}

static void
test_runtime_dir_follows_no_link (void)
{
  g_autofree char *parent = new_directory ();
  g_autofree char *elsewhere = new_directory ();
  g_autofree char *link = g_build_filename (parent, "memscope", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (symlink (elsewhere, link), ==, 0);
  g_setenv ("XDG_RUNTIME_DIR", parent, TRUE);
  g_assert_null (memscope_paths_dup_runtime_dir (&error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);

  g_unlink (link);
  g_rmdir (parent);
  g_rmdir (elsewhere);
}

static void
test_runtime_dir_of_somebody_else_is_refused (void)
{
  g_autofree char *parent = new_directory ();
  g_autofree char *path = g_build_filename (parent, "memscope", NULL);
  g_autoptr(GError) error = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can give a directory away");
      return;
    }

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
  g_setenv ("XDG_RUNTIME_DIR", parent, TRUE);
  g_assert_null (memscope_paths_dup_runtime_dir (&error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);

  g_rmdir (path);
  g_rmdir (parent);
}

/* A relative or missing XDG_RUNTIME_DIR is no place. */
static void
test_runtime_dir_has_a_last_resort (void)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;

  g_setenv ("XDG_RUNTIME_DIR", "relative/place", TRUE);
  path = memscope_paths_dup_runtime_dir (&error);
  g_assert_no_error (error);
  g_assert_true (g_path_is_absolute (path));
}

static void
test_variables_override (void)
{
  g_setenv ("MEMSCOPE_CLI", "/somewhere/memscope-cli", TRUE);
  g_assert_cmpstr (memscope_paths_get_cli (), ==, "/somewhere/memscope-cli");
  g_setenv ("MEMSCOPE_CLI", "", TRUE);
  g_assert_true (g_str_has_suffix (memscope_paths_get_cli (), "/memscope-cli"));
  g_assert_cmpstr (memscope_paths_get_cli (), !=, "/somewhere/memscope-cli");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paths/runtime-dir-is-private", test_runtime_dir_is_private);
  g_test_add_func ("/paths/runtime-dir-follows-no-link", test_runtime_dir_follows_no_link);
  g_test_add_func ("/paths/runtime-dir-of-somebody-else-is-refused", test_runtime_dir_of_somebody_else_is_refused);
  g_test_add_func ("/paths/runtime-dir-has-a-last-resort", test_runtime_dir_has_a_last_resort);
  g_test_add_func ("/paths/variables-override", test_variables_override);

  return g_test_run ();
}

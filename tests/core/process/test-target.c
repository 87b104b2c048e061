/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>

#include "memscope-target.h"

static char *directory;

static char *
write_file (const char *name, const void *bytes, gsize length, int mode)
{
  char *path = g_build_filename (directory, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, bytes, (gssize)length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, mode), ==, 0);

  return path;
}

static char *
write_script (const char *name, const char *text)
{
  return write_file (name, text, strlen (text), 0755);
}

static void
assert_refused (const char *path, const char *word)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (memscope_target_check (path, &error));
  g_assert_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_null (strchr (error->message, '\n'));
}

static void
assert_fine (const char *path)
{
  g_autoptr(GError) error = NULL;

  memscope_target_check (path, &error);
  g_assert_no_error (error);
}

static void
test_dynamic_programs_are_fine (void)
{
  assert_fine (PLAIN_TARGET);
  assert_fine ("/bin/sh");
}

static void
test_static_programs_are_refused (void)
{
  assert_refused (STATIC_TARGET, "statically");
}

static void
test_setuid_programs_are_refused (void)
{
  g_autofree char *bytes = NULL;
  g_autofree char *path = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (PLAIN_TARGET, &bytes, &length, NULL));
  path = write_file ("setuid", bytes, length, 04755);
  assert_refused (path, "setuid");
}

static void
test_other_architectures_are_refused (void)
{
  Elf64_Ehdr header = {
    .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
    .e_type = ET_EXEC, .e_machine = EM_AARCH64, .e_version = EV_CURRENT, .e_ehsize = sizeof header,
  };
  g_autofree char *path = write_file ("aarch64", &header, sizeof header, 0755);

  assert_refused (path, "64-bit x86");
}

/* False: there is no compiler that could. */
static gboolean
build_program (const char *program, const char *option, const char *text)
{
  g_autofree char *source = g_build_filename (directory, "probe.c", NULL);
  const char *argv[] = { "cc", option, "-w", "-o", program, source, NULL };
  int status = 1;

  g_file_set_contents (source, text, -1, NULL);

  return g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, NULL, NULL, &status, NULL) && status == 0;
}

/* A program that names a sanitizer's runtime, whether or not it is installed. */
static void
test_sanitizer_built_programs_are_refused (void)
{
  g_autofree char *program = g_build_filename (directory, "probe", NULL);

  if (build_program (program, "-fsanitize=address", "int main (void) { return 0; }"))
    assert_refused (program, "sanitizer");
  else
    g_test_skip ("no compiler with AddressSanitizer");
}

/* Its malloc comes before any that is loaded; one that is not seen by others is its own affair. */
static void
test_programs_with_a_built_in_allocator_are_refused (void)
{
  static const char text[] =
    "static char all[1 << 20]; static unsigned long used;\n"
    "VISIBILITY void *malloc (unsigned long size) { used += (size + 31) & ~15ul; return all + used - size; }\n"
    "VISIBILITY void free (void *memory) { }\n"
    "int main (void) { free (malloc (3)); return 0; }\n";
  g_autofree char *program = g_build_filename (directory, "own-allocator", NULL);
  g_autofree char *hidden = g_build_filename (directory, "hidden-allocator", NULL);

  if (!build_program (program, "-DVISIBILITY=", text) || !build_program (hidden, "-DVISIBILITY=static", text))
    {
      g_test_skip ("no compiler");
      return;
    }

  assert_refused (program, "allocator of its own");
  assert_fine (hidden);
}

static void
test_scripts_are_judged_by_their_interpreter (void)
{
  g_autofree char *fine = write_script ("fine", "#!/bin/sh\n");
  g_autofree char *options = write_script ("options", "#! /bin/sh -e\n");
  g_autofree char *bare = write_script ("bare", "echo no interpreter named\n");
  g_autofree char *empty = write_script ("empty", "");
  g_autofree char *line = g_strdup_printf ("#!%s\n", STATIC_TARGET);
  g_autofree char *of_static = write_script ("of-static", line);
  g_autofree char *itself = g_build_filename (directory, "itself", NULL);
  g_autofree char *circle = g_strdup_printf ("#!%s\n", itself);
  g_autofree char *missing = write_script ("missing", "#!/nonexistent/interpreter\n");
  g_autofree char *round = write_script ("itself", circle);
  g_autoptr(GError) error = NULL;

  assert_fine (fine);
  assert_fine (options);
  assert_fine (bare);
  assert_fine (empty);
  assert_refused (of_static, "statically");
  assert_refused (round, "scripts");
  g_assert_false (memscope_target_check (missing, &error));
  g_assert_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_FOUND);
}

/* Whatever the bytes say, the answer is an answer. */
static void
test_damaged_programs_end_in_an_answer (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (5);
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (PLAIN_TARGET, &bytes, &length, NULL));
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *damaged = g_memdup2 (bytes, length);
      g_autofree char *path = NULL;
      gsize cut = i % 3 == 0 ? (gsize)g_rand_int_range (rand, 1, (int)length) : length;

      for (guint j = 0; j < 20; j++)
        damaged[4 + g_rand_int_range (rand, 0, i % 2 == 0 ? 1020 : (int)length - 4)] = (char)g_rand_int (rand);

      path = write_file ("damaged", damaged, cut, 0755);
      memscope_target_check (path, NULL);
    }
}

static void
test_finds_as_the_shell_does (void)
{
  g_autofree char *program = write_script ("program", "#!/bin/sh\n");
  g_autofree char *search = g_strdup_printf ("/nonexistent:%s:/bin", directory);
  g_autofree char *found = memscope_target_find ("program", search, NULL);
  g_autofree char *by_name = memscope_target_find (program, NULL, NULL);
  g_autofree char *by_default = memscope_target_find ("sh", NULL, NULL);
  g_autoptr(GError) missing = NULL;
  g_autoptr(GError) denied = NULL;
  g_autoptr(GError) of_directory = NULL;
  g_autoptr(GError) empty = NULL;

  g_free (write_file ("text", "x", 1, 0644));
  g_assert_cmpstr (found, ==, program);
  g_assert_cmpstr (by_name, ==, program);
  g_assert_cmpstr (by_default, ==, "/bin/sh");
  g_assert_null (memscope_target_find ("no-such-program", search, &missing));
  g_assert_error (missing, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_FOUND);
  g_assert_null (memscope_target_find ("text", search, &denied));
  g_assert_error (denied, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_EXECUTABLE);
  g_assert_null (memscope_target_find (directory, NULL, &of_directory));
  g_assert_error (of_directory, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_EXECUTABLE);
  g_assert_null (memscope_target_find ("", search, &empty));
  g_assert_error (empty, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  g_autofree char *command = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  g_assert_nonnull (directory);

  g_test_add_func ("/target/dynamic-programs-are-fine", test_dynamic_programs_are_fine);
  g_test_add_func ("/target/static-programs-are-refused", test_static_programs_are_refused);
  g_test_add_func ("/target/setuid-programs-are-refused", test_setuid_programs_are_refused);
  g_test_add_func ("/target/other-architectures-are-refused", test_other_architectures_are_refused);
  g_test_add_func ("/target/sanitizer-built-programs-are-refused", test_sanitizer_built_programs_are_refused);
  g_test_add_func ("/target/programs-with-a-built-in-allocator-are-refused", test_programs_with_a_built_in_allocator_are_refused);
  g_test_add_func ("/target/scripts-are-judged-by-their-interpreter", test_scripts_are_judged_by_their_interpreter);
  g_test_add_func ("/target/damaged-programs-end-in-an-answer", test_damaged_programs_end_in_an_answer);
  g_test_add_func ("/target/finds-as-the-shell-does", test_finds_as_the_shell_does);
  result = g_test_run ();

  command = g_strdup_printf ("rm -rf '%s'", directory);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));

  return result;
}

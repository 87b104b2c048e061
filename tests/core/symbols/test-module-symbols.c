/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <string.h>

#include "memscope-error.h"
#include "memscope-module-symbols.h"
#include "target.h"

/* A call in the target, as an address of its file. */
static guint64
call_target (const char *path,
             const char *function,
             TargetCall *call)
{
  void *library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  void (*callee) (TargetCall *call);
  Dl_info info;

  if (!library)
    g_error ("%s", dlerror ());

  *(void **)&callee = dlsym (library, function);
  g_assert_nonnull (callee);
  memset (call, 0, sizeof *call);
  callee (call);
  g_assert_cmpint (dladdr (call->address, &info), !=, 0);

  return (gsize)call->address - (gsize)info.dli_fbase;
}

static GArray *
resolve (const char *path,
         guint64     address)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeModuleSymbols) symbols = memscope_module_symbols_new (path, NULL, 0, &error);
  GArray *resolved = g_array_new (FALSE, FALSE, sizeof (MemscopeResolved));

  g_assert_no_error (error);
  memscope_module_symbols_resolve (symbols, address, resolved);

  /* the strings die with the symbols: keep what tests look at */
  for (guint i = 0; i < resolved->len; i++)
    {
      MemscopeResolved *symbol = &g_array_index (resolved, MemscopeResolved, i);

      symbol->function = g_intern_string (symbol->function);
      symbol->linkage_name = g_intern_string (symbol->linkage_name);
      symbol->file = g_intern_string (symbol->file);
    }

  return resolved;
}

static void
assert_symbol (GArray     *resolved,
               guint       index,
               const char *function,
               const char *file,
               guint       line)
{
  const MemscopeResolved *symbol;

  g_assert_cmpuint (index, <, resolved->len);
  symbol = &g_array_index (resolved, MemscopeResolved, index);
  g_assert_cmpstr (symbol->function, ==, function);
  g_assert_cmpuint (symbol->line, ==, line);

  if (file)
    g_assert_true (g_str_has_suffix (symbol->file, file));
  else
    g_assert_null (symbol->file);
}

static void
test_plain (gconstpointer data)
{
  const char *path = data;
  g_autoptr(GArray) resolved = NULL;
  TargetCall call;
  guint64 address = call_target (path, "target_plain", &call);

  resolved = resolve (path, address - 1);
  g_assert_cmpuint (resolved->len, ==, 1);
  assert_symbol (resolved, 0, "target_plain", "/target.c", (guint)call.line);
  g_assert_true (g_path_is_absolute (g_array_index (resolved, MemscopeResolved, 0).file));
  g_assert_cmpint (g_array_index (resolved, MemscopeResolved, 0).language, ==, MEMSCOPE_LANGUAGE_C);
  g_assert_null (g_array_index (resolved, MemscopeResolved, 0).linkage_name);
}

static void
test_inlined (gconstpointer data)
{
  const char *path = data;
  g_autoptr(GArray) resolved = NULL;
  TargetCall call;
  guint64 address = call_target (path, "target_inlined", &call);

  resolved = resolve (path, address - 1);
  g_assert_cmpuint (resolved->len, ==, 3);
  assert_symbol (resolved, 0, "innermost", "/target.c", (guint)call.line);
  assert_symbol (resolved, 1, "middle", "/target.c", (guint)call.middle_line);
  assert_symbol (resolved, 2, "target_inlined", "/target.c", (guint)call.outer_line);
}

static void
test_nothing_there (gconstpointer data)
{
  g_autoptr(GArray) zero = resolve (data, 0);
  g_autoptr(GArray) far = resolve (data, G_MAXUINT64);
  g_autoptr(GArray) beyond = resolve (data, G_GUINT64_CONSTANT (0x7fffffff));

  g_assert_cmpuint (zero->len, ==, 0);
  g_assert_cmpuint (far->len, ==, 0);
  g_assert_cmpuint (beyond->len, ==, 0);
}

static void
test_cxx (gconstpointer data)
{
  const char *path = data;
  g_autoptr(GArray) resolved = NULL;
  const MemscopeResolved *symbol;
  TargetCall call;
  guint64 address = call_target (path, "target_plain", &call);

  resolved = resolve (path, address - 1);
  g_assert_cmpuint (resolved->len, ==, 1);
  assert_symbol (resolved, 0, "outer::Holder<int>::hold(TargetCall*, int)", "/target.cc", (guint)call.line);
  symbol = &g_array_index (resolved, MemscopeResolved, 0);
  g_assert_cmpstr (symbol->linkage_name, ==, "_ZN5outer6HolderIiE4holdEP10TargetCalli");
  g_assert_cmpint (symbol->language, ==, MEMSCOPE_LANGUAGE_CXX);
}

/* ---- other builds of the same file ------------------------------------------------ */

/* Runs a tool on a copy of @path; NULL: it isn't installed. */
static char *
run_on_copy (const char *path,
             const char *directory,
             const char *name,
             const char *tool,
             const char *option)
{
  g_autofree char *program = g_find_program_in_path (tool);
  g_autofree char *copy = g_build_filename (directory, name, NULL);
  const char *argv[] = { tool, option, path, "-o", copy, NULL };
  g_autoptr(GError) error = NULL;
  int status;

  if (!program)
    {
      g_test_skip ("binutils are not installed");
      return NULL;
    }

  if (g_str_equal (tool, "objcopy"))
    {
      argv[3] = copy;
      argv[4] = NULL;
    }

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);

  return g_steal_pointer (&copy);
}

typedef struct
{
  char *directory;
  char *copy;
} Copy;

static void
copy_clear (Copy *copy)
{
  if (copy->copy)
    g_remove (copy->copy);

  g_rmdir (copy->directory);
  g_free (copy->copy);
  g_free (copy->directory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Copy, copy_clear)

static gboolean
copy_make (Copy       *copy,
           const char *path,
           const char *option)
{
  copy->directory = g_dir_make_tmp ("memscope-symbols-XXXXXX", NULL);
  g_assert_nonnull (copy->directory);
  copy->copy = run_on_copy (path, copy->directory, "target.so", "strip", option);

  return copy->copy != NULL;
}

static void
test_symbol_table (gconstpointer data)
{
  const char *path = data;
  g_auto(Copy) copy = { NULL };
  g_autoptr(GArray) exported = NULL;
  g_autoptr(GArray) hidden = NULL;
  TargetCall call;

  if (!copy_make (&copy, path, "-g"))
    return;

  exported = resolve (copy.copy, call_target (path, "target_plain", &call) - 1);
  g_assert_cmpuint (exported->len, ==, 1);
  assert_symbol (exported, 0, "target_plain", NULL, 0);

  hidden = resolve (copy.copy, call_target (path, "target_static", &call) - 1);
  g_assert_cmpuint (hidden->len, ==, 1);
  g_assert_true (g_str_has_prefix (g_array_index (hidden, MemscopeResolved, 0).function, "hidden_function"));
}

/* Of a stripped file exported functions are known, and no code of another
 * function is given their names.
 */
static void
test_dynamic_symbols (gconstpointer data)
{
  const char *path = data;
  g_auto(Copy) copy = { NULL };
  g_autoptr(GArray) exported = NULL;
  g_autoptr(GArray) hidden = NULL;
  TargetCall call;

  if (!copy_make (&copy, path, "-s"))
    return;

  exported = resolve (copy.copy, call_target (path, "target_plain", &call) - 1);
  g_assert_cmpuint (exported->len, ==, 1);
  assert_symbol (exported, 0, "target_plain", NULL, 0);

  hidden = resolve (copy.copy, call_target (path, "target_static", &call) - 1);
  g_assert_cmpuint (hidden->len, ==, 0);
}

/* program.debug next to a stripped program, found by its debug link. */
static void
test_separate_file (gconstpointer data)
{
  const char *path = data;
  g_auto(Copy) copy = { NULL };
  g_autofree char *debug = NULL;
  g_autofree char *link = NULL;
  g_autoptr(GArray) resolved = NULL;
  g_autoptr(GError) error = NULL;
  TargetCall call;
  int status;

  if (!copy_make (&copy, path, "-s"))
    return;

  if (!(debug = run_on_copy (path, copy.directory, "target.debug", "objcopy", "--only-keep-debug")))
    return;

  {
    const char *argv[] = { "objcopy", NULL, copy.copy, NULL };

    argv[1] = link = g_strdup_printf ("--add-gnu-debuglink=%s", debug);
    g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error (error);
    g_assert_cmpint (status, ==, 0);
  }

  resolved = resolve (copy.copy, call_target (path, "target_inlined", &call) - 1);
  g_assert_cmpuint (resolved->len, ==, 3);
  assert_symbol (resolved, 0, "innermost", "/target.c", (guint)call.line);
  g_remove (debug);
}

static void
test_another_build (gconstpointer data)
{
  const guint8 other[20] = { 1, 2, 3 };
  g_autoptr(GError) error = NULL;

  g_assert_null (memscope_module_symbols_new (data, other, sizeof other, &error));
  g_assert_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "another build"));
}

static void
test_no_elf (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (memscope_module_symbols_new ("/does/not/exist", NULL, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_null (memscope_module_symbols_new ("/dev/null", NULL, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_null (memscope_module_symbols_new ("/etc/passwd", NULL, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

/* A damaged file may give wrong names, or none, but no crash and no hang. */
static void
test_damaged_files (gconstpointer data)
{
  const char *path = data;
  g_auto(Copy) copy = { NULL };
  g_autofree char *contents = NULL;
  gsize length;
  TargetCall call;
  guint64 address = call_target (path, "target_inlined", &call);

  copy.directory = g_dir_make_tmp ("memscope-symbols-XXXXXX", NULL);
  copy.copy = g_build_filename (copy.directory, "target.so", NULL);
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *damaged = g_memdup2 (contents, length);
      g_autoptr(MemscopeModuleSymbols) symbols = NULL;
      g_autoptr(GArray) resolved = g_array_new (FALSE, FALSE, sizeof (MemscopeResolved));
      gsize cut = i % 10 == 0 ? (gsize)g_test_rand_int_range (0, (gint)length) : length;

      for (guint n = 0; n < 20; n++)
        damaged[g_test_rand_int_range (64, (gint)length)] = (char)g_test_rand_int ();

      g_assert_true (g_file_set_contents (copy.copy, damaged, (gssize)cut, NULL));

      if ((symbols = memscope_module_symbols_new (copy.copy, NULL, 0, NULL)))
        memscope_module_symbols_resolve (symbols, address - 1, resolved);
    }
}

int
main (int   argc,
      char *argv[])
{
  const char *c_target, *cxx_target;

  g_test_init (&argc, &argv, NULL);
  c_target = g_getenv ("MEMSCOPE_TEST_TARGET");
  cxx_target = g_getenv ("MEMSCOPE_TEST_TARGET_CXX");
  g_assert_nonnull (c_target);

  g_test_add_data_func ("/module-symbols/function-file-line", c_target, test_plain);
  g_test_add_data_func ("/module-symbols/inlined-innermost-first", c_target, test_inlined);
  g_test_add_data_func ("/module-symbols/nothing-where-nothing-is", c_target, test_nothing_there);

  if (cxx_target)
    g_test_add_data_func ("/module-symbols/c++-demangled", cxx_target, test_cxx);

  g_test_add_data_func ("/module-symbols/symbol-table-without-dwarf", c_target, test_symbol_table);
  g_test_add_data_func ("/module-symbols/exported-names-of-stripped-files", c_target, test_dynamic_symbols);
  g_test_add_data_func ("/module-symbols/separate-debug-file", c_target, test_separate_file);
  g_test_add_data_func ("/module-symbols/another-build-is-refused", c_target, test_another_build);
  g_test_add_func ("/module-symbols/no-elf-file", test_no_elf);
  g_test_add_data_func ("/module-symbols/survives-damaged-files", c_target, test_damaged_files);

  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-wrappers.h"

#include <string.h>

typedef struct
{
  const char      *name;
  MemscopeWrapper  expected;
} Case;

static void
assert_functions (const Case *cases,
                  gsize       n)
{
  for (gsize i = 0; i < n; i++)
    {
      MemscopeWrapper judged = memscope_wrapper_judge_function (cases[i].name, strlen (cases[i].name));

      if (judged != cases[i].expected)
        g_error ("%s: judged %d, expected %d", cases[i].name, judged, cases[i].expected);
    }
}

static void
test_allocators_are_passed_over (void)
{
  static const Case cases[] = {
    { "malloc", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "malloc@@GLIBC_2.2.5", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "__libc_malloc", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "posix_memalign", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "operator new(unsigned long)", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "operator new[](unsigned long, std::align_val_t)", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "void* operator new(unsigned long)", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "__rust_alloc", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "memscope_tracker_track_allocation", MEMSCOPE_WRAPPER_ALLOCATOR },
  };

  assert_functions (cases, G_N_ELEMENTS (cases));
}

static void
test_wrappers_are_passed_over (void)
{
  static const Case cases[] = {
    { "xmalloc", MEMSCOPE_WRAPPER_WRAPPER },
    { "xrealloc.part.0", MEMSCOPE_WRAPPER_WRAPPER },
    { "g_malloc0_n", MEMSCOPE_WRAPPER_WRAPPER },
    { "g_strdup", MEMSCOPE_WRAPPER_WRAPPER },
    { "sqlite3Malloc", MEMSCOPE_WRAPPER_WRAPPER },
    { "Perl_safesysmalloc", MEMSCOPE_WRAPPER_WRAPPER },
    { "strdup", MEMSCOPE_WRAPPER_WRAPPER },
    { "std::__new_allocator<int>::allocate(unsigned long, void const*)", MEMSCOPE_WRAPPER_WRAPPER },
    { "std::vector<Node, std::allocator<Node> >::push_back(Node&&)", MEMSCOPE_WRAPPER_WRAPPER },
    { "void std::vector<int, std::allocator<int> >::_M_realloc_insert<int const&>(int const&)", MEMSCOPE_WRAPPER_WRAPPER },
    { "std::unique_ptr<Shape, std::default_delete<Shape> > std::make_unique<Circle, double>(double&&)", MEMSCOPE_WRAPPER_WRAPPER },
    { "__gnu_cxx::new_allocator<char>::allocate(unsigned long)", MEMSCOPE_WRAPPER_WRAPPER },
    { "alloc::raw_vec::RawVec<T,A>::grow_one", MEMSCOPE_WRAPPER_WRAPPER },
    { "<alloc::vec::Vec<T,A> as core::clone::Clone>::clone", MEMSCOPE_WRAPPER_WRAPPER },
    { "<str as alloc::string::ToString>::to_string", MEMSCOPE_WRAPPER_WRAPPER },
    { "<T as alloc::slice::hack::ConvertVec>::to_vec", MEMSCOPE_WRAPPER_WRAPPER },
    { "<[T] as alloc::borrow::ToOwned>::to_owned", MEMSCOPE_WRAPPER_WRAPPER },
  };

  assert_functions (cases, G_N_ELEMENTS (cases));
}

static void
test_own_code_is_not (void)
{
  static const Case cases[] = {
    { "main", MEMSCOPE_WRAPPER_NONE },
    { "parse_file", MEMSCOPE_WRAPPER_NONE },
    { "mallocate_everything", MEMSCOPE_WRAPPER_NONE },
    { "free_list_init", MEMSCOPE_WRAPPER_NONE },
    { "Scene::add(std::shared_ptr<Shape>)", MEMSCOPE_WRAPPER_NONE },
    { "std_init", MEMSCOPE_WRAPPER_NONE },
    { "std::vector<int> make_numbers<int>(int)", MEMSCOPE_WRAPPER_NONE },
    { "(anonymous namespace)::load(std::string const&)", MEMSCOPE_WRAPPER_NONE },
    { "app::server::handle_request", MEMSCOPE_WRAPPER_NONE },
    { "<app::Node as core::clone::Clone>::clone", MEMSCOPE_WRAPPER_NONE },
    { "operator+(Matrix const&, Matrix const&)", MEMSCOPE_WRAPPER_NONE },
    { "", MEMSCOPE_WRAPPER_NONE },
    { "(", MEMSCOPE_WRAPPER_NONE },
    { "<", MEMSCOPE_WRAPPER_NONE },
    { ">>>><<<(", MEMSCOPE_WRAPPER_NONE },
  };

  assert_functions (cases, G_N_ELEMENTS (cases));
}

static void
test_system_libraries_are_passed_over (void)
{
  static const Case cases[] = {
    { "/usr/lib/x86_64-linux-gnu/libc.so.6", MEMSCOPE_WRAPPER_WRAPPER },
    { "/lib64/ld-linux-x86-64.so.2", MEMSCOPE_WRAPPER_WRAPPER },
    { "libstdc++.so.6", MEMSCOPE_WRAPPER_WRAPPER },
    { "/opt/x/libmemscope-tracker.so", MEMSCOPE_WRAPPER_ALLOCATOR },
    { "/usr/bin/cc1", MEMSCOPE_WRAPPER_NONE },
    { "/usr/lib/libcurl.so.4", MEMSCOPE_WRAPPER_NONE },
    { "/usr/lib/libc.so.6/program", MEMSCOPE_WRAPPER_NONE },
    { "", MEMSCOPE_WRAPPER_NONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (memscope_wrapper_judge_module (cases[i].name, strlen (cases[i].name)), ==, cases[i].expected);
}

/* Names come from files: no byte string may lead anywhere else than to an answer. */
static void
test_any_bytes_are_judged (void)
{
  static const char alphabet[] = "<>(): asm@.[]operatnw&\xff";

  for (guint i = 0; i < 20000; i++)
    {
      char name[24];
      gsize length = (gsize)g_random_int_range (0, sizeof name);
      g_autofree char *copy = NULL;

      for (gsize k = 0; k < length; k++)
        name[k] = alphabet[g_random_int_range (0, sizeof alphabet - 1)];

      copy = g_memdup2 (name, length);
      memscope_wrapper_judge_function (copy != NULL ? copy : "", length);
      memscope_wrapper_judge_module (copy != NULL ? copy : "", length);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/wrappers/allocators-are-passed-over", test_allocators_are_passed_over);
  g_test_add_func ("/wrappers/wrappers-are-passed-over", test_wrappers_are_passed_over);
  g_test_add_func ("/wrappers/own-code-is-not", test_own_code_is_not);
  g_test_add_func ("/wrappers/system-libraries-are-passed-over", test_system_libraries_are_passed_over);
  g_test_add_func ("/wrappers/any-bytes-are-judged", test_any_bytes_are_judged);

  return g_test_run ();
}

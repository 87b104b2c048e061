/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "memscope-demangle.h"

static void
assert_demangles (const char       *linkage_name,
                  const char       *expected,
                  MemscopeLanguage  language)
{
  g_autofree char *name = memscope_demangle (linkage_name);

  g_assert_cmpstr (name, ==, expected);
  g_assert_cmpint (memscope_mangled_language (linkage_name), ==, language);
}

static void
test_cxx (void)
{
  assert_demangles ("_Znwm", "operator new(unsigned long)", MEMSCOPE_LANGUAGE_CXX);
  assert_demangles ("_ZNSt6vectorIiSaIiEE9push_backERKi",
                    "std::vector<int, std::allocator<int> >::push_back(int const&)", MEMSCOPE_LANGUAGE_CXX);
  assert_demangles ("_ZZN5outer4workEvENKUlvE_clEv",
                    "outer::work()::{lambda()#1}::operator()() const", MEMSCOPE_LANGUAGE_CXX);
  assert_demangles ("_Z4workv.cold", "work() [clone .cold]", MEMSCOPE_LANGUAGE_CXX);
}

static void
test_rust (void)
{
  assert_demangles ("_ZN4core3ptr13drop_in_place17h0123456789abcdefE",
                    "core::ptr::drop_in_place", MEMSCOPE_LANGUAGE_RUST);
  assert_demangles ("_ZN50_$LT$T$u20$as$u20$core..convert..Into$LT$U$GT$$GT$4into17h0123456789abcdefE",
                    "<T as core::convert::Into<U>>::into", MEMSCOPE_LANGUAGE_RUST);
  assert_demangles ("_ZN3foo3bar17h0123456789abcdefE.llvm.1234", "foo::bar", MEMSCOPE_LANGUAGE_RUST);
  assert_demangles ("_RNvC6_123foo3bar", "123foo::bar", MEMSCOPE_LANGUAGE_RUST);
  assert_demangles ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar", MEMSCOPE_LANGUAGE_RUST);
}

static void
test_others (void)
{
  assert_demangles ("main", NULL, MEMSCOPE_LANGUAGE_UNKNOWN);
  assert_demangles ("", NULL, MEMSCOPE_LANGUAGE_UNKNOWN);
  assert_demangles ("_start", NULL, MEMSCOPE_LANGUAGE_UNKNOWN);
  assert_demangles ("__libc_malloc", NULL, MEMSCOPE_LANGUAGE_UNKNOWN);
  assert_demangles ("_Z", NULL, MEMSCOPE_LANGUAGE_CXX);
  assert_demangles ("_ZN17hE", NULL, MEMSCOPE_LANGUAGE_CXX);
  assert_demangles ("</script><img src=x onerror=alert(1)>", NULL, MEMSCOPE_LANGUAGE_UNKNOWN);
}

/* Each parameter is a pair of the one before: twice as long every time. */
static void
test_explosions (void)
{
  g_autoptr(GString) name = g_string_new ("_Z1f1PIiiE");
  g_autofree char *long_name = g_strnfill (100000, 'x');
  g_autofree char *text = NULL;

  for (guint i = 0; i < 60; i++)
    {
      const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
      g_autofree char *part = i == 0 ? g_strdup ("S0_")
                                     : i < 36 ? g_strdup_printf ("S%c_", digits[i])
                                              : g_strdup_printf ("S%c%c_", digits[i / 36], digits[i % 36]);

      g_string_append_printf (name, "S_I%s%sE", part, part);
    }

  text = memscope_demangle (name->str);
  g_assert_true (!text || strlen (text) <= 65536);

  memcpy (long_name, "_Z", 2);
  g_assert_null (memscope_demangle (long_name));
}

static void
test_damage (void)
{
  const char *names[] = {
    "_ZNSt6vectorIiSaIiEE9push_backERKi", "_RNvNtCs1234_7mycrate3foo3bar", "_ZN3foo3bar17h0123456789abcdefE",
  };

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup (names[i % G_N_ELEMENTS (names)]);
      g_autofree char *text = NULL;

      for (guint n = g_test_rand_int_range (1, 4); n > 0; n--)
        name[2 + g_test_rand_int_range (0, (gint)strlen (name) - 2)] = (char)g_test_rand_int_range (33, 127);

      text = memscope_demangle (name);
      g_assert_true (!text || strlen (text) <= 65536);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/demangle/c++", test_cxx);
  g_test_add_func ("/demangle/rust", test_rust);
  g_test_add_func ("/demangle/leaves-others-alone", test_others);
  g_test_add_func ("/demangle/stops-at-names-that-explode", test_explosions);
  g_test_add_func ("/demangle/survives-damage", test_damage);

  return g_test_run ();
}

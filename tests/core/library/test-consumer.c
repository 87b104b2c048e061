/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A program that knows the installed header and the shared library, nothing else. */

#include "libmemscope.h"

static void
test_loads_and_summarises (void)
{
  /* an empty file of memscope-rs, layout A */
  static const guint8 empty[16] = { 'M', 'E', 'M', 'S', 'C', 'O', 'P', 'E', 1 };
  g_autoptr(GBytes) bytes = g_bytes_new_static (empty, sizeof empty);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = memscope_load_bytes (bytes, "empty", &error);
  g_autoptr(MemscopeSelection) everything = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, 0);

  everything = memscope_selection_new_all (session);
  summary = memscope_summary_new (session, everything, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (summary->total_allocations, ==, 0);
}

static void
test_errors_have_the_documented_domain (void)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("something else", 14);
  g_autoptr(GError) error = NULL;

  g_assert_null (memscope_load_bytes (bytes, "other", &error));
  g_assert_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/libmemscope/loads-and-summarises", test_loads_and_summarises);
  g_test_add_func ("/libmemscope/errors-have-the-documented-domain", test_errors_have_the_documented_domain);

  return g_test_run ();
}

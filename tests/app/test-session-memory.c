/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>

#include "app-fixture.h"
#include "memscope-session-memory.h"

static char *
sessions_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "memscope", "sessions", NULL);
}

static guint
count_files (void)
{
  g_autofree char *folder = sessions_folder ();
  g_autoptr(GDir) directory = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (directory != NULL && g_dir_read_name (directory) != NULL)
    n++;

  return n;
}

static void
test_brings_back_all_of_it (void)
{
  static const MemscopeThreadId threads[] = { 1, 3 };
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autoptr(MemscopeViewState) state = memscope_view_state_new (session);
  g_autoptr(MemscopeViewState) again = memscope_view_state_new (session);
  MemscopeGroup group = { .thread = 1, .variable = 2 };
  guint64 end = memscope_view_state_get_end (state);
  gboolean dismissed;

  memscope_view_state_set_range (state, end / 4, end / 2);
  memscope_view_state_set_instant (state, end / 3);
  memscope_view_state_set_threads (state, threads, 2);
  memscope_view_state_set_sizes (state, 16, 65536);
  memscope_view_state_set_origins (state, 1u << MEMSCOPE_ORIGIN_FILE);
  memscope_view_state_set_text (state, "buffer; [with] = signs\n");
  memscope_view_state_set_stages (state, 5);
  memscope_view_state_set_view (state, "variables");
  memscope_view_state_set_group (state, &group);
  memscope_session_memory_save ("all-of-it", state, TRUE);

  g_assert_true (memscope_session_memory_restore ("all-of-it", again, &dismissed));
  g_assert_true (dismissed);
  g_assert_true (memscope_selection_equal (memscope_view_state_get_selection (state),
                                           memscope_view_state_get_selection (again)));
  g_assert_cmpuint (memscope_view_state_get_stages (again), ==, 5);
  g_assert_cmpstr (memscope_view_state_get_view (again), ==, "variables");
  g_assert_true (memscope_group_same_key (memscope_view_state_get_group (again), &group));
}

static void
test_nothing_special_leaves_nothing (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autoptr(MemscopeViewState) state = memscope_view_state_new (session);
  guint before = count_files ();
  gboolean dismissed = TRUE;

  memscope_view_state_set_view (state, "overview");
  memscope_session_memory_save ("nothing", state, FALSE);
  g_assert_cmpuint (count_files (), ==, before);
  g_assert_false (memscope_session_memory_restore ("nothing", state, &dismissed));
  g_assert_false (dismissed);

  /* What was special and is no more is forgotten. */
  memscope_view_state_set_text (state, "x");
  memscope_session_memory_save ("nothing", state, FALSE);
  g_assert_cmpuint (count_files (), ==, before + 1);
  memscope_view_state_clear_filters (state);
  memscope_session_memory_save ("nothing", state, FALSE);
  g_assert_cmpuint (count_files (), ==, before);
}

static void
test_nonsense_is_left_out (void)
{
  static const char *const texts[] = {
    "", "[view]", "not a key file", "\xff\xfe",
    "[view]\nbegin=5\nend=4\nthreads=1,99999999\nmodules=x\nkinds=0\nstages=-1\ncard-thread=7777\ncard-variable=1\n",
    "[view]\nbegin=99999999999999999999\nkinds=4294967295\ntext=\\xff\n",
  };
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autofree char *folder = sessions_folder ();
  g_autofree char *path = g_build_filename (folder, "nonsense.ini", NULL);

  g_mkdir_with_parents (folder, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(MemscopeViewState) state = memscope_view_state_new (session);
      gboolean dismissed;

      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      memscope_session_memory_restore ("nonsense", state, &dismissed);
      g_assert_false (memscope_view_state_has_range (state));
      g_assert_null (memscope_view_state_get_group (state));
      g_assert_cmpuint (memscope_selection_get_origins (memscope_view_state_get_selection (state)), !=, 0);
    }
  g_unlink (path);
}

static void
test_only_so_many_are_kept (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autoptr(MemscopeViewState) state = memscope_view_state_new (session);

  memscope_view_state_set_text (state, "x");
  for (guint i = 0; i < MEMSCOPE_SESSION_MEMORY_MAX + 10; i++)
    {
      g_autofree char *key = g_strdup_printf ("many-%u", i);

      memscope_session_memory_save (key, state, FALSE);
    }
  g_assert_cmpuint (count_files (), <=, MEMSCOPE_SESSION_MEMORY_MAX);
}

static void
test_other_contents_are_another_recording (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  GFile *file = app_fixture_unpack ("app/typical_full.memscope.gz");
  g_autofree char *first = memscope_session_memory_dup_key (session, file);
  g_autofree char *same = memscope_session_memory_dup_key (session, file);
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *other = NULL;
  FILE *stream = g_fopen (path, "ab");

  g_assert_nonnull (stream);
  fputc ('x', stream);
  fclose (stream);
  other = memscope_session_memory_dup_key (session, file);
  g_assert_cmpstr (first, ==, same);
  g_assert_cmpstr (first, !=, other);
  g_assert_null (memscope_session_memory_dup_key (session, NULL));
  app_fixture_remove (file);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/session-memory/brings-back-all-of-it", test_brings_back_all_of_it);
  g_test_add_func ("/session-memory/nothing-special-leaves-nothing", test_nothing_special_leaves_nothing);
  g_test_add_func ("/session-memory/nonsense-is-left-out", test_nonsense_is_left_out);
  g_test_add_func ("/session-memory/only-so-many-are-kept", test_only_so_many_are_kept);
  g_test_add_func ("/session-memory/other-contents-are-another-recording", test_other_contents_are_another_recording);

  return g_test_run ();
}

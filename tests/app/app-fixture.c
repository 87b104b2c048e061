/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <string.h>

#include "app-fixture.h"
#include "memscope-loader.h"
#include "memscope-query.h"

/* Not a measure of speed, only an end to waiting for what will never come. */
#define PATIENCE_SECONDS 120

static GBytes *
unpack_bytes (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, name, NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  g_autoptr(GConverter) converter = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr(GFileInputStream) stream = g_file_read (file, NULL, &error);
  g_autoptr(GInputStream) unpacked = NULL;
  g_autoptr(GOutputStream) output = g_memory_output_stream_new_resizable ();

  g_assert_no_error (error);
  unpacked = g_converter_input_stream_new (G_INPUT_STREAM (stream), converter);
  g_output_stream_splice (output, unpacked, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  g_assert_no_error (error);

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

MemscopeSession *
app_fixture_load (const char *name)
{
  g_autoptr(GBytes) bytes = unpack_bytes (name);
  g_autoptr(GError) error = NULL;
  MemscopeSession *session = memscope_load_bytes (bytes, name, &error);

  g_assert_no_error (error);

  return session;
}

GFile *
app_fixture_unpack (const char *name)
{
  g_autoptr(GBytes) bytes = unpack_bytes (name);
  g_autofree char *directory = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  g_autofree char *base = g_path_get_basename (name);
  g_autofree char *path = NULL;

  base[strlen (base) - strlen (".gz")] = '\0';
  path = g_build_filename (directory, base, NULL);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));

  return g_file_new_for_path (path);
}

void
app_fixture_remove (GFile *file)
{
  g_autoptr(GFile) directory = g_file_get_parent (file);

  g_file_delete (file, NULL, NULL);
  g_file_delete (directory, NULL, NULL);
  g_object_unref (file);
}

void
app_fixture_remove_tree (const char *path)
{
  g_autoptr(GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      app_fixture_remove_tree (child);
    }

  g_remove (path);
}

gboolean
app_fixture_init_gtk (void)
{
  if (!gtk_init_check ())
    return FALSE;

  adw_init ();
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);

  return TRUE;
}

static gboolean
lose_patience (gpointer user_data)
{
  g_error ("Waited %d s in vain", PATIENCE_SECONDS);

  return G_SOURCE_REMOVE;
}

static gboolean
look_again (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
app_fixture_wait (gboolean (*done) (gpointer),
                  gpointer   user_data)
{
  guint source = g_timeout_add_seconds (PATIENCE_SECONDS, lose_patience, NULL);
  /* What other processes and threads do wakes no main loop. */
  guint again = g_timeout_add (10, look_again, NULL);

  while (!done (user_data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (again);
  g_source_remove (source);
}

static gboolean
tell (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_CONTINUE;
}

void
app_fixture_settle (void)
{
  guint quiet = 0;

  /* Widgets ask for more in idle callbacks and frames: quiet means that none of them was due
   * for a while, however slow the machine is. What never ends (an animation) is not waited for.
   */
  while (quiet < 5)
    {
      gboolean passed = FALSE;
      guint calm = g_timeout_add_full (G_PRIORITY_LOW, 20, tell, &passed, NULL);
      guint busy = g_timeout_add_seconds (2, tell, &passed);

      while (!passed)
        g_main_context_iteration (NULL, TRUE);
      g_source_remove (calm);
      g_source_remove (busy);
      quiet = memscope_query_count () > 0 ? 0 : quiet + 1;
    }
}

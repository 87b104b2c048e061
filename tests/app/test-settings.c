/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-html-exporter.h"
#include "memscope-settings.h"

static void
test_a_missing_schema_is_no_end (void)
{
  g_autoptr(GSettings) settings = NULL;
  g_autoptr(GSettings) others = NULL;

  g_test_expect_message ("memscope-app", G_LOG_LEVEL_MESSAGE, "*not installed in /nowhere*lasts until*");
  settings = memscope_settings_new (NULL, "/nowhere");
  g_test_assert_expected_messages ();
  g_assert_cmpint (g_settings_get_int (settings, "window-width"), ==, 1280);
  g_assert_true (g_settings_set_int (settings, "window-width", 900));
  g_assert_cmpint (g_settings_get_int (settings, "window-width"), ==, 900);

  /* It never reached the user's own settings. */
  others = g_object_ref (memscope_settings_get ());
  g_assert_cmpint (g_settings_get_int (others, "window-width"), ==, 1280);
}

static void
test_the_schema_is_found_where_it_is_installed (void)
{
  g_autoptr(GSettings) settings = memscope_settings_new (NULL, g_getenv ("GSETTINGS_SCHEMA_DIR"));
  g_autofree char *view = g_settings_get_string (settings, "last-view");

  g_assert_cmpstr (view, ==, "overview");
}

/* Two lists of the same values, one in C and one in XML. */
static void
test_redaction_means_the_same_as_to_the_exporter (void)
{
  GSettings *settings = memscope_settings_get ();

  g_assert_cmpuint (g_settings_get_flags (settings, "export-redact"), ==, MEMSCOPE_REDACT_NOTHING);
  g_settings_set_strv (settings, "export-redact", (const char *[]) { "paths", NULL });
  g_assert_cmpuint (g_settings_get_flags (settings, "export-redact"), ==, MEMSCOPE_REDACT_PATHS);
  g_settings_set_strv (settings, "export-redact", (const char *[]) { "arguments", NULL });
  g_assert_cmpuint (g_settings_get_flags (settings, "export-redact"), ==, MEMSCOPE_REDACT_ARGUMENTS);
  g_settings_set_strv (settings, "export-redact", (const char *[]) { "environment", NULL });
  g_assert_cmpuint (g_settings_get_flags (settings, "export-redact"), ==, MEMSCOPE_REDACT_ENVIRONMENT);
  g_settings_reset (settings, "export-redact");

  g_assert_cmpuint ((guint64) g_settings_get_int (settings, "export-size-budget") * 1024 * 1024, ==,
                    MEMSCOPE_HTML_DEFAULT_BUDGET);
}

static void
test_recordings_have_a_folder (void)
{
  GSettings *settings = memscope_settings_get ();
  g_autoptr(GFile) usual = memscope_settings_dup_recordings_folder ();
  g_autoptr(GFile) chosen = NULL;
  g_autofree char *name = g_file_get_basename (usual);

  g_assert_cmpstr (name, ==, "MemScope");
  g_settings_set_string (settings, "recordings-folder", "file:///tmp/a%20b");
  chosen = memscope_settings_dup_recordings_folder ();
  g_assert_cmpstr (g_file_peek_path (chosen), ==, "/tmp/a b");
  g_settings_reset (settings, "recordings-folder");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/settings/a-missing-schema-is-no-end", test_a_missing_schema_is_no_end);
  g_test_add_func ("/settings/the-schema-is-found-where-it-is-installed", test_the_schema_is_found_where_it_is_installed);
  g_test_add_func ("/settings/redaction-means-the-same-as-to-the-exporter", test_redaction_means_the_same_as_to_the_exporter);
  g_test_add_func ("/settings/recordings-have-a-folder", test_recordings_have_a_folder);

  return g_test_run ();
}

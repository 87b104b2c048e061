/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <adwaita.h>
#include <string.h>

#include "app-fixture.h"
#include "memscope-about.h"
#include "memscope-application.h"
#include "memscope-help.h"
#include "memscope-preferences.h"
#include "memscope-settings.h"

static GtkApplication *application;

static GtkWidget *
find_row (GtkWidget  *widget,
          const char *title)
{
  if (ADW_IS_PREFERENCES_ROW (widget) && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title) == 0)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_row (child, title);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static GtkWidget *
find_label (GtkWidget  *widget,
            const char *text)
{
  if (GTK_IS_LABEL (widget) && g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), text) == 0)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static void
test_the_style_is_applied_at_once (void)
{
  GSettings *settings = memscope_settings_get ();
  AdwStyleManager *style = adw_style_manager_get_default ();
  GtkWindow *window = memscope_preferences_new (NULL);
  AdwComboRow *row = ADW_COMBO_ROW (find_row (GTK_WIDGET (window), "Style"));

  adw_combo_row_set_selected (row, 2);
  g_assert_cmpint (g_settings_get_enum (settings, "color-scheme"), ==, 2);
  g_assert_cmpint (adw_style_manager_get_color_scheme (style), ==, ADW_COLOR_SCHEME_FORCE_DARK);
  adw_combo_row_set_selected (row, 1);
  g_assert_cmpint (adw_style_manager_get_color_scheme (style), ==, ADW_COLOR_SCHEME_FORCE_LIGHT);

  /* Changed elsewhere: the row follows. */
  g_settings_reset (settings, "color-scheme");
  g_assert_cmpuint (adw_combo_row_get_selected (row), ==, 0);
  g_assert_cmpint (adw_style_manager_get_color_scheme (style), ==, ADW_COLOR_SCHEME_DEFAULT);

  gtk_window_destroy (window);
}

static void
test_each_privacy_switch_is_its_own (void)
{
  GSettings *settings = memscope_settings_get ();
  GtkWindow *window = memscope_preferences_new (NULL);
  GtkWidget *paths = adw_action_row_get_activatable_widget (ADW_ACTION_ROW (find_row (GTK_WIDGET (window), "Paths")));
  GtkWidget *environment = adw_action_row_get_activatable_widget (ADW_ACTION_ROW (find_row (GTK_WIDGET (window), "Environment")));

  gtk_switch_set_active (GTK_SWITCH (paths), TRUE);
  gtk_switch_set_active (GTK_SWITCH (environment), TRUE);
  g_assert_cmpuint (g_settings_get_flags (settings, "export-redact"), ==, 1 | 4);
  gtk_switch_set_active (GTK_SWITCH (paths), FALSE);
  g_assert_cmpuint (g_settings_get_flags (settings, "export-redact"), ==, 4);
  g_settings_reset (settings, "export-redact");
  g_assert_false (gtk_switch_get_active (GTK_SWITCH (environment)));

  gtk_window_destroy (window);
}

static void
test_the_other_rows_are_settings (void)
{
  GSettings *settings = memscope_settings_get ();
  GtkWindow *window = memscope_preferences_new (NULL);
  AdwComboRow *language = ADW_COMBO_ROW (find_row (GTK_WIDGET (window), "Language"));
  AdwComboRow *range = ADW_COMBO_ROW (find_row (GTK_WIDGET (window), "Range"));
  AdwActionRow *size = ADW_ACTION_ROW (find_row (GTK_WIDGET (window), "Largest size, MiB"));
  GtkWidget *folder = find_row (GTK_WIDGET (window), "Kept in");
  g_autofree char *chosen = NULL;

  adw_combo_row_set_selected (language, 2);
  chosen = g_settings_get_string (settings, "export-language");
  g_assert_cmpstr (chosen, ==, "zh_CN");
  adw_combo_row_set_selected (range, 1);
  g_assert_cmpint (g_settings_get_enum (settings, "export-range"), ==, 1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (adw_action_row_get_activatable_widget (size)), 64);
  g_assert_cmpint (g_settings_get_int (settings, "export-size-budget"), ==, 64);

  /* A subtitle is markup, a folder's name is not. */
  g_settings_set_string (settings, "recordings-folder", "file:///tmp/a%20%3Cb%3E%26");
  g_assert_nonnull (find_label (folder, "/tmp/a <b>&"));

  g_settings_reset (settings, "export-language");
  g_settings_reset (settings, "export-range");
  g_settings_reset (settings, "export-size-budget");
  g_settings_reset (settings, "recordings-folder");
  gtk_window_destroy (window);
}

static void
make_page (const char *directory,
           const char *language)
{
  g_autofree char *folder = g_build_filename (directory, language, NULL);
  g_autofree char *path = g_build_filename (folder, "index.html", NULL);

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, "<p>", -1, NULL));
}

static void
test_the_help_speaks_the_users_language (void)
{
  g_autofree char *directory = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  const char *chinese[] = { "zh_CN.UTF-8", "zh_CN", "zh.UTF-8", "zh", "C", NULL };
  const char *french[] = { "fr_FR", "fr", "C", NULL };
  g_autoptr(GFile) page = NULL;

  g_assert_null (memscope_help_dup_page (directory, chinese));
  make_page (directory, "en");
  make_page (directory, "zh_CN");
  page = memscope_help_dup_page (directory, chinese);
  g_assert_true (g_str_has_suffix (g_file_peek_path (page), "/zh_CN/index.html"));
  g_clear_object (&page);
  page = memscope_help_dup_page (directory, french);
  g_assert_true (g_str_has_suffix (g_file_peek_path (page), "/en/index.html"));

  app_fixture_remove_tree (directory);
}

static void
test_facts_name_versions_and_nobody (void)
{
  g_autofree char *facts = memscope_about_dup_facts ();

  g_assert_nonnull (strstr (facts, "MemScope " PACKAGE_VERSION));
  g_assert_nonnull (strstr (facts, "GTK 4."));
  g_assert_nonnull (strstr (facts, "libadwaita 1."));
  g_assert_nonnull (strstr (facts, "GLib 2."));
  g_assert_null (strstr (facts, g_get_home_dir ()));
  g_assert_null (strstr (facts, g_get_host_name ()));
}

static void
test_the_about_window_opens (void)
{
  memscope_about_show (NULL);
  app_fixture_settle ();
  for (guint i = 0; i < g_list_model_get_n_items (gtk_window_get_toplevels ()); i++)
    {
      g_autoptr(GtkWindow) window = g_list_model_get_item (gtk_window_get_toplevels (), i);

      if (ADW_IS_ABOUT_WINDOW (window))
        {
          g_assert_cmpstr (adw_about_window_get_version (ADW_ABOUT_WINDOW (window)), ==, PACKAGE_VERSION);
          g_assert_nonnull (strstr (adw_about_window_get_release_notes (ADW_ABOUT_WINDOW (window)), "<ul><li>"));
          gtk_window_destroy (window);
          return;
        }
    }

  g_assert_not_reached ();
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  application = GTK_APPLICATION (memscope_application_new ());
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));

  g_test_add_func ("/preferences/the-style-is-applied-at-once", test_the_style_is_applied_at_once);
  g_test_add_func ("/preferences/each-privacy-switch-is-its-own", test_each_privacy_switch_is_its_own);
  g_test_add_func ("/preferences/the-other-rows-are-settings", test_the_other_rows_are_settings);
  g_test_add_func ("/help/the-help-speaks-the-users-language", test_the_help_speaks_the_users_language);
  g_test_add_func ("/about/facts-name-versions-and-nobody", test_facts_name_versions_and_nobody);
  g_test_add_func ("/about/the-about-window-opens", test_the_about_window_opens);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}

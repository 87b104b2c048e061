/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window of keyboard shortcuts says what the application does, and all of it. */

#include "config.h"

#include <gtk/gtk.h>

#include "app-fixture.h"
#include "memscope-application.h"

#define HELP_OVERLAY "/org/memscope/MemScope/gtk/help-overlay.ui"

static GtkApplication *application;

static void
collect (GtkWidget  *widget,
         GHashTable *actions,
         GPtrArray  *accelerators)
{
  if (GTK_IS_SHORTCUTS_SHORTCUT (widget))
    {
      g_autofree char *action = NULL;
      g_autofree char *accelerator = NULL;
      g_autofree char *title = NULL;

      g_object_get (widget, "action-name", &action, "accelerator", &accelerator, "title", &title, NULL);
      g_assert_nonnull (title);
      if (action != NULL && *action != '\0')
        g_hash_table_add (actions, g_steal_pointer (&action));
      else
        g_ptr_array_add (accelerators, g_steal_pointer (&accelerator));
    }

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    collect (child, actions, accelerators);
}

static GtkWidget *
load_overlay (GHashTable *actions,
              GPtrArray  *accelerators)
{
  g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource (HELP_OVERLAY);
  GtkWidget *overlay = GTK_WIDGET (gtk_builder_get_object (builder, "help_overlay"));

  g_assert_nonnull (overlay);
  collect (overlay, actions, accelerators);

  return overlay;
}

static void
test_every_accelerator_is_listed (void)
{
  g_autoptr(GHashTable) actions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) accelerators = g_ptr_array_new_with_free_func (g_free);
  g_auto(GStrv) described = gtk_application_list_action_descriptions (application);
  GtkWidget *overlay = load_overlay (actions, accelerators);

  g_assert_cmpuint (g_strv_length (described), >, 10);
  for (guint i = 0; described[i] != NULL; i++)
    {
      /* GTK's own, for this very window: it is listed by its keys. */
      if (g_str_equal (described[i], "win.show-help-overlay"))
        continue;
      if (!g_hash_table_contains (actions, described[i]))
        g_error ("%s has a key, but is not in app/shortcuts.ui", described[i]);
    }

  gtk_window_destroy (GTK_WINDOW (overlay));
}

static void
test_every_action_listed_has_a_key (void)
{
  g_autoptr(GHashTable) actions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) accelerators = g_ptr_array_new_with_free_func (g_free);
  GtkWidget *overlay = load_overlay (actions, accelerators);
  GHashTableIter iter;
  gpointer action;

  g_hash_table_iter_init (&iter, actions);
  while (g_hash_table_iter_next (&iter, &action, NULL))
    {
      g_auto(GStrv) keys = gtk_application_get_accels_for_action (application, action);

      if (keys[0] == NULL)
        g_error ("%s is in app/shortcuts.ui, but has no key", (const char *) action);
    }

  gtk_window_destroy (GTK_WINDOW (overlay));
}

static void
test_no_key_means_two_things (void)
{
  g_auto(GStrv) described = gtk_application_list_action_descriptions (application);
  g_autoptr(GHashTable) keys_seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; described[i] != NULL; i++)
    {
      g_auto(GStrv) keys = gtk_application_get_accels_for_action (application, described[i]);

      for (guint j = 0; keys[j] != NULL; j++)
        {
          const char *other = g_hash_table_lookup (keys_seen, keys[j]);

          if (other != NULL)
            g_error ("%s belongs to %s and to %s", keys[j], other, described[i]);
          g_hash_table_insert (keys_seen, g_strdup (keys[j]), g_strdup (described[i]));
        }
    }
}

static void
test_keys_listed_by_themselves_exist (void)
{
  g_autoptr(GHashTable) actions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) accelerators = g_ptr_array_new_with_free_func (g_free);
  GtkWidget *overlay = load_overlay (actions, accelerators);

  for (guint i = 0; i < accelerators->len; i++)
    {
      g_auto(GStrv) keys = g_strsplit (g_ptr_array_index (accelerators, i), " ", -1);

      for (guint j = 0; keys[j] != NULL; j++)
        {
          guint key;
          GdkModifierType modifiers;

          if (!gtk_accelerator_parse (keys[j], &key, &modifiers))
            g_error ("“%s” in app/shortcuts.ui is no key", keys[j]);
        }
    }

  gtk_window_destroy (GTK_WINDOW (overlay));
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

  g_test_add_func ("/shortcuts/every-accelerator-is-listed", test_every_accelerator_is_listed);
  g_test_add_func ("/shortcuts/every-action-listed-has-a-key", test_every_action_listed_has_a_key);
  g_test_add_func ("/shortcuts/no-key-means-two-things", test_no_key_means_two_things);
  g_test_add_func ("/shortcuts/keys-listed-by-themselves-exist", test_keys_listed_by_themselves_exist);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}

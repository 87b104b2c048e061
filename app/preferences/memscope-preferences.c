/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-preferences.h"
#include "memscope-settings.h"

struct _MemscopePreferences
{
  AdwPreferencesWindow  parent_instance;

  GtkFileChooserNative *chooser;

  AdwComboRow          *color_scheme;
  AdwActionRow         *folder;
  GtkWidget            *folder_reset;
  AdwComboRow          *export_range;
  GtkSwitch            *user_variables_only;
  AdwComboRow          *language;
  GtkSpinButton        *size_budget;
  GtkSwitch            *redact_paths;
  GtkSwitch            *redact_arguments;
  GtkSwitch            *redact_environment;
};

G_DEFINE_FINAL_TYPE (MemscopePreferences, memscope_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* In the order of the rows in the .ui file; the first also for what is not here. */
static const char *const languages[] = { "", "en", "zh_CN", NULL };

/* Both the row's position and the enumeration count from 0 in the same order. */
static void
memscope_preferences_enum_selected (AdwComboRow *row,
                                    GParamSpec  *pspec,
                                    gpointer     key)
{
  guint selected = adw_combo_row_get_selected (row);

  if (selected != GTK_INVALID_LIST_POSITION)
    g_settings_set_enum (memscope_settings_get (), key, (int) selected);
}

static void
memscope_preferences_enum_changed (GSettings   *settings,
                                   const char  *key,
                                   AdwComboRow *row)
{
  adw_combo_row_set_selected (row, (guint) g_settings_get_enum (settings, key));
}

static void
memscope_preferences_bind_enum (AdwComboRow *row,
                                const char  *key)
{
  GSettings *settings = memscope_settings_get ();
  g_autofree char *detailed = g_strconcat ("changed::", key, NULL);

  memscope_preferences_enum_changed (settings, key, row);
  g_signal_connect_object (settings, detailed, G_CALLBACK (memscope_preferences_enum_changed), row, 0);
  g_signal_connect (row, "notify::selected", G_CALLBACK (memscope_preferences_enum_selected), (gpointer) key);
}

static gboolean
language_to_position (GValue   *value,
                      GVariant *variant,
                      gpointer  user_data)
{
  guint position = 0;

  for (guint i = 0; languages[i] != NULL; i++)
    if (g_str_equal (languages[i], g_variant_get_string (variant, NULL)))
      position = i;
  g_value_set_uint (value, position);

  return TRUE;
}

static GVariant *
position_to_language (const GValue       *value,
                      const GVariantType *type,
                      gpointer            user_data)
{
  guint position = g_value_get_uint (value);

  return g_variant_new_string (languages[MIN (position, G_N_ELEMENTS (languages) - 2)]);
}

static gboolean
flags_to_switch (GValue   *value,
                 GVariant *variant,
                 gpointer  flag)
{
  g_autofree const char **flags = g_variant_get_strv (variant, NULL);

  g_value_set_boolean (value, g_strv_contains (flags, flag));

  return TRUE;
}

/* One switch of several that share a key: the others keep what they have. */
static GVariant *
switch_to_flags (const GValue       *value,
                 const GVariantType *type,
                 gpointer            flag)
{
  g_auto(GStrv) before = g_settings_get_strv (memscope_settings_get (), "export-redact");
  g_autoptr(GStrvBuilder) after = g_strv_builder_new ();
  g_auto(GStrv) flags = NULL;

  for (guint i = 0; before[i] != NULL; i++)
    if (!g_str_equal (before[i], flag))
      g_strv_builder_add (after, before[i]);
  if (g_value_get_boolean (value))
    g_strv_builder_add (after, flag);
  flags = g_strv_builder_end (after);

  return g_variant_new_strv ((const char *const *) flags, -1);
}

static void
memscope_preferences_bind_flag (GtkSwitch  *row_switch,
                                const char *flag)
{
  g_settings_bind_with_mapping (memscope_settings_get (), "export-redact", row_switch, "active",
                                G_SETTINGS_BIND_DEFAULT, flags_to_switch, switch_to_flags, (gpointer) flag, NULL);
}

static void
memscope_preferences_show_folder (MemscopePreferences *self)
{
  g_autoptr(GFile) folder = memscope_settings_dup_recordings_folder ();
  g_autofree char *name = g_file_get_parse_name (folder);
  g_autofree char *uri = g_settings_get_string (memscope_settings_get (), "recordings-folder");
  g_autofree char *markup = g_markup_escape_text (name, -1);

  /* A row's subtitle is markup. */
  adw_action_row_set_subtitle (self->folder, markup);
  gtk_widget_set_sensitive (self->folder_reset, *uri != '\0');
}

static void
memscope_preferences_folder_response (GtkNativeDialog *dialog,
                                      int              response,
                                      gpointer         user_data)
{
  MemscopePreferences *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *uri = g_file_get_uri (folder);

      g_settings_set_string (memscope_settings_get (), "recordings-folder", uri);
    }

  g_clear_object (&self->chooser);
}

static void
memscope_preferences_choose_folder (MemscopePreferences *self)
{
  g_autoptr(GFile) folder = memscope_settings_dup_recordings_folder ();

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_("Where Recordings Are Kept"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("_Select"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (g_file_query_exists (folder, NULL))
    gtk_file_chooser_set_file (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (memscope_preferences_folder_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
memscope_preferences_reset_folder (MemscopePreferences *self)
{
  g_settings_reset (memscope_settings_get (), "recordings-folder");
}

static void
memscope_preferences_dispose (GObject *object)
{
  MemscopePreferences *self = MEMSCOPE_PREFERENCES (object);

  g_clear_object (&self->chooser);

  G_OBJECT_CLASS (memscope_preferences_parent_class)->dispose (object);
}

static void
memscope_preferences_class_init (MemscopePreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_preferences_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, color_scheme);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, folder);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, folder_reset);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, export_range);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, user_variables_only);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, language);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, size_budget);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, redact_paths);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, redact_arguments);
  gtk_widget_class_bind_template_child (widget_class, MemscopePreferences, redact_environment);
  gtk_widget_class_bind_template_callback (widget_class, memscope_preferences_choose_folder);
  gtk_widget_class_bind_template_callback (widget_class, memscope_preferences_reset_folder);
}

static void
memscope_preferences_init (MemscopePreferences *self)
{
  GSettings *settings = memscope_settings_get ();

  gtk_widget_init_template (GTK_WIDGET (self));

  memscope_preferences_bind_enum (self->color_scheme, "color-scheme");
  memscope_preferences_bind_enum (self->export_range, "export-range");
  g_settings_bind (settings, "export-user-variables-only", self->user_variables_only, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (settings, "export-language", self->language, "selected", G_SETTINGS_BIND_DEFAULT,
                                language_to_position, position_to_language, NULL, NULL);
  g_settings_bind (settings, "export-size-budget", gtk_spin_button_get_adjustment (self->size_budget), "value",
                   G_SETTINGS_BIND_DEFAULT);
  memscope_preferences_bind_flag (self->redact_paths, "paths");
  memscope_preferences_bind_flag (self->redact_arguments, "arguments");
  memscope_preferences_bind_flag (self->redact_environment, "environment");

  g_signal_connect_object (settings, "changed::recordings-folder",
                           G_CALLBACK (memscope_preferences_show_folder), self, G_CONNECT_SWAPPED);
  memscope_preferences_show_folder (self);
}

GtkWindow *
memscope_preferences_new (GtkWindow *parent)
{
  return g_object_new (MEMSCOPE_TYPE_PREFERENCES, "transient-for", parent, "modal", parent != NULL, NULL);
}

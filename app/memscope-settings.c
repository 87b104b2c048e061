/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of the process. g_settings_new() ends the program when the schema
 * is not installed; looking for it first lets a program that runs from its build
 * tree, or from a package without its post-install step, do without.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#define G_SETTINGS_ENABLE_BACKEND
#include <gio/gsettingsbackend.h>

#include "memscope-settings.h"

#define SCHEMAS "gschemas.compiled"

static GSettingsSchema *
lookup_in_directory (const char *directory)
{
  g_autoptr(GSettingsSchemaSource) source = NULL;

  source = g_settings_schema_source_new_from_directory (directory, g_settings_schema_source_get_default (), FALSE, NULL);

  return source != NULL ? g_settings_schema_source_lookup (source, APP_ID, FALSE) : NULL;
}

/* The compiled schema that is part of the program; schemas can only be read from a directory. */
static GSettingsSchema *
lookup_built_in (void)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  g_autofree char *path = NULL;
  GSettingsSchema *schema = NULL;

  if (directory == NULL)
    return NULL;

  path = g_build_filename (directory, SCHEMAS, NULL);
  bytes = g_resources_lookup_data ("/org/memscope/MemScope/" SCHEMAS, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  if (bytes != NULL &&
      g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL))
    schema = lookup_in_directory (directory);

  /* It stays mapped. */
  g_unlink (path);
  g_rmdir (directory);

  return schema;
}

GSettings *
memscope_settings_new (GSettingsSchemaSource *source,
                       const char            *directory)
{
  g_autoptr(GSettingsSchema) schema = NULL;
  g_autoptr(GSettingsBackend) backend = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, APP_ID, TRUE);
  if (schema == NULL)
    schema = lookup_in_directory (directory);
  if (schema == NULL)
    {
      schema = lookup_built_in ();
      backend = g_memory_settings_backend_new ();
      g_message ("The settings schema " APP_ID " is not installed in %s: "
                 "what you set lasts until MemScope ends. Install MemScope again to keep it.", directory);
    }
  if (schema == NULL)
    {
      g_printerr ("memscope: there is no settings schema, and no place for a temporary one in %s\n", g_get_tmp_dir ());
      exit (1);
    }

  return g_settings_new_full (schema, backend, NULL);
}

GSettings *
memscope_settings_get (void)
{
  static GSettings *settings;

  if (settings == NULL)
    settings = memscope_settings_new (g_settings_schema_source_get_default (), SCHEMADIR);

  return settings;
}

GFile *
memscope_settings_dup_recordings_folder (void)
{
  g_autofree char *uri = g_settings_get_string (memscope_settings_get (), "recordings-folder");
  const char *documents;
  g_autofree char *path = NULL;

  if (*uri != '\0')
    return g_file_new_for_uri (uri);

  documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  path = g_build_filename (documents != NULL ? documents : g_get_home_dir (), "MemScope", NULL);

  return g_file_new_for_path (path);
}

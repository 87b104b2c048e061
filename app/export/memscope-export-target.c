/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "memscope-export-target.h"

#define MOST_NAMES 1000    /* tried before one that exists is proposed */

static const char *const suffixes[MEMSCOPE_N_EXPORT_FORMATS][4] = {
  [MEMSCOPE_EXPORT_HTML] = { ".html", ".htm", ".xhtml" },
  [MEMSCOPE_EXPORT_JSON] = { ".json" },
};

void
memscope_export_target_free (MemscopeExportTarget *self)
{
  g_clear_object (&self->file);
  g_free (self->message);
  g_free (self);
}

/* ---- names ------------------------------------------------------------------------- */

/* Bytes of the suffix that `name` has of the format; 0: none. */
static gsize
suffix_length (const char           *name,
               MemscopeExportFormat  format)
{
  gsize length = strlen (name);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes[format]) && suffixes[format][i] != NULL; i++)
    {
      gsize n = strlen (suffixes[format][i]);

      if (length > n && name[length - n - 1] != '/' && g_ascii_strcasecmp (name + length - n, suffixes[format][i]) == 0)
        return n;
    }

  return 0;
}

static char *
complete_name (const char           *name,
               MemscopeExportFormat  format)
{
  return suffix_length (name, format) > 0 ? g_strdup (name) : g_strconcat (name, suffixes[format][0], NULL);
}

char *
memscope_export_target_default_name (GFile                *recording,
                                     MemscopeExportFormat  format)
{
  g_autofree char *base = recording != NULL ? g_file_get_basename (recording) : NULL;
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "session");

  if (g_str_has_suffix (name, ".memscope") && strlen (name) > strlen (".memscope"))
    name[strlen (name) - strlen (".memscope")] = '\0';
  /* The folder's own: a directory of segments may be called so. */
  g_strdelimit (name, "/", '_');

  return g_strconcat (name, suffixes[format][0], NULL);
}

char *
memscope_export_target_change_suffix (const char           *name,
                                      MemscopeExportFormat  format)
{
  for (guint other = 0; other < MEMSCOPE_N_EXPORT_FORMATS; other++)
    {
      gsize n = suffix_length (name, other);

      if (n > 0 && other != format)
        {
          g_autofree char *stem = g_strndup (name, strlen (name) - n);

          return g_strconcat (stem, suffixes[format][0], NULL);
        }
    }

  return g_strdup (name);
}

gsize
memscope_export_target_stem_length (const char *name)
{
  for (guint format = 0; format < MEMSCOPE_N_EXPORT_FORMATS; format++)
    {
      gsize n = suffix_length (name, format);

      if (n > 0)
        return strlen (name) - n;
    }

  return strlen (name);
}

/* ---- places ------------------------------------------------------------------------ */

char *
memscope_export_target_show_folder (GFile *folder)
{
  return g_file_get_parse_name (folder);
}

static GFile *
parse_place (const char *text)
{
  g_autofree char *scheme = g_uri_parse_scheme (text);

  /* Not from the folder the program happens to run in. */
  if (scheme == NULL && *text != '/' && *text != '~')
    {
      g_autoptr(GFile) home = g_file_new_for_path (g_get_home_dir ());

      return g_file_resolve_relative_path (home, text);
    }

  return g_file_parse_name (text);
}

GFile *
memscope_export_target_resolve (const char           *folder,
                                const char           *name,
                                MemscopeExportFormat  format)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (name));
  g_autofree char *place = g_strstrip (g_strdup (folder));
  g_autofree char *complete = NULL;
  g_autoptr(GFile) parent = NULL;

  if (*trimmed == '\0' || g_str_has_suffix (trimmed, "/") || g_str_equal (trimmed, ".") || g_str_equal (trimmed, ".."))
    return NULL;

  complete = complete_name (trimmed, format);
  if (*complete == '/' || g_str_has_prefix (complete, "~/"))
    return g_file_parse_name (complete);

  if (*place == '\0')
    return NULL;
  parent = parse_place (place);
  if (strchr (complete, '/') != NULL)
    return g_file_resolve_relative_path (parent, complete);

  return g_file_get_child_for_display_name (parent, complete, NULL);
}

/* ---- looking ----------------------------------------------------------------------- */

static gboolean
is_writable_folder (GFile        *folder,
                    GCancellable *cancellable)
{
  g_autoptr(GFileInfo) info = g_file_query_info (folder,
                                                 G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_ACCESS_CAN_WRITE,
                                                 G_FILE_QUERY_INFO_NONE, cancellable, NULL);

  return info != NULL && g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY &&
         (!g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_ACCESS_CAN_WRITE) ||
          g_file_info_get_attribute_boolean (info, G_FILE_ATTRIBUTE_ACCESS_CAN_WRITE));
}

static gboolean
is_folder (GFile        *folder,
           GCancellable *cancellable)
{
  return g_file_query_file_type (folder, G_FILE_QUERY_INFO_NONE, cancellable) == G_FILE_TYPE_DIRECTORY;
}

/* Whatever is there is replaced in its folder, so that is where writing must be allowed. */
static MemscopeExportTargetState
look_at_folder (GFile                     *file,
                MemscopeExportTargetState  otherwise,
                GCancellable              *cancellable)
{
  g_autoptr(GFile) folder = g_file_get_parent (file);

  if (folder == NULL || !is_folder (folder, cancellable))
    return MEMSCOPE_EXPORT_TARGET_NO_FOLDER;

  return is_writable_folder (folder, cancellable) ? otherwise : MEMSCOPE_EXPORT_TARGET_NOT_WRITABLE;
}

static void
look_at_file (MemscopeExportTarget *self,
              GFileInfo            *info,
              GCancellable         *cancellable)
{
  GFileType type = g_file_info_get_file_type (info);

  self->size = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_STANDARD_SIZE);
  self->modified = (gint64) g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED) * G_USEC_PER_SEC;

  if (type == G_FILE_TYPE_DIRECTORY)
    self->state = MEMSCOPE_EXPORT_TARGET_IS_FOLDER;
  else if (type == G_FILE_TYPE_REGULAR)
    self->state = look_at_folder (self->file, MEMSCOPE_EXPORT_TARGET_EXISTS, cancellable);
  else
    self->state = MEMSCOPE_EXPORT_TARGET_EXISTS;
}

MemscopeExportTarget *
memscope_export_target_check (const char           *folder,
                              const char           *name,
                              MemscopeExportFormat  format,
                              GFile                *recording,
                              GCancellable         *cancellable)
{
  MemscopeExportTarget *self = g_new0 (MemscopeExportTarget, 1);
  g_autoptr(GFileInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  self->file = memscope_export_target_resolve (folder, name, format);
  if (self->file == NULL)
    {
      g_autofree char *place = g_strstrip (g_strdup (folder));

      self->state = *place == '\0' ? MEMSCOPE_EXPORT_TARGET_NO_FOLDER : MEMSCOPE_EXPORT_TARGET_NO_NAME;
      return self;
    }

  info = g_file_query_info (self->file,
                            G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE ","
                            G_FILE_ATTRIBUTE_TIME_MODIFIED,
                            G_FILE_QUERY_INFO_NONE, cancellable, &error);
  if (info != NULL && recording != NULL && g_file_equal (recording, self->file))
    self->state = MEMSCOPE_EXPORT_TARGET_IS_RECORDING;
  else if (info != NULL)
    look_at_file (self, info, cancellable);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    self->state = look_at_folder (self->file, MEMSCOPE_EXPORT_TARGET_NEW, cancellable);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY))
    self->state = MEMSCOPE_EXPORT_TARGET_NO_FOLDER;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    self->state = MEMSCOPE_EXPORT_TARGET_NOT_WRITABLE;
  else
    {
      self->state = MEMSCOPE_EXPORT_TARGET_UNKNOWN;
      self->message = g_utf8_make_valid (error->message, -1);
    }

  return self;
}

void
memscope_export_target_propose (GFile                *recording,
                                GFile                *last_folder,
                                MemscopeExportFormat  format,
                                GCancellable         *cancellable,
                                GFile               **folder,
                                char                **name)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  g_autoptr(GFile) beside = recording != NULL ? g_file_get_parent (recording) : NULL;
  g_autoptr(GFile) personal = documents != NULL ? g_file_new_for_path (documents) : NULL;
  g_autoptr(GFile) home = g_file_new_for_path (g_get_home_dir ());
  GFile *const places[] = { last_folder, beside, personal };
  g_autofree char *plain = memscope_export_target_default_name (recording, format);
  g_autofree char *stem = g_strndup (plain, memscope_export_target_stem_length (plain));
  GFile *found = home;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (places[i] != NULL && is_writable_folder (places[i], cancellable))
      {
        found = places[i];
        break;
      }

  *folder = g_object_ref (found);
  *name = g_strdup (plain);
  for (guint i = 2; i < MOST_NAMES && !g_cancellable_is_cancelled (cancellable); i++)
    {
      g_autoptr(GFile) file = g_file_get_child_for_display_name (found, *name, NULL);

      if (file == NULL || !g_file_query_exists (file, cancellable))
        return;
      g_free (*name);
      *name = g_strdup_printf ("%s (%u)%s", stem, i, suffixes[format][0]);
    }
}

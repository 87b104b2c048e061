/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-mutes.h"

#define FOLDER_MODE 0700

struct _MemscopeMutes
{
  GObject               parent_instance;

  GFile                *file;
  GPtrArray            *lines;          /* as they stand in the file */
  MemscopeSuppressions *suppressions;
  char                 *complaint;
};

enum { CHANGED, N_SIGNALS };

G_DEFINE_FINAL_TYPE (MemscopeMutes, memscope_mutes, G_TYPE_OBJECT)

static guint signals[N_SIGNALS];

static void
memscope_mutes_finalize (GObject *object)
{
  MemscopeMutes *self = MEMSCOPE_MUTES (object);

  g_clear_object (&self->file);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_clear_pointer (&self->suppressions, memscope_suppressions_free);
  g_clear_pointer (&self->complaint, g_free);

  G_OBJECT_CLASS (memscope_mutes_parent_class)->finalize (object);
}

static void
memscope_mutes_class_init (MemscopeMutesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_mutes_finalize;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
memscope_mutes_init (MemscopeMutes *self)
{
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->suppressions = memscope_suppressions_new ();
}

MemscopeMutes *
memscope_mutes_new (GFile *file)
{
  MemscopeMutes *self;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  self = g_object_new (MEMSCOPE_TYPE_MUTES, NULL);
  self->file = g_object_ref (file);
  memscope_mutes_reload (self);

  return self;
}

MemscopeMutes *
memscope_mutes_get_default (void)
{
  static MemscopeMutes *mutes;

  if (mutes == NULL)
    {
      g_autofree char *path = g_build_filename (g_get_user_config_dir (), "memscope", "suppressions", NULL);
      g_autoptr(GFile) file = g_file_new_for_path (path);

      mutes = memscope_mutes_new (file);
    }

  return mutes;
}

GFile *
memscope_mutes_get_file (MemscopeMutes *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MUTES (self), NULL);

  return self->file;
}

const char *
memscope_mutes_get_complaint (MemscopeMutes *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MUTES (self), NULL);

  return self->complaint;
}

/* The lines of the file as they are, whatever they mean. */
static void
memscope_mutes_read_lines (MemscopeMutes *self)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  gsize length;

  g_ptr_array_set_size (self->lines, 0);
  if (!g_file_load_contents (self->file, NULL, &text, &length, NULL, NULL) || !g_utf8_validate (text, (gssize) length, NULL))
    return;

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      /* What ends with a line break has no further line. */
      if (lines[i + 1] == NULL && *lines[i] == '\0')
        break;
      g_ptr_array_add (self->lines, g_strdup (lines[i]));
    }
}

void
memscope_mutes_reload (MemscopeMutes *self)
{
  g_autoptr(MemscopeSuppressions) suppressions = memscope_suppressions_new ();
  g_autoptr(GError) error = NULL;

  g_return_if_fail (MEMSCOPE_IS_MUTES (self));

  g_clear_pointer (&self->complaint, g_free);
  if (!memscope_suppressions_load (suppressions, self->file, NULL, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_autofree char *name = g_file_get_parse_name (self->file);

      self->complaint = g_strdup_printf (_("“%s” can’t be read, so nothing in it is muted. %s"), name, error->message);
    }

  memscope_mutes_read_lines (self);
  g_clear_pointer (&self->suppressions, memscope_suppressions_free);
  self->suppressions = g_steal_pointer (&suppressions);
  g_signal_emit (self, signals[CHANGED], 0);
}

MemscopeSuppressions *
memscope_mutes_dup_suppressions (MemscopeMutes *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MUTES (self), NULL);

  return memscope_suppressions_copy (self->suppressions);
}

static gboolean
memscope_mutes_write (MemscopeMutes  *self,
                      GError        **error)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GFile) folder = g_file_get_parent (self->file);
  g_autofree char *path = folder != NULL ? g_file_get_path (folder) : NULL;

  if (path != NULL && g_mkdir_with_parents (path, FOLDER_MODE) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The folder “%s” can’t be made"), path);
      return FALSE;
    }

  for (guint i = 0; i < self->lines->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) g_ptr_array_index (self->lines, i));

  return g_file_replace_contents (self->file, text->str, text->len, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, error);
}

static guint
memscope_mutes_find (MemscopeMutes *self,
                     const char    *line)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      g_autofree char *stripped = g_strstrip (g_strdup (g_ptr_array_index (self->lines, i)));

      if (g_str_equal (stripped, line))
        return i;
    }

  return G_MAXUINT;
}

gboolean
memscope_mutes_has (MemscopeMutes *self,
                    const char    *line)
{
  g_return_val_if_fail (MEMSCOPE_IS_MUTES (self), FALSE);

  return memscope_mutes_find (self, line) != G_MAXUINT;
}

gboolean
memscope_mutes_add (MemscopeMutes  *self,
                    const char     *line,
                    GError        **error)
{
  gboolean written;

  g_return_val_if_fail (MEMSCOPE_IS_MUTES (self), FALSE);
  g_return_val_if_fail (line != NULL && strchr (line, '\n') == NULL, FALSE);

  memscope_mutes_read_lines (self);
  if (self->lines->len == 0)
    g_ptr_array_add (self->lines, g_strdup ("# Findings that MemScope mutes, one a line: memscope-cli(1), SUPPRESSIONS"));
  if (memscope_mutes_find (self, line) == G_MAXUINT)
    g_ptr_array_add (self->lines, g_strdup (line));
  written = memscope_mutes_write (self, error);
  memscope_mutes_reload (self);

  return written;
}

gboolean
memscope_mutes_remove (MemscopeMutes  *self,
                       const char     *line,
                       GError        **error)
{
  gboolean written = TRUE;
  guint found;

  g_return_val_if_fail (MEMSCOPE_IS_MUTES (self), FALSE);

  memscope_mutes_read_lines (self);
  while ((found = memscope_mutes_find (self, line)) != G_MAXUINT)
    g_ptr_array_remove_index (self->lines, found);
  written = memscope_mutes_write (self, error);
  memscope_mutes_reload (self);

  return written;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <gtk/gtk.h>
#include <string.h>

#include "memscope-recent.h"
#include "memscope-text.h"

#define MAX_RECENTS 50
#define MAX_FILE    (1024 * 1024)

G_DEFINE_FINAL_TYPE (MemscopeRecent, memscope_recent, G_TYPE_OBJECT)

static GListStore *recents;

static void
memscope_recent_finalize (GObject *object)
{
  MemscopeRecent *self = MEMSCOPE_RECENT (object);

  g_clear_pointer (&self->uri, g_free);
  g_clear_pointer (&self->description, g_free);

  G_OBJECT_CLASS (memscope_recent_parent_class)->finalize (object);
}

static void
memscope_recent_class_init (MemscopeRecentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_recent_finalize;
}

static void
memscope_recent_init (MemscopeRecent *self)
{
  self->description = g_strdup ("");
}

MemscopeRecent *
memscope_recent_new (const char *uri)
{
  MemscopeRecent *self = g_object_new (MEMSCOPE_TYPE_RECENT, NULL);

  self->uri = g_strdup (uri);

  return self;
}

GFile *
memscope_recent_dup_file (MemscopeRecent *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECENT (self), NULL);

  return g_file_new_for_uri (self->uri);
}

static char *
recent_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "memscope", "recent.ini", NULL);
}

/* The file is the user's and may have been edited or cut: what does not make
 * sense is left out, not complained about.
 */
static MemscopeRecent *
recent_from_key_file (GKeyFile   *file,
                      const char *uri)
{
  MemscopeRecent *self = memscope_recent_new (uri);
  g_autofree char *description = g_key_file_get_string (file, uri, "description", NULL);
  g_autofree double *spark = NULL;
  gsize n_spark = 0;

  if (description != NULL && g_utf8_validate (description, -1, NULL))
    {
      g_free (self->description);
      self->description = memscope_text_clip (description, MEMSCOPE_TEXT_LABEL_CHARS);
    }
  self->state = CLAMP (g_key_file_get_integer (file, uri, "state", NULL), 0, MEMSCOPE_RECENT_IMPORT);
  self->peak_bytes = g_key_file_get_uint64 (file, uri, "peak", NULL);
  self->opened = g_key_file_get_int64 (file, uri, "opened", NULL);
  spark = g_key_file_get_double_list (file, uri, "spark", &n_spark, NULL);
  for (gsize i = 0; i < MIN (n_spark, MEMSCOPE_SPARK_BUCKETS); i++)
    self->spark[i] = spark[i] >= 0 && spark[i] < 1e30 ? (float) spark[i] : 0;

  return self;
}

static int
compare_opened (gconstpointer a,
                gconstpointer b,
                gpointer      user_data)
{
  gint64 opened_a = ((const MemscopeRecent *) a)->opened;
  gint64 opened_b = ((const MemscopeRecent *) b)->opened;

  return (opened_a < opened_b) - (opened_a > opened_b);
}

static void
recent_list_load (void)
{
  g_autofree char *path = recent_path ();
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autofree char *contents = NULL;
  g_auto(GStrv) uris = NULL;
  gsize length;

  recents = g_list_store_new (MEMSCOPE_TYPE_RECENT);
  if (!g_file_get_contents (path, &contents, &length, NULL) || length > MAX_FILE ||
      !g_key_file_load_from_data (file, contents, length, G_KEY_FILE_NONE, NULL))
    return;

  uris = g_key_file_get_groups (file, NULL);
  for (guint i = 0; uris[i] != NULL && i < MAX_RECENTS; i++)
    {
      g_autoptr(MemscopeRecent) recent = recent_from_key_file (file, uris[i]);

      g_list_store_insert_sorted (recents, recent, compare_opened, NULL);
    }
}

static void
recent_list_save (void)
{
  g_autofree char *path = recent_path ();
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (recents)); i++)
    {
      g_autoptr(MemscopeRecent) recent = g_list_model_get_item (G_LIST_MODEL (recents), i);
      double spark[MEMSCOPE_SPARK_BUCKETS];

      for (guint j = 0; j < MEMSCOPE_SPARK_BUCKETS; j++)
        spark[j] = recent->spark[j];
      g_key_file_set_string (file, recent->uri, "description", recent->description);
      g_key_file_set_integer (file, recent->uri, "state", recent->state);
      g_key_file_set_uint64 (file, recent->uri, "peak", recent->peak_bytes);
      g_key_file_set_int64 (file, recent->uri, "opened", recent->opened);
      g_key_file_set_double_list (file, recent->uri, "spark", spark, MEMSCOPE_SPARK_BUCKETS);
    }

  g_mkdir_with_parents (directory, 0700);
  if (!g_key_file_save_to_file (file, path, &error))
    g_info ("Recent sessions are not remembered: %s", error->message);
}

GListModel *
memscope_recent_list_get (void)
{
  if (recents == NULL)
    recent_list_load ();

  return G_LIST_MODEL (recents);
}

static gboolean
recent_list_drop (const char *uri)
{
  GListModel *list = memscope_recent_list_get ();

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr(MemscopeRecent) recent = g_list_model_get_item (list, i);

      if (g_str_equal (recent->uri, uri))
        {
          g_list_store_remove (recents, i);
          return TRUE;
        }
    }

  return FALSE;
}

/* The desktop's own list, which file dialogs and the shell's search show. */
static void
recent_tell_desktop (const char *uri)
{
  GtkRecentData data = {
    .mime_type = (char *) "application/x-memscope",
    .app_name = (char *) "MemScope",
    .app_exec = (char *) "memscope %u",
  };

  gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}

void
memscope_recent_list_add (MemscopeRecent *recent)
{
  g_return_if_fail (MEMSCOPE_IS_RECENT (recent));

  /* Key files have no way to write these as a group name. */
  if (strpbrk (recent->uri, "[]\n\r") != NULL)
    {
      g_object_unref (recent);
      return;
    }

  recent_list_drop (recent->uri);
  g_list_store_insert (recents, 0, recent);
  while (g_list_model_get_n_items (G_LIST_MODEL (recents)) > MAX_RECENTS)
    g_list_store_remove (recents, MAX_RECENTS);
  recent_list_save ();
  recent_tell_desktop (recent->uri);
  g_object_unref (recent);
}

void
memscope_recent_list_remove (const char *uri)
{
  if (recent_list_drop (uri))
    recent_list_save ();
}

void
memscope_recent_list_move (const char *uri,
                           GFile      *file)
{
  g_autoptr(MemscopeRecent) recent = NULL;
  GListModel *list = memscope_recent_list_get ();

  g_return_if_fail (G_IS_FILE (file));

  for (guint i = 0; i < g_list_model_get_n_items (list) && recent == NULL; i++)
    {
      g_autoptr(MemscopeRecent) candidate = g_list_model_get_item (list, i);

      if (g_str_equal (candidate->uri, uri))
        recent = g_steal_pointer (&candidate);
    }
  if (recent == NULL)
    return;

  recent_list_drop (uri);
  g_free (recent->uri);
  recent->uri = g_file_get_uri (file);
  memscope_recent_list_add (g_steal_pointer (&recent));
}

gboolean
memscope_recent_matches (MemscopeRecent *self,
                         const char     *text)
{
  g_autoptr(GFile) file = memscope_recent_dup_file (self);
  g_autofree char *path = g_file_get_parse_name (file);
  g_autofree char *folded_path = g_utf8_casefold (path, -1);
  g_autofree char *folded_description = g_utf8_casefold (self->description, -1);
  g_autofree char *folded_text = g_utf8_casefold (text, -1);
  g_auto(GStrv) words = g_strsplit_set (folded_text, " \t", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (strstr (folded_path, words[i]) == NULL && strstr (folded_description, words[i]) == NULL)
      return FALSE;

  return TRUE;
}

void
memscope_recent_list_reload (void)
{
  g_clear_object (&recents);
}

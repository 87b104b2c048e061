/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-help.h"
#include "memscope-window.h"

#define HELP_DIRECTORY PACKAGE_DATADIR "/help"

GFile *
memscope_help_dup_page (const char        *directory,
                        const char *const *languages)
{
  g_autofree char *english = g_build_filename (directory, "en", "index.html", NULL);

  for (guint i = 0; languages[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (directory, languages[i], "index.html", NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_file_new_for_path (path);
    }

  return g_file_test (english, G_FILE_TEST_IS_REGULAR) ? g_file_new_for_path (english) : NULL;
}

static void
memscope_help_complain (GtkWindow  *parent,
                        const char *text)
{
  if (MEMSCOPE_IS_WINDOW (parent))
    memscope_window_toast (MEMSCOPE_WINDOW (parent), text);
  else
    g_message ("%s", text);
}

static void
memscope_help_shown (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr(GFile) page = user_data;
  g_autofree char *path = g_file_get_parse_name (page);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  if (gtk_show_uri_full_finish (GTK_WINDOW (source), result, &error) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  text = g_strdup_printf (_("No program here shows web pages. The help is in %s"), path);
  memscope_help_complain (GTK_WINDOW (source), text);
}

void
memscope_help_show (GtkWindow *parent)
{
  g_autoptr(GFile) page = memscope_help_dup_page (HELP_DIRECTORY, g_get_language_names ());
  g_autofree char *uri = NULL;

  if (page == NULL)
    {
      memscope_help_complain (parent, _("The help was not installed with MemScope"));
      return;
    }

  uri = g_file_get_uri (page);
  gtk_show_uri_full (parent, uri, GDK_CURRENT_TIME, NULL, memscope_help_shown, g_object_ref (page));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files dropped on the window. While they hover, a zone says what dropping does;
 * then what can't be a recording is named in a toast, one recording opens, and
 * several are asked about.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-file-probe.h"
#include "memscope-text.h"
#include "memscope-window-private.h"

#define LISTED_NAMES 8

static char *
dup_name (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "");

  return memscope_text_clip (name, 60);
}

static void
memscope_window_name_rejected (MemscopeWindow *self,
                               GPtrArray      *rejected)
{
  MemscopeProbedFile *first = g_ptr_array_index (rejected, 0);
  g_autofree char *name = dup_name (first->file);
  g_autofree char *isolated = memscope_text_isolate (name);
  g_autofree char *text = NULL;

  if (rejected->len == 1)
    /* Translators: a file's name, and what it is: "PNG image" */
    text = g_strdup_printf (_("“%s” is not a recording: %s"), isolated, first->kind);
  else
    text = g_strdup_printf (ngettext ("“%s” (%s) and %u other file are not recordings",
                                      "“%s” (%s) and %u other files are not recordings",
                                      rejected->len - 1),
                            isolated, first->kind, rejected->len - 1);

  memscope_window_toast (self, text);
}

static void
memscope_window_open_each_response (MemscopeWindow *self,
                                    const char     *response,
                                    GtkWidget      *dialog)
{
  if (g_str_equal (response, "each"))
    memscope_window_open_files (self, g_object_get_data (G_OBJECT (dialog), "files"));
}

static void
memscope_window_ask_about (MemscopeWindow *self,
                           GListModel     *files)
{
  guint n_files = g_list_model_get_n_items (files);
  g_autofree char *heading = g_strdup_printf (ngettext ("Open %u Recording?", "Open %u Recordings?", n_files), n_files);
  g_autoptr(GString) body = g_string_new (NULL);
  GtkWidget *dialog;

  for (guint i = 0; i < MIN (n_files, LISTED_NAMES); i++)
    {
      g_autoptr(GFile) file = g_list_model_get_item (files, i);
      g_autofree char *name = dup_name (file);
      g_autofree char *isolated = memscope_text_isolate (name);

      g_string_append_printf (body, "%s\n", isolated);
    }
  if (n_files > LISTED_NAMES)
    {
      g_string_append_printf (body, ngettext ("and %u more", "and %u more", n_files - LISTED_NAMES), n_files - LISTED_NAMES);
      g_string_append_c (body, '\n');
    }
  g_string_append_printf (body, "\n%s", _("Each opens in a window of its own."));

  dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body->str);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "each", _("_Open Each"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "each", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "each");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "files", g_object_ref (files), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (memscope_window_open_each_response), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
memscope_window_dropped_probed (GObject      *source,
                                GAsyncResult *result,
                                gpointer      user_data)
{
  g_autoptr(MemscopeWindow) self = user_data;
  g_autoptr(GPtrArray) probed = memscope_file_probe_finish (result, NULL);
  g_autoptr(GPtrArray) rejected = g_ptr_array_new ();
  g_autoptr(GListStore) files = g_list_store_new (G_TYPE_FILE);
  guint n_files;

  /* Closed meanwhile. */
  if (probed == NULL || gtk_window_get_application (GTK_WINDOW (self)) == NULL)
    return;

  for (guint i = 0; i < probed->len; i++)
    {
      MemscopeProbedFile *file = g_ptr_array_index (probed, i);

      if (file->kind != NULL)
        g_ptr_array_add (rejected, file);
      else
        g_list_store_append (files, file->file);
    }

  if (rejected->len > 0)
    memscope_window_name_rejected (self, rejected);

  n_files = g_list_model_get_n_items (G_LIST_MODEL (files));
  if (n_files == 1)
    memscope_window_open_files (self, G_LIST_MODEL (files));
  else if (n_files > 1)
    memscope_window_ask_about (self, G_LIST_MODEL (files));
}

static void
memscope_window_show_drop_zone (MemscopeWindow *self,
                                GtkDropTarget  *target)
{
  const GValue *value = gtk_drop_target_get_value (target);
  guint n_files = 1;
  const char *where;

  if (value != NULL && G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    n_files = g_slist_length (g_value_get_boxed (value));

  if (n_files > 1)
    where = _("You will be asked how.");
  else if (memscope_window_is_start (self))
    where = _("It opens in this window.");
  else
    where = _("It opens in a window of its own.");

  adw_status_page_set_title (self->drop_page,
                             n_files > 1 ? _("Drop to Open the Recordings") : _("Drop to Open the Recording"));
  adw_status_page_set_description (self->drop_page, where);
  gtk_widget_set_visible (self->drop_zone, TRUE);
}

static gboolean
memscope_window_drop (GtkDropTarget *target,
                      const GValue  *value,
                      double         x,
                      double         y,
                      gpointer       user_data)
{
  MemscopeWindow *self = user_data;
  g_autoptr(GListStore) files = g_list_store_new (G_TYPE_FILE);

  gtk_widget_set_visible (self->drop_zone, FALSE);
  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;

  for (GSList *l = g_value_get_boxed (value); l != NULL; l = l->next)
    g_list_store_append (files, l->data);
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) == 0)
    return FALSE;

  memscope_file_probe_async (G_LIST_MODEL (files), NULL, memscope_window_dropped_probed, g_object_ref (self));

  return TRUE;
}

static GdkDragAction
memscope_window_drop_enter (GtkDropTarget *target,
                            double         x,
                            double         y,
                            gpointer       user_data)
{
  memscope_window_show_drop_zone (user_data, target);

  return GDK_ACTION_COPY;
}

static void
memscope_window_drop_leave (GtkDropTarget *target,
                            gpointer       user_data)
{
  gtk_widget_set_visible (MEMSCOPE_WINDOW (user_data)->drop_zone, FALSE);
}

/* How many they are is known only after a while. */
static void
memscope_window_drop_value_changed (MemscopeWindow *self,
                                    GParamSpec     *pspec,
                                    GtkDropTarget  *target)
{
  if (gtk_widget_get_visible (self->drop_zone) && gtk_drop_target_get_value (target) != NULL)
    memscope_window_show_drop_zone (self, target);
}

/* A sheet over everything, that lets the drag through to the window. */
static void
memscope_window_create_drop_zone (MemscopeWindow *self)
{
  g_autoptr(GtkWidget) content = g_object_ref (adw_application_window_get_content (ADW_APPLICATION_WINDOW (self)));
  GtkWidget *overlay = gtk_overlay_new ();

  self->drop_page = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (self->drop_page, "memscope-drop-symbolic");

  self->drop_zone = adw_bin_new ();
  adw_bin_set_child (ADW_BIN (self->drop_zone), GTK_WIDGET (self->drop_page));
  gtk_widget_add_css_class (self->drop_zone, "drop-sheet");
  gtk_widget_set_can_target (self->drop_zone, FALSE);
  gtk_widget_set_visible (self->drop_zone, FALSE);

  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), NULL);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), content);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->drop_zone);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), overlay);
}

void
memscope_window_init_dnd (MemscopeWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  memscope_window_create_drop_zone (self);

  gtk_drop_target_set_preload (target, TRUE);
  g_signal_connect (target, "drop", G_CALLBACK (memscope_window_drop), self);
  g_signal_connect (target, "enter", G_CALLBACK (memscope_window_drop_enter), self);
  g_signal_connect (target, "leave", G_CALLBACK (memscope_window_drop_leave), self);
  g_signal_connect_object (target, "notify::value", G_CALLBACK (memscope_window_drop_value_changed), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

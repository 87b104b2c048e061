/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-window-private.h"

static gboolean
memscope_window_drop (GtkDropTarget *target,
                      const GValue  *value,
                      double         x,
                      double         y,
                      gpointer       user_data)
{
  MemscopeWindow *self = user_data;
  g_autoptr(GListStore) files = g_list_store_new (G_TYPE_FILE);

  gtk_widget_remove_css_class (GTK_WIDGET (self), "drop-target");
  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;

  for (GSList *l = g_value_get_boxed (value); l != NULL; l = l->next)
    g_list_store_append (files, l->data);
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) == 0)
    return FALSE;

  memscope_window_open_files (self, G_LIST_MODEL (files));

  return TRUE;
}

static GdkDragAction
memscope_window_drop_enter (GtkDropTarget *target,
                            double         x,
                            double         y,
                            gpointer       user_data)
{
  gtk_widget_add_css_class (GTK_WIDGET (user_data), "drop-target");

  return GDK_ACTION_COPY;
}

static void
memscope_window_drop_leave (GtkDropTarget *target,
                            gpointer       user_data)
{
  gtk_widget_remove_css_class (GTK_WIDGET (user_data), "drop-target");
}

void
memscope_window_init_dnd (MemscopeWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (memscope_window_drop), self);
  g_signal_connect (target, "enter", G_CALLBACK (memscope_window_drop_enter), self);
  g_signal_connect (target, "leave", G_CALLBACK (memscope_window_drop_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

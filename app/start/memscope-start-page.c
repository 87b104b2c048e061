/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-recent-row.h"
#include "memscope-start-page.h"
#include "memscope-window.h"

struct _MemscopeStartPage
{
  AdwBin      parent_instance;

  GtkListBox *recent_list;
  GtkWidget  *recent_heading;
  GtkWidget  *no_recents;
  GtkWidget  *clear_button;
};

G_DEFINE_FINAL_TYPE (MemscopeStartPage, memscope_start_page, ADW_TYPE_BIN)

static GtkWidget *
memscope_start_page_create_row (gpointer item,
                                gpointer user_data)
{
  return memscope_recent_row_new (item);
}

static void
memscope_start_page_row_activated (MemscopeStartPage *self,
                                   GtkListBoxRow     *row)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autoptr(GFile) file = memscope_recent_dup_file (memscope_recent_row_get_recent (MEMSCOPE_RECENT_ROW (row)));

  if (MEMSCOPE_IS_WINDOW (root))
    memscope_window_open (MEMSCOPE_WINDOW (root), file);
}

static void
memscope_start_page_clear_missing (MemscopeStartPage *self)
{
  g_autoptr(GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->recent_list, i)) != NULL; i++)
    if (memscope_recent_row_get_missing (MEMSCOPE_RECENT_ROW (row)))
      g_ptr_array_add (uris, g_strdup (memscope_recent_row_get_recent (MEMSCOPE_RECENT_ROW (row))->uri));

  for (guint i = 0; i < uris->len; i++)
    memscope_recent_list_remove (g_ptr_array_index (uris, i));
}

static void
memscope_start_page_recents_changed (MemscopeStartPage *self)
{
  gboolean some = g_list_model_get_n_items (memscope_recent_list_get ()) > 0;

  gtk_widget_set_visible (GTK_WIDGET (self->recent_list), some);
  gtk_widget_set_visible (self->clear_button, some);
  gtk_widget_set_visible (self->no_recents, !some);
}

static void
memscope_start_page_dispose (GObject *object)
{
  MemscopeStartPage *self = MEMSCOPE_START_PAGE (object);

  if (self->recent_list != NULL)
    gtk_list_box_bind_model (self->recent_list, NULL, NULL, NULL, NULL);

  G_OBJECT_CLASS (memscope_start_page_parent_class)->dispose (object);
}

static void
memscope_start_page_class_init (MemscopeStartPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_start_page_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, recent_list);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, recent_heading);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, no_recents);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, clear_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_start_page_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, memscope_start_page_clear_missing);
}

static void
memscope_start_page_init (MemscopeStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  gtk_list_box_bind_model (self->recent_list, memscope_recent_list_get (),
                           memscope_start_page_create_row, NULL, NULL);
  g_signal_connect_object (memscope_recent_list_get (), "items-changed",
                           G_CALLBACK (memscope_start_page_recents_changed), self, G_CONNECT_SWAPPED);
  memscope_start_page_recents_changed (self);
}

void
memscope_start_page_set_narrow (MemscopeStartPage *self,
                                gboolean           narrow)
{
  GtkListBoxRow *row;

  g_return_if_fail (MEMSCOPE_IS_START_PAGE (self));

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->recent_list, i)) != NULL; i++)
    memscope_recent_row_set_narrow (MEMSCOPE_RECENT_ROW (row), narrow);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-recent-row.h"
#include "memscope-recording-list.h"
#include "memscope-start-page.h"
#include "memscope-text.h"
#include "memscope-window.h"

struct _MemscopeStartPage
{
  AdwBin      parent_instance;

  GtkListBox *recent_list;
  GtkWidget  *recent_heading;
  GtkWidget  *no_recents;
  GtkWidget  *clear_button;
  GtkWidget  *search_entry;
  GtkWidget  *no_match;
  GtkLabel   *connect_button_text;
  GtkFilter  *filter;
  MemscopeRecordingList *recordings;
  gboolean    narrow;
};

/* So often it is looked for programs that are being recorded, ms. */
#define LOOK_INTERVAL 2000
#define MAX_NAMED     3

/* So many are quicker to search than to read. */
#define MANY_RECENTS 8

G_DEFINE_FINAL_TYPE (MemscopeStartPage, memscope_start_page, ADW_TYPE_BIN)

static void
memscope_start_page_update_clear (MemscopeStartPage *self)
{
  GtkListBoxRow *row;
  gboolean some = FALSE;

  for (int i = 0; !some && (row = gtk_list_box_get_row_at_index (self->recent_list, i)) != NULL; i++)
    some = memscope_recent_row_get_missing (MEMSCOPE_RECENT_ROW (row));
  gtk_widget_set_visible (self->clear_button, some);
}

static GtkWidget *
memscope_start_page_create_row (gpointer item,
                                gpointer user_data)
{
  MemscopeStartPage *self = user_data;
  GtkWidget *row = memscope_recent_row_new (item);

  memscope_recent_row_set_narrow (MEMSCOPE_RECENT_ROW (row), self->narrow);
  g_signal_connect_object (row, "notify::missing", G_CALLBACK (memscope_start_page_update_clear), self, G_CONNECT_SWAPPED);

  return row;
}

static gboolean
memscope_start_page_match (gpointer item,
                           gpointer user_data)
{
  MemscopeStartPage *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  return *text == '\0' || memscope_recent_matches (item, text);
}

static void
memscope_start_page_search_changed (MemscopeStartPage *self)
{
  gboolean some;

  if (self->filter == NULL)
    return;

  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  memscope_start_page_update_clear (self);
  some = gtk_list_box_get_row_at_index (self->recent_list, 0) != NULL;
  gtk_widget_set_visible (GTK_WIDGET (self->recent_list), some);
  gtk_widget_set_visible (self->no_match, !some && *gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0');
}

/* Return opens the first that is left. */
static void
memscope_start_page_search_activated (MemscopeStartPage *self)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->recent_list, i)) != NULL; i++)
    if (gtk_list_box_row_get_activatable (row))
      {
        gtk_widget_activate (GTK_WIDGET (row));
        return;
      }
}

static void
memscope_start_page_search_stopped (MemscopeStartPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
}

static gboolean
memscope_start_page_focus_search (GtkWidget *widget,
                                  GVariant  *arguments,
                                  gpointer   user_data)
{
  MemscopeStartPage *self = MEMSCOPE_START_PAGE (widget);

  return gtk_widget_get_mapped (self->search_entry) && gtk_widget_grab_focus (self->search_entry);
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

  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->recent_list, i)) != NULL; i++)
    if (memscope_recent_row_get_missing (MEMSCOPE_RECENT_ROW (row)))
      g_ptr_array_add (uris, g_strdup (memscope_recent_row_get_recent (MEMSCOPE_RECENT_ROW (row))->uri));

  for (guint i = 0; i < uris->len; i++)
    memscope_recent_list_remove (g_ptr_array_index (uris, i));
}

static void
memscope_start_page_recents_changed (MemscopeStartPage *self)
{
  guint n_recents = g_list_model_get_n_items (memscope_recent_list_get ());
  gboolean some = n_recents > 0;

  if (n_recents <= MANY_RECENTS)
    gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_widget_set_visible (self->search_entry, n_recents > MANY_RECENTS);
  gtk_widget_set_visible (self->no_recents, !some);
  memscope_start_page_search_changed (self);
}

/* "2 programs are being recorded: jsond (pid 4127), ingest (pid 3310)" */
static void
memscope_start_page_recordings_changed (MemscopeStartPage *self)
{
  guint n = memscope_recording_list_get_n (self->recordings);
  g_autoptr(GString) names = g_string_new (NULL);
  g_autofree char *text = NULL;

  for (guint i = 0; i < MIN (n, MAX_NAMED); i++)
    {
      MemscopeLiveRecording *recording = memscope_recording_list_get (self->recordings, i);
      g_autofree char *name = memscope_live_recording_dup_name (recording);
      g_autofree char *clipped = memscope_text_clip (name, 40);
      g_autofree char *isolated = memscope_text_isolate (clipped);
      g_autofree char *one = g_strdup_printf (_("%s (pid %d)"), isolated, (int) recording->pid);

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", one);
    }
  if (n > MAX_NAMED)
    g_string_append (names, " …");

  if (n > 0)
    text = g_strdup_printf (ngettext ("%u program is being recorded: %s", "%u programs are being recorded: %s", n), n, names->str);
  else
    text = g_strdup (_("No program on this computer is being recorded right now."));
  gtk_label_set_text (self->connect_button_text, text);
}

static void
memscope_start_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (memscope_start_page_parent_class)->map (widget);

  memscope_recording_list_watch (MEMSCOPE_START_PAGE (widget)->recordings, TRUE);
}

static void
memscope_start_page_unmap (GtkWidget *widget)
{
  memscope_recording_list_watch (MEMSCOPE_START_PAGE (widget)->recordings, FALSE);

  GTK_WIDGET_CLASS (memscope_start_page_parent_class)->unmap (widget);
}

static void
memscope_start_page_dispose (GObject *object)
{
  MemscopeStartPage *self = MEMSCOPE_START_PAGE (object);

  if (self->recordings != NULL)
    memscope_recording_list_watch (self->recordings, FALSE);
  g_clear_object (&self->recordings);

  if (self->recent_list != NULL)
    gtk_list_box_bind_model (self->recent_list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->filter);

  G_OBJECT_CLASS (memscope_start_page_parent_class)->dispose (object);
}

static void
memscope_start_page_class_init (MemscopeStartPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_start_page_dispose;
  widget_class->map = memscope_start_page_map;
  widget_class->unmap = memscope_start_page_unmap;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, recent_list);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, recent_heading);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, no_recents);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, clear_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, no_match);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStartPage, connect_button_text);
  gtk_widget_class_bind_template_callback (widget_class, memscope_start_page_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, memscope_start_page_clear_missing);
  gtk_widget_class_bind_template_callback (widget_class, memscope_start_page_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_start_page_search_activated);
  gtk_widget_class_bind_template_callback (widget_class, memscope_start_page_search_stopped);
}

static void
memscope_start_page_init (MemscopeStartPage *self)
{
  g_autoptr(GtkFilterListModel) model = NULL;
  GtkEventController *controller;

  gtk_widget_init_template (GTK_WIDGET (self));

  self->recordings = memscope_recording_list_new (LOOK_INTERVAL);
  g_signal_connect_object (self->recordings, "changed", G_CALLBACK (memscope_start_page_recordings_changed),
                           self, G_CONNECT_SWAPPED);
  self->filter = GTK_FILTER (gtk_custom_filter_new (memscope_start_page_match, self, NULL));
  model = gtk_filter_list_model_new (g_object_ref (memscope_recent_list_get ()), g_object_ref (self->filter));
  gtk_list_box_bind_model (self->recent_list, G_LIST_MODEL (model), memscope_start_page_create_row, self, NULL);
  g_signal_connect_object (memscope_recent_list_get (), "items-changed",
                           G_CALLBACK (memscope_start_page_recents_changed), self, G_CONNECT_SWAPPED);
  memscope_start_page_recents_changed (self);

  /* The window's own search has nothing to search here. */
  controller = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller), GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_f, GDK_CONTROL_MASK),
                                                          gtk_callback_action_new (memscope_start_page_focus_search, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

void
memscope_start_page_set_narrow (MemscopeStartPage *self,
                                gboolean           narrow)
{
  GtkListBoxRow *row;

  g_return_if_fail (MEMSCOPE_IS_START_PAGE (self));

  self->narrow = narrow;
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->recent_list, i)) != NULL; i++)
    memscope_recent_row_set_narrow (MEMSCOPE_RECENT_ROW (row), narrow);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-recent-row.h"
#include "memscope-sparkline.h"
#include "memscope-text.h"
#include "memscope-window.h"

/* So wide that peaks stand below each other. */
#define PEAK_WIDTH 86

struct _MemscopeRecentRow
{
  GtkListBoxRow         parent_instance;

  MemscopeRecent       *recent;
  GCancellable         *cancellable;
  gboolean              missing;
  gboolean              narrow;
  GtkFileChooserNative *chooser;

  GtkWidget            *icon;
  GtkLabel             *name_label;
  GtkLabel             *description_label;
  GtkImage             *state_icon;
  GtkLabel             *state_label;
  GtkWidget            *state_box;
  MemscopeSparkline    *sparkline;
  GtkWidget            *peak_box;
  GtkLabel             *peak_label;
  GtkLabel             *date_label;
  GtkLabel             *size_label;
  GtkWidget            *missing_box;
  GtkWidget            *date_box;
  GtkWidget            *menu_button;
};

enum
{
  PROP_MISSING = 1,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (MemscopeRecentRow, memscope_recent_row, GTK_TYPE_LIST_BOX_ROW)

static void
memscope_recent_row_show_state (MemscopeRecentRow *self,
                                const char        *icon_name,
                                const char        *text,
                                const char        *style)
{
  g_autofree char *spoken = NULL;

  gtk_image_set_from_icon_name (self->state_icon, icon_name);
  gtk_label_set_text (self->state_label, text);
  gtk_widget_set_tooltip_text (self->state_box, text);
  gtk_widget_add_css_class (self->state_box, style);

  /* A narrow row shows the state by its icon only: it is said all the same. */
  spoken = g_strdup_printf ("%s, %s, %s", gtk_label_get_text (self->name_label),
                            gtk_label_get_text (self->description_label), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
memscope_recent_row_show_missing (MemscopeRecentRow *self)
{
  self->missing = TRUE;
  gtk_widget_set_sensitive (self->icon, FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->name_label), FALSE);
  gtk_label_set_text (self->description_label, _("File has been moved or deleted"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "recent.open", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "recent.open-new", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "recent.show-in-files", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "recent.locate", TRUE);
  memscope_recent_row_set_narrow (self, self->narrow);
  gtk_widget_set_css_classes (self->state_box, (const char *[]) { "caption", NULL });
  gtk_label_set_text (self->size_label, "");
  memscope_recent_row_show_state (self, "memscope-critical-symbolic", _("missing"), "severity-critical");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MISSING]);
}

static void
memscope_recent_row_info_ready (GObject      *source,
                                GAsyncResult *result,
                                gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);
  MemscopeRecentRow *self = user_data;
  g_autofree char *size = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (info == NULL)
    {
      memscope_recent_row_show_missing (self);
      return;
    }

  size = memscope_text_size (g_file_info_get_size (info));
  gtk_label_set_text (self->size_label, size);
}

static void
memscope_recent_row_show (MemscopeRecentRow *self)
{
  g_autoptr(GFile) file = memscope_recent_dup_file (self->recent);
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *display_name = g_filename_display_name (name != NULL ? name : "?");
  g_autofree char *path = g_file_get_parse_name (file);
  g_autofree char *tooltip = memscope_text_clip (path, MEMSCOPE_TEXT_TOOLTIP_CHARS);
  g_autofree char *peak = memscope_text_size (self->recent->peak_bytes);
  g_autofree char *date = memscope_text_date (self->recent->opened * G_USEC_PER_SEC);

  gtk_label_set_text (self->name_label, display_name);
  gtk_label_set_text (self->description_label, self->recent->description);
  gtk_label_set_text (self->peak_label, peak);
  gtk_label_set_text (self->date_label, date);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip);
  memscope_sparkline_set_values (self->sparkline, self->recent->spark, MEMSCOPE_SPARK_BUCKETS);

  switch (self->recent->state)
    {
    case MEMSCOPE_RECENT_INCOMPLETE:
      memscope_recent_row_show_state (self, "memscope-warning-symbolic", _("recording incomplete"), "severity-warning");
      break;

    case MEMSCOPE_RECENT_SAMPLED:
      memscope_recent_row_show_state (self, "memscope-hint-symbolic", _("sampled"), "severity-hint");
      break;

    case MEMSCOPE_RECENT_IMPORT:
      memscope_recent_row_show_state (self, "memscope-file-symbolic", _("read-only import"), "dim");
      break;

    case MEMSCOPE_RECENT_COMPLETE:
    default:
      memscope_recent_row_show_state (self, "memscope-complete-symbolic", _("complete"), "dim");
      break;
    }

  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, self->cancellable,
                           memscope_recent_row_info_ready, self);
}

static void
memscope_recent_row_remove (MemscopeRecentRow *self)
{
  /* Removing takes this row apart: nothing after it may touch the row. */
  g_autofree char *uri = g_strdup (self->recent->uri);

  memscope_recent_list_remove (uri);
}

static void
memscope_recent_row_locate_response (GtkNativeDialog *dialog,
                                     int              response,
                                     gpointer         user_data)
{
  MemscopeRecentRow *self = user_data;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autoptr(GFile) file = NULL;
  g_autofree char *uri = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_clear_object (&self->chooser);
  if (file == NULL)
    return;

  /* Moving takes this row apart. */
  uri = g_strdup (self->recent->uri);
  memscope_recent_list_move (uri, file);
  if (MEMSCOPE_IS_WINDOW (root))
    memscope_window_open (MEMSCOPE_WINDOW (root), file);
}

static void
memscope_recent_row_locate (MemscopeRecentRow *self)
{
  g_autoptr(GFile) file = memscope_recent_dup_file (self->recent);
  g_autoptr(GFile) folder = g_file_get_parent (file);
  g_autoptr(GtkFileFilter) recordings = gtk_file_filter_new ();
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "");
  g_autofree char *clipped = memscope_text_clip (name, 60);
  g_autofree char *title = g_strdup_printf (_("Locate “%s”"), clipped);

  gtk_file_filter_set_name (recordings, _("Recordings"));
  gtk_file_filter_add_pattern (recordings, "*.memscope");
  gtk_file_filter_add_mime_type (recordings, "application/x-memscope");

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), recordings);
  if (folder != NULL && g_file_query_exists (folder, NULL))
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (memscope_recent_row_locate_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
memscope_recent_row_remove_action (GtkWidget  *widget,
                                   const char *action_name,
                                   GVariant   *parameter)
{
  memscope_recent_row_remove (MEMSCOPE_RECENT_ROW (widget));
}

static void
memscope_recent_row_locate_action (GtkWidget  *widget,
                                   const char *action_name,
                                   GVariant   *parameter)
{
  memscope_recent_row_locate (MEMSCOPE_RECENT_ROW (widget));
}

/* What a click on the row does: assistive technology has no other way to activate a row. */
static void
memscope_recent_row_open_action (GtkWidget  *widget,
                                 const char *action_name,
                                 GVariant   *parameter)
{
  g_signal_emit_by_name (widget, "activate");
}

static void
memscope_recent_row_open_new_action (GtkWidget  *widget,
                                     const char *action_name,
                                     GVariant   *parameter)
{
  MemscopeRecentRow *self = MEMSCOPE_RECENT_ROW (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autoptr(GFile) file = memscope_recent_dup_file (self->recent);
  MemscopeWindow *window;

  if (!GTK_IS_WINDOW (root))
    return;

  window = memscope_window_new (gtk_window_get_application (GTK_WINDOW (root)));
  gtk_window_present (GTK_WINDOW (window));
  memscope_window_open (window, file);
}

static void
memscope_recent_row_show_in_files_action (GtkWidget  *widget,
                                          const char *action_name,
                                          GVariant   *parameter)
{
  MemscopeRecentRow *self = MEMSCOPE_RECENT_ROW (widget);

  gtk_widget_activate_action (widget, "win.show-exported", "s", self->recent->uri);
}

static void
memscope_recent_row_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  if (prop_id == PROP_MISSING)
    g_value_set_boolean (value, MEMSCOPE_RECENT_ROW (object)->missing);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
memscope_recent_row_dispose (GObject *object)
{
  MemscopeRecentRow *self = MEMSCOPE_RECENT_ROW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->recent);
  g_clear_object (&self->chooser);

  G_OBJECT_CLASS (memscope_recent_row_parent_class)->dispose (object);
}

static void
memscope_recent_row_class_init (MemscopeRecentRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = memscope_recent_row_dispose;
  object_class->get_property = memscope_recent_row_get_property;

  properties[PROP_MISSING] = g_param_spec_boolean ("missing", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  g_type_ensure (MEMSCOPE_TYPE_SPARKLINE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-recent-row.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, icon);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, description_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, state_icon);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, state_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, sparkline);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, peak_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, peak_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, date_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, size_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, missing_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, date_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeRecentRow, menu_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_recent_row_remove);
  gtk_widget_class_bind_template_callback (widget_class, memscope_recent_row_locate);
  gtk_widget_class_install_action (widget_class, "recent.open", NULL, memscope_recent_row_open_action);
  gtk_widget_class_install_action (widget_class, "recent.open-new", NULL, memscope_recent_row_open_new_action);
  gtk_widget_class_install_action (widget_class, "recent.show-in-files", NULL, memscope_recent_row_show_in_files_action);
  gtk_widget_class_install_action (widget_class, "recent.locate", NULL, memscope_recent_row_locate_action);
  gtk_widget_class_install_action (widget_class, "recent.remove", NULL, memscope_recent_row_remove_action);
}

static void
memscope_recent_row_init (MemscopeRecentRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "recent.locate", FALSE);
  self->cancellable = g_cancellable_new ();
}

GtkWidget *
memscope_recent_row_new (MemscopeRecent *recent)
{
  MemscopeRecentRow *self = g_object_new (MEMSCOPE_TYPE_RECENT_ROW, NULL);

  self->recent = g_object_ref (recent);
  memscope_recent_row_show (self);

  return GTK_WIDGET (self);
}

MemscopeRecent *
memscope_recent_row_get_recent (MemscopeRecentRow *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECENT_ROW (self), NULL);

  return self->recent;
}

gboolean
memscope_recent_row_get_missing (MemscopeRecentRow *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECENT_ROW (self), FALSE);

  return self->missing;
}

void
memscope_recent_row_set_narrow (MemscopeRecentRow *self,
                                gboolean           narrow)
{
  g_return_if_fail (MEMSCOPE_IS_RECENT_ROW (self));

  self->narrow = narrow;
  gtk_widget_set_visible (self->icon, !narrow);
  gtk_widget_set_size_request (self->peak_box, narrow ? -1 : PEAK_WIDTH, -1);
  gtk_widget_set_visible (GTK_WIDGET (self->sparkline), !narrow && !self->missing);
  gtk_widget_set_visible (self->peak_box, !self->missing);
  gtk_widget_set_visible (self->missing_box, !narrow && self->missing);
  gtk_widget_set_visible (self->date_box, !narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->state_label), !narrow);
}

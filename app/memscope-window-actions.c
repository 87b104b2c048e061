/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-session-details.h"
#include "memscope-settings.h"
#include "memscope-window-private.h"

#define ZOOM_STEP 1.5

static void
memscope_window_open_response (GtkNativeDialog *dialog,
                               int              response,
                               gpointer         user_data)
{
  MemscopeWindow *self = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));

      memscope_window_open_files (self, files);
    }

  g_clear_object (&self->chooser);
}

static void
memscope_window_open_action (GtkWidget  *widget,
                             const char *action_name,
                             GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  g_autoptr(GtkFileFilter) recordings = gtk_file_filter_new ();
  g_autoptr(GtkFileFilter) all = gtk_file_filter_new ();
  g_autoptr(GFile) folder = memscope_settings_dup_recordings_folder ();

  gtk_file_filter_set_name (recordings, _("Recordings"));
  gtk_file_filter_add_pattern (recordings, "*.memscope");
  gtk_file_filter_add_pattern (recordings, "heaptrack.*");
  gtk_file_filter_add_pattern (recordings, "massif.out.*");
  gtk_file_filter_add_mime_type (recordings, "application/x-memscope");
  gtk_file_filter_set_name (all, _("All files"));
  gtk_file_filter_add_pattern (all, "*");

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_("Open a Recording"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (g_file_query_exists (folder, NULL))
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), recordings);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), all);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (memscope_window_open_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
memscope_window_close_session_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  memscope_window_cancel_loading (self);
  memscope_window_cancel_export (self);
  memscope_window_cancel_repair (self);
  if (!memscope_window_ask_before_leaving (self, FALSE))
    memscope_window_show_start (self);
}

static void
memscope_window_view_action (GtkWidget  *widget,
                             const char *action_name,
                             GVariant   *parameter)
{
  memscope_window_show_view (MEMSCOPE_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
memscope_window_details_action (GtkWidget  *widget,
                                const char *action_name,
                                GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  GtkWindow *details = memscope_session_details_new (memscope_view_state_get_session (self->state));

  gtk_window_set_transient_for (details, GTK_WINDOW (self));
  gtk_window_set_modal (details, TRUE);
  gtk_window_present (details);
}

static void
memscope_window_show_inspector_action (GtkWidget  *widget,
                                       const char *action_name,
                                       GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  if (memscope_view_state_get_group (self->state) != NULL)
    memscope_view_state_set_group (self->state, NULL);
  else
    memscope_window_show_view (self, "inspector");
}

static void
memscope_window_show_in_map_action (GtkWidget  *widget,
                                    const char *action_name,
                                    GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  guint64 row = memscope_view_state_get_row (self->state);

  memscope_window_show_view (self, "map");
  if (row != MEMSCOPE_UNKNOWN)
    memscope_map_view_show_row (self->map, row);
}

static void
memscope_window_inspect_action (GtkWidget  *widget,
                                const char *action_name,
                                GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  memscope_variables_view_step (self->variables, g_str_equal (action_name, "win.inspect-next") ? 1 : -1);
}

static void
memscope_window_zoom_action (GtkWidget  *widget,
                             const char *action_name,
                             GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);

  if (g_str_equal (action_name, "win.zoom-fit"))
    memscope_view_state_zoom_fit (self->state);
  else
    memscope_view_state_zoom (self->state,
                              g_str_equal (action_name, "win.zoom-in") ? ZOOM_STEP : 1 / ZOOM_STEP,
                              memscope_selection_get_instant (selection));
}

static void
memscope_window_clear_range_action (GtkWidget  *widget,
                                    const char *action_name,
                                    GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  memscope_view_state_clear_range (self->state);
  memscope_view_state_zoom_fit (self->state);
}

static void
memscope_window_fullscreen_action (GtkWidget  *widget,
                                   const char *action_name,
                                   GVariant   *parameter)
{
  if (gtk_window_is_fullscreen (GTK_WINDOW (widget)))
    gtk_window_unfullscreen (GTK_WINDOW (widget));
  else
    gtk_window_fullscreen (GTK_WINDOW (widget));
}

void
memscope_window_class_init_actions (MemscopeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "win.open", NULL, memscope_window_open_action);
  gtk_widget_class_install_action (widget_class, "win.close-session", NULL, memscope_window_close_session_action);
  gtk_widget_class_install_action (widget_class, "win.details", NULL, memscope_window_details_action);
  gtk_widget_class_install_action (widget_class, "win.view", "s", memscope_window_view_action);
  gtk_widget_class_install_action (widget_class, "win.show-inspector", NULL, memscope_window_show_inspector_action);
  gtk_widget_class_install_action (widget_class, "win.show-in-map", NULL, memscope_window_show_in_map_action);
  gtk_widget_class_install_action (widget_class, "win.inspect-previous", NULL, memscope_window_inspect_action);
  gtk_widget_class_install_action (widget_class, "win.inspect-next", NULL, memscope_window_inspect_action);
  gtk_widget_class_install_action (widget_class, "win.zoom-in", NULL, memscope_window_zoom_action);
  gtk_widget_class_install_action (widget_class, "win.zoom-out", NULL, memscope_window_zoom_action);
  gtk_widget_class_install_action (widget_class, "win.zoom-fit", NULL, memscope_window_zoom_action);
  gtk_widget_class_install_action (widget_class, "win.clear-range", NULL, memscope_window_clear_range_action);
  gtk_widget_class_install_action (widget_class, "win.fullscreen", NULL, memscope_window_fullscreen_action);
}

void
memscope_window_update_actions (MemscopeWindow *self)
{
  static const char *session_actions[] = {
    "win.search", "win.view", "win.show-inspector", "win.show-in-map", "win.inspect-previous", "win.inspect-next", "win.zoom-in", "win.zoom-out", "win.zoom-fit",
    "win.clear-range", "win.add-filter", "win.find-next", "win.find-previous", "win.details",
  };
  gboolean session = self->state != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (session_actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), session_actions[i], session);
  memscope_window_update_way (self);
  memscope_window_update_live (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export-html", session && self->exporting == NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export-json", session && self->exporting == NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.cancel-export", self->exporting != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.close-session",
                                 g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "start") != 0);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a window leaves behind: its size and its view for the next one, and how
 * this recording was looked at for the next time it is opened.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-session-memory.h"
#include "memscope-settings.h"
#include "memscope-window-private.h"

#define MIN_INSPECTOR 300
#define MAX_INSPECTOR 900

/* ---- the window ---------------------------------------------------------------- */

void
memscope_window_restore_geometry (MemscopeWindow *self)
{
  GSettings *settings = memscope_settings_get ();

  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  self->inspector_width = CLAMP (g_settings_get_int (settings, "inspector-width"), MIN_INSPECTOR, MAX_INSPECTOR);
}

void
memscope_window_save_geometry (MemscopeWindow *self)
{
  GSettings *settings = memscope_settings_get ();
  const char *view = adw_view_stack_get_visible_child_name (self->views);
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  if (!gtk_window_is_maximized (GTK_WINDOW (self)) && !gtk_window_is_fullscreen (GTK_WINDOW (self)) &&
      width >= 200 && height >= 200)
    {
      g_settings_set_int (settings, "window-width", MIN (width, 16384));
      g_settings_set_int (settings, "window-height", MIN (height, 16384));
    }
  g_settings_set_boolean (settings, "maximized", gtk_window_is_maximized (GTK_WINDOW (self)));
  g_settings_set_int (settings, "inspector-width", self->inspector_width);
  if (self->state != NULL && view != NULL)
    g_settings_set_string (settings, "last-view", view);
}

const char *
memscope_window_get_last_view (void)
{
  g_autofree char *view = g_settings_get_string (memscope_settings_get (), "last-view");

  return memscope_window_is_view (view) && !g_str_equal (view, "inspector") ? g_intern_string (view) : "overview";
}

static void
memscope_window_inspector_drag_update (GtkGestureDrag *gesture,
                                       double          x,
                                       double          y,
                                       MemscopeWindow *self)
{
  int most = MIN (MAX_INSPECTOR, gtk_widget_get_width (GTK_WIDGET (self)) / 2);
  int width;

  /* The separator moves along under the pointer, and its coordinates with it. */
  width = gtk_widget_get_width (GTK_WIDGET (self->inspector)) - (int) x;
  self->inspector_width = CLAMP (width, MIN_INSPECTOR, MAX (most, MIN_INSPECTOR));
  gtk_widget_set_size_request (GTK_WIDGET (self->inspector), self->inspector_width, -1);
}

/* Between the view and the inspector, to be dragged. */
void
memscope_window_init_separator (MemscopeWindow *self)
{
  GtkWidget *separator = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_add_css_class (separator, "pane-handle");
  gtk_widget_set_cursor_from_name (separator, "col-resize");
  g_signal_connect (drag, "drag-update", G_CALLBACK (memscope_window_inspector_drag_update), self);
  gtk_widget_add_controller (separator, GTK_EVENT_CONTROLLER (drag));
  adw_flap_set_separator (self->flap, separator);
}

/* ---- the recording -------------------------------------------------------------- */

void
memscope_window_save_session (MemscopeWindow *self)
{
  if (self->state == NULL || self->memory_key == NULL)
    return;

  memscope_session_memory_save (self->memory_key, self->state,
                                memscope_session_banner_get_dismissed (self->banner));
}

/* TRUE: it was looked at before, and is shown the same way now. */
gboolean
memscope_window_restore_session (MemscopeWindow *self)
{
  gboolean dismissed = FALSE, restored;

  g_clear_pointer (&self->memory_key, g_free);
  self->memory_key = memscope_session_memory_dup_key (memscope_view_state_get_session (self->state), self->file);
  if (self->memory_key == NULL)
    return FALSE;

  restored = memscope_session_memory_restore (self->memory_key, self->state, &dismissed);
  memscope_session_banner_set_dismissed (self->banner, dismissed);

  return restored;
}

void
memscope_window_say_restored (MemscopeWindow *self)
{
  AdwToast *toast = adw_toast_new (_("Restored how this recording was left"));

  adw_toast_set_button_label (toast, _("_Reset"));
  adw_toast_set_action_name (toast, "win.reset-view");
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
memscope_window_reset_view_action (GtkWidget  *widget,
                                   const char *action_name,
                                   GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  /* The toast may outlive its session. */
  if (self->state == NULL)
    return;

  memscope_view_state_clear_filters (self->state);
  memscope_view_state_clear_range (self->state);
  memscope_view_state_zoom_fit (self->state);
  memscope_view_state_set_group (self->state, NULL);
}

void
memscope_window_class_init_remember (MemscopeWindowClass *klass)
{
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "win.reset-view", NULL, memscope_window_reset_view_action);
}

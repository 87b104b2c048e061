/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding one's way in a window: search and filters, back and forward. */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-window-private.h"

/* The side buttons of mice. */
#define BUTTON_BACK    8
#define BUTTON_FORWARD 9

static void
memscope_window_search_action (GtkWidget  *widget,
                               const char *action_name,
                               GVariant   *parameter)
{
  memscope_filter_bar_open (MEMSCOPE_WINDOW (widget)->filter_bar);
}

static void
memscope_window_add_filter_action (GtkWidget  *widget,
                                   const char *action_name,
                                   GVariant   *parameter)
{
  memscope_filter_bar_add_filter (MEMSCOPE_WINDOW (widget)->filter_bar);
}

static void
memscope_window_find_action (GtkWidget  *widget,
                             const char *action_name,
                             GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  int step = g_str_equal (action_name, "win.find-next") ? 1 : -1;

  /* A view without an order of matches leaves that to the cards. */
  if (!memscope_view_state_find (self->state, step))
    memscope_window_show_view (self, "variables");
}

/* ---- clearing ------------------------------------------------------------------- */

static void
memscope_window_clear_filters_action (GtkWidget  *widget,
                                      const char *action_name,
                                      GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  gboolean all = g_str_equal (action_name, "win.clear-all");
  AdwToast *toast;

  if (!memscope_view_state_has_filters (self->state) && !(all && memscope_view_state_has_range (self->state)))
    return;

  g_clear_pointer (&self->cleared, memscope_selection_unref);
  self->cleared = memscope_selection_ref (memscope_view_state_get_selection (self->state));
  self->cleared_stages = memscope_view_state_get_stages (self->state);
  memscope_view_state_clear_filters (self->state);
  if (all)
    memscope_view_state_clear_range (self->state);

  toast = adw_toast_new (_("Filters cleared"));
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_button_label (toast, _("_Undo"));
  adw_toast_set_action_name (toast, "win.undo-clear-filters");
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
memscope_window_undo_clear_filters_action (GtkWidget  *widget,
                                           const char *action_name,
                                           GVariant   *parameter)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);

  /* The toast may outlive its session. */
  if (self->state == NULL || self->cleared == NULL)
    return;

  memscope_view_state_set_stages (self->state, self->cleared_stages);
  memscope_view_state_set_selection (self->state, self->cleared);
  g_clear_pointer (&self->cleared, memscope_selection_unref);
}

/* ---- back and forward --------------------------------------------------------------- */

static void
memscope_window_go_action (GtkWidget  *widget,
                           const char *action_name,
                           GVariant   *parameter)
{
  memscope_view_state_go (MEMSCOPE_WINDOW (widget)->state, g_str_equal (action_name, "win.go-back") ? -1 : 1);
}

static void
memscope_window_side_button (GtkGestureClick *gesture,
                             int              n_press,
                             double           x,
                             double           y,
                             MemscopeWindow  *self)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (self->state == NULL || (button != BUTTON_BACK && button != BUTTON_FORWARD))
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  memscope_view_state_go (self->state, button == BUTTON_BACK ? -1 : 1);
}

/* Wherever the focus is: what is typed in an entry never gets here. */
static gboolean
memscope_window_key_pressed (GtkEventControllerKey *controller,
                             guint                  keyval,
                             guint                  keycode,
                             GdkModifierType        modifiers,
                             MemscopeWindow        *self)
{
  MemscopeSelection *selection;
  guint64 instant;

  if (self->state == NULL || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) ||
      (keyval != GDK_KEY_bracketleft && keyval != GDK_KEY_bracketright))
    return GDK_EVENT_PROPAGATE;

  selection = memscope_view_state_get_selection (self->state);
  instant = memscope_selection_get_instant (selection);
  if (keyval == GDK_KEY_bracketleft)
    memscope_view_state_set_range (self->state, instant, memscope_selection_get_end (selection));
  else
    memscope_view_state_set_range (self->state, memscope_selection_get_begin (selection), instant);

  return GDK_EVENT_STOP;
}

void
memscope_window_update_way (MemscopeWindow *self)
{
  gboolean session = self->state != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.go-back",
                                 session && memscope_view_state_can_go (self->state, -1));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.go-forward",
                                 session && memscope_view_state_can_go (self->state, 1));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.clear-filters",
                                 session && memscope_view_state_has_filters (self->state));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.clear-all", session);
}

void
memscope_window_class_init_way (MemscopeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "win.search", NULL, memscope_window_search_action);
  gtk_widget_class_install_action (widget_class, "win.add-filter", NULL, memscope_window_add_filter_action);
  gtk_widget_class_install_action (widget_class, "win.find-next", NULL, memscope_window_find_action);
  gtk_widget_class_install_action (widget_class, "win.find-previous", NULL, memscope_window_find_action);
  gtk_widget_class_install_action (widget_class, "win.clear-filters", NULL, memscope_window_clear_filters_action);
  gtk_widget_class_install_action (widget_class, "win.clear-all", NULL, memscope_window_clear_filters_action);
  gtk_widget_class_install_action (widget_class, "win.undo-clear-filters", NULL, memscope_window_undo_clear_filters_action);
  gtk_widget_class_install_action (widget_class, "win.go-back", NULL, memscope_window_go_action);
  gtk_widget_class_install_action (widget_class, "win.go-forward", NULL, memscope_window_go_action);
}

void
memscope_window_init_way (MemscopeWindow *self)
{
  GtkGesture *buttons = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (buttons), 0);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (buttons), GTK_PHASE_CAPTURE);
  g_signal_connect (buttons, "pressed", G_CALLBACK (memscope_window_side_button), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (buttons));
  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_window_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);

  g_signal_group_connect_swapped (self->signals, "notify::can-go-back", G_CALLBACK (memscope_window_update_way), self);
  g_signal_group_connect_swapped (self->signals, "notify::can-go-forward", G_CALLBACK (memscope_window_update_way), self);
  g_signal_group_connect_swapped (self->signals, "notify::selection", G_CALLBACK (memscope_window_update_way), self);
  g_signal_group_connect_swapped (self->signals, "notify::stages", G_CALLBACK (memscope_window_update_way), self);
}

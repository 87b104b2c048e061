/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GTK 4.8 tells a screen reader “GtkImage” of a button that shows only an icon: a tooltip
 * is no name there (from 4.10 on it is). “_Cancel Cancel” is what it tells of a button with
 * a mnemonic, “GtkToggleButton” of the part of a drop-down that has the focus, “GtkExpander”
 * of an expander, nothing of what scrolls. That is mended here for all of them, once, when they come onto the screen;
 * what has been given a name is left alone.
 */

#include "config.h"

#include <gtk/gtk.h>

#include "memscope-accessible-names.h"

#define FOLLOWED "memscope-name-follows-tooltip"

/* Public, if named for tests: there is no other way to ask. */
static gboolean
has_name (GtkWidget *widget)
{
  return gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

static void
set_name (GtkWidget  *widget,
          const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
tooltip_changed (GtkWidget *widget)
{
  const char *tooltip = gtk_widget_get_tooltip_text (widget);

  if (tooltip != NULL && *tooltip != '\0')
    set_name (widget, tooltip);
}

static void
follow_tooltip (GtkWidget *widget)
{
  if (g_object_get_data (G_OBJECT (widget), FOLLOWED) != NULL || has_name (widget) ||
      gtk_widget_get_tooltip_text (widget) == NULL)
    return;

  g_object_set_data (G_OBJECT (widget), FOLLOWED, GINT_TO_POINTER (TRUE));
  g_signal_connect (widget, "notify::tooltip-text", G_CALLBACK (tooltip_changed), NULL);
  tooltip_changed (widget);
}

static void
forget_mnemonic (GtkButton *button)
{
  const char *label = gtk_button_get_label (button);

  if (label != NULL && has_name (GTK_WIDGET (button)) &&
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label) == NULL)
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

static void
name_button (GtkButton *button)
{
  const char *label = gtk_button_get_label (button);
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (button));

  if (GTK_IS_DROP_DOWN (parent))
    gtk_accessible_update_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY, parent, NULL, -1);
  else if (label == NULL)
    follow_tooltip (GTK_WIDGET (button));
  else if (gtk_button_get_use_underline (button))
    {
      forget_mnemonic (button);
      /* Another label brings it back. */
      if (g_object_get_data (G_OBJECT (button), FOLLOWED) == NULL)
        {
          g_object_set_data (G_OBJECT (button), FOLLOWED, GINT_TO_POINTER (TRUE));
          g_signal_connect (button, "notify::label", G_CALLBACK (forget_mnemonic), NULL);
        }
    }
}

static void
name_expander (GtkExpander *expander)
{
  const char *label = gtk_expander_get_label (expander);

  if (label != NULL && !has_name (GTK_WIDGET (expander)))
    set_name (GTK_WIDGET (expander), label);
}

/* It takes the focus to be scrolled by keys: it is called what it scrolls. */
static void
name_scroller (GtkScrolledWindow *scroller)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (scroller));
  GtkWidget *child = gtk_scrolled_window_get_child (scroller);
  const char *title = GTK_IS_STACK (parent)
                    ? gtk_stack_page_get_title (gtk_stack_get_page (GTK_STACK (parent), GTK_WIDGET (scroller))) : NULL;

  if (has_name (GTK_WIDGET (scroller)))
    return;

  if (GTK_IS_VIEWPORT (child))
    child = gtk_viewport_get_child (GTK_VIEWPORT (child));
  if (title != NULL)
    set_name (GTK_WIDGET (scroller), title);
  else if (child != NULL && has_name (child))
    gtk_accessible_update_relation (GTK_ACCESSIBLE (scroller), GTK_ACCESSIBLE_RELATION_LABELLED_BY, child, NULL, -1);
}

static gboolean
widget_mapped (GSignalInvocationHint *hint,
               guint                  n_values,
               const GValue          *values,
               gpointer               user_data)
{
  GtkWidget *widget = g_value_get_object (&values[0]);

  if (GTK_IS_BUTTON (widget))
    name_button (GTK_BUTTON (widget));
  else if (GTK_IS_MENU_BUTTON (widget))
    follow_tooltip (widget);
  else if (GTK_IS_EXPANDER (widget))
    name_expander (GTK_EXPANDER (widget));
  else if (GTK_IS_SCROLLED_WINDOW (widget))
    name_scroller (GTK_SCROLLED_WINDOW (widget));

  return TRUE;
}

/* GtkFlowBox says that it took the focus even when nothing in it did: Tab ends before one
 * that only shows something. The way that other containers go doesn't.
 */
static void
let_focus_through_flow_boxes (void)
{
  GtkWidgetClass *flow_box = g_type_class_ref (GTK_TYPE_FLOW_BOX);
  GtkWidgetClass *widget = g_type_class_ref (GTK_TYPE_WIDGET);

  /* Neither is ever unloaded. */
  flow_box->focus = widget->focus;
}

void
memscope_accessible_names_init (void)
{
  static gsize begun;

  if (g_once_init_enter (&begun))
    {
      let_focus_through_flow_boxes ();
      g_signal_add_emission_hook (g_signal_lookup ("map", GTK_TYPE_WIDGET), 0, widget_mapped, NULL, NULL);
      g_once_init_leave (&begun, 1);
    }
}

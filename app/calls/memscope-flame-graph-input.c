/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-flame-graph-private.h"
#include "memscope-text.h"

/* ---- pointer ------------------------------------------------------------ */

static gboolean
box_at (MemscopeFlameGraph *self,
        double              x,
        double              y,
        MemscopeFlameBox   *box)
{
  guint index, row;

  if (self->tree == NULL || !memscope_flame_graph_box_at (self, x, y, &index, &row))
    return FALSE;

  *box = g_array_index (self->boxes, MemscopeFlameBox, index);

  return TRUE;
}

static void
memscope_flame_graph_pressed (GtkGestureClick    *gesture,
                              int                 n_press,
                              double              x,
                              double              y,
                              MemscopeFlameGraph *self)
{
  MemscopeFlameBox box;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!box_at (self, x, y, &box))
    return;

  /* A box of many: its parent is what they have in common, and zooming shows them. */
  if (n_press == 1)
    memscope_flame_graph_emit_selected (self, box.node);
  else if (n_press == 2)
    memscope_flame_graph_emit_zoomed (self, box.node);
}

static void
memscope_flame_graph_menu_pressed (GtkGestureClick    *gesture,
                                   int                 n_press,
                                   double              x,
                                   double              y,
                                   MemscopeFlameGraph *self)
{
  MemscopeFlameBox box;

  if (!box_at (self, x, y, &box))
    return;

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  memscope_flame_graph_emit_selected (self, box.node);
  memscope_flame_graph_emit_menu (self, x, y);
}

static void
memscope_flame_graph_moved (GtkEventControllerMotion *controller,
                            double                    x,
                            double                    y,
                            MemscopeFlameGraph       *self)
{
  guint box, row;
  int hovered = -1;

  if (self->tree != NULL && memscope_flame_graph_box_at (self, x, y, &box, &row))
    {
      hovered = (int) box;
      self->hovered_row = row;
    }

  if (hovered != self->hovered)
    {
      self->hovered = hovered;
      gtk_widget_queue_draw (GTK_WIDGET (self));
    }
}

static void
memscope_flame_graph_left (GtkEventControllerMotion *controller,
                           MemscopeFlameGraph       *self)
{
  self->hovered = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
memscope_flame_graph_tooltip (GtkWidget  *widget,
                              int         x,
                              int         y,
                              gboolean    keyboard,
                              GtkTooltip *tooltip)
{
  MemscopeFlameGraph *self = MEMSCOPE_FLAME_GRAPH (widget);
  const MemscopeFlameBox *box = NULL;
  g_autofree char *text = NULL;
  guint index, row;

  if (self->tree == NULL)
    return FALSE;
  if (keyboard)
    box = memscope_flame_graph_find_box (self, self->selected, &row);
  else if (memscope_flame_graph_box_at (self, x, y, &index, &row))
    box = &g_array_index (self->boxes, MemscopeFlameBox, index);
  if (box == NULL)
    return FALSE;

  if (box->more > 0)
    {
      g_autofree char *count = memscope_text_count (box->more);
      g_autofree char *name = memscope_call_tree_dup_name (self->tree, box->node);
      g_autofree char *isolated = memscope_text_isolate (name);

      text = g_strdup_printf (ngettext ("%s more below %s, too narrow to be drawn: zoom into it",
                                        "%s more below %s, too narrow to be drawn: zoom into it", box->more),
                              count, isolated);
    }
  else
    {
      text = memscope_call_tree_dup_summary (self->tree, box->node);
    }

  gtk_tooltip_set_text (tooltip, text);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle) { box->x, memscope_flame_graph_get_row_y (self, row),
                                                       box->width, self->row_height });

  return TRUE;
}

/* ---- keys ----------------------------------------------------------------- */

static guint32
first_child (MemscopeFlameGraph *self,
             guint32             node)
{
  guint n;
  const guint32 *children = memscope_call_tree_get_children (self->tree, node, &n);

  return n > 0 ? children[0] : node;
}

static guint32
sibling (MemscopeFlameGraph *self,
         guint32             node,
         int                 step)
{
  guint32 parent = memscope_call_tree_get_node (self->tree, node)->parent;
  guint n;
  const guint32 *children = memscope_call_tree_get_children (self->tree, parent, &n);

  if (node == self->root)
    return node;

  for (guint i = 0; i < n; i++)
    if (children[i] == node)
      return children[CLAMP ((int) i + step, 0, (int) n - 1)];

  return node;
}

static void
memscope_flame_graph_go_to (MemscopeFlameGraph *self,
                            guint32             node)
{
  memscope_flame_graph_emit_selected (self, node);
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
}

static guint32
memscope_flame_graph_parent_in_view (MemscopeFlameGraph *self,
                                     guint32             node)
{
  return node == self->root ? node : memscope_call_tree_get_node (self->tree, node)->parent;
}

static void
memscope_flame_graph_ask_menu (MemscopeFlameGraph *self)
{
  GdkRectangle box;

  if (memscope_flame_graph_get_box (self, self->selected, &box))
    memscope_flame_graph_emit_menu (self, box.x + MIN (box.width / 2, 40), box.y + box.height / 2.0);
}

static gboolean
memscope_flame_graph_key_pressed (GtkEventControllerKey *controller,
                                  guint                  keyval,
                                  guint                  keycode,
                                  GdkModifierType        modifiers,
                                  MemscopeFlameGraph    *self)
{
  guint32 node = self->selected != MEMSCOPE_CALL_NONE ? self->selected : self->root;
  guint deeper = self->flames ? GDK_KEY_Up : GDK_KEY_Down;

  if (self->tree == NULL || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
    return GDK_EVENT_PROPAGATE;

  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_Down:
      if (self->selected == MEMSCOPE_CALL_NONE)
        memscope_flame_graph_go_to (self, self->root);
      else
        memscope_flame_graph_go_to (self, keyval == deeper ? first_child (self, node)
                                                           : memscope_flame_graph_parent_in_view (self, node));
      return GDK_EVENT_STOP;

    case GDK_KEY_Left:
      memscope_flame_graph_go_to (self, sibling (self, node, -1));
      return GDK_EVENT_STOP;

    case GDK_KEY_Right:
      memscope_flame_graph_go_to (self, sibling (self, node, 1));
      return GDK_EVENT_STOP;

    case GDK_KEY_Home:
      memscope_flame_graph_go_to (self, self->root);
      return GDK_EVENT_STOP;

    case GDK_KEY_End:
      while (first_child (self, node) != node)
        node = first_child (self, node);
      memscope_flame_graph_go_to (self, node);
      return GDK_EVENT_STOP;

    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      memscope_flame_graph_emit_zoomed (self, node);
      return GDK_EVENT_STOP;

    case GDK_KEY_Escape:
    case GDK_KEY_BackSpace:
      if (self->root == 0)
        return GDK_EVENT_PROPAGATE;
      memscope_flame_graph_emit_zoomed (self, memscope_call_tree_get_node (self->tree, self->root)->parent);
      return GDK_EVENT_STOP;

    case GDK_KEY_Menu:
      memscope_flame_graph_ask_menu (self);
      return GDK_EVENT_STOP;

    case GDK_KEY_F10:
      if (!(modifiers & GDK_SHIFT_MASK))
        return GDK_EVENT_PROPAGATE;
      memscope_flame_graph_ask_menu (self);
      return GDK_EVENT_STOP;

    default:
      return GDK_EVENT_PROPAGATE;
    }
}

void
memscope_flame_graph_init_input (MemscopeFlameGraph *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *menu = gtk_gesture_click_new ();

  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_flame_graph_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);

  g_signal_connect (motion, "motion", G_CALLBACK (memscope_flame_graph_moved), self);
  g_signal_connect (motion, "leave", G_CALLBACK (memscope_flame_graph_left), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);

  g_signal_connect (click, "pressed", G_CALLBACK (memscope_flame_graph_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (menu), GDK_BUTTON_SECONDARY);
  g_signal_connect (menu, "pressed", G_CALLBACK (memscope_flame_graph_menu_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (menu));
}

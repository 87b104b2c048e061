/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-flame-graph-private.h"
#include "memscope-palette.h"

#define ROW_PADDING 9
#define MIN_WIDTH   200

enum {
  SELECTED,
  ZOOMED,
  MENU,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (MemscopeFlameGraph, memscope_flame_graph, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

/* ---- layout ------------------------------------------------------------ */

/* The children of a box, side by side and heaviest first: once one is narrower than
 * a pixel all after it are, and the rest becomes one box.
 */
static void
lay_out_children (MemscopeFlameGraph     *self,
                  const MemscopeFlameBox *box)
{
  const guint32 *children;
  guint64 total = memscope_call_tree_get_total (self->tree, box->node);
  double used = 0;
  guint n;

  children = memscope_call_tree_get_children (self->tree, box->node, &n);
  for (guint i = 0; i < n; i++)
    {
      double left = box->x + box->width * (used / (double) total);
      double right;
      MemscopeFlameBox child = { .node = children[i] };

      used += (double) memscope_call_tree_get_total (self->tree, children[i]);
      right = box->x + box->width * (used / (double) total);
      child.x = (int) (left + .5);
      child.width = (int) (right + .5) - child.x;

      if (right - left < 1 && i + 1 < n)
        {
          child.node = box->node;
          child.more = n - i;
          for (i++; i < n; i++)
            used += (double) memscope_call_tree_get_total (self->tree, children[i]);
          right = box->x + box->width * (used / (double) total);
          child.width = (int) (right + .5) - child.x;
        }

      child.width = MIN (child.width, box->x + box->width - child.x);
      if (child.width > 0)
        g_array_append_val (self->boxes, child);
    }
}

void
memscope_flame_graph_lay_out (MemscopeFlameGraph *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  MemscopeFlameBox root = { .node = self->root, .width = width };
  guint first = 0;

  if (self->tree == NULL || width == self->laid_width)
    return;

  self->laid_width = width;
  g_array_set_size (self->boxes, 0);
  g_array_set_size (self->rows, 0);
  if (width < 1 || memscope_call_tree_get_total (self->tree, self->root) == 0)
    return;

  g_array_append_val (self->rows, first);
  g_array_append_val (self->boxes, root);
  while (first < self->boxes->len)
    {
      guint end = self->boxes->len;

      g_array_append_val (self->rows, end);
      for (; first < end; first++)
        {
          MemscopeFlameBox box = g_array_index (self->boxes, MemscopeFlameBox, first);

          if (box.more == 0)
            lay_out_children (self, &box);
        }
    }
}

static guint
count_rows (MemscopeFlameGraph *self)
{
  return self->rows->len > 0 ? self->rows->len - 1 : 0;
}

int
memscope_flame_graph_get_drawn_height (MemscopeFlameGraph *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self), 0);

  memscope_flame_graph_lay_out (self);

  return (int) count_rows (self) * self->row_height;
}

int
memscope_flame_graph_get_row_y (MemscopeFlameGraph *self,
                                guint               row)
{
  if (self->flames)
    return gtk_widget_get_height (GTK_WIDGET (self)) - ((int) row + 1) * self->row_height;

  return (int) row * self->row_height;
}

gboolean
memscope_flame_graph_box_at (MemscopeFlameGraph *self,
                             double              x,
                             double              y,
                             guint              *box,
                             guint              *row)
{
  guint low, high;

  memscope_flame_graph_lay_out (self);
  if (self->flames)
    y = gtk_widget_get_height (GTK_WIDGET (self)) - y;
  if (y < 0 || y / self->row_height >= count_rows (self))
    return FALSE;

  *row = (guint) (y / self->row_height);
  low = g_array_index (self->rows, guint, *row);
  high = g_array_index (self->rows, guint, *row + 1);
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const MemscopeFlameBox *candidate = &g_array_index (self->boxes, MemscopeFlameBox, middle);

      if (x < candidate->x)
        high = middle;
      else if (x >= candidate->x + candidate->width)
        low = middle + 1;
      else
        {
          *box = middle;
          return TRUE;
        }
    }

  return FALSE;
}

const MemscopeFlameBox *
memscope_flame_graph_find_box (MemscopeFlameGraph *self,
                               guint32             node,
                               guint              *row)
{
  const MemscopeFlameNode *record;
  guint base;

  if (self->tree == NULL || node == MEMSCOPE_CALL_NONE || !memscope_call_tree_is_below (self->tree, node, self->root))
    return NULL;

  memscope_flame_graph_lay_out (self);
  record = memscope_call_tree_get_node (self->tree, node);
  base = memscope_call_tree_get_node (self->tree, self->root)->depth;

  /* Too narrow for a box: the one that stands for its siblings, or an ancestor's. */
  for (*row = record->depth - base;; *row -= 1)
    {
      if (*row < count_rows (self))
        for (guint i = g_array_index (self->rows, guint, *row); i < g_array_index (self->rows, guint, *row + 1); i++)
          {
            const MemscopeFlameBox *box = &g_array_index (self->boxes, MemscopeFlameBox, i);

            if (box->node == (box->more > 0 ? record->parent : node))
              return box;
          }
      if (*row == 0)
        return NULL;
      node = record->parent;
      record = memscope_call_tree_get_node (self->tree, node);
    }
}

/* ---- the widget ---------------------------------------------------------- */

void
memscope_flame_graph_forget (MemscopeFlameGraph *self)
{
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
memscope_flame_graph_relay (MemscopeFlameGraph *self)
{
  self->laid_width = -1;
  self->hovered = -1;
  g_array_set_size (self->boxes, 0);
  g_array_set_size (self->rows, 0);
  memscope_flame_graph_forget (self);
}

static void
memscope_flame_graph_colors_changed (MemscopeFlameGraph *self)
{
  memscope_flame_graph_forget (self);
}

static void
memscope_flame_graph_scrolled (MemscopeFlameGraph *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
memscope_flame_graph_unwatch (MemscopeFlameGraph *self)
{
  if (self->adjustment != NULL)
    {
      g_clear_signal_handler (&self->scrolled_handler, self->adjustment);
      g_clear_signal_handler (&self->page_handler, self->adjustment);
    }
  g_clear_object (&self->adjustment);
}

/* Only the rows in view are drawn: which ones, the scrolled window knows. */
static void
memscope_flame_graph_root_changed (GtkWidget *widget)
{
  MemscopeFlameGraph *self = MEMSCOPE_FLAME_GRAPH (widget);
  GtkWidget *scroller;

  GTK_WIDGET_CLASS (memscope_flame_graph_parent_class)->root (widget);

  memscope_flame_graph_unwatch (self);
  scroller = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
  if (scroller == NULL)
    return;

  self->adjustment = g_object_ref (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)));
  self->scrolled_handler = g_signal_connect_swapped (self->adjustment, "value-changed",
                                                     G_CALLBACK (memscope_flame_graph_scrolled), self);
  self->page_handler = g_signal_connect_swapped (self->adjustment, "changed",
                                                 G_CALLBACK (memscope_flame_graph_scrolled), self);
}

static void
memscope_flame_graph_unroot (GtkWidget *widget)
{
  memscope_flame_graph_unwatch (MEMSCOPE_FLAME_GRAPH (widget));

  GTK_WIDGET_CLASS (memscope_flame_graph_parent_class)->unroot (widget);
}

static void
update_row_height (MemscopeFlameGraph *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);

  self->row_height = PANGO_PIXELS_CEIL (pango_font_metrics_get_ascent (metrics) + pango_font_metrics_get_descent (metrics)) +
                     ROW_PADDING;
  pango_font_metrics_unref (metrics);
}

static void
memscope_flame_graph_measure (GtkWidget      *widget,
                              GtkOrientation  orientation,
                              int             for_size,
                              int            *minimum,
                              int            *natural,
                              int            *minimum_baseline,
                              int            *natural_baseline)
{
  MemscopeFlameGraph *self = MEMSCOPE_FLAME_GRAPH (widget);

  update_row_height (self);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = *natural = MIN_WIDTH;
      return;
    }

  *minimum = *natural = self->tree != NULL
                        ? (int) (memscope_call_tree_get_height (self->tree, self->root) + 1) * self->row_height
                        : self->row_height;
}

static void
memscope_flame_graph_size_allocate (GtkWidget *widget,
                                    int        width,
                                    int        height,
                                    int        baseline)
{
  MemscopeFlameGraph *self = MEMSCOPE_FLAME_GRAPH (widget);

  if (width != self->laid_width)
    self->hovered = -1;
  g_clear_pointer (&self->picture, gsk_render_node_unref);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_POPOVER (child))
      gtk_popover_present (GTK_POPOVER (child));
}

static void
memscope_flame_graph_snapshot (GtkWidget   *widget,
                               GtkSnapshot *snapshot)
{
  memscope_flame_graph_draw (MEMSCOPE_FLAME_GRAPH (widget), snapshot);
}

static void
memscope_flame_graph_css_changed (GtkWidget         *widget,
                                  GtkCssStyleChange *change)
{
  MemscopeFlameGraph *self = MEMSCOPE_FLAME_GRAPH (widget);

  GTK_WIDGET_CLASS (memscope_flame_graph_parent_class)->css_changed (widget, change);
  memscope_flame_graph_clear_labels (self);
  memscope_flame_graph_forget (self);
}

static void
memscope_flame_graph_dispose (GObject *object)
{
  MemscopeFlameGraph *self = MEMSCOPE_FLAME_GRAPH (object);

  memscope_flame_graph_unwatch (self);
  self->hits = NULL;
  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  g_clear_pointer (&self->picture, gsk_render_node_unref);

  G_OBJECT_CLASS (memscope_flame_graph_parent_class)->dispose (object);
}

static void
memscope_flame_graph_finalize (GObject *object)
{
  MemscopeFlameGraph *self = MEMSCOPE_FLAME_GRAPH (object);

  g_array_unref (self->boxes);
  g_array_unref (self->rows);
  g_hash_table_unref (self->labels);

  G_OBJECT_CLASS (memscope_flame_graph_parent_class)->finalize (object);
}

static void
memscope_flame_graph_class_init (MemscopeFlameGraphClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = memscope_flame_graph_dispose;
  object_class->finalize = memscope_flame_graph_finalize;
  widget_class->root = memscope_flame_graph_root_changed;
  widget_class->unroot = memscope_flame_graph_unroot;
  widget_class->measure = memscope_flame_graph_measure;
  widget_class->size_allocate = memscope_flame_graph_size_allocate;
  widget_class->snapshot = memscope_flame_graph_snapshot;
  widget_class->css_changed = memscope_flame_graph_css_changed;
  widget_class->query_tooltip = memscope_flame_graph_tooltip;

  signals[SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ZOOMED] = g_signal_new ("zoomed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[MENU] = g_signal_new ("menu", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);

  gtk_widget_class_set_css_name (widget_class, "flamegraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
memscope_flame_graph_init (MemscopeFlameGraph *self)
{
  self->boxes = g_array_new (FALSE, FALSE, sizeof (MemscopeFlameBox));
  self->rows = g_array_new (FALSE, FALSE, sizeof (guint));
  self->selected = MEMSCOPE_CALL_NONE;
  self->laid_width = -1;
  self->row_height = 26;
  self->hovered = -1;

  memscope_flame_graph_clear_labels (self);
  memscope_flame_graph_init_input (self);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (memscope_flame_graph_colors_changed));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Flame graph"), -1);
}

GtkWidget *
memscope_flame_graph_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_FLAME_GRAPH, NULL);
}

/* ---- public -------------------------------------------------------------- */

static void
memscope_flame_graph_describe (MemscopeFlameGraph *self)
{
  g_autofree char *summary = NULL;

  if (self->tree != NULL && self->selected != MEMSCOPE_CALL_NONE)
    summary = memscope_call_tree_dup_summary (self->tree, self->selected);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  summary != NULL ? summary : _("Use the arrow keys to walk through the calls"),
                                  -1);
}

void
memscope_flame_graph_set_tree (MemscopeFlameGraph *self,
                               MemscopeCallTree   *tree)
{
  g_return_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self));

  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  self->tree = tree != NULL ? memscope_call_tree_ref (tree) : NULL;
  self->hits = NULL;
  self->root = 0;
  self->selected = MEMSCOPE_CALL_NONE;
  memscope_flame_graph_clear_labels (self);
  memscope_flame_graph_relay (self);
  memscope_flame_graph_describe (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
memscope_flame_graph_set_root (MemscopeFlameGraph *self,
                               guint32             root)
{
  g_return_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self));
  g_return_if_fail (self->tree != NULL && root < memscope_call_tree_get_n_nodes (self->tree));

  if (root == self->root)
    return;

  self->root = root;
  memscope_flame_graph_relay (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

guint32
memscope_flame_graph_get_root (MemscopeFlameGraph *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self), 0);

  return self->root;
}

/* Only as far as needed. */
static void
memscope_flame_graph_scroll_to (MemscopeFlameGraph *self,
                                guint32             node)
{
  guint row;
  int y;

  if (self->adjustment == NULL || memscope_flame_graph_find_box (self, node, &row) == NULL)
    return;

  y = memscope_flame_graph_get_row_y (self, row);
  gtk_adjustment_clamp_page (self->adjustment, y, y + self->row_height);
}

void
memscope_flame_graph_set_selected (MemscopeFlameGraph *self,
                                   guint32             node)
{
  g_return_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self));

  self->selected = node;
  memscope_flame_graph_describe (self);
  memscope_flame_graph_scroll_to (self, node);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint32
memscope_flame_graph_get_selected (MemscopeFlameGraph *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self), MEMSCOPE_CALL_NONE);

  return self->selected;
}

void
memscope_flame_graph_set_hits (MemscopeFlameGraph     *self,
                               const MemscopeCallHits *hits)
{
  g_return_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self));
  g_return_if_fail (hits == NULL || hits->tree == self->tree);

  self->hits = hits;
  memscope_flame_graph_clear_labels (self);
  memscope_flame_graph_forget (self);
}

void
memscope_flame_graph_set_flames (MemscopeFlameGraph *self,
                                 gboolean            flames)
{
  g_return_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self));

  self->flames = flames;
  memscope_flame_graph_forget (self);
}

guint
memscope_flame_graph_get_n_boxes (MemscopeFlameGraph *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self), 0);

  memscope_flame_graph_lay_out (self);

  return self->boxes->len;
}

gboolean
memscope_flame_graph_get_box (MemscopeFlameGraph *self,
                              guint32             node,
                              GdkRectangle       *rectangle)
{
  const MemscopeFlameBox *box;
  guint row;

  g_return_val_if_fail (MEMSCOPE_IS_FLAME_GRAPH (self), FALSE);

  box = memscope_flame_graph_find_box (self, node, &row);
  if (box == NULL)
    return FALSE;

  *rectangle = (GdkRectangle) { box->x, memscope_flame_graph_get_row_y (self, row), box->width, self->row_height };

  return TRUE;
}

void
memscope_flame_graph_emit_selected (MemscopeFlameGraph *self,
                                    guint32             node)
{
  g_signal_emit (self, signals[SELECTED], 0, node);
}

void
memscope_flame_graph_emit_zoomed (MemscopeFlameGraph *self,
                                  guint32             node)
{
  g_signal_emit (self, signals[ZOOMED], 0, node);
}

void
memscope_flame_graph_emit_menu (MemscopeFlameGraph *self,
                                double              x,
                                double              y)
{
  g_signal_emit (self, signals[MENU], 0, x, y);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-call-colors.h"
#include "memscope-call-list.h"
#include "memscope-calls-table.h"
#include "memscope-text.h"

/* What is opened by itself, so that the weight is seen at once. */
#define OPEN_SHARE    .12
#define MAX_OPEN      24
/* Opened rows that a new order or measure opens again. */
#define MAX_KEPT_OPEN 200
/* Deeper rows stand as far right as these. */
#define MAX_INDENTS   32
#define INDENT_WIDTH  16
#define NARROW_INDENT_WIDTH 6
#define NARROW_NAME_WIDTH 170

typedef enum
{
  COLUMN_NAME,
  COLUMN_PLACE,
  COLUMN_TOTAL,
  COLUMN_PARENT,
  COLUMN_SELF,
  COLUMN_ALLOCATIONS,
  COLUMN_LIVE,
  N_COLUMNS
} Column;

struct _MemscopeCallsTable
{
  AdwBin                parent_instance;

  MemscopeCallTree     *tree;
  GtkTreeListModel     *model;
  GtkSingleSelection   *selection;
  GtkColumnView        *view;
  GtkColumnViewColumn  *columns[N_COLUMNS];
  MemscopeCallSort      sort;
  gboolean              ascending;
  int                   probed;        /* the column whose sorter was asked, -1: none yet */
  char                 *needle;        /* folded; "": none */
  gboolean              selecting;     /* by the program */
  gboolean              narrow;
  guint                 scroll_source;
  guint                 scroll_position;
};

enum {
  SELECTED,
  ZOOMED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeCallsTable, memscope_calls_table, ADW_TYPE_BIN)

static const struct
{
  const char       *title;
  MemscopeCallSort  sort;
  gboolean          is_number;
} columns[N_COLUMNS] = {
  [COLUMN_NAME]        = { N_("Function"), MEMSCOPE_CALL_SORT_NAME, FALSE },
  [COLUMN_PLACE]       = { N_("Where"), MEMSCOPE_CALL_SORT_PLACE, FALSE },
  [COLUMN_TOTAL]       = { NULL, MEMSCOPE_CALL_SORT_TOTAL, TRUE },
  [COLUMN_PARENT]      = { N_("Of parent"), MEMSCOPE_CALL_SORT_TOTAL, TRUE },
  [COLUMN_SELF]        = { N_("Itself"), MEMSCOPE_CALL_SORT_SELF, TRUE },
  [COLUMN_ALLOCATIONS] = { N_("Allocations"), MEMSCOPE_CALL_SORT_ALLOCATIONS, TRUE },
  [COLUMN_LIVE]        = { N_("Live"), MEMSCOPE_CALL_SORT_LIVE, TRUE },
};

/* ---- cells --------------------------------------------------------------- */

static GtkWidget *
label_new (gboolean    is_number,
           const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), is_number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), is_number ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, style);

  return label;
}

static void
name_cell_clicked (GtkWidget *cell)
{
  GtkTreeListRow *row = g_object_get_data (G_OBJECT (cell), "row");

  if (row != NULL)
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

static gboolean
name_cell_query_tooltip (GtkWidget  *cell,
                         int         x,
                         int         y,
                         gboolean    keyboard,
                         GtkTooltip *tooltip)
{
  GtkTreeListRow *row = g_object_get_data (G_OBJECT (cell), "row");
  g_autoptr(MemscopeCallRow) call = NULL;
  g_autofree char *summary = NULL;

  if (row == NULL)
    return FALSE;

  call = gtk_tree_list_row_get_item (row);
  summary = memscope_call_tree_dup_summary (call->tree, call->node);
  gtk_tooltip_set_text (tooltip, summary);

  return TRUE;
}

/* GtkTreeExpander has a widget for each level of depth: call trees are too deep for that. */
static GtkWidget *
name_cell_new (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *toggle = gtk_button_new ();
  GtkWidget *swatch = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *label = label_new (FALSE, "code");

  gtk_widget_set_css_classes (toggle, (const char *[]) { "flat", "expander", NULL });
  gtk_widget_set_focusable (toggle, FALSE);
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  g_signal_connect_object (toggle, "clicked", G_CALLBACK (name_cell_clicked), box, G_CONNECT_SWAPPED);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_widget_set_has_tooltip (box, TRUE);
  g_signal_connect (box, "query-tooltip", G_CALLBACK (name_cell_query_tooltip), NULL);
  gtk_box_append (GTK_BOX (box), toggle);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), label);

  return box;
}

static void
name_cell_update (GtkWidget *cell)
{
  GtkTreeListRow *row = g_object_get_data (G_OBJECT (cell), "row");
  GtkWidget *toggle = gtk_widget_get_first_child (cell);
  gboolean expandable = gtk_tree_list_row_is_expandable (row);
  gboolean expanded = gtk_tree_list_row_get_expanded (row);

  gtk_button_set_icon_name (GTK_BUTTON (toggle), expanded ? "pan-down-symbolic" : "pan-end-symbolic");
  gtk_widget_set_sensitive (toggle, expandable);
  gtk_widget_set_opacity (toggle, expandable ? 1 : 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, expanded ? _("Close") : _("Open"),
                                  -1);
  if (expandable)
    gtk_accessible_update_state (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_STATE_EXPANDED, expanded, -1);
  else
    gtk_accessible_reset_state (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_STATE_EXPANDED);
}

static void
name_cell_set_row (GtkWidget      *cell,
                   GtkTreeListRow *row,
                   int             indent)
{
  GtkTreeListRow *old = g_object_get_data (G_OBJECT (cell), "row");

  if (old != NULL)
    g_signal_handlers_disconnect_by_func (old, name_cell_update, cell);
  g_object_set_data_full (G_OBJECT (cell), "row", row != NULL ? g_object_ref (row) : NULL, g_object_unref);
  if (row == NULL)
    return;

  g_signal_connect_object (row, "notify::expanded", G_CALLBACK (name_cell_update), cell, G_CONNECT_SWAPPED);
  gtk_widget_set_margin_start (cell, (int) MIN (gtk_tree_list_row_get_depth (row), MAX_INDENTS) * indent);
  name_cell_update (cell);
}

static GtkWidget *
total_cell_new (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *bar = gtk_level_bar_new_for_interval (0, 1);
  GtkWidget *value = label_new (TRUE, "numeric");
  GtkWidget *share = label_new (TRUE, "numeric");

  for (int i = 0; i < 3; i++)
    {
      static const char *offsets[] = { GTK_LEVEL_BAR_OFFSET_LOW, GTK_LEVEL_BAR_OFFSET_HIGH, GTK_LEVEL_BAR_OFFSET_FULL };

      gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), offsets[i]);
    }
  gtk_widget_add_css_class (bar, "thin");
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (bar, 60, -1);
  gtk_widget_set_hexpand (value, TRUE);
  gtk_widget_add_css_class (value, "card-title");
  gtk_widget_add_css_class (share, "dim");
  gtk_widget_add_css_class (share, "caption");
  gtk_label_set_width_chars (GTK_LABEL (share), 7);

  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), value);
  gtk_box_append (GTK_BOX (box), share);

  return box;
}

static void
memscope_calls_table_setup (GtkSignalListItemFactory *factory,
                            GtkListItem              *item,
                            gpointer                  user_data)
{
  Column column = GPOINTER_TO_UINT (user_data);

  if (column == COLUMN_NAME)
    gtk_list_item_set_child (item, name_cell_new ());
  else if (column == COLUMN_TOTAL)
    gtk_list_item_set_child (item, total_cell_new ());
  else
    gtk_list_item_set_child (item, label_new (columns[column].is_number, columns[column].is_number ? "numeric" : "code"));
  if (column == COLUMN_PLACE)
    gtk_widget_add_css_class (gtk_list_item_get_child (item), "dim");
}

static PangoAttrList *
mark_needle (MemscopeCallsTable *self,
             const char         *name)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);
  const char *found;
  PangoAttrList *attributes;
  guint start, end;

  /* Folding may change lengths: then no part can be pointed at. */
  if (*self->needle == '\0' || strlen (folded) != strlen (name))
    return NULL;
  found = strstr (folded, self->needle);
  if (found == NULL)
    return NULL;

  start = (guint) (found - folded);
  end = start + (guint) strlen (self->needle);
  attributes = pango_attr_list_new ();
  for (int i = 0; i < 2; i++)
    {
      PangoAttribute *attribute = i == 0 ? pango_attr_weight_new (PANGO_WEIGHT_BOLD)
                                         : pango_attr_underline_new (PANGO_UNDERLINE_SINGLE);

      attribute->start_index = start;
      attribute->end_index = end;
      pango_attr_list_insert (attributes, attribute);
    }

  return attributes;
}

static void
bind_name (MemscopeCallsTable *self,
           GtkTreeListRow     *row,
           MemscopeCallRow    *call,
           GtkWidget          *cell)
{
  GtkWidget *label = gtk_widget_get_last_child (cell);
  GtkWidget *swatch = gtk_widget_get_prev_sibling (label);
  g_autofree char *name = memscope_call_tree_dup_name (call->tree, call->node);
  PangoAttrList *marks = mark_needle (self, name);

  name_cell_set_row (cell, row, self->narrow ? NARROW_INDENT_WIDTH : INDENT_WIDTH);
  gtk_widget_set_css_classes (swatch, (const char *[]) { "swatch",
                                                         memscope_call_colors_get_name (memscope_call_tree_get_color (call->tree, call->node)),
                                                         NULL });
  gtk_label_set_text (GTK_LABEL (label), name);
  gtk_label_set_attributes (GTK_LABEL (label), marks);
  g_clear_pointer (&marks, pango_attr_list_unref);
}

static void
bind_total (MemscopeCallsTable *self,
            MemscopeCallRow    *call,
            GtkWidget          *box)
{
  GtkWidget *bar = gtk_widget_get_first_child (box);
  GtkWidget *value = gtk_widget_get_next_sibling (bar);
  guint64 total = memscope_call_tree_get_total (call->tree, call->node);
  double share = memscope_call_tree_get_share (call->tree, call->node);
  g_autofree char *text = memscope_call_tree_dup_weight (call->tree, total);
  g_autofree char *exact = memscope_call_tree_dup_exact (call->tree, total);
  g_autofree char *share_text = memscope_measure_dup_share (share);

  gtk_widget_set_visible (bar, !self->narrow);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), share);
  gtk_label_set_text (GTK_LABEL (value), text);
  gtk_widget_set_tooltip_text (value, exact);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (box)), share_text);
}

static char *
dup_cell_text (MemscopeCallRow *call,
               Column           column)
{
  const MemscopeFlameNode *record = memscope_call_tree_get_node (call->tree, call->node);

  switch (column)
    {
    case COLUMN_PLACE:
      return memscope_call_tree_dup_place (call->tree, call->node);
    case COLUMN_PARENT:
      return memscope_measure_dup_share (memscope_call_tree_get_parent_share (call->tree, call->node));
    case COLUMN_SELF:
      return memscope_call_tree_dup_weight (call->tree, memscope_call_tree_get_self (call->tree, call->node));
    case COLUMN_ALLOCATIONS:
      return memscope_text_count (record->total[MEMSCOPE_MEASURE_BIRTHS]);
    case COLUMN_LIVE:
      return memscope_text_size (record->total[MEMSCOPE_MEASURE_LIVE_BYTES]);
    case COLUMN_NAME:
    case COLUMN_TOTAL:
    case N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

static void
memscope_calls_table_bind (GtkSignalListItemFactory *factory,
                           GtkListItem              *item,
                           gpointer                  user_data)
{
  Column column = GPOINTER_TO_UINT (user_data);
  MemscopeCallsTable *self = g_object_get_data (G_OBJECT (factory), "table");
  GtkTreeListRow *row = GTK_TREE_LIST_ROW (gtk_list_item_get_item (item));
  g_autoptr(MemscopeCallRow) call = gtk_tree_list_row_get_item (row);
  GtkWidget *child = gtk_list_item_get_child (item);
  g_autofree char *text = NULL;

  if (column == COLUMN_NAME)
    {
      bind_name (self, row, call, child);
      return;
    }
  if (column == COLUMN_TOTAL)
    {
      bind_total (self, call, child);
      return;
    }

  text = dup_cell_text (call, column);
  gtk_label_set_text (GTK_LABEL (child), text);
  if (column == COLUMN_PLACE)
    gtk_widget_set_tooltip_text (child, text);
}

static void
memscope_calls_table_unbind (GtkSignalListItemFactory *factory,
                             GtkListItem              *item,
                             gpointer                  user_data)
{
  if (GPOINTER_TO_UINT (user_data) == COLUMN_NAME)
    name_cell_set_row (gtk_list_item_get_child (item), NULL, 0);
}

/* ---- rows ------------------------------------------------------------------ */

static MemscopeCallList *
memscope_calls_table_list_children (MemscopeCallsTable *self,
                                    guint32             node)
{
  return memscope_call_list_new (self->tree, node, self->sort, self->ascending);
}

static GListModel *
create_children (gpointer item,
                 gpointer user_data)
{
  MemscopeCallsTable *self = user_data;
  MemscopeCallRow *call = item;
  guint n;

  if (call->tree != self->tree)
    return NULL;

  memscope_call_tree_get_children (self->tree, call->node, &n);

  return n > 0 ? G_LIST_MODEL (memscope_calls_table_list_children (self, call->node)) : NULL;
}

static guint32
node_of_row (GtkTreeListRow *row)
{
  g_autoptr(MemscopeCallRow) call = gtk_tree_list_row_get_item (row);

  return call->node;
}

/* The row of a node; what is above it is opened. */
static GtkTreeListRow *
memscope_calls_table_open_to (MemscopeCallsTable *self,
                              guint32             node)
{
  g_autoptr(GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr(GtkTreeListRow) row = NULL;

  for (; node != 0; node = memscope_call_tree_get_node (self->tree, node)->parent)
    g_array_append_val (path, node);

  for (guint i = path->len; i-- > 0;)
    {
      GListModel *list;
      GtkTreeListRow *child;
      guint position;

      if (row != NULL)
        gtk_tree_list_row_set_expanded (row, TRUE);
      list = row == NULL ? gtk_tree_list_model_get_model (self->model) : gtk_tree_list_row_get_children (row);
      if (list == NULL)
        return NULL;
      position = memscope_call_list_find (MEMSCOPE_CALL_LIST (list), g_array_index (path, guint32, i));
      if (position == MEMSCOPE_CALL_NONE)
        return NULL;
      child = row == NULL ? gtk_tree_list_model_get_child_row (self->model, position)
                          : gtk_tree_list_row_get_child_row (row, position);
      g_clear_object (&row);
      row = child;
      if (row == NULL)
        return NULL;
    }

  return g_steal_pointer (&row);
}

static GArray *
memscope_calls_table_list_open (MemscopeCallsTable *self)
{
  GArray *open = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; self->model != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (self->model)) &&
                    open->len < MAX_KEPT_OPEN; i++)
    {
      g_autoptr(GtkTreeListRow) row = gtk_tree_list_model_get_row (self->model, i);

      if (gtk_tree_list_row_get_expanded (row))
        {
          guint32 node = node_of_row (row);

          g_array_append_val (open, node);
        }
    }

  return open;
}

static void
memscope_calls_table_open_heaviest (MemscopeCallsTable *self)
{
  guint opened = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->model)) && opened < MAX_OPEN; i++)
    {
      g_autoptr(GtkTreeListRow) row = gtk_tree_list_model_get_row (self->model, i);

      if (memscope_call_tree_get_share (self->tree, node_of_row (row)) < OPEN_SHARE ||
          !gtk_tree_list_row_is_expandable (row))
        continue;
      gtk_tree_list_row_set_expanded (row, TRUE);
      opened++;
    }
}

/* A new model, which the view does not look at yet: it follows each row that opens,
 * which takes long for many.
 */
static void
memscope_calls_table_fill (MemscopeCallsTable *self)
{
  g_clear_object (&self->model);
  if (self->tree != NULL)
    self->model = gtk_tree_list_model_new (G_LIST_MODEL (memscope_calls_table_list_children (self, 0)), FALSE, FALSE,
                                           create_children, self, NULL);
}

/* From one model to the next, so that the widgets of rows are used again. */
static void
memscope_calls_table_look (MemscopeCallsTable *self)
{
  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  gtk_single_selection_set_model (self->selection, self->model != NULL ? G_LIST_MODEL (self->model) : NULL);
  self->selecting = FALSE;
}

/* In another order, with what was open. */
static void
memscope_calls_table_refill (MemscopeCallsTable *self)
{
  g_autoptr(GArray) open = memscope_calls_table_list_open (self);
  guint32 selected = memscope_calls_table_get_selected (self);

  memscope_calls_table_fill (self);
  for (guint i = 0; i < open->len; i++)
    {
      g_autoptr(GtkTreeListRow) row = memscope_calls_table_open_to (self, g_array_index (open, guint32, i));

      if (row != NULL)
        gtk_tree_list_row_set_expanded (row, TRUE);
    }
  memscope_calls_table_look (self);
  memscope_calls_table_set_selected (self, selected);
}

/* ---- order ------------------------------------------------------------------- */

/* Sorting each child list by itself is ours to do; the view's sorters only tell which
 * column was clicked: the first that is asked is the one, and the answer comes back
 * turned round when it is to be descending.
 */
static int
probe_column (gconstpointer a,
              gconstpointer b,
              gpointer      user_data)
{
  GtkColumnViewColumn *column = user_data;
  MemscopeCallsTable *self = g_object_get_data (G_OBJECT (column), "table");

  for (int i = 0; self->probed < 0 && i < N_COLUMNS; i++)
    if (self->columns[i] == column)
      self->probed = i;

  return GTK_ORDERING_SMALLER;
}

static void
memscope_calls_table_order_changed (MemscopeCallsTable *self,
                                    GtkSorterChange     change,
                                    GtkSorter          *sorter)
{
  g_autoptr(GObject) a = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr(GObject) b = g_object_new (G_TYPE_OBJECT, NULL);
  GtkOrdering ordering;

  self->probed = -1;
  ordering = gtk_sorter_compare (sorter, a, b);
  if (self->probed < 0)
    return;

  self->sort = columns[self->probed].sort;
  self->ascending = ordering == GTK_ORDERING_SMALLER;
  if (self->tree != NULL)
    memscope_calls_table_refill (self);
}

/* ---- selection ------------------------------------------------------------------ */

static gboolean
memscope_calls_table_scroll (gpointer user_data)
{
  MemscopeCallsTable *self = user_data;
  GtkWidget *list = gtk_widget_get_last_child (GTK_WIDGET (self->view));

  self->scroll_source = 0;
  if (self->model != NULL && self->scroll_position < g_list_model_get_n_items (G_LIST_MODEL (self->model)))
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", self->scroll_position);

  return G_SOURCE_REMOVE;
}

static void
memscope_calls_table_selection_changed (MemscopeCallsTable *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);

  if (self->selecting || row == NULL)
    return;

  g_signal_emit (self, signals[SELECTED], 0, node_of_row (row));
}

static void
memscope_calls_table_activate (MemscopeCallsTable *self,
                               guint               position)
{
  g_autoptr(GtkTreeListRow) row = NULL;

  if (self->model != NULL)
    row = gtk_tree_list_model_get_row (self->model, position);
  if (row != NULL)
    g_signal_emit (self, signals[ZOOMED], 0, node_of_row (row));
}

static void
memscope_calls_table_select_row (MemscopeCallsTable *self,
                                 GtkTreeListRow     *row)
{
  self->scroll_position = gtk_tree_list_row_get_position (row);
  gtk_single_selection_set_selected (self->selection, self->scroll_position);
  /* Rows that were just opened have no place on screen yet. */
  if (self->scroll_source == 0)
    self->scroll_source = g_timeout_add (20, memscope_calls_table_scroll, self);
}

/* Left closes a row or goes to the one above it, Right opens it or goes into it. */
static gboolean
memscope_calls_table_key_pressed (GtkEventControllerKey *controller,
                                  guint                  keyval,
                                  guint                  keycode,
                                  GdkModifierType        modifiers,
                                  MemscopeCallsTable    *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);
  gboolean right = keyval == GDK_KEY_Right || keyval == GDK_KEY_KP_Right;
  gboolean left = keyval == GDK_KEY_Left || keyval == GDK_KEY_KP_Left;
  g_autoptr(GtkTreeListRow) target = NULL;

  if (row == NULL || !(left || right) || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
    return GDK_EVENT_PROPAGATE;

  if (right && !gtk_tree_list_row_get_expanded (row))
    {
      gtk_tree_list_row_set_expanded (row, TRUE);
      return GDK_EVENT_STOP;
    }
  if (left && gtk_tree_list_row_get_expanded (row))
    {
      gtk_tree_list_row_set_expanded (row, FALSE);
      return GDK_EVENT_STOP;
    }

  target = right ? gtk_tree_list_row_get_child_row (row, 0) : gtk_tree_list_row_get_parent (row);
  if (target != NULL)
    memscope_calls_table_select_row (self, target);

  return GDK_EVENT_STOP;
}

/* ---- the widget ------------------------------------------------------------------ */

static void
memscope_calls_table_dispose (GObject *object)
{
  MemscopeCallsTable *self = MEMSCOPE_CALLS_TABLE (object);

  g_clear_handle_id (&self->scroll_source, g_source_remove);
  if (self->selection != NULL)
    gtk_single_selection_set_model (self->selection, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  g_clear_pointer (&self->needle, g_free);

  G_OBJECT_CLASS (memscope_calls_table_parent_class)->dispose (object);
}

static void
memscope_calls_table_class_init (MemscopeCallsTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_calls_table_dispose;

  signals[SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ZOOMED] = g_signal_new ("zoomed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
memscope_calls_table_add_column (MemscopeCallsTable *self,
                                 Column              column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *view_column;

  g_object_set_data (G_OBJECT (factory), "table", self);
  g_signal_connect (factory, "setup", G_CALLBACK (memscope_calls_table_setup), GUINT_TO_POINTER (column));
  g_signal_connect (factory, "bind", G_CALLBACK (memscope_calls_table_bind), GUINT_TO_POINTER (column));
  g_signal_connect (factory, "unbind", G_CALLBACK (memscope_calls_table_unbind), GUINT_TO_POINTER (column));

  view_column = gtk_column_view_column_new (columns[column].title != NULL ? _(columns[column].title) : NULL, factory);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_column_set_expand (view_column, column == COLUMN_NAME);
  if (column == COLUMN_PLACE)
    gtk_column_view_column_set_fixed_width (view_column, 170);
  if (column != COLUMN_PARENT)
    {
      g_autoptr(GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (probe_column, view_column, NULL));

      g_object_set_data (G_OBJECT (view_column), "table", self);
      gtk_column_view_column_set_sorter (view_column, sorter);
    }
  gtk_column_view_append_column (self->view, view_column);
  self->columns[column] = view_column;
  g_object_unref (view_column);
}

static void
memscope_calls_table_init (MemscopeCallsTable *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->needle = g_strdup ("");
  self->sort = MEMSCOPE_CALL_SORT_TOTAL;
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item",
                           G_CALLBACK (memscope_calls_table_selection_changed), self, G_CONNECT_SWAPPED);

  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection))));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "cards");
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "calls");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Calls as a table"), -1);
  for (Column column = 0; column < N_COLUMNS; column++)
    memscope_calls_table_add_column (self, column);
  gtk_column_view_sort_by_column (self->view, self->columns[COLUMN_TOTAL], GTK_SORT_DESCENDING);
  g_signal_connect_object (gtk_column_view_get_sorter (self->view), "changed",
                           G_CALLBACK (memscope_calls_table_order_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (memscope_calls_table_activate), self, G_CONNECT_SWAPPED);

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_calls_table_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  adw_bin_set_child (ADW_BIN (self), scroller);
}

/* No number twice. */
static void
memscope_calls_table_update_columns (MemscopeCallsTable *self)
{
  MemscopeMeasure measure = memscope_call_tree_get_measure (self->tree);

  gtk_column_view_column_set_title (self->columns[COLUMN_TOTAL], memscope_measure_get_title (measure));
  /* else deep rows would push the numbers out of a narrow window */
  gtk_column_view_column_set_fixed_width (self->columns[COLUMN_NAME], self->narrow ? NARROW_NAME_WIDTH : -1);
  gtk_column_view_column_set_visible (self->columns[COLUMN_PLACE], !self->narrow);
  gtk_column_view_column_set_visible (self->columns[COLUMN_PARENT], !self->narrow);
  gtk_column_view_column_set_visible (self->columns[COLUMN_SELF],
                                      !self->narrow && !(memscope_call_tree_get_flags (self->tree) & MEMSCOPE_FLAME_BOTTOM_UP));
  gtk_column_view_column_set_visible (self->columns[COLUMN_ALLOCATIONS], !self->narrow && measure != MEMSCOPE_MEASURE_BIRTHS);
  gtk_column_view_column_set_visible (self->columns[COLUMN_LIVE], !self->narrow && measure != MEMSCOPE_MEASURE_LIVE_BYTES);
}

void
memscope_calls_table_set_tree (MemscopeCallsTable *self,
                               MemscopeCallTree   *tree)
{
  g_autoptr(MemscopeCallTree) old = NULL;
  g_autoptr(GArray) open = NULL;
  gboolean kept = FALSE;

  g_return_if_fail (MEMSCOPE_IS_CALLS_TABLE (self));

  open = memscope_calls_table_list_open (self);
  old = g_steal_pointer (&self->tree);
  self->tree = tree != NULL ? memscope_call_tree_ref (tree) : NULL;
  memscope_calls_table_fill (self);
  if (tree == NULL)
    {
      memscope_calls_table_look (self);
      return;
    }

  memscope_calls_table_update_columns (self);
  for (guint i = 0; old != NULL && i < open->len; i++)
    {
      guint32 node = memscope_call_tree_find (tree, old, g_array_index (open, guint32, i));
      g_autoptr(GtkTreeListRow) row = node != 0 ? memscope_calls_table_open_to (self, node) : NULL;

      if (row != NULL && gtk_tree_list_row_is_expandable (row))
        {
          gtk_tree_list_row_set_expanded (row, TRUE);
          kept = TRUE;
        }
    }
  if (!kept || memscope_call_tree_get_measure (tree) != memscope_call_tree_get_measure (old))
    memscope_calls_table_open_heaviest (self);
  memscope_calls_table_look (self);
}

void
memscope_calls_table_set_selected (MemscopeCallsTable *self,
                                   guint32             node)
{
  g_autoptr(GtkTreeListRow) row = NULL;

  g_return_if_fail (MEMSCOPE_IS_CALLS_TABLE (self));

  if (self->tree == NULL || node == memscope_calls_table_get_selected (self))
    return;

  self->selecting = TRUE;
  if (node != MEMSCOPE_CALL_NONE && node != 0)
    row = memscope_calls_table_open_to (self, node);
  if (row != NULL)
    memscope_calls_table_select_row (self, row);
  else
    gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  self->selecting = FALSE;
}

guint32
memscope_calls_table_get_selected (MemscopeCallsTable *self)
{
  GtkTreeListRow *row;

  g_return_val_if_fail (MEMSCOPE_IS_CALLS_TABLE (self), MEMSCOPE_CALL_NONE);

  row = gtk_single_selection_get_selected_item (self->selection);

  return row != NULL ? node_of_row (row) : MEMSCOPE_CALL_NONE;
}

void
memscope_calls_table_set_needle (MemscopeCallsTable *self,
                                 const char         *text)
{
  g_autofree char *needle = g_utf8_casefold (text != NULL ? text : "", -1);

  g_return_if_fail (MEMSCOPE_IS_CALLS_TABLE (self));

  if (g_str_equal (needle, self->needle))
    return;

  g_free (self->needle);
  self->needle = g_steal_pointer (&needle);
  if (self->tree != NULL)
    memscope_calls_table_refill (self);
}

void
memscope_calls_table_set_narrow (MemscopeCallsTable *self,
                                 gboolean            narrow)
{
  g_return_if_fail (MEMSCOPE_IS_CALLS_TABLE (self));

  if (narrow == self->narrow)
    return;

  self->narrow = narrow;
  if (self->tree == NULL)
    return;

  memscope_calls_table_update_columns (self);
  memscope_calls_table_refill (self);
}

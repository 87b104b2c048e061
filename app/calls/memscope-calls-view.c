/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-calls-view-private.h"
#include "memscope-query.h"

#define SPINNER_MSEC  500
#define TOOLBAR_WIDTH 1100   /* below: two rows */

enum {
  PROP_0,
  PROP_FLAMES,
  PROP_BY_THREAD,
  N_PROPS
};

enum {
  VARIABLES,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (MemscopeCallsView, memscope_calls_view, ADW_TYPE_BIN)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/* ---- the tree ------------------------------------------------------------ */

typedef struct
{
  MemscopeFlameFlags  flags;
  MemscopeMeasure     measure;
  MemscopeCallTree   *same;      /* of the same selection and flags; NULL: none */
} TreeRequest;

static void
tree_request_free (gpointer data)
{
  TreeRequest *request = data;

  g_clear_pointer (&request->same, memscope_call_tree_unref);
  g_free (request);
}

static gpointer
tree_query (MemscopeSession   *session,
            MemscopeSelection *selection,
            gpointer           data,
            GCancellable      *cancellable)
{
  TreeRequest *request = data;

  if (request->same != NULL)
    return memscope_call_tree_with_measure (request->same, request->measure);

  return memscope_call_tree_new (session, selection, request->flags, request->measure, cancellable);
}

static MemscopeFlameFlags
memscope_calls_view_get_flags (MemscopeCallsView *self)
{
  MemscopeFlameFlags flags = MEMSCOPE_FLAME_TOP_DOWN;

  if (gtk_toggle_button_get_active (self->bottom_up_button))
    flags |= MEMSCOPE_FLAME_BOTTOM_UP;
  if (self->by_thread)
    flags |= MEMSCOPE_FLAME_BY_THREAD;

  return flags;
}

static void
memscope_calls_view_stop_spinner (MemscopeCallsView *self)
{
  g_clear_handle_id (&self->spinner_source, g_source_remove);
  gtk_spinner_stop (self->spinner);
  gtk_spinner_stop (self->first_spinner);
  gtk_widget_set_visible (self->busy_box, FALSE);
}

static gboolean
memscope_calls_view_start_spinner (gpointer user_data)
{
  MemscopeCallsView *self = user_data;

  self->spinner_source = 0;
  gtk_widget_set_visible (self->busy_box, TRUE);
  gtk_spinner_start (self->spinner);
  if (self->tree == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "busy");
      gtk_spinner_start (self->first_spinner);
    }

  return G_SOURCE_REMOVE;
}

static gboolean
memscope_calls_view_place_divider (gpointer user_data)
{
  MemscopeCallsView *self = user_data;
  int height = gtk_widget_get_height (GTK_WIDGET (self->paned));
  int natural;

  self->layout_source = 0;
  /* Rows too light for a pixel need no room; before it has a width, none are known. */
  natural = memscope_flame_graph_get_drawn_height (self->graph);
  if (natural == 0)
    gtk_widget_measure (GTK_WIDGET (self->graph), GTK_ORIENTATION_VERTICAL, -1, NULL, &natural, NULL, NULL);
  self->placing = TRUE;
  gtk_paned_set_position (self->paned, MIN (natural + 12, height * 52 / 100));
  self->placing = FALSE;

  return G_SOURCE_REMOVE;
}

/* The graph has the height it needs, but the table as much as that at least. */
static void
memscope_calls_view_queue_divider (MemscopeCallsView *self)
{
  if (!self->placed && self->layout_source == 0)
    self->layout_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_calls_view_place_divider, self, NULL);
}

static void
memscope_calls_view_divider_moved (MemscopeCallsView *self)
{
  int position = gtk_paned_get_position (self->paned);

  if (!self->placing && position > 0 && gtk_widget_get_mapped (GTK_WIDGET (self->paned)) && self->layout_source == 0)
    self->placed = TRUE;
}

static void
memscope_calls_view_scroll_to_root (MemscopeCallsView *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->graph_scroller);

  gtk_adjustment_set_value (adjustment, self->flames ? gtk_adjustment_get_upper (adjustment) : 0);
}

static void
memscope_calls_view_show_tree (MemscopeCallsView *self)
{
  gboolean graph = !gtk_toggle_button_get_active (self->table_button);
  gboolean table = !gtk_toggle_button_get_active (self->graph_button);
  gboolean something = memscope_call_tree_get_total (self->tree, 0) > 0;

  gtk_widget_set_visible (GTK_WIDGET (self->graph_scroller), graph);
  gtk_widget_set_visible (GTK_WIDGET (self->table), table);
  gtk_widget_set_visible (self->path_row, something);
  gtk_widget_set_visible (self->names_bar, something && memscope_call_tree_lacks_names (self->tree));
  memscope_calls_view_show_legend (self);
  memscope_calls_view_show_status (self);
  if (something)
    {
      gtk_stack_set_visible_child_name (self->stack, "tree");
      memscope_calls_view_queue_divider (self);
    }
  else
    {
      memscope_calls_view_show_empty (self);
    }
}

/* What was selected and zoomed into stays so, as far as it is there. */
static void
memscope_calls_view_take_tree (MemscopeCallsView *self,
                               MemscopeCallTree  *tree)
{
  g_autoptr(MemscopeCallTree) old = g_steal_pointer (&self->tree);
  guint32 selected = memscope_flame_graph_get_selected (self->graph);
  guint32 root = memscope_flame_graph_get_root (self->graph);

  if (old != NULL && memscope_call_tree_get_flags (old) == memscope_call_tree_get_flags (tree))
    {
      selected = selected != MEMSCOPE_CALL_NONE ? memscope_call_tree_find (tree, old, selected) : selected;
      root = memscope_call_tree_find (tree, old, root);
    }
  else
    {
      selected = MEMSCOPE_CALL_NONE;
      root = 0;
    }

  self->tree = tree;
  memscope_calls_view_drop_hits (self);
  memscope_flame_graph_set_tree (self->graph, tree);
  memscope_calls_table_set_tree (self->table, tree);
  memscope_flame_graph_set_root (self->graph, root);
  memscope_calls_view_show_tree (self);
  memscope_calls_view_select (self, selected);
  memscope_calls_view_find (self);
}

/* Programs that tidied up hold nothing at the end: the peak then says more than an
 * empty page. Only at first, before anybody chose.
 */
static void
memscope_calls_view_choose_measure (MemscopeCallsView *self)
{
  const MemscopeFlameNode *root = memscope_call_tree_get_node (self->tree, 0);

  self->chosen = TRUE;
  if (memscope_call_tree_get_measure (self->tree) == MEMSCOPE_MEASURE_LIVE_BYTES &&
      root->total[MEMSCOPE_MEASURE_LIVE_BYTES] == 0 && root->total[MEMSCOPE_MEASURE_PEAK_BYTES] > 0)
    gtk_drop_down_set_selected (self->measure_dropdown, MEMSCOPE_MEASURE_PEAK_BYTES);
}

static void
memscope_calls_view_tree_done (gpointer owner,
                               gpointer result)
{
  MemscopeCallsView *self = owner;

  memscope_calls_view_stop_spinner (self);
  if (result == NULL)
    return;

  g_clear_pointer (&self->shown, memscope_selection_unref);
  self->shown = memscope_selection_ref (self->asked);
  memscope_calls_view_take_tree (self, result);
  if (!self->chosen)
    memscope_calls_view_choose_measure (self);
}

/* Of the stock at the instant, rather than of what happened in the range. */
static gboolean
memscope_calls_view_shows_live (MemscopeCallsView *self)
{
  guint measure = gtk_drop_down_get_selected (self->measure_dropdown);

  return memscope_session_has_stacks (memscope_view_state_get_session (self->state)) &&
         (measure == MEMSCOPE_MEASURE_LIVE_BYTES || measure == MEMSCOPE_MEASURE_LIVE_BLOCKS);
}

static void
memscope_calls_view_update (MemscopeCallsView *self)
{
  MemscopeSelection *selection;
  TreeRequest *request;

  if (self->state == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  memscope_peak_hint_set_wanted (self->peak_hint, memscope_calls_view_shows_live (self));
  if (!memscope_session_has_stacks (memscope_view_state_get_session (self->state)))
    {
      memscope_calls_view_show_empty (self);
      return;
    }

  selection = memscope_view_state_get_selection (self->state);
  request = g_new0 (TreeRequest, 1);
  request->flags = memscope_calls_view_get_flags (self);
  request->measure = MIN (gtk_drop_down_get_selected (self->measure_dropdown), MEMSCOPE_N_MEASURES - 1);
  if (self->tree != NULL && self->shown != NULL && memscope_selection_equal (self->shown, selection) &&
      memscope_call_tree_get_flags (self->tree) == request->flags)
    {
      if (memscope_call_tree_get_measure (self->tree) == request->measure && self->query == NULL)
        {
          tree_request_free (request);
          return;
        }
      request->same = memscope_call_tree_ref (self->tree);
    }

  g_clear_pointer (&self->asked, memscope_selection_unref);
  self->asked = memscope_selection_ref (selection);
  if (self->spinner_source == 0)
    self->spinner_source = g_timeout_add (SPINNER_MSEC, memscope_calls_view_start_spinner, self);
  memscope_query_run (&self->query, self, memscope_view_state_get_session (self->state), selection,
                      tree_query, request, tree_request_free,
                      (GDestroyNotify) memscope_call_tree_unref, memscope_calls_view_tree_done);
}

/* ---- one selection for graph and table ------------------------------------ */

guint32
memscope_calls_view_get_selected (MemscopeCallsView *self)
{
  return memscope_flame_graph_get_selected (self->graph);
}

void
memscope_calls_view_select (MemscopeCallsView *self,
                            guint32            node)
{
  guint32 root = memscope_flame_graph_get_root (self->graph);

  /* Outside of what is zoomed into: out, as far as both can be seen. */
  if (node != MEMSCOPE_CALL_NONE && !memscope_call_tree_is_below (self->tree, node, root))
    {
      while (!memscope_call_tree_is_below (self->tree, node, root))
        root = memscope_call_tree_get_node (self->tree, root)->parent;
      memscope_flame_graph_set_root (self->graph, root);
    }

  memscope_flame_graph_set_selected (self->graph, node);
  memscope_calls_table_set_selected (self->table, node);
  memscope_calls_view_show_path (self);
  memscope_calls_view_show_hits (self);
  memscope_calls_view_update_actions (self);
}

void
memscope_calls_view_zoom (MemscopeCallsView *self,
                          guint32            node)
{
  guint32 selected = memscope_calls_view_get_selected (self);

  if (self->tree == NULL)
    return;

  memscope_flame_graph_set_root (self->graph, node);
  memscope_calls_view_scroll_to_root (self);
  if (selected == MEMSCOPE_CALL_NONE || !memscope_call_tree_is_below (self->tree, selected, node))
    selected = node;
  memscope_calls_view_select (self, selected);
}

static void
memscope_calls_view_selected (MemscopeCallsView *self,
                              guint              node)
{
  memscope_calls_view_select (self, node);
}

static void
memscope_calls_view_zoomed (MemscopeCallsView *self,
                            guint              node)
{
  memscope_calls_view_zoom (self, node);
}

static void
memscope_calls_view_menu_asked (MemscopeCallsView *self,
                                double             x,
                                double             y)
{
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* ---- the rest ---------------------------------------------------------------- */

static void
memscope_calls_view_display_toggled (MemscopeCallsView *self)
{
  if (self->tree != NULL && memscope_session_has_stacks (memscope_view_state_get_session (self->state)))
    memscope_calls_view_show_tree (self);
}

static void
memscope_calls_view_clear_filters (MemscopeCallsView *self)
{
  memscope_view_state_clear_filters (self->state);
  memscope_view_state_clear_range (self->state);
}

/* What is shown stays; it is asked for again with the next change. */
static void
memscope_calls_view_stop (MemscopeCallsView *self)
{
  memscope_query_cancel (&self->query);
  memscope_calls_view_stop_spinner (self);
  if (self->tree == NULL)
    memscope_calls_view_show_stopped (self);
}

static void
memscope_calls_view_stop_search (MemscopeCallsView *self)
{
  gtk_editable_set_text (self->search_entry, "");
  gtk_widget_grab_focus (GTK_WIDGET (self->graph));
}

static void
memscope_calls_view_next_hit (MemscopeCallsView *self)
{
  memscope_calls_view_step_hit (self, 1);
}

static void
memscope_calls_view_previous_hit (MemscopeCallsView *self)
{
  memscope_calls_view_step_hit (self, -1);
}

/* Ctrl+G on whatever has the focus. */
static gboolean
memscope_calls_view_find_asked (MemscopeCallsView *self,
                                int                step)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return FALSE;

  if (self->hits != NULL)
    memscope_calls_view_step_hit (self, step);
  else
    memscope_calls_view_focus_search (self);

  return TRUE;
}

static void
move_to (GtkWidget *child,
         GtkWidget *box,
         gboolean   first)
{
  GtkWidget *parent = gtk_widget_get_parent (child);

  if (parent == box)
    return;

  g_object_ref (child);
  gtk_box_remove (GTK_BOX (parent), child);
  if (first)
    gtk_box_prepend (GTK_BOX (box), child);
  else
    gtk_box_append (GTK_BOX (box), child);
  g_object_unref (child);
}

/* In two rows, what is looked for and what is seen of the calls have the first, all else
 * is one that scrolls. Of the narrowest, Enter and the menu step through the hits.
 */
static gboolean
memscope_calls_view_apply_width (gpointer user_data)
{
  MemscopeCallsView *self = user_data;
  gboolean two_rows = gtk_widget_get_width (GTK_WIDGET (self)) < TOOLBAR_WIDTH;
  GtkWidget *viewport = gtk_widget_get_parent (self->chips);

  self->width_source = 0;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->toolbar),
                                  two_rows ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_hexpand (GTK_WIDGET (self->search_entry), two_rows);
  move_to (self->controls, two_rows ? self->chips : self->toolbar, TRUE);
  gtk_editable_set_width_chars (self->search_entry, self->narrow ? 4 : two_rows ? 8 : 18);
  gtk_label_set_width_chars (self->hits_label, self->narrow ? -1 : 5);
  move_to (self->displays, two_rows ? self->finder : self->toolbar, FALSE);
  gtk_widget_set_visible (self->previous_hit_button, !self->narrow);
  gtk_widget_set_visible (self->next_hit_button, !self->narrow);
  gtk_scrollable_set_hscroll_policy (GTK_SCROLLABLE (viewport), two_rows ? GTK_SCROLL_NATURAL : GTK_SCROLL_MINIMUM);

  return G_SOURCE_REMOVE;
}

static void
memscope_calls_view_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  gtk_widget_measure (adw_bin_get_child (ADW_BIN (widget)), orientation, for_size,
                      minimum, natural, minimum_baseline, natural_baseline);
}

static void
memscope_calls_view_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (widget);
  gboolean two_rows = gtk_orientable_get_orientation (GTK_ORIENTABLE (self->toolbar)) == GTK_ORIENTATION_VERTICAL;

  gtk_widget_allocate (adw_bin_get_child (ADW_BIN (self)), width, height, baseline, NULL);

  /* Not while sizes are being given out. */
  if ((width < TOOLBAR_WIDTH) != two_rows && self->width_source == 0)
    self->width_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_calls_view_apply_width, self, NULL);
  memscope_calls_view_queue_divider (self);
}

static void
memscope_calls_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (memscope_calls_view_parent_class)->map (widget);

  memscope_calls_view_update (MEMSCOPE_CALLS_VIEW (widget));
}

static void
memscope_calls_view_unmap (GtkWidget *widget)
{
  memscope_peak_hint_set_wanted (MEMSCOPE_CALLS_VIEW (widget)->peak_hint, FALSE);

  GTK_WIDGET_CLASS (memscope_calls_view_parent_class)->unmap (widget);
}

static void
memscope_calls_view_dispose (GObject *object)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (object);

  memscope_query_cancel (&self->query);
  memscope_query_cancel (&self->search);
  memscope_query_cancel (&self->inspect);
  g_clear_handle_id (&self->spinner_source, g_source_remove);
  g_clear_handle_id (&self->layout_source, g_source_remove);
  g_clear_handle_id (&self->width_source, g_source_remove);
  if (self->menu != NULL)
    g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);
  g_clear_pointer (&self->hits, memscope_call_hits_free);
  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  g_clear_pointer (&self->asked, memscope_selection_unref);
  g_clear_pointer (&self->shown, memscope_selection_unref);

  G_OBJECT_CLASS (memscope_calls_view_parent_class)->dispose (object);
}

static void
memscope_calls_view_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (object);

  switch (prop_id)
    {
    case PROP_FLAMES:
      g_value_set_boolean (value, self->flames);
      break;

    case PROP_BY_THREAD:
      g_value_set_boolean (value, self->by_thread);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_calls_view_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (object);

  switch (prop_id)
    {
    case PROP_FLAMES:
      self->flames = g_value_get_boolean (value);
      memscope_flame_graph_set_flames (self->graph, self->flames);
      memscope_calls_view_scroll_to_root (self);
      break;

    case PROP_BY_THREAD:
      self->by_thread = g_value_get_boolean (value);
      memscope_calls_view_update (self);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_calls_view_bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, toolbar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, controls);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, finder);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, previous_hit_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, next_hit_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, chips);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, displays);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, bottom_up_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, measure_dropdown);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, search_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, hits_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, hits_chip);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, hits_chip_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, legend);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, graph_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, table_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, peak_hint);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, names_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, names_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, path_row);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, path);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, path_scroller);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, busy_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, spinner);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, first_spinner);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, status_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, paned);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, graph_scroller);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, graph);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, table);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, empty_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, clear_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, again_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeCallsView, menu);
}

static void
memscope_calls_view_class_init (MemscopeCallsViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = memscope_calls_view_dispose;
  object_class->get_property = memscope_calls_view_get_property;
  object_class->set_property = memscope_calls_view_set_property;
  widget_class->measure = memscope_calls_view_measure;
  widget_class->unmap = memscope_calls_view_unmap;
  widget_class->size_allocate = memscope_calls_view_size_allocate;
  widget_class->map = memscope_calls_view_map;

  properties[PROP_FLAMES] =
    g_param_spec_boolean ("flames", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));

  properties[PROP_BY_THREAD] =
    g_param_spec_boolean ("by-thread", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[VARIABLES] = g_signal_new ("variables", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (MEMSCOPE_TYPE_FLAME_GRAPH);
  g_type_ensure (MEMSCOPE_TYPE_CALLS_TABLE);
  g_type_ensure (MEMSCOPE_TYPE_PEAK_HINT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-calls-view.ui");
  memscope_calls_view_bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_update);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_find);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_stop);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_next_hit);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_previous_hit);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_clear_filters);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_display_toggled);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_divider_moved);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_selected);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_zoomed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_calls_view_menu_asked);
  memscope_calls_view_class_init_actions (klass);
}

static void
memscope_calls_view_init (MemscopeCallsView *self)
{
  g_autoptr(GtkStringList) measures = gtk_string_list_new (NULL);

  self->hit = MEMSCOPE_CALL_NONE;
  self->module = MEMSCOPE_CALL_NONE;
  gtk_widget_init_template (GTK_WIDGET (self));
  /* A layout manager would keep widths to itself; they decide the rows of the toolbar. */
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL);

  for (MemscopeMeasure measure = 0; measure < MEMSCOPE_N_MEASURES; measure++)
    gtk_string_list_append (measures, memscope_measure_get_title (measure));
  gtk_drop_down_set_model (self->measure_dropdown, G_LIST_MODEL (measures));
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self->graph));
  memscope_calls_view_update_actions (self);

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_calls_view_update), self);
  g_signal_group_connect_swapped (self->signals, "find",
                                  G_CALLBACK (memscope_calls_view_find_asked), self);
}

void
memscope_calls_view_set_state (MemscopeCallsView *self,
                               MemscopeViewState *state)
{
  g_return_if_fail (MEMSCOPE_IS_CALLS_VIEW (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_query_cancel (&self->query);
  memscope_query_cancel (&self->inspect);
  memscope_calls_view_stop_spinner (self);
  memscope_calls_view_drop_hits (self);
  memscope_flame_graph_set_tree (self->graph, NULL);
  memscope_calls_table_set_tree (self->table, NULL);
  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  g_clear_pointer (&self->shown, memscope_selection_unref);
  self->module = MEMSCOPE_CALL_NONE;
  self->placed = FALSE;
  self->chosen = FALSE;
  gtk_editable_set_text (self->search_entry, "");
  gtk_widget_set_visible (self->path_row, FALSE);
  gtk_widget_set_visible (self->toolbar, TRUE);
  gtk_stack_set_visible_child_name (self->stack, "nothing");
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  memscope_peak_hint_set_state (self->peak_hint, state);
  memscope_calls_view_update (self);
}

void
memscope_calls_view_set_narrow (MemscopeCallsView *self,
                                gboolean           narrow)
{
  GtkWidget *sides[] = { GTK_WIDGET (self->graph_scroller), GTK_WIDGET (self->table), self->names_bar };

  g_return_if_fail (MEMSCOPE_IS_CALLS_VIEW (self));

  self->narrow = narrow;
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      gtk_widget_set_margin_start (sides[i], narrow ? 12 : 18);
      gtk_widget_set_margin_end (sides[i], narrow ? 12 : 18);
    }
  if (self->width_source == 0)
    self->width_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_calls_view_apply_width, self, NULL);
  if (self->tree != NULL)
    memscope_calls_view_show_status (self);
}

void
memscope_calls_view_focus_search (MemscopeCallsView *self)
{
  g_return_if_fail (MEMSCOPE_IS_CALLS_VIEW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

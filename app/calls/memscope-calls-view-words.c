/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands around the tree: the path, the status, the legend, and the page that
 * is shown instead of nothing.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-call-colors.h"
#include "memscope-calls-view-private.h"
#include "memscope-text.h"

/* The path's ends are kept, its middle is what can be done without. */
#define MAX_CRUMBS  12
#define CRUMB_CHARS 28

static void
clear_box (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

static void
memscope_calls_view_crumb_clicked (MemscopeCallsView *self,
                                   GtkButton         *button)
{
  memscope_calls_view_zoom (self, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "node")));
}

static void
append_crumb (MemscopeCallsView *self,
              guint32            node,
              gboolean           is_last)
{
  GtkWidget *button = gtk_button_new ();
  g_autofree char *name = memscope_call_tree_dup_name (self->tree, node);
  GtkWidget *label = gtk_label_new (name);
  g_autofree char *tooltip = NULL;
  g_autofree char *isolated = memscope_text_isolate (name);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), CRUMB_CHARS);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "crumb");
  gtk_widget_add_css_class (button, "code");
  if (node == memscope_flame_graph_get_root (self->graph) && node != 0)
    gtk_widget_add_css_class (button, "zoomed");
  if (is_last)
    gtk_widget_add_css_class (button, "last");
  tooltip = node == 0 ? g_strdup (_("Show everything again")) : g_strdup_printf (_("Zoom to %s"), isolated);
  gtk_widget_set_tooltip_text (button, tooltip);
  g_object_set_data (G_OBJECT (button), "node", GUINT_TO_POINTER (node));
  g_signal_connect_object (button, "clicked", G_CALLBACK (memscope_calls_view_crumb_clicked), self, G_CONNECT_SWAPPED);
  gtk_box_append (self->path, button);
}

static void
append_separator (MemscopeCallsView *self,
                  const char        *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, "dim");
  gtk_box_append (self->path, label);
}

static void
memscope_calls_view_scroll_path (MemscopeCallsView *self,
                                 GtkAdjustment     *adjustment)
{
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
}

/* From the root to what is selected, else to what is zoomed into. */
void
memscope_calls_view_show_path (MemscopeCallsView *self)
{
  guint32 node = memscope_calls_view_get_selected (self);
  g_autoptr(GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint left_out = 0;

  clear_box (self->path);
  if (self->tree == NULL)
    return;

  if (node == MEMSCOPE_CALL_NONE)
    node = memscope_flame_graph_get_root (self->graph);
  for (;; node = memscope_call_tree_get_node (self->tree, node)->parent)
    {
      g_array_append_val (path, node);
      if (node == 0)
        break;
    }

  if (path->len > MAX_CRUMBS)
    left_out = path->len - MAX_CRUMBS;
  for (guint i = path->len; i-- > 0;)
    {
      /* after the first two */
      if (left_out > 0 && i < path->len - 2 && i >= path->len - 2 - left_out)
        {
          if (i == path->len - 3)
            append_separator (self, "› … ");
          continue;
        }
      if (i < path->len - 1)
        append_separator (self, "›");
      append_crumb (self, g_array_index (path, guint32, i), i == 0);
    }

  if (g_object_get_data (G_OBJECT (self->path_scroller), "follows") == NULL)
    {
      g_object_set_data (G_OBJECT (self->path_scroller), "follows", self);
      g_signal_connect_object (gtk_scrolled_window_get_hadjustment (self->path_scroller), "changed",
                               G_CALLBACK (memscope_calls_view_scroll_path), self, G_CONNECT_SWAPPED);
    }
}

static char *
dup_total (MemscopeCallsView *self)
{
  MemscopeMeasure measure = memscope_call_tree_get_measure (self->tree);
  g_autofree char *weight = memscope_call_tree_dup_weight (self->tree, memscope_call_tree_get_total (self->tree, 0));
  guint64 span = memscope_view_state_get_end (self->state);
  guint64 instant = memscope_selection_get_instant (self->shown);
  g_autofree char *time = memscope_text_time (MIN (instant, span - 1), span);

  switch (measure)
    {
    case MEMSCOPE_MEASURE_LIVE_BYTES:
      return g_strdup_printf (_("%s live at %s"), weight, time);
    case MEMSCOPE_MEASURE_LIVE_BLOCKS:
      return g_strdup_printf (ngettext ("%s block live at %s", "%s blocks live at %s",
                                        memscope_call_tree_get_total (self->tree, 0)), weight, time);
    case MEMSCOPE_MEASURE_BORN_BYTES:
      return g_strdup_printf (_("%s allocated"), weight);
    case MEMSCOPE_MEASURE_BIRTHS:
      return g_strdup_printf (ngettext ("%s allocation", "%s allocations", memscope_call_tree_get_total (self->tree, 0)), weight);
    case MEMSCOPE_MEASURE_TEMPORARY:
      return g_strdup_printf (ngettext ("%s temporary allocation", "%s temporary allocations",
                                        memscope_call_tree_get_total (self->tree, 0)), weight);
    case MEMSCOPE_MEASURE_TEMPORARY_BYTES:
      return g_strdup_printf (_("%s in temporary allocations"), weight);
    case MEMSCOPE_MEASURE_PEAK_BYTES:
      return g_strdup_printf (_("%s at the peak"), weight);
    case MEMSCOPE_MEASURE_PEAK_BLOCKS:
      return g_strdup_printf (ngettext ("%s block at the peak", "%s blocks at the peak",
                                        memscope_call_tree_get_total (self->tree, 0)), weight);
    case MEMSCOPE_N_MEASURES:
    default:
      return g_strdup ("");
    }
}

void
memscope_calls_view_show_status (MemscopeCallsView *self)
{
  guint n_stacks = memscope_call_tree_get_n_stacks (self->tree);
  guint n_truncated = memscope_call_tree_get_n_truncated (self->tree);
  guint n_folded = memscope_call_tree_get_n_folded (self->tree);
  g_autofree char *total = dup_total (self);
  g_autofree char *stacks = memscope_text_count (n_stacks);
  g_autoptr(GString) text = g_string_new (total);

  if (!self->narrow)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%s distinct stack", "%s distinct stacks", n_stacks), stacks);
      if (n_truncated > 0)
        {
          g_autofree char *cut = memscope_text_count (n_truncated);

          g_string_append (text, " · ");
          g_string_append_printf (text, ngettext ("%s not recorded to its end", "%s not recorded to their ends", n_truncated), cut);
        }
      if (n_folded > 0)
        {
          g_autofree char *folded = memscope_text_count (n_folded);

          g_string_append (text, " · ");
          g_string_append_printf (text, ngettext ("%s light one cut short", "%s light ones cut short", n_folded), folded);
        }
    }
  if (memscope_session_get_sampling_interval (memscope_view_state_get_session (self->state)) > 0)
    g_string_append (text, _(" · estimated from samples"));
  gtk_label_set_text (self->status_label, text->str);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status_label), text->str);
}

/* ---- legend -------------------------------------------------------------- */

static void
memscope_calls_view_module_toggled (MemscopeCallsView *self,
                                    GtkToggleButton   *button)
{
  guint color = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "color"));

  if (gtk_toggle_button_get_active (button))
    self->module = color;
  else if (self->module == color)
    self->module = MEMSCOPE_CALL_NONE;
  else
    return;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->legend)); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (child != GTK_WIDGET (button) && self->module != MEMSCOPE_CALL_NONE)
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (child), FALSE);
  memscope_calls_view_find (self);
}

static void
append_legend (MemscopeCallsView *self,
               guint              color)
{
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *swatch = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  g_autofree char *name = memscope_call_tree_dup_module (self->tree, color);
  g_autofree char *isolated = memscope_text_isolate (name);
  g_autofree char *tooltip = g_strdup_printf (_("Show where %s is on the path"), isolated);
  GtkWidget *label = gtk_label_new (name);

  gtk_widget_set_css_classes (swatch, (const char *[]) { "swatch", memscope_call_colors_get_name (color), NULL });
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 18);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_css_classes (button, (const char *[]) { "flat", "legend", NULL });
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), self->module == color);
  g_object_set_data (G_OBJECT (button), "color", GUINT_TO_POINTER (color));
  g_signal_connect_object (button, "toggled", G_CALLBACK (memscope_calls_view_module_toggled), self, G_CONNECT_SWAPPED);
  gtk_box_append (self->legend, button);
}

/* Colours go by how much of the picture a module fills, so another tree may give them anew. */
void
memscope_calls_view_show_legend (MemscopeCallsView *self)
{
  guint n = memscope_call_tree_get_n_legend (self->tree);

  clear_box (self->legend);
  if (self->module != MEMSCOPE_CALL_NONE && self->module != MEMSCOPE_CALL_COLOR_OTHER && self->module >= n)
    self->module = MEMSCOPE_CALL_NONE;
  for (guint color = 0; color < n; color++)
    append_legend (self, color);
  if (memscope_call_tree_has_others (self->tree))
    append_legend (self, MEMSCOPE_CALL_COLOR_OTHER);
}

/* ---- nothing --------------------------------------------------- */

static const char *
why_no_stacks (MemscopeSession *session)
{
  if (g_str_equal (memscope_session_get_format_name (session), "native"))
    return _("This recording holds no call stacks, so there are no calls to show. Programs recorded by memscope-cli have them.");

  return _("memscope-rs stored no call stacks in this file, so there are no calls to show. "
           "The variables and threads of its allocations are in the other views.");
}

void
memscope_calls_view_show_empty (MemscopeCallsView *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  gboolean stacks = memscope_session_has_stacks (session);
  gboolean filtered = memscope_view_state_has_range (self->state) || memscope_view_state_has_filters (self->state);

  adw_status_page_set_title (self->empty_page, stacks ? _("Nothing Weighs Anything") : _("No Call Stacks"));
  adw_status_page_set_description (self->empty_page,
                                   stacks ? _("By this measure there is nothing in the selected time and filters.")
                                          : why_no_stacks (session));
  gtk_widget_set_visible (self->clear_button, stacks && filtered);
  gtk_widget_set_visible (self->again_button, FALSE);
  gtk_widget_set_visible (self->toolbar, stacks);
  gtk_widget_set_visible (self->path_row, FALSE);
  gtk_widget_set_visible (self->names_bar, FALSE);
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

/* The first tree was not waited for. */
void
memscope_calls_view_show_stopped (MemscopeCallsView *self)
{
  adw_status_page_set_title (self->empty_page, _("Stopped"));
  adw_status_page_set_description (self->empty_page, _("The calls were not added up to the end."));
  gtk_widget_set_visible (self->clear_button, FALSE);
  gtk_widget_set_visible (self->again_button, TRUE);
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

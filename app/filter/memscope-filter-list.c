/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-filter-list.h"

/* With fewer, looking is quicker than typing. */
#define SEARCH_FROM 8

struct _MemscopeFilterList
{
  GtkBox              parent_instance;

  GListStore         *choices;
  GtkStringFilter    *filter;
  GtkFilterListModel *matches;
  GtkSearchEntry     *entry;
  GtkListView        *list;
  GtkStack           *stack;
};

enum {
  CHANGED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (MemscopeFilterList, memscope_filter_list, GTK_TYPE_BOX)

static guint signals[N_SIGNALS];

static void
memscope_filter_list_toggled (GtkCheckButton *check,
                              GtkListItem    *item)
{
  MemscopeFilterChoice *choice = gtk_list_item_get_item (item);
  GtkWidget *list = gtk_widget_get_ancestor (GTK_WIDGET (check), MEMSCOPE_TYPE_FILTER_LIST);
  gboolean chosen = gtk_check_button_get_active (check);

  if (choice == NULL || list == NULL || chosen == memscope_filter_choice_get_chosen (choice))
    return;

  memscope_filter_choice_set_chosen (choice, chosen);
  g_signal_emit (list, signals[CHANGED], 0);
}

static void
memscope_filter_list_setup (GtkSignalListItemFactory *factory,
                            GtkListItem              *item,
                            MemscopeFilterList       *self)
{
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *detail = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (detail, "dim");
  gtk_widget_add_css_class (detail, "caption");
  gtk_widget_add_css_class (detail, "numeric");
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), detail);
  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), row);
  g_signal_connect (check, "toggled", G_CALLBACK (memscope_filter_list_toggled), item);
  gtk_list_item_set_child (item, check);
  gtk_list_item_set_selectable (item, FALSE);
  /* The check button takes the focus, else each row would be two stops. */
  gtk_list_item_set_activatable (item, FALSE);
}

static void
memscope_filter_list_bind (GtkSignalListItemFactory *factory,
                           GtkListItem              *item,
                           MemscopeFilterList       *self)
{
  MemscopeFilterChoice *choice = gtk_list_item_get_item (item);
  GtkWidget *check = gtk_list_item_get_child (item);
  GtkWidget *label = gtk_widget_get_first_child (gtk_check_button_get_child (GTK_CHECK_BUTTON (check)));
  GtkWidget *detail = gtk_widget_get_next_sibling (label);
  GBinding *binding;

  gtk_label_set_text (GTK_LABEL (label), memscope_filter_choice_get_label (choice));
  gtk_widget_set_tooltip_text (label, memscope_filter_choice_get_label (choice));
  gtk_label_set_text (GTK_LABEL (detail), memscope_filter_choice_get_detail (choice));
  gtk_accessible_update_property (GTK_ACCESSIBLE (check),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, memscope_filter_choice_get_label (choice),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, memscope_filter_choice_get_detail (choice),
                                  -1);
  binding = g_object_bind_property (choice, "chosen", check, "active", G_BINDING_SYNC_CREATE);
  g_object_set_data (G_OBJECT (item), "binding", binding);
}

static void
memscope_filter_list_unbind (GtkSignalListItemFactory *factory,
                             GtkListItem              *item,
                             MemscopeFilterList       *self)
{
  GBinding *binding = g_object_steal_data (G_OBJECT (item), "binding");

  if (binding != NULL)
    g_binding_unbind (binding);
}

static void
memscope_filter_list_search (MemscopeFilterList *self)
{
  gtk_string_filter_set_search (self->filter, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

static void
memscope_filter_list_matches_changed (MemscopeFilterList *self)
{
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->matches)) > 0;

  gtk_stack_set_visible_child_name (self->stack, any ? "list" : "none");
}

static void
memscope_filter_list_dispose (GObject *object)
{
  MemscopeFilterList *self = MEMSCOPE_FILTER_LIST (object);

  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  self->list = NULL;
  g_clear_object (&self->matches);
  g_clear_object (&self->choices);

  G_OBJECT_CLASS (memscope_filter_list_parent_class)->dispose (object);
}

static void
memscope_filter_list_class_init (MemscopeFilterListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_filter_list_dispose;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                   0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
memscope_filter_list_init (MemscopeFilterList *self)
{
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *none = gtk_label_new (_("Nothing of this name"));
  GtkSelectionModel *selection;

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);

  self->choices = g_list_store_new (MEMSCOPE_TYPE_FILTER_CHOICE);
  self->filter = gtk_string_filter_new (gtk_property_expression_new (MEMSCOPE_TYPE_FILTER_CHOICE, NULL, "label"));
  self->matches = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->choices)), GTK_FILTER (self->filter));
  g_signal_connect_object (self->matches, "items-changed",
                           G_CALLBACK (memscope_filter_list_matches_changed), self, G_CONNECT_SWAPPED);

  self->entry = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  g_signal_connect_swapped (self->entry, "search-changed", G_CALLBACK (memscope_filter_list_search), self);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->entry));

  g_signal_connect_object (factory, "setup", G_CALLBACK (memscope_filter_list_setup), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (memscope_filter_list_bind), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (memscope_filter_list_unbind), self, 0);
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->matches))));
  self->list = GTK_LIST_VIEW (gtk_list_view_new (selection, g_steal_pointer (&factory)));
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "choices");

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 220);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_add_css_class (none, "dim");

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, scroller, "list");
  gtk_stack_add_named (self->stack, none, "none");
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
}

void
memscope_filter_list_set_choices (MemscopeFilterList *self,
                                  GListStore         *choices)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_LIST (self));
  g_return_if_fail (G_IS_LIST_STORE (choices));

  g_set_object (&self->choices, choices);
  gtk_filter_list_model_set_model (self->matches, G_LIST_MODEL (choices));
  gtk_widget_set_visible (GTK_WIDGET (self->entry), g_list_model_get_n_items (G_LIST_MODEL (choices)) >= SEARCH_FROM);
  memscope_filter_list_matches_changed (self);
}

GListModel *
memscope_filter_list_get_choices (MemscopeFilterList *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FILTER_LIST (self), NULL);

  return G_LIST_MODEL (self->choices);
}

guint32 *
memscope_filter_list_dup_chosen (MemscopeFilterList *self,
                                 guint              *n)
{
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));

  g_return_val_if_fail (MEMSCOPE_IS_FILTER_LIST (self), NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->choices)); i++)
    {
      g_autoptr(MemscopeFilterChoice) choice = g_list_model_get_item (G_LIST_MODEL (self->choices), i);
      guint32 id = memscope_filter_choice_get_id (choice);

      if (memscope_filter_choice_get_chosen (choice))
        g_array_append_val (ids, id);
    }

  *n = ids->len;

  return ids->len > 0 ? (guint32 *)(void *)g_array_free (g_steal_pointer (&ids), FALSE) : NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-call-columns.h"
#include "memscope-calls-head.h"

typedef struct
{
  GtkWidget *widget;    /* a button where rows can be sorted by it */
  GtkLabel  *label;
  GtkWidget *arrow;     /* NULL: no button */
} Title;

struct _MemscopeCallsHead
{
  GtkWidget         parent_instance;

  MemscopeCallTree *tree;
  Title             titles[MEMSCOPE_CALL_N_COLUMNS];
};

static guint sort_signal;

G_DEFINE_FINAL_TYPE (MemscopeCallsHead, memscope_calls_head, GTK_TYPE_WIDGET)

static void
memscope_calls_head_clicked (MemscopeCallsHead *self,
                             GtkWidget         *title)
{
  MemscopeCallSort sort;

  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    {
      if (self->titles[column].widget == title && memscope_call_column_get_sort (column, &sort))
        g_signal_emit (self, sort_signal, 0, sort);
    }
}

static void
memscope_calls_head_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  MemscopeCallsHead *self = MEMSCOPE_CALLS_HEAD (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;      /* as wide as the lines below */

  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    {
      int title_minimum, title_natural;

      gtk_widget_measure (self->titles[column].widget, orientation, -1, &title_minimum, &title_natural, NULL, NULL);
      *minimum = MAX (*minimum, title_minimum);
      *natural = MAX (*natural, title_natural);
    }
}

static void
memscope_calls_head_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  MemscopeCallsHead *self = MEMSCOPE_CALLS_HEAD (widget);
  MemscopeCallColumnPlace places[MEMSCOPE_CALL_N_COLUMNS];

  memscope_call_columns_place (widget, self->tree, width, places);
  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    {
      GtkWidget *title = self->titles[column].widget;
      int minimum, natural, taken, x;

      gtk_widget_set_child_visible (title, places[column].width > 0);
      if (places[column].width == 0)
        continue;

      /* A button is as wide as its words: what is beside them is not to be clicked. */
      gtk_widget_measure (title, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
      taken = MAX (minimum, MIN (natural, places[column].width));
      x = places[column].x;
      if (memscope_call_column_is_number (column))
        x += places[column].width - taken;
      gtk_widget_size_allocate (title, &(GtkAllocation) { x, 0, taken, height }, -1);
    }
}

static void
memscope_calls_head_dispose (GObject *object)
{
  MemscopeCallsHead *self = MEMSCOPE_CALLS_HEAD (object);

  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    g_clear_pointer (&self->titles[column].widget, gtk_widget_unparent);
  g_clear_pointer (&self->tree, memscope_call_tree_unref);

  G_OBJECT_CLASS (memscope_calls_head_parent_class)->dispose (object);
}

static void
memscope_calls_head_class_init (MemscopeCallsHeadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_calls_head_dispose;
  widget_class->measure = memscope_calls_head_measure;
  widget_class->size_allocate = memscope_calls_head_size_allocate;

  sort_signal = g_signal_new ("sort", MEMSCOPE_TYPE_CALLS_HEAD, G_SIGNAL_RUN_LAST,
                              0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_set_css_name (widget_class, "callshead");
}

static void
memscope_calls_head_add_button (MemscopeCallsHead *self,
                                Title             *title)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);

  title->widget = gtk_button_new ();
  title->arrow = gtk_image_new ();
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (title->label));
  gtk_box_append (GTK_BOX (box), title->arrow);
  gtk_button_set_child (GTK_BUTTON (title->widget), box);
  gtk_widget_add_css_class (title->widget, "flat");
  gtk_widget_set_tooltip_text (title->widget, _("Sort by this column"));
  g_signal_connect_swapped (title->widget, "clicked", G_CALLBACK (memscope_calls_head_clicked), self);
}

static void
memscope_calls_head_init (MemscopeCallsHead *self)
{
  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    {
      Title *title = &self->titles[column];
      MemscopeCallSort sort;

      title->label = GTK_LABEL (gtk_label_new (NULL));
      gtk_label_set_ellipsize (title->label, PANGO_ELLIPSIZE_END);
      title->widget = GTK_WIDGET (title->label);
      if (memscope_call_column_get_sort (column, &sort))
        memscope_calls_head_add_button (self, title);
      gtk_widget_set_parent (title->widget, GTK_WIDGET (self));
    }
  memscope_calls_head_set_tree (self, NULL);
}

GtkWidget *
memscope_calls_head_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_CALLS_HEAD, NULL);
}

void
memscope_calls_head_set_tree (MemscopeCallsHead *self,
                              MemscopeCallTree  *tree)
{
  g_return_if_fail (MEMSCOPE_IS_CALLS_HEAD (self));

  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  self->tree = tree != NULL ? memscope_call_tree_ref (tree) : NULL;
  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    {
      const char *words = memscope_call_column_get_title (column, tree);

      gtk_label_set_text (self->titles[column].label, words);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->titles[column].widget),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
    }
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

void
memscope_calls_head_set_sort (MemscopeCallsHead *self,
                              MemscopeCallSort   sort,
                              gboolean           ascending)
{
  MemscopeCallSort own;

  g_return_if_fail (MEMSCOPE_IS_CALLS_HEAD (self));

  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    {
      Title *title = &self->titles[column];
      gboolean sorted;

      if (!memscope_call_column_get_sort (column, &own))
        continue;

      sorted = own == sort;
      gtk_widget_set_visible (title->arrow, sorted);
      gtk_image_set_from_icon_name (GTK_IMAGE (title->arrow), ascending ? "pan-up-symbolic" : "pan-down-symbolic");
      if (sorted)
        gtk_widget_add_css_class (title->widget, "sorted");
      else
        gtk_widget_remove_css_class (title->widget, "sorted");
      /* GTK 4.8 tells assistive technology nothing of column headers and how they sort. */
      gtk_accessible_update_property (GTK_ACCESSIBLE (title->widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      !sorted ? _("Sort by this column")
                                              : ascending ? _("Sorted by this column, ascending") : _("Sorted by this column, descending"),
                                      -1);
    }
}

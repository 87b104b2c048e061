/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-table-columns.h"
#include "memscope-table-head.h"

struct _MemscopeTableHead
{
  GtkWidget  parent_instance;

  GtkWidget *titles[MEMSCOPE_N_COLUMNS];
};

static guint sort_signal;

G_DEFINE_FINAL_TYPE (MemscopeTableHead, memscope_table_head, GTK_TYPE_WIDGET)

static void
memscope_table_head_clicked (MemscopeTableHead *self,
                             GtkWidget         *title)
{
  MemscopeCardSort sort;

  for (MemscopeColumn column = 0; column < MEMSCOPE_N_COLUMNS; column++)
    {
      if (self->titles[column] == title && memscope_column_get_sort (column, &sort))
        g_signal_emit (self, sort_signal, 0, sort);
    }
}

static void
memscope_table_head_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  MemscopeTableHead *self = MEMSCOPE_TABLE_HEAD (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;      /* as wide as the lines below */

  for (MemscopeColumn column = 0; column < MEMSCOPE_N_COLUMNS; column++)
    {
      int title_minimum, title_natural;

      gtk_widget_measure (self->titles[column], orientation, -1, &title_minimum, &title_natural, NULL, NULL);
      *minimum = MAX (*minimum, title_minimum);
      *natural = MAX (*natural, title_natural);
    }
}

static void
memscope_table_head_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  MemscopeTableHead *self = MEMSCOPE_TABLE_HEAD (widget);
  MemscopeColumnPlace places[MEMSCOPE_N_COLUMNS];

  memscope_columns_place (width, places);
  for (MemscopeColumn column = 0; column < MEMSCOPE_N_COLUMNS; column++)
    {
      int minimum;

      gtk_widget_set_child_visible (self->titles[column], places[column].width > 0);
      if (places[column].width == 0)
        continue;
      gtk_widget_measure (self->titles[column], GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      gtk_widget_size_allocate (self->titles[column],
                                &(GtkAllocation) { places[column].x, 0, MAX (places[column].width, minimum), height }, -1);
    }
}

static void
memscope_table_head_dispose (GObject *object)
{
  MemscopeTableHead *self = MEMSCOPE_TABLE_HEAD (object);

  for (MemscopeColumn column = 0; column < MEMSCOPE_N_COLUMNS; column++)
    g_clear_pointer (&self->titles[column], gtk_widget_unparent);

  G_OBJECT_CLASS (memscope_table_head_parent_class)->dispose (object);
}

static void
memscope_table_head_class_init (MemscopeTableHeadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_table_head_dispose;
  widget_class->measure = memscope_table_head_measure;
  widget_class->size_allocate = memscope_table_head_size_allocate;

  sort_signal = g_signal_new ("sort", MEMSCOPE_TYPE_TABLE_HEAD, G_SIGNAL_RUN_LAST,
                              0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_set_css_name (widget_class, "tablehead");
}

static void
memscope_table_head_init (MemscopeTableHead *self)
{
  for (MemscopeColumn column = 0; column < MEMSCOPE_N_COLUMNS; column++)
    {
      GtkWidget *label = gtk_label_new (memscope_column_get_title (column));
      MemscopeCardSort sort;

      gtk_label_set_xalign (GTK_LABEL (label), memscope_column_is_number (column) ? 1 : 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      self->titles[column] = label;
      if (memscope_column_get_sort (column, &sort))
        {
          self->titles[column] = gtk_button_new ();
          gtk_button_set_child (GTK_BUTTON (self->titles[column]), label);
          gtk_widget_add_css_class (self->titles[column], "flat");
          gtk_widget_set_tooltip_text (self->titles[column], _("Sort by this column"));
          gtk_accessible_update_property (GTK_ACCESSIBLE (self->titles[column]),
                                          GTK_ACCESSIBLE_PROPERTY_LABEL, memscope_column_get_title (column), -1);
          g_signal_connect_swapped (self->titles[column], "clicked", G_CALLBACK (memscope_table_head_clicked), self);
        }
      gtk_widget_set_parent (self->titles[column], GTK_WIDGET (self));
    }
}

void
memscope_table_head_set_sort (MemscopeTableHead *self,
                              MemscopeCardSort   sort)
{
  MemscopeCardSort own;

  g_return_if_fail (MEMSCOPE_IS_TABLE_HEAD (self));

  for (MemscopeColumn column = 0; column < MEMSCOPE_N_COLUMNS; column++)
    {
      if (!memscope_column_get_sort (column, &own))
        continue;
      if (own == sort)
        gtk_widget_add_css_class (self->titles[column], "sorted");
      else
        gtk_widget_remove_css_class (self->titles[column], "sorted");
    }
}

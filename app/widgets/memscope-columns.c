/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-columns.h"

struct _MemscopeColumns
{
  GtkWidget  parent_instance;

  GtkWidget *first;
  GtkWidget *second;
  int        second_width;
  int        spacing;
};

G_DEFINE_FINAL_TYPE (MemscopeColumns, memscope_columns, GTK_TYPE_WIDGET)

static gboolean
memscope_columns_is_wide (MemscopeColumns *self,
                          int              width)
{
  return width >= 2 * self->second_width + self->spacing;
}

static GtkSizeRequestMode
memscope_columns_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
memscope_columns_measure_width (MemscopeColumns *self,
                                int             *minimum,
                                int             *natural)
{
  int first, second, first_natural;

  gtk_widget_measure (self->first, GTK_ORIENTATION_HORIZONTAL, -1, &first, &first_natural, NULL, NULL);
  gtk_widget_measure (self->second, GTK_ORIENTATION_HORIZONTAL, -1, &second, NULL, NULL, NULL);
  *minimum = MAX (first, second);
  *natural = MAX (*minimum, first_natural);
}

static void
memscope_columns_measure_height (MemscopeColumns *self,
                                 int              width,
                                 int             *minimum,
                                 int             *natural)
{
  gboolean wide = memscope_columns_is_wide (self, width);
  int first, second;

  gtk_widget_measure (self->first, GTK_ORIENTATION_VERTICAL, wide ? width - self->second_width - self->spacing : width,
                      NULL, &first, NULL, NULL);
  gtk_widget_measure (self->second, GTK_ORIENTATION_VERTICAL, wide ? self->second_width : width,
                      NULL, &second, NULL, NULL);
  *minimum = *natural = wide ? MAX (first, second) : first + self->spacing + second;
}

static void
memscope_columns_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  MemscopeColumns *self = MEMSCOPE_COLUMNS (widget);
  int width = for_size;

  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      memscope_columns_measure_width (self, minimum, natural);
      return;
    }

  if (width < 0)
    memscope_columns_measure_width (self, &width, &width);
  memscope_columns_measure_height (self, width, minimum, natural);
}

static void
memscope_columns_size_allocate (GtkWidget *widget,
                                int        width,
                                int        height,
                                int        baseline)
{
  MemscopeColumns *self = MEMSCOPE_COLUMNS (widget);
  int first_height, second_height;

  if (memscope_columns_is_wide (self, width))
    {
      int first_width = width - self->second_width - self->spacing;

      gtk_widget_measure (self->first, GTK_ORIENTATION_VERTICAL, first_width, NULL, &first_height, NULL, NULL);
      gtk_widget_measure (self->second, GTK_ORIENTATION_VERTICAL, self->second_width, NULL, &second_height, NULL, NULL);
      gtk_widget_size_allocate (self->first, &(GtkAllocation) { 0, 0, first_width, first_height }, -1);
      gtk_widget_size_allocate (self->second,
                                &(GtkAllocation) { first_width + self->spacing, 0, self->second_width, second_height }, -1);
      return;
    }

  gtk_widget_measure (self->first, GTK_ORIENTATION_VERTICAL, width, NULL, &first_height, NULL, NULL);
  gtk_widget_measure (self->second, GTK_ORIENTATION_VERTICAL, width, NULL, &second_height, NULL, NULL);
  gtk_widget_size_allocate (self->first, &(GtkAllocation) { 0, 0, width, first_height }, -1);
  gtk_widget_size_allocate (self->second, &(GtkAllocation) { 0, first_height + self->spacing, width, second_height }, -1);
}

static void
memscope_columns_dispose (GObject *object)
{
  MemscopeColumns *self = MEMSCOPE_COLUMNS (object);

  g_clear_pointer (&self->first, gtk_widget_unparent);
  g_clear_pointer (&self->second, gtk_widget_unparent);

  G_OBJECT_CLASS (memscope_columns_parent_class)->dispose (object);
}

static void
memscope_columns_class_init (MemscopeColumnsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_columns_dispose;
  widget_class->get_request_mode = memscope_columns_get_request_mode;
  widget_class->measure = memscope_columns_measure;
  widget_class->size_allocate = memscope_columns_size_allocate;

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
memscope_columns_init (MemscopeColumns *self)
{
}

GtkWidget *
memscope_columns_new (int second_width,
                      int spacing)
{
  MemscopeColumns *self = g_object_new (MEMSCOPE_TYPE_COLUMNS, NULL);

  self->second_width = second_width;
  self->spacing = spacing;
  self->first = gtk_box_new (GTK_ORIENTATION_VERTICAL, spacing);
  self->second = gtk_box_new (GTK_ORIENTATION_VERTICAL, spacing);
  gtk_widget_set_parent (self->first, GTK_WIDGET (self));
  gtk_widget_set_parent (self->second, GTK_WIDGET (self));

  return GTK_WIDGET (self);
}

GtkBox *
memscope_columns_get_first (MemscopeColumns *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_COLUMNS (self), NULL);

  return GTK_BOX (self->first);
}

GtkBox *
memscope_columns_get_second (MemscopeColumns *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_COLUMNS (self), NULL);

  return GTK_BOX (self->second);
}

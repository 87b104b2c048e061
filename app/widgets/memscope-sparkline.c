/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-palette.h"
#include "memscope-sparkline.h"

struct _MemscopeSparkline
{
  GtkWidget  parent_instance;

  float     *values;
  guint      n_values;
  char      *color;
};

G_DEFINE_FINAL_TYPE (MemscopeSparkline, memscope_sparkline, GTK_TYPE_WIDGET)

void
memscope_sparkline_draw (GtkSnapshot           *snapshot,
                         const graphene_rect_t *area,
                         const GdkRGBA         *color,
                         const float           *values,
                         guint                  n_values)
{
  float max = 0;
  double width = area->size.width;
  double height = area->size.height - 2;
  cairo_path_t *outline;
  cairo_t *cr;

  for (guint i = 0; i < n_values; i++)
    max = MAX (max, values[i]);

  if (n_values < 2)
    return;

  cr = gtk_snapshot_append_cairo (snapshot, area);
  cairo_translate (cr, area->origin.x, area->origin.y);

  for (guint i = 0; i < n_values; i++)
    {
      double y = max > 0 ? 1 + height * (1 - values[i] / max) : height;

      cairo_line_to (cr, width * i / (n_values - 1), MIN (y, height));
    }

  outline = cairo_copy_path (cr);
  cairo_line_to (cr, width, height + 2);
  cairo_line_to (cr, 0, height + 2);
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * .16);
  cairo_fill (cr);

  cairo_append_path (cr, outline);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha);
  cairo_set_line_width (cr, 1.25);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);

  cairo_path_destroy (outline);
  cairo_destroy (cr);
}

static void
memscope_sparkline_snapshot (GtkWidget   *widget,
                             GtkSnapshot *snapshot)
{
  MemscopeSparkline *self = MEMSCOPE_SPARKLINE (widget);
  GdkRGBA color;

  memscope_palette_get (widget, self->color, &color);
  memscope_sparkline_draw (snapshot,
                           &GRAPHENE_RECT_INIT (0, 0,
                                                gtk_widget_get_width (widget),
                                                gtk_widget_get_height (widget)),
                           &color, self->values, self->n_values);
}

static void
memscope_sparkline_finalize (GObject *object)
{
  MemscopeSparkline *self = MEMSCOPE_SPARKLINE (object);

  g_clear_pointer (&self->values, g_free);
  g_clear_pointer (&self->color, g_free);

  G_OBJECT_CLASS (memscope_sparkline_parent_class)->finalize (object);
}

/* A hint of a curve still says something; the rest of a tile must stay readable. */
static void
memscope_sparkline_measure (GtkWidget      *widget,
                            GtkOrientation  orientation,
                            int             for_size,
                            int            *minimum,
                            int            *natural,
                            int            *minimum_baseline,
                            int            *natural_baseline)
{
  *minimum = 20;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 60 : 26;
  *minimum_baseline = *natural_baseline = -1;
}

static void
memscope_sparkline_class_init (MemscopeSparklineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->finalize = memscope_sparkline_finalize;
  widget_class->measure = memscope_sparkline_measure;
  widget_class->snapshot = memscope_sparkline_snapshot;

  gtk_widget_class_set_css_name (widget_class, "sparkline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
memscope_sparkline_init (MemscopeSparkline *self)
{
  self->color = g_strdup ("c1");
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
memscope_sparkline_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_SPARKLINE, NULL);
}

void
memscope_sparkline_set_values (MemscopeSparkline *self,
                               const float       *values,
                               guint              n_values)
{
  g_return_if_fail (MEMSCOPE_IS_SPARKLINE (self));

  g_free (self->values);
  self->values = g_memdup2 (values, n_values * sizeof *values);
  self->n_values = n_values;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
memscope_sparkline_set_color (MemscopeSparkline *self,
                              const char        *color)
{
  g_return_if_fail (MEMSCOPE_IS_SPARKLINE (self));

  g_free (self->color);
  self->color = g_strdup (color);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

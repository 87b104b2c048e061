/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-donut.h"
#include "memscope-palette.h"

#define SIZE      28
#define THICKNESS 7

struct _MemscopeDonut
{
  GtkWidget parent_instance;

  double    share;
};

G_DEFINE_FINAL_TYPE (MemscopeDonut, memscope_donut, GTK_TYPE_WIDGET)

static void
memscope_donut_snapshot (GtkWidget   *widget,
                         GtkSnapshot *snapshot)
{
  MemscopeDonut *self = MEMSCOPE_DONUT (widget);
  double x = gtk_widget_get_width (widget) / 2.0, y = gtk_widget_get_height (widget) / 2.0;
  double radius = MIN (x, y) - THICKNESS / 2.0;
  GdkRGBA rest, part;
  cairo_t *cr;

  if (radius <= 0)
    return;

  memscope_palette_get (widget, "faint", &rest);
  memscope_palette_get (widget, "c2", &part);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  cairo_set_line_width (cr, THICKNESS);
  cairo_set_source_rgba (cr, rest.red, rest.green, rest.blue, rest.alpha);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_stroke (cr);
  if (self->share > 0)
    {
      cairo_set_source_rgba (cr, part.red, part.green, part.blue, part.alpha);
      cairo_arc (cr, x, y, radius, -G_PI / 2, -G_PI / 2 + 2 * G_PI * self->share);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

static void
memscope_donut_measure (GtkWidget      *widget,
                        GtkOrientation  orientation,
                        int             for_size,
                        int            *minimum,
                        int            *natural,
                        int            *minimum_baseline,
                        int            *natural_baseline)
{
  *minimum = *natural = SIZE;
}

static void
memscope_donut_class_init (MemscopeDonutClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = memscope_donut_snapshot;
  widget_class->measure = memscope_donut_measure;

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
memscope_donut_init (MemscopeDonut *self)
{
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

void
memscope_donut_set_share (MemscopeDonut *self,
                          double         share)
{
  g_return_if_fail (MEMSCOPE_IS_DONUT (self));

  self->share = CLAMP (share, 0, 1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

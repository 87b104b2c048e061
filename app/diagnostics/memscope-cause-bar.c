/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-cause-bar.h"
#include "memscope-palette.h"

#define HEIGHT  24
#define PITCH   7      /* of the hatching */

struct _MemscopeCauseBar
{
  GtkWidget  parent_instance;

  guint      n_shares;
  double     shares[MEMSCOPE_FINDING_MAX_CAUSES];
};

G_DEFINE_FINAL_TYPE (MemscopeCauseBar, memscope_cause_bar, GTK_TYPE_WIDGET)

const char *
memscope_cause_bar_get_color (guint index)
{
  static const char *const colors[MEMSCOPE_FINDING_MAX_CAUSES] = { "c1", "c3", "c5" };

  return colors[MIN (index, MEMSCOPE_FINDING_MAX_CAUSES - 1)];
}

static void
append_rest (GtkSnapshot           *snapshot,
             const graphene_rect_t *area,
             const GdkRGBA         *color)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, area);

  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha);
  cairo_set_line_width (cr, 1.5);
  for (double x = -area->size.height; x < area->size.width; x += PITCH)
    {
      cairo_move_to (cr, area->origin.x + x, area->origin.y + area->size.height);
      cairo_line_to (cr, area->origin.x + x + area->size.height, area->origin.y);
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
memscope_cause_bar_snapshot (GtkWidget   *widget,
                             GtkSnapshot *snapshot)
{
  MemscopeCauseBar *self = MEMSCOPE_CAUSE_BAR (widget);
  double width = gtk_widget_get_width (widget);
  double x = 0;
  GskRoundedRect outline;
  GdkRGBA color;

  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (0, 0, (float) width, HEIGHT), 6);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  for (guint i = 0; i < self->n_shares; i++)
    {
      double extent = MAX (width * self->shares[i], 2);

      memscope_palette_get (widget, memscope_cause_bar_get_color (i), &color);
      gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT ((float) x, 0, (float) MAX (extent - 1, 1), HEIGHT));
      x += extent;
    }
  if (width - x > 1)
    {
      memscope_palette_get (widget, "dim", &color);
      append_rest (snapshot, &GRAPHENE_RECT_INIT ((float) x, 0, (float) (width - x), HEIGHT), &color);
    }
  gtk_snapshot_pop (snapshot);
}

static void
memscope_cause_bar_measure (GtkWidget      *widget,
                            GtkOrientation  orientation,
                            int             for_size,
                            int            *minimum,
                            int            *natural,
                            int            *minimum_baseline,
                            int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 100;
  *minimum_baseline = *natural_baseline = -1;
}

static void
memscope_cause_bar_class_init (MemscopeCauseBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = memscope_cause_bar_measure;
  widget_class->snapshot = memscope_cause_bar_snapshot;

  gtk_widget_class_set_css_name (widget_class, "causebar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
memscope_cause_bar_init (MemscopeCauseBar *self)
{
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
memscope_cause_bar_new (const MemscopeFinding *finding)
{
  MemscopeCauseBar *self = g_object_new (MEMSCOPE_TYPE_CAUSE_BAR, NULL);

  self->n_shares = finding->n_causes;
  for (guint i = 0; i < finding->n_causes; i++)
    self->shares[i] = finding->causes[i].share;

  return GTK_WIDGET (self);
}

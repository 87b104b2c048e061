/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "memscope-finding-chart.h"
#include "memscope-finding-words.h"
#include "memscope-inspector-parts.h"
#include "memscope-palette.h"
#include "memscope-text.h"

#define HEIGHT      150
#define LABEL_WIDTH 66
#define AXIS_HEIGHT 20
#define TABLE_ROWS  20u

struct _MemscopeFindingChart
{
  GtkWidget  parent_instance;

  guint      n_points;
  double     points[MEMSCOPE_FINDING_POINTS];
  gboolean   are_births;
  guint64    begin;
  guint64    end;
  double     max;
  gboolean   has_trend;
  guint64    trend_begin;
  guint64    trend_end;
  double     trend_first;
  double     trend_last;
};

G_DEFINE_FINAL_TYPE (MemscopeFindingChart, memscope_finding_chart, GTK_TYPE_WIDGET)

static void
set_source (cairo_t       *cr,
            const GdkRGBA *color,
            double         opacity)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * opacity);
}

static char *
dup_value (gboolean are_births,
           double   value)
{
  guint64 whole = value < 0x1p63 ? (guint64) value : G_MAXINT64;

  return are_births ? memscope_text_short_count (whole) : memscope_text_size (whole);
}

/* Time → pixels of the plot. */
static double
place (MemscopeFindingChart  *self,
       const graphene_rect_t *plot,
       guint64                time)
{
  double share = self->end > self->begin ? ((double) time - (double) self->begin) / (double) (self->end - self->begin) : 0;

  return plot->origin.x + CLAMP (share, 0, 1) * plot->size.width;
}

static double
level (MemscopeFindingChart  *self,
       const graphene_rect_t *plot,
       double                 value)
{
  return plot->origin.y + plot->size.height * (1 - CLAMP (value / self->max, 0, 1));
}

static void
draw_grid (MemscopeFindingChart  *self,
           GtkSnapshot           *snapshot,
           const graphene_rect_t *plot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  guint n_labels = plot->size.width < 260 ? 2 : 4;
  GdkRGBA grid, dim;

  memscope_palette_get (widget, "grid", &grid);
  memscope_palette_get (widget, "dim", &dim);
  for (guint i = 0; i <= 2; i++)
    {
      double y = plot->origin.y + plot->size.height * i / 2.0;
      g_autofree char *text = dup_value (self->are_births, self->max * (2 - i) / 2.0);
      g_autoptr(PangoLayout) layout = memscope_palette_layout (widget, text, .82, FALSE);
      int width, height;

      pango_layout_get_pixel_size (layout, &width, &height);
      gtk_snapshot_append_color (snapshot, &grid, &GRAPHENE_RECT_INIT (plot->origin.x, (float) y, plot->size.width, 1));
      memscope_palette_append_text (snapshot, layout, &dim, plot->origin.x - 8, y - height / 2.0, 1);
    }

  for (guint i = 0; i <= n_labels; i++)
    {
      guint64 time = self->begin + (guint64) ((double) (self->end - self->begin) * i / n_labels);
      g_autofree char *text = memscope_text_time (time, self->end - self->begin);
      g_autoptr(PangoLayout) layout = memscope_palette_layout (widget, text, .82, FALSE);

      memscope_palette_append_text (snapshot, layout, &dim, plot->origin.x + plot->size.width * i / (double) n_labels,
                                    plot->origin.y + plot->size.height + 4, i == 0 ? 0 : i == n_labels ? 1 : .5);
    }
}

static void
draw_measured (MemscopeFindingChart  *self,
               cairo_t               *cr,
               const graphene_rect_t *plot)
{
  double bottom = plot->origin.y + plot->size.height;
  cairo_path_t *outline;
  GdkRGBA color;

  memscope_palette_get (GTK_WIDGET (self), "c1", &color);
  if (self->are_births)
    {
      double pitch = plot->size.width / self->n_points;

      set_source (cr, &color, 1);
      for (guint i = 0; i < self->n_points; i++)
        {
          double top = level (self, plot, self->points[i]);

          cairo_rectangle (cr, plot->origin.x + pitch * i, MIN (top, bottom), MAX (pitch - 1, 1), bottom - top);
        }
      cairo_fill (cr);
      return;
    }

  for (guint i = 0; i < self->n_points; i++)
    cairo_line_to (cr, plot->origin.x + plot->size.width * (i + 1) / self->n_points, level (self, plot, self->points[i]));
  outline = cairo_copy_path (cr);
  cairo_line_to (cr, plot->origin.x + plot->size.width, bottom);
  cairo_line_to (cr, plot->origin.x + plot->size.width / self->n_points, bottom);
  cairo_close_path (cr);
  set_source (cr, &color, .16);
  cairo_fill (cr);

  cairo_append_path (cr, outline);
  cairo_path_destroy (outline);
  set_source (cr, &color, 1);
  cairo_set_line_width (cr, 1.75);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

static void
draw_trend (MemscopeFindingChart  *self,
            cairo_t               *cr,
            const graphene_rect_t *plot)
{
  static const double dashes[] = { 6, 4 };
  GdkRGBA color;

  memscope_palette_get (GTK_WIDGET (self), "critical", &color);
  set_source (cr, &color, 1);
  cairo_set_line_width (cr, 1.75);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_move_to (cr, place (self, plot, self->trend_begin), level (self, plot, self->trend_first));
  cairo_line_to (cr, place (self, plot, self->trend_end), level (self, plot, self->trend_last));
  cairo_stroke (cr);
}

static void
memscope_finding_chart_snapshot (GtkWidget   *widget,
                                 GtkSnapshot *snapshot)
{
  MemscopeFindingChart *self = MEMSCOPE_FINDING_CHART (widget);
  float width = (float) gtk_widget_get_width (widget);
  graphene_rect_t plot = GRAPHENE_RECT_INIT (LABEL_WIDTH, 8, MAX (width - LABEL_WIDTH - 4, 20), HEIGHT - 8 - AXIS_HEIGHT);
  cairo_t *cr;

  if (self->n_points == 0)
    return;

  draw_grid (self, snapshot, &plot);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, HEIGHT));
  draw_measured (self, cr, &plot);
  if (self->has_trend)
    draw_trend (self, cr, &plot);
  cairo_destroy (cr);
}

static void
memscope_finding_chart_measure (GtkWidget      *widget,
                                GtkOrientation  orientation,
                                int             for_size,
                                int            *minimum,
                                int            *natural,
                                int            *minimum_baseline,
                                int            *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 180;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 420;
  *minimum_baseline = *natural_baseline = -1;
}

static void
memscope_finding_chart_class_init (MemscopeFindingChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = memscope_finding_chart_measure;
  widget_class->snapshot = memscope_finding_chart_snapshot;

  gtk_widget_class_set_css_name (widget_class, "findingchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
memscope_finding_chart_init (MemscopeFindingChart *self)
{
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

/* Twice the least of `steps` × a power of two that covers @max: both lines of the grid
 * then carry round binary sizes.
 */
static double
round_scale (double max)
{
  static const double steps[] = { 1, 1.25, 1.5, 1.75, 2 };
  double half = MAX (max, 2) / 2;
  double power = exp2 (floor (log2 (half)));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      if (power * steps[i] >= half)
        return power * steps[i] * 2;
    }

  return power * 4;
}

/* What the drawing says, in a sentence. */
static void
describe (MemscopeFindingChart *self)
{
  guint64 span = self->end - self->begin;
  double highest = 0;
  guint at = 0;
  g_autofree char *high = NULL;
  g_autofree char *when = NULL;
  g_autofree char *last = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < self->n_points; i++)
    {
      if (self->points[i] > highest)
        {
          highest = self->points[i];
          at = i;
        }
    }

  high = dup_value (self->are_births, highest);
  when = memscope_text_time (self->begin + span * (at + 1) / MAX (self->n_points, 1), span);
  last = dup_value (self->are_births, self->n_points > 0 ? self->points[self->n_points - 1] : 0);
  text = self->are_births ? g_strdup_printf (_("Allocations over time: at most %s, at %s"), high, when)
                          : g_strdup_printf (_("Live bytes over time: at most %s, at %s; %s at the end"), high, when, last);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

GtkWidget *
memscope_finding_chart_new (const MemscopeFinding *finding)
{
  MemscopeFindingChart *self = g_object_new (MEMSCOPE_TYPE_FINDING_CHART, NULL);

  self->n_points = finding->n_points;
  for (guint i = 0; i < finding->n_points; i++)
    {
      self->points[i] = finding->points[i];
      self->max = MAX (self->max, finding->points[i]);
    }
  self->are_births = finding->points_are_births;
  self->begin = finding->points_begin;
  self->end = finding->points_end;
  self->has_trend = finding->has_trend;
  self->trend_begin = finding->trend_begin;
  self->trend_end = finding->trend_end;
  self->trend_first = finding->trend_first;
  self->trend_last = finding->trend_last;
  if (self->has_trend)
    self->max = MAX (self->max, self->trend_last);
  self->max = round_scale (self->max);
  describe (self);

  return GTK_WIDGET (self);
}

GtkWidget *
memscope_finding_chart_new_table (const MemscopeFinding *finding)
{
  GtkWidget *facts = memscope_part_facts ();
  guint64 span = finding->points_end - finding->points_begin;
  guint step = MAX (finding->n_points / TABLE_ROWS, 1);

  for (guint i = step - 1; i < finding->n_points; i += step)
    {
      double value = 0;
      g_autofree char *time = memscope_text_time (finding->points_begin + (guint64) ((double) span * (i + 1) / finding->n_points), span);
      g_autofree char *text = NULL;

      /* Births of several parts are added up, a stock is what it is at the end of them. */
      for (guint k = 0; finding->points_are_births && k < step; k++)
        value += finding->points[i - k];
      if (!finding->points_are_births)
        value = finding->points[i];
      text = dup_value (finding->points_are_births, value);
      memscope_part_add_fact (facts, time, text, NULL);
    }

  return facts;
}

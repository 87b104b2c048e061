/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-lifecycle-chart.h"
#include "memscope-palette.h"
#include "memscope-text.h"

#define LEFT   62
#define BOTTOM 20
#define TOP    32
#define BAND   18      /* of the stages, at the top */

typedef struct
{
  guint64  time;
  guint64  size;
  gboolean moved;
} Step;

struct _MemscopeLifecycleChart
{
  GtkWidget  parent_instance;

  GArray    *steps;
  guint64    end;       /* where the line ends */
  gboolean   ended;     /* by a death; else it goes on */
  guint64    max_size;
  gboolean   shared;    /* a trace of more than one holder */
};

G_DEFINE_FINAL_TYPE (MemscopeLifecycleChart, memscope_lifecycle_chart, GTK_TYPE_WIDGET)

static double
chart_x (MemscopeLifecycleChart *self,
         guint64                 time)
{
  guint64 begin = g_array_index (self->steps, Step, 0).time;
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - LEFT - 8;

  return LEFT + width * ((double) (time - begin) / MAX (self->end - begin, 1));
}

static double
chart_y (MemscopeLifecycleChart *self,
         guint64                 size)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - BOTTOM - TOP;

  return TOP + height * (1 - (double) size / MAX (self->max_size, 1));
}

static void
draw_axes (MemscopeLifecycleChart *self,
           GtkSnapshot            *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  guint64 begin = g_array_index (self->steps, Step, 0).time;
  guint64 times[] = { begin, begin + (self->end - begin) / 2, self->end };
  GdkRGBA grid, dim;

  memscope_palette_get (widget, "grid", &grid);
  memscope_palette_get (widget, "dim", &dim);
  for (int i = 0; i <= 2; i++)
    {
      guint64 size = self->max_size / 2 * i;
      double y = chart_y (self, size);
      g_autofree char *text = memscope_text_size (size);
      g_autoptr(PangoLayout) layout = memscope_palette_layout (widget, i == 0 ? "0" : text, .8, FALSE);

      gtk_snapshot_append_color (snapshot, &grid,
                                 &GRAPHENE_RECT_INIT (LEFT, (float) y, gtk_widget_get_width (widget) - LEFT - 8, 1));
      memscope_palette_append_text (snapshot, layout, &dim, LEFT - 6, y - 8, 1);
    }
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *text = memscope_text_time (times[i], self->end + 1);
      g_autoptr(PangoLayout) layout = memscope_palette_layout (widget, text, .8, FALSE);

      memscope_palette_append_text (snapshot, layout, &dim, chart_x (self, times[i]),
                                    gtk_widget_get_height (widget) - BOTTOM + 3, i * .5);
    }
}

/* As the stage is judged everywhere, with what had happened to the block until then.
 * @step: the last one before, and then until @time.
 */
static MemscopeStage
stage_at (MemscopeLifecycleChart *self,
          guint64                 time,
          guint                  *step)
{
  while (*step + 1 < self->steps->len && g_array_index (self->steps, Step, *step + 1).time <= time)
    ++*step;

  return memscope_stage_judge (1, self->shared, g_array_index (self->steps, Step, 0).time,
                               g_array_index (self->steps, Step, *step).time, time);
}

static void
draw_stage (MemscopeLifecycleChart *self,
            GtkSnapshot            *snapshot,
            MemscopeStage           stage,
            double                  from,
            double                  to)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr(PangoLayout) layout = memscope_palette_layout (widget, memscope_stage_get_word (stage), .8, TRUE);
  GskRoundedRect outline;
  GdkRGBA color, pale;
  int width, height;

  memscope_palette_get (widget, memscope_stage_get_color (stage), &color);
  pale = color;
  pale.alpha = .2f;
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT ((float) from, 2, (float) MAX (to - from, 1), BAND), 3);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &pale, &outline.bounds);
  pango_layout_get_pixel_size (layout, &width, &height);
  if (width + 12 < to - from)
    memscope_palette_append_text (snapshot, layout, &color, from + 6, 2 + (BAND - height) / 2.0, 0);
  gtk_snapshot_pop (snapshot);
}

/* The stages one after the other, found a few pixels at a time. */
static void
draw_stages (MemscopeLifecycleChart *self,
             GtkSnapshot            *snapshot)
{
  guint64 begin = g_array_index (self->steps, Step, 0).time;
  int left = LEFT;
  int right = (int) chart_x (self, self->end);
  guint step = 0;
  MemscopeStage stage = stage_at (self, begin, &step);

  for (int x = LEFT + 2; x <= right; x += 2)
    {
      guint64 time = begin + (guint64) ((double) (self->end - begin) * (x - LEFT) / MAX (right - LEFT, 1));
      MemscopeStage next = stage_at (self, time, &step);

      if (next == stage)
        continue;
      draw_stage (self, snapshot, stage, left, x - 1);
      stage = next;
      left = x;
    }
  draw_stage (self, snapshot, stage, left, right);
}

static void
draw_staircase (MemscopeLifecycleChart *self,
                cairo_t                *cr,
                const GdkRGBA          *color)
{
  cairo_path_t *line;

  for (guint i = 0; i < self->steps->len; i++)
    {
      const Step *step = &g_array_index (self->steps, Step, i);

      if (i > 0)
        cairo_line_to (cr, chart_x (self, step->time), chart_y (self, step[-1].size));
      cairo_line_to (cr, chart_x (self, step->time), chart_y (self, step->size));
    }
  cairo_line_to (cr, chart_x (self, self->end), chart_y (self, g_array_index (self->steps, Step, self->steps->len - 1).size));

  line = cairo_copy_path (cr);
  cairo_line_to (cr, chart_x (self, self->end), chart_y (self, 0));
  cairo_line_to (cr, LEFT, chart_y (self, 0));
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, .2);
  cairo_fill (cr);
  cairo_append_path (cr, line);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  cairo_path_destroy (line);
}

static void
draw_dots (MemscopeLifecycleChart *self,
           cairo_t                *cr,
           const GdkRGBA          *color,
           const GdkRGBA          *paper)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const Step *step = &g_array_index (self->steps, Step, i);

      cairo_arc (cr, chart_x (self, step->time), chart_y (self, step->size), 3.5, 0, 2 * G_PI);
      if (i > 0 && step->moved)
        cairo_set_source_rgba (cr, color->red, color->green, color->blue, 1);
      else
        cairo_set_source_rgba (cr, paper->red, paper->green, paper->blue, 1);
      cairo_fill_preserve (cr);
      cairo_set_source_rgba (cr, color->red, color->green, color->blue, 1);
      cairo_set_line_width (cr, 1.5);
      cairo_stroke (cr);
    }
}

static void
memscope_lifecycle_chart_snapshot (GtkWidget   *widget,
                                   GtkSnapshot *snapshot)
{
  MemscopeLifecycleChart *self = MEMSCOPE_LIFECYCLE_CHART (widget);
  GdkRGBA color, paper, ink;
  cairo_t *cr;

  memscope_palette_get (widget, "c1", &color);
  memscope_palette_get (widget, "card", &paper);
  draw_axes (self, snapshot);
  draw_stages (self, snapshot);

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  draw_staircase (self, cr, &color);
  draw_dots (self, cr, &color, &paper);
  cairo_destroy (cr);

  if (self->ended)
    {
      gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
      gtk_snapshot_append_color (snapshot, &ink,
                                 &GRAPHENE_RECT_INIT ((float) chart_x (self, self->end) - 1, TOP - 4, 2,
                                                      gtk_widget_get_height (widget) - BOTTOM - TOP + 4));
    }
}

static void
memscope_lifecycle_chart_measure (GtkWidget      *widget,
                                  GtkOrientation  orientation,
                                  int             for_size,
                                  int            *minimum,
                                  int            *natural,
                                  int            *minimum_baseline,
                                  int            *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 142;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 340 : 162;
}

static void
memscope_lifecycle_chart_finalize (GObject *object)
{
  g_clear_pointer (&MEMSCOPE_LIFECYCLE_CHART (object)->steps, g_array_unref);

  G_OBJECT_CLASS (memscope_lifecycle_chart_parent_class)->finalize (object);
}

static void
memscope_lifecycle_chart_class_init (MemscopeLifecycleChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = memscope_lifecycle_chart_finalize;
  widget_class->snapshot = memscope_lifecycle_chart_snapshot;
  widget_class->measure = memscope_lifecycle_chart_measure;

  gtk_widget_class_set_css_name (widget_class, "lifecycle");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
memscope_lifecycle_chart_init (MemscopeLifecycleChart *self)
{
  self->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
memscope_lifecycle_chart_new (MemscopeSession     *session,
                              const MemscopeChain *chain,
                              gboolean             shared)
{
  MemscopeLifecycleChart *self = g_object_new (MEMSCOPE_TYPE_LIFECYCLE_CHART, NULL);
  g_autofree char *spoken = NULL;
  g_autofree char *max = NULL;
  MemscopeBlock block = { 0 };
  guint64 address = 0;

  for (guint i = 0; i < chain->rows->len; i++)
    {
      Step step;

      memscope_session_get_block (session, g_array_index (chain->rows, guint64, i), &block);
      step = (Step) { block.birth_time, block.size, address != block.address };
      address = block.address;
      shared |= (block.flags & MEMSCOPE_BLOCK_SHARED) != 0 || (block.death_thread != 0 && block.death_thread != block.thread);
      g_array_append_val (self->steps, step);
      self->max_size = MAX (self->max_size, block.size);
    }

  self->shared = shared;
  self->ended = block.death_time != MEMSCOPE_NEVER;
  self->end = self->ended ? block.death_time : memscope_session_get_duration (session);
  self->end = MAX (self->end, g_array_index (self->steps, Step, self->steps->len - 1).time);

  max = memscope_text_size (self->max_size);
  spoken = g_strdup_printf (ngettext ("Size over time: %u size, at most %s", "Size over time: %u sizes, at most %s",
                                      self->steps->len), self->steps->len, max);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);

  return GTK_WIDGET (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-palette.h"
#include "memscope-rss-bar.h"
#include "memscope-text.h"

#define BAR_HEIGHT 26

struct _MemscopeRssBar
{
  GtkWidget       parent_instance;

  MemscopeRssPart parts[MEMSCOPE_RSS_MAX_PARTS];
  guint           n_parts;
};

G_DEFINE_FINAL_TYPE (MemscopeRssBar, memscope_rss_bar, GTK_TYPE_WIDGET)

static void
append_hatching (GtkSnapshot           *snapshot,
                 const graphene_rect_t *area,
                 const GdkRGBA         *color)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, area);

  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha);
  cairo_rectangle (cr, area->origin.x, area->origin.y, area->size.width, area->size.height);
  cairo_clip (cr);
  cairo_set_line_width (cr, 2);
  for (double x = -area->size.height; x < area->size.width; x += 7)
    {
      cairo_move_to (cr, area->origin.x + x, area->origin.y + area->size.height);
      cairo_line_to (cr, area->origin.x + x + area->size.height, area->origin.y);
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static guint64
memscope_rss_bar_total (MemscopeRssBar *self)
{
  guint64 total = 0;

  for (guint i = 0; i < self->n_parts; i++)
    total += self->parts[i].bytes;

  return MAX (total, 1);
}

/* Series colours come with the ink that reads on them. */
static void
ink_for (const GdkRGBA *paper,
         GdkRGBA       *ink)
{
  double luminance = .2126 * paper->red + .7152 * paper->green + .0722 * paper->blue;
  float level = luminance > .45 ? .05f : 1;

  *ink = (GdkRGBA) { level, level, level, 1 };
}

static void
memscope_rss_bar_snapshot (GtkWidget   *widget,
                           GtkSnapshot *snapshot)
{
  MemscopeRssBar *self = MEMSCOPE_RSS_BAR (widget);
  double width = gtk_widget_get_width (widget);
  double total = memscope_rss_bar_total (self);
  GskRoundedRect outline;
  double x = 0;

  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (0, 0, (float) width, BAR_HEIGHT), 6);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  for (guint i = 0; i < self->n_parts; i++)
    {
      const MemscopeRssPart *part = &self->parts[i];
      double extent = width * (part->bytes / total);
      graphene_rect_t area = GRAPHENE_RECT_INIT ((float) x, 0, (float) MAX (extent - 1, 1), BAR_HEIGHT);
      g_autofree char *size = memscope_text_size (part->bytes);
      g_autofree char *text = g_strdup_printf ("%s %s", part->name, size);
      g_autoptr(PangoLayout) layout = NULL;
      GdkRGBA color, ink;
      int text_width, text_height;

      if (part->bytes == 0)
        continue;

      memscope_palette_get (widget, part->color != NULL ? part->color : "c8", &color);
      if (part->hatched || part->color == NULL)
        {
          GdkRGBA ground = color;

          ground.alpha *= .18f;
          color.alpha *= .5f;
          gtk_snapshot_append_color (snapshot, &ground, &area);
          append_hatching (snapshot, &area, &color);
          gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
        }
      else
        {
          gtk_snapshot_append_color (snapshot, &color, &area);
          ink_for (&color, &ink);
        }

      layout = memscope_palette_layout (widget, text, .86, TRUE);
      pango_layout_get_pixel_size (layout, &text_width, &text_height);
      if (text_width + 12 >= extent)
        {
          g_clear_object (&layout);
          layout = memscope_palette_layout (widget, size, .86, TRUE);
          pango_layout_get_pixel_size (layout, &text_width, &text_height);
        }
      if (text_width + 12 < extent)
        memscope_palette_append_text (snapshot, layout, &ink, x + extent / 2, (BAR_HEIGHT - text_height) / 2.0, .5);
      x += extent;
    }
  gtk_snapshot_pop (snapshot);
}

static void
memscope_rss_bar_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? BAR_HEIGHT : 100;
}

static gboolean
memscope_rss_bar_query_tooltip (GtkWidget  *widget,
                                int         x,
                                int         y,
                                gboolean    keyboard,
                                GtkTooltip *tooltip)
{
  MemscopeRssBar *self = MEMSCOPE_RSS_BAR (widget);
  double total = memscope_rss_bar_total (self);
  double right = 0;

  for (guint i = 0; i < self->n_parts; i++)
    {
      right += gtk_widget_get_width (widget) * (self->parts[i].bytes / total);
      if (x <= right)
        {
          g_autofree char *bytes = memscope_text_exact_bytes (self->parts[i].bytes);
          g_autofree char *text = g_strdup_printf (_("%s: %s"), self->parts[i].name, bytes);
          g_autofree char *whole = self->parts[i].meaning != NULL
                                 ? g_strdup_printf ("%s\n%s", text, self->parts[i].meaning) : g_strdup (text);

          gtk_tooltip_set_text (tooltip, whole);
          return TRUE;
        }
    }

  return FALSE;
}

static void
memscope_rss_bar_class_init (MemscopeRssBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = memscope_rss_bar_snapshot;
  widget_class->measure = memscope_rss_bar_measure;
  widget_class->query_tooltip = memscope_rss_bar_query_tooltip;

  gtk_widget_class_set_css_name (widget_class, "rssbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
memscope_rss_bar_init (MemscopeRssBar *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

void
memscope_rss_bar_set_parts (MemscopeRssBar        *self,
                            const MemscopeRssPart *parts,
                            guint                  n_parts)
{
  g_autoptr(GString) spoken = g_string_new (NULL);

  g_return_if_fail (MEMSCOPE_IS_RSS_BAR (self));
  g_return_if_fail (n_parts <= MEMSCOPE_RSS_MAX_PARTS);

  for (guint i = 0; i < n_parts; i++)
    {
      g_autofree char *size = memscope_text_size (parts[i].bytes);

      self->parts[i] = parts[i];
      g_string_append_printf (spoken, "%s%s %s", i > 0 ? ", " : "", parts[i].name, size);
    }
  self->n_parts = n_parts;

  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("What makes up RSS"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, spoken->str,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- the legend's swatches ------------------------------------------------------ */

static void
draw_swatch (GtkDrawingArea *area,
             cairo_t        *cr,
             int             width,
             int             height,
             gpointer        user_data)
{
  GtkWidget *widget = GTK_WIDGET (area);
  const char *name = g_object_get_data (G_OBJECT (area), "color");
  gboolean hatched = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "hatched"));
  GdkRGBA color;

  memscope_palette_get (widget, name, &color);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, hatched ? .25 : 1);
  cairo_paint (cr);
  if (!hatched)
    return;

  cairo_set_source_rgba (cr, color.red, color.green, color.blue, .8);
  cairo_set_line_width (cr, 1.5);
  for (int x = -height; x < width; x += 4)
    {
      cairo_move_to (cr, x, height);
      cairo_line_to (cr, x + height, 0);
    }
  cairo_stroke (cr);
}

GtkWidget *
memscope_rss_bar_swatch_new (const MemscopeRssPart *part)
{
  GtkWidget *area = gtk_drawing_area_new ();

  g_object_set_data (G_OBJECT (area), "color", (gpointer) (part->color != NULL ? part->color : "c8"));
  g_object_set_data (G_OBJECT (area), "hatched", GINT_TO_POINTER (part->hatched || part->color == NULL));
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), 10);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), 10);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_swatch, NULL, NULL);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  memscope_palette_watch (area, G_CALLBACK (gtk_widget_queue_draw));

  return area;
}

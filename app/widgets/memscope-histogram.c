/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-histogram.h"
#include "memscope-palette.h"
#include "memscope-text.h"

#define AXIS_HEIGHT 18
#define MARK_HEIGHT 18

struct _MemscopeHistogram
{
  GtkWidget   parent_instance;

  guint64    *counts;
  char      **labels;
  char      **ticks;
  guint       n_bins;
  int         marked;
  char       *mark_text;
  char       *color;
  int         cursor;       /* the bar chosen by keyboard, -1 none */
};

G_DEFINE_FINAL_TYPE (MemscopeHistogram, memscope_histogram, GTK_TYPE_WIDGET)

static char *
memscope_histogram_describe (MemscopeHistogram *self,
                             int                bin)
{
  g_autofree char *count = memscope_text_count (self->counts[bin]);

  /* Translators: a bar of a histogram: its range, and how many are in it */
  return g_strdup_printf (_("%s: %s"), self->labels[bin], count);
}

static int
memscope_histogram_bin_at (MemscopeHistogram *self,
                           double             x)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int bin = width > 0 && self->n_bins > 0 ? (int) (x * self->n_bins / width) : -1;

  return bin >= 0 && bin < (int) self->n_bins ? bin : -1;
}

static void
append_bar (GtkSnapshot   *snapshot,
            const GdkRGBA *color,
            double         x,
            double         y,
            double         width,
            double         height)
{
  GskRoundedRect rounded;

  gsk_rounded_rect_init (&rounded, &GRAPHENE_RECT_INIT (x, y, width, height),
                         &GRAPHENE_SIZE_INIT (2, 2), &GRAPHENE_SIZE_INIT (2, 2),
                         &GRAPHENE_SIZE_INIT (0, 0), &GRAPHENE_SIZE_INIT (0, 0));
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, color, &rounded.bounds);
  gtk_snapshot_pop (snapshot);
}

static void
memscope_histogram_snapshot_axis (MemscopeHistogram *self,
                                  GtkSnapshot       *snapshot,
                                  double             y)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int width = gtk_widget_get_width (widget);
  double right = -8;
  GdkRGBA dim;

  memscope_palette_get (widget, "dim", &dim);
  for (guint i = 0; i < self->n_bins; i++)
    {
      g_autoptr(PangoLayout) layout = NULL;
      double x = width * (i + .5) / self->n_bins;
      int text_width;

      if (self->ticks[i] == NULL || *self->ticks[i] == '\0')
        continue;

      layout = memscope_palette_layout (widget, self->ticks[i], .8, FALSE);
      pango_layout_get_pixel_size (layout, &text_width, NULL);
      x = CLAMP (x - text_width / 2.0, 0, MAX (width - text_width, 0));
      if (x < right + 6)
        continue;
      memscope_palette_append_text (snapshot, layout, &dim, x, y + 2, 0);
      right = x + text_width;
    }
}

static void
memscope_histogram_snapshot_mark (MemscopeHistogram *self,
                                  GtkSnapshot       *snapshot,
                                  double             baseline)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr(PangoLayout) layout = NULL;
  int width = gtk_widget_get_width (widget);
  double x = width * (self->marked + .5) / self->n_bins;
  int text_width;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  layout = memscope_palette_layout (widget, self->mark_text, .8, TRUE);
  pango_layout_get_pixel_size (layout, &text_width, NULL);
  memscope_palette_append_text (snapshot, layout, &color,
                                CLAMP (x - text_width / 2.0, 0, MAX (width - text_width, 0)), 0, 0);

  for (double y = MARK_HEIGHT; y < baseline; y += 5)
    gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT ((float) x - 1, (float) y, 2, 3));
}

static void
memscope_histogram_snapshot (GtkWidget   *widget,
                             GtkSnapshot *snapshot)
{
  MemscopeHistogram *self = MEMSCOPE_HISTOGRAM (widget);
  gboolean has_mark = self->marked >= 0 && self->mark_text != NULL;
  double top = has_mark ? MARK_HEIGHT : 2;
  double baseline = gtk_widget_get_height (widget) - AXIS_HEIGHT;
  double slot;
  guint64 max = 1;
  GdkRGBA color, pale, grid;

  if (self->n_bins == 0)
    return;

  memscope_palette_get (widget, self->color, &color);
  memscope_palette_get (widget, "grid", &grid);
  pale = color;
  pale.alpha *= .72f;

  for (guint i = 0; i < self->n_bins; i++)
    max = MAX (max, self->counts[i]);

  for (int i = 0; i < 2; i++)
    gtk_snapshot_append_color (snapshot, &grid,
                               &GRAPHENE_RECT_INIT (0, (float) (top + (baseline - top) * i / 2),
                                                    gtk_widget_get_width (widget), 1));

  slot = gtk_widget_get_width (widget) / (double) self->n_bins;
  for (guint i = 0; i < self->n_bins; i++)
    {
      double height = (baseline - top) * ((double) self->counts[i] / max);
      gboolean strong = (int) i == self->marked || (int) i == self->cursor;

      if (self->counts[i] == 0)
        continue;
      height = MAX (height, 1.5);
      append_bar (snapshot, strong ? &color : &pale,
                  slot * i + 1, baseline - height, MAX (slot - 2, 1), height);
    }
  gtk_snapshot_append_color (snapshot, &grid,
                             &GRAPHENE_RECT_INIT (0, (float) baseline, gtk_widget_get_width (widget), 1));

  memscope_histogram_snapshot_axis (self, snapshot, baseline);
  if (has_mark)
    memscope_histogram_snapshot_mark (self, snapshot, baseline);

  if (gtk_widget_has_visible_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0,
                               gtk_widget_get_width (widget), gtk_widget_get_height (widget));
}

static void
memscope_histogram_measure (GtkWidget      *widget,
                            GtkOrientation  orientation,
                            int             for_size,
                            int            *minimum,
                            int            *natural,
                            int            *minimum_baseline,
                            int            *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : 90;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 220 : 110;
}

static gboolean
memscope_histogram_query_tooltip (GtkWidget  *widget,
                                  int         x,
                                  int         y,
                                  gboolean    keyboard,
                                  GtkTooltip *tooltip)
{
  MemscopeHistogram *self = MEMSCOPE_HISTOGRAM (widget);
  int bin = keyboard ? self->cursor : memscope_histogram_bin_at (self, x);
  g_autofree char *text = NULL;

  if (bin < 0 || bin >= (int) self->n_bins)
    return FALSE;

  text = memscope_histogram_describe (self, bin);
  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static gboolean
memscope_histogram_key_pressed (GtkEventControllerKey *controller,
                                guint                  keyval,
                                guint                  keycode,
                                GdkModifierType        modifiers,
                                MemscopeHistogram     *self)
{
  g_autofree char *text = NULL;
  int step = keyval == GDK_KEY_Right ? 1 : keyval == GDK_KEY_Left ? -1 : 0;

  if (step == 0 || self->n_bins == 0)
    return GDK_EVENT_PROPAGATE;

  self->cursor = CLAMP (self->cursor + step, 0, (int) self->n_bins - 1);
  text = memscope_histogram_describe (self, self->cursor);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));

  return GDK_EVENT_STOP;
}

static void
memscope_histogram_clear (MemscopeHistogram *self)
{
  g_clear_pointer (&self->counts, g_free);
  g_clear_pointer (&self->labels, g_strfreev);
  g_clear_pointer (&self->mark_text, g_free);
  for (guint i = 0; i < self->n_bins; i++)
    g_free (self->ticks[i]);
  g_clear_pointer (&self->ticks, g_free);
  self->n_bins = 0;
}

static void
memscope_histogram_finalize (GObject *object)
{
  MemscopeHistogram *self = MEMSCOPE_HISTOGRAM (object);

  memscope_histogram_clear (self);
  g_clear_pointer (&self->color, g_free);

  G_OBJECT_CLASS (memscope_histogram_parent_class)->finalize (object);
}

static void
memscope_histogram_class_init (MemscopeHistogramClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->finalize = memscope_histogram_finalize;
  widget_class->snapshot = memscope_histogram_snapshot;
  widget_class->measure = memscope_histogram_measure;
  widget_class->query_tooltip = memscope_histogram_query_tooltip;

  gtk_widget_class_set_css_name (widget_class, "histogram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
memscope_histogram_init (MemscopeHistogram *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->color = g_strdup ("c1");
  self->marked = -1;
  self->cursor = -1;

  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_histogram_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
memscope_histogram_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_HISTOGRAM, NULL);
}

void
memscope_histogram_set_bins (MemscopeHistogram *self,
                             const guint64     *counts,
                             const char *const *labels,
                             const char *const *ticks,
                             guint              n_bins,
                             int                marked,
                             const char        *mark_text)
{
  g_return_if_fail (MEMSCOPE_IS_HISTOGRAM (self));

  memscope_histogram_clear (self);
  self->n_bins = n_bins;
  self->counts = g_memdup2 (counts, n_bins * sizeof *counts);
  self->labels = g_new0 (char *, n_bins + 1);
  self->ticks = g_new0 (char *, n_bins + 1);
  for (guint i = 0; i < n_bins; i++)
    {
      self->labels[i] = g_strdup (labels[i]);
      self->ticks[i] = g_strdup (ticks[i]);
    }
  self->marked = marked;
  self->mark_text = g_strdup (mark_text);
  self->cursor = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
memscope_histogram_set_color (MemscopeHistogram *self,
                              const char        *color)
{
  g_return_if_fail (MEMSCOPE_IS_HISTOGRAM (self));

  g_free (self->color);
  self->color = g_strdup (color);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The chart's drawing. What depends on the data is drawn once per size and kept
 * as a render node; range, handles and instant are drawn on top each time, so
 * that dragging them stays cheap.
 */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "memscope-palette.h"
#include "memscope-text.h"
#include "memscope-timeline-chart-private.h"

#define TICK_PITCH     8    /* pixels from rate tick to rate tick */
#define LABEL_PITCH    90   /* at least, from time label to time label */
#define N_LINES        4    /* of the grid */

static void
set_source (cairo_t       *cr,
            const GdkRGBA *color,
            double         opacity)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * opacity);
}

/* N_LINES × the least of `steps` × a power of two that covers @max: the grid
 * lines then carry round binary sizes.
 */
static double
round_scale (double max)
{
  static const double steps[] = { 1, 1.25, 1.5, 1.75, 2 };
  double quarter = MAX (max, N_LINES) / N_LINES;
  double power = exp2 (floor (log2 (quarter)));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (power * steps[i] >= quarter)
      return power * steps[i] * N_LINES;

  return power * 2 * N_LINES;
}

static double
chart_scale (MemscopeTimelineChart *self)
{
  double max = self->timeline->max_bytes;

  if (self->timeline->max_rss != MEMSCOPE_UNKNOWN)
    max = MAX (max, self->timeline->max_rss);

  return self->compact ? MAX (max, 1) : round_scale (max);
}

static void
draw_grid (MemscopeTimelineChart *self,
           GtkSnapshot           *snapshot,
           const graphene_rect_t *plot,
           double                 scale)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GdkRGBA grid, dim;

  memscope_palette_get (widget, "grid", &grid);
  memscope_palette_get (widget, "dim", &dim);

  for (int i = 0; i <= N_LINES; i++)
    {
      double y = floor (plot->origin.y + plot->size.height * (N_LINES - i) / N_LINES);
      g_autofree char *text = memscope_text_size ((guint64) (scale * i / N_LINES));
      g_autoptr(PangoLayout) layout = memscope_palette_layout (widget, i == 0 ? "0" : text, .82, FALSE);
      int height;

      gtk_snapshot_append_color (snapshot, &grid,
                                 &GRAPHENE_RECT_INIT (plot->origin.x, (float) y, plot->size.width, 1));
      pango_layout_get_pixel_size (layout, NULL, &height);
      memscope_palette_append_text (snapshot, layout, &dim, plot->origin.x - 7, y - height / 2.0, 1);
    }
}

/* The least 1, 2 or 5 × a power of ten (or a round number of minutes) above @least. */
static double
round_time_step (double least)
{
  static const double minutes[] = { 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1440 };
  double power;

  if (least > 30e9)
    {
      for (guint i = 0; i < G_N_ELEMENTS (minutes); i++)
        if (minutes[i] * 60e9 >= least)
          return minutes[i] * 60e9;
      return ceil (least / 86400e9) * 86400e9;
    }
  if (least > 10e9)
    return least > 20e9 ? 30e9 : 20e9;

  power = pow (10, floor (log10 (MAX (least, 1))));
  if (least <= power)
    return power;
  if (least <= 2 * power)
    return 2 * power;
  return least <= 5 * power ? 5 * power : 10 * power;
}

static void
draw_time_axis (MemscopeTimelineChart *self,
                GtkSnapshot           *snapshot,
                const graphene_rect_t *plot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  guint64 begin = self->timeline->begin;
  guint64 end = self->timeline->end;
  double bottom = plot->origin.y + plot->size.height;
  double step = round_time_step ((double) (end - begin) * LABEL_PITCH / MAX (plot->size.width, 1));
  double previous = -1;
  GdkRGBA line, dim;

  memscope_palette_get (widget, "line", &line);
  memscope_palette_get (widget, "dim", &dim);
  gtk_snapshot_append_color (snapshot, &line,
                             &GRAPHENE_RECT_INIT (plot->origin.x, (float) bottom, plot->size.width, 1));

  for (double time = ceil (begin / step) * step; time < end; time += step)
    {
      double x = memscope_timeline_chart_time_to_x (self, (guint64) time);
      g_autofree char *text = memscope_text_time ((guint64) time, end - begin);
      g_autoptr(PangoLayout) layout = memscope_palette_layout (widget, text, .82, FALSE);
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      if (x - width / 2.0 < previous + 6 || x + width / 2.0 > plot->origin.x + plot->size.width + 12)
        continue;
      gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT ((float) floor (x), (float) bottom, 1, 4));
      memscope_palette_append_text (snapshot, layout, &dim, MAX (x, width / 2.0), bottom + 3, .5);
      previous = x + width / 2.0;
    }
}

static void
draw_rate (MemscopeTimelineChart *self,
           cairo_t               *cr,
           const graphene_rect_t *plot)
{
  MemscopeTimeline *timeline = self->timeline;
  double pixel = plot->size.width / timeline->n_buckets;
  guint per_tick = MAX ((guint) (TICK_PITCH / MAX (pixel, .1)), 1);
  guint64 max = 1;
  GdkRGBA color;

  for (guint i = 0; i < timeline->n_buckets; i += per_tick)
    {
      guint64 births = 0;

      for (guint j = i; j < MIN (i + per_tick, timeline->n_buckets); j++)
        births += timeline->buckets[j].births;
      max = MAX (max, births);
    }

  memscope_palette_get (GTK_WIDGET (self), "c8", &color);
  set_source (cr, &color, .6);
  for (guint i = 0; i < timeline->n_buckets; i += per_tick)
    {
      guint64 births = 0;
      double height;

      for (guint j = i; j < MIN (i + per_tick, timeline->n_buckets); j++)
        births += timeline->buckets[j].births;
      if (births == 0)
        continue;
      height = MAX (plot->size.height * .24 * ((double) births / max), 1);
      cairo_rectangle (cr, floor (plot->origin.x + i * pixel), plot->origin.y + plot->size.height - height, 2, height);
    }
  cairo_fill (cr);
}

/* Per pixel from its least to its most, so that no spike is lost. */
static void
draw_live (MemscopeTimelineChart *self,
           cairo_t               *cr,
           const graphene_rect_t *plot,
           double                 scale)
{
  MemscopeTimeline *timeline = self->timeline;
  double pixel = plot->size.width / timeline->n_buckets;
  double bottom = plot->origin.y + plot->size.height;
  cairo_path_t *top;
  GdkRGBA color;

  memscope_palette_get (GTK_WIDGET (self), "c1", &color);

  for (guint i = 0; i < timeline->n_buckets; i++)
    {
      MemscopeTimelineBucket *bucket = &timeline->buckets[i];
      double x = plot->origin.x + (i + .5) * pixel;

      cairo_line_to (cr, i == 0 ? plot->origin.x : x, bottom - plot->size.height * (bucket->max_bytes / scale));
      if (bucket->max_bytes > 0 && (bucket->max_bytes - bucket->last_bytes) > scale / 200)
        cairo_line_to (cr, x, bottom - plot->size.height * (bucket->last_bytes / scale));
    }
  cairo_line_to (cr, plot->origin.x + plot->size.width,
                 bottom - plot->size.height * (timeline->buckets[timeline->n_buckets - 1].last_bytes / scale));

  top = cairo_copy_path (cr);
  cairo_line_to (cr, plot->origin.x + plot->size.width, bottom);
  cairo_line_to (cr, plot->origin.x, bottom);
  cairo_close_path (cr);
  set_source (cr, &color, self->compact ? .14 : .2);
  cairo_fill (cr);

  cairo_append_path (cr, top);
  set_source (cr, &color, 1);
  cairo_set_line_width (cr, self->compact ? 1.25 : 1.75);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
  cairo_path_destroy (top);
}

static void
draw_rss (MemscopeTimelineChart *self,
          cairo_t               *cr,
          const graphene_rect_t *plot,
          double                 scale)
{
  static const double dashes[] = { 6, 4 };
  MemscopeTimeline *timeline = self->timeline;
  double pixel = plot->size.width / timeline->n_buckets;
  GdkRGBA color;

  if (timeline->max_rss == MEMSCOPE_UNKNOWN)
    return;

  memscope_palette_get (GTK_WIDGET (self), "c2", &color);
  set_source (cr, &color, 1);
  for (guint i = 0; i < timeline->n_buckets; i++)
    if (timeline->buckets[i].rss != MEMSCOPE_UNKNOWN)
      cairo_line_to (cr, plot->origin.x + (i + .5) * pixel,
                     plot->origin.y + plot->size.height * (1 - timeline->buckets[i].rss / scale));
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_line_width (cr, self->compact ? 1 : 1.75);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
draw_peak (MemscopeTimelineChart *self,
           GtkSnapshot           *snapshot,
           const graphene_rect_t *plot,
           double                 scale)
{
  GtkWidget *widget = GTK_WIDGET (self);
  MemscopeTimeline *timeline = self->timeline;
  g_autofree char *size = memscope_text_size (timeline->max_bytes);
  g_autofree char *text = NULL;
  g_autoptr(PangoLayout) layout = NULL;
  GskRoundedRect dot;
  GdkRGBA color, card, blue;
  double x, y;
  guint at = 0;
  int width;

  if (timeline->max_bytes == 0)
    return;

  for (guint i = 0; i < timeline->n_buckets; i++)
    if (timeline->buckets[i].max_bytes > timeline->buckets[at].max_bytes)
      at = i;

  x = plot->origin.x + (at + .5) * plot->size.width / timeline->n_buckets;
  y = plot->origin.y + plot->size.height * (1 - timeline->buckets[at].max_bytes / scale);

  memscope_palette_get (widget, "c1", &blue);
  memscope_palette_get (widget, "card", &card);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  gsk_rounded_rect_init_from_rect (&dot, &GRAPHENE_RECT_INIT ((float) x - 5, (float) y - 5, 10, 10), 5);
  gtk_snapshot_push_rounded_clip (snapshot, &dot);
  gtk_snapshot_append_color (snapshot, &card, &dot.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_border (snapshot, &dot, (float[4]) { 2, 2, 2, 2 }, (GdkRGBA[4]) { blue, blue, blue, blue });

  text = g_strdup_printf (_("Peak %s"), size);
  layout = memscope_palette_layout (widget, text, .86, TRUE);
  pango_layout_get_pixel_size (layout, &width, NULL);
  if (x + 10 + width > plot->origin.x + plot->size.width)
    memscope_palette_append_text (snapshot, layout, &color, x - 10, MAX (y - 17, 0), 1);
  else
    memscope_palette_append_text (snapshot, layout, &color, x + 10, MAX (y - 17, 0), 0);
}

static void
draw_loss (cairo_t               *cr,
           const graphene_rect_t *plot,
           const GdkRGBA         *color,
           double                 left,
           double                 right)
{
  set_source (cr, color, .1);
  cairo_rectangle (cr, left, plot->origin.y, right - left, plot->size.height);
  cairo_fill (cr);

  cairo_save (cr);
  cairo_rectangle (cr, left, plot->origin.y, right - left, plot->size.height);
  cairo_clip (cr);
  set_source (cr, color, .4);
  cairo_set_line_width (cr, 1);
  for (double x = floor ((left - plot->size.height) / 8) * 8; x < right; x += 8)
    {
      cairo_move_to (cr, x, plot->origin.y + plot->size.height);
      cairo_line_to (cr, x + plot->size.height, plot->origin.y);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Where events were lost the curve is not to be believed: hatched, whatever its
 * height. Each thread has losses of its own; a pixel is hatched once.
 */
static void
draw_losses (MemscopeTimelineChart *self,
             cairo_t               *cr,
             const graphene_rect_t *plot)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  guint width = (guint) plot->size.width + 1;
  g_autofree guint8 *lost = NULL;
  GdkRGBA color;
  MemscopeLoss loss;

  if (memscope_session_get_n_losses (session) == 0)
    return;

  lost = g_new0 (guint8, width);
  for (guint i = 0; memscope_session_get_loss (session, i, &loss); i++)
    {
      double left = memscope_timeline_chart_time_to_x (self, loss.begin) - plot->origin.x;
      double right = MAX (memscope_timeline_chart_time_to_x (self, loss.end) - plot->origin.x, left + 3);
      guint from, to;

      if (right <= 0 || left >= width)
        continue;
      from = (guint) MAX (left, 0);
      to = (guint) MIN (right + 1, width);
      if (!lost[from] || !lost[to - 1])
        memset (lost + from, TRUE, to - from);
    }

  memscope_palette_get (GTK_WIDGET (self), "warning", &color);
  for (guint x = 0; x < width; x++)
    {
      guint from = x;

      while (x < width && lost[x])
        x++;
      if (x > from)
        draw_loss (cr, plot, &color, plot->origin.x + from, plot->origin.x + x);
    }
}

/* A flag on a dotted pole for each mark, with its words where there is room. */
static void
draw_marks (MemscopeTimelineChart *self,
            GtkSnapshot           *snapshot,
            cairo_t               *cr,
            const graphene_rect_t *plot)
{
  static const double dots[] = { 1.5, 3 };
  GtkWidget *widget = GTK_WIDGET (self);
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  double words_end = -1, pole_x = -10;
  GdkRGBA color, dim;
  MemscopeMoment moment;

  memscope_palette_get (widget, "c4", &color);
  memscope_palette_get (widget, "dim", &dim);

  for (guint i = 0; memscope_session_get_moment (session, i, &moment); i++)
    {
      double x = floor (memscope_timeline_chart_time_to_x (self, moment.time)) + .5;
      g_autofree char *words = NULL;
      g_autoptr(PangoLayout) layout = NULL;
      int width;

      if (x < plot->origin.x || x > plot->origin.x + plot->size.width || x - pole_x < 2)
        continue;
      pole_x = x;

      set_source (cr, &color, 1);
      cairo_set_dash (cr, dots, G_N_ELEMENTS (dots), 0);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, x, plot->origin.y);
      cairo_line_to (cr, x, plot->origin.y + plot->size.height);
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
      cairo_move_to (cr, x, plot->origin.y);
      cairo_line_to (cr, x + (self->compact ? 6 : 9), plot->origin.y + (self->compact ? 3 : 4.5));
      cairo_line_to (cr, x, plot->origin.y + (self->compact ? 6 : 9));
      cairo_close_path (cr);
      cairo_fill (cr);

      if (self->compact || x < words_end)
        continue;
      words = memscope_text_string (session, moment.text, _("mark"));
      layout = memscope_palette_layout (widget, words, .82, FALSE);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (layout, 140 * PANGO_SCALE);
      pango_layout_get_pixel_size (layout, &width, NULL);
      if (x + 14 + width > plot->origin.x + plot->size.width)
        continue;
      memscope_palette_append_text (snapshot, layout, &dim, x + 12, plot->origin.y - 3, 0);
      words_end = x + 20 + width;
    }
}

/* A broken line from where on every allocation was recorded, or samples were taken. */
static void
draw_modes (MemscopeTimelineChart *self,
            GtkSnapshot           *snapshot,
            cairo_t               *cr,
            const graphene_rect_t *plot)
{
  static const double dashes[] = { 6, 3 };
  GtkWidget *widget = GTK_WIDGET (self);
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  guint64 time, interval;
  double words_end = -1;
  GdkRGBA dim;

  memscope_palette_get (widget, "dim", &dim);
  for (guint i = 0; memscope_session_get_mode_change (session, i, &time, &interval); i++)
    {
      double x = floor (memscope_timeline_chart_time_to_x (self, time)) + .5;
      g_autofree char *size = memscope_text_size (interval);
      g_autofree char *words = interval > 0 ? g_strdup_printf (_("sampled every %s"), size) : g_strdup (_("every allocation"));
      g_autoptr(PangoLayout) layout = NULL;
      int width;

      if (x < plot->origin.x || x > plot->origin.x + plot->size.width)
        continue;

      set_source (cr, &dim, 1);
      cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, x, plot->origin.y);
      cairo_line_to (cr, x, plot->origin.y + plot->size.height);
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);

      if (self->compact || x < words_end)
        continue;
      layout = memscope_palette_layout (widget, words, .82, FALSE);
      pango_layout_get_pixel_size (layout, &width, NULL);
      if (x + 6 + width > plot->origin.x + plot->size.width)
        continue;
      memscope_palette_append_text (snapshot, layout, &dim, x + 4, plot->origin.y + 12, 0);
      words_end = x + 12 + width;
    }
}

/* In the strip the peak is only a dot. */
static void
draw_peak_dot (MemscopeTimelineChart *self,
               cairo_t               *cr,
               const graphene_rect_t *plot,
               double                 scale)
{
  MemscopeTimeline *timeline = self->timeline;
  GdkRGBA color;
  guint at = 0;

  for (guint i = 0; i < timeline->n_buckets; i++)
    if (timeline->buckets[i].max_bytes > timeline->buckets[at].max_bytes)
      at = i;
  if (timeline->buckets[at].max_bytes == 0)
    return;

  memscope_palette_get (GTK_WIDGET (self), "c1", &color);
  set_source (cr, &color, 1);
  cairo_arc (cr, plot->origin.x + (at + .5) * plot->size.width / timeline->n_buckets,
             plot->origin.y + MAX (plot->size.height * (1 - timeline->buckets[at].max_bytes / scale), 2.5), 2.5, 0, 2 * G_PI);
  cairo_fill (cr);
}

static GskRenderNode *
memscope_timeline_chart_make_node (MemscopeTimelineChart *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  graphene_rect_t plot;
  double scale = chart_scale (self);
  cairo_t *cr;

  memscope_timeline_chart_get_plot (self, &plot);
  if (!self->compact)
    draw_grid (self, snapshot, &plot, scale);

  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  draw_losses (self, cr, &plot);
  if (!self->compact)
    draw_rate (self, cr, &plot);
  draw_live (self, cr, &plot, scale);
  if (self->compact)
    draw_peak_dot (self, cr, &plot, scale);
  draw_rss (self, cr, &plot, scale);
  draw_modes (self, snapshot, cr, &plot);
  draw_marks (self, snapshot, cr, &plot);
  cairo_destroy (cr);

  draw_time_axis (self, snapshot, &plot);
  if (!self->compact)
    draw_peak (self, snapshot, &plot, scale);

  return gtk_snapshot_free_to_node (snapshot);
}

static void
draw_handle (MemscopeTimelineChart *self,
             GtkSnapshot           *snapshot,
             const graphene_rect_t *plot,
             double                 x)
{
  GskRoundedRect grip;
  GdkRGBA accent, white = { 1, 1, 1, .9f };
  float height = MIN (20, plot->size.height * .6f);
  float top = plot->origin.y + (plot->size.height - height) / 2;

  memscope_palette_get (GTK_WIDGET (self), "accent_bg", &accent);
  gtk_snapshot_append_color (snapshot, &accent,
                             &GRAPHENE_RECT_INIT ((float) floor (x) - 1, plot->origin.y, 2, plot->size.height));
  gsk_rounded_rect_init_from_rect (&grip, &GRAPHENE_RECT_INIT ((float) floor (x) - 4, top, 8, height), 4);
  gtk_snapshot_push_rounded_clip (snapshot, &grip);
  gtk_snapshot_append_color (snapshot, &accent, &grip.bounds);
  gtk_snapshot_append_color (snapshot, &white, &GRAPHENE_RECT_INIT ((float) floor (x) - 2, top + height * .3f, 1, height * .4f));
  gtk_snapshot_append_color (snapshot, &white, &GRAPHENE_RECT_INIT ((float) floor (x) + 1, top + height * .3f, 1, height * .4f));
  gtk_snapshot_pop (snapshot);
}

static void
draw_range_pill (MemscopeTimelineChart *self,
                 GtkSnapshot           *snapshot,
                 const graphene_rect_t *plot,
                 double                 left,
                 double                 right)
{
  GtkWidget *widget = GTK_WIDGET (self);
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 begin = memscope_selection_get_begin (selection);
  guint64 end = memscope_selection_get_end (selection);
  guint64 whole = memscope_view_state_get_end (self->state);
  g_autofree char *from = memscope_text_time (begin, whole);
  g_autofree char *to = memscope_text_time (end, whole);
  g_autofree char *length = memscope_text_duration (end - begin);
  g_autofree char *text = g_strdup_printf (_("Range %s – %s · %s"), from, to, length);
  g_autoptr(PangoLayout) layout = memscope_palette_layout (widget, text, .82, TRUE);
  GdkRGBA accent, white = { 1, 1, 1, 1 };
  GskRoundedRect pill;
  int width, height;
  double x, y;

  pango_layout_get_pixel_size (layout, &width, &height);
  x = CLAMP ((left + right) / 2, plot->origin.x + width / 2.0 + 12, plot->origin.x + plot->size.width - width / 2.0 - 12);
  y = plot->origin.y + plot->size.height - height - 10;

  memscope_palette_get (widget, "accent_bg", &accent);
  gsk_rounded_rect_init_from_rect (&pill, &GRAPHENE_RECT_INIT ((float) (x - width / 2.0 - 10), (float) y - 3, width + 20, height + 6),
                                   (height + 6) / 2.0f);
  gtk_snapshot_push_rounded_clip (snapshot, &pill);
  gtk_snapshot_append_color (snapshot, &accent, &pill.bounds);
  gtk_snapshot_pop (snapshot);
  memscope_palette_append_text (snapshot, layout, &white, x, y, .5);
}

static void
draw_range (MemscopeTimelineChart *self,
            GtkSnapshot           *snapshot,
            const graphene_rect_t *plot)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  double left = memscope_timeline_chart_time_to_x (self, memscope_selection_get_begin (selection));
  double right = memscope_timeline_chart_time_to_x (self, memscope_selection_get_end (selection));
  double plot_right = plot->origin.x + plot->size.width;
  double seen_left = CLAMP (left, plot->origin.x, plot_right);
  double seen_right = CLAMP (right, plot->origin.x, plot_right);
  GdkRGBA tint, veil;

  if (memscope_view_state_has_range (self->state))
    {
      memscope_palette_get (GTK_WIDGET (self), "accent_bg", &tint);
      memscope_palette_get (GTK_WIDGET (self), self->compact ? "pane" : "card", &veil);
      tint.alpha = .1f;
      veil.alpha = .45f;
      gtk_snapshot_append_color (snapshot, &veil,
                                 &GRAPHENE_RECT_INIT (plot->origin.x, plot->origin.y,
                                                      (float) (seen_left - plot->origin.x), plot->size.height));
      gtk_snapshot_append_color (snapshot, &veil,
                                 &GRAPHENE_RECT_INIT ((float) seen_right, plot->origin.y,
                                                      (float) (plot_right - seen_right), plot->size.height));
      gtk_snapshot_append_color (snapshot, &tint,
                                 &GRAPHENE_RECT_INIT ((float) seen_left, plot->origin.y,
                                                      (float) (seen_right - seen_left), plot->size.height));
      if (!self->compact && seen_right > seen_left)
        draw_range_pill (self, snapshot, plot, seen_left, seen_right);
    }

  if (left >= plot->origin.x - 1 && left <= plot_right + 1)
    draw_handle (self, snapshot, plot, left);
  if (right >= plot->origin.x - 1 && right <= plot_right + 1)
    draw_handle (self, snapshot, plot, right);
}

static void
draw_instant (MemscopeTimelineChart *self,
              GtkSnapshot           *snapshot,
              const graphene_rect_t *plot)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 instant = memscope_selection_get_instant (selection);
  double x = floor (memscope_timeline_chart_time_to_x (self, instant));
  GdkRGBA color;
  cairo_t *cr;

  /* At its default, the end of the range, the handle says it. */
  if (instant == memscope_selection_get_end (selection) ||
      x < plot->origin.x || x > plot->origin.x + plot->size.width)
    return;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT ((float) x, plot->origin.y, 1.5f, plot->size.height));
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT ((float) x - 6, plot->origin.y - 2, 13, 10));
  cairo_move_to (cr, x - 4.5, plot->origin.y - 1);
  cairo_line_to (cr, x + 6, plot->origin.y - 1);
  cairo_line_to (cr, x + .75, plot->origin.y + 6);
  set_source (cr, &color, 1);
  cairo_fill (cr);
  cairo_destroy (cr);
}

void
memscope_timeline_chart_draw (MemscopeTimelineChart *self,
                              GtkSnapshot           *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  graphene_rect_t plot;

  if (self->timeline == NULL || self->timeline->n_buckets == 0)
    return;

  memscope_timeline_chart_get_plot (self, &plot);
  if (plot.size.width < 2 || plot.size.height < 2)
    return;

  if (self->node != NULL && (self->node_width != width || self->node_height != height))
    g_clear_pointer (&self->node, gsk_render_node_unref);
  if (self->node == NULL)
    {
      self->node = memscope_timeline_chart_make_node (self);
      self->node_width = width;
      self->node_height = height;
    }
  if (self->node != NULL)
    gtk_snapshot_append_node (snapshot, self->node);

  draw_range (self, snapshot, &plot);
  draw_instant (self, snapshot, &plot);
}

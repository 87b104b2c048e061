/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-card-face.h"
#include "memscope-palette.h"
#include "memscope-sparkline.h"
#include "memscope-text.h"

#define LINE_GAP        3
#define SPARK_WIDTH     110
#define SPARK_HEIGHT    28
#define STAGE_ICON_SIZE 14

struct _MemscopeCardFace
{
  GtkWidget        parent_instance;

  MemscopeSession *session;
  MemscopeGroup    group;
  int              line_height;
  int              big_height;
  int              baseline;       /* of a line */
};

G_DEFINE_FINAL_TYPE (MemscopeCardFace, memscope_card_face, GTK_TYPE_WIDGET)

static PangoLayout *
memscope_card_face_layout (MemscopeCardFace *self,
                           const char       *text,
                           double            scale,
                           gboolean          bold,
                           gboolean          code,
                           double            width)
{
  PangoLayout *layout = memscope_palette_layout (GTK_WIDGET (self), text, scale, bold);

  if (code)
    {
      PangoAttrList *attributes = pango_layout_get_attributes (layout);

      pango_attr_list_insert (attributes, pango_attr_family_new ("monospace"));
    }
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  if (width > 0)
    {
      pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      /* Names read from the left whatever they are made of. */
      pango_layout_set_auto_dir (layout, FALSE);
    }

  return layout;
}

/* Where to draw a line that begins at @y: fonts of other scripts are higher, but stand on the same line. */
static double
memscope_card_face_align (MemscopeCardFace *self,
                          PangoLayout      *layout,
                          double            y)
{
  return y + self->baseline - pango_layout_get_baseline (layout) / (double) PANGO_SCALE;
}

/* A bordered word at the right edge; returns how much room it took. */
static double
memscope_card_face_draw_tag (MemscopeCardFace   *self,
                             GtkSnapshot        *snapshot,
                             MemscopeNameSource  source,
                             double              right)
{
  static const char *colors[] = { "stage_active", "warning", "note", "stage_shared", "dim" };
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr(PangoLayout) layout = memscope_card_face_layout (self, memscope_text_name_source (source), .76, TRUE, FALSE, 0);
  GskRoundedRect outline;
  GdkRGBA color, faint;
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  memscope_palette_get (widget, colors[MIN (source, G_N_ELEMENTS (colors) - 1)], &color);
  memscope_palette_get (widget, "faint", &faint);
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT ((float) right - width - 10, 1, width + 10, height + 2), 5);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]) { 1, 1, 1, 1 }, (GdkRGBA[4]) { faint, faint, faint, faint });
  memscope_palette_append_text (snapshot, layout, &color, right - 5, 2, 1);

  return width + 16;
}

static double
memscope_card_face_draw_stage (MemscopeCardFace *self,
                               GtkSnapshot      *snapshot,
                               double            right,
                               double            y)
{
  GtkWidget *widget = GTK_WIDGET (self);
  MemscopeStage stage = self->group.stage;
  g_autoptr(PangoLayout) layout = memscope_card_face_layout (self, memscope_stage_get_word (stage), .88, TRUE, FALSE, 0);
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
  g_autoptr(GtkIconPaintable) icon = NULL;
  GdkRGBA color;
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  memscope_palette_get (widget, memscope_stage_get_color (stage), &color);
  memscope_palette_append_text (snapshot, layout, &color, right, memscope_card_face_align (self, layout, y), 1);

  icon = gtk_icon_theme_lookup_icon (theme, memscope_stage_get_icon_name (stage), NULL, STAGE_ICON_SIZE,
                                     gtk_widget_get_scale_factor (widget), GTK_TEXT_DIR_NONE, 0);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) right - width - STAGE_ICON_SIZE - 5, (float) y + 1));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot,
                                            STAGE_ICON_SIZE, STAGE_ICON_SIZE, &color, 1);
  gtk_snapshot_restore (snapshot);

  return width + STAGE_ICON_SIZE + 11;
}

static void
memscope_card_face_draw_names (MemscopeCardFace *self,
                               GtkSnapshot      *snapshot,
                               const GdkRGBA    *color,
                               const GdkRGBA    *dim)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double second = self->line_height + LINE_GAP;
  MemscopeVariable variable = { .source = MEMSCOPE_NAME_SITE };
  g_autofree char *name = memscope_text_variable (self->session, self->group.variable);
  g_autofree char *type = NULL;
  g_autoptr(PangoLayout) name_layout = NULL;
  g_autoptr(PangoLayout) type_layout = NULL;
  double taken;

  memscope_session_get_variable (self->session, self->group.variable, &variable);
  type = memscope_text_string (self->session, variable.type, _("type not recorded"));

  taken = memscope_card_face_draw_tag (self, snapshot, variable.source, width);
  name_layout = memscope_card_face_layout (self, name, .92, TRUE, TRUE, MAX (width - taken, 20));
  memscope_palette_append_text (snapshot, name_layout, color, 0, memscope_card_face_align (self, name_layout, 1), 0);

  taken = memscope_card_face_draw_stage (self, snapshot, width, second);
  type_layout = memscope_card_face_layout (self, type, .86, FALSE, variable.type != 0, MAX (width - taken, 20));
  memscope_palette_append_text (snapshot, type_layout, dim, 0, memscope_card_face_align (self, type_layout, second), 0);
}

static void
memscope_card_face_draw_figures (MemscopeCardFace *self,
                                 GtkSnapshot      *snapshot,
                                 const GdkRGBA    *color,
                                 const GdkRGBA    *dim)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double width = gtk_widget_get_width (widget);
  double third = 2 * (self->line_height + LINE_GAP) + 4;
  double fourth = third + self->big_height + 2;
  MemscopeEstimate estimate = memscope_group_get_live_bytes (&self->group);
  g_autofree char *live = memscope_text_estimated_size (&estimate);
  g_autofree char *peak = memscope_text_size (self->group.peak_bytes);
  g_autofree char *peak_text = g_strdup_printf (_("peak %s"), peak);
  g_autofree char *count = memscope_text_count (self->group.rows);
  g_autofree char *count_text = g_strdup_printf ("× %s", count);
  g_autoptr(PangoLayout) live_layout = memscope_card_face_layout (self, live, self->group.estimated ? 1 : 1.3, TRUE, FALSE, 0);
  g_autoptr(PangoLayout) peak_layout = memscope_card_face_layout (self, peak_text, .88, FALSE, FALSE, 0);
  g_autoptr(PangoLayout) count_layout = memscope_card_face_layout (self, count_text, .88, TRUE, FALSE, 0);
  GdkRGBA stage;
  double spark_width = MIN (SPARK_WIDTH, width / 2 - 6);

  memscope_palette_append_text (snapshot, live_layout, color, 0, third, 0);
  memscope_palette_append_text (snapshot, peak_layout, dim, 0, fourth, 0);
  memscope_palette_append_text (snapshot, count_layout, dim, width, fourth, 1);

  memscope_palette_get (widget, memscope_stage_get_color (self->group.stage), &stage);
  if (spark_width > 20)
    memscope_sparkline_draw (snapshot,
                             &GRAPHENE_RECT_INIT ((float) (width - spark_width), (float) third, (float) spark_width, SPARK_HEIGHT),
                             &stage, self->group.spark, MEMSCOPE_SPARK_BUCKETS);
}

static void
memscope_card_face_snapshot (GtkWidget   *widget,
                             GtkSnapshot *snapshot)
{
  MemscopeCardFace *self = MEMSCOPE_CARD_FACE (widget);
  GdkRGBA color, dim;

  if (self->session == NULL)
    return;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  memscope_palette_get (widget, "dim", &dim);
  memscope_card_face_draw_names (self, snapshot, &color, &dim);
  memscope_card_face_draw_figures (self, snapshot, &color, &dim);
}

static void
memscope_card_face_measure_lines (MemscopeCardFace *self)
{
  g_autoptr(PangoLayout) line = memscope_palette_layout (GTK_WIDGET (self), "Ág", .92, TRUE);
  g_autoptr(PangoLayout) big = memscope_palette_layout (GTK_WIDGET (self), "Ág", 1.3, TRUE);

  pango_layout_get_pixel_size (line, NULL, &self->line_height);
  self->baseline = pango_layout_get_baseline (line) / PANGO_SCALE;
  pango_layout_get_pixel_size (big, NULL, &self->big_height);
  self->big_height = MAX (self->big_height, SPARK_HEIGHT);
}

static void
memscope_card_face_measure (GtkWidget      *widget,
                            GtkOrientation  orientation,
                            int             for_size,
                            int            *minimum,
                            int            *natural,
                            int            *minimum_baseline,
                            int            *natural_baseline)
{
  MemscopeCardFace *self = MEMSCOPE_CARD_FACE (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 180;
      *natural = 240;
      return;
    }

  if (self->line_height == 0)
    memscope_card_face_measure_lines (self);
  *minimum = *natural = 3 * (self->line_height + LINE_GAP) + self->big_height + 6;
}

/* Text scaling changes how high lines are. */
static void
memscope_card_face_system_setting_changed (GtkWidget        *widget,
                                           GtkSystemSetting  setting)
{
  MEMSCOPE_CARD_FACE (widget)->line_height = 0;
  GTK_WIDGET_CLASS (memscope_card_face_parent_class)->system_setting_changed (widget, setting);
  gtk_widget_queue_resize (widget);
}

static void
memscope_card_face_dispose (GObject *object)
{
  g_clear_object (&MEMSCOPE_CARD_FACE (object)->session);

  G_OBJECT_CLASS (memscope_card_face_parent_class)->dispose (object);
}

static void
memscope_card_face_class_init (MemscopeCardFaceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_card_face_dispose;
  widget_class->snapshot = memscope_card_face_snapshot;
  widget_class->measure = memscope_card_face_measure;
  widget_class->system_setting_changed = memscope_card_face_system_setting_changed;

  gtk_widget_class_set_css_name (widget_class, "cardface");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
memscope_card_face_init (MemscopeCardFace *self)
{
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
memscope_card_face_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_CARD_FACE, NULL);
}

void
memscope_card_face_set_group (MemscopeCardFace    *self,
                              MemscopeSession     *session,
                              const MemscopeGroup *group)
{
  g_return_if_fail (MEMSCOPE_IS_CARD_FACE (self));
  g_return_if_fail (group != NULL);

  g_set_object (&self->session, session);
  self->group = *group;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-call-colors.h"
#include "memscope-call-columns.h"
#include "memscope-call-line.h"
#include "memscope-palette.h"
#include "memscope-sparkline.h"

/* Deeper rows stand as far right as these. */
#define MAX_INDENTS        32
#define INDENT_WIDTH       16
#define TIGHT_INDENT_WIDTH 6
#define ARROW_SIZE         16
#define ARROW_ROOM         20
#define SWATCH_SIZE        10
#define SWATCH_ROOM        17
#define BAR_WIDTH          60
#define BAR_HEIGHT         4
#define SHARE_ROOM         62
#define MIN_NAME_WIDTH     60
#define MIN_WIDTH          250

struct _MemscopeCallLine
{
  GtkWidget         parent_instance;

  MemscopeCallTree *tree;
  guint32           node;
  guint             depth;
  gboolean          can_open;
  gboolean          open;
  char             *needle;
  int               line_height;
};

G_DEFINE_FINAL_TYPE (MemscopeCallLine, memscope_call_line, GTK_TYPE_WIDGET)

/* ---- drawing ------------------------------------------------------------- */

static int
get_indent (MemscopeCallLine *self,
            int               name_width)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int step = memscope_call_columns_is_tight (widget, gtk_widget_get_width (widget)) ? TIGHT_INDENT_WIDTH : INDENT_WIDTH;
  int most = name_width - ARROW_ROOM - SWATCH_ROOM - MIN_NAME_WIDTH;

  return CLAMP ((int) MIN (self->depth, MAX_INDENTS) * step, 0, MAX (most, 0));
}

/* What was looked for is bold and underlined. */
static void
mark_needle (MemscopeCallLine *self,
             const char       *name,
             PangoAttrList    *attributes)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);
  const char *found;

  /* Folding may change lengths: then no part can be pointed at. */
  if (*self->needle == '\0' || strlen (folded) != strlen (name))
    return;
  found = strstr (folded, self->needle);
  if (found == NULL)
    return;

  for (int i = 0; i < 2; i++)
    {
      PangoAttribute *attribute = i == 0 ? pango_attr_weight_new (PANGO_WEIGHT_BOLD)
                                         : pango_attr_underline_new (PANGO_UNDERLINE_SINGLE);

      attribute->start_index = (guint) (found - folded);
      attribute->end_index = attribute->start_index + (guint) strlen (self->needle);
      pango_attr_list_insert (attributes, attribute);
    }
}

static void
draw_layout (MemscopeCallLine *self,
             GtkSnapshot      *snapshot,
             PangoLayout      *layout,
             const char       *color_name,
             gboolean          is_number,
             int               x,
             int               width)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GdkRGBA color;
  int height;

  if (color_name != NULL)
    memscope_palette_get (widget, color_name, &color);
  else
    gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);

  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_width (layout, MAX (width, 0) * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  /* Names read from the left whatever they are made of. */
  pango_layout_set_auto_dir (layout, FALSE);
  pango_layout_set_alignment (layout, is_number ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) (gtk_widget_get_height (widget) - height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
draw_arrow (MemscopeCallLine *self,
            GtkSnapshot      *snapshot,
            int               x)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
  g_autoptr(GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (theme, self->open ? "pan-down-symbolic" : "pan-end-symbolic", NULL,
                                                                 ARROW_SIZE, gtk_widget_get_scale_factor (widget),
                                                                 GTK_TEXT_DIR_NONE, 0);
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) (gtk_widget_get_height (widget) - ARROW_SIZE) / 2));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, ARROW_SIZE, ARROW_SIZE, &color, 1);
  gtk_snapshot_restore (snapshot);
}

static void
draw_box (MemscopeCallLine *self,
          GtkSnapshot      *snapshot,
          const char       *color_name,
          float             radius,
          int               x,
          int               width,
          int               height)
{
  int y = (gtk_widget_get_height (GTK_WIDGET (self)) - height) / 2;
  GskRoundedRect outline;
  GdkRGBA color;

  if (width <= 0)
    return;

  memscope_palette_get (GTK_WIDGET (self), color_name, &color);
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT ((float) x, (float) y, (float) width, (float) height), radius);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &color, &outline.bounds);
  gtk_snapshot_pop (snapshot);
}

static void
draw_name (MemscopeCallLine        *self,
           GtkSnapshot             *snapshot,
           MemscopeCallColumnPlace  place)
{
  int indent = get_indent (self, place.width);
  int x = place.x + indent;
  guint color = memscope_call_tree_get_color (self->tree, self->node);
  g_autofree char *name = memscope_call_tree_dup_name (self->tree, self->node);
  g_autoptr(PangoLayout) layout = memscope_palette_layout (GTK_WIDGET (self), name, .95, FALSE);
  PangoAttrList *attributes = pango_layout_get_attributes (layout);

  if (self->can_open)
    draw_arrow (self, snapshot, x + (ARROW_ROOM - ARROW_SIZE) / 2);
  draw_box (self, snapshot, color == MEMSCOPE_CALL_COLOR_NONE ? "faint" : memscope_call_colors_get_name (color),
            3, x + ARROW_ROOM, SWATCH_SIZE, SWATCH_SIZE);

  pango_attr_list_insert (attributes, pango_attr_family_new ("monospace"));
  mark_needle (self, name, attributes);
  draw_layout (self, snapshot, layout, NULL, FALSE, x + ARROW_ROOM + SWATCH_ROOM,
               place.width - indent - ARROW_ROOM - SWATCH_ROOM);
}

static void
draw_total (MemscopeCallLine        *self,
            GtkSnapshot             *snapshot,
            MemscopeCallColumnPlace  place)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double share = memscope_call_tree_get_share (self->tree, self->node);
  g_autofree char *text = memscope_call_column_dup_text (MEMSCOPE_CALL_COLUMN_TOTAL, self->tree, self->node);
  g_autofree char *share_text = memscope_measure_dup_share (share);
  g_autoptr(PangoLayout) value = memscope_palette_layout (widget, text, .95, TRUE);
  g_autoptr(PangoLayout) part = memscope_palette_layout (widget, share_text, .82, FALSE);
  int share_room = (int) (SHARE_ROOM * memscope_call_columns_get_scale (widget));

  if (!memscope_call_columns_is_tight (widget, gtk_widget_get_width (widget)))
    {
      draw_box (self, snapshot, "grid", BAR_HEIGHT / 2, place.x, BAR_WIDTH, BAR_HEIGHT);
      draw_box (self, snapshot, "c1", BAR_HEIGHT / 2, place.x, (int) (CLAMP (share, 0, 1) * BAR_WIDTH + .5), BAR_HEIGHT);
    }
  draw_layout (self, snapshot, value, NULL, TRUE, place.x, place.width - share_room);
  draw_layout (self, snapshot, part, "dim", TRUE, place.x + place.width - share_room, share_room);
}

static void
draw_trend (MemscopeCallLine        *self,
            GtkSnapshot             *snapshot,
            MemscopeCallColumnPlace  place)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const float *trend = memscope_call_tree_get_trend (self->tree, self->node);
  GdkRGBA color;

  if (trend == NULL)
    return;

  memscope_palette_get (widget, "dim", &color);
  memscope_sparkline_draw (snapshot,
                           &GRAPHENE_RECT_INIT ((float) place.x, 1, (float) place.width, (float) gtk_widget_get_height (widget) - 2),
                           &color, trend, MEMSCOPE_FLAME_TREND_POINTS);
}

static void
draw_cell (MemscopeCallLine        *self,
           GtkSnapshot             *snapshot,
           MemscopeCallColumn       column,
           MemscopeCallColumnPlace  place)
{
  g_autofree char *text = memscope_call_column_dup_text (column, self->tree, self->node);
  g_autoptr(PangoLayout) layout = memscope_palette_layout (GTK_WIDGET (self), text, .95, FALSE);

  if (column == MEMSCOPE_CALL_COLUMN_PLACE)
    pango_attr_list_insert (pango_layout_get_attributes (layout), pango_attr_family_new ("monospace"));
  draw_layout (self, snapshot, layout, column == MEMSCOPE_CALL_COLUMN_PLACE ? "dim" : NULL,
               memscope_call_column_is_number (column), place.x, place.width);
}

static void
memscope_call_line_snapshot (GtkWidget   *widget,
                             GtkSnapshot *snapshot)
{
  MemscopeCallLine *self = MEMSCOPE_CALL_LINE (widget);
  MemscopeCallColumnPlace places[MEMSCOPE_CALL_N_COLUMNS];

  if (self->tree == NULL)
    return;

  memscope_call_columns_place (widget, self->tree, gtk_widget_get_width (widget), places);
  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    {
      if (places[column].width == 0)
        continue;
      if (column == MEMSCOPE_CALL_COLUMN_NAME)
        draw_name (self, snapshot, places[column]);
      else if (column == MEMSCOPE_CALL_COLUMN_TOTAL)
        draw_total (self, snapshot, places[column]);
      else if (column == MEMSCOPE_CALL_COLUMN_TREND)
        draw_trend (self, snapshot, places[column]);
      else
        draw_cell (self, snapshot, column, places[column]);
    }
}

/* ---- the widget ---------------------------------------------------------- */

static void
memscope_call_line_measure (GtkWidget      *widget,
                            GtkOrientation  orientation,
                            int             for_size,
                            int            *minimum,
                            int            *natural,
                            int            *minimum_baseline,
                            int            *natural_baseline)
{
  MemscopeCallLine *self = MEMSCOPE_CALL_LINE (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = *natural = MIN_WIDTH;
      return;
    }

  if (self->line_height == 0)
    {
      g_autoptr(PangoLayout) line = memscope_palette_layout (widget, "Ág", .95, TRUE);

      pango_layout_get_pixel_size (line, NULL, &self->line_height);
    }
  *minimum = *natural = MAX (self->line_height, ARROW_SIZE);
}

/* Text scaling changes how high lines are. */
static void
memscope_call_line_system_setting_changed (GtkWidget        *widget,
                                           GtkSystemSetting  setting)
{
  MEMSCOPE_CALL_LINE (widget)->line_height = 0;
  GTK_WIDGET_CLASS (memscope_call_line_parent_class)->system_setting_changed (widget, setting);
  gtk_widget_queue_resize (widget);
}

static gboolean
memscope_call_line_query_tooltip (GtkWidget  *widget,
                                  int         x,
                                  int         y,
                                  gboolean    keyboard,
                                  GtkTooltip *tooltip)
{
  MemscopeCallLine *self = MEMSCOPE_CALL_LINE (widget);
  MemscopeCallColumnPlace places[MEMSCOPE_CALL_N_COLUMNS];
  g_autofree char *text = NULL;

  if (self->tree == NULL)
    return FALSE;

  memscope_call_columns_place (widget, self->tree, gtk_widget_get_width (widget), places);
  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS && !keyboard; column++)
    {
      if (places[column].width == 0 || x < places[column].x || x >= places[column].x + places[column].width)
        continue;
      if (column == MEMSCOPE_CALL_COLUMN_PLACE)
        text = memscope_call_tree_dup_place (self->tree, self->node);
      else if (column == MEMSCOPE_CALL_COLUMN_TOTAL)
        text = memscope_call_tree_dup_exact (self->tree, memscope_call_tree_get_total (self->tree, self->node));
      else if (column == MEMSCOPE_CALL_COLUMN_TREND)
        text = memscope_call_column_dup_text (column, self->tree, self->node);
    }
  if (text == NULL || *text == '\0')
    {
      g_free (text);
      text = memscope_call_tree_dup_summary (self->tree, self->node);
    }
  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static void
memscope_call_line_dispose (GObject *object)
{
  MemscopeCallLine *self = MEMSCOPE_CALL_LINE (object);

  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  g_clear_pointer (&self->needle, g_free);

  G_OBJECT_CLASS (memscope_call_line_parent_class)->dispose (object);
}

static void
memscope_call_line_class_init (MemscopeCallLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_call_line_dispose;
  widget_class->snapshot = memscope_call_line_snapshot;
  widget_class->measure = memscope_call_line_measure;
  widget_class->query_tooltip = memscope_call_line_query_tooltip;
  widget_class->system_setting_changed = memscope_call_line_system_setting_changed;

  gtk_widget_class_set_css_name (widget_class, "callline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TREE_ITEM);
}

static void
memscope_call_line_init (MemscopeCallLine *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
memscope_call_line_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_CALL_LINE, NULL);
}

/* As a sighted person reads it, with the titles. */
static char *
describe (MemscopeCallLine *self)
{
  g_autofree char *name = memscope_call_tree_dup_name (self->tree, self->node);
  g_autofree char *total = memscope_call_column_dup_text (MEMSCOPE_CALL_COLUMN_TOTAL, self->tree, self->node);
  g_autofree char *share = memscope_measure_dup_share (memscope_call_tree_get_share (self->tree, self->node));
  GString *text = g_string_new (NULL);

  /* Translators: function, measure ("Live bytes"), weight, share of all */
  g_string_append_printf (text, _("%s, %s %s, %s"), name,
                          memscope_call_column_get_title (MEMSCOPE_CALL_COLUMN_TOTAL, self->tree), total, share);
  for (MemscopeCallColumn column = 0; column < MEMSCOPE_CALL_N_COLUMNS; column++)
    {
      g_autofree char *cell = NULL;

      if (column == MEMSCOPE_CALL_COLUMN_NAME || column == MEMSCOPE_CALL_COLUMN_TOTAL ||
          !memscope_call_column_is_needed (column, self->tree))
        continue;
      cell = memscope_call_column_dup_text (column, self->tree, self->node);
      if (*cell != '\0')
        g_string_append_printf (text, ", %s %s", memscope_call_column_get_title (column, self->tree), cell);
    }

  return g_string_free (text, FALSE);
}

void
memscope_call_line_set (MemscopeCallLine *self,
                        MemscopeCallRows *rows,
                        guint             position,
                        const char       *needle)
{
  MemscopeCallRow row;
  g_autofree char *spoken = NULL;

  g_return_if_fail (MEMSCOPE_IS_CALL_LINE (self));

  row = memscope_call_rows_get (rows, position);
  g_clear_pointer (&self->tree, memscope_call_tree_unref);
  self->tree = memscope_call_tree_ref (memscope_call_rows_get_tree (rows));
  self->node = row.node;
  self->depth = row.depth;
  self->can_open = memscope_call_rows_can_open (rows, row.node);
  self->open = memscope_call_rows_is_open (rows, row.node);
  g_free (self->needle);
  self->needle = g_strdup (needle);
  gtk_widget_queue_draw (GTK_WIDGET (self));

  spoken = describe (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  GTK_ACCESSIBLE_PROPERTY_LEVEL, (int) row.depth + 1,
                                  -1);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_RELATION_POS_IN_SET, (int) position + 1,
                                  GTK_ACCESSIBLE_RELATION_SET_SIZE, (int) memscope_call_rows_get_n (rows),
                                  -1);
  if (self->can_open)
    gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_EXPANDED, self->open, -1);
  else
    gtk_accessible_reset_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_EXPANDED);
}

void
memscope_call_line_set_selected (MemscopeCallLine *self,
                                 gboolean          selected)
{
  g_return_if_fail (MEMSCOPE_IS_CALL_LINE (self));

  if (selected)
    gtk_widget_set_state_flags (GTK_WIDGET (self), GTK_STATE_FLAG_SELECTED, FALSE);
  else
    gtk_widget_unset_state_flags (GTK_WIDGET (self), GTK_STATE_FLAG_SELECTED);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED, selected, -1);
}

guint32
memscope_call_line_get_node (MemscopeCallLine *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CALL_LINE (self), MEMSCOPE_CALL_NONE);

  return self->node;
}

gboolean
memscope_call_line_is_on_arrow (MemscopeCallLine *self,
                                double            x)
{
  GtkWidget *widget = GTK_WIDGET (self);
  MemscopeCallColumnPlace places[MEMSCOPE_CALL_N_COLUMNS];
  int start;

  g_return_val_if_fail (MEMSCOPE_IS_CALL_LINE (self), FALSE);

  if (self->tree == NULL || !self->can_open)
    return FALSE;

  memscope_call_columns_place (widget, self->tree, gtk_widget_get_width (widget), places);
  start = places[MEMSCOPE_CALL_COLUMN_NAME].x + get_indent (self, places[MEMSCOPE_CALL_COLUMN_NAME].width);

  return x >= start && x < start + ARROW_ROOM;
}

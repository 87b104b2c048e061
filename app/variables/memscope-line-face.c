/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-line-face.h"
#include "memscope-palette.h"
#include "memscope-table-columns.h"

#define STAGE_ICON_SIZE 14
#define MIN_WIDTH       200

struct _MemscopeLineFace
{
  GtkWidget        parent_instance;

  MemscopeSession *session;
  MemscopeGroup    group;
  int              line_height;
};

G_DEFINE_FINAL_TYPE (MemscopeLineFace, memscope_line_face, GTK_TYPE_WIDGET)

static PangoLayout *
memscope_line_face_layout (MemscopeLineFace *self,
                           MemscopeColumn    column,
                           int               width)
{
  g_autofree char *text = memscope_column_dup_text (column, self->session, &self->group);
  PangoLayout *layout = memscope_palette_layout (GTK_WIDGET (self), text, .92,
                                                 column == MEMSCOPE_COLUMN_NAME || column == MEMSCOPE_COLUMN_STAGE);

  if (memscope_column_is_code (column))
    pango_attr_list_insert (pango_layout_get_attributes (layout), pango_attr_family_new ("monospace"));
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_width (layout, width * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  /* Names read from the left whatever they are made of. */
  pango_layout_set_auto_dir (layout, FALSE);
  pango_layout_set_alignment (layout, memscope_column_is_number (column) ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);

  return layout;
}

static void
memscope_line_face_draw_icon (MemscopeLineFace *self,
                              GtkSnapshot      *snapshot,
                              int               x,
                              const GdkRGBA    *color)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
  g_autoptr(GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (theme, memscope_stage_get_icon_name (self->group.stage), NULL,
                                                                 STAGE_ICON_SIZE, gtk_widget_get_scale_factor (widget),
                                                                 GTK_TEXT_DIR_NONE, 0);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) (gtk_widget_get_height (widget) - STAGE_ICON_SIZE) / 2));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, STAGE_ICON_SIZE, STAGE_ICON_SIZE, color, 1);
  gtk_snapshot_restore (snapshot);
}

static void
memscope_line_face_draw_cell (MemscopeLineFace    *self,
                              GtkSnapshot         *snapshot,
                              MemscopeColumn       column,
                              MemscopeColumnPlace  place)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr(PangoLayout) layout = NULL;
  GdkRGBA color;
  int height;

  if (column == MEMSCOPE_COLUMN_STAGE)
    {
      memscope_palette_get (widget, memscope_stage_get_color (self->group.stage), &color);
      memscope_line_face_draw_icon (self, snapshot, place.x, &color);
      place.x += STAGE_ICON_SIZE + 5;
      place.width -= STAGE_ICON_SIZE + 5;
    }
  else if (column == MEMSCOPE_COLUMN_SOURCE || column == MEMSCOPE_COLUMN_TYPE || column == MEMSCOPE_COLUMN_THREAD)
    {
      memscope_palette_get (widget, "dim", &color);
    }
  else
    {
      gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
    }

  layout = memscope_line_face_layout (self, column, place.width);
  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) place.x, (float) (gtk_widget_get_height (widget) - height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
memscope_line_face_snapshot (GtkWidget   *widget,
                             GtkSnapshot *snapshot)
{
  MemscopeLineFace *self = MEMSCOPE_LINE_FACE (widget);
  MemscopeColumnPlace places[MEMSCOPE_N_COLUMNS];

  if (self->session == NULL)
    return;

  memscope_columns_place (gtk_widget_get_width (widget), places);
  for (MemscopeColumn column = 0; column < MEMSCOPE_N_COLUMNS; column++)
    {
      if (places[column].width > 0)
        memscope_line_face_draw_cell (self, snapshot, column, places[column]);
    }
}

static void
memscope_line_face_measure (GtkWidget      *widget,
                            GtkOrientation  orientation,
                            int             for_size,
                            int            *minimum,
                            int            *natural,
                            int            *minimum_baseline,
                            int            *natural_baseline)
{
  MemscopeLineFace *self = MEMSCOPE_LINE_FACE (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = *natural = MIN_WIDTH;
      return;
    }

  if (self->line_height == 0)
    {
      g_autoptr(PangoLayout) line = memscope_palette_layout (widget, "Ág", .92, TRUE);

      pango_layout_get_pixel_size (line, NULL, &self->line_height);
    }
  *minimum = *natural = MAX (self->line_height, STAGE_ICON_SIZE);
}

/* Text scaling changes how high lines are. */
static void
memscope_line_face_system_setting_changed (GtkWidget        *widget,
                                           GtkSystemSetting  setting)
{
  MEMSCOPE_LINE_FACE (widget)->line_height = 0;
  GTK_WIDGET_CLASS (memscope_line_face_parent_class)->system_setting_changed (widget, setting);
  gtk_widget_queue_resize (widget);
}

static void
memscope_line_face_dispose (GObject *object)
{
  g_clear_object (&MEMSCOPE_LINE_FACE (object)->session);

  G_OBJECT_CLASS (memscope_line_face_parent_class)->dispose (object);
}

static void
memscope_line_face_class_init (MemscopeLineFaceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_line_face_dispose;
  widget_class->snapshot = memscope_line_face_snapshot;
  widget_class->measure = memscope_line_face_measure;
  widget_class->system_setting_changed = memscope_line_face_system_setting_changed;

  gtk_widget_class_set_css_name (widget_class, "lineface");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
memscope_line_face_init (MemscopeLineFace *self)
{
  memscope_palette_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
memscope_line_face_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_LINE_FACE, NULL);
}

void
memscope_line_face_set_group (MemscopeLineFace    *self,
                              MemscopeSession     *session,
                              const MemscopeGroup *group)
{
  g_return_if_fail (MEMSCOPE_IS_LINE_FACE (self));
  g_return_if_fail (group != NULL);

  g_set_object (&self->session, session);
  self->group = *group;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-donut.h"
#include "memscope-sparkline.h"
#include "memscope-stat-tile.h"

struct _MemscopeStatTile
{
  GtkButton          parent_instance;

  char              *heading;
  char              *color;

  GtkLabel          *heading_label;
  GtkLabel          *number_label;
  GtkLabel          *unit_label;
  GtkLabel          *context_label;
  MemscopeSparkline *sparkline;
  MemscopeDonut     *donut;
};

enum {
  PROP_0,
  PROP_HEADING,
  PROP_COLOR,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (MemscopeStatTile, memscope_stat_tile, GTK_TYPE_BUTTON)

static GParamSpec *properties[N_PROPS];

static void
memscope_stat_tile_finalize (GObject *object)
{
  MemscopeStatTile *self = MEMSCOPE_STAT_TILE (object);

  g_clear_pointer (&self->heading, g_free);
  g_clear_pointer (&self->color, g_free);

  G_OBJECT_CLASS (memscope_stat_tile_parent_class)->finalize (object);
}

static void
memscope_stat_tile_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  MemscopeStatTile *self = MEMSCOPE_STAT_TILE (object);

  switch (prop_id)
    {
    case PROP_HEADING:
      g_value_set_string (value, self->heading);
      break;

    case PROP_COLOR:
      g_value_set_string (value, self->color);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_stat_tile_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  MemscopeStatTile *self = MEMSCOPE_STAT_TILE (object);

  switch (prop_id)
    {
    case PROP_HEADING:
      g_free (self->heading);
      self->heading = g_value_dup_string (value);
      gtk_label_set_text (self->heading_label, self->heading);
      break;

    case PROP_COLOR:
      g_free (self->color);
      self->color = g_value_dup_string (value);
      if (self->color != NULL)
        memscope_sparkline_set_color (self->sparkline, self->color);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_stat_tile_class_init (MemscopeStatTileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->finalize = memscope_stat_tile_finalize;
  object_class->get_property = memscope_stat_tile_get_property;
  object_class->set_property = memscope_stat_tile_set_property;

  properties[PROP_HEADING] =
    g_param_spec_string ("heading", NULL, NULL, NULL,
                         (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  properties[PROP_COLOR] =
    g_param_spec_string ("color", NULL, NULL, NULL,
                         (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (MEMSCOPE_TYPE_SPARKLINE);
  g_type_ensure (MEMSCOPE_TYPE_DONUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-stat-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeStatTile, heading_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStatTile, number_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStatTile, unit_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStatTile, context_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStatTile, sparkline);
  gtk_widget_class_bind_template_child (widget_class, MemscopeStatTile, donut);
}

static void
memscope_stat_tile_init (MemscopeStatTile *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
memscope_stat_tile_set (MemscopeStatTile *self,
                        const char       *number,
                        const char       *unit,
                        const char       *context,
                        const char       *exact)
{
  g_autofree char *spoken = NULL;

  g_return_if_fail (MEMSCOPE_IS_STAT_TILE (self));

  gtk_label_set_text (self->number_label, number);
  gtk_label_set_text (self->unit_label, unit);
  gtk_label_set_text (self->context_label, context);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), exact);

  spoken = g_strdup_printf ("%s: %s %s. %s", self->heading, number, unit, context);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
}

void
memscope_stat_tile_set_values (MemscopeStatTile *self,
                               const float      *values,
                               guint             n_values)
{
  g_return_if_fail (MEMSCOPE_IS_STAT_TILE (self));

  gtk_widget_set_visible (GTK_WIDGET (self->sparkline), values != NULL);
  if (values != NULL)
    memscope_sparkline_set_values (self->sparkline, values, n_values);
}

void
memscope_stat_tile_set_share (MemscopeStatTile *self,
                              double            share)
{
  g_return_if_fail (MEMSCOPE_IS_STAT_TILE (self));

  gtk_widget_set_visible (GTK_WIDGET (self->donut), share >= 0);
  if (share >= 0)
    memscope_donut_set_share (self->donut, share);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "memscope-palette.h"

void
memscope_palette_get (GtkWidget  *widget,
                      const char *name,
                      GdkRGBA    *color)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  char full[64];

  g_snprintf (full, sizeof full, "ms_%s", name);
  if (!gtk_style_context_lookup_color (context, full, color))
    gtk_style_context_get_color (context, color);
}

void
memscope_palette_watch (GtkWidget *widget,
                        GCallback  changed)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  g_signal_connect_object (manager, "notify::dark", changed, widget, G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast", changed, widget, G_CONNECT_SWAPPED);
}

const char *
memscope_stage_get_word (MemscopeStage stage)
{
  switch (stage)
    {
    case MEMSCOPE_STAGE_ALLOCATED:
      return C_("stage", "allocated");
    case MEMSCOPE_STAGE_ACTIVE:
      return C_("stage", "active");
    case MEMSCOPE_STAGE_SHARED:
      return C_("stage", "shared");
    case MEMSCOPE_STAGE_FREED:
    default:
      return C_("stage", "freed");
    }
}

const char *
memscope_stage_get_icon_name (MemscopeStage stage)
{
  switch (stage)
    {
    case MEMSCOPE_STAGE_ALLOCATED:
      return "memscope-stage-allocated-symbolic";
    case MEMSCOPE_STAGE_ACTIVE:
      return "memscope-stage-active-symbolic";
    case MEMSCOPE_STAGE_SHARED:
      return "memscope-stage-shared-symbolic";
    case MEMSCOPE_STAGE_FREED:
    default:
      return "memscope-stage-freed-symbolic";
    }
}

const char *
memscope_stage_get_color (MemscopeStage stage)
{
  switch (stage)
    {
    case MEMSCOPE_STAGE_ALLOCATED:
      return "stage_allocated";
    case MEMSCOPE_STAGE_ACTIVE:
      return "stage_active";
    case MEMSCOPE_STAGE_SHARED:
      return "stage_shared";
    case MEMSCOPE_STAGE_FREED:
    default:
      return "stage_freed";
    }
}

const char *
memscope_stage_get_meaning (MemscopeStage stage)
{
  switch (stage)
    {
    case MEMSCOPE_STAGE_ALLOCATED:
      return _("Live, and nothing happened to it lately");
    case MEMSCOPE_STAGE_ACTIVE:
      return _("Live, and allocated, resized or freed in the last tenth of the time since its first event");
    case MEMSCOPE_STAGE_SHARED:
      return _("Live, with evidence of more than one holder");
    case MEMSCOPE_STAGE_FREED:
    default:
      return _("Nothing of it is live");
    }
}

void
memscope_palette_append_text (GtkSnapshot   *snapshot,
                              PangoLayout   *layout,
                              const GdkRGBA *color,
                              double         x,
                              double         y,
                              double         xalign)
{
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x - width * xalign, y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

PangoLayout *
memscope_palette_layout (GtkWidget  *widget,
                         const char *text,
                         double      scale,
                         gboolean    bold)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (widget, text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, attributes);

  return layout;
}

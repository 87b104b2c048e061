/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-text.h"
#include "memscope-timeline-handle.h"

struct _MemscopeTimelineHandle
{
  GtkWidget             parent_instance;

  MemscopeTimelineWhich which;
};

G_DEFINE_FINAL_TYPE (MemscopeTimelineHandle, memscope_timeline_handle, GTK_TYPE_WIDGET)

static void
memscope_timeline_handle_snapshot (GtkWidget   *widget,
                                   GtkSnapshot *snapshot)
{
  if (gtk_widget_has_visible_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0,
                               gtk_widget_get_width (widget), gtk_widget_get_height (widget));
}

static void
memscope_timeline_handle_class_init (MemscopeTimelineHandleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = memscope_timeline_handle_snapshot;

  gtk_widget_class_set_css_name (widget_class, "timelinehandle");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
}

static void
memscope_timeline_handle_init (MemscopeTimelineHandle *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
}

GtkWidget *
memscope_timeline_handle_new (MemscopeTimelineWhich which)
{
  static const char *const names[] = { N_("Begin of the range"), N_("Instant"), N_("End of the range") };
  MemscopeTimelineHandle *self = g_object_new (MEMSCOPE_TYPE_TIMELINE_HANDLE, NULL);

  self->which = which;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _(names[which]),
                                  GTK_ACCESSIBLE_PROPERTY_ORIENTATION, GTK_ORIENTATION_HORIZONTAL,
                                  -1);

  return GTK_WIDGET (self);
}

MemscopeTimelineWhich
memscope_timeline_handle_get_which (MemscopeTimelineHandle *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_TIMELINE_HANDLE (self), MEMSCOPE_TIMELINE_INSTANT);

  return self->which;
}

void
memscope_timeline_handle_set_time (MemscopeTimelineHandle *self,
                                   guint64                 value,
                                   guint64                 max)
{
  g_autofree char *text = NULL;

  g_return_if_fail (MEMSCOPE_IS_TIMELINE_HANDLE (self));

  text = memscope_text_time (value, max);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, max / 1e9,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, value / 1e9,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text,
                                  -1);
}

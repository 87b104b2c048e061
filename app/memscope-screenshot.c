/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-query.h"
#include "memscope-screenshot.h"

/* Frames without any work under way before the picture counts as final. */
#define QUIET_FRAMES 12

typedef struct
{
  MemscopeWindow         *window;
  char                   *path;
  MemscopeScreenshotDone  done;
  gpointer                user_data;
  guint                   quiet;
} Screenshot;

static gboolean
write_picture (GtkWidget   *window,
               const char  *path,
               GError     **error)
{
  g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr(GskRenderNode) node = NULL;
  g_autoptr(GdkTexture) texture = NULL;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  int width = gtk_widget_get_width (window);
  int height = gtk_widget_get_height (window);

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The window drew nothing"));
      return FALSE;
    }

  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (!gdk_texture_save_to_png (texture, path))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("Cannot write “%s”"), path);
      return FALSE;
    }

  return TRUE;
}

static void
screenshot_free (Screenshot *self)
{
  g_free (self->path);
  g_free (self);
}

/* Only right after a frame was painted does the window have something to copy. */
static void
screenshot_after_paint (GdkFrameClock *clock,
                        Screenshot    *self)
{
  g_autoptr(GError) error = NULL;

  if (memscope_window_is_loading (self->window) || memscope_query_count () > 0)
    self->quiet = 0;
  else
    self->quiet++;

  if (self->quiet < QUIET_FRAMES)
    {
      gtk_widget_queue_draw (GTK_WIDGET (self->window));
      return;
    }

  g_signal_handlers_disconnect_by_data (clock, self);
  write_picture (GTK_WIDGET (self->window), self->path, &error);
  self->done (error, self->user_data);
  screenshot_free (self);
}

void
memscope_screenshot_take (MemscopeWindow         *window,
                          const char             *path,
                          MemscopeScreenshotDone  done,
                          gpointer                user_data)
{
  Screenshot *self;

  g_return_if_fail (MEMSCOPE_IS_WINDOW (window));
  g_return_if_fail (path != NULL);

  /* Pages that fade into each other would still be doing so. */
  g_object_set (gtk_widget_get_settings (GTK_WIDGET (window)), "gtk-enable-animations", FALSE, NULL);

  /* The frame for dragging the window's edges is no part of the picture. */
  gtk_widget_remove_css_class (GTK_WIDGET (window), "solid-csd");

  self = g_new0 (Screenshot, 1);
  self->window = window;
  self->path = g_strdup (path);
  self->done = done;
  self->user_data = user_data;
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (window)), "after-paint",
                    G_CALLBACK (screenshot_after_paint), self);
  gtk_widget_queue_draw (GTK_WIDGET (window));
}

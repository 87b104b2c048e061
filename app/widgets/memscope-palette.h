/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-stage.h"

G_BEGIN_DECLS

/* Colours for drawing, by the names that style.css defines (light, dark and
 * high contrast each have their own), and words and icons of the stages.
 */

/* @name: "c1" … "c8", "stage_active" …, "grid", "dim", "line" */
void        memscope_palette_get         (GtkWidget     *widget,
                                          const char    *name,
                                          GdkRGBA       *color);
/* Have @widget call @changed (gtk_widget_queue_draw() for most) when the colours change. */
void        memscope_palette_watch       (GtkWidget     *widget,
                                          GCallback      changed);

const char *memscope_stage_get_word      (MemscopeStage  stage);   /* translated */
const char *memscope_stage_get_icon_name (MemscopeStage  stage);
const char *memscope_stage_get_color     (MemscopeStage  stage);   /* for memscope_palette_get() */
const char *memscope_stage_get_meaning   (MemscopeStage  stage);   /* translated sentence */

/* Text at a place, for drawing widgets. @xalign: 0 @x is its left edge … 1 its right. */
void        memscope_palette_append_text (GtkSnapshot   *snapshot,
                                          PangoLayout   *layout,
                                          const GdkRGBA *color,
                                          double         x,
                                          double         y,
                                          double         xalign);
/* A layout in the widget's font, times @scale, bold or not. */
PangoLayout *memscope_palette_layout     (GtkWidget     *widget,
                                          const char    *text,
                                          double         scale,
                                          gboolean       bold);

G_END_DECLS

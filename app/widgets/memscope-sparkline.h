/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_SPARKLINE (memscope_sparkline_get_type ())

/* A small area chart without axes. The values are spoken by its neighbours, so
 * it is presentation only.
 */
G_DECLARE_FINAL_TYPE (MemscopeSparkline, memscope_sparkline, MEMSCOPE, SPARKLINE, GtkWidget)

GtkWidget *memscope_sparkline_new        (void);
void       memscope_sparkline_set_values (MemscopeSparkline *self,
                                          const float       *values,
                                          guint              n_values);
/* A name of memscope_palette_get(). */
void       memscope_sparkline_set_color  (MemscopeSparkline *self,
                                          const char        *color);

/* The same drawing for widgets that draw themselves. */
void       memscope_sparkline_draw       (GtkSnapshot           *snapshot,
                                          const graphene_rect_t *area,
                                          const GdkRGBA         *color,
                                          const float           *values,
                                          guint                  n_values);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-call-rows.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CALL_LINE (memscope_call_line_get_type ())

/* A row of the table of calls, drawn: no widget stands for a number. */
G_DECLARE_FINAL_TYPE (MemscopeCallLine, memscope_call_line, MEMSCOPE, CALL_LINE, GtkWidget)

GtkWidget *memscope_call_line_new          (void);
/* Row @position of @rows. @needle: folded, what to mark in the name; "" for nothing. */
void       memscope_call_line_set          (MemscopeCallLine *self,
                                            MemscopeCallRows *rows,
                                            guint             position,
                                            const char       *needle);
void       memscope_call_line_set_selected (MemscopeCallLine *self,
                                            gboolean          selected);
guint32    memscope_call_line_get_node     (MemscopeCallLine *self);
/* @x, in the line, is on the arrow that opens and closes the row. */
gboolean   memscope_call_line_is_on_arrow  (MemscopeCallLine *self,
                                            double            x);

G_END_DECLS

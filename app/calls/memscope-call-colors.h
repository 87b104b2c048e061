/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-call-tree.h"

G_BEGIN_DECLS

/* Neighbours of one module differ a little, so that they are told apart. */
#define MEMSCOPE_CALL_SHADES 3

/* A module's colour, as it is for what is looked for and for the rest, each with
 * the ink that is best read on it.
 */
typedef struct
{
  GdkRGBA fill;
  GdkRGBA on_fill;
  GdkRGBA pale;
  GdkRGBA on_pale;
} MemscopeCallInk;

/* By memscope_call_tree_get_color(), in the colours of the widget's style. */
void        memscope_call_colors_get      (GtkWidget       *widget,
                                           MemscopeCallInk  inks[MEMSCOPE_CALL_N_COLORS][MEMSCOPE_CALL_SHADES]);
/* Of all places of a function, the same. */
guint       memscope_call_colors_get_shade (const MemscopeFlameNode *node);
/* The style class of a swatch: "c1" … "c8". */
const char *memscope_call_colors_get_name (guint            color);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_COLUMNS (memscope_columns_get_type ())

/* Two boxes side by side where there is room, one below the other where there is not:
 * the first takes what the second, of a fixed width, leaves.
 */
G_DECLARE_FINAL_TYPE (MemscopeColumns, memscope_columns, MEMSCOPE, COLUMNS, GtkWidget)

/* @second_width: of the second column; from twice that on they stand side by side. */
GtkWidget *memscope_columns_new        (int              second_width,
                                        int              spacing);
/* To be filled; owned by the columns. */
GtkBox    *memscope_columns_get_first  (MemscopeColumns *self);
GtkBox    *memscope_columns_get_second (MemscopeColumns *self);

G_END_DECLS

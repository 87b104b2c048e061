/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_DONUT (memscope_donut_get_type ())

/* A share of a whole as a ring. An ornament: the number stands beside it. */
G_DECLARE_FINAL_TYPE (MemscopeDonut, memscope_donut, MEMSCOPE, DONUT, GtkWidget)

void memscope_donut_set_share (MemscopeDonut *self,
                               double         share);   /* 0 … 1 */

G_END_DECLS

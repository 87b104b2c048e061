/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-groups.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_LINE_FACE (memscope_line_face_get_type ())

/* What is on a line of the table, drawn: as #MemscopeCardFace, in one line. */
G_DECLARE_FINAL_TYPE (MemscopeLineFace, memscope_line_face, MEMSCOPE, LINE_FACE, GtkWidget)

GtkWidget *memscope_line_face_new       (void);
void       memscope_line_face_set_group (MemscopeLineFace    *self,
                                         MemscopeSession     *session,
                                         const MemscopeGroup *group);

G_END_DECLS

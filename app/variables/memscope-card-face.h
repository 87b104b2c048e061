/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-groups.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CARD_FACE (memscope_card_face_get_type ())

/* What is on a card, drawn: hundreds exist at a time, and only those on screen
 * lay out text.
 */
G_DECLARE_FINAL_TYPE (MemscopeCardFace, memscope_card_face, MEMSCOPE, CARD_FACE, GtkWidget)

GtkWidget *memscope_card_face_new       (void);
void       memscope_card_face_set_group (MemscopeCardFace    *self,
                                         MemscopeSession     *session,
                                         const MemscopeGroup *group);

G_END_DECLS

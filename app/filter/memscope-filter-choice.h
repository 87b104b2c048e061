/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FILTER_CHOICE (memscope_filter_choice_get_type ())

/**
 * MemscopeFilterChoice:
 *
 * A thread, module or kind that can be chosen: its id, its name, what it has
 * live, and whether it is chosen.
 */
G_DECLARE_FINAL_TYPE (MemscopeFilterChoice, memscope_filter_choice, MEMSCOPE, FILTER_CHOICE, GObject)

MemscopeFilterChoice *memscope_filter_choice_new        (guint32               id,
                                                         const char           *label,
                                                         const char           *detail);
guint32               memscope_filter_choice_get_id     (MemscopeFilterChoice *self);
const char           *memscope_filter_choice_get_label  (MemscopeFilterChoice *self);
const char           *memscope_filter_choice_get_detail (MemscopeFilterChoice *self);
gboolean              memscope_filter_choice_get_chosen (MemscopeFilterChoice *self);
void                  memscope_filter_choice_set_chosen (MemscopeFilterChoice *self,
                                                         gboolean              chosen);

G_END_DECLS

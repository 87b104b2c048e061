/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

#include "memscope-groups.h"
#include "memscope-selection.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_VIEW_STATE (memscope_view_state_get_type ())

/**
 * MemscopeViewState:
 *
 * What a window looks at, one for all its views: the session, the selection
 * (range, instant, threads, text), the time axis on screen, and the card that
 * is inspected. Views watch `notify::selection`, `notify::axis` and
 * `notify::group`; whoever changes something changes it here.
 */
G_DECLARE_FINAL_TYPE (MemscopeViewState, memscope_view_state, MEMSCOPE, VIEW_STATE, GObject)

MemscopeViewState   *memscope_view_state_new            (MemscopeSession     *session);
MemscopeSession     *memscope_view_state_get_session    (MemscopeViewState   *self);
MemscopeSelection   *memscope_view_state_get_selection  (MemscopeViewState   *self);

/* The same but for range and instant: what a time axis over everything needs. */
MemscopeSelection   *memscope_view_state_dup_unranged   (MemscopeViewState   *self);
/* The same but for the text: what "n of m" compares with. */
MemscopeSelection   *memscope_view_state_dup_untexted   (MemscopeViewState   *self);

guint64              memscope_view_state_get_end        (MemscopeViewState   *self);  /* of the whole recording, exclusive */
gboolean             memscope_view_state_has_range      (MemscopeViewState   *self);
void                 memscope_view_state_set_range      (MemscopeViewState   *self,
                                                         guint64              begin,
                                                         guint64              end);
void                 memscope_view_state_clear_range    (MemscopeViewState   *self);
void                 memscope_view_state_set_instant    (MemscopeViewState   *self,
                                                         guint64              instant);
void                 memscope_view_state_set_text       (MemscopeViewState   *self,
                                                         const char          *text);
void                 memscope_view_state_set_thread     (MemscopeViewState   *self,
                                                         MemscopeThreadId     thread);  /* 0: all */
MemscopeThreadId     memscope_view_state_get_thread     (MemscopeViewState   *self);

/* The part of the time axis on screen. */
void                 memscope_view_state_get_axis       (MemscopeViewState   *self,
                                                         guint64             *begin,
                                                         guint64             *end);
void                 memscope_view_state_zoom           (MemscopeViewState   *self,
                                                         double               factor,
                                                         guint64              center);
void                 memscope_view_state_zoom_fit       (MemscopeViewState   *self);

/* The inspected card; NULL: none. */
const MemscopeGroup *memscope_view_state_get_group      (MemscopeViewState   *self);
void                 memscope_view_state_set_group      (MemscopeViewState   *self,
                                                         const MemscopeGroup *group);

gboolean             memscope_group_same_key            (const MemscopeGroup *a,
                                                         const MemscopeGroup *b);

G_END_DECLS

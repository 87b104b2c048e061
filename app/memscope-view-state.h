/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

#include "memscope-view-history.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_VIEW_STATE (memscope_view_state_get_type ())

/**
 * MemscopeViewState:
 *
 * What a window looks at, one for all its views: the session, the selection
 * (range, instant, threads, modules, kinds, sizes, text), the stages, the time
 * axis on screen, which view is shown, and the card and the block of it that are
 * inspected. Views watch `notify::selection`, `notify::stages`, `notify::axis`,
 * `notify::view`, `notify::group` and `notify::row`; whoever changes something
 * changes it here.
 *
 * A session that is being recorded grows; for the views it does so only when
 * memscope_view_state_grow() says so. A range or instant at the end follows it
 * then, and so does an axis that shows everything; `notify::end` tells the rest.
 *
 * It also keeps the way back: each place where the window stayed for a moment,
 * changes in quick succession (a drag, a replay, typing) being one.
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
/* While the session grows. `notify::live`. */
gboolean             memscope_view_state_is_live        (MemscopeViewState   *self);
void                 memscope_view_state_set_live       (MemscopeViewState   *self,
                                                         gboolean             live);
/* Takes in what the session has gained. FALSE: nothing. */
gboolean             memscope_view_state_grow           (MemscopeViewState   *self);
/* Whether range and instant move with the end. */
gboolean             memscope_view_state_is_following   (MemscopeViewState   *self);
/* The whole time, up to the end: and on with it, while the session grows. */
void                 memscope_view_state_follow         (MemscopeViewState   *self);
gboolean             memscope_view_state_has_range      (MemscopeViewState   *self);
void                 memscope_view_state_set_range      (MemscopeViewState   *self,
                                                         guint64              begin,
                                                         guint64              end);
void                 memscope_view_state_clear_range    (MemscopeViewState   *self);
void                 memscope_view_state_set_instant    (MemscopeViewState   *self,
                                                         guint64              instant);
void                 memscope_view_state_set_text       (MemscopeViewState   *self,
                                                         const char          *text);
/* NULL: all; of no elements: none. */
void                 memscope_view_state_set_threads    (MemscopeViewState   *self,
                                                         const MemscopeThreadId *threads,
                                                         guint                n_threads);
void                 memscope_view_state_set_modules    (MemscopeViewState   *self,
                                                         const MemscopeModuleId *modules,
                                                         guint                n_modules);
void                 memscope_view_state_set_origins    (MemscopeViewState   *self,
                                                         guint                origins);   /* bit 1 << MemscopeOrigin */
void                 memscope_view_state_set_sizes      (MemscopeViewState   *self,
                                                         guint64              min_size,
                                                         guint64              max_size);
/* The ids that are selected (transfer full); NULL and 0: all are. */
MemscopeThreadId    *memscope_view_state_dup_threads    (MemscopeViewState   *self,
                                                         guint               *n_threads);
MemscopeModuleId    *memscope_view_state_dup_modules    (MemscopeViewState   *self,
                                                         guint               *n_modules);

/* Which stages are shown by views that show stages: bit 1 << MemscopeStage; 0: all. */
guint                memscope_view_state_get_stages     (MemscopeViewState   *self);
void                 memscope_view_state_set_stages     (MemscopeViewState   *self,
                                                         guint                stages);

/* Filters are all but time: threads, modules, kinds, sizes, stages, text. */
gboolean             memscope_view_state_has_filters    (MemscopeViewState   *self);
void                 memscope_view_state_clear_filters  (MemscopeViewState   *self);
void                 memscope_view_state_set_selection  (MemscopeViewState   *self,
                                                         MemscopeSelection   *selection);

/* One thread only; 0: all. get: the one that is selected, when it is one. */
void                 memscope_view_state_set_thread     (MemscopeViewState   *self,
                                                         MemscopeThreadId     thread);
MemscopeThreadId     memscope_view_state_get_thread     (MemscopeViewState   *self);

/* The part of the time axis on screen. */
void                 memscope_view_state_get_axis       (MemscopeViewState   *self,
                                                         guint64             *begin,
                                                         guint64             *end);
void                 memscope_view_state_zoom           (MemscopeViewState   *self,
                                                         double               factor,
                                                         guint64              center);
void                 memscope_view_state_zoom_fit       (MemscopeViewState   *self);
/* Brings @begin to @end on screen, as far as there is time. */
void                 memscope_view_state_set_axis       (MemscopeViewState   *self,
                                                         guint64              begin,
                                                         guint64              end);

/* The name of the view on screen; NULL before the first. */
const char          *memscope_view_state_get_view       (MemscopeViewState   *self);
void                 memscope_view_state_set_view       (MemscopeViewState   *self,
                                                         const char          *view);

/* The inspected card; NULL: none. */
const MemscopeGroup *memscope_view_state_get_group      (MemscopeViewState   *self);
void                 memscope_view_state_set_group      (MemscopeViewState   *self,
                                                         const MemscopeGroup *group);

/* The inspected block; MEMSCOPE_UNKNOWN: none in particular, the inspector begins with the first. */
guint64              memscope_view_state_get_row        (MemscopeViewState   *self);
void                 memscope_view_state_set_row        (MemscopeViewState   *self,
                                                         guint64              row);
/* Both at once: @row is one of @group's. */
void                 memscope_view_state_inspect        (MemscopeViewState   *self,
                                                         const MemscopeGroup *group,
                                                         guint64              row);

/* The way back. `notify::can-go-back` and `notify::can-go-forward`. */
gboolean             memscope_view_state_can_go         (MemscopeViewState   *self,
                                                         int                  step);   /* -1 back, 1 forward */
void                 memscope_view_state_go             (MemscopeViewState   *self,
                                                         int                  step);
/* The next (1) or previous (-1) match: emits `find`, which the view on screen
 * answers by going there. FALSE: it has no order of matches.
 */
gboolean             memscope_view_state_find           (MemscopeViewState   *self,
                                                         int                  step);

/* While something is dragged, all changes are one. */
void                 memscope_view_state_begin_gesture  (MemscopeViewState   *self);
void                 memscope_view_state_end_gesture    (MemscopeViewState   *self);
/* Where the window is now is a place of its own, whatever follows. */
void                 memscope_view_state_settle         (MemscopeViewState   *self);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-groups.h"
#include "memscope-selection.h"

G_BEGIN_DECLS

/* What was on screen at one time: all that going back brings back. */
typedef struct
{
  const char        *view;         /* interned; NULL: none yet */
  MemscopeSelection *selection;
  guint              stages;       /* bit 1 << MemscopeStage; 0: all */
  gboolean           has_group;
  MemscopeGroup      group;
} MemscopeViewPlace;

/**
 * MemscopeViewHistory:
 *
 * The places a window has been at, as in a browser: going somewhere new forgets
 * what lay ahead. At most %MEMSCOPE_VIEW_HISTORY_MAX, the oldest is dropped.
 */
typedef struct _MemscopeViewHistory MemscopeViewHistory;

#define MEMSCOPE_VIEW_HISTORY_MAX 100

MemscopeViewHistory     *memscope_view_history_new     (void);
void                     memscope_view_history_free    (MemscopeViewHistory     *self);
/* FALSE: the window is there already, nothing was added. Figures of the inspected
 * group may differ: they are brought up to date.
 */
gboolean                 memscope_view_history_add     (MemscopeViewHistory     *self,
                                                        const MemscopeViewPlace *place);
/* -1 back, 1 forward; NULL: there is nothing. Owned by the history, until the next call. */
const MemscopeViewPlace *memscope_view_history_step    (MemscopeViewHistory     *self,
                                                        int                      step);
gboolean                 memscope_view_history_can     (MemscopeViewHistory     *self,
                                                        int                      step);
gboolean                 memscope_view_place_equal     (const MemscopeViewPlace *a,
                                                        const MemscopeViewPlace *b);

gboolean                 memscope_group_same_key       (const MemscopeGroup     *a,
                                                        const MemscopeGroup     *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeViewHistory, memscope_view_history_free)

G_END_DECLS

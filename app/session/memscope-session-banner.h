/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_SESSION_BANNER (memscope_session_banner_get_type ())

/**
 * MemscopeSessionBanner:
 *
 * How far a recording is to be trusted: that it was not closed, that events were
 * lost and when, that it is of samples, and whatever its reader has to say. The
 * gravest is on the bar, the rest is folded.
 */
G_DECLARE_FINAL_TYPE (MemscopeSessionBanner, memscope_session_banner, MEMSCOPE, SESSION_BANNER, AdwBin)

/* @from_file: FALSE for one that is still being recorded: it is not closed, and need not be. */
void     memscope_session_banner_set_state     (MemscopeSessionBanner *self,
                                                MemscopeViewState     *state,
                                                gboolean               from_file);
void     memscope_session_banner_set_narrow    (MemscopeSessionBanner *self,
                                                gboolean               narrow);
gboolean memscope_session_banner_get_revealed  (MemscopeSessionBanner *self);
/* Closed by hand; `notify::dismissed`. */
gboolean memscope_session_banner_get_dismissed (MemscopeSessionBanner *self);
void     memscope_session_banner_set_dismissed (MemscopeSessionBanner *self,
                                                gboolean               dismissed);

G_END_DECLS

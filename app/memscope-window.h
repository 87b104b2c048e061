/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-launcher.h"
#include "memscope-live-follower.h"
#include "memscope-view-state.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_WINDOW (memscope_window_get_type ())

/**
 * MemscopeWindow:
 *
 * The start page, or one session and its views.
 */
G_DECLARE_FINAL_TYPE (MemscopeWindow, memscope_window, MEMSCOPE, WINDOW, AdwApplicationWindow)

MemscopeWindow    *memscope_window_new         (GtkApplication  *application);
/* Replaces what the window shows; cancels what it was loading. */
void               memscope_window_open        (MemscopeWindow  *self,
                                                GFile           *file);
/* Here when the start page is shown, else each in a window of its own. */
void               memscope_window_open_files  (MemscopeWindow  *self,
                                                GListModel      *files);
void               memscope_window_set_session (MemscopeWindow  *self,
                                                MemscopeSession *session,
                                                GFile           *file);
/* Shows a recording while it is made; @uuid NULL: the first its collector has. */
void               memscope_window_watch       (MemscopeWindow  *self,
                                                const char      *socket,
                                                const char      *uuid);
/* The same of a program that was just launched, whose end is then waited for. */
void               memscope_window_take_launcher (MemscopeWindow   *self,
                                                  MemscopeLauncher *launcher);
/* NULL: nothing live is shown. */
MemscopeLiveFollower *
                   memscope_window_get_follower (MemscopeWindow *self);
gboolean           memscope_window_is_loading  (MemscopeWindow  *self);
gboolean           memscope_window_is_start    (MemscopeWindow  *self);
/* NULL without a session. */
MemscopeViewState *memscope_window_get_state   (MemscopeWindow  *self);
/* "overview" | "variables" | "map" | "calls" | "diagnostics" | "inspector" (the variables with the first one inspected) */
gboolean           memscope_window_show_view   (MemscopeWindow  *self,
                                                const char      *name);
gboolean           memscope_window_is_view     (const char      *name);
/* The diagnostics, with the largest leak selected. */
void               memscope_window_show_leaks  (MemscopeWindow  *self);
void               memscope_window_toast       (MemscopeWindow  *self,
                                                const char      *text);

G_END_DECLS

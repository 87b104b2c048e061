/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-session.h"

G_BEGIN_DECLS

/* A gzipped file of the test tree ("app/typical_full.memscope.gz") as a session. */
MemscopeSession *app_fixture_load         (const char *name);
/* The same unpacked into a directory of its own; remove both when done. */
GFile           *app_fixture_unpack       (const char *name);
void             app_fixture_remove       (GFile      *file);

/* A folder of a test's own, and all that is in it. */
void             app_fixture_remove_tree  (const char *path);

/* 77: no display. Sets up GTK with the locale of the environment, everything critical fatal. */
gboolean         app_fixture_init_gtk     (void);
/* Runs the main loop until @done says so; fails the test when it never does. */
void             app_fixture_wait         (gboolean  (*done) (gpointer),
                                           gpointer    user_data);
/* Until no analysis is under way. */
void             app_fixture_settle       (void);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_PREFERENCES (memscope_preferences_get_type ())

/* What the user decides once: each row is a key of the settings, applied as it changes. */
G_DECLARE_FINAL_TYPE (MemscopePreferences, memscope_preferences, MEMSCOPE, PREFERENCES, AdwPreferencesWindow)

GtkWindow *memscope_preferences_new (GtkWindow *parent);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Can the recorder be preloaded from where it is? MEMSCOPE_TARGET_ERROR. */
gboolean memscope_preload_check (GError     **error);

/* Takes @environment (as g_environ_setenv() does) and returns it with what the program
 * at @path needs of the recorder, in front of whatever the user preloads.
 */
char   **memscope_preload_add   (char       **environment,
                                 const char  *path);

G_END_DECLS

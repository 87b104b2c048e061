/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Will the program at @path, started with @environment, have an allocator loaded that
 * brings C++ operators new of its own? Then those must be preloaded that go by malloc().
 * Asks the program's own dynamic linker what it would load; runs nothing of the program.
 * A script is judged by the shell: by what @environment preloads. Blocks.
 */
gboolean memscope_operators_are_needed (const char *path, char **environment);

G_END_DECLS

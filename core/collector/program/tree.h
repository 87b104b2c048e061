/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>

/* Is there a process of this user that was started with @socket_path in its
 * environment, carries the recorder, and may still knock? A child that has just
 * been forked, or forks before it allocates, has not said anything yet.
 */
bool tree_has_unregistered (const char *socket_path);

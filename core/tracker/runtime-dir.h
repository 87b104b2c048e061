/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The private directory of MemScope's sockets, as core/process/memscope-paths.c has it,
 * without GLib.
 */

#include <stdbool.h>
#include <stddef.h>

/* Made if it is not there. false: it can't be, or it is somebody else's; errno says why. */
bool runtime_dir_find (char *path, size_t room);
